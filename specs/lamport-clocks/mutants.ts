import { type Mutants, withAction, withHandler } from '../../checker/index.ts'
import { type lamportClocks, Stamp } from './protocol.ts'

export const mutants = {
  noMax: {
    because: 'A receipt does not move the clock forward to that of the message, so it may be stamped no later than the sending.',
    breaks: 'clockCondition',
    length: 2,
    change: spec =>
      withHandler(spec, 'node', 'Message', () => (n, message, sender, { self, emit }) => {
        const t = n.t + 1
        emit({ type: 'receive', timestamp: new Stamp({ t, node: self }), sender, message: message.t })
        return n.merge({ t })
      }),
  },
  noIncrement: {
    because: 'A receipt does not count as an event, so it may be stamped like the event before it.',
    breaks: 'unique',
    length: 3,
    change: spec =>
      withHandler(spec, 'node', 'Message', () => (n, message, sender, { self, emit }) => {
        const t = Math.max(n.t, message.t)
        emit({ type: 'receive', timestamp: new Stamp({ t, node: self }), sender, message: message.t })
        return n.merge({ t })
      }),
  },
  idle: {
    because: 'A local event does not take the clock forward, so the next one at that node has the same timestamp.',
    breaks: 'unique',
    length: 2,
    change: spec =>
      withAction(spec, 'node', 'event', () => ({
        do(n, { self, emit }) {
          emit({ type: 'local', timestamp: new Stamp({ t: n.t, node: self }) })
          return n
        },
      })),
  },
  tied: {
    because:
      'A receipt is named after the node that sent the message, not after the one that receives it: nothing breaks its tie with what the sender does meanwhile.',
    breaks: 'causalTotalOrder',
    length: 3,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Message',
        Message => (n, message, sender, here) =>
          Message(n, message, sender, { ...here, emit: event => here.emit({ ...event, timestamp: event.timestamp.set('node', sender) }) }),
      ),
  },
} satisfies Mutants<typeof lamportClocks>
