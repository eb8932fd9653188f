/**
 * Merging event logs: each node writes a log of its events, and a reader merges them by their timestamps.
 * T. Anderson and D. Woos, "Lamport Clocks", slides "Example: Merging Event Logs" and "Centralize the log?". The timestamps are those of `lamport-clocks`.
 */
import { List, Record } from 'immutable'
import {
  always,
  type CausalEvent,
  type Causality,
  canAlways,
  each,
  eventsOf,
  type From,
  family,
  type Here,
  happensBefore,
  type Id,
  type Proofs,
  type Protocol,
  reachable,
  relationOf,
  type World,
} from '../../checker/index.ts'
import { lamportClocks, Stamp } from '../lamport-clocks/protocol.ts'

/** What a node writes about an event: its timestamp, and which of its events it is. */
export class Entry extends Record({ stamp: new Stamp(), number: 0 }) {}

const clocks = (maxClock: number) => lamportClocks({ maxClock }).roles.node
type Clock = ReturnType<ReturnType<typeof clocks>['init']>

export class Node extends Record({ clock: undefined as unknown as Clock, events: 0 }) {}

/** "Events will be ordered at the logger." */
export class Logger extends Record({ merged: List<Entry>() }) {}

type Roles = {
  node: { state: Node; inbox: From<'node', { readonly type: 'Message'; readonly t: number }> }
  logger: { state: Logger; inbox: From<'node', { readonly type: 'Log'; readonly entry: Entry }> }
}

type Event = CausalEvent<Stamp>
type HereOf = Here<Roles, 'node', Event>

const rank = ({ node }: Stamp) => node?.rank ?? 0

/** ≺ of Lamport's clocks. */
const precedes = (a: Stamp, b: Stamp) => a.t < b.t || (a.t === b.t && rank(a) < rank(b))

/** Bounds: no clock goes beyond `maxClock`. */
export const eventLogMerge = family({ nodes: 2, maxClock: 2 }, ({ nodes, maxClock }) => {
  const { init, actions, on } = clocks(maxClock)

  /** What the clock does, and an entry of the log for its event. The log of a node is what it sent, in the order of the numbers. */
  const logged = (n: Node, here: HereOf, step: (here: never) => Clock): Node => {
    let { events } = n
    const emit = (event: Event) => {
      here.emit(event)
      here.send(here.nodes.logger, { type: 'Log', entry: new Entry({ stamp: event.timestamp, number: events++ }) })
    }
    return new Node({ clock: step({ ...here, emit } as never), events })
  }

  /** Does no entry come before one that happened before it? */
  const keepsHappensBefore = ({ all, observer }: World<Roles, string>) => {
    const happened = eventsOf<Stamp>(observer('events') as Causality)
    const eventOf = ({ stamp, number }: Entry) => happened.find(({ node, index }) => node === stamp.node && index === number)
    return all('logger').every(({ merged }) =>
      merged.every((first, i) =>
        merged.skip(i + 1).every(second => {
          const [a, b] = [eventOf(first), eventOf(second)]
          return a !== undefined && b !== undefined && relationOf(a, b) !== 'after'
        }),
      ),
    )
  }

  return {
    name: 'event-log-merge',
    source: 'Anderson & Woos, Lamport Clocks, slides Merging Event Logs and Centralize the log?; Lamport 1978, CACM 21(7)',
    network: 'reliable',
    roles: {
      node: {
        count: nodes,
        init: () => new Node({ clock: init() }),
        actions: {
          event: { do: (n, here) => logged(n, here, its => actions.event.do(n.clock, its)) },
          send: { do: (n, here) => logged(n, here, its => actions.send.do(n.clock, its)) },
        },
        on: { Message: (n, message, from, here) => logged(n, here, its => on.Message(n.clock, message, from, its)) },
        within: ({ clock }) => clock.t <= maxClock,
      },
      logger: {
        count: 1,
        init: () => new Logger(),
        on: {
          Log(logger, { entry }, _, { rule }) {
            const place = logger.merged.findIndex(({ stamp }) => precedes(entry.stamp, stamp))
            const isLast = rule('an entry goes where its timestamp belongs', place !== -1) ? place === -1 : true
            return logger.update('merged', merged => (isLast ? merged.push(entry) : merged.insert(place, entry)))
          },
        },
      },
    },
    observers: { events: happensBefore<Stamp>() },
    properties: {
      /** The merged order contains →: whatever has arrived so far. */
      keepsHappensBefore: always(keepsHappensBefore),

      /** "Represent order of events as they happened at each node." */
      keepsEachNode: each(
        'logger',
        (logger: Logger) => logger.merged,
        merged => merged.every((first, i) => merged.skip(i + 1).every(second => first.stamp.node !== second.stamp.node || first.number < second.number)),
      ),

      /** Each event can still come to be in the log. */
      isComplete: canAlways(
        always(({ all }: World<Roles, string>) =>
          all('logger').every(({ merged }) => merged.size === all('node').reduce((sum, { events }) => sum + events, 0)),
        ),
      ),

      /** What was sent was also received, and both are in the log. */
      merged: reachable(
        always(
          ({ all, observer }: World<Roles, string>) =>
            all('logger').every(({ merged }) => merged.some(({ stamp }) => merged.some(other => other.stamp.node !== stamp.node))) &&
            eventsOf(observer('events') as Causality).some(({ past, node }) => past.some((_, other) => other !== (node as Id))),
        ),
      ),
    },
  } satisfies Protocol<Roles, Event>
})

export const proofs = [{}] satisfies Proofs<typeof eventLogMerge>
