import { always, type Claims, canAlways, crashStop, type Deliveries, eventuallyAlways, validity } from '../../checker/index.ts'
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
  deliversDespiteCrash: {
    because: 'The leader crashes. A node goes on to send to it, for ever, and never delivers what it broadcast.',
    refutes: eventuallyAlways(
      always(({ nodes, crashed, observer }) =>
        validity(
          observer('deliveries') as Deliveries,
          nodes.node.filter(id => !crashed(id)),
        ),
      ),
    ),
    parameters: { nodes: 2, messages: 1 },
    length: 2,
    assuming: spec => ({ ...spec, faults: [crashStop('node', { atMost: 1 })] }),
  },
} satisfies Claims<typeof totalOrderLeader>
