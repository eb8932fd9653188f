import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/index.ts'
import { claims as abdClaims } from '../../specs/abd/claims.ts'
import { mutants as abdMutants } from '../../specs/abd/mutants.ts'
import { abd } from '../../specs/abd/protocol.ts'
import { claims as quorumClaims } from '../../specs/quorum-register/claims.ts'
import { mutants as quorumMutants } from '../../specs/quorum-register/mutants.ts'
import { quorumRegister } from '../../specs/quorum-register/protocol.ts'
import { testClaims, testMutantsByProperty, testTeeth } from '../support/specs-verdicts.ts'

describe('the quorum register', () => {
  test.each([
    {},
    { writes: 2, readers: 1 },
    { replicas: 3, r: 1, w: 3 },
    { replicas: 3, r: 3, w: 1 },
    { readers: 1, down: 1 },
    { r: 1, w: 3, readers: 1, down: 2 },
    { r: 3, w: 1, readers: 1, down: 2 },
  ])('holds within its bounds, completely: %o', async parameters => {
    expect(await explore(quorumRegister(parameters))).toMatchObject({ verdict: 'holds', complete: true })
  })

  testMutantsByProperty(quorumRegister, quorumMutants)
  testClaims(quorumRegister, quorumClaims)
  testTeeth(quorumRegister(), quorumMutants)
})

describe('ABD', () => {
  // Within the bounds of its proofs, `check prove` asks.
  test('holds for a reader that reads twice, completely', async () => {
    expect(await explore(abd({ writes: 1, readers: 1, reads: 2 }))).toMatchObject({ verdict: 'holds', complete: true })
  })

  testMutantsByProperty(abd, abdMutants)
  testClaims(abd, abdClaims)
  testTeeth(abd(), abdMutants)
})
