import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "if (rule('re-broadcasts the first time', isFirst)) send(others, { type: 'Packet', msg })",
    to: "if (true) send(others, { type: 'Packet', msg })",
    because: 'Who sends on whatever it receives, however often, says nothing new: it only has no end.',
  },
  {
    from: "return n.set('layer', n.layer.set('links', n.layer.links.delete(outgoing)))",
    to: 'return n',
    because: 'A link that keeps what got through sends it again and again: it is received once, and there is no end.',
  },
  {
    from: "send(outgoing.to as Node, { type: 'Packet', msg: outgoing.msg })",
    to: "{ send(outgoing.to as Node, { type: 'Packet', msg: outgoing.msg }); send(outgoing.to as Node, { type: 'Packet', msg: outgoing.msg }) }",
    because: 'What comes twice is received once.',
  },
] satisfies Survivors
