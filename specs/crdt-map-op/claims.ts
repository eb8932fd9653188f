import { is } from 'immutable'
import { type Claims, eachPair } from '../../checker/index.ts'
import type { crdtMapOp, Replica } from './protocol.ts'

export const claims = {
  alwaysTheSame: {
    because: 'A replica processes a set without waiting for the others, and these read the old value until they hear of it.',
    refutes: eachPair(
      'node',
      ({ app }: { readonly app: Replica }) => app.values,
      (a, b) => is(a, b),
    ),
    length: 2,
  },
} satisfies Claims<typeof crdtMapOp>
