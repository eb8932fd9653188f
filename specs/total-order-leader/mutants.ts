import { type Mutants, withRule } from '../../checker/index.ts'
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
    change(spec) {
      const { node } = spec.roles
      const Forward: typeof node.on.Forward = (n, { type, m }, from, here) => node.on.Forward(n, { type, m: m.set('by', here.self) }, from, here)
      return { ...spec, roles: { node: { ...node, on: { ...node.on, Forward } } } }
    },
  },
} satisfies Mutants<typeof totalOrderLeader>
