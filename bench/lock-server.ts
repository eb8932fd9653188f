// The lock server of the README, with as many clients as one likes.
import { List, Record } from 'immutable'
import { eachPair, family, type Id, type Mutants, type Protocol } from '../checker/index.ts'

class Server extends Record({ queue: List<Id<'client'>>() }) {} // the first in the queue holds the lock
class Client extends Record({ state: 'idle' as 'idle' | 'waiting' | 'holding' }) {}

type Roles = {
  server: { state: Server; inbox: { readonly type: 'Acquire' | 'Release' } }
  client: { state: Client; inbox: { readonly type: 'Grant' } }
}

export const lockServer = family(
  { clients: 3 },
  ({ clients }) =>
    ({
      name: 'lock-server',
      source: 'the README',
      network: 'reliable', // every message arrives once, in any order
      roles: {
        server: {
          count: 1,
          init: () => new Server(),
          on: {
            Acquire(server, _, from, { send }) {
              if (server.queue.isEmpty()) send(from, { type: 'Grant' })
              return server.update('queue', queue => queue.push(from))
            },
            Release(server, _, _from, { send }) {
              const queue = server.queue.shift()
              send(queue.take(1), { type: 'Grant' })
              return server.set('queue', queue)
            },
          },
        },
        client: {
          count: clients,
          init: () => new Client(),
          actions: {
            acquire: {
              when: client => client.state === 'idle',
              do(client, { nodes, send }) {
                send(nodes.server, { type: 'Acquire' })
                return client.set('state', 'waiting')
              },
            },
            release: {
              when: client => client.state === 'holding',
              do(client, { nodes, send }) {
                send(nodes.server, { type: 'Release' })
                return client.set('state', 'idle')
              },
            },
          },
          on: { Grant: client => client.set('state', 'holding') },
        },
      },
      properties: {
        mutualExclusion: eachPair(
          'client',
          client => client.state === 'holding',
          (a, b) => !(a && b),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const mutants = {
  duplicates: {
    because: 'The network may deliver a message again, so an old grant counts once more.',
    breaks: 'mutualExclusion',
    length: 9,
    change: spec => ({ ...spec, network: 'fair-loss' }),
  },
} satisfies Mutants<typeof lockServer>
