import { List, Map, Record, Set } from 'immutable'
import type { Id } from '../id.ts'
import type { Observer } from '../protocol.ts'
import type { DeliveryEvent } from './delivery.ts'

/** A message that this node delivered after some others, each of which another node had delivered after it: pairs of that node and the message. */
export class Disagreement extends Record({ at: null as Id | null, message: undefined as unknown, against: Set<List<unknown>>() }) {}

/** What `totalOrder` remembers: the order in which each node first delivered each message. */
export class TotalOrder extends Record({
  delivered: Map<Id, List<unknown>>(),
  violation: null as Disagreement | null,
}) {}

/**
 * Total order: "let N₁ and N₂ be two nodes that each deliver two messages m₁ and m₂, and assume that N₁ delivers m₁ before m₂. Then N₂ also delivers
 * m₁ before m₂." (Kleppmann, Distributed Systems, "How total order broadcast should behave", 1.) Judge it with `kept`; 2 and 3 are `noCreation` and `noDuplication`
 * of `deliveries`. A node that delivers a message again is a matter of 3 only; that a node leaves a message out is none of 1:
 * where that is wrong too, `arePrefixConsistent` says so.
 *
 * @example
 * ```ts broadcast
 * observers: { order: totalOrder() },
 * properties: { disagree: reachable(observed('order', (order: TotalOrder) => !kept(order))) }, // best-effort broadcast is no total order
 * ```
 */
export const totalOrder = (): Observer<DeliveryEvent, TotalOrder> => ({
  init: new TotalOrder(),
  on(state, { type, message }, node) {
    if (state.violation !== null || type !== 'deliver') return state
    const earlier = state.delivered.get(node, List<unknown>())
    if (earlier.includes(message)) return state
    const against = Set<List<unknown>>().withMutations(pairs => {
      state.delivered.delete(node).forEach((theirs, other) => {
        const place = theirs.indexOf(message)
        if (place === -1) return
        for (const later of theirs.skip(place + 1)) if (earlier.includes(later)) pairs.add(List([other, later]))
      })
    })
    if (!against.isEmpty()) return new TotalOrder({ violation: new Disagreement({ at: node, message, against }) })
    return state.set('delivered', state.delivered.set(node, earlier.push(message)))
  },
})
