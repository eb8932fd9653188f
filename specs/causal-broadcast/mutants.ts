import { Set } from 'immutable'
import { type Message, type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { causalBroadcast } from './protocol.ts'

export const mutants = {
  ownLeftOut: {
    because: 'deps[i] := sendSeq is left out, so a message does not depend on those that its sender has broadcast and not yet delivered.',
    breaks: 'fifo',
    length: 3,
    change: spec =>
      withAction(spec, 'node', 'broadcast', broadcast => ({
        ...broadcast,
        do: (n, here) => broadcast.do(n, { ...here, send: (to, { type, msg }) => here.send(to, { type, msg: msg.set('deps', n.layer.delivered) }) }),
      })),
  },
  depsNotChecked: {
    because: 'A message is delivered when it is received, though messages that it depends on are missing.',
    breaks: 'causal',
    length: 3,
    change: spec => withRule(spec, 'after its causes', true),
  },
  deliversTwice: {
    because: 'Reliable broadcast below does not deduplicate, and a message that comes again is handed to the application again.',
    breaks: 'noDuplication',
    length: 3,
    change: spec => withRule(withRule(spec, 'delivers the first time', true), 'after its causes', true),
  },
  deliversTheNext: {
    because: 'What is handed to the application is not what was received, but a message that its sender may broadcast next.',
    breaks: 'noCreation',
    length: 2,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Packet',
        Packet => (n, packet, from, here) =>
          Packet(n, packet, from, {
            ...here,
            emit: ({ type, message }) => here.emit({ type, message: (message as Message).update('number', i => i + 1) }),
          }),
      ),
  },
  losesBuffer: {
    because: 'A node forgets what it received before its turn, and takes it for a duplicate when it comes again.',
    breaks: 'agreement',
    parameters: { nodes: 2 },
    length: 5,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Packet',
        Packet =>
          (...step) =>
            Packet(...step).setIn(['layer', 'buffer'], Set()),
      ),
  },
} satisfies Mutants<typeof causalBroadcast>
