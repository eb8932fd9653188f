import type { Mutants } from '../../checker/index.ts'
import { causalTotalOrder, type lamportClocks, less } from './protocol.ts'

type LamportClocks = ReturnType<typeof lamportClocks>

type OnMessage = LamportClocks['roles']['node']['on']['Message']

const receiving = (spec: LamportClocks, Message: OnMessage): LamportClocks => ({
  ...spec,
  roles: { node: { ...spec.roles.node, on: { Message } } },
})

export const mutants = {
  noMax: {
    because: 'A receipt does not move the clock forward to that of the message, so it may be stamped no later than the sending.',
    breaks: 'clockCondition',
    length: 2,
    change: spec =>
      receiving(spec, (n, message, sender, { emit }) => {
        const t = n.t + 1
        emit({ type: 'receive', timestamp: t, sender, message: message.t })
        return n.merge({ t })
      }),
  },
  noIncrement: {
    because: 'A receipt does not count as an event, so it may be stamped like the sending.',
    breaks: 'clockCondition',
    length: 2,
    change: spec =>
      receiving(spec, (n, message, sender, { emit }) => {
        const t = Math.max(n.t, message.t)
        emit({ type: 'receive', timestamp: t, sender, message: message.t })
        return n.merge({ t })
      }),
  },
  idle: {
    because: 'A local event does not take the clock forward, so the next one at that node has the same timestamp.',
    breaks: 'unique',
    length: 2,
    change: spec => ({
      ...spec,
      roles: {
        node: {
          ...spec.roles.node,
          actions: {
            ...spec.roles.node.actions,
            event: {
              do(n, { emit }) {
                emit({ type: 'local', timestamp: n.t })
                return n
              },
            },
          },
        },
      },
    }),
  },
  tied: {
    because: 'Ties are not broken: L(e) alone puts events in no order that have the same timestamp.',
    breaks: 'causalTotalOrder',
    length: 2,
    change: spec => ({ ...spec, properties: { ...spec.properties, causalTotalOrder: causalTotalOrder(less) } }),
  },
} satisfies Mutants<typeof lamportClocks>
