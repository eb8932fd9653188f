/**
 * Raft: total order broadcast by electing a leader that replicates its log.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Raft (1/9)" to "Raft (9/9)", line by line;
 * after D. Ongaro and J. Ousterhout, "In Search of an Understandable Consensus Algorithm", USENIX ATC 2014.
 */
import { is, List, Map, Record, Set } from 'immutable'
import {
  crashRecovery,
  each,
  eachPair,
  family,
  type Here,
  type Id,
  Message,
  type Proofs,
  type Protocol,
  reachable,
  some,
  somePair,
  step,
} from '../../checker/index.ts'

type Node = Id<'node'>

/** A record of the log. A message says at which node it was requested, and how many were before it there: no two are the same, whatever the protocol does. */
export class Entry extends Record({ msg: new Message(), term: 0 }) {}

export type Packet =
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
  | { readonly type: 'Forward'; readonly msg: Message }
  | { readonly type: 'LogResponse'; readonly term: number; readonly ack: number; readonly success: boolean }

export class Server extends Record({
  nodeId: null as Node | null,
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
  // of the application
  requests: 0, // made at this node
}) {}

type Roles = { node: { state: Server; inbox: Packet } }

const termOfLast = (log: List<Entry>) => log.last()?.term ?? 0

export const majority = (nodes: readonly Node[]) => Math.ceil((nodes.length + 1) / 2)

/** Whether these nodes may decide. On the slides any majority may; a variant in which the members change asks the log of the node that counts. */
export type IsQuorum = (who: Set<Node>, n: Server, here: Here<Roles, 'node'>) => boolean

const isMajority: IsQuorum = (who, _, { nodes }) => who.size >= majority(nodes.node)

/**
 * Slide 4/9. The FIFO link to the leader delivers a message once: here the leader passes over what it has in its log, and may append again what it has lost from it.
 * The order of the link is left to the network: it is no matter of total order, since requests of one node go to one leader after another.
 */
export const broadcastMsg = (node: Server, msg: Message, here: Here<Roles, 'node'>) => {
  let n = node
  if (n.currentRole === 'leader') {
    if (
      !here.rule(
        'the link deduplicates',
        n.log.every(entry => !is(entry.msg, msg)),
      )
    )
      return n
    n = n.set('log', n.log.push(new Entry({ msg, term: n.currentTerm })))
    n = n.set('ackedLength', n.ackedLength.set(here.self, n.log.size))
    for (const follower of here.others) replicateLog(n, follower, here)
  } else if (n.currentLeader !== null) {
    here.send(n.currentLeader, { type: 'Forward', msg })
  }
  return n
}

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
const commitLogEntries = (n: Server, isQuorum: IsQuorum, here: Here<Roles, 'node'>) => {
  const { nodes, rule } = here
  const acks = (length: number) => Set(nodes.node.filter(node => n.ackedLength.get(node, 0) >= length))
  const ready = n.log.map((_, i) => i + 1).filter(length => rule('a quorum has the entry', isQuorum(acks(length), n, here)))
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
 * Bounds. Of the whole: `terms`, and `crashes`. Of the requests: each node is asked for `broadcasts` messages at most, and none is asked for another while its log has
 * `length` entries; what a handler then makes of a log is not bounded. With `forwards` any node is asked that knows a leader, otherwise leaders are.
 */
export const raftBounds = { nodes: 3, terms: 2, broadcasts: 1, crashes: 1, length: 2, forwards: false }

/** Raft within these bounds, in which whoever `isQuorum` says may decide. */
export const raftWith = (isQuorum: IsQuorum, { nodes, terms, broadcasts, crashes, length, forwards }: typeof raftBounds) => {
  /** How many entries there may be: each term has but one leader. */
  const entries = forwards ? Math.min(length, nodes * broadcasts) : Math.min(length, broadcasts * Math.min(terms, nodes))
  const twoTerms = terms > 1 && entries > 0
  // Of two nodes both decide, so nobody leads without the entry of another.
  const conflicts = twoTerms && nodes > 2
  return {
    name: 'raft',
    source: 'Kleppmann 2025/26, Distributed Systems, slides Raft (1/9)–(9/9); Ongaro & Ousterhout 2014',
    network: 'fair-loss',
    faults: [crashRecovery('node', { atMost: crashes })],
    roles: {
      node: {
        count: nodes,
        // Slide 1/9.
        init: ({ self }) => new Server({ nodeId: self }),

        // Slide 1/9: what is on disk stays.
        recover: n => n.merge({ currentRole: 'follower', currentLeader: null, votesReceived: Set(), sentLength: Map(), ackedLength: Map() }),

        actions: {
          // Slide 1/9. Timers have no length: whoever is not the leader may suspect it at any time. A node sends the request to the others
          // only: its own vote is counted already, and its answer to itself would change nothing.
          electionTimeout: {
            when: n => n.currentRole !== 'leader' && n.currentTerm < terms,
            do(n, { self, broadcast }) {
              const currentTerm = n.currentTerm + 1
              broadcast({ type: 'VoteRequest', cTerm: currentTerm, cLogLength: n.log.size, cLogTerm: termOfLast(n.log) })
              return n.merge({ currentTerm, currentRole: 'candidate', votedFor: self, votesReceived: Set([self]) })
            },
          },

          // Slide 4/9.
          request: {
            when: n => n.requests < broadcasts && n.log.size < length && (n.currentRole === 'leader' || (forwards && n.currentLeader !== null)),
            do: (n, here) => broadcastMsg(n.set('requests', n.requests + 1), new Message({ by: here.self, number: n.requests }), here),
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
          // Slide 4/9: a node that is asked by another does as if asked by its own application.
          Forward: (n, { msg }, _, here) => broadcastMsg(n, msg, here),

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
              if (here.rule('a quorum voted', isQuorum(n.votesReceived, n, here))) {
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
                n = commitLogEntries(n, isQuorum, here)
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

      /** Total order broadcast, 2: what is delivered was broadcast: requested at the node that it says, and there is such an entry at all. */
      deliversOnlyWhatWasBroadcast: eachPair(
        'node',
        n => ({ nodeId: n.nodeId, requests: n.requests, commitLength: n.commitLength, delivered: delivered(n) }),
        (a, b) =>
          a.delivered.size === a.commitLength &&
          a.delivered.every(({ msg }) => [a, b].every(({ nodeId, requests }) => msg.by !== nodeId || msg.number < requests)),
      ),

      /** Total order broadcast, 3: no message is delivered twice: not at two positions, nor … */
      deliversOnce: each(
        'node',
        n => delivered(n).map(({ msg }) => msg),
        messages => messages.toSet().size === messages.size,
      ),

      /** … at the same position again, … */
      commitLengthNeverFalls: step('node', (before, after) => before.commitLength <= after.commitLength),

      /** … and what was delivered stays what it was. */
      deliveredNeverChanges: step('node', (before, after) => is(delivered(before), after.log.take(before.commitLength))),

      // What must happen for all that to mean something, as far as the bounds let it.

      /** Every node delivers as many messages as there may be. */
      everybodyDelivers: reachable(
        each(
          'node',
          n => n.commitLength,
          commitLength => commitLength >= entries,
        ),
      ),

      /** A leader is elected, and delivers, by a majority: a third has heard nothing yet. */
      majorityIsEnough: reachable(
        somePair(
          'node',
          n => ({ term: n.currentTerm, delivers: n.currentRole === 'leader' && n.commitLength >= Math.min(entries, 1) }),
          (a, b) => nodes < 3 || (a.delivers && b.term === 0),
        ),
      ),

      /** Two nodes may both think that they lead, in different terms, by the vote of the same third: a vote is for one term. */
      twoLeaders: reachable(
        somePair(
          'node',
          n => ({ leads: leaderTerm(n), votes: n.votesReceived.delete(n.nodeId as Node) }),
          (a, b) => terms < 2 || nodes < 3 || (a.leads !== null && b.leads !== null && a.leads !== b.leads && !a.votes.intersect(b.votes).isEmpty()),
        ),
      ),

      /** All nodes stand for election in the last term: whoever was a candidate before stands again. */
      everybodyStands: reachable(
        each(
          'node',
          n => n.currentRole === 'candidate' && n.currentTerm === terms,
          stands => stands,
        ),
      ),

      /** A log has entries of two terms. */
      entriesOfTwoTerms: reachable(
        some(
          'node',
          n => n.log.map(({ term }) => term).toSet().size,
          size => !twoTerms || entries < 2 || size > 1,
        ),
      ),

      /** Two logs have entries of different terms at one position. */
      logsConflict: reachable(
        somePair(
          'node',
          n => n.log,
          (a, b) => !conflicts || a.zip(b).some(([one, other]) => one.term !== other.term),
        ),
      ),

      /** A node that led has lost an entry of its own to a conflict. (It appended all that it was asked for, if nothing is forwarded.) */
      conflictIsTruncated: reachable(
        some(
          'node',
          n => n.log.count(({ msg }) => msg.by === n.nodeId) < n.requests,
          isLost => !conflicts || isLost,
        ),
      ),

      /** A leader has found out that a node lacks the entries of earlier terms, which it sends last first: it comes back to the first. */
      leaderStepsBack: reachable(
        some(
          'node',
          n => n.currentRole === 'leader' && (n.log.first()?.term ?? n.currentTerm) < n.currentTerm && n.sentLength.includes(0),
          isBack => !twoTerms || isBack,
        ),
      ),

      /** A leader has crashed and recovered: the last entry is its own, of the present term, and it leads no more, though nobody else can in this term. */
      leaderRecovers: reachable(
        some(
          'node',
          n => n.currentRole === 'follower' && n.log.last()?.term === n.currentTerm && n.log.last()?.msg.by === n.nodeId,
          isBack => crashes === 0 || entries === 0 || isBack,
        ),
      ),

      /** A leader has an entry that was requested at another node and forwarded. */
      forwarded: reachable(
        some(
          'node',
          n => n.currentRole === 'leader' && n.log.some(({ msg, term }) => term === n.currentTerm && msg.by !== n.nodeId),
          isForwarded => !forwards || isForwarded,
        ),
      ),
    },
  } satisfies Protocol<Roles>
}

export const raft = family(raftBounds, bounds => raftWith(isMajority, bounds))

export const proofs = [
  {},
  // Figure 8 of the paper takes four terms.
  { terms: 4, length: 1, crashes: 0, slow: true },
  { terms: 1, broadcasts: 2, crashes: 0 },
  { terms: 1, length: 1, crashes: 0, forwards: true, slow: true },
  // Two entries of one term, and more than one vote to wait for.
  { broadcasts: 2, crashes: 0 },
  { nodes: 4, broadcasts: 0, crashes: 0 },
  // Two entries of a node, and a crash.
  { broadcasts: 2, slow: true },
  { nodes: 5, broadcasts: 0, crashes: 0, slow: true },
] satisfies Proofs<typeof raft>
