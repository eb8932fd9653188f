/** Counts of distinct states that others published or measured, reproduced with every reduction off. */
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import { ewd840 } from '../fixtures/ewd840.ts'
import { paxosBoard } from '../fixtures/paxos-board.ts'

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)

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

  // Up to their names a state says how many managers are in each of a few situations: while the coordinator waits, of 4 (working, aborted, prepared, heard); once it has
  // committed, of 2; once it has aborted, of 6 (working; prepared or aborted after that, heard or not; aborted before). Brute force: 80 for 3, 314 for 5.
  it.each([3, 4, 5, 6, 7, 8, 10])(
    '%i resource managers, up to their names',
    async n => {
      const states = choose(n + 3, 3) + (n + 1) + choose(n + 5, 5)
      for (const listedMax of n < 7 ? [Infinity, 1] : [1])
        expect(await explore(twoPhaseCommit({ resources: n }), { reduce: ['symmetry'], tuning: { listedMax } })).toMatchObject({
          verdict: 'holds',
          complete: true,
          states,
        })
    },
    60_000,
  )
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

describe('termination detection on a ring: the states of EWD840 (tlaplus/Examples), as TLC counts them, from all its initial states', () => {
  it.each([
    { nodes: 3, states: 302 },
    { nodes: 4, states: 1_566 },
  ])('$nodes nodes: $states', async ({ nodes, states }) => {
    expect(await explore(ewd840({ nodes }), { reduce: [] })).toMatchObject({ verdict: 'holds', complete: true, states })
  })
})

/** They take most of a minute. */
const larger = [
  { values: 1, ballots: 3, states: 68_921 },
  { values: 2, ballots: 3, states: 185_369 },
]

describe('Paxos: the states of Paxos.tla (tlaplus/Examples), messages on a board that all see, as TLC counts them', () => {
  it.each([{ values: 2, ballots: 2, states: 3_921 }, ...(process.env['PROTOCHECK_SLOW'] === undefined ? [] : larger)])(
    '3 acceptors, $values values, $ballots ballots: $states',
    async ({ values, ballots, states }) => {
      expect(await explore(paxosBoard({ values, ballots }), { reduce: [] })).toMatchObject({ verdict: 'holds', complete: true, states })
    },
    300_000,
  )
})
