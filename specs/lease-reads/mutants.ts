import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
import type { leaseReads } from './protocol.ts'

export const mutants = {
  withoutLease: {
    because: 'A leader reads what it has whether or not its lease has ended. Another may lead by then, and have written.',
    breaks: 'noStaleRead',
    length: 7,
    change: spec => withRule(spec, 'the lease has not ended', true),
  },
  votesAtAnyTime: {
    because: 'Section 4.2.3 is left out: who has just heard the leader votes for another, whose own timer has run out.',
    breaks: 'noStaleRead',
    length: 10,
    change: spec => withRule(spec, 'it has heard no leader for so long', true),
  },
  countsFromTheAnswer: {
    because: 'The lease begins when a majority has answered, not when the heartbeat was sent. The others have begun to count earlier.',
    breaks: 'noStaleRead',
    length: 12,
    change: spec =>
      withHandler(spec, 'node', 'Heard', hear => (n, message, from, here) => hear(n.waited === null ? n : n.set('waited', 0), message, from, here)),
  },
  votesTwice: {
    because: 'Who has voted in the term, or stands in it, votes again.',
    breaks: 'oneLeader',
    length: 6,
    change: spec =>
      withHandler(
        spec,
        'node',
        'RequestVote',
        vote => (n, message, from, here) => vote(n.term === message.term && !n.leads ? n.set('term', n.term - 1) : n, message, from, here),
      ),
  },
} satisfies Mutants<typeof leaseReads>
