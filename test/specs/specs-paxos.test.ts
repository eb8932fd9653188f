import { describe } from 'vitest'
import { mutants as logMutants } from '../../specs/multi-paxos/mutants.ts'
import { multiPaxos } from '../../specs/multi-paxos/protocol.ts'
import { mutants } from '../../specs/paxos/mutants.ts'
import { paxos } from '../../specs/paxos/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

// Its counts are held against TLC's in behaviour/published-counts.test.ts.
describe('Paxos', () => {
  testTeeth(paxos(), mutants)
})

describe('Multi-Paxos', () => {
  testTeeth(multiPaxos(), logMutants)
})
