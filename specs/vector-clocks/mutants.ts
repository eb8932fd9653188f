import type { Mutants } from '../../checker/index.ts'
import { increment, type vectorClocks } from './protocol.ts'

type VectorClocks = ReturnType<typeof vectorClocks>

type OnMessage = VectorClocks['roles']['node']['on']['Message']

type Receipt = (...parameters: Parameters<OnMessage>) => Parameters<OnMessage>[0]['T']

/** Vector clocks, with another vector after a receipt. */
const receiving = (spec: VectorClocks, receipt: Receipt): VectorClocks => ({
  ...spec,
  roles: {
    node: {
      ...spec.roles.node,
      on: {
        Message(n, message, sender, here) {
          const T = receipt(n, message, sender, here)
          here.emit({ type: 'receive', timestamp: T, sender, message: message.T })
          return n.merge({ T })
        },
      },
    },
  },
})

const merge = (n: Parameters<OnMessage>[0], message: Parameters<OnMessage>[1]) => n.T.map((count, j) => Math.max(count, message.T.get(j, 0)))

export const mutants = {
  noOwnIncrement: {
    because: 'A receipt merges the vectors without counting itself, so it has the timestamp of another event.',
    breaks: 'identity',
    length: 2,
    change: spec => receiving(spec, merge),
  },
  noMerge: {
    because: 'A receipt does not merge the vector of the message, so what the sender had seen is not known to have happened before.',
    breaks: 'causality',
    length: 2,
    change: spec => receiving(spec, (n, _message, _sender, here) => increment(n.T, here)),
  },
  overwrites: {
    because: 'A receipt takes the vector of the message as it is, and so forgets events that the message knows nothing of.',
    breaks: 'concurrency',
    length: 4,
    change: spec => receiving(spec, (_n, message, _sender, here) => increment(message.T, here)),
  },
  countsForSender: {
    because: 'A receipt counts as an event of the sender as well, so its timestamp claims to include an event that it has not heard of.',
    breaks: 'inclusion',
    length: 3,
    change: spec => receiving(spec, (n, message, sender, here) => increment(merge(n, message), here).update(sender, 0, count => count + 1)),
  },
} satisfies Mutants<typeof vectorClocks>
