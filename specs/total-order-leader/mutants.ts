import { List, Set } from 'immutable'
import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { totalOrderLeader } from './protocol.ts'

export const mutants = {
  leaderNotFifo: {
    because: 'The channel of the leader is not FIFO: what it broadcasts is delivered on receipt.',
    breaks: 'sameOrder',
    length: 8,
    change: spec => withRule(spec, 'in the order of the sender', true),
  },
  toLeaderNotFifo: {
    because: 'The link to the leader is not FIFO, so the one order of all nodes is not that of the sender.',
    breaks: 'fifo',
    length: 4,
    change: spec => withRule(spec, 'the link keeps the order', true),
  },
  noDeduplication: {
    because: 'The link to the leader does not deduplicate, so the leader broadcasts a message a second time, as a new one.',
    breaks: 'noDuplication',
    length: 5,
    change: spec => withRule(spec, 'the link deduplicates', true),
  },
  forgedForward: {
    because: 'The leader broadcasts in its own name what it was sent, so the message that is delivered was broadcast by nobody.',
    breaks: 'noCreation',
    length: 3,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Forward',
        Forward =>
          (n, { type, m }, from, here) =>
            Forward(n, { type, m: m.set('by', here.self) }, from, here),
      ),
  },
  noLeader: {
    because: 'Every node is its own leader, and FIFO broadcast alone is not causal: an answer overtakes what it answers.',
    breaks: 'causal',
    length: 6,
    change: spec =>
      withAction(spec, 'node', 'broadcast', ({ when, do: broadcast }) => ({
        when,
        do: (n, here) => broadcast(n, { ...here, send: (_, message) => here.send(here.self, message) }),
      })),
  },
  losesBuffer: {
    because: 'A node forgets what it received before its turn, and takes it for a duplicate when it comes again.',
    breaks: 'everybodyDelivers',
    parameters: { nodes: 2 },
    length: 5,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Packet',
        Packet =>
          (...step) =>
            Packet(...step).setIn(['fifo', 'buffer'], Set()),
      ),
  },
  asksOnce: {
    because: 'Nothing is sent again. The network loses what a node sends to the leader, and nobody ever delivers it.',
    breaks: 'validityInTheEnd',
    parameters: { nodes: 2, messages: 1 },
    length: 1,
    change: spec => withAction(spec, 'node', 'repeat', repeat => ({ ...repeat, when: () => false })),
  },
  leaderSaysItOnce: {
    because: 'The leader does not send again what it has broadcast: it delivers a message itself, and the other never hears of it.',
    breaks: 'agreementInTheEnd',
    parameters: { nodes: 2, messages: 1 },
    length: 3,
    change: spec =>
      withAction(spec, 'node', 'repeat', ({ when, do: repeat }) => ({ when, do: (n, here) => repeat(n.set('out', List()), here).set('out', n.out) })),
  },
} satisfies Mutants<typeof totalOrderLeader>
