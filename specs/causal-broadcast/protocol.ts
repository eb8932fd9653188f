/**
 * Causal broadcast: a message is delivered after all that its sender had delivered or broadcast before it.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Causal broadcast algorithm", line by line; ≤ as on "Vector clocks ordering".
 */
import { Map, Record, Set } from 'immutable'
import {
  type ApplicationNode,
  agreement,
  always,
  applicationOver,
  canAlways,
  causalOrder,
  type Deliveries,
  type DeliveryEvent,
  deliveries,
  family,
  fifoOrder,
  type Id,
  kept,
  type LayerHere,
  type LayerRoles,
  noCreation,
  noDuplication,
  observed,
  type Packet,
  type Protocol,
  reachable,
  type World,
} from '../../checker/index.ts'
import { reliable } from '../reliable-broadcast/protocol.ts'

type Node = Id<'node'>

/** A number for each node, 0 for those that it does not name. */
type Vector = Map<Node | null, number>

/** T ≤ T' iff T[i] ≤ T'[i] for all i. */
const isAtMost = (a: Vector, b: Vector) => a.every((count, i) => count <= b.get(i, 0))

/** (sender, deps, m) */
export class Dependent extends Record({ sender: null as Node | null, deps: Map() as Vector, m: undefined as unknown }) {}

// on initialisation
class Causal extends Record({ sendSeq: 0, delivered: Map() as Vector, buffer: Set<Dependent>(), reliable: reliable.init }) {}

export const causal = {
  init: new Causal(),

  // on request to broadcast m at node Ni
  broadcast(n: Causal, m: unknown, here: LayerHere<Dependent>): Causal {
    const { self: i } = here
    const deps = n.delivered.set(i, n.sendSeq)
    const below = reliable.broadcast(n.reliable, new Dependent({ sender: i, deps, m }), here)
    return n.merge({ reliable: below, sendSeq: n.sendSeq + 1 })
  },

  // on receiving msg from reliable broadcast at node Ni
  receive(n: Causal, packet: Packet<Dependent>, here: LayerHere<Dependent>): readonly [Causal, readonly unknown[]] {
    const [below, received] = reliable.receive(n.reliable, packet, here)
    let { delivered } = n
    let buffer = n.buffer.union(received)
    const ready = () => buffer.filter(({ deps }) => here.rule('after its causes', isAtMost(deps, delivered)))
    const messages: unknown[] = []
    for (let some = ready(); !some.isEmpty(); some = ready()) {
      const msg = here.choose(some)
      messages.push(msg.m)
      buffer = buffer.delete(msg)
      delivered = delivered.set(msg.sender, delivered.get(msg.sender, 0) + 1)
    }
    return [n.merge({ reliable: below, delivered, buffer }), messages]
  },
}

type Roles = LayerRoles<Dependent, ApplicationNode<Causal>>

/** The network is that of `fifo-broadcast`. Two senders are enough for an answer to overtake what it answers, two messages of one for its order; a third node hears of both. */
export const causalBroadcast = family({ nodes: 3, senders: 2, messages: 2 }, ({ nodes, senders, messages }) => {
  const role = applicationOver(causal, { nodes, senders, messages })
  return {
    name: 'causal-broadcast',
    source: 'Kleppmann 2025/26, Distributed Systems, slide Causal broadcast algorithm',
    network: 'fair-loss',
    roles: {
      node: {
        ...role,
        actions: {
          ...role.actions,
          repeat: {
            when: ({ layer }) => !layer.reliable.received.isEmpty(),
            do(n, here) {
              reliable.repeat(n.layer.reliable, here)
              return n
            },
          },
        },
      },
    },
    observers: { causal: causalOrder(), fifo: fifoOrder(), deliveries: deliveries() },
    properties: {
      /** "If broadcast(m1) → broadcast(m2) then m1 must be delivered before m2." */
      causal: observed('causal', kept),

      /** And so FIFO: what a node broadcasts happens in its own order. */
      fifo: observed('fifo', kept),

      /** "If some node delivers a message m, then m was previously broadcast by some node." */
      noCreation: observed('deliveries', noCreation),

      /** "A node does not deliver the same message more than once." */
      noDuplication: observed('deliveries', noDuplication),

      /** "Non-faulty nodes deliver every message": if one delivers m, it stays possible that all do. None is lost on the way from the network to the application. */
      agreement: canAlways(always(({ nodes, observer }: World<Roles, string>) => agreement(observer('deliveries') as Deliveries, nodes.node))),

      /** Every node delivers every message, its own too. */
      allDelivered: reachable(
        observed(
          'deliveries',
          ({ delivered }: Deliveries) => delivered.size === nodes && delivered.every(set => set.size === Math.min(senders, nodes) * messages),
        ),
      ),
    },
  } satisfies Protocol<Roles, DeliveryEvent>
})
