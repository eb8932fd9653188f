import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'if (proposal.value === null || l.chosen.has(proposal.value)) return l',
    to: 'if (proposal.value === null || false) return l',
    because: 'A value that is chosen stays chosen: who else has accepted it makes no difference.',
  },
  {
    from: 'return l.merge({ chosen: l.chosen.add(proposal.value), accepted: l.accepted.filter((_, { value }) => value !== proposal.value) })',
    to: 'return l.merge({ chosen: l.chosen.add(proposal.value) })',
    because: 'A value that is chosen stays chosen: who has accepted it need not be forgotten.',
  },
  {
    from: 'return l.merge({ chosen: l.chosen.add(proposal.value), accepted: l.accepted.filter((_, { value }) => value !== proposal.value) })',
    to: 'return l.merge({ chosen: l.chosen.add(proposal.value), accepted: l.accepted.filter((_, { value }) => value === proposal.value) })',
    because: 'Who has accepted another value is forgotten by a learner that has learned already: there is no other to learn.',
  },
] satisfies Survivors
