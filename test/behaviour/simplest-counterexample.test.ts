/** Which of the shortest counterexamples is shown. */
import { Record } from 'immutable'
import { expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { always, crashRecovery, type Protocol } from '../../checker/index.ts'
import type { Fault } from '../../checker/protocol/faults.ts'

class Player extends Record({ steps: 0, balls: 0 }) {}
type Ball = { readonly type: 'Ball' }
type Roles = { a: { state: Player; inbox: Ball }; b: { state: Player; inbox: Ball }; c: { state: Player; inbox: Ball } }

const ball: Ball = { type: 'Ball' }

/**
 * Four steps are too many: a serves, b returns, a returns, b has the ball once more; or a steps twice, b once and c once.
 * @param faults with a crash, c need not step to have stepped
 */
const game = (faults: readonly Fault<'c'>[] = []) =>
  ({
    name: 'game',
    source: 'the test',
    network: 'reliable',
    faults,
    roles: {
      a: {
        count: 1,
        init: () => new Player(),
        actions: {
          step: { when: p => p.steps < 2, do: p => p.set('steps', p.steps + 1) },
          serve: {
            when: p => p.steps === 0,
            do(p, { nodes, send }) {
              send(nodes.b, ball)
              return p.set('steps', 9)
            },
          },
        },
        on: {
          Ball(p, _, from, { send }) {
            send(from, ball)
            return p.set('balls', p.balls + 1)
          },
        },
      },
      b: {
        count: 1,
        init: () => new Player(),
        actions: { step: { when: p => p.steps < 1, do: p => p.set('steps', 1) } },
        on: {
          Ball(p, _, from, { send }) {
            send(from, ball)
            return p.set('balls', p.balls + 1)
          },
        },
      },
      c: {
        count: 1,
        init: () => new Player(),
        recover: p => p.set('steps', 1),
        actions: { step: { when: p => p.steps < 1, do: p => p.set('steps', 1) } },
        on: { Ball: p => p },
      },
    },
    properties: {
      few: always(({ all }) => {
        const of = (players: readonly Player[]): Player => players[0] as Player
        return of(all('b')).balls < 2 && !(of(all('a')).steps === 2 && of(all('b')).steps === 1 && of(all('c')).steps === 1)
      }),
    },
  }) satisfies Protocol<Roles>

test.each([{}, { reduce: [] }, { reduce: ['symmetry', 'dead-messages'] as const }])('the one of fewer nodes, though it goes to and fro: %o', async options => {
  const { counterexample } = await explore(game(), options)
  expect(counterexample?.steps.map(({ node }) => node)).toEqual(['a', 'b', 'a', 'b'])
})

test('of fewer faults before all', async () => {
  const { counterexample } = await explore(game([crashRecovery('c', { atMost: 1 })]))
  expect(counterexample?.steps.map(({ node, kind }) => `${node} ${kind}`)).toEqual(['a action', 'b receive', 'a receive', 'b receive'])
})
