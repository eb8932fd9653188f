/**
 * Raft: total order broadcast by electing a leader that replicates its log.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Raft (1/9)" to "Raft (9/9)", line by line;
 * after D. Ongaro and J. Ousterhout, "In Search of an Understandable Consensus Algorithm", USENIX ATC 2014.
 */
import { is, List, Map, Record, Set } from 'immutable'
import { crashRecovery, each, eachPair, family, type Here, type Id, type Protocol, reachable, some, somePair, step } from '../../checker/index.ts'

type Node = Id<'node'>

/**
 * A record of the log. A message is only a number here: the position in the log that its leader gave it. As a term has but one
 * leader, which only appends, the number and the term name one request to broadcast; and as both are known from where the record stands,
 * naming the messages adds no states.
 */
class Entry extends Record({ msg: 0, term: 0 }) {}

type Message =
  | { readonly type: 'VoteRequest'; readonly cTerm: number; readonly cLogLength: number; readonly cLogTerm: number }
  | { readonly type: 'VoteResponse'; readonly term: number; readonly granted: boolean }
  | {
      readonly type: 'LogRequest'
      readonly term: number
      readonly prefixLen: number
      readonly prefixTerm: number
      readonly leaderCommit: number
      readonly suffix: List<Entry>
    }
  | { readonly type: 'LogResponse'; readonly term: number; readonly ack: number; readonly success: boolean }

class Server extends Record({
  // on disk
  currentTerm: 0,
  votedFor: null as Node | null,
  log: List<Entry>(),
  commitLength: 0, // messages delivered to the application: log[0] … log[commitLength - 1]
  // in memory
  currentRole: 'follower' as 'follower' | 'candidate' | 'leader',
  currentLeader: null as Node | null,
  votesReceived: Set<Node>(),
  sentLength: Map<Node, number>(),
  ackedLength: Map<Node, number>(),
}) {}

type Roles = { node: { state: Server; inbox: Message } }

const termOfLast = (log: List<Entry>) => log.last()?.term ?? 0

const majority = (nodes: readonly Node[]) => Math.ceil((nodes.length + 1) / 2)

/** Slide 5/9. */
const replicateLog = (n: Server, followerId: Node, { send }: Here<Roles, 'node'>) => {
  const prefixLen = n.sentLength.get(followerId, 0)
  const suffix = n.log.skip(prefixLen)
  const prefixTerm = termOfLast(n.log.take(prefixLen))
  send(followerId, { type: 'LogRequest', term: n.currentTerm, prefixLen, prefixTerm, leaderCommit: n.commitLength, suffix })
}

/** Slide 7/9. */
const appendEntries = (n: Server, prefixLen: number, leaderCommit: number, suffix: List<Entry>, { rule }: Here<Roles, 'node'>) => {
  let { log, commitLength } = n
  if (suffix.size > 0 && log.size > prefixLen) {
    const index = Math.min(log.size, prefixLen + suffix.size) - 1
    if (rule('the entries conflict', log.get(index)?.term !== suffix.get(index - prefixLen)?.term)) log = log.take(prefixLen)
  }
  if (prefixLen + suffix.size > log.size) log = log.concat(suffix.skip(log.size - prefixLen))
  if (leaderCommit > commitLength) commitLength = leaderCommit
  return n.merge({ log, commitLength })
}

/** Slide 9/9. */
const commitLogEntries = (n: Server, { nodes, rule }: Here<Roles, 'node'>) => {
  const acks = (length: number) => nodes.node.filter(node => n.ackedLength.get(node, 0) >= length).length
  const ready = n.log.map((_, i) => i + 1).filter(length => rule('a quorum has the entry', acks(length) >= majority(nodes.node)))
  const maxReady = ready.last() ?? 0
  return maxReady > n.commitLength && rule('the entry is of the current term', n.log.get(maxReady - 1)?.term === n.currentTerm)
    ? n.set('commitLength', maxReady)
    : n
}

/** What the node has delivered to the application, in this order. */
const delivered = (n: Server) => n.log.take(n.commitLength)

const isPrefix = (a: List<Entry>, b: List<Entry>) => is(a, b.take(a.size))

const leaderTerm = (n: Server) => (n.currentRole === 'leader' ? n.currentTerm : null)

/**
 * `broadcasts` bounds the length of a log, node by node, rather than the requests in the whole system: so a leader whose peers lost its entries
 * to a newer leader may still be asked for others, which a count of requests would forbid (Figure 8 of the paper needs two requests, of two leaders,
 * for the same position).
 */
export const raft = family(
  { nodes: 3, terms: 2, broadcasts: 1, crashes: 0 },
  ({ nodes, terms, broadcasts, crashes }) =>
    ({
      name: 'raft',
      source: 'Kleppmann 2025/26, Distributed Systems, slides Raft (1/9)–(9/9); Ongaro & Ousterhout 2014',
      network: 'fair-loss',
      faults: [crashRecovery('node', { atMost: crashes })],
      roles: {
        node: {
          count: nodes,
          // Slide 1/9.
          init: () => new Server(),

          // Slide 1/9: what is on disk stays.
          recover: n => n.merge({ currentRole: 'follower', currentLeader: null, votesReceived: Set(), sentLength: Map(), ackedLength: Map() }),

          actions: {
            // Slide 1/9. Timers have no length: whoever is not the leader may suspect it at any time. A node sends the request to the others
            // only: its own vote is counted already, and its answer to itself would change nothing.
            electionTimeout: {
              when: n => n.currentRole !== 'leader',
              do(n, { self, broadcast }) {
                const currentTerm = n.currentTerm + 1
                broadcast({ type: 'VoteRequest', cTerm: currentTerm, cLogLength: n.log.size, cLogTerm: termOfLast(n.log) })
                return n.merge({ currentTerm, currentRole: 'candidate', votedFor: self, votesReceived: Set([self]) })
              },
            },

            // Slide 4/9. A request at another node is forwarded to the leader; as it may take any time to get there, that is the same as a
            // request at the leader later, and is left out.
            request: {
              when: n => n.currentRole === 'leader',
              do(n, here) {
                const log = n.log.push(new Entry({ msg: n.log.size, term: n.currentTerm }))
                const next = n.merge({ log, ackedLength: n.ackedLength.set(here.self, log.size) })
                for (const follower of here.others) replicateLog(next, follower, here)
                return next
              },
            },

            // Slide 4/9.
            replicate: {
              when: n => n.currentRole === 'leader',
              do(n, here) {
                for (const follower of here.others) replicateLog(n, follower, here)
                return n
              },
            },
          },

          on: {
            // Slide 2/9.
            VoteRequest(node, { cTerm, cLogLength, cLogTerm }, cId: Node, { rule, send }) {
              let n = node
              if (cTerm > n.currentTerm) n = n.merge({ currentTerm: cTerm, currentRole: 'follower', votedFor: null })
              const lastTerm = termOfLast(n.log)
              const logOk = cLogTerm > lastTerm || (cLogTerm === lastTerm && cLogLength >= n.log.size)

              if (
                cTerm === n.currentTerm &&
                rule('the log of the candidate is up to date', logOk) &&
                rule('one vote a term', n.votedFor === cId || n.votedFor === null)
              ) {
                send(cId, { type: 'VoteResponse', term: n.currentTerm, granted: true })
                return n.set('votedFor', cId)
              }
              send(cId, { type: 'VoteResponse', term: n.currentTerm, granted: false })
              return n
            },

            // Slide 3/9.
            VoteResponse(node, { term, granted }, voterId: Node, here) {
              let n = node
              if (n.currentRole === 'candidate' && term === n.currentTerm && granted) {
                n = n.set('votesReceived', n.votesReceived.add(voterId))
                if (here.rule('a quorum voted', n.votesReceived.size >= majority(here.nodes.node))) {
                  n = n.merge({ currentRole: 'leader', currentLeader: here.self })
                  for (const follower of here.others) {
                    n = n.merge({ sentLength: n.sentLength.set(follower, n.log.size), ackedLength: n.ackedLength.set(follower, 0) })
                    replicateLog(n, follower, here)
                  }
                }
              } else if (term > n.currentTerm) {
                n = n.merge({ currentTerm: term, currentRole: 'follower', votedFor: null })
              }
              return n
            },

            // Slide 6/9.
            LogRequest(node, { term, prefixLen, prefixTerm, leaderCommit, suffix }, leaderId: Node, here) {
              let n = node
              if (term > n.currentTerm) n = n.merge({ currentTerm: term, votedFor: null })
              if (term === n.currentTerm) n = n.merge({ currentRole: 'follower', currentLeader: leaderId })
              const logOk = n.log.size >= prefixLen && (prefixLen === 0 || n.log.get(prefixLen - 1)?.term === prefixTerm)

              if (here.rule('the request is of the current term', term === n.currentTerm) && here.rule('the logs agree up to the prefix', logOk)) {
                n = appendEntries(n, prefixLen, leaderCommit, suffix, here)
                const ack = prefixLen + suffix.size
                here.send(leaderId, { type: 'LogResponse', term: n.currentTerm, ack, success: true })
              } else {
                here.send(leaderId, { type: 'LogResponse', term: n.currentTerm, ack: 0, success: false })
              }
              return n
            },

            // Slide 8/9.
            LogResponse(node, { term, ack, success }, follower: Node, here) {
              let n = node
              if (term === n.currentTerm && n.currentRole === 'leader') {
                if (success && ack >= n.ackedLength.get(follower, 0)) {
                  n = n.merge({ sentLength: n.sentLength.set(follower, ack), ackedLength: n.ackedLength.set(follower, ack) })
                  n = commitLogEntries(n, here)
                } else if (n.sentLength.get(follower, 0) > 0) {
                  n = n.set('sentLength', n.sentLength.set(follower, n.sentLength.get(follower, 0) - 1))
                  replicateLog(n, follower, here)
                }
              } else if (term > n.currentTerm) {
                n = n.merge({ currentTerm: term, currentRole: 'follower', votedFor: null })
              }
              return n
            },
          },

          within: n => n.currentTerm <= terms && n.log.size <= broadcasts,
        },
      },

      properties: {
        /** At most one leader per term. */
        electionSafety: eachPair('node', leaderTerm, (a, b) => a === null || a !== b),

        /** If two logs have an entry of the same term at the same position, they agree up to it. */
        logMatching: eachPair(
          'node',
          n => n.log,
          (a, b) => a.every(({ term }, i) => b.get(i)?.term !== term || is(a.take(i + 1), b.take(i + 1))),
        ),

        /** A leader never overwrites or deletes an entry of its log. */
        leaderAppendOnly: step(
          'node',
          (before, after) => leaderTerm(before) === null || leaderTerm(before) !== leaderTerm(after) || isPrefix(before.log, after.log),
        ),

        /** Total order broadcast, 1: any two nodes deliver in the same order. (State machine safety.) */
        sameOrder: eachPair('node', delivered, (a, b) => isPrefix(a, b) || isPrefix(b, a)),

        /**
         * What was committed is in the log of every leader of a later term. The term of the commit is seen from node a, which delivered: it was no
         * later than a's own. (The term of the entry would be too early: an entry of term 2 may be committed in term 4 along with a newer one,
         * and the leader of term 3 need not have it.) And leaders of a's own term have it too: if it was not committed by that very leader, it was committed earlier.
         */
        leaderCompleteness: eachPair(
          'node',
          n => ({ term: n.currentTerm, leads: n.currentRole === 'leader', log: n.log, delivered: delivered(n) }),
          (a, b) => !b.leads || b.term < a.term || isPrefix(a.delivered, b.log),
        ),

        /** Total order broadcast, 2: what is delivered was broadcast. Only a request makes an entry, so it is enough that there is one. */
        deliversOnlyWhatWasBroadcast: each(
          'node',
          n => n.commitLength <= n.log.size,
          exists => exists,
        ),

        /** Total order broadcast, 3: no message is delivered twice: not at two positions, nor … */
        deliversOnce: each('node', delivered, entries => entries.toSet().size === entries.size),

        /** … at the same position again, … */
        commitLengthNeverFalls: step('node', (before, after) => before.commitLength <= after.commitLength),

        /** … and what was delivered stays what it was. */
        deliveredNeverChanges: step('node', (before, after) => is(delivered(before), after.log.take(before.commitLength))),

        /** Something is delivered at all (if the bounds let anything be broadcast). */
        somebodyDelivers: reachable(
          some(
            'node',
            n => n.commitLength,
            length => length >= Math.min(broadcasts, 1),
          ),
        ),

        /** Two nodes may both think that they lead, in different terms (if the bounds have two). */
        twoLeaders: reachable(somePair('node', leaderTerm, (a, b) => terms < 2 || (a !== null && b !== null && a !== b))),
      },
    }) satisfies Protocol<Roles>,
)
