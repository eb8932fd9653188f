/** What stands on a broadcast: compare-and-swap, state machine replication, commit; and that the three total order broadcasts are exchangeable under them. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/index.ts'
import { mutants as commitMutants } from '../../specs/ft-two-phase-commit/mutants.ts'
import { ftTwoPhaseCommit } from '../../specs/ft-two-phase-commit/protocol.ts'
import { mutants as casMutants } from '../../specs/linearizable-cas/mutants.ts'
import { linearizableCas } from '../../specs/linearizable-cas/protocol.ts'
import { mutants as machineMutants } from '../../specs/state-machine-replication/mutants.ts'
import { stateMachineReplication } from '../../specs/state-machine-replication/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

// That these hold within their bounds, and that mutants are broken, is what `check prove` asks.
describe('linearizable compare-and-swap', () => {
  testTeeth(linearizableCas(), casMutants)
})

describe('state machine replication', () => {
  testTeeth(stateMachineReplication(), machineMutants)
})

describe('fault-tolerant two-phase commit', () => {
  testTeeth(ftTwoPhaseCommit(), commitMutants)
})

describe.each(['leader', 'lamport', 'raft'])('over %s', over => {
  test.each([
    stateMachineReplication({ nodes: 2, over }),
    linearizableCas({ nodes: 2, over }),
    ftTwoPhaseCommit({ suspicions: 0, crashes: 0, links: 'fair-loss', over }),
  ])('$name holds', async spec => {
    expect(await explore(spec)).toMatchObject({ verdict: 'holds', complete: true })
  })
})

test('a broadcast that there is not is an error', () => {
  expect(() => linearizableCas({ over: 'paxos' })).toThrow(/There is no broadcast paxos/)
})
