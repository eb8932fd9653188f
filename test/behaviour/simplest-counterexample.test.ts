/** Which of the shortest counterexamples is shown. */
import { Record } from 'immutable'
import { expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
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

class Picker extends Record({ picked: 0, told: 0 }) {}
type Pick = { readonly type: 'Pick'; readonly value: number }

/** One picks a value and tells the other; 20 in all is too much. What is tried first is never the least. The smaller value is the one that is told, too. */
const picks = (values: readonly number[]) =>
  ({
    name: 'picks',
    source: 'the test',
    network: 'reliable',
    roles: {
      node: {
        count: 2,
        init: () => new Picker(),
        actions: {
          pick: {
            when: p => p.picked === 0,
            do(p, { self, nodes, send, choose }) {
              const value = choose(values)
              send(
                nodes.node.filter(other => other !== self),
                { type: 'Pick', value },
              )
              return p.set('picked', value)
            },
          },
        },
        on: { Pick: (p, { value }) => p.set('told', value) },
      },
    },
    properties: { little: always(({ all }) => !all('node').some(({ picked, told }) => picked + told >= 20)) },
  }) satisfies Protocol<{ node: { state: Picker; inbox: Pick } }>

const picked = async (values: readonly number[], options: Options): Promise<readonly string[]> =>
  ((await explore(picks(values), options)).counterexample?.steps ?? []).map(
    ({ node, name, choices, message }) => `${node} ${name} ${[...choices, ...(message === null ? [] : [(message as unknown as Pick).value])].join()}`,
  )

test('of smallest values; where all are as small, the one whose steps come first', async () => {
  expect(await picked([19, 13, 12, 7], { reduce: [] })).toEqual(['n1 pick 7', 'n2 pick 13', 'n2 Pick 7'])
  expect(await picked([19, 10, 12], { reduce: [] })).toEqual(['n1 pick 10', 'n2 pick 10', 'n2 Pick 10'])
})

test.each([{}, { reduce: ['symmetry', 'dead-fields'] as const }])('of smallest values, whatever is left out: %o', async options => {
  expect([...(await picked([19, 13, 12, 7], options))].sort()).toEqual(['n1 pick 7', 'n2 Pick 7', 'n2 pick 13'])
  expect([...(await picked([15, 16, 5], options))].sort()).toEqual(['n1 pick 5', 'n2 Pick 5', 'n2 pick 15'])
})
