import { type Mutants, withAction, withRule } from '../../checker/index.ts'
import { raft } from '../raft/protocol.ts'
import { slides } from '../raft/variants.ts'
import type { Roles, raftPreVote } from './protocol.ts'

export const mutants = {
  noPreVote: {
    because: 'A node that times out begins a term without asking first, as on slide 1: one that is cut off deposes the leader when it comes back.',
    breaks: 'majorityBeginsTerm',
    length: 1,
    change: spec => withAction(spec, 'node', 'electionTimeout', () => slides<Roles>(raft()).roles.node.actions.electionTimeout),
  },
  twoOfFour: {
    because: 'A candidate begins a term when one other node of four would vote for it.',
    breaks: 'majorityBeginsTerm',
    parameters: { nodes: 4, terms: 1 },
    length: 3,
    change: spec => withRule(spec, 'a quorum would vote', true),
  },
  abandonsLeader: {
    because: 'Whoever leads, or hears a leader, would vote for another all the same, so that a node that hears nothing deposes the leader.',
    breaks: 'keepsItsLeader',
    length: 7,
    change: spec => withRule(spec, 'it hears no leader', true),
  },
} satisfies Mutants<typeof raftPreVote>
