import { describe, expect, test } from 'vitest'
import { always, explore, type Property, type RoleTypes } from '../../checker/index.ts'
import { mutants as causalMutants } from '../../specs/causal-broadcast/mutants.ts'
import { causalBroadcast } from '../../specs/causal-broadcast/protocol.ts'
import { mutants as fifoMutants } from '../../specs/fifo-broadcast/mutants.ts'
import { fifoBroadcast } from '../../specs/fifo-broadcast/protocol.ts'
import { mutants as reliableMutants } from '../../specs/reliable-broadcast/mutants.ts'
import { reliableBroadcast } from '../../specs/reliable-broadcast/protocol.ts'
import { claims as lamportClaims } from '../../specs/total-order-lamport/claims.ts'
import { mutants as lamportMutants } from '../../specs/total-order-lamport/mutants.ts'
import { totalOrderLamport } from '../../specs/total-order-lamport/protocol.ts'
import { claims as leaderClaims } from '../../specs/total-order-leader/claims.ts'
import { mutants as leaderMutants } from '../../specs/total-order-leader/mutants.ts'
import { totalOrderLeader } from '../../specs/total-order-leader/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

const holds = { verdict: 'holds', complete: true }

describe('reliable broadcast', () => {
  test('holds within its bounds, completely, without crashes', async () => {
    expect(await explore(reliableBroadcast({ crashes: 0 }))).toMatchObject(holds)
  })

  testTeeth(reliableBroadcast(), reliableMutants)
})

// That these hold within their bounds, and that mutants and claims are broken, is what `check prove` asks.
describe('FIFO broadcast', () => {
  testTeeth(fifoBroadcast(), fifoMutants)
})

describe('causal broadcast', () => {
  testTeeth(causalBroadcast(), causalMutants)
})

describe('total order broadcast by a leader', () => {
  test('makes progress as long as no node crashes', async () => {
    const { refutes, parameters } = leaderClaims.progress
    expect(await explore({ ...totalOrderLeader(parameters), properties: { refutes } })).toMatchObject(holds)
  })

  testTeeth(totalOrderLeader({ nodes: 2, messages: 1 }), leaderMutants)
})

describe('total order broadcast by Lamport clocks', () => {
  test('makes progress as long as no node crashes', async () => {
    expect(await explore({ ...totalOrderLamport(), properties: { refutes: lamportClaims.progress.refutes } })).toMatchObject(holds)
  })

  testTeeth(totalOrderLamport({ nodes: 2 }), lamportMutants)
})

describe('a layer costs no messages: eager reliable broadcast sends n (n - 1) for one, and so does what stands on it', () => {
  const sendsAtMost = (count: number): { readonly count: Property<RoleTypes> } => ({
    count: always(({ inFlight }) => inFlight.filter(({ from, to }) => from !== to).length <= count),
  })
  const one = { senders: 1, messages: 1 }
  test.each([
    { spec: reliableBroadcast({ ...one, crashes: 0 }), most: 6 },
    { spec: fifoBroadcast(one), most: 6 },
    { spec: causalBroadcast(one), most: 6 },
    { spec: totalOrderLeader(one), most: 7, because: 'and one to the leader' },
    { spec: totalOrderLamport({ nodes: 2 }), most: 4, because: 'two of two nodes' },
  ])('$spec.name: $most', async ({ spec, most }) => {
    expect(await explore({ ...spec, properties: sendsAtMost(most) })).toMatchObject(holds)
    expect(await explore({ ...spec, properties: sendsAtMost(most - 1) })).toMatchObject({ verdict: 'violated', property: 'count' })
  })
})
