import { Map, Record, Set } from 'immutable'
import type { Id } from '../id.ts'
import type { Observer } from '../protocol.ts'
import { type DeliveryEvent, throwNotUnique } from './delivery.ts'

/** A message that was broadcast, and those that every node must deliver before it. */
class Ordered extends Record({ by: null as Id | null, after: Set<unknown>() }) {}

/** A message delivered too early: at this node, before those that had to come first. */
export class TooEarly extends Record({ at: null as Id | null, message: undefined as unknown, missing: Set<unknown>() }) {}

/** What `fifoOrder` and `causalOrder` remember: not in which order the nodes delivered, as long as it was a right one. */
export class DeliveryOrder extends Record({
  broadcast: Map<unknown, Ordered>(),
  delivered: Map<Id, Set<unknown>>(),
  violation: null as TooEarly | null,
}) {}

/** A node delivers no message before those that had to come `before` the message when it was broadcast. */
const deliveryOrder = (before: (state: DeliveryOrder, node: Id) => Set<unknown>): Observer<DeliveryEvent, DeliveryOrder> => ({
  init: new DeliveryOrder(),
  on(state, { type, message }, node) {
    if (state.violation !== null) return state
    if (type === 'broadcast') {
      if (state.broadcast.has(message)) throwNotUnique(message)
      return state.set('broadcast', state.broadcast.set(message, new Ordered({ by: node, after: before(state, node) })))
    }
    if (type !== 'deliver') return state
    const delivered = state.delivered.get(node, Set<unknown>())
    const missing = (state.broadcast.get(message)?.after ?? Set<unknown>()).subtract(delivered)
    if (!missing.isEmpty()) return new DeliveryOrder({ violation: new TooEarly({ at: node, message, missing }) })
    return state.set('delivered', state.delivered.set(node, delivered.add(message)))
  },
})

const broadcastBy = (state: DeliveryOrder, node: Id): Set<unknown> =>
  state.broadcast
    .filter(({ by }) => by === node)
    .keySeq()
    .toSet()

/**
 * FIFO broadcast: "if m₁ and m₂ are broadcast by the same node, and broadcast(m₁) → broadcast(m₂), then m₁ must be delivered before m₂".
 * (Kleppmann, Distributed Systems, "Forms of reliable broadcast".) Read as V. Hadzilacos and S. Toueg do ("A Modular Approach to Fault-Tolerant Broadcasts",
 * 1994): a node delivers m₂ only if it has delivered m₁; so an m₁ left out is a violation as well. Judge it with `kept`.
 *
 * @example
 * ```ts broadcast
 * observers: { order: fifoOrder() },
 * properties: { fifo: observed('order', kept) },
 * ```
 */
export const fifoOrder = (): Observer<DeliveryEvent, DeliveryOrder> => deliveryOrder(broadcastBy)

/**
 * Causal broadcast: "if broadcast(m₁) → broadcast(m₂) then m₁ must be delivered before m₂". (K, ibid.; Hadzilacos & Toueg 1994.) Judge it with `kept`.
 *
 * The events of → are the application's: broadcasts and deliveries. A message that a node has received but not yet delivered cannot have caused what the node
 * broadcasts next, and the algorithm of the slides, deps := delivered, does not take it for a cause.
 * What a node has delivered and broadcast itself is all that can have caused its next message: by transitivity there is more only if
 * it delivered an effect before its cause, which is a violation already.
 *
 * @example
 * ```ts broadcast
 * observers: { order: causalOrder() },
 * properties: { overtaken: reachable(observed('order', (order: DeliveryOrder) => !kept(order))) }, // best-effort broadcast is not causal
 * ```
 */
export const causalOrder = (): Observer<DeliveryEvent, DeliveryOrder> =>
  deliveryOrder((state, node) => state.delivered.get(node, Set<unknown>()).union(broadcastBy(state, node)))
