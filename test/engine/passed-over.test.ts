/** What a search passes over since it looked at it before: messages that are of no use in a state of a node. */
import { Record } from 'immutable'
import { expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { each, type Protocol } from '../../checker/index.ts'
import { IdleMessages } from '../../checker/steps/idle-messages.ts'
import { raft } from '../../specs/raft/protocol.ts'

it('a row of messages that are passed over is of one state', () => {
  const passed = new IdleMessages(2)
  passed.setLayout(2)
  passed.note(passed.rowOf(1, 3), 40)
  expect(passed.rows[passed.rowOf(1, 3) + 1]).toBe(1 << 8)
  expect(passed.rows[passed.rowOf(0, 3) + 1]).toBe(0)
  expect(passed.rows[passed.rowOf(1, 3 + (1 << 10)) + 1]).toBe(0)
  expect(passed.rows[passed.rowOf(1, 3) + 1]).toBe(0)
})

it.each([
  [3, 1, 1],
  [2, 2, 1],
])('as many states depth-first, where messages are passed over, as by the sweep, which does without: raft %i, %i, %i', async (nodes, terms, broadcasts) => {
  // What is in flight outgrows its words more than once meanwhile.
  const search = (order: 'breadth' | 'depth') => explore(raft({ nodes, terms, broadcasts, length: broadcasts, crashes: 0 }), { reduce: ['symmetry'], order })
  const { states, transitions } = await search('breadth')
  expect(await search('depth')).toMatchObject({ states, transitions })
})

class Counter extends Record({ n: 0 }) {}

type Roles = {
  other: { state: Counter; inbox: never }
  sender: { state: Counter; inbox: never }
  receiver: { state: Counter; inbox: { readonly type: 'Full' } }
}

/** What is sent is more than the receiver has room for; and something else happens once, which comes first in the order of steps, and so is looked at last. */
const full = {
  name: 'full',
  source: 'this test',
  network: 'fair-loss',
  roles: {
    other: { count: 1, init: () => new Counter(), actions: { act: { when: o => o.n === 0, do: o => o.set('n', 1) } }, on: {} },
    sender: {
      count: 1,
      init: () => new Counter(),
      actions: {
        // Again and again: what is sent once may be lost.
        send: {
          do(s, { send, nodes }) {
            send(nodes.receiver, { type: 'Full' })
            return s
          },
        },
      },
      on: {},
    },
    receiver: { count: 1, init: () => new Counter(), actions: {}, on: { Full: r => r.set('n', 1) }, within: r => r.n === 0 },
  },
  mayRest: false,
  properties: {},
} satisfies Protocol<Roles>

it('a message whose delivery the bound cuts off is something to do in every state', async () => {
  for (const order of ['breadth', 'depth'] as const) expect(await explore(full, { order, reduce: [] })).toMatchObject({ verdict: 'holds', states: 4 })
})

type Talk = {
  speaker: { state: Counter; inbox: never }
  hearer: { state: Counter; inbox: { readonly type: 'Word' } }
}

type Spoke = { readonly type: 'spoke' }

/** What is said leads to a state with more in flight, which is expanded in place of the first; who leaves takes no notice of it any more. */
const leaving = {
  name: 'leaving',
  source: 'this test',
  network: 'fair-loss',
  roles: {
    speaker: {
      count: 1,
      init: () => new Counter(),
      actions: {
        speak: {
          when: () => true,
          do(speaker, { send, nodes, emit }) {
            emit({ type: 'spoke' })
            send(nodes.hearer, { type: 'Word' })
            return speaker
          },
        },
      },
      on: {},
    },
    hearer: {
      count: 1,
      init: () => new Counter(),
      actions: { leave: { when: h => h.n < 2, do: h => h.set('n', 2) } },
      on: { Word: h => (h.n === 0 ? h.set('n', 1) : h) },
    },
  },
  observers: { heedless: { init: new Counter(), on: (counter: Counter, _: Spoke) => counter } },
  properties: {
    neverLeaves: each(
      'hearer',
      h => h.n,
      n => n < 2,
    ),
  },
} satisfies Protocol<Talk, Spoke>

it('a successor that was left out, since another covers the state it came from, is met again', async () => {
  for (const reduce of [['subsumption'], ['dead-messages', 'subsumption'], undefined] as const)
    expect(await explore(leaving, { order: 'depth', ...(reduce && { reduce }) })).toMatchObject({ verdict: 'violated', property: 'neverLeaves' })
})
