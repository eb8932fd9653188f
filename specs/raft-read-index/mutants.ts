import { type Mutants, withRule } from '../../checker/index.ts'
import type { raftReadIndex } from './protocol.ts'

export const mutants = {
  noRound: {
    because: 'Step 3 is left out: a leader that was voted out answers from what it has, and does not know what the next leader has delivered since.',
    breaks: 'linearizable',
    parameters: { nodes: 3, length: 2 },
    length: 14,
    slow: true,
    change: spec => withRule(spec, 'a quorum has confirmed', true),
  },
  tooEarly: {
    because: 'Step 1 is left out: a new leader does not know yet what the one before has delivered, and answers without it.',
    breaks: 'linearizable',
    length: 12,
    change: spec => withRule(spec, 'an entry of its term is committed', true),
  },
  confirmsAll: {
    because: 'A node that has voted in a later term confirms the leader all the same.',
    breaks: 'linearizable',
    parameters: { nodes: 3, length: 2 },
    length: 16,
    slow: true,
    change: spec => withRule(spec, 'there is no later term', true),
  },
} satisfies Mutants<typeof raftReadIndex>
