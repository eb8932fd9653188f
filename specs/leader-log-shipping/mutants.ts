import { List } from 'immutable'
import { type Mutants, withAction, withRule } from '../../checker/index.ts'
import type { leaderLogShipping } from './protocol.ts'

export const mutants = {
  outOfOrder: {
    because: 'A follower applies what comes, in whatever order it comes.',
    breaks: 'pastState',
    length: 5,
    change: spec => withRule(spec, 'it is next in the order of commits', true),
  },
  appliesAgain: {
    because: 'A follower applies a transaction again that arrives a second time, as an update of the position that it is at.',
    breaks: 'pastState',
    length: 4,
    change: spec => withRule(withRule(spec, 'it is not applied yet', true), 'it is next in the order of commits', true),
  },
  staysOpen: {
    because: 'A transaction is open when it is committed, too: it may be committed again.',
    breaks: 'committedOnce',
    length: 2,
    change: spec => withAction(spec, 'leader', 'commit', ({ do: commit }) => ({ do: (leader, here) => commit(leader, here).set('open', leader.open) })),
  },
  losesDisk: {
    because: 'A follower that recovers begins anew, so its readers see what was there before.',
    breaks: 'neverGoesBack',
    length: 4,
    change: spec => ({
      ...spec,
      roles: { ...spec.roles, follower: { ...spec.roles.follower, recover: f => f.set('applied', List()) } },
    }),
  },
  neverFetches: {
    because: 'A follower does not ask for what it lacks, and a message was lost.',
    breaks: 'catchesUp',
    length: 3,
    change: spec => withAction(spec, 'follower', 'fetch', fetch => ({ ...fetch, when: () => false })),
  },
} satisfies Mutants<typeof leaderLogShipping>
