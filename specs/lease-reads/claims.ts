import { asynchronous, type Claims, observed } from '../../checker/index.ts'
import type { leaseReads } from './protocol.ts'

export const claims = {
  freshWithDrift: {
    because:
      'The clock of the leader stays behind, and those of the others go ahead. For them the time is over in which they vote for nobody, and for the leader its lease is not.',
    refutes: observed('reads', ({ stale }: { readonly stale: boolean }) => !stale),
    assuming: spec => ({ ...spec, timing: asynchronous({ drift: 1 }) }),
    length: 11,
    slow: true,
  },
} satisfies Claims<typeof leaseReads>
