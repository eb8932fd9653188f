/** Replication by a primary: of views, of epochs, of a transaction log, of a virtual machine. That they hold within their bounds, and that mutants and claims are broken, is what `check prove` asks. */
import { describe } from 'vitest'
import { mutants as logMutants } from '../../specs/leader-log-shipping/mutants.ts'
import { leaderLogShipping } from '../../specs/leader-log-shipping/protocol.ts'
import { mutants as viewMutants } from '../../specs/viewstamped-replication/mutants.ts'
import { viewstampedReplication } from '../../specs/viewstamped-replication/protocol.ts'
import { mutants as machineMutants } from '../../specs/vm-replication/mutants.ts'
import { vmReplication } from '../../specs/vm-replication/protocol.ts'
import { mutants as epochMutants } from '../../specs/zab/mutants.ts'
import { zab } from '../../specs/zab/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

describe('Viewstamped Replication', () => {
  testTeeth(viewstampedReplication(), viewMutants)
})

describe('Zab', () => {
  testTeeth(zab(), epochMutants)
})

describe('a database that ships its log', () => {
  testTeeth(leaderLogShipping(), logMutants)
})

describe('replication of a virtual machine', () => {
  testTeeth(vmReplication(), machineMutants)
})
