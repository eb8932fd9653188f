/**
 * Reliable broadcast: every message reaches all nodes that do not crash, or none of them.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Broadcast algorithms" and "Eager reliable broadcast".
 */
import { Record, Set } from 'immutable'
import {
  agreement,
  always,
  applicationOver,
  canAlways,
  crashStop,
  type Deliveries,
  type DeliveryEvent,
  deliveries,
  eventuallyAlways,
  fairDelivery,
  family,
  type Id,
  type LayerHere,
  type LayerRoles,
  noCreation,
  noDuplication,
  observed,
  type Packet,
  type Protocol,
  reachable,
  validity,
  type World,
  weaklyFair,
} from '../../checker/index.ts'

type Node = Id<'node'>

/** Which messages it has received, whoever they came from. */
export class Reliable extends Record({ received: Set<unknown>() }) {}

export const reliable = {
  init: new Reliable(),

  /**
   * "Broadcasting node sends message directly to every other node", and to itself: a node delivers its own messages too (slide "Total order broadcast (1)"), and
   * that may take time, so that one may overtake another.
   */
  broadcast<T>(n: Reliable, msg: T, { nodes, send }: LayerHere<T>): Reliable {
    send(nodes.node, { type: 'Packet', msg })
    return n
  },

  /** "The first time a node receives a particular message, it re-broadcasts to each other node." */
  receive<T>(n: Reliable, { msg }: Packet<T>, { others, rule, send }: LayerHere<T>): readonly [Reliable, readonly T[]] {
    const isFirst = !n.received.has(msg)
    if (rule('re-broadcasts the first time', isFirst)) send(others, { type: 'Packet', msg })
    return [n.set('received', n.received.add(msg)), rule('delivers the first time', isFirst) ? [msg] : []]
  },

  /** The links retry, where they may lose messages: what it has received, a node sends to each other node again. */
  repeat<T>(n: Reliable, { choose, others, send }: LayerHere<T>): void {
    send(others, { type: 'Packet', msg: choose(n.received) as T })
  },
}

/** A packet that a link has not got through yet. */
class Outgoing extends Record({ to: null as Node | null, msg: undefined as unknown }) {}

class Linked extends Record({ links: Set<Outgoing>(), broadcast: reliable.init }) {}

/**
 * Reliable links, "retry + deduplicate". A link keeps a packet until it gets through; the step `transmit` is the attempt that does. What the links of a
 * node hold when it crashes is lost: so it may crash before all its packets are sent. The layer above deduplicates.
 */
const overLinks = {
  init: new Linked(),
  broadcast: (n: Linked, msg: unknown, here: LayerHere<unknown>): Linked => {
    const out = collect(n, here)
    const broadcast = reliable.broadcast(n.broadcast, msg, out.here)
    return n.merge({ broadcast, links: out.links() })
  },
  receive(n: Linked, packet: Packet<unknown>, here: LayerHere<unknown>): readonly [Linked, readonly unknown[]] {
    const out = collect(n, here)
    const [broadcast, delivered] = reliable.receive(n.broadcast, packet, out.here)
    return [n.merge({ broadcast, links: out.links() }), delivered]
  },
}

/** The context for the layer above: what it sends goes into the links. */
const collect = (n: Linked, here: LayerHere<unknown>) => {
  let { links } = n
  const send = (to: Node | Iterable<Node>, { msg }: Packet<unknown>) => {
    for (const node of Set<Node>(Symbol.iterator in to ? to : [to])) links = links.add(new Outgoing({ to: node, msg }))
  }
  return { here: { ...here, send } as LayerHere<unknown>, links: () => links }
}

type Roles = LayerRoles<unknown, ReturnType<ReturnType<typeof node>['init']>>

const node = (bounds: { nodes: number; senders: number; messages: number }) => applicationOver(overLinks, bounds)

const correct =
  (judge: typeof agreement) =>
  ({ observer, nodes, crashed }: World<Roles, string>) =>
    judge(
      observer('deliveries') as Deliveries,
      nodes.node.filter(id => !crashed(id)),
    )

/**
 * The algorithm treats each message by itself, so one is enough. `agreement` and `validity` are judged among the nodes that have not crashed; as a crash of the
 * node that lacks a message would also settle it, they say most once the crashes are used up, and with `crashes: 0`.
 */
export const reliableBroadcast = family({ nodes: 3, senders: 1, messages: 1, crashes: 1 }, ({ nodes, senders, messages, crashes }) => {
  const role = node({ nodes, senders, messages })
  return {
    name: 'reliable-broadcast',
    source: 'Kleppmann 2025/26, Distributed Systems, slides Broadcast algorithms and Eager reliable broadcast',
    network: 'reliable',
    faults: [crashStop('node', { atMost: crashes })],
    roles: {
      node: {
        ...role,
        actions: {
          ...role.actions,
          transmit: {
            when: ({ layer }) => !layer.links.isEmpty(),
            do(n, { choose, send }) {
              const outgoing = choose(n.layer.links)
              send(outgoing.to as Node, { type: 'Packet', msg: outgoing.msg })
              return n.set('layer', n.layer.set('links', n.layer.links.delete(outgoing)))
            },
          },
        },
      },
    },
    observers: { deliveries: deliveries() },
    // "Reliable links": what a node sends gets through in the end, as long as it is up to retry. To broadcast is its own business.
    fairness: [fairDelivery(), weaklyFair('node', 'transmit')],
    properties: {
      /** "A node does not deliver the same message more than once." */
      noDuplication: observed('deliveries', noDuplication),

      /** "If some node delivers a message m, then m was previously broadcast by some node." */
      noCreation: observed('deliveries', noCreation),

      /** "Non-faulty nodes deliver every message", 1: if one of them delivers m, it stays possible that all do. */
      agreement: canAlways(always(correct(agreement))),

      /** 2: what one of them broadcasts, it can deliver itself. */
      validity: canAlways(always(correct(validity))),

      /** Both, as they are meant: in the end. */
      agreementInTheEnd: eventuallyAlways(always(correct(agreement))),
      validityInTheEnd: eventuallyAlways(always(correct(validity))),

      /** The others deliver what a sender broadcast that has crashed (if the bounds let it). */
      outlivesItsSender: reachable(
        always(({ nodes, crashed, observer }: World<Roles, string>) => {
          const { broadcast, delivered } = observer('deliveries') as Deliveries
          return crashes === 0 || broadcast.some((by, m) => crashed(by as Node) && nodes.node.every(id => crashed(id) || delivered.get(id)?.has(m)))
        }),
      ),
    },
  } satisfies Protocol<Roles, DeliveryEvent>
})
