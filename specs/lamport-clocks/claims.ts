import { type Claims, eachTwoEvents, observed } from '../../checker/index.ts'
import type { lamportClocks, Stamp } from './protocol.ts'

export const claims = {
  smallerIsEarlier: {
    because: '"However, L(a) < L(b) does not imply a → b": one of two nodes that do not hear of each other may merely have done more.',
    refutes: observed(
      'events',
      eachTwoEvents<Stamp>((a, b, relation) => !(a.timestamp.t < b.timestamp.t) || relation === 'before'),
    ),
    length: 3,
  },
  uniqueInTheSystem: {
    because: '"Possible that L(a) = L(b) for a ≠ b": at two nodes that do not hear of each other.',
    refutes: observed(
      'events',
      eachTwoEvents<Stamp>((a, b) => a.timestamp.t !== b.timestamp.t),
    ),
    length: 2,
  },
} satisfies Claims<typeof lamportClocks>
