/**
 * Gossip: "when a node receives a message for the first time, forward it to 3 other nodes, chosen randomly".
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Gossip protocols".
 */
import { Record, Set } from 'immutable'
import {
  applicationOver,
  type Deliveries,
  type DeliveryEvent,
  deliveries,
  family,
  type Id,
  type LayerHere,
  type LayerRoles,
  noCreation,
  noDuplication,
  observed,
  type Packet,
  type Proofs,
  type Protocol,
  reachable,
} from '../../checker/index.ts'

type Node = Id<'node'>

class Gossip extends Record({ received: Set<unknown>() }) {}

/** All sets of `count` of these nodes. */
const setsOf = (nodes: readonly Node[], count: number): readonly Set<Node>[] => {
  const [first, ...rest] = nodes
  if (count === 0 || first === undefined) return count === 0 ? [Set()] : []
  return [...setsOf(rest, count - 1).map(set => set.add(first)), ...setsOf(rest, count)]
}

const gossip = (fanout: number) => ({
  init: new Gossip(),

  /** The node that broadcasts receives its message first. */
  broadcast<T>(n: Gossip, msg: T, { self, send }: LayerHere<T>): Gossip {
    send(self, { type: 'Packet', msg })
    return n
  },

  receive<T>(n: Gossip, { msg }: Packet<T>, { others, choose, rule, send }: LayerHere<T>): readonly [Gossip, readonly T[]] {
    if (!rule('for the first time', !n.received.has(msg))) return [n, []]
    send(choose(setsOf(others, Math.min(fanout, others.length))), { type: 'Packet', msg })
    return [n.set('received', n.received.add(msg)), [msg]]
  },
})

type Roles = LayerRoles<unknown, ReturnType<ReturnType<typeof node>['init']>>

const node = (fanout: number, bounds: { nodes: number; senders: number; messages: number }) => applicationOver(gossip(fanout), bounds)

/** The slide forwards to three; two of four leave as much to chance. No message is lost: it is the choice that leaves a node out. */
export const gossipProtocol = family({ nodes: 4, senders: 1, messages: 1, fanout: 2 }, ({ nodes, senders, messages, fanout }) => {
  return {
    name: 'gossip',
    source: 'Kleppmann 2025/26, Distributed Systems, slide Gossip protocols',
    network: 'reliable',
    roles: { node: node(fanout, { nodes, senders, messages }) },
    observers: { deliveries: deliveries() },
    properties: {
      /** "If some node delivers a message m, then m was previously broadcast by some node." */
      noCreation: observed('deliveries', noCreation),

      /** "A node does not deliver the same message more than once." */
      noDuplication: observed('deliveries', noDuplication),

      /** "Eventually reaches all nodes (with high probability)": it can. */
      reachesAll: reachable(
        observed('deliveries', ({ delivered }: Deliveries) => delivered.size === nodes && delivered.every(set => set.size === senders * messages)),
      ),
    },
  } satisfies Protocol<Roles, DeliveryEvent>
})

export const proofs = [{}, { fanout: 1 }, { nodes: 3, senders: 2 }] satisfies Proofs<typeof gossipProtocol>
