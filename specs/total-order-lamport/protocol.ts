/**
 * Total order broadcast without a leader: messages are delivered in the order of their Lamport timestamps.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Total order broadcast algorithms", Lamport clocks approach;
 * the clock as on "Lamport clocks algorithm".
 */
import { List, Map, Record, Set } from 'immutable'
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
  eventually,
  eventuallyAlways,
  fairDelivery,
  family,
  type Id,
  kept,
  type LayerHere,
  type LayerRoles,
  noCreation,
  noDuplication,
  observed,
  type Packet,
  type Proofs,
  type Protocol,
  reachable,
  step,
  totalOrder,
  type World,
  weaklyFair,
} from '../../checker/index.ts'
import { fifo, type Numbered } from '../fifo-broadcast/protocol.ts'

type Node = Id<'node'>

/** A message with its Lamport timestamp and whose it is. */
export class Stamped extends Record({ t: 0, sender: null as Node | null, m: undefined as unknown }) {}

class Lamport extends Record({
  t: 0,
  latest: Map<Node | null, number>(), // the timestamp of the last message seen from each node
  buffer: Set<Stamped>(), // seen and not yet delivered
  out: List<Stamped>(), // what it has broadcast itself
  fifo: fifo.init, // in the place of FIFO links: they would not reach all nodes if the sender crashed half-way
}) {}

export const lamport = {
  init: new Lamport(),

  // "Attach Lamport timestamp to every message."
  broadcast(n: Lamport, m: unknown, here: LayerHere<Numbered>): Lamport {
    const t = n.t + 1
    const stamped = new Stamped({ t, sender: here.self, m })
    return n.merge({ t, out: n.out.push(stamped), fifo: fifo.broadcast(n.fifo, stamped, here) })
  },

  receive(n: Lamport, packet: Packet<Numbered>, here: LayerHere<Numbered>): readonly [Lamport, readonly unknown[]] {
    const [below, received] = fifo.receive(n.fifo, packet, here)
    let { t, latest, buffer } = n
    for (const stamped of received as readonly Stamped[]) {
      if (stamped.sender !== here.self) t = Math.max(t, stamped.t) + 1
      latest = latest.set(stamped.sender, stamped.t)
      buffer = buffer.add(stamped)
    }
    // "Wait for message with timestamp ≥ T from every node."
    const isComplete = (T: number) =>
      here.rule(
        'a later message from every node',
        here.nodes.node.every(node => latest.get(node, 0) >= T),
      )
    const messages: unknown[] = []
    // "Deliver messages in total order of timestamps."
    for (let next = first(buffer, here); next !== undefined && isComplete(next.t); next = first(buffer, here)) {
      messages.push(next.m)
      buffer = buffer.delete(next)
    }
    return [n.merge({ t, latest, buffer, fifo: below }), messages]
  },
}

/** The message with the least timestamp; the order of the nodes breaks ties. */
const first = (buffer: Set<Stamped>, { choose, rule }: LayerHere<Numbered>): Stamped | undefined => {
  const rank = ({ sender }: Stamped) => sender?.rank ?? 0
  const firsts = buffer.filter(a =>
    buffer.every(b => rule('the lower timestamp goes first', a.t < b.t) || (a.t === b.t && rule('the lower node goes first', rank(a) <= rank(b)))),
  )
  return firsts.isEmpty() ? undefined : choose(firsts)
}

type Roles = LayerRoles<Numbered, ApplicationNode<Lamport>>

/**
 * `fair-loss` stands for the links, as in `fifo-broadcast`. Every node broadcasts, since all wait for all; what comes last waits for messages beyond the bound.
 * One message each is enough for every order of stamps and ties among three nodes; with two each, two nodes (in `proofs`) show what else may go wrong: with one,
 * all stamps are known before the first delivery that waits. What happens in the end is asked of two nodes with one message each.
 */
export const totalOrderLamport = family({ nodes: 3, messages: 1 }, ({ nodes, messages }) => {
  const node = applicationOver(lamport, { nodes, messages })
  return {
    name: 'total-order-lamport',
    source: 'Kleppmann 2025/26, Distributed Systems, slides Total order broadcast algorithms and How total order broadcast should behave',
    network: 'fair-loss',
    roles: {
      node: {
        ...node,
        actions: {
          ...node.actions,
          // The links retry: a message that is lost is sent again.
          repeat: {
            when: ({ layer }) => !layer.out.isEmpty(),
            do(n, here) {
              n.layer.out.forEach((stamped, number) => void fifo.broadcast(fifo.init.set('sendSeq', number), stamped, here))
              return n
            },
          },
        },
      },
    },
    // Each node broadcasts in the end, as all wait for all, and the links retry.
    fairness: [fairDelivery(), weaklyFair('node', 'broadcast', 'repeat')],
    observers: { total: totalOrder(), causal: causalOrder(), deliveries: deliveries() },
    properties: {
      /** How total order broadcast should behave, 1: "N1 and N2 each deliver m1 and m2, and N1 delivers m1 before m2. Then N2 also delivers m1 before m2." */
      sameOrder: observed('total', kept),

      /** 2: "If some node delivers a message m, then m was previously broadcast by some node." */
      noCreation: observed('deliveries', noCreation),

      /** 3: "A node does not deliver the same message more than once." */
      noDuplication: observed('deliveries', noDuplication),

      /**
       * The order is causal, as that of Lamport timestamps is. Without the clock's rule for receipts it would be, too: whoever has delivered T has waited for a timestamp ≥ T
       * of its own, and its next is later. That rule is for `laterThanReceived`.
       */
      causal: observed('causal', kept),

      /**
       * "Recipient moves its clock forward": a node broadcasts later than all that it has received. So one message of each node that has received another is enough for that to
       * be delivered; without it a node that says little would hold up one that says much, message for message.
       */
      laterThanReceived: step('node', (before, after) => after.requests === before.requests || before.layer.latest.every(t => t < after.layer.t)),

      /** Nothing is held up for ever: it stays possible that every node delivers as many messages as one node broadcasts, of the node with the least last timestamp. */
      everybodyDelivers: canAlways(
        always(({ nodes, observer }: World<Roles, string>) =>
          nodes.node.every(id => ((observer('deliveries') as Deliveries).delivered.get(id)?.size ?? 0) >= messages),
        ),
      ),

      ...(nodes > 2 || messages > 1
        ? {}
        : {
            /** 4: a node delivers in the end what it broadcasts, as long as all others broadcast after it. That is so of the message with the least timestamp. */
            validityInTheEnd: eventually(
              always(({ nodes, crashed, observer }: World<Roles, string>) =>
                nodes.node.every(id => crashed(id) || (observer('deliveries') as Deliveries).delivered.has(id)),
              ),
            ),

            /** 5: "If one node delivers a message m, then every other node that does not crash eventually delivers m." */
            agreementInTheEnd: eventuallyAlways(
              always(({ nodes, crashed, observer }: World<Roles, string>) =>
                agreement(
                  observer('deliveries') as Deliveries,
                  nodes.node.filter(id => !crashed(id)),
                ),
              ),
            ),
          }),

      /** Every node delivers every message: if all are broadcast in step, none has to wait for a later one. */
      allDelivered: reachable(
        observed('deliveries', ({ delivered }: Deliveries) => delivered.size === nodes && delivered.every(set => set.size === nodes * messages)),
      ),
    },
  } satisfies Protocol<Roles, DeliveryEvent>
})

export const proofs = [{}, { nodes: 2, messages: 2 }, { nodes: 2 }] satisfies Proofs<typeof totalOrderLamport>
