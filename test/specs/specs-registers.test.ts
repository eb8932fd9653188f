import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/index.ts'
import { mutants as abdMutants } from '../../specs/abd/mutants.ts'
import { abd } from '../../specs/abd/protocol.ts'
import { mutants as capMutants } from '../../specs/cap/mutants.ts'
import { cap } from '../../specs/cap/protocol.ts'
import { mutants as quorumMutants } from '../../specs/quorum-register/mutants.ts'
import { quorumRegister } from '../../specs/quorum-register/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

describe('the quorum register', () => {
  test.each([
    { writes: 2, readers: 1 },
    { replicas: 3, r: 1, w: 3 },
    { replicas: 3, r: 3, w: 1 },
    { r: 1, w: 3, readers: 1, down: 2 },
    { r: 3, w: 1, readers: 1, down: 2 },
  ])('holds within its bounds, completely: %o', async parameters => {
    expect(await explore(quorumRegister(parameters))).toMatchObject({ verdict: 'holds', complete: true })
  })

  testTeeth(quorumRegister(), quorumMutants)
})

describe('ABD', () => {
  // Within the bounds of its proofs, `check prove` asks.
  test('holds for a reader that reads twice, completely', async () => {
    expect(await explore(abd({ writes: 1, readers: 1, reads: 2 }))).toMatchObject({ verdict: 'holds', complete: true })
  })

  testTeeth(abd({ readers: 1, down: 1 }), abdMutants)
})

describe('the CAP theorem', () => testTeeth(cap(), capMutants))
