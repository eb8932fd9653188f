import { type Claims, each, eachPair, isPrefix, step } from '../../checker/index.ts'
import type { zab } from './protocol.ts'

export const claims = {
  keepsHistory: {
    because: 'A history only grows. But in step f.2.1 it is replaced by that of the epoch: what a quorum had not accepted may be lost.',
    refutes: step('node', (before, after) => isPrefix(before.history, after.history)),
    length: 14,
  },
  upToDate: {
    because: 'Who follows has delivered what its primary has, so that it may answer reads by itself. But commits are on their way.',
    refutes: eachPair(
      'node',
      n => ({ epoch: n.current, leads: n.phase === 'broadcast', delivered: n.delivered }),
      (a, b) => !a.leads || a.epoch !== b.epoch || a.delivered <= b.delivered,
    ),
    length: 9,
  },
  appliedOnce: {
    because:
      'A client asks the primary, hears nothing, and asks again. The primary broadcasts two transactions for it, and both are delivered. Zab does not tell: the service has to know its clients.',
    refutes: each(
      'node',
      n => n.delivered,
      delivered => delivered < 2,
    ),
    parameters: { epochs: 1, broadcasts: 2, crashes: 0 },
    length: 11,
  },
} satisfies Claims<typeof zab>
