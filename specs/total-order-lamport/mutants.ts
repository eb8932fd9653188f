import { Set } from 'immutable'
import { type Message, type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { Stamped, totalOrderLamport } from './protocol.ts'

/** The order of the nodes breaks ties, so at most one is the last. */
const isLast = (a: Stamped, _: Stamped, all: Set<Stamped>) => all.every(b => b.t < a.t || (b.t === a.t && (b.sender?.rank ?? 0) <= (a.sender?.rank ?? 0)))

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
    change: spec =>
      withHandler(
        spec,
        'node',
        'Packet',
        Packet => (n, packet, from, here) =>
          Packet(n, packet, from, { ...here, emit: ({ type, message }) => here.emit({ type, message: (message as Message).update('number', i => i + 1) }) }),
      ),
  },
  latestFirst: {
    because: 'Messages are delivered in descending order of timestamps, so what comes last goes before what others have delivered without it.',
    breaks: 'sameOrder',
    parameters: { nodes: 2, messages: 2 },
    length: 12,
    change: spec =>
      withHandler(
        withRule(withRule(spec, 'the lower timestamp goes first', true), 'the lower node goes first', true),
        'node',
        'Packet',
        Packet => (n, packet, from, here) => Packet(n, packet, from, { ...here, choose: all => here.choose((all as Set<Stamped>).filter(isLast)) as never }),
      ),
  },
  keepsItsClock: {
    because: 'A receipt does not move the clock forward, so a message is broadcast with a timestamp before those that its sender has received.',
    breaks: 'laterThanReceived',
    parameters: { nodes: 2 },
    length: 3,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Packet',
        Packet =>
          (n, ...step) =>
            Packet(n, ...step).setIn(['layer', 't'], n.layer.t),
      ),
  },
  losesBuffer: {
    because: 'A node forgets the messages that have to wait.',
    breaks: 'everybodyDelivers',
    parameters: { nodes: 2 },
    length: 2,
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
  losesBufferOfLinks: {
    because: 'A node forgets what it received before its turn, and takes it for a duplicate when it comes again.',
    breaks: 'everybodyDelivers',
    parameters: { nodes: 2, messages: 2 },
    length: 4,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Packet',
        Packet =>
          (...step) =>
            Packet(...step).setIn(['layer', 'fifo', 'buffer'], Set()),
      ),
  },
  asksOnce: {
    because: 'Nothing is sent again. The network loses what a node sends, and the other waits for it for ever.',
    breaks: 'validityInTheEnd',
    parameters: { nodes: 2 },
    length: 2,
    change: spec => withAction(spec, 'node', 'repeat', repeat => ({ ...repeat, when: () => false })),
  },
  restsOnceDelivered: {
    because: 'A node sends its message again until it has delivered it itself. The other has not heard of it by then, and never does.',
    breaks: 'agreementInTheEnd',
    parameters: { nodes: 2 },
    length: 5,
    change: spec =>
      withAction(spec, 'node', 'repeat', repeat => ({
        ...repeat,
        when: (n, here) => repeat.when(n) && !(n.layer.latest.has(here.self) && n.layer.buffer.isEmpty()),
      })),
  },
} satisfies Mutants<typeof totalOrderLamport>
