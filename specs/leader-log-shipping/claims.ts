import { is } from 'immutable'
import { type Claims, eachPairOf } from '../../checker/index.ts'
import type { leaderLogShipping } from './protocol.ts'

export const claims = {
  upToDate: {
    because: 'A transaction is committed, and whoever reads from a follower does not see it yet.',
    refutes: eachPairOf(
      'follower',
      f => f.applied,
      'leader',
      l => l.log,
      (applied, log) => is(applied, log),
    ),
    length: 2,
  },
} satisfies Claims<typeof leaderLogShipping>
