import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "const highest = proposals.filter(one => proposals.every(other => rule('the highest-numbered counts', one.n >= other.n)))",
    to: 'const highest = proposals.filter(one => proposals.every(other => true))',
    because: 'It takes a third ballot, which is slow: the mutant takesAny breaks agreement by it.',
  },
  {
    from: 'when: (l, { self }) => numberAfter(l, self) < ballots,',
    to: 'when: (l, { self }) => true,',
    because: 'How many ballots there are is the bound of the model.',
  },
  {
    from: 'when: (l, { self }) => l.next !== null && l.next < slots && self.rank < asked && l.requests < commands,',
    to: 'when: (l, { self }) => l.next !== null && true && self.rank < asked && l.requests < commands,',
    because: 'How many slots there are is the bound of the model.',
  },
  {
    from: 'when: (l, { self }) => l.next !== null && l.next < slots && self.rank < asked && l.requests < commands,',
    to: 'when: (l, { self }) => l.next !== null && l.next < slots && self.rank < asked && true,',
    because: 'How many commands there are is the bound of the model.',
  },
  {
    from: 'when: (l, { self }) => l.next !== null && l.next < slots && self.rank < asked && l.requests < commands,',
    to: 'when: (l, { self }) => l.next !== null && l.next < slots && true && l.requests < commands,',
    because: 'How many leaders are asked is the bound of the model.',
  },
] satisfies Survivors
