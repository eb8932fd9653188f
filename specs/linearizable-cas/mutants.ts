import { type Mutants, withAction, withRule } from '../../checker/index.ts'
import type { linearizableCas } from './protocol.ts'

export const mutants = {
  getsLocally: {
    because: 'A get answers with the local state at once, in place of waiting for its turn in the total order.',
    breaks: 'linearizable',
    parameters: { nodes: 2, operations: 2 },
    length: 4,
    change: spec => withRule(spec, 'a get is answered at once', true),
  },
  getsFromCache: {
    because: 'A get answers from a cache that the own compare-and-swap does not reach: who has swapped reads the old value.',
    breaks: 'sequential',
    parameters: { nodes: 2, operations: 2, gets: 'local' },
    length: 4,
    change: spec =>
      withAction(spec, 'node', 'request', request => ({
        ...request,
        do(n, here) {
          const cached = n.app.set('localState', n.app.swaps > 0 ? 0 : n.app.localState)
          const next = request.do(n.set('app', cached), here)
          return next.set('app', next.app.set('localState', n.app.localState))
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
