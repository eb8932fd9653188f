import { type Claims, each } from '../../checker/index.ts'
import type { distributedMake, Make } from './protocol.ts'

export const claims = {
  isOfTheSource: {
    because:
      'Who edits while the compiler runs may save with a time before that of the object, which is of the version before: the two are concurrent, and no clock orders them.',
    refutes: each(
      'make',
      (m: Make) => m,
      ({ upToDate, source, object }) => !upToDate || object.of === source.version,
    ),
    length: 17,
  },
} satisfies Claims<typeof distributedMake>
