/** What nodes come to together, and by which steps: the same for protocols that differ in messages only, and for no others. */
import { Record } from 'immutable'
import { expect, test } from 'vitest'
import { crashRecovery, type Protocol } from '../../checker/index.ts'
import { nodeStatesOf } from '../../checker/prove/node-states.ts'

class Node extends Record({ count: 0, asked: false }) {}
type Roles = { node: { state: Node; inbox: { readonly type: 'Add'; readonly by: number } } }

interface Shape {
  readonly times?: number
  readonly by?: number
  readonly network?: 'fair-loss' | 'reliable'
  readonly again?: boolean
  readonly alone?: boolean
  readonly nobodyElse?: boolean
  readonly crashes?: number
}

/** Each asks the next one, or all others, to count, once; a node counts once. */
const counting = ({ times = 1, by = 1, network = 'fair-loss', again = false, alone = false, nobodyElse = false, crashes = 0 }: Shape): Protocol<Roles> => ({
  name: 'counting',
  network,
  faults: crashes === 0 ? [] : [crashRecovery('node', { atMost: crashes })],
  mayRest: true,
  roles: {
    node: {
      count: 3,
      init: () => new Node(),
      recover: n => n.set('count', 0),
      actions: {
        ask: {
          when: n => again || !n.asked,
          do(n, { send, others }) {
            for (let i = 0; i < times; i++) send(nobodyElse ? [] : others, { type: 'Add', by })
            return n.set('asked', true)
          },
        },
        ...(alone && { count: { when: (n: Node) => n.count === 0 && n.asked, do: (n: Node) => n.set('count', 1) } }),
      },
      on: { Add: (n, message) => (n.count === 0 ? n.set('count', message.by) : n) },
    },
  },
  properties: {},
})

const of = (shape: Shape) => nodeStatesOf(counting(shape) as never)

test('messages that are sent twice, again, or are lost and duplicated, change nothing of it', async () => {
  const plain = await of({})
  expect(plain).toMatch(/^[0-9a-f]{16}$/)
  for (const shape of [{ times: 2 }, { again: true }, { network: 'reliable' }] as const) expect([shape, await of(shape)]).toEqual([shape, plain])
})

test('another state, a step more between the same states, a message less, a crash: each is noticed', async () => {
  const all = await Promise.all([{}, { by: 2 }, { alone: true }, { nobodyElse: true }, { crashes: 1 }].map(of))
  expect(new Set(all).size).toBe(all.length)
})

test('where all states are the same, a step more is noticed', async () => {
  const toggles = (more: boolean): Protocol<Roles> => {
    const { roles, ...rest } = counting({})
    const set = (count: number, to: number) => ({ when: (n: Node) => n.count === count, do: (n: Node) => n.set('count', to) })
    const actions = { up: set(0, 1), further: set(1, 2), back: set(2, 0), ...(more && { down: set(1, 0) }) }
    return { ...rest, roles: { node: { ...roles.node, actions } } }
  }
  expect(await nodeStatesOf(toggles(true) as never)).not.toBe(await nodeStatesOf(toggles(false) as never))
})
