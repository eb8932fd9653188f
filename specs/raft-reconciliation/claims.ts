import { type Claims, step } from '../../checker/index.ts'
import type { raftReconciliation } from './protocol.ts'

export const claims = {
  oneByOne: {
    because: 'A leader need not go back entry by entry, as on slide 8: it is told where the log of the follower ends.',
    refutes: step('node', (before, after) => after.sentLength.every((length, follower) => length >= before.sentLength.get(follower, 0) - 1)),
    length: 11,
  },
} satisfies Claims<typeof raftReconciliation>
