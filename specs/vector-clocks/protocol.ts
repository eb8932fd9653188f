/**
 * Vector clocks: timestamps that tell whether one event happened before another, or neither.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Vector clocks algorithm", line by line; the properties are those of
 * "Vector clocks ordering". After F. Mattern, "Virtual Time and Global States of Distributed Systems", 1989, and C. Fidge, 1988.
 */
import { Map, Record } from 'immutable'
import {
  type CausalEvent,
  eachTwoEvents,
  family,
  happensBefore,
  type Id,
  observed,
  type Place,
  type Protocol,
  reachable,
  type Stamped,
  someTwoEvents,
  strongClockCondition,
  uniqueTimestamps,
} from '../../checker/index.ts'

/** A vector timestamp; T[i] is the number of events of node Nᵢ. */
type Vector = Map<Id<'node'>, number>

/** (T, m). What m says makes no difference to the clocks, and is left out. */
type Message = { readonly type: 'Message'; readonly T: Vector }

class Node extends Record({ T: Map() as Vector }) {}

type Roles = { node: { state: Node; inbox: Message } }

/** T[i] := T[i] + 1, where `self` is Nᵢ. */
export const increment = (T: Vector, { self }: Place<Roles, 'node'>) => T.update(self, 0, count => count + 1)

// Slide "Vector clocks ordering".
const isAtMost = (a: Vector, b: Vector) => a.every((count, i) => count <= b.get(i, 0))
const isLess = (a: Vector, b: Vector) => isAtMost(a, b) && !a.equals(b)
const isParallel = (a: Vector, b: Vector) => !isAtMost(a, b) && !isAtMost(b, a)

/** ({a} ∪ {e | e → a}) ⊆ ({b} ∪ {e | e → b}). Either set has, of each node, the first events up to some number. */
const isIncluded = (a: Stamped<Vector>, b: Stamped<Vector>) => {
  const known = ({ past, node, index }: Stamped<Vector>) => past.set(node, index + 1)
  return known(a).every((count, node) => count <= known(b).get(node, 0))
}

/** Every event at node Nᵢ takes T[i] forward, so `maxEvents` bounds them: two let a node hear of an event, and others hear of it from there. */
export const vectorClocks = family(
  { nodes: 3, maxEvents: 2 },
  ({ nodes, maxEvents }) =>
    ({
      name: 'vector-clocks',
      source: 'Kleppmann 2025/26, Distributed Systems, slides Vector clocks algorithm, Vector clocks ordering; Mattern 1989',
      // The slide asks nothing of "network": messages may be lost, doubled and reordered.
      network: 'fair-loss',
      roles: {
        node: {
          count: nodes,
          init: ({ nodes }) => new Node({ T: Map(nodes.node.map(i => [i, 0])) }),
          actions: {
            // On any event occurring at node Nᵢ.
            event: {
              do(n, here) {
                const T = increment(n.T, here)
                here.emit({ type: 'local', timestamp: T })
                return n.merge({ T })
              },
            },

            // On request to send message m at node Nᵢ.
            send: {
              do(n, here) {
                const T = increment(n.T, here)
                here.send(here.choose(here.others), { type: 'Message', T })
                here.emit({ type: 'send', timestamp: T })
                return n.merge({ T })
              },
            },
          },

          on: {
            // On receiving (T', m) at node Nᵢ.
            Message(n, message, sender, here) {
              const merged = n.T.map((count, j) => Math.max(count, message.T.get(j, 0)))
              const T = increment(merged, here)
              here.emit({ type: 'receive', timestamp: T, sender, message: message.T })
              return n.merge({ T })
            },
          },

          within: n => n.T.every(count => count <= maxEvents),
        },
      },

      observers: { events: happensBefore<Vector>() },

      properties: {
        /** (V(a) = V(b)) ⇔ (a = b). */
        identity: observed('events', uniqueTimestamps({ of: 'system' })),

        /** (V(a) < V(b)) ⇔ (a → b). */
        causality: observed('events', strongClockCondition(isLess)),

        /** (V(a) ∥ V(b)) ⇔ (a ∥ b). */
        concurrency: observed(
          'events',
          eachTwoEvents<Vector>((a, b, relation) => isParallel(a.timestamp, b.timestamp) === (relation === 'concurrent')),
        ),

        /** V(a) ≤ V(b) iff a and the events before it are among b and the events before it. */
        inclusion: observed(
          'events',
          eachTwoEvents<Vector>((a, b) => isAtMost(a.timestamp, b.timestamp) === isIncluded(a, b)),
        ),

        /** Two nodes do something without having heard of each other. */
        concurrent: reachable(
          observed(
            'events',
            someTwoEvents<Vector>((_a, _b, relation) => relation === 'concurrent'),
          ),
        ),

        /** Some node hears of an event of another. */
        heard: reachable(
          observed(
            'events',
            someTwoEvents<Vector>((a, b, relation) => a.node !== b.node && relation === 'before'),
          ),
        ),
      },
    }) satisfies Protocol<Roles, CausalEvent<Vector>>,
)
