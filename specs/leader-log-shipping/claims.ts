import { is } from 'immutable'
import { type Claims, each, eachPairOf } from '../../checker/index.ts'
import type { leaderLogShipping } from './protocol.ts'

export const claims = {
  upToDate: {
    because: 'A transaction is committed, and whoever reads from a follower does not see it yet.',
    refutes: eachPairOf(
      'follower',
      f => f.applied,
      'leader',
      l => l.log,
      (applied, log) => is(applied, log),
    ),
    length: 2,
  },
  appliedOnce: {
    because:
      'A client does not hear that its transaction is committed, and begins it again. The leader commits it twice, and each follower does as the leader.',
    refutes: each(
      'follower',
      f => f.applied,
      applied => applied.toSet().size === applied.size,
    ),
    length: 6,
    assuming: spec => {
      const { actions } = spec.roles.leader
      const retry: typeof actions.begin = { when: l => l.log.size === 1, do: l => l.set('open', l.open.union(l.log)) }
      return { ...spec, roles: { ...spec.roles, leader: { ...spec.roles.leader, actions: { ...actions, retry } } } }
    },
  },
} satisfies Claims<typeof leaderLogShipping>
