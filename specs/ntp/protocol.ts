/**
 * The Network Time Protocol: a client asks several servers again and again, chooses one of them and of its answers, and corrects its clock by slewing or stepping it, or not at all.
 * K. Jamieson, "Time Synchronization and Logical Clocks", Princeton COS 418, slides "NTP operation: Server selection", "NTP operation: How to change time".
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Estimating time over a network", "Correcting clock skew", "Monotonic and time-of-day clocks".
 * That of one server's exchanges the one with the least delay counts, is RFC 5905, §10.
 */
import { List, Map, Record, Set } from 'immutable'
import { always, each, type From, family, type Id, type Proofs, type Protocol, reachable, step, synchronous } from '../../checker/index.ts'

/** Clocks count half ticks, so that half of a delay is a whole number. */
const TICK = 2

/** What one exchange with a server tells: how far its clock is ahead (θ), and how long messages were under way (δ). */
class Sample extends Record({ offset: 0, delay: 0 }) {}

class Moment extends Record({ clock: 0, monotonic: 0 }) {}

class Client extends Record({
  /** "Time-of-day clock: may suddenly move forwards or backwards (NTP stepping)." */
  clock: 0,
  /** "Monotonic clock: always moves forwards at near-constant rate." */
  monotonic: 0,
  /** t1, of the exchanges that go on. */
  asked: 0,
  awaited: Set<Id<'server'>>(),
  samples: Map<Id<'server'>, List<Sample>>(),
  chosen: null as Id<'server'> | null,
  /** θ and δ of the sample that counts. */
  skew: null as number | null,
  delay: 0,
  /** By how much its clock is still to be slewed. */
  left: 0,
  /** What both clocks showed in the beginning, from which on it measures how long something takes. */
  started: new Moment(),
}) {}

class Server extends Record({ clock: 0, /** t2, of the request that is to be answered. */ received: null as number | null }) {}

type Roles = {
  client: { state: Client; inbox: From<'server', { readonly type: 'Response'; readonly t2: number; readonly t3: number }> }
  server: { state: Server; inbox: From<'client', { readonly type: 'Request' }> }
}

type Observers = { readonly time: { readonly now: number } }

const delaysOf = (samples: List<Sample>): List<number> => samples.map(({ delay }) => delay)
const leastDelay = (samples: List<Sample>): number => delaysOf(samples).min() ?? 0

/** "Over last exchanges with a server: its dispersion σ = max δ − min δ." */
const dispersion = (samples: List<Sample>): number => (delaysOf(samples).max() ?? 0) - leastDelay(samples)

/** Has it corrected its clock, as far as it will ever be? */
export const isCorrected = ({ skew, left }: Pick<Client, 'skew' | 'left'>): boolean => skew !== null && left === 0

/**
 * In ticks: at first the client's clock is up to `ahead` of true time, which the servers show, or up to `behind` it. A skew of `stepFrom` or more is stepped (125 ms), and one of `panicFrom` or more is left alone (1,000 s).
 * A message takes from `fastest` to `slowest`, and a server up to `busy` to answer. Slewing moves a clock by half a tick at each tick ("500 ppm"). There are so many exchanges with each server, and one correction.
 */
export const ntp = family(
  { servers: 2, samples: 2, ahead: 2, behind: 0, stepFrom: 1, panicFrom: 2, fastest: 0, slowest: 1, busy: 0 },
  ({ servers, samples, ahead, behind, stepFrom, panicFrom, fastest, slowest, busy }) => {
    /** Of the exchanges, and of slewing a clock by less than a skew to step. */
    const longest = samples * (2 * slowest + busy) + TICK * stepFrom - 1

    const hasPanicked = ({ skew }: Client): boolean => skew !== null && Math.abs(skew) >= TICK * panicFrom

    return {
      name: 'ntp',
      source:
        'Jamieson, Princeton COS 418, slides NTP operation; Kleppmann 2025/26, Distributed Systems, slides Correcting clock skew, Monotonic and time-of-day clocks',
      network: 'reliable',
      timing: synchronous({ delay: { min: fastest, max: slowest }, horizon: longest }),
      roles: {
        client: {
          count: 1,
          init({ choose }) {
            const clock = choose(Array.from({ length: behind + 1 + ahead }, (_, place) => TICK * (place - behind)))
            // "long startTime = …; doSomething();"
            return new Client({ clock, started: new Moment({ clock }) })
          },
          actions: {
            poll: {
              when: ({ skew, awaited }) => skew === null && awaited.isEmpty(),
              do(client, { nodes, send }) {
                send(nodes.server, { type: 'Request' })
                return client.merge({ asked: client.clock, awaited: Set(nodes.server) })
              },
            },
          },
          tick: client =>
            client.merge({
              clock: client.clock + TICK + Math.sign(client.left),
              monotonic: client.monotonic + TICK,
              left: client.left - Math.sign(client.left),
              // Once it has chosen, what it was told is of no use any more.
              ...(client.skew !== null && { samples: Map(), chosen: null }),
            }),
          due: ({ skew, awaited }) => skew === null && awaited.isEmpty(),
          on: {
            Response(client, { t2, t3 }, from, { nodes, choose, rule }) {
              const [t1, t4] = [client.asked, client.clock]
              const sample = new Sample({ offset: (t2 - t1 + t3 - t4) / 2, delay: t4 - t1 - (t3 - t2) })
              const heard = client.merge({
                awaited: client.awaited.delete(from),
                samples: client.samples.update(from, List(), before => before.push(sample)),
              })
              if (nodes.server.some(id => heard.samples.get(id, List()).size < samples)) return heard

              const least = heard.samples.map(dispersion).min()
              // "Client uses the server with minimum dispersion."
              const chosen = choose(nodes.server.filter(id => rule('its dispersion is the least', dispersion(heard.samples.get(id, List())) === least)))
              const ofChosen = heard.samples.get(chosen, List<Sample>())
              const delay = leastDelay(ofChosen)
              const skew = ofChosen.findLast(one => rule('its delay is the least', one.delay === delay))?.offset ?? 0
              const synchronized = heard.merge({ asked: 0, chosen, skew, delay })
              // "If |θ| < 125 ms, slew the clock: slightly speed it up or slow it down."
              if (rule('the skew is small', Math.abs(skew) < TICK * stepFrom)) return synchronized.set('left', skew)
              // "If 125 ms ≤ |θ| < 1,000 s, step the clock: suddenly reset client clock to estimated server timestamp."
              if (rule('the skew is not too large', Math.abs(skew) < TICK * panicFrom)) return synchronized.update('clock', clock => clock + skew)
              // "If |θ| ≥ 1,000 s, panic and do nothing (leave the problem for a human operator to resolve)."
              return synchronized
            },
          },
        },
        server: {
          count: servers,
          init: () => new Server(),
          actions: {
            answer: {
              when: ({ received }) => received !== null,
              do(server, { nodes, send }) {
                send(nodes.client, { type: 'Response', t2: server.received ?? 0, t3: server.clock })
                return server.set('received', null)
              },
            },
          },
          tick: server => server.update('clock', clock => clock + TICK),
          due: ({ clock, received }) => received !== null && clock - received >= TICK * busy,
          on: { Request: server => server.set('received', server.clock) },
        },
      },
      properties: {
        /** "Don't want time to run backwards": where it does, it was stepped by as much as is too much to slew. */
        backwardsOnlyInSteps: step('client', (before: Client, after: Client) => after.clock >= before.clock || (after.skew ?? 0) <= -TICK * stepFrom),

        /** Beyond the second threshold it does nothing to its clock. */
        panics: step(
          'client',
          (before: Client, after: Client) => Math.abs(after.skew ?? 0) < TICK * panicFrom || after.clock - after.monotonic === before.clock - before.monotonic,
        ),

        /** It knows of so many exchanges with each server when it chooses one. */
        leastDispersion: each(
          'client',
          (client: Client) => client,
          ({ skew, chosen, samples: of }) =>
            skew === null ||
            of.isEmpty() ||
            (chosen !== null && of.every(one => one.size === samples && dispersion(of.get(chosen, List())) <= dispersion(one))),
        ),

        /** Once corrected, a clock is off by no more than half of what the least delay was more than it must be. */
        accurate: always<Roles>(({ all }) =>
          all('client').every(
            client =>
              hasPanicked(client) ||
              !isCorrected(client) ||
              all('server').every(({ clock }) => Math.abs(client.clock - clock) <= client.delay / 2 - TICK * fastest),
          ),
        ),

        /** Slewing "brings clocks in sync within" so long. */
        inTime: always<Roles, Observers>(({ all, observer }) => observer('time').now < longest || all('client').every(isCorrected)),

        /** "elapsedNanos is always ≥ 0." */
        elapsed: each(
          'client',
          (client: Client) => client,
          ({ started, monotonic }) => monotonic >= started.monotonic,
        ),

        panicsOnce: reachable(always<Roles>(({ all }) => all('client').some(hasPanicked))),
        slews: reachable(always<Roles>(({ all }) => all('client').some(({ skew, left }) => skew === 1 - TICK * stepFrom && left === 0))),
      },
    } satisfies Protocol<Roles, never, never, Observers>
  },
)

export const proofs = [
  {},
  { servers: 1, ahead: 5, behind: 5, stepFrom: 2, panicFrom: 4 },
  { servers: 1, busy: 1 },
  { servers: 1, fastest: 1, slowest: 2 },
  { servers: 1, samples: 3 },
] satisfies Proofs<typeof ntp>
