import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: (n, { self }) => n.made.size < sets && self.rank >= nodes - senders,',
    to: 'when: (n, { self }) => true && self.rank >= nodes - senders,',
    because: 'How often a node sets is the bound of the model: without it there is no end.',
  },
  {
    from: 'when: (n, { self }) => n.made.size < sets && self.rank >= nodes - senders,',
    to: 'when: (n, { self }) => n.made.size <= sets && self.rank >= nodes - senders,',
    because: 'How often a node sets is the bound of the model.',
  },
  {
    from: 'const t = new Timestamp({ time: n.clock + 1, node: self }) // newTimestamp()',
    to: 'const t = new Timestamp({ time: n.clock + 2, node: self }) // newTimestamp()',
    because: 'A timestamp that is later than it must be is as good.',
  },
] satisfies Survivors
