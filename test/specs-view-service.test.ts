import { describe, expect, test } from 'vitest'
import { explore } from '../checker/index.ts'
import { claims } from '../specs/view-service/claims.ts'
import { mutants } from '../specs/view-service/mutants.ts'
import { viewService } from '../specs/view-service/protocol.ts'
import { testClaims, testMutantsByProperty, testTeeth } from './specs-verdicts.ts'

describe('the view service', () => {
  test('holds within its bounds, completely', async () => {
    expect(await explore(viewService())).toMatchObject({ verdict: 'holds', complete: true })
  })

  testMutantsByProperty(viewService, mutants)
  testClaims(viewService, claims)
  testTeeth(viewService(), mutants)
})
