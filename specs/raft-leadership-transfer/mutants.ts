import { type Mutants, withAction, withRule } from '../../checker/index.ts'
import type { raftLeadershipTransfer } from './protocol.ts'

export const mutants = {
  handsOverEarly: {
    because: 'Step 2 is left out: a leader hands over to a server that lacks its entry, and which the others will not elect.',
    breaks: 'targetIsUpToDate',
    length: 5,
    change: spec => withRule(spec, 'the target has the whole log', true),
  },
  acceptsMore: {
    because: 'Step 1 is left out: a leader that hands over accepts another request, which the target then lacks.',
    breaks: 'acceptsNothing',
    length: 5,
    change: spec => withRule(spec, 'it does not hand over', true),
  },
  anybodyHandsOver: {
    because: 'A follower tells another that its election timer has fired, though the leader is heard and hands over to nobody.',
    breaks: 'leaderHandsOver',
    length: 1,
    change: spec =>
      withAction(spec, 'node', 'transfer', ({ when, do: transfer }) => ({
        when: n => when(n.set('currentRole', 'leader')),
        do: transfer,
      })),
  },
} satisfies Mutants<typeof raftLeadershipTransfer>
