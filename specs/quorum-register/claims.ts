import { type Claims, kept, observed } from '../../checker/index.ts'
import type { quorumRegister } from './protocol.ts'

export const claims = {
  linearizable: {
    because:
      'Slide "Not linearizable, despite quorum reads/writes": while a write is under way one read sees it, and another that begins after that read has returned does not.',
    refutes: observed('clients', kept),
    length: 12,
  },
} satisfies Claims<typeof quorumRegister>
