import { describe, expect, test } from 'vitest'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import { counted } from '../support/specs-support.ts'

describe('two-phase commit of Gray and Lamport', () => {
  // Source of the states: TLC on the module TwoPhase of Gray & Lamport 2006. Depth: each resource manager prepares, is heard, and commits; the manager decides.
  test.each([
    { resources: 3, states: 288 },
    { resources: 4, states: 1_568 },
    { resources: 5, states: 8_832 },
    { resources: 6, states: 50_816 },
    { resources: 7, states: 296_448 },
  ])('$resources resource managers: $states states', async ({ resources, states }) => {
    expect(await counted(twoPhaseCommit({ resources }), [])).toEqual({ verdict: 'holds', property: null, complete: true, states, depth: 3 * resources + 1 })
  })

  // Source: TLC with SYMMETRY on the same module.
  test.each([
    { resources: 3, states: 80 },
    { resources: 5, states: 314 },
  ])('$resources resource managers, symmetric: $states states', async ({ resources, states }) => {
    expect(await counted(twoPhaseCommit({ resources }), ['symmetry'])).toEqual({
      verdict: 'holds',
      property: null,
      complete: true,
      states,
      depth: 3 * resources + 1,
    })
  })
})
