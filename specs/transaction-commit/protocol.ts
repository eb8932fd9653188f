/**
 * Two-phase commit as in the paper: a transaction manager asks resource managers to commit a transaction, or all to abort it.
 * J. Gray and L. Lamport, "Consensus on Transaction Commit", ACM TODS 31(1), 2006, section 3; the names of the steps are those of the TLA+ module
 * TwoPhase there. M. Kleppmann, "Distributed Systems", slides "Two-phase commit (2PC)" and "The coordinator in two-phase commit".
 *
 * The managers' "prepare" is left out, as in the paper: a resource manager may prepare of its own accord, and a request would only delay it.
 */
import { Record, Set } from 'immutable'
import { eachPair, eachPairOf, family, type Id, type Protocol, reachable, some, somePairOf, step } from '../../checker/index.ts'

class Manager extends Record({
  state: 'init' as 'init' | 'committed' | 'aborted',
  prepared: Set<Id<'resource'>>(), // who is prepared, as far as the manager knows
}) {}

class Resource extends Record({ state: 'working' as 'working' | 'prepared' | 'committed' | 'aborted' }) {}

type Roles = {
  manager: { state: Manager; inbox: { readonly type: 'Prepared' } }
  resource: { state: Resource; inbox: { readonly type: 'Commit' } | { readonly type: 'Abort' } }
}

const isDecided = (state: Resource['state']) => state === 'committed' || state === 'aborted'

export const twoPhaseCommit = family(
  { resources: 3 },
  ({ resources }) =>
    ({
      name: 'transaction-commit',
      source: 'Gray & Lamport 2006, Consensus on Transaction Commit, ACM TODS 31(1); Kleppmann, Distributed Systems, slides Two-phase commit (2PC)',
      network: 'fair-loss',
      roles: {
        manager: {
          count: 1,
          init: () => new Manager(),
          actions: {
            // TMCommit
            commit: {
              when: (m, { nodes, rule }) => m.state === 'init' && rule('every resource manager is prepared', m.prepared.size === nodes.resource.length),
              do(m, { nodes, send }) {
                send(nodes.resource, { type: 'Commit' })
                return m.set('state', 'committed')
              },
            },
            // TMAbort
            abort: {
              when: m => m.state === 'init',
              do(m, { nodes, send }) {
                send(nodes.resource, { type: 'Abort' })
                return m.set('state', 'aborted')
              },
            },
            // A message may be lost: what the manager has decided it says again.
            repeat: {
              when: m => m.state !== 'init',
              do(m, { nodes, send }) {
                send(nodes.resource, { type: m.state === 'committed' ? 'Commit' : 'Abort' })
                return m
              },
            },
          },
          on: {
            // TMRcvPrepared
            Prepared: (m, _, from: Id<'resource'>) => (m.state === 'init' ? m.set('prepared', m.prepared.add(from)) : m),
          },
        },

        resource: {
          count: resources,
          init: () => new Resource(),
          actions: {
            // RMPrepare
            prepare: {
              when: r => r.state === 'working',
              do(r, { nodes, send }) {
                send(nodes.manager, { type: 'Prepared' })
                return r.set('state', 'prepared')
              },
            },
            // RMChooseToAbort: not any more once it is prepared.
            chooseToAbort: {
              when: r => r.state === 'working',
              do: r => r.set('state', 'aborted'),
            },
          },
          on: {
            // RMRcvCommitMsg, RMRcvAbortMsg: whatever the state, the manager's word counts.
            Commit: r => r.set('state', 'committed'),
            Abort: r => r.set('state', 'aborted'),
          },
        },
      },

      properties: {
        /** TCConsistent: nobody commits while another aborts. */
        consistency: eachPair(
          'resource',
          r => r.state,
          (a, b) => !(a === 'committed' && b === 'aborted'),
        ),

        /** The transaction is committed only if everyone voted for it. */
        everybodyAgreed: eachPairOf(
          'manager',
          m => m.state,
          'resource',
          r => r.state,
          (manager, resource) => !(manager === 'committed' && resource === 'working'),
        ),

        /** "Once an RM has entered the committed or aborted state, it remains there" (section 2). */
        stability: step('resource', (before, after) => !isDecided(before.state) || before.state === after.state),

        canCommit: reachable(
          some(
            'resource',
            r => r.state,
            state => state === 'committed',
          ),
        ),

        canAbort: reachable(
          some(
            'resource',
            r => r.state,
            state => state === 'aborted',
          ),
        ),

        /** A resource manager may abort by itself: the transaction manager has not decided. */
        canAbortAlone: reachable(
          somePairOf(
            'manager',
            m => m.state,
            'resource',
            r => r.state,
            (manager, resource) => manager === 'init' && resource === 'aborted',
          ),
        ),
      },

      // Everybody has decided.
      mayRest: world => world.all('resource').every(r => isDecided(r.state)),
    }) satisfies Protocol<Roles>,
)
