import { type Message, type Mutants, withHandler, withRule } from '../../checker/index.ts'
import type { gossipProtocol } from './protocol.ts'

export const mutants = {
  noDeduplication: {
    because: 'A node delivers and forwards a message as often as it receives it.',
    breaks: 'noDuplication',
    length: 4,
    change: spec => withRule(spec, 'for the first time', true),
  },
  garbles: {
    because: 'What a node forwards is not what it received.',
    breaks: 'noCreation',
    length: 3,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Packet',
        Packet => (n, packet, from, here) =>
          Packet(n, packet, from, { ...here, send: (to, { type, msg }) => here.send(to, { type, msg: (msg as Message).update('number', i => i + 1) }) }),
      ),
  },
} satisfies Mutants<typeof gossipProtocol>
