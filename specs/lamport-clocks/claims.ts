import { type Claims, eachTwoEvents, observed, uniqueTimestamps } from '../../checker/index.ts'
import type { lamportClocks } from './protocol.ts'

export const claims = {
  smallerIsEarlier: {
    because: '"However, L(a) < L(b) does not imply a → b": one of two nodes that do not hear of each other may merely have done more.',
    refutes: observed(
      'events',
      eachTwoEvents<number>((a, b, relation) => !(a.timestamp < b.timestamp) || relation === 'before'),
    ),
    length: 3,
  },
  uniqueInTheSystem: {
    because: '"Possible that L(a) = L(b) for a ≠ b": at two nodes that do not hear of each other.',
    refutes: observed('events', uniqueTimestamps({ of: 'system' })),
    length: 2,
  },
} satisfies Claims<typeof lamportClocks>
