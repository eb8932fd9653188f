import { fairDelivery, type Mutants, weaklyFair, withRule } from '../../checker/index.ts'
import type { twoPhaseCommit } from './protocol.ts'

type Spec = ReturnType<typeof twoPhaseCommit>

/** The protocol with another coordinator. */
const withCoordinator = ({ roles, ...spec }: Spec, change: (role: Spec['roles']['coordinator']) => Partial<Spec['roles']['coordinator']>): Spec => ({
  ...spec,
  roles: { ...roles, coordinator: { ...roles.coordinator, ...change(roles.coordinator) } },
})

export const mutants = {
  impatient: {
    because: 'The coordinator decides to commit before every replica has responded "ok".',
    breaks: 'everybodyAgreed',
    length: 2,
    change: spec => withRule(spec, 'every replica is prepared', true),
  },
  changesItsMind: {
    because: 'A replica aborts alone after it responded "ok" to the prepare request; another commits.',
    breaks: 'atomicity',
    length: 11,
    change: spec => withRule(spec, 'it is not prepared', true),
  },
  preparesAgain: {
    because: 'A replica that has aborted alone responds "ok" to the prepare request all the same.',
    breaks: 'irrevocable',
    length: 3,
    change: spec => withRule(spec, 'it has not aborted', true),
  },
  tearsPromise: {
    because: 'A replica responds "ok" while its promise is on its way to the disk: if it crashes then, the promise is there afterwards, or not, and it aborts.',
    breaks: 'atomicity',
    length: 11,
    change: ({ roles, ...spec }) => ({
      ...spec,
      roles: {
        ...roles,
        replica: {
          ...roles.replica,
          recover(r, here) {
            const isTorn = r.state === 'prepared' && here.choose(['on disk', 'torn']) === 'torn'
            return roles.replica.recover(isTorn ? r.set('state', 'working') : r, here)
          },
        },
      },
    }),
  },
  forgetsDecision: {
    because: 'The decision of the coordinator is not on disk: after the crash it aborts, though it has told a replica to commit.',
    breaks: 'atomicity',
    length: 13,
    change: spec => withCoordinator(spec, ({ init }) => ({ recover: () => init().set('decision', 'abort') })),
  },
  changesDecision: {
    because: 'The coordinator aborts when it recovers, without reading its decision from disk.',
    breaks: 'oneDecision',
    length: 9,
    change: spec => withCoordinator(spec, ({ init }) => ({ recover: () => init().set('decision', 'abort') })),
  },
  keepsQuiet: {
    because: 'A coordinator that recovers does not send the decision that it reads from disk, and the replicas that are prepared wait for ever.',
    breaks: 'everybodyDecides',
    length: 3,
    change: spec =>
      withCoordinator(spec, ({ actions, recover }) => ({
        recover: c => recover(c).set('preparing', false),
        actions: { ...actions, sendDecision: { ...actions.sendDecision, when: c => c.decision !== null && c.preparing } },
      })),
  },
  mayGiveUp: {
    because: 'The coordinator is not bound to send its decision, and the replicas wait for it for ever.',
    breaks: 'everybodyDecidesInTheEnd',
    length: 1,
    change: spec => ({ ...spec, fairness: [fairDelivery(), weaklyFair('coordinator', 'prepare', 'decideToCommit')] }),
  },
} satisfies Mutants<typeof twoPhaseCommit>
