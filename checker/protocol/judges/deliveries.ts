import { Map, Record, Set } from 'immutable'
import type { Id } from '../id.ts'
import type { Observer } from '../protocol.ts'
import { type DeliveryEvent, throwNotUnique } from './delivery.ts'

/** A message that was delivered, and where. */
export class Delivery extends Record({ at: null as Id | null, message: undefined as unknown }) {}

/** What `deliveries` remembers: who broadcast what and which messages each node has delivered, but not in which order. */
export class Deliveries extends Record({
  broadcast: Map<unknown, Id>(),
  delivered: Map<Id, Set<unknown>>(),
  /** The first delivery of a message that nobody had broadcast. */
  created: null as Delivery | null,
  /** The first delivery of a message that the same node had delivered before. */
  duplicated: null as Delivery | null,
}) {}

/**
 * Which messages were broadcast and delivered, whatever the order. Judges: `noCreation`, `noDuplication`; with the nodes that count,
 * `agreement`, `validity`. (Kleppmann, Distributed Systems, "How total order broadcast should behave"; also for every weaker broadcast.)
 *
 * @example
 * ```ts broadcast
 * observers: { deliveries: deliveries() },
 * properties: { noCreation: observed('deliveries', noCreation) },
 * ```
 */
export const deliveries = (): Observer<DeliveryEvent, Deliveries> => ({
  init: new Deliveries(),
  on(state, { type, message }, node) {
    if (type === 'broadcast') return state.broadcast.has(message) ? throwNotUnique(message) : state.set('broadcast', state.broadcast.set(message, node))
    if (type !== 'deliver') return state
    const before = state.delivered.get(node, Set<unknown>())
    const delivery = new Delivery({ at: node, message })
    return state.merge({
      delivered: state.delivered.set(node, before.add(message)),
      created: state.created ?? (state.broadcast.has(message) ? null : delivery),
      duplicated: state.duplicated ?? (before.has(message) ? delivery : null),
    })
  },
})

/**
 * "If some node delivers a message m, then m was previously broadcast by some node." (K, How total order broadcast should behave, 2.)
 *
 * @example
 * ```ts broadcast
 * observers: { deliveries: deliveries() },
 * properties: { noCreation: observed('deliveries', noCreation) },
 * ```
 */
export const noCreation = (state: Deliveries): boolean => state.created === null

/**
 * "A node does not deliver the same message more than once." (K, How total order broadcast should behave, 3.)
 *
 * @example
 * ```ts broadcast
 * observers: { deliveries: deliveries() },
 * properties: { noDuplication: observed('deliveries', noDuplication) },
 * ```
 */
export const noDuplication = (state: Deliveries): boolean => state.duplicated === null

/**
 * Has every one of `nodes` delivered what one of them has? With the nodes that did not crash and `canAlways`, the safety side of
 * "if one node delivers a message m, then every other node that does not crash eventually delivers m". (K, ibid., 5.)
 *
 * @example
 * ```ts broadcast
 * observers: { deliveries: deliveries() },
 * properties: { agreed: canAlways(always(world => agreement(world.observer('deliveries') as Deliveries, world.nodes.node))) },
 * ```
 */
export const agreement = (state: Deliveries, nodes: Iterable<Id>): boolean => {
  const sets = [...nodes].map(node => state.delivered.get(node, Set<unknown>()))
  return sets.every(set => set.equals(sets[0]))
}

/**
 * Has each of `nodes` delivered what it broadcast itself? With the nodes that did not crash and `canAlways`, the safety side of
 * "if a node broadcasts a message m and does not crash, then eventually that node delivers m". (K, ibid., 4.)
 *
 * @example
 * ```ts broadcast
 * observers: { deliveries: deliveries() },
 * properties: { valid: canAlways(always(world => validity(world.observer('deliveries') as Deliveries, world.nodes.node))) },
 * ```
 */
export const validity = (state: Deliveries, nodes: Iterable<Id>): boolean => {
  const counted = Set(nodes)
  return state.broadcast.every((by, message) => !counted.has(by) || state.delivered.get(by, Set()).has(message))
}
