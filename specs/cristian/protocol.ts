/**
 * Cristian's algorithm: a client sets its clock by that of a server, from one question and its answer.
 * K. Jamieson, "Time Synchronization and Logical Clocks", Princeton COS 418, slides "Cristian's algorithm: Outline", "Cristian's algorithm: Offset sample calculation".
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Estimating time over a network". F. Cristian, "Probabilistic clock synchronization", Distributed Computing 3, 1989.
 */
import { Map, Record } from 'immutable'
import { eachPairOf, family, type Id, type Proofs, type Protocol, reachable, some, synchronous } from '../../checker/index.ts'

/** All times are in halves of a tick: half of a delay is a time, too. */
class Client extends Record({
  clock: 0,
  /** T1: when it asked. */
  asked: null as number | null,
  /** δ: the time that question and answer were under way together. Null until the clock is set. */
  delay: null as number | null,
}) {}

class Server extends Record({
  clock: 0,
  /** T2: when it received the question of each client that it has not answered. */
  received: Map<Id<'client'>, number>(),
}) {}

type Roles = {
  client: { state: Client; inbox: { readonly type: 'Response'; readonly t2: number; readonly t3: number } }
  server: { state: Server; inbox: { readonly type: 'Request' } }
}

const TICK = 2

/** How far the clock of a client that has set it is off, in halves of a tick, and what it knows of that. */
const errorOf = (
  { clock, delay }: { readonly clock: number; readonly delay: number | null },
  server: number,
): { readonly error: number; readonly delay: number } => (delay === null ? { error: 0, delay: 0 } : { error: Math.abs(clock - server), delay })

/**
 * A message takes `min` to `max` ticks. The clock of a client is up to `skew` ticks ahead of the server's when it begins, or behind it. The server answers when it likes. An execution has at most
 * `horizon` ticks.
 */
export const cristian = family(
  { clients: 1, min: 0, max: 2, skew: 1, horizon: 6 },
  ({ clients, min, max, skew, horizon }) =>
    ({
      name: 'cristian',
      source: 'Jamieson, Princeton COS 418, slides Cristian’s algorithm; Kleppmann 2025/26, slides Estimating time over a network; Cristian 1989',
      network: 'reliable',
      timing: synchronous({ delay: { min, max }, horizon }),
      roles: {
        client: {
          count: clients,
          init: ({ choose }) => new Client({ clock: TICK * choose(Array.from({ length: 2 * skew + 1 }, (_, ahead) => ahead)) }),
          actions: {
            /** "1. Client sends request, timestamped with local clock T1." */
            ask: {
              when: client => client.asked === null,
              do(client, { nodes, send }) {
                send(nodes.server, { type: 'Request' })
                return client.set('asked', client.clock)
              },
            },
          },
          tick: client => client.update('clock', clock => clock + TICK),
          on: {
            /** "4. Client locally timestamps its receipt of server's response T4." "Client sets clock ← T3 + ½δ." */
            Response(client, { t2, t3 }) {
              const delay = client.clock - (client.asked ?? 0) - (t3 - t2)
              return client.merge({ clock: t3 + delay / 2, delay })
            },
          },
        },
        server: {
          count: 1,
          init: () => new Server({ clock: TICK * skew }),
          actions: {
            /** "3. Server sends a response packet with its local clock T3 and T2." */
            respond: {
              when: server => !server.received.isEmpty(),
              do(server, { choose, send }) {
                const client = choose(server.received.keys())
                send(client, { type: 'Response', t2: server.received.get(client, 0), t3: server.clock })
                return server.set('received', server.received.delete(client))
              },
            },
          },
          tick: server => server.update('clock', clock => clock + TICK),
          on: {
            /** "2. Server timestamps its receipt of the request T2 with its local clock." */
            Request: (server, _, client: Id<'client'>) => server.set('received', server.received.set(client, server.clock)),
          },
        },
      },
      properties: {
        /** The client knows how far its clock may be off: half of the time that the messages were under way, which is no more than two messages take. */
        withinHalfTheDelay: eachPairOf(
          'client',
          ({ clock, delay }) => ({ clock, delay }),
          'server',
          ({ clock }) => clock,
          (client, server) => {
            const { error, delay } = errorOf(client, server)
            return error <= delay / 2 && delay <= 2 * TICK * max
          },
        ),

        /** Whatever it measures: the two delays differ by no more than the longest and the shortest do. "Assume: δreq ≈ δresp." Where they are equal it is exact. */
        withinHalfTheDifference: eachPairOf(
          'client',
          ({ clock, delay }) => ({ clock, delay }),
          'server',
          ({ clock }) => clock,
          (client, server) => errorOf(client, server).error <= (TICK * (max - min)) / 2,
        ),

        somebodySetsItsClock: reachable(
          some(
            'client',
            ({ delay }) => delay,
            delay => delay !== null && delay > 0,
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const proofs = [{}, { min: 2, max: 2 }, { min: 1, max: 3, horizon: 8 }, { clients: 2, max: 1, horizon: 4 }] satisfies Proofs<typeof cristian>
