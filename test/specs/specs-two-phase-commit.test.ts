import { describe } from 'vitest'
import { mutants } from '../../specs/two-phase-commit/mutants.ts'
import { twoPhaseCommit } from '../../specs/two-phase-commit/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

// That it holds within its bounds, and that its mutants and claims are broken, is what `check prove` asks.
describe('two-phase commit as on the slides', () => {
  testTeeth(twoPhaseCommit(), mutants)
})
