import { type Claims, kept, observed, totalOrder } from '../../checker/index.ts'
import type { causalBroadcast } from './protocol.ts'

export const claims = {
  sameOrder: {
    because: 'Two messages that do not know of each other are delivered by each sender in an order of its own: its own message first.',
    refutes: observed('total', kept),
    length: 6,
    assuming: spec => ({ ...spec, observers: { ...spec.observers, total: totalOrder() } }),
  },
} satisfies Claims<typeof causalBroadcast>
