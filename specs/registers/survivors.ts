import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: n => n.made.size < writes,',
    to: 'when: n => true,',
    because: 'How often a node writes is the bound of the model: without it there is no end.',
  },
] satisfies Survivors
