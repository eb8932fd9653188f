import { type Claims, eachPair } from '../../checker/index.ts'
import type { Replica, updateOrder } from './protocol.ts'

export const claims = {
  anyReplica: {
    because:
      'A read of the tweet at one replica, and then of the block list at another, may see the second update without the first: each replica is in order, two are not.',
    refutes: eachPair(
      'node',
      ({ app }: Replica) => app,
      (a, b) => b.blocked || !a.tweeted,
    ),
    length: 4,
  },
} satisfies Claims<typeof updateOrder>
