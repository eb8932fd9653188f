import { describe } from 'vitest'
import { claims } from '../../specs/two-phase-commit/claims.ts'
import { mutants } from '../../specs/two-phase-commit/mutants.ts'
import { twoPhaseCommit } from '../../specs/two-phase-commit/protocol.ts'
import { testClaims, testMutantsByProperty, testTeeth } from '../support/specs-verdicts.ts'

// That it holds within its bounds, is what `check prove` asks.
describe('two-phase commit as on the slides', () => {
  testMutantsByProperty(twoPhaseCommit, mutants)
  testClaims(twoPhaseCommit, claims)
  testTeeth(twoPhaseCommit(), mutants)
})
