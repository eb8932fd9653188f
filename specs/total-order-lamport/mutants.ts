import { type Message, type Mutants, withRule } from '../../checker/index.ts'
import type { totalOrderLamport } from './protocol.ts'

export const mutants = {
  linksNotFifo: {
    because: 'The links are not FIFO: a message with a later timestamp does not say that all earlier ones of its sender have come.',
    breaks: 'sameOrder',
    parameters: { nodes: 2, messages: 2 },
    length: 8,
    change: spec => withRule(spec, 'in the order of the sender', true),
  },
  doesNotWait: {
    because:
      'A node delivers the first of the messages that it has, not waiting for those with an earlier timestamp that may be on their way: a cause after its effect.',
    breaks: 'causal',
    length: 4,
    change: spec => withRule(spec, 'a later message from every node', true),
  },
  tied: {
    because: 'Ties are not broken, so each node delivers messages with one timestamp in an order of its own.',
    breaks: 'sameOrder',
    parameters: { nodes: 2 },
    length: 6,
    change: spec => withRule(spec, 'the lower node goes first', true),
  },
  noDeduplication: {
    because: 'The links neither keep the order nor deduplicate, so a message is seen and delivered again.',
    breaks: 'noDuplication',
    parameters: { nodes: 2 },
    length: 5,
    change: spec => withRule(withRule(spec, 'in the order of the sender', true), 'delivers the first time', true),
  },
  deliversTheNext: {
    because: 'What is handed to the application is not what was received, but a message that its sender may broadcast next.',
    breaks: 'noCreation',
    parameters: { nodes: 2 },
    length: 4,
    change(spec) {
      const { node } = spec.roles
      const Packet: typeof node.on.Packet = (n, packet, from, here) =>
        node.on.Packet(n, packet, from, {
          ...here,
          emit: ({ type, message }) => here.emit({ type, message: (message as Message).update('number', i => i + 1) }),
        })
      return { ...spec, roles: { node: { ...node, on: { Packet } } } }
    },
  },
} satisfies Mutants<typeof totalOrderLamport>
