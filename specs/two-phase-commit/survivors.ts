import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'when: c => c.decision === null,',
    to: 'when: c => true,',
    because: 'Who has decided may ask again: no answer changes a decision.',
  },
  {
    from: "Ok: (c, _, from: Replica) => (c.decision === null ? c.set('oks', c.oks.add(from)) : c),",
    to: "Ok: (c, _, from: Replica) => (true ? c.set('oks', c.oks.add(from)) : c),",
    because: 'Once the coordinator has decided, it is no matter who is prepared.',
  },
] satisfies Survivors
