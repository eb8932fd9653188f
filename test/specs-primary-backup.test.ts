import { describe, expect, test } from 'vitest'
import { explore } from '../checker/index.ts'
import { claims } from '../specs/primary-backup/claims.ts'
import { mutants } from '../specs/primary-backup/mutants.ts'
import { primaryBackup } from '../specs/primary-backup/protocol.ts'
import { testClaims, testMutantsByProperty, testTeeth } from './specs-verdicts.ts'

describe('primary/backup', () => {
  test.each([{}, { clients: 1, requests: 2 }, { views: 2, byLog: true }, { clients: 1, views: 4, alone: false }])(
    'holds, completely: %o',
    async parameters => {
      expect(await explore(primaryBackup(parameters))).toMatchObject({ verdict: 'holds', complete: true })
    },
    180_000,
  )

  testMutantsByProperty(primaryBackup, mutants)
  testClaims(primaryBackup, claims)
  testTeeth(primaryBackup(), mutants)
})
