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

/** An event that happened, as `happensBefore` keeps it. */
export class Happening extends Record({
  timestamp: undefined as unknown,
  sends: null as unknown, // what names the message, if this is a sending
  past: Map<Id, number>(), // how many of each node's events happened before it
}) {}

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
 * With an event, the past of another contains all earlier events of the same node; so it is kept as their number, for each node. (They are counted, not taken from
 * the timestamps; so vector clocks can be judged by it.) The state grows with every event: the protocol must bound them.
 * Should a broken protocol send two messages of one name, a receipt is that of the first, which it follows in any case: → never says too much.
 * @throws SpecError when a message is received that was never sent.
 *
 * @example
 * ```ts clocks
 * observers: { events: happensBefore<number>() },
 * properties: { clocks: observed('events', clockCondition<number>((a, b) => a < b)) },
 * ```
 */
export const happensBefore = <T = unknown>(): Observer<CausalEvent<T>, Causality> => ({
  init: Map<Id, List<Happening>>(),
  on(events, event, node) {
    if (event.type !== 'local' && event.type !== 'send' && event.type !== 'receive') return events
    const own = events.get(node, List<Happening>())
    let past = pastAfter(node, own, own.size)
    if (event.type === 'receive') {
      const { sender, message } = event
      const theirs = events.get(sender, List<Happening>())
      const sending = theirs.findIndex(({ sends }) => sends !== null && is(sends, message))
      if (sending === -1) throwNeverSent(node, sender, message)
      past = past.mergeWith((a, b) => Math.max(a, b), pastAfter(sender, theirs, sending + 1))
    }
    const sends = event.type !== 'send' ? null : event.message === undefined ? event.timestamp : event.message
    return events.set(node, own.push(new Happening({ timestamp: event.timestamp, sends, past })))
  },
})

/** The first `count` events of a node, and the past of the last of them. */
const pastAfter = (node: Id, own: List<Happening>, count: number): Map<Id, number> =>
  count === 0 ? Map() : (own.get(count - 1) as Happening).past.set(node, count)

/** How one event stands to another: `before` is →, `concurrent` is ∥. */
export type CausalRelation = 'before' | 'after' | 'concurrent'

/** An event as it is judged: where it happened, as which of its node's events (from 0), and its timestamp. */
export interface Stamped<T> {
  readonly node: Id
  readonly index: number
  readonly timestamp: T
  /** How many of each node's events happened before it. */
  readonly past: Map<Id, number>
}

/**
 * All events, those of each node in their order.
 *
 * @example
 * ```ts clocks
 * observers: { events: happensBefore<number>() },
 * properties: { few: observed('events', (events: Causality) => eventsOf<number>(events).every(({ timestamp }) => timestamp <= 2)) },
 * ```
 */
export const eventsOf = <T>(events: Causality): readonly Stamped<T>[] =>
  [...events].flatMap(([node, own]) => [...own].map(({ timestamp, past }, index) => ({ node, index, timestamp: timestamp as T, past })))

/**
 * How `a` stands to another event `b`.
 *
 * @example
 * ```ts clocks
 * observers: { events: happensBefore<number>() },
 * properties: {
 *   inOrder: observed('events', (events: Causality) =>
 *     eventsOf(events).every(a => eventsOf(events).every(b => a.node !== b.node || a.index >= b.index || relationOf(a, b) === 'before')),
 *   ),
 * },
 * ```
 */
export const relationOf = (a: Stamped<unknown>, b: Stamped<unknown>): CausalRelation =>
  b.past.get(a.node, 0) > a.index ? 'before' : a.past.get(b.node, 0) > b.index ? 'after' : 'concurrent'

/**
 * For any two different events a and b, in either order: `ok(a, b, relation)`. The judge that the others are made of; the claims of a
 * slide can be written with it as they stand. O(n²) in the events.
 *
 * @example
 * ```ts clocks
 * observers: { events: happensBefore<number>() },
 * properties: { ordered: observed('events', eachTwoEvents<number>((a, b, relation) => relation !== 'before' || a.timestamp < b.timestamp)) },
 * ```
 */
export const eachTwoEvents =
  <T>(ok: (a: Stamped<T>, b: Stamped<T>, relation: CausalRelation) => boolean) =>
  (events: Causality): boolean => {
    const all = eventsOf<T>(events)
    return all.every(a => all.every(b => a === b || ok(a, b, relationOf(a, b))))
  }

/**
 * For some two different events: `ok(a, b, relation)`. For `reachable`: that events are concurrent at all, say.
 *
 * @example
 * ```ts clocks
 * observers: { events: happensBefore<number>() },
 * properties: { concurrent: reachable(observed('events', someTwoEvents((_a, _b, relation) => relation === 'concurrent'))) },
 * ```
 */
export const someTwoEvents =
  <T>(ok: (a: Stamped<T>, b: Stamped<T>, relation: CausalRelation) => boolean) =>
  (events: Causality): boolean =>
    !eachTwoEvents<T>((a, b, relation) => !ok(a, b, relation))(events)

/** An order of events by their timestamps: does `a` come before `b`? It gets the nodes as well, for orders that break ties by them. */
export type TimestampOrder<T> = (a: T, b: T, nodeOfA: Id, nodeOfB: Id) => boolean

/**
 * a → b ⇒ L(a) < L(b). (Lamport 1978, "Clock Condition"; K, "Lamport clocks in words".)
 *
 * @example
 * ```ts clocks
 * observers: { events: happensBefore<number>() },
 * properties: { clocks: observed('events', clockCondition<number>((a, b) => a < b)) },
 * ```
 */
export const clockCondition = <T>(less: TimestampOrder<T>): ((events: Causality) => boolean) =>
  eachTwoEvents<T>((a, b, relation) => relation !== 'before' || less(a.timestamp, b.timestamp, a.node, b.node))

/**
 * L(a) < L(b) ⇔ a → b. (K, "Vector clocks ordering"; F. Mattern, "Virtual Time and Global States of Distributed Systems", 1989.)
 * With `uniqueTimestamps` it gives L(a) ∥ L(b) ⇔ a ∥ b as well. False of Lamport clocks: K, "Lamport clocks in words".
 *
 * @example
 * ```ts clocks
 * observers: { events: happensBefore<number>() },
 * properties: { notStrong: reachable(observed('events', (events: Causality) => !strongClockCondition<number>((a, b) => a < b)(events))) },
 * ```
 */
export const strongClockCondition = <T>(less: TimestampOrder<T>): ((events: Causality) => boolean) =>
  eachTwoEvents<T>((a, b, relation) => (relation === 'before') === less(a.timestamp, b.timestamp, a.node, b.node))

/**
 * L(a) = L(b) only for a = b; with `of: 'node'` among events of one node: (L(e), N(e)) "uniquely identifies event e". (K, "Lamport clocks example".)
 *
 * @example
 * ```ts clocks
 * observers: { events: happensBefore<number>() },
 * properties: { unique: observed('events', uniqueTimestamps({ of: 'node' })) },
 * ```
 */
export const uniqueTimestamps = ({ of }: { readonly of: 'node' | 'system' }): ((events: Causality) => boolean) =>
  eachTwoEvents((a, b) => !is(a.timestamp, b.timestamp) || (of === 'node' && a.node !== b.node))

/**
 * `less` is a total order of all events: of any two, one comes before the other and not the other way round, and the events stand in a row. (K, "Lamport clocks
 * example": ≺.) With `clockCondition(less)` that row contains →.
 *
 * @example
 * ```ts clocks
 * observers: { events: happensBefore<number>() },
 * properties: { total: observed('events', totalOrderOfEvents<number>((a, b, at, bt) => a < b || (a === b && at.rank < bt.rank))) },
 * ```
 */
export const totalOrderOfEvents =
  <T>(less: TimestampOrder<T>) =>
  (events: Causality): boolean => {
    const all = eventsOf<T>(events)
    const before = (a: Stamped<T>, b: Stamped<T>): boolean => less(a.timestamp, b.timestamp, a.node, b.node)
    const oneWay = all.every(a => all.every(b => a === b || before(a, b) !== before(b, a)))
    // Such an order is transitive if and only if no two events have equally many before them.
    const places = all.map(b => all.filter(a => a !== b && before(a, b)).length)
    return oneWay && Set(places).size === all.length
  }
