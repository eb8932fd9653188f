import { is, List, type Set } from 'immutable'
import { always, type CanAlwaysProperty, canAlways, eachPair, type PairPredicate } from '../properties.ts'
import type { Key, RoleTypes } from '../roles.ts'

/** What a replica knows of the updates, and what it has made of them. An update is a value, and no two are equal. */
export interface Replication<N> {
  /** The updates that were made at this replica. */
  made(node: N): Set<unknown>
  /** The updates that it has processed, its own and others'. */
  processed(node: N): Set<unknown>
  /** The state that should depend on nothing but those. */
  state(node: N): unknown
}

/**
 * Strong eventual consistency, as two properties: spread them into `properties`. (Kleppmann, Distributed Systems, "Eventual consistency"; M. Shapiro et al., "Conflict-free
 * Replicated Data Types", 2011.)
 *
 * - `convergence`: "any two replicas that have processed the same set of updates are in the same state (even if updates were processed in a different order)".
 * - `eventualDelivery`: "every update made to one non-faulty replica is eventually processed by every non-faulty replica"; its safety side, that this stays possible.
 *
 * Replicas are compared as they are at one moment. O(n²) in the replicas.
 *
 * @example
 * ```ts properties
 * ...strongEventualConsistency<Roles, 'client'>('client', {
 *   made: () => Set(), // clients make none
 *   processed: client => Set([client.state]),
 *   state: client => client.state,
 * }),
 * ```
 */
export const strongEventualConsistency = <R extends RoleTypes, K extends Key<R>>(
  role: K,
  { made, processed, state }: Replication<R[K]['state']>,
): { readonly convergence: PairPredicate<R>; readonly eventualDelivery: CanAlwaysProperty<R> } => ({
  convergence: eachPair<R, K, List<unknown>>(
    role,
    node => List([processed(node), state(node)]),
    (a, b) => !is(a.get(0), b.get(0)) || is(a.get(1), b.get(1)),
  ),
  eventualDelivery: canAlways(
    always<R>(({ nodes, get, crashed }) => {
      const replicas = nodes[role].filter(id => !crashed(id)).map(id => get<K>(id))
      return replicas.every(from => replicas.every(to => made(from).isSubset(processed(to))))
    }),
  ),
})
