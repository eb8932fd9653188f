// etcd-io/etcd#7331: a new leader answers a ReadIndex request by its own commit index before it has committed an entry of its own term.
import { List, Map, Record, Set } from 'immutable'
import {
  eachPair,
  family,
  type Here,
  type Id,
  kept,
  linearization,
  type Mutants,
  type OperationEvent,
  observed,
  type Protocol,
  type RegisterOperation,
  reachable,
  register,
  some,
} from '../../checker/index.ts'

type Node = Id<'node'>
class Entry extends Record({ term: 0, write: false }) {}
class Read extends Record({ index: 0, acks: Set<Node>() }) {}
class Server extends Record({
  term: 0,
  votedFor: null as Node | null,
  log: List<Entry>(),
  commit: 0,
  role: 'follower' as 'follower' | 'candidate' | 'leader',
  votes: Set<Node>(),
  acks: Map<Node, number>(),
  reads: Map<Id<'reader'>, Read>(),
}) {}
class Writer extends Record({ state: 'new' as 'new' | 'waits' | 'done' }) {}
class Reader extends Record({ state: 'new' as 'new' | 'waits' | 'done' }) {}

type Message =
  | { readonly type: 'VoteRequest'; readonly term: number; readonly len: number; readonly last: number }
  | { readonly type: 'Vote'; readonly term: number }
  | { readonly type: 'Append'; readonly term: number; readonly log: List<Entry>; readonly commit: number }
  | { readonly type: 'Appended'; readonly term: number; readonly len: number }
  | { readonly type: 'Beat'; readonly term: number; readonly ctx: Id<'reader'> }
  | { readonly type: 'BeatOk'; readonly term: number; readonly ctx: Id<'reader'> }
  | { readonly type: 'Write' }
  | { readonly type: 'Read' }

type Roles = {
  node: { state: Server; inbox: Message }
  writer: { state: Writer; inbox: { readonly type: 'WriteOk' } }
  reader: { state: Reader; inbox: { readonly type: 'ReadOk'; readonly value: number } }
}
type Event = OperationEvent<RegisterOperation<number>, number | undefined>

const majority = (n: number, of: readonly unknown[]) => n * 2 > of.length
const lastTerm = (log: List<Entry>) => log.last()?.term ?? 0
const value = (log: List<Entry>, upTo: number) => (log.take(upTo).some(e => e.write) ? 1 : 0)

const stepDown = (n: Server, term: number) => (term > n.term ? n.merge({ term, votedFor: null, role: 'follower', votes: Set(), acks: Map(), reads: Map() }) : n)

const replicate = (n: Server, { broadcast }: Here<Roles, 'node', Event>) => broadcast({ type: 'Append', term: n.term, log: n.log, commit: n.commit })

export const readIndex = family(
  { nodes: 3, terms: 2, readers: 1, waits: true },
  ({ nodes, terms, readers, waits }) =>
    ({
      name: 'read-index',
      source: 'etcd-io/etcd#7331',
      network: 'fair-loss',
      roles: {
        node: {
          count: nodes,
          init: () => new Server(),
          actions: {
            timeout: {
              when: n => n.role !== 'leader',
              do(n, { self, broadcast }) {
                const term = n.term + 1
                broadcast({ type: 'VoteRequest', term, len: n.log.size, last: lastTerm(n.log) })
                return n.merge({ term, role: 'candidate', votedFor: self, votes: Set([self]), acks: Map(), reads: Map() })
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
            Vote(n, { term }, from: Node, here) {
              if (n.role !== 'candidate' || term !== n.term) return stepDown(n, term)
              const votes = n.votes.add(from)
              if (!majority(votes.size, here.nodes.node)) return n.set('votes', votes)
              const log = n.log.push(new Entry({ term }))
              const leader = n.merge({ role: 'leader', votes: Set(), log, acks: Map([[here.self, log.size]]) })
              replicate(leader, here)
              return leader
            },
            Append(node, { term, log, commit }, from: Node, { send }) {
              if (term < node.term) return node
              const n = stepDown(node, term).set('role', 'follower').set('votes', Set<Node>())
              send(from, { type: 'Appended', term, len: log.size })
              // an old Append of the same leader may not shorten the log
              return n.merge({ log: lastTerm(n.log) === term && n.log.size > log.size ? n.log : log, commit: Math.max(n.commit, commit) })
            },
            Appended(n, { term, len }, from: Node, here) {
              if (n.role !== 'leader' || term !== n.term) return stepDown(n, term)
              const acks = n.acks.set(from, Math.max(n.acks.get(from, 0), len))
              const committed =
                n.log
                  .map((_, i) => i + 1)
                  .filter(l => majority(acks.filter(a => a >= l).size, here.nodes.node) && n.log.get(l - 1)?.term === n.term)
                  .last() ?? 0
              const next = n.merge({ acks, commit: Math.max(n.commit, committed) })
              if (value(next.log, next.commit) === 1) here.send(here.nodes.writer, { type: 'WriteOk' })
              if (next.commit > n.commit) replicate(next, here)
              return next
            },
            Write(n, _, _from, here) {
              if (n.role !== 'leader' || n.log.some(e => e.write)) return n
              const log = n.log.push(new Entry({ term: n.term, write: true }))
              const next = n.merge({ log, acks: n.acks.set(here.self, log.size) })
              replicate(next, here)
              return next
            },
            Read(n, _, from: Id<'reader'>, { self, broadcast, rule }) {
              if (n.role !== 'leader' || n.reads.has(from)) return n
              if (!rule('the leader has committed an entry of its term', !waits || (n.commit > 0 && n.log.get(n.commit - 1)?.term === n.term))) return n
              broadcast({ type: 'Beat', term: n.term, ctx: from })
              return n.set('reads', n.reads.set(from, new Read({ index: n.commit, acks: Set([self]) })))
            },
            Beat(node, { term, ctx }, from: Node, { send }) {
              if (term < node.term) return node
              const n = stepDown(node, term).set('role', 'follower').set('votes', Set<Node>())
              send(from, { type: 'BeatOk', term, ctx })
              return n
            },
            BeatOk(n, { term, ctx }, from: Node, { nodes, send }) {
              const read = n.reads.get(ctx)
              if (n.role !== 'leader' || term !== n.term || read === undefined) return n
              const acks = read.acks.add(from)
              if (majority(acks.size, nodes.node)) send(ctx, { type: 'ReadOk', value: value(n.log, read.index) })
              return n.set('reads', n.reads.set(ctx, read.set('acks', acks)))
            },
          },
          within: n => n.term <= terms,
        },
        writer: {
          count: 1,
          init: () => new Writer(),
          actions: {
            write: {
              when: w => w.state === 'new',
              do(w, { nodes, send, emit }) {
                emit({ type: 'invoke', op: 'write', value: 1 })
                send(nodes.node, { type: 'Write' })
                return w.set('state', 'waits')
              },
            },
          },
          on: {
            WriteOk(w, _, _from, { emit }) {
              if (w.state === 'waits') emit({ type: 'return' })
              return w.state === 'waits' ? w.set('state', 'done') : w
            },
          },
        },
        reader: {
          count: readers,
          init: () => new Reader(),
          actions: {
            read: {
              when: r => r.state === 'new',
              do(r, { nodes, send, emit }) {
                emit({ type: 'invoke', op: 'read' })
                send(nodes.node, { type: 'Read' })
                return r.set('state', 'waits')
              },
            },
          },
          on: {
            ReadOk(r, { value }, _from, { emit }) {
              if (r.state === 'waits') emit({ type: 'return', result: value })
              return r.state === 'waits' ? r.set('state', 'done') : r
            },
          },
        },
      },
      observers: { clients: linearization(register(0)) },
      properties: {
        linearizable: observed('clients', kept),
        sameLog: eachPair(
          'node',
          n => n.log.take(n.commit),
          (a, b) => a.equals(b.take(a.size)) || b.equals(a.take(b.size)),
        ),
        reads: reachable(
          some(
            'reader',
            r => r.state,
            s => s === 'done',
          ),
        ),
        writes: reachable(
          some(
            'writer',
            r => r.state,
            s => s === 'done',
          ),
        ),
      },
    }) satisfies Protocol<Roles, Event>,
)

export const mutants = {
  early: {
    because: 'A leader answers before it has committed an entry of its own term.',
    breaks: 'linearizable',
    parameters: { waits: false },
    length: 16,
    change: spec => spec,
  },
} satisfies Mutants<typeof readIndex>
