import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: (n, { self }) => n.requests < messages && self.rank >= nodes - senders,',
    to: 'when: (n, { self }) => true && self.rank >= nodes - senders,',
    because: 'How often each sends is the bound of the model: without it there is no end.',
  },
] satisfies Survivors
