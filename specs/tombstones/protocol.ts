/**
 * Adding and removing at replicas that miss some requests: what was removed must not come back when they are reconciled.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Another problem with adding and removing", "Timestamps and tombstones" and "Reconciling replicas".
 */
import { Record } from 'immutable'
import { canAlways, each, eachPair, eachPairOf, type From, family, type Proofs, type Protocol, reachable, somePair, step } from '../../checker/index.ts'

/** x ↦ (t, present): "every record has logical timestamp of last write"; of a tombstone `present` is false. */
class Entry extends Record({ t: 0, present: false }) {}

export class Replica extends Record({
  x: null as Entry | null,
  heard: 0, // the latest timestamp that it has heard of: for the properties
}) {}

class Client extends Record({ t: 0 }) {}

type Put = { readonly type: 'Put'; readonly t: number; readonly present: boolean }

type Roles = {
  client: { state: Client; inbox: never }
  replica: { state: Replica; inbox: From<'client' | 'replica', Put> }
}

/** Does a reader find x there? */
export const isVisible = ({ x }: Replica) => x?.present ?? false

/** The client adds x and removes it in turn. */
const isAdded = (t: number) => t % 2 === 1

/** Bounds: the client adds x and removes it, `writes` times in all. */
export const tombstones = family(
  { replicas: 2, writes: 3 },
  ({ replicas, writes }) =>
    ({
      name: 'tombstones',
      source: 'Kleppmann 2025/26, Distributed Systems, slides Timestamps and tombstones, Reconciling replicas',
      network: 'fair-loss',
      roles: {
        client: {
          count: 1,
          init: () => new Client(),
          actions: {
            // add(x), remove(x): "“remove(x)” doesn't actually remove x: it labels x with “false” to indicate it is invisible (a tombstone)"
            write: {
              when: c => c.t < writes,
              do(c, { nodes, send }) {
                const t = c.t + 1
                send(nodes.replica, { type: 'Put', t, present: isAdded(t) })
                return c.set('t', t)
              },
            },
          },
          on: {},
        },
        replica: {
          count: replicas,
          init: () => new Replica(),
          actions: {
            // "Replicas periodically communicate among themselves to check for any inconsistencies."
            antiEntropy: {
              when: r => r.x !== null,
              do(r, { broadcast }) {
                if (r.x !== null) broadcast({ type: 'Put', t: r.x.t, present: r.x.present })
                return r
              },
            },
          },
          on: {
            // "Propagate the record with the latest timestamp, discard the records with earlier timestamps (for a given key)."
            Put(r, { t, present }, _, { rule }) {
              const heard = r.set('heard', Math.max(r.heard, t))
              return rule('it is later', r.x === null || r.x.t < t) ? heard.set('x', new Entry({ t, present })) : heard
            },
          },
        },
      },
      properties: {
        /** A replica shows what the latest write says that it has heard of: what was removed stays so, until it is added again. */
        showsTheLatest: each(
          'replica',
          (r: Replica) => r,
          r => isVisible(r) === isAdded(r.heard),
        ),

        /** Timestamps do not go back. */
        neverGoesBack: step('replica', (before: Replica, after: Replica) => before.x === null || (after.x !== null && before.x.t <= after.x.t)),

        /** All replicas can come to the latest write that any of them has heard of. */
        converges: canAlways(
          eachPair(
            'replica',
            (r: Replica) => r,
            (a, b) => a.heard === b.heard && isVisible(a) === isVisible(b),
          ),
        ),

        /** No replica has what was never written. */
        written: eachPairOf(
          'replica',
          (r: Replica) => r.x?.t ?? 0,
          'client',
          (c: Client) => c.t,
          (t, latest) => t <= latest,
        ),

        /** "x ∉ A, x ∈ B": one has missed the removal. */
        differ: reachable(
          somePair(
            'replica',
            (r: Replica) => r,
            (a, b) => isVisible(a) && !isVisible(b) && b.heard > a.heard,
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const proofs = [{}, { replicas: 3, writes: 4 }] satisfies Proofs<typeof tombstones>
