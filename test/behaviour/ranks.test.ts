/** A rank that code of a spec reads last of all, wherever that code stands, ends the symmetry of its kind: each of these held, or might have. */
import { List, Record, Set } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { always, canAlways, crashRecovery, each, eachPair, type Id, observed, reachable, step } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { oracle } from '../support/oracle.ts'
import { proofAfter } from '../support/tunings.ts'

class B extends Record({ n: 0 }) {}
class D extends Record({ n: 0, id: null as Id | null }) {}

// biome-ignore lint/suspicious/noExplicitAny: the types of roles are erased.
type Erased = any

const go = { when: (s: Erased) => s.n < 2, do: (s: Erased) => s.set('n', s.n + 1) }
const counters = { b: { count: 3, init: (h: Erased) => new D({ id: h.self }), on: {}, actions: { go } } }

const named = (protocol: Erased): AnyProtocol => ({ name: 'ranks', source: 'test', network: 'fair-loss', roles: counters, properties: {}, ...protocol })

const rankOf = (s: Erased): number => s.id.rank

/** What asks for a rank in one late state only, for each place in which code of a spec stands. */
const places: { readonly [place: string]: AnyProtocol } = {
  'a property of pairs': named({
    properties: {
      p: eachPair(
        'b',
        (s: Erased) => ({ n: s.n, id: s.id }),
        (x: Erased, y: Erased) => !(x.n === 2 && y.n === 1 && x.id.rank === 2 && y.id.rank === 0),
      ),
    },
  }),
  'a property of a node': named({
    properties: {
      p: each(
        'b',
        (s: Erased) => s,
        s => !(s.n === 2 && rankOf(s) === 2),
      ),
    },
  }),
  'a view': named({
    properties: {
      p: each(
        'b',
        (s: Erased) => s.n === 2 && rankOf(s) === 1,
        last => !last,
      ),
    },
  }),
  'a view of pairs': named({
    properties: {
      p: eachPair(
        'b',
        (s: Erased) => (s.n === 2 ? rankOf(s) : 0),
        (x, y) => !(x === 2 && y === 1),
      ),
    },
  }),
  'a property of a step': named({ properties: { p: step('b', (_: Erased, after: Erased) => !(after.n === 2 && rankOf(after) === 2)) } }),
  'a property of an observer': named({
    roles: {
      b: {
        count: 4,
        init: () => new B(),
        on: {},
        actions: {
          go: {
            when: (s: Erased) => s.n < 1,
            do: (s: Erased, h: Erased) => {
              h.emit({ type: 'e', who: h.self })
              return s.set('n', 1)
            },
          },
        },
      },
    },
    observers: { o: { init: List(), on: (list: List<Id>, e: Erased) => list.push(e.who) } },
    properties: { p: observed('o', (list: List<Id>) => !(list.size === 4 && [2, 1, 0, 3].every((rank, i) => list.get(i)?.rank === rank))) },
  }),
  'an observer': named({
    roles: {
      b: {
        count: 3,
        init: () => new B(),
        on: {},
        actions: {
          go: {
            when: (s: Erased) => s.n < 1,
            do: (s: Erased, h: Erased) => {
              h.emit({ type: 'e', who: h.self })
              return s.set('n', 1)
            },
          },
        },
      },
    },
    observers: { o: { init: List(), on: (list: List<number>, e: Erased) => list.push(list.size === 2 ? e.who.rank : 0) } },
    properties: { p: observed('o', (list: List<number>) => list.get(2) !== 1) },
  }),
  'a property of the whole': named({
    properties: { p: always((w: Erased) => !w.all('b').every((s: Erased) => s.n === 2 - (s.n === 2 ? rankOf(s) : 1) * 0 && s.n === 2 && rankOf(s) >= 0)) },
  }),
  'what can always be reached': named({ properties: { p: canAlways(always((w: Erased) => w.all('b').some((s: Erased) => s.n < 2 || rankOf(s) === 7))) } }),
  'what is reachable': named({
    properties: {
      p: always((w: Erased) => w.all('b').some((s: Erased) => s.n < 2)),
      q: reachable(always((w: Erased) => w.all('b').every((s: Erased) => s.n === 2 && rankOf(s) >= 0))),
    },
  }),
  mayRest: named({ mayRest: (w: Erased) => !w.all('b').every((s: Erased) => rankOf(s) >= 0) }),
  within: named({
    roles: { b: { ...counters.b, within: (s: Erased) => s.n < 2 || rankOf(s) === 1 } },
    properties: {
      p: each(
        'b',
        (s: Erased) => s.n,
        n => n < 2,
      ),
    },
  }),
  'a recovery': named({
    roles: { b: { ...counters.b, recover: (s: Erased) => (s.n === 2 && rankOf(s) === 2 ? s.set('n', 3) : s) } },
    faults: [crashRecovery('b', { atMost: 1 })],
    properties: {
      p: each(
        'b',
        (s: Erased) => s.n,
        n => n < 3,
      ),
    },
  }),
  'a choice': named({
    roles: {
      b: {
        ...counters.b,
        actions: {
          go: { when: (s: Erased) => s.n < 2, do: (s: D, h: Erased) => s.set('n', h.choose(s.n === 1 ? [2, 3].filter(n => n === 2 || rankOf(s) === 2) : [1])) },
        },
      },
    },
    properties: {
      p: each(
        'b',
        (s: Erased) => s.n,
        n => n < 3,
      ),
    },
  }),
  'the condition of a global step': named({
    steps: {
      g: {
        when: (w: Erased) => w.all('b').every((s: Erased) => s.n === 2) && w.nodes.b.every((id: Id) => id.rank >= 0),
        do: (w: Erased) => w.set(w.nodes.b[0], w.get(w.nodes.b[0]).set('n', 9)),
      },
    },
    properties: {
      p: each(
        'b',
        (s: Erased) => s.n,
        n => n < 9,
      ),
    },
  }),
}

describe('a rank that is read last', () => {
  it.each(Object.entries(places))('%s', async (_, protocol) => {
    const plain = await explore(protocol, { reduce: [] })
    expect(plain.verdict).toBe('violated')
    for (const options of [{}, { reduce: ['symmetry'] }, { tuning: proofAfter(0) }] as const) {
      const report = await explore(protocol, options)
      expect([report.verdict, report.property, report.counterexample?.steps.length]).toEqual([
        plain.verdict,
        plain.property,
        plain.counterexample?.steps.length,
      ])
      expect(report.notes.join()).toContain('The ids of b are not permuted: they are ordered')
    }
  })
})

/** Two of four nodes are members from the start, and know each other; the others ask any member to let them in. The second to be let in by one member is lost. */
const membership = (count: number, members: number): AnyProtocol => {
  class Node extends Record({ state: 'out' as 'out' | 'asking' | 'in', members: Set<Id>() }) {}
  return named({
    network: 'reliable',
    roles: {
      node: {
        count,
        init({ self, nodes }: Erased) {
          const first: readonly Id[] = nodes.node.filter(({ rank }: Id) => rank < members)
          return new Node(first.includes(self) ? { state: 'in', members: Set(first) } : { members: Set(first) })
        },
        actions: {
          join: {
            when: (s: Erased) => s.state === 'out',
            do(s: Erased, { choose, send }: Erased) {
              send(choose(s.members), { type: 'Join' })
              return s.set('state', 'asking')
            },
          },
        },
        on: {
          Join(s: Erased, _: Erased, from: Id, { send }: Erased) {
            if (s.members.size < 3) send(from, { type: 'Welcome' })
            return s.set('members', s.members.add(from))
          },
          Welcome: (s: Erased) => s.set('state', 'in'),
        },
      },
    },
    properties: {
      small: each(
        'node',
        (s: Erased) => s.members.size,
        size => size < 4,
      ),
      outside: each(
        'node',
        (s: Erased) => s.state,
        state => state !== 'in',
      ),
      known: each(
        'node',
        (s: Erased) => s,
        (s: Erased) => s.members.size < 3 || s.state === 'in',
      ),
    },
  })
}

/** How many states are left of those of the oracle, as texts, if the first nodes may be swapped, and the last. */
const orbits = (states: readonly string[], count: number, members: number): number => {
  const permutations = (ranks: readonly number[]): number[][] =>
    ranks.length === 0 ? [[]] : ranks.flatMap(one => permutations(ranks.filter(other => other !== one)).map(rest => [one, ...rest]))
  const ranks = Array.from({ length: count }, (_, rank) => rank)
  const all = permutations(ranks.slice(0, members)).flatMap(first => permutations(ranks.slice(members)).map(last => [...first, ...last]))
  const renamed = (text: string, to: readonly number[]): string => text.replace(/node#(\d)/g, (_, rank) => `node#${to[Number(rank)]}`)
  /** Each word in its place, whatever the order of entries: enough to tell orbits apart here. */
  const sorted = (text: string): string => {
    const inside = (at: string): string =>
      at.replace(
        /[[{]([^[\]{}]*)[\]}]/g,
        (whole, items: string) => `${whole[0] === '{' ? '<' : '('}${items.split(', ').sort().join('; ')}${whole[0] === '{' ? '>' : ')'}`,
      )
    let [before, now] = ['', text]
    while (before !== now) [before, now] = [now, inside(now)]
    return now
  }
  return new globalThis.Set(states.map(state => all.map(to => sorted(renamed(state, to))).sort()[0])).size
}

describe('who begins how', () => {
  it.each([
    [4, 2, 4],
    [4, 1, 6],
    [3, 1, 2],
  ])('of %i nodes %i are members: these may be swapped, and the others', async (count, members, order) => {
    const protocol = membership(count, members)
    const { states, properties } = oracle(protocol)
    for (const options of [
      { reduce: [] },
      { reduce: ['symmetry'] },
      { reduce: ['symmetry'], tuning: { listedMax: 1 } },
      {},
      { tuning: proofAfter(0) },
    ] as const) {
      for (const [property, { verdict, length }] of Object.entries(properties)) {
        const report = await explore(protocol, { ...options, property })
        expect([property, report.verdict, report.counterexample?.steps.length ?? null]).toEqual([property, verdict, length])
      }
    }
    const report = await explore({ ...protocol, properties: {} }, { reduce: ['symmetry'] })
    expect([report.tables.symmetry.order, report.states]).toEqual([order, orbits(states, count, members)])
    expect(report.notes).toEqual([])
  })

  it('a rank that a handler reads, too, ends the symmetry', async () => {
    const protocol = membership(4, 2)
    const role = protocol.roles['node'] as Erased
    const ordered = {
      ...protocol,
      properties: {},
      roles: { node: { ...role, on: { ...role.on, Welcome: (s: Erased, _: Erased, from: Id) => (from.rank >= 0 ? role.on.Welcome(s) : s) } } },
    }
    const { states, notes } = await explore(ordered, { reduce: ['symmetry'] })
    expect(states).toBe(oracle(ordered).states.length)
    expect(notes.join()).toContain('they are ordered, since their rank is read')
  })
})
