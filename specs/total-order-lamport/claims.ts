import { always, type Claims, canAlways, crashStop, type Deliveries, eventually } from '../../checker/index.ts'
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
  deliversDespiteCrash: {
    because: 'A node crashes before its first message. Another broadcasts, sends again, for ever, and delivers nothing.',
    refutes: eventually(
      always(({ nodes, crashed, observer }) => nodes.node.every(id => crashed(id) || (observer('deliveries') as Deliveries).delivered.has(id))),
    ),
    parameters: { nodes: 2 },
    length: 3,
    assuming: spec => ({ ...spec, faults: [crashStop('node', { atMost: 1 })] }),
  },
} satisfies Claims<typeof totalOrderLamport>
