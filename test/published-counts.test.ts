/** Counts of distinct states that others published or measured, reproduced with every reduction off. */
import { describe, expect, it } from 'vitest'
import { explore } from '../checker/search/explore.ts'
import { lamportMutex } from '../specs/lamport-mutex/protocol.ts'
import { twoPhaseCommit } from '../specs/two-phase-commit/protocol.ts'

describe('two-phase commit: the states of TwoPhase (Gray & Lamport 2006), as TLC counts them', () => {
  it.each([
    { resources: 3, states: 288 },
    { resources: 4, states: 1_568 },
    { resources: 5, states: 8_832 },
    { resources: 6, states: 50_816 },
    { resources: 7, states: 296_448 },
  ])(
    '$resources resource managers: $states',
    async ({ resources, states }) => {
      expect(await explore(twoPhaseCommit({ resources }), { reduce: [] })).toMatchObject({ verdict: 'holds', complete: true, states })
    },
    60_000,
  )
  it.each([
    { resources: 3, states: 80 },
    { resources: 5, states: 314 },
  ])('$resources resource managers, up to their names: $states', async ({ resources, states }) => {
    expect(await explore(twoPhaseCommit({ resources }), { reduce: ['symmetry'] })).toMatchObject({ verdict: 'holds', complete: true, states })
  })
})

describe("Lamport's mutual exclusion: the states of LamportMutex (tlaplus/Examples), as TLC counts them", () => {
  it('3 processes, clocks up to 6: 724,274 states, 60 steps deep', async () => {
    expect(await explore(lamportMutex({ processes: 3, maxClock: 6 }), { reduce: [] })).toMatchObject({
      verdict: 'holds',
      complete: true,
      states: 724_274,
      depth: 60,
    })
  }, 120_000)
})
