import { Record } from 'immutable'
import { expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { each, type Id, type Protocol } from '../../checker/index.ts'

class Peer extends Record({ heard: false }) {}

class Last extends Record({ speaker: null as Id | null }) {}

type Roles = { peer: { state: Peer; inbox: { readonly type: 'Word' } } }

type Spoke = { readonly type: 'spoke' }

/** Peers talk to one another, and an observer notes who spoke last. */
const talk = {
  name: 'talk',
  source: 'this test',
  network: 'fair-loss',
  roles: {
    peer: {
      count: 2,
      init: () => new Peer(),
      actions: {
        speak: {
          when: () => true,
          do(peer, { broadcast, emit }) {
            emit({ type: 'spoke' })
            broadcast({ type: 'Word' })
            return peer
          },
        },
      },
      on: { Word: peer => peer.set('heard', true) },
    },
  },
  observers: { last: { init: new Last(), on: (last: Last, _: Spoke, speaker: Id) => last.set('speaker', speaker) } },
  properties: {
    nobodyHears: each(
      'peer',
      p => p.heard,
      heard => !heard,
    ),
  },
} satisfies Protocol<Roles, Spoke>

it('depth-first, a state does not stand for itself under other names', async () => {
  // When both have spoken, that the other speaks again leads to the same state with names exchanged: it has all that the first has, but must not be expanded in its place.
  for (const reduce of [['subsumption'], ['symmetry', 'subsumption'], undefined] as const)
    expect(await explore(talk, { order: 'depth', ...(reduce && { reduce }) })).toMatchObject({ verdict: 'violated', property: 'nobodyHears' })
})
