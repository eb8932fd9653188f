import { is, List, Map, Record, Set } from 'immutable'
import { SpecError } from '../errors.ts'
import type { Id } from '../id.ts'
import type { Observer } from '../protocol.ts'

/**
 * An event of a node, with the timestamp that the protocol gives it: a local execution step, the sending or the receipt of a message.
 *
 * A receipt is tied to its sending by what identifies the message: its sender, and `message`. Since a message carries the timestamp of its sending anyhow
 * (slides: "send (t, m)"), that timestamp is what `message` is, if the sending does not name another; so nothing is added to the protocol:
 *
 *     emit({ type: 'send', timestamp: t })
 *     emit({ type: 'receive', timestamp: t, sender: from, message: message.t })
 *
 * One send event may be received by several nodes (a broadcast), and by one node several times.
 */
export type CausalEvent<T = unknown> =
  | { readonly type: 'local'; readonly timestamp: T }
  | { readonly type: 'send'; readonly timestamp: T; readonly message?: unknown }
  | { readonly type: 'receive'; readonly timestamp: T; readonly sender: Id; readonly message: unknown }

/** An event's name: its node, and its place in the order of the node's own events, from 0. */
export type EventName = List<Id | number>

/** An event that happened. */
export class Happening extends Record({
  node: null as unknown as Id,
  index: 0,
  timestamp: undefined as unknown,
  sends: null as List<unknown> | null, // the identity of the message, in a list of one, if this is a sending
  past: Set<EventName>(), // the events that happened before it, all of them
}) {}

const nameOf = ({ node, index }: Happening): EventName => List<Id | number>([node, index])

/** The events of each node, in the node's order. Interleavings that differ in nothing else have equal states. */
export type Causality = Map<Id, List<Happening>>

/** @throws SpecError, always. */
const throwNeverSent = (node: Id, sender: Id, message: unknown): never => {
  throw new SpecError({
    title: 'RECEIVED BUT NEVER SENT',
    what: `${node} receives the message ${message} from ${sender}, which has sent no message of that name.`,
    hint: 'In the receive event, message is the timestamp of the sending, or the message that the send event names.',
  })
}

/**
 * The happens-before relation among all events so far: same node and earlier; a message's sending before its receipt; and what follows by transitivity.
 * L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978; Kleppmann, Distributed Systems, "The happens-before relation".
 * Judges: `eachTwoEvents`, `clockCondition`, `strongClockCondition`, `uniqueTimestamps`.
 *
 * The causal past of an event is kept as a set of events, not as a vector clock, so that vector clocks can be judged by it. The state grows with every event: the
 * protocol must bound them. Should a broken protocol send two messages of one name, a receipt is that of the first, which it follows in any case: → never says too much.
 * @throws SpecError when a message is received that was never sent.
 */
export const happensBefore = <T = unknown>(): Observer<CausalEvent<T>, Causality> => ({
  init: Map<Id, List<Happening>>(),
  on(events, event, node) {
    if (event.type !== 'local' && event.type !== 'send' && event.type !== 'receive') return events
    const own = events.get(node, List<Happening>())
    let past = pastOf(own.last())
    if (event.type === 'receive') {
      const { sender, message } = event
      const name = List([message])
      past = past.union(pastOf(events.get(sender, List<Happening>()).find(({ sends }) => is(sends, name)) ?? throwNeverSent(node, sender, message)))
    }
    const sends = event.type === 'send' ? List([event.message === undefined ? event.timestamp : event.message]) : null
    return events.set(node, own.push(new Happening({ node, index: own.size, timestamp: event.timestamp, sends, past })))
  },
})

/** An event and its past. */
const pastOf = (event: Happening | undefined): Set<EventName> => (event === undefined ? Set() : event.past.add(nameOf(event)))

/** How one event stands to another: `before` is →, `concurrent` is ∥. */
export type CausalRelation = 'before' | 'after' | 'concurrent'

export const relationOf = (a: Happening, b: Happening): CausalRelation => (b.past.has(nameOf(a)) ? 'before' : a.past.has(nameOf(b)) ? 'after' : 'concurrent')

const eventsOf = (events: Causality): readonly Happening[] => [...events.values()].flatMap(own => [...own])

/** What is judged of an event: where it happened, and its timestamp. */
export interface Stamped<T> {
  readonly node: Id
  readonly timestamp: T
}

/**
 * For any two different events a and b, in either order: `ok(a, b, relation)`. The judge that the others are made of; the claims of a
 * slide can be written with it as they stand. O(n²) in the events.
 */
export const eachTwoEvents =
  <T>(ok: (a: Stamped<T>, b: Stamped<T>, relation: CausalRelation) => boolean) =>
  (events: Causality): boolean => {
    const all = eventsOf(events)
    return all.every(a => all.every(b => a === b || ok(a as Stamped<T>, b as Stamped<T>, relationOf(a, b))))
  }

/** For some two different events: `ok(a, b, relation)`. For `reachable`: that events are concurrent at all, say. */
export const someTwoEvents =
  <T>(ok: (a: Stamped<T>, b: Stamped<T>, relation: CausalRelation) => boolean) =>
  (events: Causality): boolean =>
    !eachTwoEvents<T>((a, b, relation) => !ok(a, b, relation))(events)

/** An order of events by their timestamps: does `a` come before `b`? It gets the nodes as well, for orders that break ties by them. */
export type TimestampOrder<T> = (a: T, b: T, nodeOfA: Id, nodeOfB: Id) => boolean

/** a → b ⇒ L(a) < L(b). (Lamport 1978, "Clock Condition"; K, "Lamport clocks in words".) */
export const clockCondition = <T>(less: TimestampOrder<T>): ((events: Causality) => boolean) =>
  eachTwoEvents<T>((a, b, relation) => relation !== 'before' || less(a.timestamp, b.timestamp, a.node, b.node))

/**
 * L(a) < L(b) ⇔ a → b. (K, "Vector clocks ordering"; F. Mattern, "Virtual Time and Global States of Distributed Systems", 1989.)
 * With `uniqueTimestamps` it gives L(a) ∥ L(b) ⇔ a ∥ b as well. False of Lamport clocks: K, "Lamport clocks in words".
 */
export const strongClockCondition = <T>(less: TimestampOrder<T>): ((events: Causality) => boolean) =>
  eachTwoEvents<T>((a, b, relation) => (relation === 'before') === less(a.timestamp, b.timestamp, a.node, b.node))

/** L(a) = L(b) only for a = b; with `of: 'node'` among events of one node: (L(e), N(e)) "uniquely identifies event e". (K, "Lamport clocks example".) */
export const uniqueTimestamps = ({ of }: { readonly of: 'node' | 'system' }): ((events: Causality) => boolean) =>
  eachTwoEvents((a, b) => !is(a.timestamp, b.timestamp) || (of === 'node' && a.node !== b.node))

/**
 * `less` is a total order of all events: of any two, one comes before the other and not the other way round, and the events stand in a row. (K, "Lamport clocks
 * example": ≺.) With `clockCondition(less)` that row contains →.
 */
export const totalOrderOfEvents =
  <T>(less: TimestampOrder<T>) =>
  (events: Causality): boolean => {
    const all = eventsOf(events) as readonly Stamped<T>[]
    const before = (a: Stamped<T>, b: Stamped<T>): boolean => less(a.timestamp, b.timestamp, a.node, b.node)
    const oneWay = all.every(a => all.every(b => a === b || before(a, b) !== before(b, a)))
    // Such an order is transitive if and only if no two events have equally many before them.
    const places = all.map(b => all.filter(a => a !== b && before(a, b)).length)
    return oneWay && Set(places).size === all.length
  }
