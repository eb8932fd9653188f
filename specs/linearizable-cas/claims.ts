import { type Claims, kept, observed } from '../../checker/index.ts'
import type { linearizableCas } from './protocol.ts'

export const claims = {
  localGetsToo: {
    because:
      'A compare-and-swap has ended, and a get that begins after it is answered by a replica to which it has not come: sequentially consistent, and not linearizable.',
    refutes: observed('clients', kept),
    parameters: { nodes: 2, operations: 2, gets: 'local' },
    length: 4,
  },
} satisfies Claims<typeof linearizableCas>
