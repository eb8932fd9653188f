import fc from 'fast-check'
import { is, List, Map } from 'immutable'
import { describe, expect, test } from 'vitest'
import {
  type CausalEvent,
  type Causality,
  clockCondition,
  eachTwoEvents,
  eventsOf,
  happensBefore,
  type Id,
  relationOf,
  someTwoEvents,
  strongClockCondition,
  totalOrderOfEvents,
  uniqueTimestamps,
} from '../../checker/index.ts'
import { by, idsOf, type Told, told } from '../support/judges-support.ts'

const nodes = idsOf('node', 3)
const [A, B, C] = nodes as [Id, Id, Id]

const less = (a: number, b: number): boolean => a < b
const local = (timestamp: number): CausalEvent<number> => ({ type: 'local', timestamp })
const send = (timestamp: number): CausalEvent<number> => ({ type: 'send', timestamp })
const receive = (timestamp: number, sender: Id, message: number): CausalEvent<number> => ({ type: 'receive', timestamp, sender, message })

const judged = (events: readonly Told<CausalEvent<number>>[]): Causality => told(happensBefore<number>(), events)

/** The relation as text, `a→b` and `a∥b`, with the events named by their timestamps, which tell them apart. */
const relations = (events: Causality): readonly string[] => {
  const all = eventsOf(events)
  return all
    .flatMap(a => all.filter(b => b !== a).map(b => ({ a: a.timestamp, b: b.timestamp, relation: relationOf(a, b) })))
    .filter(({ a, b, relation }) => relation === 'before' || (relation === 'concurrent' && `${a}` < `${b}`))
    .map(({ a, b, relation }) => `${a}${relation === 'before' ? '→' : '∥'}${b}`)
    .sort()
}

describe('the relation', () => {
  test('of the slide "Happens-before relation example"', () => {
    // a, b at A; c, d at B; e, f at C; m1 from b to c, m2 from d to f.
    const events: readonly Told<CausalEvent<string>>[] = [
      by(A, { type: 'local', timestamp: 'a' }),
      by(A, { type: 'send', timestamp: 'b', message: 'm1' }),
      by(B, { type: 'receive', timestamp: 'c', sender: A, message: 'm1' }),
      by(C, { type: 'local', timestamp: 'e' }),
      by(B, { type: 'send', timestamp: 'd', message: 'm2' }),
      by(C, { type: 'receive', timestamp: 'f', sender: B, message: 'm2' }),
    ]
    const slide = ['a→b', 'c→d', 'e→f', 'b→c', 'd→f', 'a→c', 'a→d', 'a→f', 'b→d', 'b→f', 'c→f', 'a∥e', 'b∥e', 'c∥e', 'd∥e']
    expect(relations(told(happensBefore<string>(), events))).toEqual(slide.sort())
  })
  test('a message may be received by several nodes, and twice', () => {
    const events = judged([by(A, send(1)), by(B, receive(2, A, 1)), by(C, receive(3, A, 1)), by(B, receive(4, A, 1))])
    expect(relations(events)).toEqual(['1→2', '1→3', '1→4', '2→4', '2∥3', '3∥4'])
  })
  test('messages of equal names are told apart by their senders', () => {
    const events = judged([by(A, send(1)), by(B, local(0)), by(B, send(1)), by(C, receive(2, B, 1))])
    expect(is(events.get(C)?.first()?.past, Map([[B, 2]]))).toBe(true)
  })
  test('of two messages of one name, the receipt is of the first', () => {
    const events = judged([by(A, send(1)), by(A, send(1)), by(B, receive(2, A, 1))])
    expect(events.get(B)?.first()?.past.get(A)).toBe(1)
  })
  test('a local event is no sending', () => {
    expect(() => judged([by(A, local(1)), by(B, receive(2, A, 1))])).toThrow(/RECEIVED BUT NEVER SENT.*\n.*n2 receives the message 1 from n1/)
  })
})

describe('the judges', () => {
  const message = judged([by(A, send(1)), by(B, receive(2, A, 1))])
  const late = judged([by(A, send(2)), by(B, receive(1, A, 2))])
  const apart = judged([by(A, local(1)), by(B, local(2))])
  const tie = judged([by(A, local(1)), by(B, local(1))])
  const standstill = judged([by(A, local(1)), by(A, local(1))])

  test('clockCondition: a → b ⇒ L(a) < L(b)', () => {
    expect([message, apart, tie].every(clockCondition(less))).toBe(true)
    expect([late, standstill].some(clockCondition(less))).toBe(false)
  })
  test('strongClockCondition: L(a) < L(b) ⇔ a → b', () => {
    expect([message, tie].every(strongClockCondition(less))).toBe(true)
    expect([late, standstill, apart].some(strongClockCondition(less))).toBe(false)
  })
  test('uniqueTimestamps, of a node and of the system', () => {
    expect([message, late, apart, tie].every(uniqueTimestamps({ of: 'node' }))).toBe(true)
    expect(uniqueTimestamps({ of: 'node' })(standstill)).toBe(false)
    expect([message, late, apart].every(uniqueTimestamps({ of: 'system' }))).toBe(true)
    expect([tie, standstill].some(uniqueTimestamps({ of: 'system' }))).toBe(false)
  })
  test('totalOrderOfEvents', () => {
    const byNode = totalOrderOfEvents<number>((a, b, m, n) => a < b || (a === b && nodes.indexOf(m) < nodes.indexOf(n)))
    expect([message, late, apart, tie].every(byNode)).toBe(true)
    expect(byNode(standstill)).toBe(false)
    expect(totalOrderOfEvents(less)(tie)).toBe(false)
    expect(totalOrderOfEvents(() => true)(apart)).toBe(false)
    // 1 before 2 before 3 before 1: of any two one comes first, but they do not stand in a row.
    const three = judged([by(A, local(1)), by(B, local(2)), by(C, local(3))])
    expect(totalOrderOfEvents<number>((a, b) => (b - a + 3) % 3 === 1)(three)).toBe(false)
    // 3 before 2, 1 before 2 and 2 before 1: none, one and two come before 3, 1 and 2, but 1 and 3 have no order.
    expect(totalOrderOfEvents<number>((a, b) => b === 2 || (a === 2 && b === 1))(three)).toBe(false)
  })
  test('eachTwoEvents sees each pair both ways, someTwoEvents finds one', () => {
    expect(eachTwoEvents((_, __, relation) => relation !== 'concurrent')(message)).toBe(true)
    expect(eachTwoEvents<number>((a, b, relation) => relation === (a.timestamp < b.timestamp ? 'before' : 'after'))(message)).toBe(true)
    expect(someTwoEvents((_, __, relation) => relation === 'concurrent')(message)).toBe(false)
    expect(someTwoEvents((_, __, relation) => relation === 'concurrent')(apart)).toBe(true)
    expect(someTwoEvents<number>((a, _, relation) => relation === 'after' && a.timestamp === 2)(message)).toBe(true)
  })
})

describe('random executions', () => {
  /** An event of a node: local, a sending, or the receipt of some message sent before. */
  const steps = fc.array(fc.record({ node: fc.nat(2), kind: fc.constantFrom('local', 'send', 'receive'), message: fc.nat(20) }), { maxLength: 12, size: 'max' })
  type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never

  interface Clock<T> {
    readonly zero: T
    tick(time: T, node: Id): T
    merge(time: T, other: T): T
  }
  const lamportClock: Clock<number> = { zero: 0, tick: t => t + 1, merge: Math.max }
  type Vector = Map<Id, number>
  const vectorClock: Clock<Vector> = {
    zero: Map(nodes.map(node => [node, 0])),
    tick: (t, node) => t.update(node, 0, n => n + 1),
    merge: (t, other) => t.mergeWith((a, b) => Math.max(a, b), other),
  }
  const vectorLess = (a: Vector, b: Vector): boolean => !is(a, b) && a.every((n, node) => n <= (b.get(node) ?? 0))

  /** The events of an execution, and the edges from which → follows: pairs of places in it. */
  const execute = <T>(clock: Clock<T>, given: Steps) => {
    const times = new globalThis.Map<Id, T>()
    const last = new globalThis.Map<Id, number>()
    const sent: { readonly sender: Id; readonly time: T; readonly at: number }[] = []
    const events: Told<CausalEvent<T>>[] = []
    const edges: (readonly [number, number])[] = []
    for (const { node, kind, message } of given) {
      const self = nodes[node] as Id
      const from = kind === 'receive' ? sent[message % sent.length] : undefined
      const before = times.get(self) ?? clock.zero
      const timestamp = clock.tick(from === undefined ? before : clock.merge(before, from.time), self)
      times.set(self, timestamp)
      const at = events.length
      const previous = last.get(self)
      if (previous !== undefined) edges.push([previous, at])
      last.set(self, at)
      if (from !== undefined) {
        edges.push([from.at, at])
        events.push([self, { type: 'receive', timestamp, sender: from.sender, message: from.time }])
      } else if (kind === 'send') {
        sent.push({ sender: self, time: timestamp, at })
        events.push([self, { type: 'send', timestamp }])
      } else {
        events.push([self, { type: 'local', timestamp }])
      }
    }
    return { events, edges }
  }

  test('the relation is the transitive closure of the order at each node and of the messages', () => {
    fc.assert(
      fc.property(steps, given => {
        const { events, edges } = execute(lamportClock, given)
        const before = events.map((_, i) => events.map((__, j) => edges.some(([a, b]) => a === i && b === j)))
        for (const k of events.keys())
          for (const i of events.keys()) for (const j of events.keys()) if (before[i]?.[k] && before[k]?.[j]) (before[i] as boolean[])[j] = true
        const causality = told(happensBefore<number>(), events)
        const all = eventsOf(causality)
        const happenings = events.map(([node], i) =>
          all.find(one => one.node === node && one.index === events.slice(0, i).filter(([other]) => other === node).length),
        )
        for (const [i, a] of happenings.entries())
          for (const [j, b] of happenings.entries())
            if (a !== undefined && b !== undefined && i !== j)
              expect(relationOf(a, b)).toBe(before[i]?.[j] ? 'before' : before[j]?.[i] ? 'after' : 'concurrent')
        expect(happenings).not.toContain(undefined)
      }),
    )
  })

  test('Lamport clocks: the clock condition, unique with the node, totally ordered with ties broken by node; not the strong condition', () => {
    let strong = 0
    let weak = 0
    fc.assert(
      fc.property(steps, given => {
        const causality = told(happensBefore<number>(), execute(lamportClock, given).events)
        expect(clockCondition(less)(causality)).toBe(true)
        expect(uniqueTimestamps({ of: 'node' })(causality)).toBe(true)
        expect(totalOrderOfEvents<number>((a, b, m, n) => a < b || (a === b && nodes.indexOf(m) < nodes.indexOf(n)))(causality)).toBe(true)
        if (strongClockCondition(less)(causality)) strong++
        else weak++
      }),
    )
    expect(Math.min(strong, weak)).toBeGreaterThan(0)
  })

  test('vector clocks: the strong condition, and unique in the system', () => {
    fc.assert(
      fc.property(steps, given => {
        const causality = told(happensBefore<Vector>(), execute(vectorClock, given).events)
        expect(strongClockCondition(vectorLess)(causality)).toBe(true)
        expect(uniqueTimestamps({ of: 'system' })(causality)).toBe(true)
      }),
    )
  })

  test('without the maximum on receipt the clock condition breaks, without the merge the strong one', () => {
    const broken = { ...lamportClock, merge: (time: number) => time }
    const brokenVector = { ...vectorClock, merge: (time: Vector) => time }
    const sent: Steps = [
      { node: 0, kind: 'send', message: 0 },
      { node: 1, kind: 'receive', message: 0 },
    ]
    expect(clockCondition(less)(told(happensBefore<number>(), execute(broken, sent).events))).toBe(false)
    expect(strongClockCondition(vectorLess)(told(happensBefore<Vector>(), execute(brokenVector, sent).events))).toBe(false)
  })

  test('neighbouring events that are concurrent leave the same state in either order', () => {
    let swaps = 0
    fc.assert(
      fc.property(steps, fc.nat(), (given, seed) => {
        const { events, edges } = execute(vectorClock, given)
        const places = [...events.keys()].slice(1).filter(i => !edges.some(([a, b]) => a === i - 1 && b === i))
        const place = places[seed % places.length]
        if (place === undefined) return
        swaps++
        const swapped = events.with(place, events[place - 1] as Told<CausalEvent<Vector>>).with(place - 1, events[place] as Told<CausalEvent<Vector>>)
        expect(is(told(happensBefore<Vector>(), events), told(happensBefore<Vector>(), swapped))).toBe(true)
      }),
    )
    expect(swaps).toBeGreaterThan(20)
  })

  test('a message may be named apart from its timestamp, by any value', () => {
    const events: readonly Told<CausalEvent<number>>[] = [
      by(A, { type: 'send', timestamp: 5, message: List([A, 1]) }),
      by(B, { type: 'receive', timestamp: 6, sender: A, message: List([A, 1]) }),
    ]
    expect(relations(judged(events))).toEqual(['5→6'])
    expect(() => judged(events.with(0, by(A, send(5))))).toThrow(/NEVER SENT/)
  })
})
