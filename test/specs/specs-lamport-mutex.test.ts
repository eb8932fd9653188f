import { describe, expect, test } from 'vitest'
import { mutants } from '../../specs/lamport-mutex/mutants.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'
import { counted } from '../support/specs-support.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

// That it holds within its bounds, and that its mutants and claims are broken, is what `check prove` asks.
describe("Lamport's mutual exclusion", () => {
  test.each([
    { processes: 2, maxClock: 4, states: 401, depth: 27, source: 'the naive oracle' },
    { processes: 3, maxClock: 6, states: 724_274, depth: 60, source: 'TLC on the module LamportMutex (it reports 61 levels)' },
  ])('$processes processes, clock up to $maxClock: $states states, $depth steps; source: $source', async ({ processes, maxClock, states, depth }) => {
    expect(await counted(lamportMutex({ processes, maxClock }), [])).toEqual({ verdict: 'holds', property: null, complete: true, states, depth })
  })

  test('breaking ties by the order of the processes ends the symmetry, and the count stays', async () => {
    expect((await counted(lamportMutex({ processes: 2 }), ['symmetry'])).states).toBe(401)
  })

  testTeeth(lamportMutex(), mutants)
})
