/**
 * What stands on a broadcast: an application in the same node, to which it hands each message that it delivers. The broadcast is a value, and any will do.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Receiving versus delivering": the broadcast algorithm is the middleware.
 */
import { Record } from 'immutable'
import type { Here, Id, Layer, LayerHere, Message, NodeState, Packet, Tagged } from '../../checker/index.ts'
import { causal } from '../causal-broadcast/protocol.ts'
import { fifo } from '../fifo-broadcast/protocol.ts'
import { broadcastMsg, raft, type Server } from '../raft/protocol.ts'
import { type Reliable, reliable } from '../reliable-broadcast/protocol.ts'
import { lamport } from '../total-order-lamport/protocol.ts'
import { leader, totalOrderLeader } from '../total-order-leader/protocol.ts'

/** A node: the application, and under it the broadcast. */
export class Stacked<A extends NodeState> extends Record({ app: undefined as unknown as NodeState, below: undefined as unknown as NodeState }) {
  declare readonly app: A
}

/** The messages are those of the broadcast below, whichever it is: their types are known where the broadcast is made a value, and erased here. */
export type StackedRoles<A extends NodeState> = { node: { state: Stacked<A>; inbox: Tagged } }

type HereBelow = Here<StackedRoles<NodeState>, 'node', Tagged & { readonly message?: unknown }>

/** A broadcast, as a value: its part of a node, and what that does. */
export interface Broadcast {
  readonly init: NodeState
  readonly on: { readonly [type: string]: (state: NodeState, message: Tagged, from: Id<'node'>, here: HereBelow) => NodeState }
  readonly actions: { readonly [name: string]: { when(state: NodeState, here: HereBelow): boolean; do(state: NodeState, here: HereBelow): NodeState } }
  broadcast(state: NodeState, m: unknown, here: HereBelow): NodeState
  /** Whether it has somebody to hand a message to. */
  isReady(state: NodeState): boolean
  /** What it delivered between two states, where it does not tell the observers so. */
  delivered(before: NodeState, after: NodeState): readonly unknown[]
}

const always = () => true
const nothing = () => []

/** A layer needs nothing but packets. */
const ofLayer = <S extends NodeState>(layer: Layer<S, unknown, never>): Broadcast => ({
  init: layer.init,
  on: {
    Packet(state, packet, _, here) {
      const [next, delivered] = layer.receive(state as S, packet as Packet<never>, here as unknown as LayerHere<never>)
      for (const message of delivered) here.emit({ type: 'deliver', message })
      return next
    },
  },
  actions: {},
  broadcast: (state, m, here) => layer.broadcast(state as S, m, here as unknown as LayerHere<never>),
  isReady: always,
  delivered: nothing,
})

/** Best-effort: each message is sent once to every node, and what arrives is delivered, as often as it arrives. */
const bestEffort: Layer<Reliable, unknown, unknown> = {
  init: reliable.init,
  broadcast: reliable.broadcast,
  receive: (state, { msg }) => [state, [msg]],
}

/** Total order broadcast by a leader, or by Raft: their handlers, as they are. Raft goes as far as `terms`. */
const byLeader: Broadcast = {
  init: totalOrderLeader().roles.node.init(),
  on: totalOrderLeader().roles.node.on as unknown as Broadcast['on'],
  actions: {},
  broadcast(state, m, { nodes, send }) {
    send(leader(nodes.node), { type: 'Forward', m } as Tagged)
    return state
  },
  isReady: always,
  delivered: nothing,
}

const byRaft = (terms: number): Broadcast => {
  const { init, on, actions } = raft({ terms }).roles.node
  return {
    init: init({ self: null } as never),
    on: on as unknown as Broadcast['on'],
    actions: { electionTimeout: actions.electionTimeout, replicate: actions.replicate } as unknown as Broadcast['actions'],
    broadcast: (state, m, here) => broadcastMsg(state as Server, m as Message, here as never),
    isReady: state => (state as Server).currentLeader !== null,
    delivered: (before, after) =>
      (after as Server).log
        .slice((before as Server).commitLength, (after as Server).commitLength)
        .map(({ msg }) => msg)
        .toArray(),
  }
}

const broadcasts = {
  'best-effort': () => ofLayer(bestEffort as Layer<Reliable, unknown, never>),
  reliable: () => ofLayer(reliable as Layer<Reliable, unknown, never>),
  fifo: () => ofLayer(fifo as Layer<typeof fifo.init, unknown, never>),
  causal: () => ofLayer(causal as Layer<typeof causal.init, unknown, never>),
  lamport: () => ofLayer(lamport as Layer<typeof lamport.init, unknown, never>),
  leader: () => byLeader,
  raft: byRaft,
} satisfies { readonly [name: string]: (terms: number) => Broadcast }

/** The broadcasts that there are, by name: each of the last three is one in total order. */
export type BroadcastName = keyof typeof broadcasts

/** @throws Error if there is none of this name */
export const broadcastOf = (name: string, terms: number): Broadcast => {
  if (!Object.hasOwn(broadcasts, name)) throw new Error(`There is no broadcast ${name}: ${Object.keys(broadcasts).join(', ')}.`)
  return broadcasts[name as BroadcastName](terms)
}

/** The application in a node: it begins with `init`, and takes what is delivered to it. */
export interface Application<A extends NodeState, E extends Tagged> {
  readonly init: A
  deliver(app: A, message: never, here: Here<StackedRoles<A>, 'node', E>): A
}

/** The role of a node in which an application stands on a broadcast. Its own actions are added by the protocol; they broadcast by `send`. */
export const stack = <A extends NodeState, E extends Tagged>(below: Broadcast, application: Application<A, E>) => {
  type HereAbove = Here<StackedRoles<A>, 'node', E>

  /** A step of the broadcast, and what it delivers to the application. */
  const taken = (n: Stacked<A>, here: HereAbove, step: (here: HereBelow) => NodeState): Stacked<A> => {
    const delivered: unknown[] = []
    const after = step({
      ...here,
      emit: ({ type, message }: { readonly type: string; readonly message?: unknown }) => void (type === 'deliver' && delivered.push(message)),
    } as unknown as HereBelow)
    delivered.push(...below.delivered(n.below, after))
    return n.merge({ below: after, app: delivered.reduce<A>((app, message) => application.deliver(app, message as never, here), n.app) })
  }

  const role = {
    init: () => new Stacked<A>({ app: application.init, below: below.init }),
    on: Object.fromEntries(
      Object.entries(below.on).map(([type, handler]) => [
        type,
        (n: Stacked<A>, message: Tagged, from: Id<'node'>, here: HereAbove) => taken(n, here, its => handler(n.below, message, from, its)),
      ]),
    ),
    actions: Object.fromEntries(
      Object.entries(below.actions).map(([name, action]) => [
        name,
        {
          when: (n: Stacked<A>, here: HereAbove) => action.when(n.below, here as unknown as HereBelow),
          do: (n: Stacked<A>, here: HereAbove) => taken(n, here, its => action.do(n.below, its)),
        },
      ]),
    ),
  }
  const send = (n: Stacked<A>, m: unknown, here: HereAbove): Stacked<A> => taken(n, here, its => below.broadcast(n.below, m, its))

  return {
    role,
    /** The application broadcasts. */
    send,
    /** The same, and what the node sends to itself is there at once: "replicas process operations based only on their local state" (slide "Eventual consistency"). */
    sendAndDeliver(n: Stacked<A>, m: unknown, here: HereAbove): Stacked<A> {
      const own: Tagged[] = []
      const toOthers = (to: Id<'node'> | Iterable<Id<'node'>>, packet: Tagged) => {
        const receivers = Symbol.iterator in to ? [...to] : [to]
        if (receivers.includes(here.self)) own.push(packet)
        here.send(
          receivers.filter(id => id !== here.self),
          packet as never,
        )
      }
      const sent = send(n, m, { ...here, send: toOthers as typeof here.send })
      return own.reduce((next, packet) => role.on[packet.type]?.(next, packet, here.self, here) ?? next, sent)
    },
    isReady: (n: Stacked<A>) => below.isReady(n.below),
  }
}
