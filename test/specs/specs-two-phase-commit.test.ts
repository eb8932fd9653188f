import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/index.ts'
import { claims } from '../../specs/two-phase-commit/claims.ts'
import { mutants } from '../../specs/two-phase-commit/mutants.ts'
import { proofs, twoPhaseCommit } from '../../specs/two-phase-commit/protocol.ts'
import { testClaims, testMutantsByProperty, testTeeth } from '../support/specs-verdicts.ts'

describe('two-phase commit as on the slides', () => {
  test.each(proofs)('holds within its bounds, completely: %j', async bounds => {
    expect(await explore(twoPhaseCommit(bounds))).toMatchObject({ verdict: 'holds', complete: true })
  })

  testMutantsByProperty(twoPhaseCommit, mutants)
  testClaims(twoPhaseCommit, claims)
  testTeeth(twoPhaseCommit(), mutants)
})
