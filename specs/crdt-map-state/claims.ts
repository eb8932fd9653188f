import { type Claims, each } from '../../checker/index.ts'
import type { crdtMapState, Replica } from './protocol.ts'

export const claims = {
  keepsEveryValue: {
    because: 'Two set the same key without having heard of each other, and of the two values one is gone for good.',
    refutes: each(
      'node',
      (n: Replica) => n,
      n => n.processed.every(({ t, v }) => n.values.some(kept => kept.v === v || kept.t.time > t.time)),
    ),
    parameters: { sets: 1 },
    length: 3,
  },
} satisfies Claims<typeof crdtMapState>
