/**
 * Replication of a database by its transaction log: the leader commits transactions, and followers apply them in the order of the commits.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Database leader replica". That slide is a diagram: the messages are those of it.
 */
import { is, List, Map, Record, Set } from 'immutable'
import {
  canAlways,
  crashRecovery,
  each,
  eachPairOf,
  type From,
  family,
  isPrefix,
  type Proofs,
  type Protocol,
  reachable,
  some,
  somePairOf,
  step,
} from '../../checker/index.ts'

class Leader extends Record({
  open: Set<number>(), // transactions that have begun, and not yet committed or aborted
  begun: 0,
  log: List<number>(), // those that are committed, on disk: what it has executed, in this order
}) {}

class Follower extends Record({
  applied: List<number>(), // on disk, with the position in the log
  buffer: Map<number, number>(), // by their positions: committed, and it is not their turn
}) {}

type Roles = {
  leader: { state: Leader; inbox: From<'follower', { readonly type: 'Fetch'; readonly position: number }> }
  follower: { state: Follower; inbox: From<'leader', { readonly type: 'Commit'; readonly position: number; readonly transaction: number }> }
}

/** Bounds: so many `transactions` begin, and may commit in another order; followers crash so often. */
export const leaderLogShipping = family(
  { followers: 2, transactions: 3, crashes: 1 },
  ({ followers, transactions, crashes }) =>
    ({
      name: 'leader-log-shipping',
      source: 'Kleppmann 2025/26, Distributed Systems, slide Database leader replica',
      network: 'fair-loss',
      faults: [crashRecovery('follower', { atMost: crashes })],
      roles: {
        leader: {
          count: 1,
          init: () => new Leader(),
          actions: {
            begin: {
              when: l => l.begun < transactions,
              do: l => l.merge({ begun: l.begun + 1, open: l.open.add(l.begun) }),
            },
            commit: {
              do(l, { choose, nodes, send }) {
                const transaction = choose(l.open)
                send(nodes.follower, { type: 'Commit', position: l.log.size, transaction })
                return l.merge({ open: l.open.delete(transaction), log: l.log.push(transaction) })
              },
            },
            abort: {
              do: (l, { choose }) => l.update('open', open => open.delete(choose(open))),
            },
          },
          on: {
            // A follower asks for what it lacks.
            Fetch(l, { position }, from, { send }) {
              l.log.forEach((transaction, i) => void (i >= position && send(from, { type: 'Commit', position: i, transaction })))
              return l
            },
          },
        },

        follower: {
          count: followers,
          init: () => new Follower(),
          recover: f => f.set('buffer', Map()),
          actions: {
            fetch: {
              do(f, { nodes, send }) {
                send(nodes.leader, { type: 'Fetch', position: f.applied.size })
                return f
              },
            },
          },
          on: {
            // "Follower F applies transaction log in commit order."
            Commit(f, { position, transaction }, _, { rule }) {
              if (!rule('it is not applied yet', position >= f.applied.size)) return f
              let { applied } = f
              let buffer = f.buffer.set(position, transaction)
              const next = () => buffer.findKey((_, at) => rule('it is next in the order of commits', at === applied.size))
              for (let at = next(); at !== undefined; at = next()) {
                applied = applied.push(buffer.get(at, 0))
                buffer = buffer.delete(at)
              }
              return f.merge({ applied, buffer })
            },
          },
        },
      },
      properties: {
        /** The state of a follower is one that the leader was in. */
        pastState: eachPairOf(
          'follower',
          f => f.applied,
          'leader',
          l => l.log,
          isPrefix,
        ),

        /** A transaction is committed once, or aborted. */
        committedOnce: each(
          'leader',
          l => l,
          ({ log, open }) => log.toSet().size === log.size && !log.some(transaction => open.has(transaction)),
        ),

        /** It goes forward: a reader at one follower does not see time run backwards, whatever crashes. */
        neverGoesBack: step('follower', (before, after) => isPrefix(before.applied, after.applied)),

        /** It stays possible that each catches up. */
        catchesUp: canAlways(
          eachPairOf(
            'follower',
            f => f.applied,
            'leader',
            l => l.log,
            (applied, log) => is(applied, log),
          ),
        ),

        /** One is aborted, and another is committed. */
        aborted: reachable(
          some(
            'leader',
            l => l,
            ({ begun, open, log }) => transactions < 2 || (!log.isEmpty() && open.isEmpty() && log.size < begun),
          ),
        ),

        /** All is committed in another order than it began, and a follower has applied it. */
        ordered: reachable(
          somePairOf(
            'follower',
            f => f.applied,
            'leader',
            l => l.log,
            (applied, log) => applied.size === transactions && is(applied, log) && (transactions < 2 || log.first() !== 0),
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const proofs = [{}] satisfies Proofs<typeof leaderLogShipping>
