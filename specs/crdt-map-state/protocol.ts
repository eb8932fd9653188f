/**
 * A map as a state-based CRDT: replicas send each other all that they have, and merge it.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "State-based map CRDT", line by line; the properties are those of "Eventual consistency".
 */
import { is, List, Record, Set } from 'immutable'
import { always, each, family, type Proofs, type Protocol, reachable, step, strongEventualConsistency, type World } from '../../checker/index.ts'
import { bearItsName, isLess, keysOf, latest, Timestamp, Triple } from '../crdt-map-op/protocol.ts'

/** V, and which updates are in it: that is for the judge, and the algorithm does not look at it. */
type Message = { readonly type: 'Values'; readonly values: Set<Triple>; readonly processed: Set<Triple> }

// on initialisation
export class Replica extends Record({
  clock: 0, // the Lamport clock from which timestamps are made
  values: Set<Triple>(),
  made: List<Triple>(), // what was set here
  processed: Set<Triple>(), // what was set here, or is in what was merged
}) {}

type Roles = { node: { state: Replica; inbox: Message } }

/** s₁ ⊔ s₂ = {(t, k, v) ∈ (s₁ ∪ s₂) | ∄ (t', k', v') ∈ (s₁ ∪ s₂). k' = k ∧ t' > t} */
export const merge = (s1: Set<Triple>, s2: Set<Triple>): Set<Triple> => latest(s1.union(s2))

const message = ({ values, processed }: Replica): Message => ({ type: 'Values', values, processed })

/** Bounds: the last `senders` nodes set `sets` times each, one of `keys` keys. */
export const crdtMapState = family(
  { nodes: 2, senders: 2, sets: 2, keys: 1 },
  ({ nodes, senders, sets, keys }) =>
    ({
      name: 'crdt-map-state',
      source: 'Kleppmann 2025/26, Distributed Systems, slides State-based map CRDT, State-based CRDTs and Eventual consistency',
      // "State-based CRDT can tolerate message loss/duplication."
      network: 'fair-loss',
      roles: {
        node: {
          count: nodes,
          init: () => new Replica(),
          actions: {
            // on request to set key k to value v
            set: {
              when: (n, { self }) => n.made.size < sets && self.rank >= nodes - senders,
              do(n, { self, broadcast, choose }) {
                const t = new Timestamp({ time: n.clock + 1, node: self }) // newTimestamp()
                const triple = new Triple({ t, k: choose(keysOf(keys)), v: self })
                const next = n.merge({
                  clock: t.time,
                  values: n.values.filter(({ k }) => k !== triple.k).add(triple),
                  made: n.made.push(triple),
                  processed: n.processed.add(triple),
                })
                broadcast(message(next))
                return next
              },
            },
            // It need not be a set after which they send: "can also merge concurrent updates to replicas e.g. in … anti-entropy".
            antiEntropy: {
              when: n => !n.values.isEmpty(),
              do(n, { broadcast }) {
                broadcast(message(n))
                return n
              },
            },
          },
          on: {
            // on delivering V by best-effort broadcast
            Values: (n, { values, processed }) =>
              n.merge({
                clock: values.reduce((clock, { t }) => Math.max(clock, t.time), n.clock),
                values: merge(n.values, values),
                processed: n.processed.union(processed),
              }),
          },
        },
      },
      properties: {
        /** Whatever is lost, doubled or reordered. */
        ...strongEventualConsistency<Roles, 'node'>('node', { made: n => n.made.toSet(), processed: n => n.processed, state: n => n.values }),

        /** Last writer wins: for each key a replica has the update with the latest timestamp of those that it has processed, and so one at most. */
        lastWriterWins: each(
          'node',
          (n: Replica) => n,
          n => is(n.values, latest(n.processed)),
        ),

        /** "Globally unique": what is set has a later timestamp than all that was set here before, or was there to be seen. */
        newTimestamp: step('node', (before: Replica, after: Replica) =>
          after.made.skip(before.made.size).every(({ t }) => [...before.made, ...before.values].every(seen => isLess(seen.t, t))),
        ),

        /** So two nodes make no two with the same timestamp. */
        unique: always(({ nodes, get }: World<Roles>) => nodes.node.every(id => bearItsName(id, get(id).made, get(id).processed, keys))),

        everybodyHasAll: reachable(
          each(
            'node',
            (n: Replica) => n.processed.size,
            size => size === Math.min(senders, nodes) * sets,
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const proofs = [{}, { nodes: 3, sets: 1, keys: 2 }] satisfies Proofs<typeof crdtMapState>
