/**
 * Viewstamped Replication: a primary orders operations, and the replicas replace it by the next one when it fails; none has a disk.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Consensus and total order broadcast", names it. As in B. Liskov and J. Cowling, "Viewstamped
 * Replication Revisited", MIT-CSAIL-TR-2012-021, sections 4.1 (normal operation), 4.2 (view changes) and 4.3 (recovery), without state transfer.
 */
import { List, Map, Record, Set } from 'immutable'
import {
  always,
  arePrefixConsistent,
  crashRecovery,
  each,
  eachPair,
  family,
  type Here,
  type Id,
  isPrefix,
  kept,
  Message,
  type Observer,
  observed,
  type Proofs,
  type Protocol,
  reachable,
  some,
  step,
  type World,
} from '../../checker/index.ts'

type Node = Id<'node'>

/** What a replica says of its state in a view change: ⟨l, v′, k⟩; n is the length of l. */
export class Vote extends Record({ log: List<Message>(), lastNormal: 0, commit: 0 }) {}

/** A response in recovery: ⟨v, l, k⟩, of which the last two are the primary's only. */
class Answer extends Record({ view: 0, log: null as List<Message> | null, commit: 0 }) {}

export class Replica extends Record({
  status: 'normal' as 'normal' | 'view-change' | 'recovering',
  view: 0, // view-number
  lastNormal: 0, // the latest view in which its status was normal
  log: List<Message>(), // its length is the op-number
  commit: 0, // commit-number
  oks: Map<number, Set<Node>>(), // of a primary: who has each op-number
  starts: Set<Node>(), // who else changes to this view
  votes: Map<Node, Vote>(), // of the new primary: who has sent DoViewChange
  answers: Map<Node, Answer>(), // in recovery
  // These last longer than a crash. A nonce is unique; where random numbers are meant, the model counts.
  nonce: 0,
  requests: 0,
}) {}

type Packet =
  | { readonly type: 'Request'; readonly message: Message }
  | { readonly type: 'Prepare'; readonly view: number; readonly message: Message; readonly op: number; readonly commit: number }
  | { readonly type: 'PrepareOk'; readonly view: number; readonly op: number }
  | { readonly type: 'Commit'; readonly view: number; readonly commit: number }
  | { readonly type: 'StartViewChange'; readonly view: number }
  | { readonly type: 'DoViewChange'; readonly view: number; readonly vote: Vote }
  | { readonly type: 'StartView'; readonly view: number; readonly log: List<Message>; readonly commit: number }
  | { readonly type: 'Recovery'; readonly nonce: number }
  | { readonly type: 'RecoveryResponse'; readonly nonce: number; readonly answer: Answer }

type Roles = { node: { state: Replica; inbox: Packet } }

/** A replica has executed the operations of a log. */
type Event = { readonly type: 'commit'; readonly log: List<Message> }

type Handler = Here<Roles, 'node', Event>

/** Hears what was committed, whoever forgets it. */
class Committed extends Record({ log: List<Message>(), violation: null as List<Message> | null }) {}

const committed: Observer<Event, Committed> = {
  init: new Committed(),
  on(seen, { log }) {
    if (seen.violation !== null || isPrefix(log, seen.log)) return seen
    return isPrefix(seen.log, log) ? seen.set('log', log) : seen.set('violation', log)
  },
}

/** "The primary is chosen round-robin." */
const primaryOf = (view: number, nodes: readonly Node[]) => nodes.find(({ rank }) => rank === view % nodes.length) as Node

/** The replicas are 2f + 1. */
const f = (nodes: readonly Node[]) => Math.floor((nodes.length - 1) / 2)

const leads = (n: Replica, { self, nodes }: Pick<Handler, 'self' | 'nodes'>) => n.status === 'normal' && primaryOf(n.view, nodes.node) === self

/** It executes operations up to this number, as far as it has them. */
const executed = (n: Replica, commit: number, { emit }: Handler): Replica => {
  const upTo = Math.min(commit, n.log.size)
  if (upTo <= n.commit) return n
  emit({ type: 'commit', log: n.log.take(upTo) })
  return n.set('commit', upTo)
}

/** 4.1, 2–3, at the primary: "if the request-number isn't bigger than the information in the table, it drops the request". The log is its client-table. */
const ordered = (n: Replica, message: Message, { broadcast, rule }: Handler): Replica => {
  if (!rule('the client-table does not have the request', !n.log.includes(message))) return n
  const log = n.log.push(message)
  broadcast({ type: 'Prepare', view: n.view, message, op: log.size, commit: n.commit })
  return n.set('log', log)
}

/** It enters a view, in which its status is normal. */
const entered = (n: Replica, view: number, log: List<Message>) =>
  n.merge({ status: 'normal', view, lastNormal: view, log, oks: Map(), starts: Set(), votes: Map(), answers: Map() })

/** 4.2, 1: it "notes the need for a view change". */
const changing = (n: Replica, view: number, { broadcast }: Handler): Replica => {
  broadcast({ type: 'StartViewChange', view })
  return n.merge({ status: 'view-change', view, oks: Map(), starts: Set(), votes: Map() })
}

/** 4.2, 3, at the new primary. */
const voted = (n: Replica, from: Node, vote: Vote, here: Handler): Replica => {
  const votes = n.votes.set(from, vote)
  if (!here.rule('f + 1 say what they have', votes.size > f(here.nodes.node))) return n.set('votes', votes)
  const all = votes.toSet()
  const isBest = (a: Vote) =>
    all.every(
      b =>
        here.rule('the log of the latest view counts', a.lastNormal >= b.lastNormal) &&
        (a.lastNormal > b.lastNormal || here.rule('the longest log counts', a.log.size >= b.log.size)),
    )
  const { log } = here.choose(all.filter(isBest))
  const commit = Math.max(...all.map(({ commit: k }) => k))
  here.broadcast({ type: 'StartView', view: n.view, log, commit })
  return executed(entered(n, n.view, log), commit, here)
}

/**
 * Bounds: `views` in all, `crashes`, and as many `operations` at each replica, of which none is asked for another while its log has `length`. One crash at most: with two, of
 * which no two replicas are down at the same time, the recovery of the paper is wrong. See the claim. A client that hears nothing `retries`: 4.1, it "re-sends the request to all replicas".
 */
export const viewstampedReplication = family(
  { nodes: 3, views: 2, operations: 1, length: 1, crashes: 1, retries: false },
  ({ nodes, views, operations, length, crashes, retries }) =>
    ({
      name: 'viewstamped-replication',
      source: 'Kleppmann 2025/26, Distributed Systems, slide Consensus and total order broadcast; Liskov & Cowling 2012, Viewstamped Replication Revisited',
      network: 'fair-loss',
      faults: [crashRecovery('node', { atMost: crashes })],
      roles: {
        node: {
          count: nodes,
          init: () => new Replica(),

          // 4.3, 1: a replica that comes back knows nothing, and asks with a new nonce.
          recover: n => new Replica({ status: 'recovering', nonce: n.nonce + 1, requests: n.requests }),

          actions: {
            // 4.1, 2–3: a client's request reaches the primary.
            request: {
              when: (n, here) => leads(n, here) && n.requests < operations && n.log.size < length,
              do(n, here) {
                const message = new Message({ by: here.self, number: n.requests })
                if (retries) here.send(here.nodes.node, { type: 'Request', message })
                return ordered(n.set('requests', n.requests + 1), message, here)
              },
            },
            // 4.1, 6: "if the primary does not receive a new client request", it tells of commits so.
            commit: {
              when: (n, here) => leads(n, here) && n.commit > 0,
              do(n, { broadcast }) {
                broadcast({ type: 'Commit', view: n.view, commit: n.commit })
                return n
              },
            },
            // 4.2, 1, by its own timer. Timers have no length.
            timeout: {
              when: n => n.status !== 'recovering' && n.view < views - 1,
              do: (n, here) => changing(n, n.view + 1, here),
            },
            // 4.3, 1.
            recovery: {
              when: n => n.status === 'recovering',
              do(n, { broadcast }) {
                broadcast({ type: 'Recovery', nonce: n.nonce })
                return n
              },
            },
          },

          on: {
            // 4.1, 2–3: the same request again, at whoever is the primary now.
            Request: (n, { message }, _, here) => (leads(n, here) && n.log.size < length ? ordered(n, message, here) : n),
            // 4.1, 4: backups process Prepare messages in order.
            Prepare(n, { view, message, op, commit }, from: Node, here) {
              if (n.status !== 'normal' || !here.rule('the message is of this view', view === n.view) || op > n.log.size + 1) return n
              here.send(from, { type: 'PrepareOk', view, op })
              return executed(op > n.log.size ? n.set('log', n.log.push(message)) : n, commit, here)
            },
            // 4.1, 5: "the primary waits for f PrepareOk messages from different backups".
            PrepareOk(n, { view, op }, from: Node, here) {
              if (!leads(n, here) || view !== n.view || op <= n.commit) return n
              const who = n.oks.get(op, Set<Node>()).add(from)
              if (who.size < f(here.nodes.node)) return n.setIn(['oks', op], who)
              return executed(
                n.set(
                  'oks',
                  n.oks.filter((_, number) => number > op),
                ),
                op,
                here,
              )
            },
            Commit(n, { view, commit }, _, here) {
              return n.status === 'normal' && view === n.view ? executed(n, commit, here) : n
            },

            // 4.2, 1–2.
            StartViewChange(before, { view }, from: Node, here) {
              if (before.status === 'recovering' || view < before.view || (view === before.view && before.status === 'normal')) return before
              const n = view > before.view ? changing(before, view, here) : before
              const starts = n.starts.add(from)
              const vote = new Vote({ log: n.log, lastNormal: n.lastNormal, commit: n.commit })
              const next = n.set('starts', starts)
              if (starts.size < f(here.nodes.node)) return next
              const primary = primaryOf(view, here.nodes.node)
              if (primary === here.self) return voted(next, here.self, vote, here)
              here.send(primary, { type: 'DoViewChange', view, vote })
              return next
            },
            // 4.2, 3.
            DoViewChange(before, { view, vote }, from: Node, here) {
              if (before.status === 'recovering' || view < before.view || (view === before.view && before.status === 'normal')) return before
              return voted(view > before.view ? changing(before, view, here) : before, from, vote, here)
            },
            // 4.2, 5.
            StartView(n, { view, log, commit }, from: Node, here) {
              if (n.status === 'recovering' || view < n.view || (view === n.view && n.status === 'normal')) return n
              for (let op = commit + 1; op <= log.size; op++) here.send(from, { type: 'PrepareOk', view, op })
              return executed(entered(n, view, log), commit, here)
            },

            // 4.3, 2: "a replica j replies only when its status is normal".
            Recovery(n, { nonce }, from: Node, here) {
              if (n.status !== 'normal') return n
              const isPrimary = primaryOf(n.view, here.nodes.node) === here.self
              here.send(from, { type: 'RecoveryResponse', nonce, answer: new Answer({ view: n.view, ...(isPrimary ? { log: n.log, commit: n.commit } : {}) }) })
              return n
            },
            // 4.3, 3: f + 1 responses, all with this nonce, and among them one of the primary of the latest view that it learns of.
            RecoveryResponse(n, { nonce, answer }, from: Node, here) {
              if (n.status !== 'recovering' || !here.rule('the response is to this recovery', nonce === n.nonce)) return n
              const answers = n.answers.set(from, answer)
              const view = Math.max(...answers.map(one => one.view).values())
              const latest = answers.get(primaryOf(view, here.nodes.node))
              const isQuorum = here.rule('f + 1 have responded', answers.size > f(here.nodes.node))
              if (!isQuorum || latest === undefined || latest.log === null || latest.view !== view) return n.set('answers', answers)
              return executed(entered(n, view, latest.log), latest.commit, here)
            },
          },
        },
      },
      observers: { committed },
      properties: {
        /** What was committed stays so: all that execute operations execute the same ones, in one order, whoever crashes. */
        committedStays: observed('committed', kept),

        /** The logs of two replicas that are in one view agree. */
        logsAgree: eachPair(
          'node',
          ({ status, view, log }) => ({ status, view, log }),
          (a, b) => a.status !== 'normal' || b.status !== 'normal' || a.view !== b.view || arePrefixConsistent(a.log, b.log),
        ),

        /** An operation is executed once, however often its client asks. */
        executedOnce: each(
          'node',
          ({ log, commit }) => log.take(commit),
          operations => operations.toSet().size === operations.size,
        ),

        /** View-numbers and commit-numbers never fall, unless it crashes. */
        neverGoesBack: step('node', (before, after) => before.nonce !== after.nonce || (before.view <= after.view && before.commit <= after.commit)),

        /** Of one view an operation is committed in the next, by both replicas that are in it. One of them is its primary: the replica that ordered it is not needed. */
        survives: reachable(
          always(
            ({ nodes, get }: World<Roles, string>) =>
              views < 2 ||
              operations === 0 ||
              nodes.node.some(id => {
                const [n, primary] = [get(id), get(primaryOf(1, nodes.node))]
                return (
                  id !== primaryOf(1, nodes.node) &&
                  [n, primary].every(one => one.status === 'normal' && one.view === 1 && one.commit === 1 && one.requests === 0)
                )
              }),
          ),
        ),

        /** A replica has recovered, with what was committed. */
        recovers: reachable(
          some(
            'node',
            n => n.nonce > 0 && n.status === 'normal' && n.commit > 0,
            isBack => crashes === 0 || operations === 0 || isBack,
          ),
        ),
      },
    }) satisfies Protocol<Roles, Event>,
)

export const proofs = [{}, { crashes: 0, operations: 2, length: 2 }, { crashes: 0, views: 3 }, { crashes: 0, length: 2, retries: true }] satisfies Proofs<
  typeof viewstampedReplication
>
