import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/index.ts'
import { mutants as berkeleyMutants } from '../../specs/berkeley/mutants.ts'
import { berkeley } from '../../specs/berkeley/protocol.ts'
import { mutants as cristianMutants } from '../../specs/cristian/mutants.ts'
import { cristian } from '../../specs/cristian/protocol.ts'
import { mutants as makeMutants } from '../../specs/distributed-make/mutants.ts'
import { distributedMake } from '../../specs/distributed-make/protocol.ts'
import { mutants as mergeMutants } from '../../specs/event-log-merge/mutants.ts'
import { eventLogMerge } from '../../specs/event-log-merge/protocol.ts'
import { mutants as lamportMutants } from '../../specs/lamport-clocks/mutants.ts'
import { lamportClocks } from '../../specs/lamport-clocks/protocol.ts'
import { mutants as leaseReadMutants } from '../../specs/lease-reads/mutants.ts'
import { leaseReads } from '../../specs/lease-reads/protocol.ts'
import { mutants as leaseMutants } from '../../specs/leases/mutants.ts'
import { leases } from '../../specs/leases/protocol.ts'
import { mutants as ntpMutants } from '../../specs/ntp/mutants.ts'
import { ntp } from '../../specs/ntp/protocol.ts'
import { mutants as orderMutants } from '../../specs/update-order/mutants.ts'
import { updateOrder } from '../../specs/update-order/protocol.ts'
import { mutants as vectorMutants } from '../../specs/vector-clocks/mutants.ts'
import { vectorClocks } from '../../specs/vector-clocks/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

describe('Lamport clocks', () => {
  // A message that is the answer to another takes a clock to 4.
  test.each([{ nodes: 2, maxClock: 4 }])('hold within their bounds, completely: %o', async parameters => {
    expect(await explore(lamportClocks(parameters))).toMatchObject({ verdict: 'holds', complete: true })
  })

  testTeeth(lamportClocks(), lamportMutants)
})

describe('vector clocks', () => {
  test.each([{ nodes: 2, maxEvents: 3 }])('hold within their bounds, completely: %o', async parameters => {
    expect(await explore(vectorClocks(parameters))).toMatchObject({ verdict: 'holds', complete: true })
  })

  testTeeth(vectorClocks(), vectorMutants)
})

describe('Cristian’s algorithm', () => testTeeth(cristian(), cristianMutants))
describe('leases', () => testTeeth(leases(), leaseMutants))
describe('reads by a lease', () => testTeeth(leaseReads(), leaseReadMutants))
describe('distributed make', () => testTeeth(distributedMake(), makeMutants))
describe('merging event logs', () => testTeeth(eventLogMerge(), mergeMutants))
describe('update ordering', () => testTeeth(updateOrder(), orderMutants))
describe('the Berkeley algorithm', () => testTeeth(berkeley(), berkeleyMutants))
describe('NTP', () => testTeeth(ntp(), ntpMutants))
