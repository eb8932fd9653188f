/**
 * FIFO broadcast: the messages of each node are delivered in the order in which it broadcast them.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "FIFO broadcast algorithm", line by line.
 */
import { Map, Record, Set } from 'immutable'
import {
  type ApplicationNode,
  agreement,
  always,
  applicationOver,
  canAlways,
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

/** (sender, seq, m) */
export class Numbered extends Record({ sender: null as Node | null, seq: 0, m: undefined as unknown }) {}

// on initialisation
class Fifo extends Record({
  sendSeq: 0,
  delivered: Map<Node | null, number>(), // 0 for whom it does not name
  buffer: Set<Numbered>(),
  reliable: reliable.init,
}) {}

export const fifo = {
  init: new Fifo(),

  // on request to broadcast m at node Ni
  broadcast(n: Fifo, m: unknown, here: LayerHere<Numbered>): Fifo {
    const { self: i } = here
    const below = reliable.broadcast(n.reliable, new Numbered({ sender: i, seq: n.sendSeq, m }), here)
    return n.merge({ reliable: below, sendSeq: n.sendSeq + 1 })
  },

  // on receiving msg from reliable broadcast at node Ni
  receive(n: Fifo, packet: Packet<Numbered>, here: LayerHere<Numbered>): readonly [Fifo, readonly unknown[]] {
    const [below, received] = reliable.receive(n.reliable, packet, here)
    let { delivered } = n
    let buffer = n.buffer.union(received)
    const isNext = ({ sender, seq }: Numbered) => here.rule('in the order of the sender', seq === delivered.get(sender, 0))
    const messages: unknown[] = []
    // At most one is next, since before the receipt none was: "∃ sender, m" is no choice here.
    for (let next = buffer.find(isNext); next !== undefined; next = buffer.find(isNext)) {
      messages.push(next.m)
      buffer = buffer.delete(next) // the slide leaves it there, where its number never comes again
      delivered = delivered.set(next.sender, delivered.get(next.sender, 0) + 1)
    }
    return [n.merge({ reliable: below, delivered, buffer }), messages]
  },
}

type Roles = LayerRoles<Numbered, ApplicationNode<Fifo>>

/**
 * `fair-loss` stands for the links: a message may arrive late, never or again and again. What links must do in the end is a matter of liveness, see `reliable-broadcast`.
 * A second sender is there to get in the way; it takes two messages of one sender to confuse their order, and a third to leave a gap.
 */
export const fifoBroadcast = family({ nodes: 3, senders: 2, messages: 2 }, ({ nodes, senders, messages }) => {
  const role = applicationOver(fifo, { nodes, senders, messages })
  return {
    name: 'fifo-broadcast',
    source: 'Kleppmann 2025/26, Distributed Systems, slide FIFO broadcast algorithm',
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
    observers: { fifo: fifoOrder(), deliveries: deliveries() },
    properties: {
      /** "If m1 and m2 are broadcast by the same node, and broadcast(m1) → broadcast(m2), then m1 must be delivered before m2." */
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
