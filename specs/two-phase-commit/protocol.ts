/**
 * Two-phase commit: a coordinator asks replicas to prepare a transaction, and they all commit it, or all abort it.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Two-phase commit (2PC)" and "The coordinator in two-phase commit".
 * The diagram of the first says which messages there are; the second says what is on disk. As Gray and Lamport have it: see transaction-commit.
 */
import { Record, Set } from 'immutable'
import {
  canAlways,
  crashRecovery,
  each,
  eachEventually,
  eachPair,
  eachPairOf,
  fairDelivery,
  family,
  type Id,
  type Proofs,
  type Protocol,
  reachable,
  some,
  somePairOf,
  step,
  weaklyFair,
} from '../../checker/index.ts'

type Replica = Id<'replica'>

class Coordinator extends Record({
  // on disk
  decision: null as 'commit' | 'abort' | null,
  // in memory
  preparing: false, // has it asked the replicas?
  oks: Set<Replica>(), // who responded "ok" to the prepare request
}) {}

class Participant extends Record({ state: 'working' as 'working' | 'prepared' | 'committed' | 'aborted' }) {} // on disk, but for `working`

type Roles = {
  coordinator: { state: Coordinator; inbox: { readonly type: 'Ok' } | { readonly type: 'No' } }
  replica: { state: Participant; inbox: { readonly type: 'Prepare' } | { readonly type: 'Commit' } | { readonly type: 'Abort' } }
}

const isDecided = (state: Participant['state']) => state === 'committed' || state === 'aborted'

/** Messages may be lost, so the coordinator says again what it has said: the prepare request until it has decided, the decision from then on. Timers have no length. */
export const twoPhaseCommit = family(
  { replicas: 3, coordinatorCrashes: 1, replicaCrashes: 1 },
  ({ replicas, coordinatorCrashes, replicaCrashes }) =>
    ({
      name: 'two-phase-commit',
      source: 'Kleppmann 2025/26, Distributed Systems, slides Two-phase commit (2PC), The coordinator in two-phase commit',
      network: 'fair-loss',
      faults: [crashRecovery('coordinator', { atMost: coordinatorCrashes }), crashRecovery('replica', { atMost: replicaCrashes })],
      roles: {
        coordinator: {
          count: 1,
          init: () => new Coordinator(),

          // "When it recovers, read decision from disk and send it to replicas (or abort if no decision was made before crash)."
          recover: c => new Coordinator({ decision: c.decision ?? 'abort' }),

          actions: {
            prepare: {
              when: c => c.decision === null,
              do(c, { nodes, send }) {
                send(nodes.replica, { type: 'Prepare' })
                return c.set('preparing', true)
              },
            },
            // "Coordinator writes its decision to disk": to commit, once all have responded "ok"; to abort, if it waits no longer.
            decideToCommit: {
              when: (c, { nodes, rule }) => c.decision === null && c.preparing && rule('every replica is prepared', c.oks.size === nodes.replica.length),
              do: c => c.set('decision', 'commit'),
            },
            decideToAbort: {
              when: c => c.decision === null && c.preparing,
              do: c => c.set('decision', 'abort'),
            },
            // A step of its own: it may "crash after prepare, but before broadcasting decision".
            sendDecision: {
              when: c => c.decision !== null,
              do(c, { nodes, send }) {
                send(nodes.replica, { type: c.decision === 'commit' ? 'Commit' : 'Abort' })
                return c
              },
            },
          },
          on: {
            Ok: (c, _, from: Replica) => (c.decision === null ? c.set('oks', c.oks.add(from)) : c),
            No: c => (c.decision === null ? c.set('decision', 'abort') : c),
          },
        },

        replica: {
          count: replicas,
          init: () => new Participant(),

          // "If any node crashes, all must abort": unless it is prepared, which is on disk, the transaction is lost.
          recover: (r, _) => (r.state === 'working' ? r.set('state', 'aborted') : r),

          actions: {
            abortAlone: {
              when: (r, { rule }) => !isDecided(r.state) && rule('it is not prepared', r.state === 'working'),
              do: r => r.set('state', 'aborted'),
            },
          },
          on: {
            // "Ok" is a promise: from now on it cannot commit or abort by itself. A request that comes again is answered again.
            Prepare(r, _, from: Id<'coordinator'>, { rule, send }) {
              if (r.state === 'prepared' || rule('it has not aborted', r.state === 'working')) {
                send(from, { type: 'Ok' })
                return r.set('state', 'prepared')
              }
              if (r.state === 'aborted') send(from, { type: 'No' })
              return r
            },
            // The coordinator's word counts, whatever the state.
            Commit: r => r.set('state', 'committed'),
            Abort: r => r.set('state', 'aborted'),
          },
        },
      },

      // The coordinator goes on: it says again what it has said, and commits once all are prepared. Nobody is bound to abort.
      fairness: [fairDelivery(), weaklyFair('coordinator', 'prepare', 'decideToCommit', 'sendDecision')],
      properties: {
        /** "Either all nodes must commit, or all must abort." */
        atomicity: eachPair(
          'replica',
          r => r.state,
          (a, b) => !(a === 'committed' && b === 'aborted'),
        ),

        /** The decision is to commit only if every replica responded "ok", and none goes back on it. */
        everybodyAgreed: eachPairOf(
          'coordinator',
          c => c.decision,
          'replica',
          r => r.state,
          (decision, state) => decision !== 'commit' || state === 'prepared' || state === 'committed',
        ),

        /** "If it commits, its updates are durable; if it aborts, it has no visible side-effects": a replica that has decided stays with it. */
        irrevocable: step('replica', (before, after) => !isDecided(before.state) || before.state === after.state),

        /** So does the coordinator. */
        oneDecision: step('coordinator', (before, after) => before.decision === null || before.decision === after.decision),

        /** It remains possible that every replica decides: whoever crashes recovers. See the claim for a coordinator that does not. */
        everybodyDecides: canAlways(
          each(
            'replica',
            r => r.state,
            state => isDecided(state),
          ),
        ),

        /** And so it does, in the end, if what is said again and again is heard. */
        everybodyDecidesInTheEnd: eachEventually(
          'replica',
          r => r.state,
          state => isDecided(state),
        ),

        /** A coordinator may abort though nobody said no. */
        waitsNoLonger: reachable(
          some(
            'coordinator',
            c => c.decision === 'abort' && c.preparing && c.oks.size === replicas,
            isSo => isSo,
          ),
        ),

        /** A replica may abort by itself: the coordinator has not decided. */
        abortsAlone: reachable(
          somePairOf(
            'coordinator',
            c => c.decision,
            'replica',
            r => r.state,
            (decision, state) => decision === null && state === 'aborted',
          ),
        ),

        everybodyCommits: reachable(
          each(
            'replica',
            r => r.state,
            state => state === 'committed',
          ),
        ),

        /** A prepared replica is told to abort. */
        preparedAborts: reachable(
          somePairOf(
            'coordinator',
            c => c.decision === 'abort' && !c.oks.isEmpty(),
            'replica',
            r => r.state,
            (afterOk, state) => afterOk && state === 'aborted',
          ),
        ),

        /** The coordinator has crashed, with its decision on disk, and recovered; it commits what it had decided. */
        recoveredDecision: reachable(
          some(
            'coordinator',
            c => c.decision === 'commit' && !c.preparing,
            isRecovered => coordinatorCrashes === 0 || isRecovered,
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const proofs = [
  {},
  { replicas: 2, coordinatorCrashes: 2, replicaCrashes: 2 },
  { replicas: 2, coordinatorCrashes: 0, replicaCrashes: 0 },
] satisfies Proofs<typeof twoPhaseCommit>
