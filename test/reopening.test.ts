import { Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { each, type Protocol } from '../checker/index.ts'
import { explore } from '../checker/search/explore.ts'

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
    const { verdict, counterexample } = await explore(protocol, { proofAfter: 0 })
    expect([verdict, counterexample?.steps.length]).toEqual(['violated', steps])
  })
})
