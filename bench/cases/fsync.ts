// nats-io/nats-server#7564, #7567: entries are acknowledged before they are synced; one power failure loses the suffix that was not, and a quorum without it elects.
import { List, Map, Record, Set } from 'immutable'
import {
  crashRecovery,
  eachPair,
  family,
  type Id,
  isPrefix,
  kept,
  type Mutants,
  type Observer,
  observed,
  type Protocol,
  reachable,
  some,
} from '../../checker/index.ts'

type Node = Id<'node'>
class Server extends Record({
  // on disk at once (NATS syncs term and vote)
  term: 0,
  votedFor: null as Node | null,
  log: List<number>(), // the term of each entry
  synced: 0, // how much of the log would survive a power failure
  role: 'follower' as 'follower' | 'candidate' | 'leader',
  votes: Set<Node>(),
  acks: Map<Node, number>(),
  commit: 0,
}) {}
type Message =
  | { readonly type: 'VoteRequest'; readonly term: number; readonly len: number; readonly last: number }
  | { readonly type: 'Vote'; readonly term: number }
  | { readonly type: 'Append'; readonly term: number; readonly log: List<number> }
  | { readonly type: 'Appended'; readonly term: number; readonly len: number }
type Roles = { node: { state: Server; inbox: Message } }
type Event = { readonly type: 'commit'; readonly log: List<number> }
class Acked extends Record({ log: List<number>(), violation: null as List<number> | null }) {}
const acked: Observer<Event, Acked> = {
  init: new Acked(),
  on: (s, { log }) => (s.violation !== null ? s : isPrefix(s.log, log) ? s.set('log', log) : isPrefix(log, s.log) ? s : s.set('violation', log)),
}
const majority = (n: number, of: readonly unknown[]) => n * 2 > of.length
const lastTerm = (log: List<number>) => log.last() ?? 0
const stepDown = (n: Server, term: number) => (term > n.term ? n.merge({ term, votedFor: null, role: 'follower', votes: Set(), acks: Map() }) : n)

export const lazySync = family({ nodes: 3, terms: 2, entries: 1, crashes: 1, always: true }, ({ nodes, terms, entries, crashes, always }) => {
  const written = (n: Server) => (always ? n.set('synced', n.log.size) : n.set('synced', Math.min(n.synced, n.log.size)))
  return {
    name: 'lazy-sync',
    source: 'nats-io/nats-server#7564, #7567',
    network: 'fair-loss',
    faults: [crashRecovery('node', { atMost: crashes })],
    roles: {
      node: {
        count: nodes,
        init: () => new Server(),
        recover: n => n.merge({ log: n.log.take(n.synced), role: 'follower', votes: Set(), acks: Map(), commit: 0 }),
        actions: {
          timeout: {
            when: n => n.role !== 'leader',
            do(n, { self, broadcast }) {
              broadcast({ type: 'VoteRequest', term: n.term + 1, len: n.log.size, last: lastTerm(n.log) })
              return n.merge({ term: n.term + 1, role: 'candidate', votedFor: self, votes: Set([self]), acks: Map() })
            },
          },
          sync: { when: n => n.synced < n.log.size, do: n => n.set('synced', n.log.size) },
          publish: {
            when: n => n.role === 'leader' && n.log.size < entries,
            do(n, { self, broadcast }) {
              const log = n.log.push(n.term)
              broadcast({ type: 'Append', term: n.term, log })
              return written(n.merge({ log, acks: n.acks.set(self, log.size) }))
            },
          },
        },
        on: {
          VoteRequest(node, { term, len, last }, from: Node, { send }) {
            const n = stepDown(node, term)
            const upToDate = last > lastTerm(n.log) || (last === lastTerm(n.log) && len >= n.log.size)
            if (term !== n.term || !upToDate || (n.votedFor !== null && n.votedFor !== from)) return n
            send(from, { type: 'Vote', term })
            return n.set('votedFor', from)
          },
          Vote(n, { term }, from: Node, { nodes, self, broadcast }) {
            if (n.role !== 'candidate' || term !== n.term) return stepDown(n, term)
            const votes = n.votes.add(from)
            if (!majority(votes.size, nodes.node)) return n.set('votes', votes)
            broadcast({ type: 'Append', term, log: n.log })
            return n.merge({ role: 'leader', votes: Set(), acks: Map([[self, n.log.size]]) })
          },
          Append(node, { term, log }, from: Node, { send }) {
            if (term < node.term) return node
            const n = stepDown(node, term).merge({ role: 'follower', votes: Set() })
            send(from, { type: 'Appended', term, len: log.size })
            return written(n.set('log', lastTerm(n.log) === term && n.log.size > log.size ? n.log : log))
          },
          Appended(n, { term, len }, from: Node, { nodes, emit }) {
            if (n.role !== 'leader' || term !== n.term) return stepDown(n, term)
            const acks = n.acks.set(from, Math.max(n.acks.get(from, 0), len))
            const commit =
              n.log
                .map((_, i) => i + 1)
                .filter(l => majority(acks.filter(a => a >= l).size, nodes.node) && n.log.get(l - 1) === n.term)
                .last() ?? 0
            if (commit > n.commit) emit({ type: 'commit', log: n.log.take(commit) })
            return n.merge({ acks, commit: Math.max(n.commit, commit) })
          },
        },
        within: n => n.term <= terms,
      },
    },
    observers: { acked },
    properties: {
      ackedStays: observed('acked', kept),
      oneLeader: eachPair(
        'node',
        n => (n.role === 'leader' ? n.term : null),
        (a, b) => a === null || a !== b,
      ),
      commits: reachable(
        some(
          'node',
          n => n.commit,
          c => c > 0,
        ),
      ),
    },
  } satisfies Protocol<Roles, Event>
})
export const mutants = {
  lazy: { because: 'Entries are acknowledged before they are synced.', breaks: 'ackedStays', parameters: { always: false }, length: 14, change: s => s },
} satisfies Mutants<typeof lazySync>
