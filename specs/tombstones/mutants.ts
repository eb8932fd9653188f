import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { tombstones } from './protocol.ts'

export const mutants = {
  noTombstone: {
    because: 'remove(x) removes x, and its timestamp with it: a request that is late, or a replica that missed the removal, brings x back.',
    breaks: 'showsTheLatest',
    length: 4,
    change: spec =>
      withHandler(spec, 'replica', 'Put', Put => (...step) => {
        const next = Put(...step)
        return next.x?.present === false ? next.set('x', null) : next
      }),
  },
  noTimestamps: {
    because: 'What arrives last counts, and not what was written last.',
    breaks: 'neverGoesBack',
    length: 4,
    change: spec => withRule(spec, 'it is later', true),
  },
  neverReconciles: {
    because: 'Replicas do not talk to each other: who misses a request misses it for good.',
    breaks: 'converges',
    length: 5,
    change: spec => withAction(spec, 'replica', 'antiEntropy', antiEntropy => ({ ...antiEntropy, when: () => false })),
  },
  stampsAnew: {
    because: 'A replica gives what it propagates a timestamp of its own, later than the one it has.',
    breaks: 'written',
    length: 4,
    change: spec =>
      withAction(spec, 'replica', 'antiEntropy', ({ when, do: antiEntropy }) => ({
        when: r => when(r) && (r.x?.t ?? 0) < 4,
        do: (r, here) => antiEntropy(r, { ...here, broadcast: put => here.broadcast({ ...put, t: put.t + 1 }) }),
      })),
  },
} satisfies Mutants<typeof tombstones>
