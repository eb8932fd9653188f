import { agreement, always, type Claims, canAlways, type Deliveries } from '../../checker/index.ts'
import type { gossipProtocol } from './protocol.ts'

export const claims = {
  alwaysReachesAll: {
    because: 'Each node forwards to two that have the message already, and the fourth is never told: "with high probability" is less than always.',
    refutes: canAlways(always(({ nodes, observer }) => agreement(observer('deliveries') as Deliveries, nodes['node'] ?? []))),
    length: 4,
  },
} satisfies Claims<typeof gossipProtocol>
