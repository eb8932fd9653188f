import { isRecord, Record } from 'immutable'
import { SpecError } from './errors.ts'
import type { Id } from './id.ts'
import type { DeliveryEvent } from './judges/delivery.ts'
import { suggest } from './nearest.ts'
import type { Action, Here, Role } from './protocol.ts'
import type { NodeState } from './roles.ts'

/** What a layer hands to the network. */
export interface Packet<T> {
  readonly type: 'Packet'
  readonly msg: T
}

/** The roles of a protocol whose nodes talk in packets. */
export type LayerRoles<T, S extends NodeState = NodeState> = { readonly node: { readonly state: S; readonly inbox: Packet<T> } }

/** Where a layer runs: what `Here` is to a handler, of which `emit` is left to the application. */
export type LayerHere<T> = Omit<Here<LayerRoles<T>, 'node'>, 'emit'>

/**
 * A broadcast algorithm as the middleware between the application (or another layer) and the network. (Kleppmann, Distributed Systems, "Receiving versus delivering".)
 * It takes messages `M` to broadcast and delivers them; it sends and receives packets that hold a `T`.
 *
 * A layer is a value of pure functions on its part of the node's state. The layer above holds that part in a field and calls the functions from its own handlers, in
 * one step of one node: so layers cost no messages, no steps and no states of their own, and each is checked alone as well. The alternative, a node for each layer
 * and messages between them, would interleave what a real node does in one go.
 *
 * @example
 * ```ts code
 * const once: Layer<Sender, unknown, unknown> = {
 *   init: new Sender(),
 *   broadcast(state, msg, { nodes, send }) {
 *     send(nodes.node, { type: 'Packet', msg })
 *     return state.set('sent', state.sent + 1)
 *   },
 *   receive: (state, { msg }) => [state, [msg]],
 * }
 * applicationOver(once, { nodes: 3, messages: 1 })
 * ```
 */
export interface Layer<S extends NodeState, M, T> {
  readonly init: S
  broadcast(state: S, m: M, here: LayerHere<T>): S
  /** The state after the receipt of a packet, and what is thereby delivered to the layer above, in this order. */
  receive(state: S, packet: Packet<T>, here: LayerHere<T>): readonly [state: S, delivered: readonly M[]]
}

/** A message of the application: whose, and which of its messages, from 0. So no two are the same. */
export class Message extends Record({ by: null as Id<'node'> | null, number: 0 }) {}

/** A node that has nothing but an application and a layer under it. */
export class ApplicationNode<S extends NodeState> extends Record({ requests: 0, layer: undefined as unknown as NodeState }) {
  declare readonly layer: S
}

type ApplicationRole<S extends NodeState, T> = Role<LayerRoles<T, ApplicationNode<S>>, 'node', DeliveryEvent> & {
  readonly actions: { readonly broadcast: Action<LayerRoles<T, ApplicationNode<S>>, 'node', DeliveryEvent> }
}

/** The bound of the model: how many nodes broadcast (by default all), and how many messages each. */
export interface ApplicationBounds {
  readonly nodes: number
  readonly senders?: number
  readonly messages: number
}

/**
 * The role of such a node: an application that broadcasts at any time, and tells the observers (`deliveries`, `fifoOrder`, `causalOrder`, `totalOrder`) what it broadcasts and what is delivered to it.
 * With fewer senders than nodes these are told apart by rank, which ends the symmetry.
 *
 * @example
 * ```ts broadcast
 * roles: { node: applicationOver(bestEffort, { nodes: 3, messages: 1 }) },
 * ```
 */
export const applicationOver = <S extends NodeState, T>(
  layer: Layer<S, unknown, T>,
  { nodes, senders = nodes, messages }: ApplicationBounds,
): ApplicationRole<S, T> => {
  checkLayer(layer)
  for (const [name, value] of Object.entries({ nodes, senders, messages }))
    if (!Number.isInteger(value) || value < 0)
      throw new SpecError({ title: 'NOT A BOUND', place: 'applicationOver', what: `${name} is ${String(value)}.`, hint: 'It should be a whole number from 0.' })
  return roleOver(layer, nodes, senders, messages)
}

const layerKeys = ['init', 'broadcast', 'receive']

/** @throws SpecError */
const checkLayer = (layer: object): void => {
  const refuse = (what: string, hint: string): never => {
    throw new SpecError({ title: 'NOT A LAYER', place: 'applicationOver', what, hint })
  }
  if (typeof layer !== 'object' || layer === null) refuse(`The layer is ${String(layer)}.`, 'A layer is an object { init, broadcast, receive }.')
  for (const key of Object.keys(layer)) if (!layerKeys.includes(key)) refuse(`It has the key ${key}, which means nothing there.`, suggest(key, layerKeys))
  const { init, broadcast, receive } = layer as { readonly [key: string]: unknown }
  if (!isRecord(init)) refuse('Its init is no Immutable Record.', 'init is the state that a layer begins with.')
  for (const [name, code] of Object.entries({ broadcast, receive }))
    if (typeof code !== 'function') refuse(`Its ${name} is no function.`, 'A layer is an object { init, broadcast, receive }.')
}

const roleOver = <S extends NodeState, T>(layer: Layer<S, unknown, T>, nodes: number, senders: number, messages: number): ApplicationRole<S, T> => ({
  count: nodes,
  init: () => new ApplicationNode<S>({ layer: layer.init }),
  actions: {
    broadcast: {
      when: (node, { self }) => node.requests < messages && (senders >= nodes || self.rank < senders),
      do(node, here) {
        const m = new Message({ by: here.self, number: node.requests })
        here.emit({ type: 'broadcast', message: m })
        return node.merge({ requests: node.requests + 1, layer: layer.broadcast(node.layer, m, here) })
      },
    },
  },
  on: {
    Packet(node, packet, _, here) {
      const [state, delivered] = layer.receive(node.layer, packet, here)
      for (const message of delivered) here.emit({ type: 'deliver', message })
      return node.set('layer', state)
    },
  },
})
