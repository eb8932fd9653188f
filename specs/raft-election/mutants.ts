import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { raftElection } from './protocol.ts'

export const mutants = {
  silentLeader: {
    because: 'A leader that has nothing to replicate says nothing, so the others believe that it is gone.',
    breaks: 'leaderInTheEnd',
    parameters: { timing: 'synchronous' },
    length: 88,
    change: spec => withAction(spec, 'node', 'heartbeat', ({ when, do: beat }) => ({ when, do: (n, here) => beat(n, { ...here, send: () => undefined }) })),
  },
  deaf: {
    because: 'Who hears the leader does not begin to wait anew, and so stands for election under a leader that is well.',
    breaks: 'leaderInTheEnd',
    parameters: { timing: 'synchronous', nodes: 2 },
    length: 91,
    change: spec =>
      withHandler(spec, 'node', 'LogRequest', hear => (n, message, from, here) => {
        const after = hear(n, message, from, here)
        return n.currentRole === 'follower' ? after.set('timer', n.timer) : after
      }),
  },
  rareHeartbeats: {
    because: 'The leader says that it is there more rarely than the others wait for it.',
    breaks: 'leaderInTheEnd',
    parameters: { timing: 'synchronous', nodes: 2 },
    length: 96,
    change: spec => withAction(spec, 'node', 'heartbeat', ({ when, do: beat }) => ({ when, do: (n, here) => beat(n, here).set('timer', n.timeout + 4) })),
  },
  votesTwice: {
    because: 'Slide 2: a node grants its vote without looking at votedFor, and so to two candidates of one term.',
    breaks: 'electionSafety',
    length: 13,
    change: spec => withRule(spec, 'one vote a term', true),
  },
  skipsTerms: {
    because: 'A candidate begins the term after the next one: two terms at once are then further apart than numbers that go round can tell.',
    breaks: 'termsAreClose',
    parameters: { timing: 'synchronous' },
    length: 5,
    change: spec =>
      withAction(spec, 'node', 'electionTimeout', ({ when, do: stand }) => ({
        when,
        do: (n, here) =>
          stand(
            n.update('currentTerm', term => (term + 1) % 4),
            here,
          ),
      })),
  },
} satisfies Mutants<typeof raftElection>
