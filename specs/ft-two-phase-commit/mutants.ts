import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { ftTwoPhaseCommit } from './protocol.ts'

export const mutants = {
  asOnTheSlide: {
    because:
      'A vote that is delivered before Prepare is received is passed over, since replicas[T] is empty: that node counts another first vote than the others.',
    breaks: 'agreement',
    length: 14,
    change: spec => withRule(spec, 'Prepare was received before', true),
  },
  lastVoteCounts: {
    because: 'A vote counts though there was one for that replica before, or the decision is made: a vote to commit takes an abort back.',
    breaks: 'irrevocable',
    length: 8,
    change: spec => withRule(withRule(spec, 'the first vote counts', true), 'it has not decided', true),
  },
  lateVoteCounts: {
    because: 'A vote for a replica that has voted to commit is counted, too, as long as nothing is decided: a suspicion that comes too late aborts.',
    breaks: 'firstVoteCounts',
    length: 7,
    change: spec => withRule(spec, 'the first vote counts', true),
  },
  suspicionDecides: {
    because: 'Whoever suspects another aborts at once, in place of voting by total order broadcast; others commit.',
    breaks: 'agreement',
    length: 9,
    change: spec =>
      withAction(spec, 'node', 'suspect', ({ when, do: suspect }) => ({
        when: n => when(n) && n.app.decided === null,
        do: (n, here) => {
          const next = suspect(n, { ...here, send: () => {} })
          return next.set('app', next.app.set('decided', 'abort'))
        },
      })),
  },
  oneVoteIsEnough: {
    because: 'A replica commits with the first vote to commit, not waiting for the others.',
    breaks: 'allVoted',
    length: 4,
    change: spec => withRule(spec, 'all have voted to commit', true),
  },
  votesAgain: {
    because: 'The coordinator asks again, since it heard nothing, and a replica that voted to commit takes that for a new transaction, and votes to abort.',
    breaks: 'allVoted',
    parameters: { nodes: 2, crashes: 0, suspicions: 0, links: 'fair-loss' },
    length: 9,
    change: spec =>
      withHandler(
        spec,
        'node',
        'Prepare',
        Prepare =>
          (n, ...step) =>
            Prepare(n.set('app', n.app.set('voted', null)), ...step),
      ),
  },
  suspectsNobody: {
    because: 'Nobody votes for a replica that the coordinator did not ask before it crashed, and the others wait for ever.',
    breaks: 'decides',
    length: 3,
    change: spec => withAction(spec, 'node', 'suspect', suspect => ({ ...suspect, when: () => false })),
  },
} satisfies Mutants<typeof ftTwoPhaseCommit>
