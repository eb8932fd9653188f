import { type Mutants, withRule } from '../../checker/index.ts'
import type { raftReconciliation } from './protocol.ts'

export const mutants = {
  noCheck: {
    because: 'A follower takes what the leader sends without having the prefix, as if the hint took the place of the check.',
    breaks: 'deliversOnlyWhatWasBroadcast',
    length: 12,
    change: spec => withRule(spec, 'the logs agree up to the prefix', true),
  },
} satisfies Mutants<typeof raftReconciliation>
