/** Two-phase commit (specs/transaction-commit) where each message arrives once, so that nothing is said again: a benchmark for partial order. */
import { family } from '../../checker/index.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'

export const twoPhaseCommitOverReliable = family({ resources: 5 }, parameters => {
  const { roles, ...spec } = twoPhaseCommit(parameters)
  const { repeat: _, ...actions } = roles.manager.actions
  return { ...spec, network: 'reliable' as const, roles: { ...roles, manager: { ...roles.manager, actions } } }
})
