import { type Claims, eachPairOf } from '../../checker/index.ts'
import type { cristian } from './protocol.ts'

export const claims = {
  alwaysExact: {
    because: '"Client knows δ, not δresp": half of it is the way back only where both ways took as long.',
    length: 5,
    refutes: eachPairOf(
      'client',
      ({ clock, delay }) => (delay === null ? null : clock),
      'server',
      ({ clock }) => clock,
      (client, server) => client === null || client === server,
    ),
  },
} satisfies Claims<typeof cristian>
