/**
 * Reads by a lease: as long as a majority votes for nobody else, the leader answers reads from what it has itself, and asks nobody.
 * D. Ongaro, "Consensus: Bridging Theory and Practice", PhD thesis, Stanford 2014, sections 6.4.1, "Using clocks to reduce messaging for read-only queries", and 4.2.3, "Disruptive servers"; the lease is that of
 * C. Gray and D. Cheriton, SOSP 1989. It begins after an election, in term 1; in term 2 there is one write.
 */
import { Record, Set } from 'immutable'
import { asynchronous, eachPair, family, type Here, type Id, observed, type Proofs, type Protocol, reachable, somePair } from '../../checker/index.ts'

type Node = Id<'node'>

class Server extends Record({
  term: 1,
  leads: false,
  votes: Set<Node>(),
  /** Ticks of its own clock for which it votes for nobody, and does not stand. */
  timer: 0,
  beats: 0,
  /** Ticks of its own clock since the last heartbeat, while a majority has not answered it; else null. */
  waited: null as number | null,
  answered: Set<Node>(),
  /** Ticks of its own clock for which it may read. */
  lease: 0,
  value: 0 as 0 | 1,
  stored: Set<Node>(),
}) {}

type Message =
  | { readonly type: 'Heartbeat' | 'Heard'; readonly term: number; readonly number: number }
  | { readonly type: 'RequestVote' | 'Vote' | 'Append' | 'Appended'; readonly term: number }

type Event = { readonly type: 'written' } | { readonly type: 'read'; readonly value: 0 | 1 }

type Roles = { node: { state: Server; inbox: Message } }

class Reads extends Record({ written: false, fresh: false, stale: false }) {}

const isMajority = (who: Set<Node>, { nodes }: Pick<Here<Roles, 'node', Event>, 'nodes'>) => who.size > nodes.node.length / 2

/** It hears of a later term, or of its leader: whoever led in an earlier one leads no more. */
const hears = (n: Server, term: number) => (term > n.term ? n.merge({ term, leads: false, votes: Set(), waited: null, lease: 0 }) : n)

/**
 * Bounds: each node sends at most `beats` heartbeats, and there are two terms. Nobody votes for `timeout` ticks after a heartbeat. A clock is at most `drift` ticks off; of `margin` ticks a leader makes no use.
 */
export const leaseReads = family(
  { nodes: 3, beats: 1, timeout: 2, drift: 0, margin: 0 },
  ({ nodes, beats, timeout, drift, margin }) =>
    ({
      name: 'lease-reads',
      source: 'Ongaro 2014, Consensus: Bridging Theory and Practice, sections 6.4.1 and 4.2.3; Gray & Cheriton 1989, SOSP',
      network: 'fair-loss',
      timing: asynchronous({ drift }),
      observers: {
        reads: {
          init: new Reads(),
          on: (reads: Reads, event: Event) =>
            event.type === 'written'
              ? reads.set('written', true)
              : event.value === 1
                ? reads.set('fresh', true)
                : reads.set('stale', reads.written || reads.stale),
        },
      },
      roles: {
        node: {
          count: nodes,
          init: ({ self }) => new Server({ leads: self.rank === 0 }),
          tick: n =>
            n.merge({
              timer: Math.max(0, n.timer - 1),
              waited: n.waited === null ? null : Math.min(n.waited + 1, timeout),
              lease: Math.max(0, n.lease - 1),
            }),
          actions: {
            heartbeat: {
              when: n => n.leads && n.waited === null && n.beats < beats,
              do(n, { self, broadcast }) {
                broadcast({ type: 'Heartbeat', term: n.term, number: n.beats })
                return n.merge({ beats: n.beats + 1, waited: 0, answered: Set([self]) })
              },
            },
            /** "While the leader held its lease, it would service read-only queries without communication." */
            read: {
              when: (n, { rule }) => n.leads && rule('the lease has not ended', n.lease > 0),
              do(n, { emit }) {
                emit({ type: 'read', value: n.value })
                return n
              },
            },
            stand: {
              when: n => !n.leads && n.term === 1 && n.timer === 0,
              do(n, { self, broadcast }) {
                broadcast({ type: 'RequestVote', term: n.term + 1 })
                return n.merge({ term: n.term + 1, votes: Set([self]) })
              },
            },
            write: {
              when: n => n.leads && n.term === 2 && n.value === 0,
              do(n, { self, broadcast }) {
                broadcast({ type: 'Append', term: n.term })
                return n.merge({ value: 1, stored: Set([self]) })
              },
            },
          },
          on: {
            Heartbeat(n, { term, number }, leader: Node, { send }) {
              if (term < n.term) return n
              send(leader, { type: 'Heard', term, number })
              return hears(n, term).set('timer', timeout)
            },
            /** "Once the leader's heartbeats were acknowledged by a majority of the cluster", the lease counts from when they were sent. */
            Heard(n, { term, number }, node: Node, here) {
              if (!n.leads || n.waited === null || term !== n.term || number !== n.beats - 1) return n
              const answered = n.answered.add(node)
              if (!isMajority(answered, here)) return n.set('answered', answered)
              return n.merge({ lease: Math.max(n.lease, timeout - margin - n.waited), waited: null, answered: Set() })
            },
            /** "If a server receives a RequestVote request within the minimum election timeout of hearing from a current leader, it does not update its term or grant its vote." */
            RequestVote(n, { term }, candidate: Node, { rule, send }) {
              if (term <= n.term || !rule('it has heard no leader for so long', n.timer === 0 && n.lease === 0)) return n
              send(candidate, { type: 'Vote', term })
              return hears(n, term)
            },
            Vote(n, { term }, node: Node, here) {
              if (n.leads || term !== n.term || n.votes.isEmpty()) return n
              const votes = n.votes.add(node)
              return isMajority(votes, here) ? n.merge({ leads: true, votes: Set() }) : n.set('votes', votes)
            },
            Append(n, { term }, leader: Node, { send }) {
              if (term < n.term) return n
              send(leader, { type: 'Appended', term })
              return hears(n, term).merge({ value: 1, timer: timeout })
            },
            Appended(n, { term }, node: Node, here) {
              if (!n.leads || term !== n.term || n.stored.isEmpty()) return n
              const stored = n.stored.add(node)
              if (!isMajority(stored, here)) return n.set('stored', stored)
              here.emit({ type: 'written' })
              return n.set('stored', Set())
            },
          },
        },
      },
      properties: {
        /** No read returns what was written over before it began. */
        noStaleRead: observed('reads', ({ stale }: Reads) => !stale),

        /** At most one leader a term. */
        oneLeader: eachPair(
          'node',
          ({ leads, term }) => (leads ? term : null),
          (a, b) => a === null || a !== b,
        ),

        readsByLease: reachable(observed('reads', ({ fresh }: Reads) => fresh)),

        /** Two think that they lead; the one of the earlier term reads no more. */
        twoLeaders: reachable(
          somePair(
            'node',
            ({ leads, term }) => (leads ? term : 0),
            (a, b) => a === 1 && b === 2,
          ),
        ),
      },
    }) satisfies Protocol<Roles, Event>,
)

export const proofs = [{}, { beats: 2, slow: true }, { drift: 1, margin: 4, timeout: 5, slow: true }] satisfies Proofs<typeof leaseReads>
