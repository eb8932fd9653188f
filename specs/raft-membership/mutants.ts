import { type Mutants, withRule } from '../../checker/index.ts'
import type { raftMembership } from './protocol.ts'

export const mutants = {
  beforeOwnEntry: {
    because:
      'The bug of 2015: a leader changes the members before it has committed an entry of its own term. Two leaders remove one server each, and then two of three decide for each: two pairs that have nobody in common.',
    breaks: 'leaderCompleteness',
    parameters: { nodes: 4, terms: 3, broadcasts: 0, length: 1 },
    length: 18, // met in nine minutes. A search of 17 steps was ended after fifteen, at 2,000,085 states and 14 steps: a shorter one is not excluded
    slow: true,
    change: spec => withRule(spec, 'an entry of its own term is committed', true),
  },
  severalServers: {
    because: 'A leader removes two servers at once. It decides alone then, and the two elect another leader.',
    breaks: 'leaderCompleteness',
    parameters: { nodes: 3 },
    length: 11,
    slow: true,
    change: spec => withRule(spec, 'one server is added or removed', true),
  },
  newDecideAlone: {
    because: 'While the consensus is joint, the new members decide without the old ones, who elect another leader.',
    breaks: 'leaderCompleteness',
    parameters: { nodes: 3, joint: true, broadcasts: 0, length: 1 },
    length: 9,
    change: spec => withRule(spec, 'a majority of the old members', true),
  },
} satisfies Mutants<typeof raftMembership>
