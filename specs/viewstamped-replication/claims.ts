import { type Claims, crashRecovery, kept, observed } from '../../checker/index.ts'
import type { viewstampedReplication } from './protocol.ts'

export const claims = {
  recoversSafely: {
    because:
      'A replica that has sent DoViewChange crashes and recovers into the old view, and acknowledges an operation there that the new view lacks. (E. Michael et al., "Recovering Shared Objects Without Stable Storage", DISC 2017.)',
    refutes: observed('committed', kept),
    length: 23,
    assuming: spec => ({ ...spec, faults: [crashRecovery('node', { atMost: 2 })] }),
  },
} satisfies Claims<typeof viewstampedReplication>
