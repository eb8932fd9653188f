import { type Claims, causalOrder, kept, observed } from '../../checker/index.ts'
import type { fifoBroadcast } from './protocol.ts'

export const claims = {
  causal: {
    because: 'A node delivers m1 and answers with m2; another receives the answer first, and as m1 has another sender, it does not wait for it.',
    refutes: observed('causal', kept),
    length: 4,
    assuming: spec => ({ ...spec, observers: { ...spec.observers, causal: causalOrder() } }),
  },
} satisfies Claims<typeof fifoBroadcast>
