import { type Claims, keyValue, observed, sequentiallyConsistent } from '../../checker/index.ts'
import type { sessionGuarantees } from './protocol.ts'

export const claims = {
  inOneOrder: {
    because:
      'Two clients write at two servers, and each reads the key of the other before it has come there. No order of the four has each read after the write before it.',
    refutes: observed('operations', sequentiallyConsistent(keyValue())),
    parameters: { history: true },
    length: 12,
  },
} satisfies Claims<typeof sessionGuarantees>
