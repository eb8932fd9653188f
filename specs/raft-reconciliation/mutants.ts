import { type Mutants, withRule } from '../../checker/index.ts'
import type { raftReconciliation } from './protocol.ts'

export const mutants = {
  noCheck: {
    because: 'A follower takes what the leader sends without having the prefix, as if the hint took the place of the check.',
    breaks: 'deliversOnlyWhatWasBroadcast',
    parameters: { nodes: 3, broadcasts: 1, crashes: 0, length: 1 },
    length: 12,
    change: spec => withRule(spec, 'the logs agree up to the prefix', true),
  },
} satisfies Mutants<typeof raftReconciliation>
