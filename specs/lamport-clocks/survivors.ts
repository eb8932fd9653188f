import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'const t = n.t + 1',
    to: 'const t = n.t + 2',
    because: 'Any increase will do: a timestamp says what came before, and not how much.',
  },
] satisfies Survivors
