/**
 * Total order broadcast by a single leader: it puts all messages into the order of its own FIFO broadcast.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Total order broadcast algorithms", single leader approach.
 */
import { List, Map, Record } from 'immutable'
import {
  agreement,
  always,
  canAlways,
  causalOrder,
  type Deliveries,
  type DeliveryEvent,
  deliveries,
  eventuallyAlways,
  fairDelivery,
  family,
  fifoOrder,
  type Id,
  kept,
  Message,
  noCreation,
  noDuplication,
  observed,
  type Packet,
  type Proofs,
  type Protocol,
  reachable,
  totalOrder,
  validity,
  type World,
  weaklyFair,
} from '../../checker/index.ts'
import { fifo, type Numbered } from '../fifo-broadcast/protocol.ts'

type Node = Id<'node'>

/** What goes to the leader. */
type Forward = { readonly type: 'Forward'; readonly m: Message }

class Server extends Record({
  requests: 0,
  sequenced: Map<Node, number>(), // of the leader: how many messages of each node it has broadcast
  out: List<Message>(), // of the leader: what it has broadcast
  fifo: fifo.init,
}) {}

type Roles = { node: { state: Server; inbox: Forward | Packet<Numbered> } }

/** "One node is designated as leader (sequencer)." */
export const leader = (nodes: readonly Node[]) => nodes.find(node => node.rank === 0) as Node

/** As `judge` has it of the nodes that are up. */
const correct =
  (judge: typeof agreement) =>
  ({ observer, nodes, crashed }: World<Roles, string>) =>
    judge(
      observer('deliveries') as Deliveries,
      nodes.node.filter(id => !crashed(id)),
    )

/**
 * `fair-loss` stands for the links, as in `fifo-broadcast`. The last `senders` nodes broadcast, so that with fewer senders than nodes the messages come from others than the leader;
 * two of them, with two messages each, are enough to differ about the order of senders and of messages. The leader broadcasts too in the further `proofs`.
 * What happens in the end is asked of two nodes with one message each.
 */
export const totalOrderLeader = family(
  { nodes: 3, senders: 2, messages: 2 },
  ({ nodes, senders, messages }) =>
    ({
      name: 'total-order-leader',
      source: 'Kleppmann 2025/26, Distributed Systems, slides Total order broadcast algorithms and How total order broadcast should behave',
      network: 'fair-loss',
      roles: {
        node: {
          count: nodes,
          init: () => new Server(),
          actions: {
            // "To broadcast message, send it to the leader."
            broadcast: {
              when: (n, { self }) => n.requests < messages && self.rank >= nodes - senders,
              do(n, { self, nodes, emit, send }) {
                const m = new Message({ by: self, number: n.requests })
                emit({ type: 'broadcast', message: m })
                send(leader(nodes.node), { type: 'Forward', m })
                return n.set('requests', n.requests + 1)
              },
            },
            // The links retry: a message that is lost is sent again.
            repeat: {
              when: n => n.requests > 0 || !n.out.isEmpty(),
              do(n, here) {
                const { self, nodes, send } = here
                for (let number = 0; number < n.requests; number++) send(leader(nodes.node), { type: 'Forward', m: new Message({ by: self, number }) })
                n.out.forEach((m, number) => void fifo.broadcast(fifo.init.set('sendSeq', number), m, here))
                return n
              },
            },
          },
          on: {
            // "Leader broadcasts it via FIFO broadcast." The link to it deduplicates, and for FIFO-total order it keeps the order as well.
            Forward(n, { m }, from: Node, here) {
              const next = n.sequenced.get(from, 0)
              const isNew = here.rule('the link deduplicates', m.number >= next) && here.rule('the link keeps the order', m.number <= next)
              if (!isNew) return n
              return n.merge({ sequenced: n.sequenced.set(from, m.number + 1), out: n.out.push(m), fifo: fifo.broadcast(n.fifo, m, here) })
            },

            Packet(n, packet, _, here) {
              const [state, delivered] = fifo.receive(n.fifo, packet, here)
              for (const message of delivered) here.emit({ type: 'deliver', message })
              return n.set('fifo', state)
            },
          },
        },
      },
      // The links retry. To broadcast is the business of each node.
      fairness: [fairDelivery(), weaklyFair('node', 'repeat')],
      observers: { total: totalOrder(), fifo: fifoOrder(), causal: causalOrder(), deliveries: deliveries() },
      properties: {
        /** How total order broadcast should behave, 1: "N1 and N2 each deliver m1 and m2, and N1 delivers m1 before m2. Then N2 also delivers m1 before m2." */
        sameOrder: observed('total', kept),

        /** 2: "If some node delivers a message m, then m was previously broadcast by some node." */
        noCreation: observed('deliveries', noCreation),

        /** 3: "A node does not deliver the same message more than once." */
        noDuplication: observed('deliveries', noDuplication),

        /** FIFO-total order: and those of each node in its order. */
        fifo: observed('fifo', kept),

        /** What a node has delivered, the leader has broadcast before whatever that node sends it next: so FIFO-total order is causal. */
        causal: observed('causal', kept),

        /** No message is ever lost: it stays possible that every node delivers all that was broadcast. */
        everybodyDelivers: canAlways(
          always(({ nodes, observer }: World<Roles, string>) => {
            const { broadcast, delivered } = observer('deliveries') as Deliveries
            return nodes.node.every(id => (delivered.get(id)?.size ?? 0) >= broadcast.size)
          }),
        ),

        ...(nodes > 2 || messages > 1
          ? {}
          : {
              /** 4: "If a node broadcasts a message m and does not crash, then eventually that node delivers m." */
              validityInTheEnd: eventuallyAlways(always(correct(validity))),

              /** 5: "If one node delivers a message m, then every other node that does not crash eventually delivers m." */
              agreementInTheEnd: eventuallyAlways(always(correct(agreement))),
            }),

        /** Every node delivers every message. */
        allDelivered: reachable(
          observed('deliveries', ({ delivered }: Deliveries) => delivered.size === nodes && delivered.every(set => set.size === senders * messages)),
        ),
      },
    }) satisfies Protocol<Roles, DeliveryEvent>,
)

export const proofs = [{}, { senders: 3, messages: 1 }, { nodes: 2 }, { nodes: 2, messages: 1 }] satisfies Proofs<typeof totalOrderLeader>
