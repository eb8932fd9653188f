import { always, type Claims, canAlways, crashStop, type Deliveries, validity } from '../../checker/index.ts'
import type { totalOrderLeader } from './protocol.ts'

export const claims = {
  progress: {
    because: 'The leader crashes, and no more messages are delivered: not even to the node that broadcasts them.',
    refutes: canAlways(
      always(({ nodes, crashed, observer }) =>
        validity(
          observer('deliveries') as Deliveries,
          nodes.node.filter(id => !crashed(id)),
        ),
      ),
    ),
    parameters: { messages: 1 },
    length: 2,
    assuming: spec => ({ ...spec, faults: [crashStop('node', { atMost: 1 })] }),
  },
} satisfies Claims<typeof totalOrderLeader>
