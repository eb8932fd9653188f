/**
 * Lamport clocks: a counter at each node, so that what happened before something has a lower timestamp.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Lamport clocks algorithm", line by line; the properties are those of
 * "Lamport clocks in words" and "Lamport clocks example". After L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978.
 */
import { Record } from 'immutable'
import {
  type CausalEvent,
  type Causality,
  clockCondition,
  family,
  happensBefore,
  type Id,
  observed,
  type Protocol,
  reachable,
  someTwoEvents,
  type TimestampOrder,
  totalOrderOfEvents,
  uniqueTimestamps,
} from '../../checker/index.ts'

/** (t, m). What m says makes no difference to the clocks, and is left out. */
type Message = { readonly type: 'Message'; readonly t: number }

class Node extends Record({ t: 0 }) {}

type Roles = { node: { state: Node; inbox: Message } }

/** The name of an event e: the pair (L(e), N(e)). */
export class Stamp extends Record({ t: 0, node: null as Id<'node'> | null }) {}

/** L(a) < L(b). */
const less: TimestampOrder<Stamp> = (a, b) => a.t < b.t

/** The total order ≺: (a ≺ b) ⇔ (L(a) < L(b) ∨ (L(a) = L(b) ∧ N(a) < N(b))). */
const precedes: TimestampOrder<Stamp> = (a, b) => a.t < b.t || (a.t === b.t && rank(a) < rank(b))

const rank = ({ node }: Stamp) => node?.rank ?? 0

/**
 * Every event takes the clock forward, so `maxClock` bounds the events of each node too. Whether the properties hold is settled event by event: each new one
 * has a later timestamp than those it directly follows, at its node and at the sender's. Clocks up to 2 have each kind of event first and second at its node; with 2 nodes
 * `maxClock: 4` has an answer to a message, too.
 */
export const lamportClocks = family(
  { nodes: 3, maxClock: 2 },
  ({ nodes, maxClock }) =>
    ({
      name: 'lamport-clocks',
      source: 'Kleppmann 2025/26, Distributed Systems, slide Lamport clocks algorithm; Lamport 1978, CACM 21(7)',
      // The slide asks nothing of "the underlying network link": messages may be lost, doubled and reordered.
      network: 'fair-loss',
      roles: {
        node: {
          count: nodes,
          init: () => new Node(),
          actions: {
            // On any event occurring at the local node.
            event: {
              do(n, { self, emit }) {
                const t = n.t + 1
                emit({ type: 'local', timestamp: new Stamp({ t, node: self }) })
                return n.merge({ t })
              },
            },

            // On request to send message m.
            send: {
              do(n, { self, emit, others, choose, send }) {
                const t = n.t + 1
                send(choose(others), { type: 'Message', t })
                emit({ type: 'send', timestamp: new Stamp({ t, node: self }), message: t })
                return n.merge({ t })
              },
            },
          },

          on: {
            // On receiving (t', m).
            Message(n, message, sender, { self, emit }) {
              const t = Math.max(n.t, message.t) + 1
              emit({ type: 'receive', timestamp: new Stamp({ t, node: self }), sender, message: message.t })
              return n.merge({ t })
            },
          },

          within: n => n.t <= maxClock,
        },
      },

      observers: { events: happensBefore<Stamp>() },

      properties: {
        /** "The pair (L(e), N(e)) uniquely identifies event e." */
        unique: observed('events', uniqueTimestamps({ of: 'system' })),

        /** "If a → b then L(a) < L(b)." */
        clockCondition: observed('events', clockCondition(less)),

        /** ≺ is a total order, and "this order is causal": (a → b) ⇒ (a ≺ b). */
        causalTotalOrder: observed('events', (events: Causality) => totalOrderOfEvents(precedes)(events) && clockCondition(precedes)(events)),

        /** "It is possible that neither a → b nor b → a": two nodes do something without having heard of each other. */
        concurrent: reachable(
          observed(
            'events',
            someTwoEvents<Stamp>((_a, _b, relation) => relation === 'concurrent'),
          ),
        ),

        /** Some node hears of an event of another. */
        heard: reachable(
          observed(
            'events',
            someTwoEvents<Stamp>((a, b, relation) => a.node !== b.node && relation === 'before'),
          ),
        ),
      },
    }) satisfies Protocol<Roles, CausalEvent<Stamp>>,
)
