import { is, List, Map, OrderedMap, Record, Set } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore, type Here, type Id, type Protocol } from '../../checker/index.ts'
import { System } from '../../checker/run/system.ts'
import { Tables } from '../../checker/tables/tables.ts'
import { Values } from '../../checker/values/encode.ts'
import { Tuples } from '../../checker/values/ints.ts'

type Node = Id<'node'>

/** `any` holds what the test puts there, be it a value or not. */
class State extends Record({ step: 0, any: null as unknown, peers: Set<Node>(), votes: Map<Node, unknown>(), log: List<unknown>() }) {
  declare note?: number
}

type Message = { readonly type: 'Ping'; readonly step: number; readonly load: unknown }
type Roles = { node: { state: State; inbox: Message } }
type Run = (state: State, message: Message, from: Node, here: Here<Roles, 'node'>) => State

/** Three nodes that ping each other three times; `ping` is what the test is about. */
const protocol = (ping: Run, load: (here: Here<Roles, 'node'>) => unknown = () => 0): Protocol<Roles> => ({
  name: 'pings',
  source: 'none',
  network: 'fair-loss',
  roles: {
    node: {
      count: 3,
      init: ({ nodes }) => new State({ peers: Set(nodes.node), votes: Map(nodes.node.map(id => [id, List([0])])) }),
      actions: {
        ping: {
          when: ({ step }) => step < 3,
          do(state, here) {
            here.broadcast({ type: 'Ping', step: state.step, load: load(here) })
            return state.set('step', state.step + 1)
          },
        },
      },
      on: { Ping: ping },
    },
  },
  properties: {},
})

/** The error's text without its first line's rule, and its hint. */
const errorOf = async (spec: Protocol<Roles>): Promise<{ title: string; place: string; what: string }> => {
  const error = await explore(spec, { depth: 4 }).then(
    () => undefined,
    error => error,
  )
  return { title: error?.parts?.title, place: error?.parts?.place, what: error?.parts?.what.split('\n')[0] }
}

const impure = (field: string, place = 'handler Ping') => ({
  title: 'IMPURE',
  place: expect.stringContaining(`pings, ${place} at n`),
  what: `Run twice on equal inputs it gave two results for ${field}:`,
})

describe('a handler runs twice on inputs that share nothing', () => {
  const seen = new WeakSet<object>()
  let count = 0
  let slow = 0
  const cases: { readonly [name: string]: readonly [Run, ReturnType<typeof impure>] } = {
    'a counter outside, in the state': [s => s.set('any', count++), impure('the next state')],
    'a counter outside, in a message': [
      (s, { step }, from, { send }) => {
        if (step < 2) send(from, { type: 'Ping', step: 2, load: count++ })
        return s
      },
      impure('what it sends'),
    ],
    'the order of a set': [s => s.set('any', s.peers.first()), impure('the next state')],
    'the order of a map': [s => s.set('any', s.votes.keySeq().first()), impure('the next state')],
    'whether it is enabled': [
      (s, _, __, { choose }) => {
        choose(count++ % 2 === 0 ? [1] : [])
        return s.set('any', 1)
      },
      impure('whether it is enabled'),
    ],
    // What a handler notes down at its input it finds again at the next message in the same state, but not at the copy.
    'a note at the state': [
      s => {
        s.note = (s.note ?? 0) + 1
        return s.set('any', s.note)
      },
      impure('the next state'),
    ],
    'states it remembers': [
      s => {
        if (seen.has(s)) return s.set('any', 'again')
        seen.add(s)
        return s
      },
      impure('the next state'),
    ],
    'sets it remembers': [
      s => {
        if (seen.has(s.peers)) return s.set('any', 'again')
        seen.add(s.peers)
        return s
      },
      impure('the next state'),
    ],
    'lists in maps it remembers': [
      (s, _, from) => {
        const list = s.votes.get(from) as object
        if (seen.has(list)) return s.set('any', 'again')
        seen.add(list)
        return s
      },
      impure('the next state'),
    ],
    'messages it remembers': [
      (s, message) => {
        if (seen.has(message)) return s.set('any', 'again')
        seen.add(message)
        return s
      },
      impure('the next state'),
    ],
    // At a renamed input it runs once, which is compared with the two runs at the input that came first.
    'a counter outside, at one node': [(s, _, __, { self, nodes }) => s.set('any', self === nodes.node[1] ? count++ : 0), impure('the next state')],
    'what changes now and then': [s => s.set('any', Math.floor(slow++ / 6)), impure('the next state')],
    'what is sent changes now and then': [
      (s, { step }, from, { send }) => {
        if (step < 2) send(from, { type: 'Ping', step: 2, load: Math.floor(slow++ / 6) })
        return s
      },
      impure('what it sends'),
    ],
  }
  for (const [name, [run, error]] of Object.entries(cases)) it(name, async () => expect(await errorOf(protocol(run))).toEqual(error))

  it('a note at a state, at a node of which only images are asked', () => {
    const noting: Run = (s, _, __, { self, nodes }) => {
      if (self === nodes.node[0]) s.note = (s.note ?? 0) + 1
      return s.set('any', s.note ?? 1)
    }
    const tables = new Tables(new System(protocol(noting) as never), { symmetry: true })
    const { start, sends } = tables.outcomes
    const pings = tables.sends.items(sends.data[start.data[tables.act(0, tables.initialLocals[0]?.[0] as number)] as number] as number)
    const toSecond = pings.find(packet => tables.packets.to.data[packet] === 1) as number
    expect(() => tables.deliver(1, tables.initialLocals[1]?.[0] as number, toSecond)).toThrow(
      'Run twice on equal inputs it gave two results for the next state',
    )
  })
})

describe('a mutated input', () => {
  const mutated = (what: RegExp) => ({
    title: 'INPUT IS MUTATED',
    place: expect.stringContaining('pings, handler Ping at n'),
    what: expect.stringMatching(what),
  })
  it('a field of the state', async () =>
    expect(
      await errorOf(
        protocol(s => {
          ;(s as { step: number }).step = 5
          return s
        }),
      ),
    ).toEqual(mutated(/^Error: Cannot set on an immutable record\. \(self-checks\.test\.ts:\d+\)$/)))
  it('a field of the message', async () =>
    expect(
      await errorOf(
        protocol((s, m) => {
          ;(m as { step: number }).step = 5
          return s
        }),
      ),
    ).toEqual(mutated(/^TypeError: Cannot assign to read only property 'step' of object '#<Object>'/)))
})

describe('what is not a value', () => {
  const wrong = (what: string) => ({ title: 'NOT A VALUE', place: expect.stringMatching(/^pings, (handler Ping|action ping) at n\d$/), what })
  const states: { readonly [what: string]: (s: State, from: Node) => State } = {
    'State.any contains the plain object { a: 1 }.': s => s.set('any', { a: 1 }),
    'State.any contains the plain array [1].': s => s.set('any', [1]),
    'State.any contains NaN.': s => s.set('any', Number.NaN),
    'State.any contains a function.': s => s.set('any', () => 0),
    'State.any contains a symbol.': s => s.set('any', Symbol('x')),
    'State.any contains a Date.': s => s.set('any', new Date(0)),
    'an element of State.any contains the plain object { a: 1 }.': s => s.set('any', Set([1, { a: 1 }])),
    'State.log[1] contains the plain object { a: 1 }.': s => s.set('log', List([1, { a: 1 }])),
    'State.votes[n1][1] contains a function.': s => s.update('votes', votes => votes.map((_, id) => (String(id) === 'n1' ? List([1, () => 0]) : 0))),
    'a key of State.any contains the plain object {  }.': s => s.set('any', Map([[{}, 1]])),
    'State.any["k"].any contains NaN.': s => s.set('any', OrderedMap([['k', new State({ any: Number.NaN })]])),
    'an element of State.any[0] contains a Date.': s => s.set('any', List([Set([new Date(0)])])),
    'State.log contains a mutable copy of a collection.': s => s.set('log', List([1]).asMutable()),
    'State contains a mutable copy of a collection.': s => s.asMutable(),
    'the state contains the plain object { set: 1, toSeq: 2 }.': () => ({ set: 1, toSeq: 2 }) as unknown as State,
  }
  for (const [what, change] of Object.entries(states))
    it(what, async () => expect(await errorOf(protocol((s, _, from) => change(s, from)))).toEqual(wrong(what)))

  it('in a message', async () =>
    expect(
      await errorOf(
        protocol(
          s => s,
          () => Set([{ a: 1 }]),
        ),
      ),
    ).toEqual(wrong('an element of the message to n2.load contains the plain object { a: 1 }.')))
  it('a message that is none', async () =>
    expect(
      await errorOf(
        protocol((s, _, from, { send }) => {
          send(from, List() as unknown as Message)
          return s
        }),
      ),
    ).toEqual({
      title: 'NOT A MESSAGE',
      place: expect.stringContaining('pings, handler Ping at n'),
      what: expect.stringMatching(/^the message to n\d is List \[\]\.$/),
    }))
  it('a message that nobody handles', async () =>
    expect(
      await errorOf(
        protocol((s, _, from, { send }) => {
          send(from, { type: 'Pong' } as unknown as Message)
          return s
        }),
      ),
    ).toEqual({
      title: 'NO HANDLER',
      place: expect.stringContaining('pings, handler Ping at n'),
      what: expect.stringMatching(/^It sends the plain object \{ type: "Pong" \} to n\d, but role node has no handler for Pong\.$/),
    }))
  it('an option of choose', async () =>
    expect(await errorOf(protocol((s, _, __, { choose }) => s.set('any', choose([{ a: 1 }]))))).toEqual(
      wrong('an option of choose contains the plain object { a: 1 }.'),
    ))
  it('an id of another protocol', async () => {
    let other: Node | undefined
    await explore(
      protocol((s, _, from) => {
        other = from
        return s
      }),
      { depth: 2 },
    )
    expect(await errorOf(protocol(s => s.set('any', other)))).toEqual(wrong(`State.any contains the id ${other}, which is not of this protocol.`))
  })
})

describe('equal values are one', () => {
  it('whatever their history', async () => {
    const orders: Run = (s, { step }, from) =>
      s.set('any', step % 2 === 0 ? Set([1, from, 'a', -0]) : Set(['a', 0, from, 1, 7]).delete(7)).set('log', List([-0, 'n0']))
    const same: Run = (s, _, from) => s.set('any', Set([from, 0, 'a', 1])).set('log', List([0, 'n0']))
    const [a, b] = [await explore(protocol(orders), { depth: 5 }), await explore(protocol(same), { depth: 5 })]
    expect(a.states).toBe(b.states)
  })
  it('and no others', async () => {
    const values: readonly unknown[] = [
      0,
      '0',
      false,
      null,
      undefined,
      '',
      List(),
      Set(),
      Map(),
      OrderedMap(),
      List([0]),
      Set([0]),
      List([List()]),
      'n0',
      0.5,
      Infinity,
      2 ** 40,
    ]
    const differ: Run = (s, _, __, { choose }) => s.set('any', s.any === null ? List([choose(values.keys())]).map(i => values[i]) : s.any)
    const numbers: Run = (s, _, __, { choose }) => s.set('any', s.any === null ? List([choose(values.keys())]) : s.any)
    const [a, b] = [await explore(protocol(differ), { depth: 4 }), await explore(protocol(numbers), { depth: 4 })]
    expect(a.states).toBe(b.states)
  })
})

describe('symmetry is checked', () => {
  it('a handler that prefers a node', async () => {
    const first: Run = (s, _, from, { nodes }) => s.set('any', from === nodes.node[0])
    expect(await errorOf(protocol(first))).toEqual({
      title: 'NODES ARE NOT SYMMETRIC',
      place: expect.stringContaining('pings, handler Ping at n'),
      what: expect.stringMatching(/^Swapping n\d ↔ n\d in its input does not swap them in its output: the next state should be State \{/),
    })
  })
  it('one that sends to the first', async () => {
    const first: Run = (s, { step }, _, { nodes, send }) => {
      if (step < 2) send(nodes.node[0] as Node, { type: 'Ping', step: 2, load: 0 })
      return s
    }
    expect(await errorOf(protocol(first))).toMatchObject({
      title: 'NODES ARE NOT SYMMETRIC',
      what: expect.stringContaining('it sends, or emits, something else.'),
    })
  })
})

const noIds = () => {
  throw new Error('There are no ids.')
}

it('a map comes back as it was, whatever its history', () => {
  const values = new Values(noIds)
  const entries = [5, 3, 9, 1, 7].map(key => [key, Set([key * 10, 'x', 2])] as const)
  const id = values.encode(Map(entries), 'it')
  expect(values.encode(Map([...entries].reverse()), 'it')).toBe(id)
  expect(values.encode(Map(entries).set(3, Set()), 'it')).not.toBe(id)
  for (const value of [values.decode(id), values.rebuild(id), values.rebuild(id)]) expect(is(value, Map(entries))).toBe(true)
})

/** Of so many some have the 32-bit hash of another, by the birthday paradox. */
describe('equal hashes', () => {
  it('of values', () => {
    const values = new Values(noIds)
    for (let i = 0; i < 300; i++) for (let j = 0; j < 300; j++) for (let k = 0; k < 3; k++) values.encode(List([i, j, k]), 'it')
    expect(values.size).toBe(300 + 300 * 300 * 3)
  })
  it('of tuples', () => {
    const tuples = new Tuples()
    for (let i = 0; i < 300; i++) for (let j = 0; j < 300; j++) for (let k = 0; k < 3; k++) tuples.intern([i, j, k])
    expect(tuples.size).toBe(300 * 300 * 3)
  })
})
