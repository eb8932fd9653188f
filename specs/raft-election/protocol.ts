/**
 * Raft's leader election in time: messages that are quick against the timeouts, and timeouts that differ, bring a leader.
 * D. Ongaro and J. Ousterhout, "In Search of an Understandable Consensus Algorithm", USENIX ATC 2014, sections 5.2, "Leader election", and 5.6, "Timing and availability";
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Consensus system models" ("use clocks only used for timeouts/failure detector to ensure liveness. Safety does not depend on
 * timing") and "Leader election". The code is that of the nine slides: around it, timers are set and terms are kept as numbers that go round.
 */
import { Record } from 'immutable'
import {
  always,
  crashStop,
  eachPair,
  eventuallyAlways,
  family,
  type Here,
  type Id,
  type Proofs,
  type Protocol,
  partiallySynchronous,
  reachable,
  some,
  somePair,
  synchronous,
  type World,
} from '../../checker/index.ts'
import { type Packet, raft, raftBounds } from '../raft/protocol.ts'
import { serverFields, slides } from '../raft/variants.ts'

type Node = Id<'node'>

export class Server extends Record({
  ...serverFields,
  timeout: 0, // ticks for which it waits for a leader
  timer: 0, // ticks until it waits no longer; of a leader, until it sends the next heartbeat
}) {}

export type Roles = { node: { state: Server; inbox: Packet } }

type HereNode = Here<Roles, 'node'>
type Handler = (n: Server, message: Packet, from: Node, here: HereNode) => Server
type OfElection = Pick<World<Roles>, 'nodes' | 'crashed' | 'get' | 'inFlight'>

/**
 * Terms go on for ever, and only which of two is the later matters. So 0 follows 3 here. That is right as long as no two terms that still matter are more than one apart, which is asked below.
 * A step begins one term at most, so none gets further ahead unseen.
 */
const ROUND = 4

const goneRound = (term: number) => term % ROUND

/** The term that is meant, by one who is in `own`: the nearest. */
const meantIn = (own: number, term: number) => own + ((term - own + ROUND + ROUND / 2) % ROUND) - ROUND / 2

const withTerm = (message: Packet, change: (term: number) => number): Packet => {
  if (message.type === 'Forward') return message
  return message.type === 'VoteRequest' ? { ...message, cTerm: change(message.cTerm) } : { ...message, term: change(message.term) }
}

const termOf = (message: Packet) => (message.type === 'VoteRequest' ? message.cTerm : message.type === 'Forward' ? 0 : message.term)

/** Code of the slides, for terms that go round. */
const around =
  (code: Handler): Handler =>
  (n, message, from, here) => {
    const after = code(
      n,
      withTerm(message, term => meantIn(n.currentTerm, term)),
      from,
      {
        ...here,
        send: (to: Node, sent: Packet) => here.send(to, withTerm(sent, goneRound)),
        broadcast: (sent: Packet) => here.broadcast(withTerm(sent, goneRound)),
      } as HereNode,
    )
    return after.update('currentTerm', term => goneRound(term + ROUND))
  }

const up = ({ nodes, crashed }: Pick<OfElection, 'nodes' | 'crashed'>) => nodes.node.filter(id => !crashed(id))

/** One leads, and all that are up are in its term. */
export const isElected = (world: Pick<OfElection, 'nodes' | 'crashed' | 'get'>): boolean => {
  const servers = up(world).map(id => world.get(id))
  const [leader, ...others] = servers.filter(({ currentRole }) => currentRole === 'leader')
  return leader !== undefined && others.length === 0 && servers.every(({ currentTerm }) => currentTerm === leader.currentTerm)
}

/** No two terms that still matter are more than one apart. */
export const areClose = (world: OfElection): boolean => {
  const ids = up(world)
  const terms = new Set([
    ...ids.map(id => world.get(id).currentTerm),
    ...world.inFlight.flatMap(({ to, message }) => (ids.includes(to) ? [termOf(message)] : [])),
  ])
  return [...terms].every(a => !terms.has(goneRound(a + 2)))
}

/**
 * Node 1 waits for `timeout` ticks, each other one for `apart` more than the one before. A message takes at most `delay` ticks, if `timing` is `synchronous`; or, if it is `partially synchronous`, it does
 * once `settlesWithin` ticks are over, or earlier.
 */
export const raftElection = family(
  { nodes: 3, timeout: 4, apart: 2, heartbeat: 2, delay: 1, crashes: 0, timing: 'partially synchronous', settlesWithin: 5 },
  ({ nodes, timeout, apart, heartbeat, delay, crashes, timing, settlesWithin }) => {
    const spec = slides<Roles>(raft({ ...raftBounds, nodes, broadcasts: 0, terms: Infinity }))
    const { on, actions, ...role } = spec.roles.node
    const isSynchronous = timing === 'synchronous'
    const waits = (n: Server) => n.set('timer', n.timeout)

    /** "A server remains in follower state as long as it receives valid RPCs from a leader or candidate": it hears the leader of its term, or grants a vote. */
    const timed =
      (code: Handler): Handler =>
      (n, message, from, here) => {
        const after = code(n, message, from, here)
        if (after.currentRole === 'leader') return n.currentRole === 'leader' ? after : after.set('timer', heartbeat)
        const isOfTerm = termOf(message) === after.currentTerm
        const isHeard = message.type === 'LogRequest' && here.rule('the leader is of its term', isOfTerm)
        const votes = message.type === 'VoteRequest' && isOfTerm && after.votedFor === from
        return isHeard || votes || n.currentRole === 'leader' ? waits(after) : after
      }

    return {
      ...spec,
      name: 'raft-election',
      source: 'Ongaro & Ousterhout 2014, sections 5.2 and 5.6; Kleppmann 2025/26, Distributed Systems, slides Consensus system models, Leader election',
      network: 'reliable',
      faults: [crashStop('node', { atMost: crashes })],
      timing: isSynchronous ? synchronous({ delay: { max: delay } }) : partiallySynchronous({ delay: { max: delay }, settlesWithin }),
      roles: {
        node: {
          count: role.count,
          init: ({ self }) => waits(new Server({ nodeId: self, timeout: timeout + apart * self.rank })),
          tick: n => n.update('timer', left => Math.max(0, left - 1)),
          due: n => n.timer === 0,
          actions: {
            /** "If a follower receives no communication over a period of time called the election timeout, then it assumes there is no viable leader." */
            electionTimeout: {
              when: (n, here) => actions.electionTimeout.when(n) && here.rule('the time is over', n.timer === 0),
              do: (n, here) =>
                waits(around((server, _, __, place) => actions.electionTimeout.do(server, place))(n, { type: 'Forward' } as Packet, here.self, here)),
            },
            /** "Leaders send periodic heartbeats (AppendEntries RPCs that carry no log entries) to all followers in order to maintain their authority." */
            heartbeat: {
              when: n => actions.replicate.when(n) && n.timer === 0,
              do: (n, here) => actions.replicate.do(n, here).set('timer', heartbeat),
            },
          },
          on: Object.fromEntries(Object.entries(on).map(([type, code]) => [type, timed(around(code as Handler))])) as typeof on,
        },
      },
      properties: {
        /** At most one leader per term. It is asked of those that are up: since one crashed, terms may have gone round. */
        electionSafety: eachPair(
          'node',
          ({ currentRole, currentTerm }, { crashed }) => (crashed || currentRole !== 'leader' ? null : currentTerm),
          (a, b) => a === null || a !== b,
        ),

        /** In the end there is a leader, and it stays. */
        leaderInTheEnd: eventuallyAlways(always<Roles>(isElected)),

        /** So that of two terms the later one is known. */
        termsAreClose: always<Roles>(areClose),

        /** Another leads than the one that waits least. */
        anotherLeads: reachable(
          some(
            'node',
            n => n.currentRole === 'leader' && n.timeout > timeout,
            leads => isSynchronous || leads,
          ),
        ),

        /** Two stand in the same term. */
        votesSplit: reachable(
          somePair(
            'node',
            n => (n.currentRole === 'candidate' ? n.currentTerm : null),
            (a, b) => isSynchronous || (a !== null && a === b),
          ),
        ),
      },
    } satisfies Protocol<Roles>
  },
)

export const proofs = [{}, { timing: 'synchronous', crashes: 1 }, { timing: 'synchronous', timeout: 3, apart: 3 }, { crashes: 1, slow: true }] satisfies Proofs<
  typeof raftElection
>
