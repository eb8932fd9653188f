import { always, type Claims, canAlways, crashStop, type Deliveries } from '../../checker/index.ts'
import type { totalOrderLamport } from './protocol.ts'

export const claims = {
  progress: {
    because: 'A node crashes before its first message, and all others wait for a timestamp of it for ever.',
    refutes: canAlways(
      always(({ nodes, crashed, observer }) => nodes.node.every(id => crashed(id) || (observer('deliveries') as Deliveries).delivered.has(id))),
    ),
    length: 1,
    assuming: spec => ({ ...spec, faults: [crashStop('node', { atMost: 1 })] }),
  },
} satisfies Claims<typeof totalOrderLamport>
