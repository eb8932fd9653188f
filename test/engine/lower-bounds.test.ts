/** What random protocols hardly have: searches in which a state stands for the one before, or for one that was not expanded yet. */
import { Record } from 'immutable'
import { expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { each, type Protocol } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { boundedDistances } from '../support/lower-bounds-support.ts'
import { proofAfter } from '../support/tunings.ts'

class Climber extends Record({ height: 0, waves: false }) {}

type Roles = { climber: { state: Climber; inbox: { readonly type: 'Careful' } } }

/** Two climbers climb up to 3, which is forbidden; whoever is warned at 2 turns back, and at 1 they may warn. @param wavesLast who warns is seen to, until it stops */
const climbers = (wavesLast: boolean): AnyProtocol => {
  const protocol = {
    name: 'climbers',
    source: 'this test',
    network: 'fair-loss',
    roles: {
      climber: {
        count: 2,
        init: () => new Climber(),
        actions: {
          climb: { when: c => c.height < 3, do: c => c.set('height', c.height + 1) },
          warn: {
            when: c => c.height === 1 && !c.waves,
            do(c, { broadcast }) {
              broadcast({ type: 'Careful' })
              return c.set('waves', wavesLast)
            },
          },
          rest: { when: c => c.waves, do: c => c.set('waves', false) },
        },
        on: { Careful: c => (c.height === 2 ? c.set('height', 4) : c) },
      },
    },
    properties: {
      nobodyFalls: each(
        'climber',
        c => c.height,
        height => height !== 3,
      ),
    },
  } satisfies Protocol<Roles>
  return protocol as unknown as AnyProtocol
}

test.each([
  { how: 'a state with one message more stands for the one before', wavesLast: false },
  { how: 'a state replaces one that waits to be expanded', wavesLast: true },
])('$how: no bound is larger than the distance', async ({ wavesLast }) => {
  for (const options of [{ reduce: ['subsumption', 'lower-bounds'], tuning: proofAfter(0) }, { tuning: proofAfter(0) }] as const) {
    const states = await boundedDistances(climbers(wavesLast), options)
    expect(states.filter(({ distance, bound }) => bound > distance)).toEqual([])
    expect(states.filter(({ distance, bound }) => distance === 3 && bound === 3)).not.toEqual([])
  }
})

test('the shortest execution is known to be one, and the report says by what', async () => {
  const report = await explore(climbers(true), { tuning: proofAfter(0) })
  expect(report).toMatchObject({
    verdict: 'violated',
    shortest: true,
    reductions: expect.arrayContaining(['lower-bounds']),
    notes: [expect.stringContaining('lower bounds')],
  })
  expect(report.counterexample?.steps).toHaveLength(3)
})
