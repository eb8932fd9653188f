/**
 * A lock for a time: whoever has a lease may write until it ends, by its own clock. Leases are numbered, and a storage that looks at the numbers refuses writes that come too late.
 * C. Gray and D. Cheriton, "Leases: an efficient fault-tolerant mechanism for distributed file cache consistency", SOSP 1989. M. Kleppmann, "How to do distributed locking", 2016, on Redlock: the fencing token.
 */
import { List, Record } from 'immutable'
import { canAlways, each, eachPair, family, type Id, type Proofs, type Protocol, reachable, some, synchronous } from '../../checker/index.ts'

class Service extends Record({
  holder: null as Id<'client'> | null,
  /** Ticks of its own clock until the lease ends. */
  left: 0,
  /** The number of the last lease. */
  token: 0,
}) {}

class Client extends Record({
  /** Ticks of its own clock since it asked; null if it does not wait for an answer. */
  waited: null as number | null,
  /** Ticks of its own clock for which it still has a lease. */
  left: 0,
  token: 0,
}) {}

class Storage extends Record({
  /** The numbers of the leases of those whose writes were taken, in their order. */
  writes: List<number>(),
}) {}

type Roles = {
  service: { state: Service; inbox: { readonly type: 'Acquire' } }
  client: { state: Client; inbox: { readonly type: 'Granted'; readonly token: number } }
  storage: { state: Storage; inbox: { readonly type: 'Write'; readonly token: number } }
}

/** No write is of an older lease than one before it, and none is of the same: a lease is for one write. */
export const areInOrder = (tokens: List<number>): boolean => tokens.every((token, i) => i === 0 || (tokens.get(i - 1) as number) < token)

/**
 * A lease is for `duration` ticks, of which there are `leases` in one execution. A clock is at most `drift` ticks off; of `margin` ticks a client makes no use. With `fencing` the storage takes no write of a lease that is
 * older than one that has written.
 */
export const leases = family(
  { clients: 2, leases: 2, duration: 4, delay: 1, drift: 0, margin: 0, fencing: true },
  ({ clients, leases: count, duration, delay, drift, margin, fencing }) =>
    ({
      name: 'leases',
      source: 'Gray & Cheriton 1989, SOSP; Kleppmann 2016, How to do distributed locking',
      network: 'fifo',
      timing: synchronous({ delay: { max: delay }, drift }),
      roles: {
        service: {
          count: 1,
          init: () => new Service(),
          actions: {
            expire: {
              when: service => service.holder !== null && service.left === 0,
              do: service => service.set('holder', null),
            },
          },
          tick: service => service.update('left', left => Math.max(0, left - 1)),
          on: {
            /** Who asks while another has the lease gets no answer. */
            Acquire(service, _, client: Id<'client'>, { send }) {
              if (service.holder !== null || service.token === count) return service
              const token = service.token + 1
              send(client, { type: 'Granted', token })
              return service.merge({ holder: client, left: duration, token })
            },
          },
        },
        client: {
          count: clients,
          init: () => new Client(),
          actions: {
            acquire: {
              when: client => client.waited === null && client.left === 0,
              do(client, { nodes, send }) {
                send(nodes.service, { type: 'Acquire' })
                return client.set('waited', 0)
              },
            },
            /** It may have been passed over: later than an answer could come, it asks again. */
            giveUp: {
              when: client => client.waited !== null && client.waited > duration,
              do: client => client.set('waited', null),
            },
            write: {
              when: (client, { rule }) => rule('the lease has not ended', client.left > 0),
              do(client, { nodes, send }) {
                send(nodes.storage, { type: 'Write', token: client.token })
                return client.set('left', 0)
              },
            },
          },
          tick: client =>
            client.merge({
              waited: client.waited === null ? null : Math.min(client.waited + 1, duration + 1),
              left: Math.max(0, client.left - 1),
            }),
          on: {
            /** It counts from when it asked: the lease has not begun earlier. */
            Granted: (client, { token }) => client.merge({ waited: null, left: Math.max(0, duration - margin - (client.waited ?? 0)), token }),
          },
        },
        storage: {
          count: 1,
          init: () => new Storage(),
          on: {
            Write(storage, { token }, _, { rule }) {
              const isLate = token < (storage.writes.last() ?? 0)
              if (fencing && rule('a write of an older lease is refused', isLate)) return storage
              return storage.update('writes', writes => writes.push(token))
            },
          },
        },
      },
      properties: {
        /** No two clients have the lease at once, as far as each knows. */
        oneHolder: eachPair(
          'client',
          ({ left }) => left > 0,
          (a, b) => !(a && b),
        ),

        /** What a client writes under a lease is not written over by one whose lease was before. */
        ...(fencing && {
          inOrder: each('storage', ({ writes }) => writes, areInOrder),
        }),

        /** Whatever happens, and whoever was passed over: the lock can be had again. */
        canBeHadAgain: canAlways(
          some(
            'service',
            ({ token }) => token,
            token => token === count,
          ),
        ),

        everyLeaseWrites: reachable(
          some(
            'storage',
            ({ writes }) => writes,
            writes => writes.size === count,
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const proofs = [{}, { fencing: false }, { drift: 1, margin: 4, duration: 5 }] satisfies Proofs<typeof leases>
