import { Record } from 'immutable'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Snapshot } from '../../checker/check/snapshot.ts'
import { each, type Protocol } from '../../checker/index.ts'
import { Search } from '../../checker/search/search.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { proofAfter } from '../support/tunings.ts'

class Door extends Record({ stage: 'ajar' as 'shut' | 'ajar' | 'loose' | 'open' | 'answered' | 'entered' }) {}
class Guest extends Record({ did: 0 }) {}
class Neighbour extends Record({}) {}

type Knock = { readonly type: 'Knock' }
type Latch = { readonly type: 'Latch' }
type Key = { readonly type: 'Key' }
type Kick = { readonly type: 'Kick' }

type Roles = { door: { state: Door; inbox: Knock | Latch | Key | Kick }; guest: { state: Guest; inbox: never }; neighbour: { state: Neighbour; inbox: never } }

/**
 * A knock does nothing at a door that is ajar, so it is taken for dead there, until it turns out that a key opens the door, or a key and a kick, which come after the knock: one who knocks
 * at an open door enters. Where the door is shut at first, a knock is answered, and a latch sets it ajar.
 */
const house = (stage: 'shut' | 'ajar', whoKnocks: 'guest' | 'neighbour', kicks: boolean) =>
  ({
    name: 'house',
    source: 'this test',
    network: 'fair-loss',
    roles: {
      door: {
        count: 1,
        init: () => new Door({ stage }),
        on: {
          Knock: d => (d.stage === 'shut' ? d.set('stage', 'answered') : d.stage === 'open' ? d.set('stage', 'entered') : d),
          Latch: d => (d.stage === 'shut' ? d.set('stage', 'ajar') : d),
          Key: d => (d.stage === 'ajar' ? d.set('stage', kicks ? 'loose' : 'open') : d),
          Kick: d => (d.stage === 'loose' ? d.set('stage', 'open') : d),
        },
      },
      guest: {
        count: 1,
        init: () => new Guest({ did: whoKnocks === 'guest' ? 0 : 1 }),
        on: {},
        actions: {
          knock: {
            when: g => g.did === 0,
            do: (g, { send, nodes }) => {
              send(nodes.door, { type: 'Knock' })
              return g.set('did', 1)
            },
          },
          lift: {
            when: g => g.did === 1,
            do: (g, { send, nodes }) => {
              send(nodes.door, { type: 'Latch' })
              return g.set('did', 2)
            },
          },
          throwKey: {
            when: g => g.did === 2,
            do: (g, { send, nodes }) => {
              send(nodes.door, { type: 'Key' })
              return g.set('did', 3)
            },
          },
          kick: {
            when: g => kicks && g.did === 3,
            do: (g, { send, nodes }) => {
              send(nodes.door, { type: 'Kick' })
              return g.set('did', 4)
            },
          },
        },
      },
      neighbour: {
        count: 1,
        init: () => new Neighbour(),
        on: {},
        actions: {
          knock: {
            when: () => whoKnocks === 'neighbour',
            do: (n, { send, nodes }) => {
              send(nodes.door, { type: 'Knock' })
              return n
            },
          },
        },
      },
    },
    properties: {
      outside: each(
        'door',
        d => d.stage,
        stage => stage !== 'entered',
      ),
    },
  }) satisfies Protocol<Roles>

describe('a depth-first search in which a message turns out not to be dead takes the steps once more that dropped it', () => {
  it.each([
    ['it was alive where it arrived', house('shut', 'guest', true), 8],
    ['it was dropped when it was sent', house('ajar', 'guest', false), 5],
    ['it was dropped when it was sent at once, since its sender did nothing else', house('ajar', 'neighbour', true), 7],
  ] as const)('%s', async (_, protocol, steps) => {
    for (const reduce of [['dead-messages', 'subsumption'], ['dead-messages'], []] as const)
      expect((await explore(protocol, { order: 'depth', reduce })).verdict).toBe('violated')
    const { verdict, counterexample } = await explore(protocol, { tuning: proofAfter(0) })
    expect([verdict, counterexample?.steps.length]).toEqual(['violated', steps])
  })
})

describe('a search that is interrupted while it reopens states', () => {
  const protocol = raft({ nodes: 3, terms: 2, length: 1, crashes: 0 })
  const options = { order: 'depth', reduce: ['symmetry', 'dead-messages', 'subsumption'] } as const
  const { pulse } = Search.prototype

  afterEach(() => void vi.restoreAllMocks())

  /** Interrupted at its first look at the limits while states are reopened; there each look is taken. */
  const interrupted = (): { readonly signal: AbortSignal; readonly midway: () => boolean } => {
    const stop = new AbortController()
    let now = 0
    let midway = false
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 1_000
      return now
    })
    vi.spyOn(Search.prototype, 'pulse').mockImplementation(function (this: Search) {
      if (this.place.isMidway) {
        midway = true
        stop.abort()
      }
      return pulse.call(this)
    })
    return { signal: stop.signal, midway: () => midway }
  }

  it('ends there', async () => {
    const { signal, midway } = interrupted()
    const report = await explore(protocol, { ...options, signal })
    expect([midway(), report.verdict, report.complete, report.stoppedBy]).toEqual([true, 'inconclusive', false, 'interrupt'])
  })

  it('reopens the rest where it is to be gone on with, and ends as one that was not interrupted', async () => {
    const { verdict, states, transitions } = await explore(protocol, options)
    const { signal, midway } = interrupted()
    const snapshots: Snapshot[] = []
    await explore(protocol, { ...options, signal, checkpoint: { seconds: 1e9, save: async one => void snapshots.push(structuredClone(one)) } })
    vi.restoreAllMocks()
    expect([midway(), snapshots.length]).toEqual([true, 1])
    expect(await explore(protocol, { ...options, resume: () => snapshots[0] as Snapshot })).toMatchObject({ verdict, states, transitions })
  })
})
