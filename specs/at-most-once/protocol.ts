/**
 * Retrying state updates: a "like" whose answer is lost is sent again, and must not count twice.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Retrying state updates", "Idempotence" and "Adding and then removing again".
 */
import { Map, Record, Set } from 'immutable'
import {
  always,
  canAlways,
  crashRecovery,
  each,
  type From,
  family,
  type Id,
  loss,
  type Proofs,
  type Protocol,
  reachable,
  type World,
} from '../../checker/index.ts'

type Client = Id<'client'>

type Request = { readonly type: 'Like' } | { readonly type: 'Unlike'; readonly user: Client }

class Asking extends Record({
  user: null as Client | null, // whom it takes out, if that is its request
  state: 'idle' as 'idle' | 'waiting' | 'done',
}) {}

/** All on disk. */
class Database extends Record({
  count: 0, // f(likeCount) = likeCount + 1
  likes: Set<Client>(), // f(likes) = likes ∪ {userID}, g(likes) = likes \ {userID}
  seen: Set<Client>(), // "which requests it has already seen (in stable storage)": each client has one
}) {}

type Roles = {
  client: { state: Asking; inbox: From<'database', { readonly type: 'Ack' }> }
  database: { state: Database; inbox: From<'client', Request> }
}

/** What it would be if each request had been applied once, when it was applied first. */
class Once extends Record({
  applied: Map<Client, Client | null>(), // whose request was applied, and whom it took out
  count: 0,
  likes: Set<Client>(),
}) {}

type Applied = { readonly type: 'applied'; readonly client: Client; readonly removed: Client | null }

/** Is the database as if each request had been applied once? */
export const isAsIfOnce = (db: Database, once: unknown, update: string): boolean =>
  update === 'count' ? db.count === (once as Once).count : db.likes.equals((once as Once).likes)

/**
 * `retries`: a client sends again until it is answered. `deduplicates`: the database passes over requests that it has seen. At-most-once semantics is without both, at-least-once with
 * retries alone, exactly-once with both. `update` is what a request does: "count" is not idempotent, "set" is.
 */
export const atMostOnce = family(
  { clients: 2, unlikes: true, retries: true, deduplicates: true, update: 'count', crashes: 1 },
  ({ clients, unlikes, retries, deduplicates, update, crashes }) => {
    const counts = update === 'count'
    const remembered = (db: Database, client: Client) => (deduplicates ? db.set('seen', db.seen.add(client)) : db)

    return {
      name: 'at-most-once',
      source: 'Kleppmann 2025/26, Distributed Systems, slides Retrying state updates, Idempotence and Adding and then removing again',
      // Without retries a request comes once, or not at all.
      network: retries ? 'fair-loss' : 'reliable',
      faults: [crashRecovery('database', { atMost: crashes }), ...(retries ? [] : [loss({ atMost: 1 })])],
      roles: {
        client: {
          count: clients,
          init: () => new Asking(),
          actions: {
            like: {
              when: c => c.state === 'idle',
              do(c, { nodes, send }) {
                send(nodes.database, { type: 'Like' })
                return c.set('state', 'waiting')
              },
            },
            unlike: {
              when: c => unlikes && c.state === 'idle',
              do(c, { nodes, choose, send }) {
                const user = choose(nodes.client)
                send(nodes.database, { type: 'Unlike', user })
                return c.merge({ user, state: 'waiting' })
              },
            },
            // "Retry request until acknowledged."
            retry: {
              when: c => retries && c.state === 'waiting',
              do(c, { nodes, send }) {
                send(nodes.database, c.user === null ? { type: 'Like' } : { type: 'Unlike', user: c.user })
                return c
              },
            },
          },
          on: { Ack: c => c.set('state', 'done') },
        },
        database: {
          count: 1,
          init: () => new Database(),
          recover: db => db,
          on: {
            Like(db, _, from, { emit, rule, send }) {
              send(from, { type: 'Ack' })
              if (deduplicates && !rule('the request is new', !db.seen.has(from))) return db
              emit({ type: 'applied', client: from, removed: null })
              return remembered(db, from).merge(counts ? { count: db.count + 1 } : { likes: db.likes.add(from) })
            },
            Unlike(db, { user }, from, { emit, rule, send }) {
              send(from, { type: 'Ack' })
              if (deduplicates && !rule('the request is new', !db.seen.has(from))) return db
              emit({ type: 'applied', client: from, removed: user })
              return remembered(db, from).merge(counts ? { count: db.count - 1 } : { likes: db.likes.delete(user) })
            },
          },
        },
      },
      observers: {
        once: {
          init: new Once(),
          on(once: Once, { client, removed }: Applied) {
            if (once.applied.has(client)) return once
            return new Once({
              applied: once.applied.set(client, removed),
              count: once.count + (removed === null ? 1 : -1),
              likes: removed === null ? once.likes.add(client) : once.likes.delete(removed),
            })
          },
        },
      },
      properties: {
        /** Exactly-once semantics. */
        asIfOnce: always(({ all, observer }: World<Roles, string>) => all('database').every(db => isAsIfOnce(db, observer('once'), update))),

        /** A request that was sent can still be applied and acknowledged: "update may not happen" is true of at-most-once semantics only. */
        answered: canAlways(
          each(
            'client',
            c => c.state,
            state => !retries || state !== 'waiting',
          ),
        ),

        /** Who has an answer knows that its request was applied; and what was applied is what it asked for. */
        acknowledgedIsApplied: always(({ nodes, get, observer }: World<Roles, string>) =>
          nodes.client.every(id => {
            const { applied } = observer('once') as Once
            return applied.has(id) ? applied.get(id) === get(id).user : get(id).state !== 'done'
          }),
        ),

        allApplied: reachable(always(({ observer }: World<Roles, string>) => (observer('once') as Once).applied.size === clients)),
      },
    } satisfies Protocol<Roles, Applied>
  },
)

export const proofs = [{}, { update: 'set' }, { retries: false, deduplicates: false }, { unlikes: false, deduplicates: false, update: 'set' }] satisfies Proofs<
  typeof atMostOnce
>
