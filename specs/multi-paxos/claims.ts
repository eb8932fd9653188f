import { type Claims, each } from '../../checker/index.ts'
import type { multiPaxos } from './protocol.ts'

export const claims = {
  primaryOrder: {
    because:
      'The commands of one leader are executed in its order, none without those before. But the next leader may find only the second, and fill the gap with a no-op: so Zab is not Paxos. (F. Junqueira, B. Reed and M. Serafini, "Zab", DSN 2011, section II.)',
    refutes: each(
      'learner',
      l => l.applied,
      applied =>
        applied.every(({ by, number }, i) => by === null || number === 0 || applied.take(i).some(before => before.by === by && before.number === number - 1)),
    ),
    length: 20,
  },
} satisfies Claims<typeof multiPaxos>
