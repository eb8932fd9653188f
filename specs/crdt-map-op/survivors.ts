import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: ({ app }, { self }) => app.made.size < sets && self.rank >= nodes - senders,',
    to: 'when: ({ app }, { self }) => true && self.rank >= nodes - senders,',
    because: 'How often a node sets is the bound of the model: without it there is no end.',
  },
] satisfies Survivors
