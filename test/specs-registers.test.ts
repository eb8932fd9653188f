import { describe, expect, test } from 'vitest'
import { explore } from '../checker/index.ts'
import { claims as quorumClaims } from '../specs/quorum-register/claims.ts'
import { mutants as quorumMutants } from '../specs/quorum-register/mutants.ts'
import { quorumRegister } from '../specs/quorum-register/protocol.ts'
import { testClaims, testMutantsByProperty, testTeeth } from './specs-verdicts.ts'

describe('the quorum register', () => {
  test('holds within its bounds, completely', async () => {
    expect(await explore(quorumRegister())).toMatchObject({ verdict: 'holds', complete: true })
  })

  testMutantsByProperty(quorumRegister, quorumMutants)
  testClaims(quorumRegister, quorumClaims)
  testTeeth(quorumRegister(), quorumMutants)
})
