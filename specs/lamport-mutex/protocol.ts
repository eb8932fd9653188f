/**
 * Mutual exclusion with logical clocks.
 * L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978. Rule numbers are the paper's.
 */
import { Map, Record, Set } from 'immutable'
import { eachPair, family, type Id, type Place, type Protocol, reachable, some } from '../../checker/index.ts'

type Message =
  | { readonly type: 'Request'; readonly clock: number }
  | { readonly type: 'Ack' }
  | { readonly type: 'Release' }

class Process extends Record({
  clock: 1,
  requests: Map<Id, number>(), // the request queue: who asked, and when
  acks: Set<Id>(),
  inCriticalSection: false,
}) {}

type Roles = { process: { state: Process; inbox: Message } }

/** Does the request of `self` precede every other in its queue? Ties are broken by the order of the processes. */
const isFirst = (p: Process, { self, others }: Place<Roles>) => {
  const own = p.requests.get(self) ?? Infinity
  return others.every(other => {
    const theirs = p.requests.get(other) ?? Infinity
    return own < theirs || (own === theirs && self.rank < other.rank)
  })
}

export const lamportMutex = family(
  { processes: 3, maxClock: 4 },
  ({ processes, maxClock }) =>
    ({
      name: 'lamport-mutex',
      source: 'Lamport 1978, Time, Clocks, and the Ordering of Events in a Distributed System, CACM 21(7)',
      network: 'fifo',
      roles: {
        process: {
          count: processes,
          init: () => new Process(),
          actions: {
            request: {
              when: (p, { self }) => !p.requests.has(self),
              do(p, { self, broadcast }) {
                broadcast({ type: 'Request', clock: p.clock })
                return p.merge({ requests: p.requests.set(self, p.clock), acks: Set([self as Id]) })
              },
            },
            enter: {
              when: (p, here) => p.requests.has(here.self) && p.acks.size === processes && isFirst(p, here),
              do: p => p.set('inCriticalSection', true),
            },
            exit: {
              when: p => p.inCriticalSection,
              do(p, { self, broadcast }) {
                broadcast({ type: 'Release' })
                return p.merge({ requests: p.requests.delete(self), acks: Set(), inCriticalSection: false })
              },
            },
          },
          on: {
            Request(p, { clock }, from, { send }) {
              send(from, { type: 'Ack' })
              return p.merge({ clock: Math.max(p.clock, clock) + 1, requests: p.requests.set(from, clock) })
            },
            Ack: (p, _, from) => p.set('acks', p.acks.add(from)),
            Release: (p, _, from) => p.set('requests', p.requests.delete(from)),
          },
          within: p => p.clock <= maxClock,
        },
      },
      properties: {
        mutualExclusion: eachPair(
          'process',
          p => p.inCriticalSection,
          (a, b) => !(a && b),
        ),
        somebodyEnters: reachable(
          some(
            'process',
            p => p.inCriticalSection,
            inside => inside,
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)
