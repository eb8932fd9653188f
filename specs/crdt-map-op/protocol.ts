/**
 * A map as an operation-based CRDT: each replica applies the updates as they come, and those that have processed the same updates are in the same state.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Operation-based map CRDT", line by line; the properties are those of "Eventual consistency".
 */
import { is, List, Record, Set } from 'immutable'
import {
  always,
  each,
  family,
  type Id,
  type LayerHere,
  type Proofs,
  type Protocol,
  reachable,
  step,
  strongEventualConsistency,
  type World,
} from '../../checker/index.ts'
import { type Reliable, reliable } from '../reliable-broadcast/protocol.ts'
import { broadcastOf, type Stacked, type StackedRoles, stack } from '../state-machine-replication/over.ts'

type Node = Id<'node'>

/** "Globally unique, e.g. Lamport timestamp": the pair (L(e), N(e)). */
export class Timestamp extends Record({ time: 0, node: null as Node | null }) {}

const rank = ({ node }: Timestamp) => node?.rank ?? 0

/** t < t' */
export const isLess = (a: Timestamp, b: Timestamp): boolean => a.time < b.time || (a.time === b.time && rank(a) < rank(b))

/** (t, k, v). Of the value v nothing matters but that two differ; so it is who wrote it. */
export class Triple extends Record({ t: new Timestamp(), k: '', v: null as Node | null }) {}

/** The keys there are, in the example of the slides. */
export const keysOf = (keys: number): readonly string[] => ['title', 'time'].slice(0, keys)

/** What `values` should be: of the triples for each key, the one with the greatest timestamp. */
export const latest = (triples: Set<Triple>): Set<Triple> => triples.filter(({ t, k }) => triples.every(other => other.k !== k || !isLess(t, other.t)))

/** Does each update that a node has made bear its name, and is it of one of the keys; and has it made all of those processed that bear its name? */
export const bearItsName = (id: Node, made: List<Triple>, processed: Set<Triple>, keys: number): boolean =>
  made.every(({ t, k, v }) => t.node === id && v === id && keysOf(keys).includes(k)) && processed.every(triple => triple.t.node !== id || made.includes(triple))

// on initialisation
export class Replica extends Record({
  clock: 0, // the Lamport clock from which timestamps are made
  made: List<Triple>(), // what was set here
  values: Set<Triple>(),
}) {}

type Roles = StackedRoles<Replica>

/** What it has processed is what reliable broadcast has received. */
const processed = ({ below }: Stacked<Replica>) => (below as Reliable).received as Set<Triple>

const known = (n: Stacked<Replica>) => processed(n).union(n.app.made)

/** Bounds: the last `senders` nodes set `sets` times each, one of `keys` keys. A third node hears of both. */
export const crdtMapOp = family({ nodes: 2, senders: 2, sets: 2, keys: 1 }, ({ nodes, senders, sets, keys }) => {
  const { role, send } = stack<Replica, never>(broadcastOf('reliable', 0), {
    init: new Replica(),

    // on delivering (set, t, k, v) by reliable broadcast
    deliver(n, triple: Triple, { rule }) {
      const { t, k } = triple
      const seen = n.set('clock', Math.max(n.clock, t.time))
      const previous = n.values.filter(other => other.k === k)
      if (!rule('it is later than the previous', previous.isEmpty() || previous.every(other => isLess(other.t, t)))) return seen
      return seen.set('values', n.values.subtract(previous).add(triple))
    },
  })

  return {
    name: 'crdt-map-op',
    source: 'Kleppmann 2025/26, Distributed Systems, slides Operation-based map CRDT and Eventual consistency',
    network: 'fair-loss',
    roles: {
      node: {
        ...role,
        count: nodes,
        actions: {
          // on request to set key k to value v
          set: {
            when: ({ app }, { self }) => app.made.size < sets && self.rank >= nodes - senders,
            do(n, here) {
              const { self, choose } = here
              const t = new Timestamp({ time: n.app.clock + 1, node: self }) // newTimestamp()
              const triple = new Triple({ t, k: choose(keysOf(keys)), v: self })
              return send(n.set('app', n.app.merge({ clock: t.time, made: n.app.made.push(triple) })), triple, here)
            },
          },
          // The links retry: what a node has set or received, it sends again, also to itself ("including to self").
          repeat: {
            when: n => !known(n).isEmpty(),
            do(n, here) {
              reliable.broadcast(n.below as Reliable, here.choose(known(n)), here as unknown as LayerHere<Triple>)
              return n
            },
          },
        },
      },
    },
    properties: {
      /** "Applying an operation is commutative", and "reliable broadcast ensures every operation is eventually delivered to every (non-crashed) replica". */
      ...strongEventualConsistency<Roles, 'node'>('node', { made: n => n.app.made.toSet(), processed, state: n => n.app.values }),

      /** Last writer wins: for each key a replica has the update with the latest timestamp of those that it has processed, and so one at most. */
      lastWriterWins: each(
        'node',
        (n: Stacked<Replica>) => n,
        n => is(n.app.values, latest(processed(n))),
      ),

      /** "Globally unique": what is set has a later timestamp than all that was set here before, or was there to be seen. */
      newTimestamp: step('node', ({ app: before }: Stacked<Replica>, { app: after }: Stacked<Replica>) =>
        after.made.skip(before.made.size).every(({ t }) => [...before.made, ...before.values].every(seen => isLess(seen.t, t))),
      ),

      /** So two nodes make no two with the same timestamp. */
      unique: always(({ nodes, get }: World<Roles>) => nodes.node.every(id => bearItsName(id, get(id).app.made, processed(get(id)), keys))),

      everybodyHasAll: reachable(
        each(
          'node',
          (n: Stacked<Replica>) => processed(n).size,
          size => size === Math.min(senders, nodes) * sets,
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { nodes: 3, sets: 1, keys: 2 }, { keys: 2, slow: true }] satisfies Proofs<typeof crdtMapOp>
