import { describe } from 'vitest'
import { mutants } from '../../specs/view-service/mutants.ts'
import { viewService } from '../../specs/view-service/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

// That it holds within its bounds, and that its mutants and claims are broken, is what `check prove` asks.
describe('the view service', () => {
  testTeeth(viewService(), mutants)
})
