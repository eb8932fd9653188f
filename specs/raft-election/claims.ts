import { always, type Claims, eventuallyAlways, synchronous } from '../../checker/index.ts'
import { isElected, type raftElection } from './protocol.ts'

export const claims = {
  electedWithEqualTimeouts: {
    because:
      'All stand at the same moment, each votes for itself, and all wait as long again: votes split for ever. "Raft uses randomized election timeouts to ensure that split votes are rare."',
    refutes: eventuallyAlways(always(world => isElected(world))),
    parameters: { timing: 'synchronous', apart: 0 },
    assuming: spec => ({ ...spec, timing: synchronous({ delay: { min: 1, max: 1 } }) }),
    length: 83,
  },
  electedHoweverSlow: {
    because:
      'In an asynchronous system a message may take as long as a timeout, here each takes three ticks: a vote comes when the candidate stands again already.',
    refutes: eventuallyAlways(always(world => isElected(world))),
    parameters: { timing: 'synchronous', timeout: 3, apart: 3 },
    assuming: spec => ({ ...spec, timing: synchronous({ delay: { min: 2, max: 2 } }) }),
    length: 40,
  },
} satisfies Claims<typeof raftElection>
