/** Two-phase commit (specs/transaction-commit) where each message arrives once: a benchmark for partial order. */
import { family } from '../../checker/index.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'

export const twoPhaseCommitOverReliable = family({ resources: 5 }, parameters => ({ ...twoPhaseCommit(parameters), network: 'reliable' as const }))
