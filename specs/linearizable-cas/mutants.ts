import { type Mutants, withAction, withRule } from '../../checker/index.ts'
import type { linearizableCas } from './protocol.ts'

export const mutants = {
  getsLocally: {
    because: 'A get answers with the local state at once, in place of waiting for its turn in the total order.',
    breaks: 'linearizable',
    parameters: { nodes: 2, operations: 2 },
    length: 4,
    change: spec =>
      withAction(spec, 'node', 'request', ({ when, do: request }) => ({
        when,
        do(n, here) {
          const op = here.choose(['read', 'cas'] as const)
          if (op === 'cas') return request(n, { ...here, choose: () => op as never })
          here.emit({ type: 'invoke', op })
          here.emit({ type: 'return', result: n.app.localState })
          return n.set('app', n.app.set('requests', n.app.requests + 1))
        },
      })),
  },
  ignoresOld: {
    because: 'A compare-and-swap writes without comparing, so that of two from one value both succeed.',
    breaks: 'swapsOnce',
    parameters: { nodes: 2, operations: 2 },
    length: 6,
    change: spec => withRule(spec, 'the value is the old one', true),
  },
  orderDiffers: {
    because: 'The broadcast delivers on receipt, so that two replicas execute the same operations in different orders.',
    breaks: 'linearizable',
    length: 6,
    change: spec => withRule(spec, 'in the order of the sender', true),
  },
} satisfies Mutants<typeof linearizableCas>
