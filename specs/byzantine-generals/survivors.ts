import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "if (rule('a lieutenant says what he heard', path.size <= rounds))",
    to: 'if (true)',
    because: 'One more round of what everybody heard: nobody counts it.',
  },
] satisfies Survivors
