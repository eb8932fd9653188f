import { describe } from 'vitest'
import { claims } from '../../specs/view-service/claims.ts'
import { mutants } from '../../specs/view-service/mutants.ts'
import { viewService } from '../../specs/view-service/protocol.ts'
import { testClaims, testMutantsByProperty, testTeeth } from '../support/specs-verdicts.ts'

// That it holds within its bounds, is what `check prove` asks.
describe('the view service', () => {
  testMutantsByProperty(viewService, mutants)
  testClaims(viewService, claims)
  testTeeth(viewService(), mutants)
})
