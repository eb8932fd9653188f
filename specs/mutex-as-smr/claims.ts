import { is } from 'immutable'
import { type Claims, eachPair } from '../../checker/index.ts'
import type { mutexAsSmr, Site } from './protocol.ts'

export const claims = {
  oneQueue: {
    because: 'Replicas apply the same commands in the same order, and not at the same time.',
    refutes: eachPair(
      'node',
      ({ app }: Site) => app.queue,
      (a, b) => is(a, b),
    ),
    length: 3,
  },
} satisfies Claims<typeof mutexAsSmr>
