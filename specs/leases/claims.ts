import { type Claims, each, eachPair, synchronous } from '../../checker/index.ts'
import { areInOrder, type leases } from './protocol.ts'

export const claims = {
  safeWithDrift: {
    because: 'The clock of the service goes ahead of that of the client: by two ticks at most, if each may be off by one.',
    refutes: eachPair(
      'client',
      ({ left }) => left > 0,
      (a, b) => !(a && b),
    ),
    length: 10,
    assuming: spec => ({ ...spec, timing: synchronous({ delay: { max: 1 }, drift: 1 }) }),
  },
  safeWithoutFencing: {
    because: 'That nobody else has the lock when a client writes does not mean that nobody else has it when the write arrives.',
    refutes: each('storage', ({ writes }) => writes, areInOrder),
    parameters: { fencing: false },
    length: 15,
  },
} satisfies Claims<typeof leases>
