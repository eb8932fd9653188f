import { describe } from 'vitest'
import { mutants } from '../../specs/paxos/mutants.ts'
import { paxos } from '../../specs/paxos/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

// Its counts are held against TLC's in behaviour/published-counts.test.ts.
describe('Paxos', () => {
  testTeeth(paxos(), mutants)
})
