import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "when: (a, { self }) => isSentBy(0, self) && a.sent < 0 && a.fate === 'waits',",
    to: "when: (a, { self }) => true && a.sent < 0 && a.fate === 'waits',",
    because: 'Whoever proposes: what is promised is asked of both armies alike.',
  },
  {
    from: "when: (a, { self }) => isSentBy(0, self) && a.sent < 0 && a.fate === 'waits',",
    to: 'when: (a, { self }) => isSentBy(0, self) && a.sent < 0 && true,',
    because: 'A plan of an army that attacks no more is as one that was sent before and arrives late.',
  },
  {
    from: "const isSentBy = (number: number, army: Id<'army'>) => number % 2 === army.rank",
    to: "const isSentBy = (number: number, army: Id<'army'>) => number % 2 !== army.rank",
    because: 'The armies by other names: the second one proposes.',
  },
  {
    from: 'if (number === acknowledgements) return heard',
    to: 'if (false) return heard',
    because: 'How often an acknowledgement is acknowledged is the bound of the model: without it there is no end.',
  },
] satisfies Survivors
