import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "const isConsistent = prefers === 'consistency'",
    to: "const isConsistent = prefers !== 'consistency'",
    because: 'Each store goes by the name of the other, and what is promised goes with the name.',
  },
] satisfies Survivors
