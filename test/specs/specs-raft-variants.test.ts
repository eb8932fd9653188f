/** Variants of Raft. Each promises what Raft does, whose mutants break that; here it is asked of what they promise besides. Reconciliation and membership promise nothing besides. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/index.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { claims as electionClaims } from '../../specs/raft-election/claims.ts'
import { mutants as electionMutants } from '../../specs/raft-election/mutants.ts'
import { raftElection } from '../../specs/raft-election/protocol.ts'
import { mutants as transferMutants } from '../../specs/raft-leadership-transfer/mutants.ts'
import { raftLeadershipTransfer } from '../../specs/raft-leadership-transfer/protocol.ts'
import { mutants as preVoteMutants } from '../../specs/raft-pre-vote/mutants.ts'
import { raftPreVote } from '../../specs/raft-pre-vote/protocol.ts'
import { mutants as readMutants } from '../../specs/raft-read-index/mutants.ts'
import { raftReadIndex } from '../../specs/raft-read-index/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

const ofRaft = raft().properties

const besides = ({ properties }: { readonly properties: { readonly [name: string]: { readonly type: string } } }) => ({
  properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !Object.hasOwn(ofRaft, name))),
})

describe('Raft with pre-vote', () => {
  testTeeth(besides(raftPreVote()), preVoteMutants)
})

describe('Raft with leadership transfer', () => {
  testTeeth(besides(raftLeadershipTransfer()), transferMutants)
})

describe('Raft with reads by ReadIndex', () => {
  testTeeth(besides(raftReadIndex()), readMutants)
})

describe('Raft’s election in time', () => {
  testTeeth(besides(raftElection()), electionMutants)

  // Terms go round: a counterexample is one of terms that do not only if they stay close.
  test.each(['electedWithEqualTimeouts', 'electedHoweverSlow'] as const)('terms stay close where %s is refuted', async name => {
    const { parameters, assuming } = electionClaims[name]
    expect(await explore(assuming(raftElection(parameters)), { property: 'termsAreClose' })).toMatchObject({ verdict: 'holds', complete: true })
  })
})
