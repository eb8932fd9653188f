/**
 * Mutual exclusion with logical clocks: requests are served in the order of their timestamps, and nobody decides but the processes themselves.
 * L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978. Rule numbers are the paper's;
 * clocks tick as in the TLA+ module LamportMutex by S. Merz, so that the states can be counted against it. Lecture: "Mutual exclusion implementation".
 */
import { Map, Record, Set } from 'immutable'
import {
  canAlways,
  each,
  eachLeadsTo,
  eachPair,
  eachPairOf,
  fairDelivery,
  family,
  type Id,
  type Place,
  type Proofs,
  type Protocol,
  reachable,
  some,
  weaklyFair,
} from '../../checker/index.ts'

type Message =
  | { readonly type: 'Request'; readonly clock: number }
  | { readonly type: 'Ack' } // needs no clock: links are fifo, and it is sent after the clock passed that of the request
  | { readonly type: 'Release' }

class Process extends Record({
  clock: 1,
  request: null as number | null, // the stamp of its own request, while it has one
  requests: Map<Id, number>(), // the rest of the request queue: who else asked, and when
  acks: Set<Id>(), // who acknowledged its request
  inCriticalSection: false,
  asked: 0, // how many requests it has made, where they are bounded
}) {}

type Roles = { process: { state: Process; inbox: Message } }

/** Rule 5(i): the request of `self` precedes every other in its queue. Ties are broken by the order of the processes. */
const isFirst = (p: Process, { self, others, rule }: Place<Roles>) => {
  const own = p.request ?? Infinity
  return others.every(other => {
    const theirs = p.requests.get(other, Infinity)
    return own < theirs || (own === theirs && rule('the lower process goes first', self.rank < other.rank))
  })
}

/**
 * Rule 5(ii): every other process has sent a message with a later stamp. The lecture keeps the latest message from each; here its acknowledgement of this request counts, and
 * nothing else. A later request or release of it would do as well, so a process may wait longer than it must; but not for ever, as every request is acknowledged.
 */
const isHeard = (p: Process, { others }: Place<Roles>) => others.every(other => p.acks.has(other))

/**
 * Clocks are bounded as TLC bounds them, for the count of states: that cuts off what a process would have done next, so nothing can be said of what stays possible.
 * Where requests are bounded instead (`requests: 1, maxClock: Infinity`), no step is cut off, and each request must be granted.
 */
export const lamportMutex = family(
  { processes: 3, maxClock: 4, requests: Infinity },
  ({ processes, maxClock, requests }) =>
    ({
      name: 'lamport-mutex',
      source: 'Lamport 1978, Time, Clocks, and the Ordering of Events in a Distributed System, CACM 21(7)',
      network: 'fifo',
      roles: {
        process: {
          count: processes,
          init: () => new Process(),
          actions: {
            // Rule 1.
            request: {
              when: p => p.request === null && p.asked < requests,
              do(p, { broadcast }) {
                broadcast({ type: 'Request', clock: p.clock })
                return p.merge({ request: p.clock, acks: Set(), asked: requests === Infinity ? 0 : p.asked + 1 })
              },
            },
            // Rule 5.
            enter: {
              when: (p, here) =>
                p.request !== null && here.rule('its request is the first', isFirst(p, here)) && here.rule('everybody acknowledged it', isHeard(p, here)),
              do: p => p.set('inCriticalSection', true),
            },
            // Rule 3.
            exit: {
              when: p => p.inCriticalSection,
              do(p, { broadcast }) {
                broadcast({ type: 'Release' })
                return p.merge({ request: null, acks: Set(), inCriticalSection: false })
              },
            },
          },
          on: {
            // Rule 2.
            Request(p, { clock }, from, { send }) {
              send(from, { type: 'Ack' })
              return p.merge({ clock: Math.max(p.clock, clock) + 1, requests: p.requests.set(from, clock) })
            },
            Ack: (p, _, from) => p.set('acks', p.acks.add(from)),
            // Rule 4.
            Release: (p, _, from) => p.set('requests', p.requests.delete(from)),
          },
          within: p => p.clock <= maxClock,
        },
      },
      // Whoever may enter does, and "every process which is granted the resource eventually releases it". To ask is its own business.
      fairness: [fairDelivery(), weaklyFair('process', 'enter', 'exit')],
      properties: {
        /** Condition (I) of the paper. */
        mutualExclusion: eachPair(
          'process',
          p => p.inCriticalSection,
          (a, b) => !(a && b),
        ),

        /**
         * Condition (II): requests are granted in the order in which they are made. A request that happened before another has the lower stamp, so whoever is
         * inside must not have a higher stamp than one that waits.
         */
        entryInOrder: eachPairOf(
          'process',
          p => (p.inCriticalSection ? p.request : null),
          'process',
          p => p.request,
          (inside, waiting) => inside === null || waiting === null || inside <= waiting,
        ),

        /** Condition (III): "if every process which is granted the resource eventually releases it, then every request is eventually granted." It stays possible. */
        everyRequestIsGranted: canAlways(
          each(
            'process',
            p => p.request,
            request => requests === Infinity || request === null,
          ),
        ),

        /** The same in the paper's own words; it is asked of whole executions, so only where no step is cut off. */
        ...(requests === Infinity || maxClock < Infinity
          ? {}
          : {
              eventuallyGranted: eachLeadsTo(
                'process',
                p => ({ hasAsked: p.request !== null, isInside: p.inCriticalSection }),
                ({ hasAsked }) => hasAsked,
                ({ isInside }) => isInside,
              ),
            }),

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

export const proofs = [{}, { requests: 1, maxClock: Infinity }, { processes: 2, requests: 2, maxClock: Infinity }] satisfies Proofs<typeof lamportMutex>
