import { type Message, type Mutants, withRule } from '../../checker/index.ts'
import type { fifoBroadcast } from './protocol.ts'

export const mutants = {
  deliversOnReceipt: {
    because: 'A message is delivered when it is received, though others of its sender are missing.',
    breaks: 'fifo',
    length: 3,
    change: spec => withRule(spec, 'in the order of the sender', true),
  },
  deliversTwice: {
    because: 'Reliable broadcast below does not deduplicate, and a message that comes again is handed to the application again.',
    breaks: 'noDuplication',
    length: 3,
    change: spec => withRule(withRule(spec, 'delivers the first time', true), 'in the order of the sender', true),
  },
  deliversTheNext: {
    because: 'What is handed to the application is not what was received, but a message that its sender may broadcast next.',
    breaks: 'noCreation',
    length: 2,
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
} satisfies Mutants<typeof fifoBroadcast>
