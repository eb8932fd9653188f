/**
 * Concurrent writes by different clients: a last-writer-wins register keeps one of them, a multi-value register all.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Concurrent writes by different clients"; vector clocks are those of "Vector clocks algorithm".
 */
import { is, List, Map, Record, Set } from 'immutable'
import { each, family, type Id, type Proofs, type Protocol, reachable, step, strongEventualConsistency } from '../../checker/index.ts'

type Node = Id<'node'>

/** A value, named by who wrote it and how often he had written before, with its timestamp: how many writes of each node it comes after, its own included. */
export class Version extends Record({ by: null as Node | null, number: 0, t: Map<Node | null, number>() }) {}

/** What a client writes at a replica, and what replicas tell each other. */
type Message = { readonly type: 'Versions'; readonly values: Set<Version>; readonly processed: Set<Version> }

export class Replica extends Record({
  t: Map<Node | null, number>(), // its vector clock
  values: Set<Version>(),
  made: List<Version>(), // what was written here
  processed: Set<Version>(), // what was written here, or is in what it was told: for the judge
}) {}

type Roles = { node: { state: Replica; inbox: Message } }

/** t₁ < t₂, of vectors. */
export const isBefore = (a: Version, b: Version): boolean => !is(a.t, b.t) && a.t.every((count, node) => count <= b.t.get(node, 0))

const sum = ({ t }: Version) => t.reduce((sum, count) => sum + count, 0)

/** "Timestamps with total order": an order that contains the other one. */
const isLower = (a: Version, b: Version): boolean => sum(a) < sum(b) || (sum(a) === sum(b) && (a.by?.rank ?? 0) < (b.by?.rank ?? 0))

/** Of some versions, those that a register keeps. */
const kept = (register: string, versions: Set<Version>): Set<Version> => {
  // "Keep v₂ and discard v₁ if t₂ > t₁." "v₂ replaces v₁ if t₂ > t₁; preserve both {v₁, v₂} if t₁ ∥ t₂."
  const replaces = register === 'last writer wins' ? isLower : isBefore
  return versions.filter(v1 => !versions.some(v2 => replaces(v1, v2)))
}

const message = ({ values, processed }: Replica): Message => ({ type: 'Versions', values, processed })

/** Bounds: each node is written `writes` times. `register` is `multi-value`, or `last writer wins`. */
export const registers = family(
  { nodes: 2, writes: 2, register: 'multi-value' },
  ({ nodes, writes, register }) =>
    ({
      name: 'registers',
      source: 'Kleppmann 2025/26, Distributed Systems, slide Concurrent writes by different clients',
      network: 'fair-loss',
      roles: {
        node: {
          count: nodes,
          init: () => new Replica(),
          actions: {
            write: {
              when: n => n.made.size < writes,
              do(n, { self, broadcast }) {
                const t = n.t.set(self, n.t.get(self, 0) + 1)
                const version = new Version({ by: self, number: n.made.size, t })
                const values = kept(register, n.values.add(version))
                const next = n.merge({ t, values, made: n.made.push(version), processed: n.processed.add(version) })
                broadcast(message(next))
                return next
              },
            },
            antiEntropy: {
              when: n => !n.values.isEmpty(),
              do(n, { broadcast }) {
                broadcast(message(n))
                return n
              },
            },
          },
          on: {
            Versions: (n, { values, processed }) =>
              n.merge({
                t: values.reduce((t, version) => t.mergeWith((a, b) => Math.max(a, b), version.t), n.t),
                values: kept(register, n.values.union(values)),
                processed: n.processed.union(processed),
              }),
          },
        },
      },
      properties: {
        ...strongEventualConsistency<Roles, 'node'>('node', { made: n => n.made.toSet(), processed: n => n.processed, state: n => n.values }),

        /** "v₂ replaces v₁ if t₂ > t₁": no value is there that one replaces which is there. */
        replaced: each(
          'node',
          (n: Replica) => n.values,
          values => values.every(v1 => values.every(v2 => !isBefore(v1, v2))),
        ),

        /** "Preserve both {v₁, v₂} if t₁ ∥ t₂", of a multi-value register: what is not there was replaced by what came after it. */
        preserved: each(
          'node',
          (n: Replica) => n,
          n => register !== 'multi-value' || n.processed.every(v1 => n.values.has(v1) || n.processed.some(v2 => isBefore(v1, v2))),
        ),

        /** What is written comes after all that was there to be seen, and replaces it. */
        supersedes: step('node', (before: Replica, after: Replica) =>
          after.made.skip(before.made.size).every(version => before.values.every(seen => isBefore(seen, version)) && is(after.values, Set([version]))),
        ),

        concurrent: reachable(
          each(
            'node',
            (n: Replica) => n.processed,
            processed => processed.some(v1 => processed.some(v2 => v1 !== v2 && !isBefore(v1, v2) && !isBefore(v2, v1))),
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const proofs = [{}, { register: 'last writer wins' }, { nodes: 3, writes: 1 }] satisfies Proofs<typeof registers>
