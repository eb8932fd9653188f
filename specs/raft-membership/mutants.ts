import { type Mutants, withRule } from '../../checker/index.ts'
import type { raftMembership } from './protocol.ts'

export const mutants = {
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
