/**
 * Zab: a primary broadcasts transactions in epochs, and the next primary begins with what its followers have of the epochs before.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Consensus and total order broadcast", names it. As in F. Junqueira, B. Reed and M. Serafini, "Zab:
 * High-performance broadcast for primary-backup systems", DSN 2011: phase 1 (discovery), 2 (synchronization) and 3 (broadcast). Steps of followers (f) and leaders (l) are the paper's.
 */
import { is, List, Map, Record } from 'immutable'
import {
  crashRecovery,
  each,
  eachPair,
  family,
  type Here,
  type Id,
  isPrefix,
  kept,
  type Observer,
  observed,
  type Proofs,
  type Protocol,
  reachable,
  some,
  somePair,
} from '../../checker/index.ts'

type Node = Id<'node'>

/** ⟨v, z⟩: z is the epoch and a counter in it, from 1; of the value it matters only whose it is. */
export class Transaction extends Record({ epoch: 0, counter: 0, by: null as Node | null }) {}

type History = List<Transaction>

/** What a follower says of itself in phase 1. */
export class Promise extends Record({ current: 0, history: List<Transaction>() }) {}

export class Process extends Record({
  // on disk
  promised: 0, // f.p, the last new epoch proposal that it acknowledged
  current: 0, // f.a, the last new leader proposal that it acknowledged
  history: List<Transaction>(), // h_f
  // in memory
  phase: 'following' as 'following' | 'discovery' | 'synchronization' | 'broadcast', // of a leader; whoever does not lead follows
  epochs: Map<Node, number>(), // who would follow it, and the last promise of each
  promises: Map<Node, Promise>(), // of a leader in phase 1
  acked: Map<Node, number>(), // of a leader in phases 2 and 3: how much of the history of this epoch each has
  delivered: 0, // how many transactions of the history
}) {}

type Packet =
  | { readonly type: 'CEpoch'; readonly promised: number }
  | { readonly type: 'NewEpoch'; readonly epoch: number }
  | { readonly type: 'AckEpoch'; readonly epoch: number; readonly promise: Promise }
  | { readonly type: 'NewLeader'; readonly epoch: number; readonly history: History }
  | { readonly type: 'Propose'; readonly transaction: Transaction; readonly position: number }
  | { readonly type: 'Ack'; readonly epoch: number; readonly size: number }
  | { readonly type: 'Commit'; readonly epoch: number; readonly size: number }

type Roles = { node: { state: Process; inbox: Packet } }

/** A process has delivered these. */
type Event = { readonly type: 'deliver'; readonly history: History }

type Handler = Here<Roles, 'node', Event>

/** Hears what was delivered, whoever forgets it. */
class Delivered extends Record({ history: List<Transaction>(), violation: null as History | null }) {}

const delivered: Observer<Event, Delivered> = {
  init: new Delivered(),
  on(seen, { history }) {
    if (seen.violation !== null || isPrefix(history, seen.history)) return seen
    return isPrefix(seen.history, history) ? seen.set('history', history) : seen.set('violation', history)
  },
}

const isQuorum = (size: number, nodes: readonly Node[]) => size > nodes.length / 2

/** What comes back from a crash: it leads nobody, and has what is on disk. */
const restarted = ({ promised, current, history }: Process) => new Process({ promised, current, history })

/** It delivers up to this number. */
const deliveredUpTo = (n: Process, size: number, { emit }: Handler): Process => {
  if (size <= n.delivered) return n
  emit({ type: 'deliver', history: n.history.take(size) })
  return n.set('delivered', size)
}

/** Steps l.2.2 and l.3.2, of which the first is for the whole history that the epoch begins with. */
const acknowledged = (before: Process, from: Node, size: number, here: Handler): Process => {
  const n = before.set('acked', before.acked.set(from, Math.max(size, before.acked.get(from, 0))))
  const inEpoch = n.acked.size
  if (n.phase === 'synchronization' && !here.rule('a quorum has acknowledged the leader', isQuorum(inEpoch, here.nodes.node))) return n
  const has = (length: number) => n.acked.count(acked => acked >= length)
  const lengths = n.history.map((_, i) => i + 1)
  const upTo = lengths.filter(length => here.rule('a quorum has accepted', isQuorum(has(length), here.nodes.node))).last() ?? 0
  // Step l.3.4, too: whoever comes later hears of it.
  if (upTo > 0) here.broadcast({ type: 'Commit', epoch: n.promised, size: upTo })
  return deliveredUpTo(n.set('phase', 'broadcast'), upTo, here)
}

/** Is a transaction the one before this? */
const isNext = (before: Transaction | undefined, epoch: number, counter: number) => before?.epoch === epoch && before.counter === counter - 1

/** The epoch of a primary. */
const primaryOf = ({ phase, promised }: Process) => (phase === 'broadcast' ? promised : null)

/**
 * Bounds: `epochs`, `broadcasts` in each, `crashes`, and the `length` of a history, at which nothing more is broadcast. The leader oracle is anything: a process may follow any other
 * at any time. It obeys whom it followed until it promises another epoch. With `torn` a process may crash between the two writes of step f.2.1, which the paper has as one.
 */
export const zab = family(
  { nodes: 3, epochs: 2, broadcasts: 1, length: 2, crashes: 1, torn: false },
  ({ nodes, epochs, broadcasts, length, crashes, torn }) => {
    /** Step f.2.1: the history of the epoch, then the epoch itself. It crashes in between, or not. */
    const adopted = (n: Process, epoch: number, history: History, { choose, rule }: Handler): Process => {
      if (torn && choose([false, true])) return restarted(rule('the history is written first', true) ? n.set('history', history) : n.set('current', epoch))
      return n.merge({ current: epoch, history })
    }

    /** Step l.1.2, and l.2.1. */
    const promisedTo = (before: Process, from: Node, promise: Promise, here: Handler): Process => {
      const n = before.set('promises', before.promises.set(from, promise))
      if (!here.rule('a quorum has promised', isQuorum(n.promises.size, here.nodes.node))) return n
      const all = n.promises.toSet()
      const last = ({ history }: Promise) => history.last() ?? new Transaction()
      const isBest = (a: Promise) =>
        all.every(
          b =>
            here.rule('the latest epoch counts', a.current > b.current) ||
            (a.current === b.current &&
              here.rule(
                'the latest transaction counts',
                last(a).epoch > last(b).epoch || (last(a).epoch === last(b).epoch && last(a).counter >= last(b).counter),
              )),
        )
      const { history } = here.choose(all.filter(isBest))
      const next = adopted(n, n.promised, history, here)
      if (next.phase !== 'discovery') return next
      here.broadcast({ type: 'NewLeader', epoch: n.promised, history })
      return acknowledged(next.merge({ phase: 'synchronization', promises: Map() }), here.self, history.size, here)
    }

    return {
      name: 'zab',
      source: 'Kleppmann 2025/26, Distributed Systems, slide Consensus and total order broadcast; Junqueira, Reed & Serafini 2011, Zab',
      network: 'fair-loss',
      faults: [crashRecovery('node', { atMost: crashes })],
      roles: {
        node: {
          count: nodes,
          init: () => new Process(),
          recover: restarted,

          actions: {
            // Step f.1.1.
            follow: {
              when: n => n.promised < epochs,
              do(n, { others, choose, send }) {
                send(choose(others), { type: 'CEpoch', promised: n.promised })
                return n
              },
            },
            // Step l.3.1.
            broadcast: {
              when: (n, { rule }) =>
                rule('a quorum is synchronized', n.phase === 'broadcast') &&
                n.history.size < length &&
                n.history.count(({ epoch }) => epoch === n.promised) < broadcasts,
              do(n, here) {
                const counter = n.history.count(({ epoch }) => epoch === n.promised) + 1
                const transaction = new Transaction({ epoch: n.promised, counter, by: here.self })
                const history = n.history.push(transaction)
                here.broadcast({ type: 'Propose', transaction, position: history.size })
                return acknowledged(n.set('history', history), here.self, history.size, here)
              },
            },
          },

          on: {
            // Step l.1.1: of whom it leads, itself is one. And step l.3.3: who comes later is told of the epoch that there is.
            CEpoch(n, { promised }, from: Node, here) {
              if (n.phase === 'broadcast' && promised <= n.promised) {
                here.send(from, { type: 'NewEpoch', epoch: n.promised })
                here.send(from, { type: 'NewLeader', epoch: n.promised, history: n.history })
                return n
              }
              if (n.phase !== 'following') return n
              const epochsOf = n.epochs.set(from, promised)
              if (!isQuorum(epochsOf.size + 1, here.nodes.node)) return n.set('epochs', epochsOf)
              const epoch = Math.max(n.promised, ...epochsOf.values()) + 1
              if (epoch > epochs) return n
              here.send([...epochsOf.keys()], { type: 'NewEpoch', epoch })
              const promise = new Promise({ current: n.current, history: n.history })
              return promisedTo(n.merge({ phase: 'discovery', promised: epoch, epochs: Map() }), here.self, promise, here)
            },
            // Step f.1.2.
            NewEpoch(n, { epoch }, from: Node, { rule, send }) {
              if (!rule('the epoch is new', n.promised < epoch)) return n
              send(from, { type: 'AckEpoch', epoch, promise: new Promise({ current: n.current, history: n.history }) })
              return n.merge({ promised: epoch, phase: 'following', epochs: Map(), promises: Map(), acked: Map() })
            },
            AckEpoch(n, { epoch, promise }, from: Node, here) {
              return n.phase === 'discovery' && epoch === n.promised ? promisedTo(n, from, promise, here) : n
            },
            // Step f.2.1. Channels are FIFO in the paper: a proposal of a leader that is followed already does not come late.
            NewLeader(n, { epoch, history }, from: Node, here) {
              if (n.promised !== epoch || !here.rule('it comes once', n.current < epoch)) return n
              const next = adopted(n, epoch, history, here)
              if (next.current === epoch && is(next.history, history)) here.send(from, { type: 'Ack', epoch, size: history.size })
              return next
            },
            // Step f.3.2. The same of these: they come in order.
            Propose(n, { transaction, position }, from: Node, { rule, send }) {
              const { epoch } = transaction
              if (n.current !== epoch || !rule('no other epoch is promised', n.promised === epoch)) return n
              if (position <= n.history.size || !rule('nothing is left out', position === n.history.size + 1)) return n
              send(from, { type: 'Ack', epoch, size: position })
              return n.set('history', n.history.push(transaction))
            },
            // Steps l.2.2, l.3.2 and l.3.4.
            Ack(n, { epoch, size }, from: Node, here) {
              const leads = n.phase === 'synchronization' || n.phase === 'broadcast'
              return leads && epoch === n.promised && size > n.acked.get(from, -1) ? acknowledged(n, from, size, here) : n
            },
            // Steps f.2.2 and f.3.3.
            Commit(n, { epoch, size }, _, here) {
              if (n.promised !== epoch || n.current !== epoch) return n
              return here.rule('it has what it delivers', size <= n.history.size) ? deliveredUpTo(n, size, here) : n
            },
          },
        },
      },
      observers: { delivered },
      properties: {
        /** Total order and agreement: of what two processes have delivered, also before a crash, one is the beginning of the other. */
        agreement: observed('delivered', kept),

        /** Integrity: what is delivered is in the history, and was broadcast by a primary. */
        integrity: each(
          'node',
          n => n,
          ({ delivered: size, history }) => size <= history.size,
        ),

        /** Local primary order: a transaction follows the one that its primary broadcast before. */
        localPrimaryOrder: each(
          'node',
          n => n.history,
          history => history.every(({ epoch, counter }, i) => counter === 1 || isNext(history.get(i - 1), epoch, counter)),
        ),

        /** Global primary order: transactions of an earlier primary come before those of a later one. */
        globalPrimaryOrder: each(
          'node',
          n => n.history,
          history => history.every(({ epoch }, i) => i === 0 || (history.get(i - 1) as Transaction).epoch <= epoch),
        ),

        /** Primary integrity: a primary has delivered what anybody delivers of earlier epochs, before it broadcasts. */
        primaryIntegrity: eachPair(
          'node',
          n => ({ epoch: primaryOf(n), delivered: n.history.take(n.delivered) }),
          (a, b) =>
            b.epoch === null ||
            isPrefix(
              a.delivered.filter(({ epoch }) => epoch < (b.epoch as number)),
              b.delivered,
            ),
        ),

        /** An epoch has one primary. */
        onePrimary: eachPair('node', primaryOf, (a, b) => a === null || a !== b),

        /** All processes have delivered a transaction of each epoch. */
        everybodyDelivers: reachable(
          each(
            'node',
            n => n.delivered,
            size => size >= Math.min(length, epochs * broadcasts),
          ),
        ),

        /** A primary has delivered a transaction of the epoch before its own. */
        survives: reachable(
          some(
            'node',
            n => n,
            n => epochs < 2 || broadcasts === 0 || (primaryOf(n) === 2 && n.history.first()?.epoch === 1 && n.delivered > 0),
          ),
        ),

        /** Two processes lead, in different epochs. */
        twoPrimaries: reachable(somePair('node', primaryOf, (a, b) => epochs < 2 || (a !== null && b !== null && a !== b))),
      },
    } satisfies Protocol<Roles, Event>
  },
)

export const proofs = [{}, { epochs: 3, length: 1 }, { epochs: 3, length: 1, crashes: 0, torn: true }, { broadcasts: 2, crashes: 0 }] satisfies Proofs<
  typeof zab
>
