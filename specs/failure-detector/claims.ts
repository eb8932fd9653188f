import { always, asynchronous, type Claims, eventuallyAlways } from '../../checker/index.ts'
import { type failureDetector, isAccurate, isPerfect } from './protocol.ts'

export const claims = {
  accurateAtOnce: {
    because:
      '"Perfect timeout-based failure detector exists only in a synchronous crash-stop system". Before messages arrive in time, one that is slow looks like one that crashed.',
    refutes: always(world => isAccurate(world)),
    parameters: { timing: 'partially synchronous' },
    length: 6,
  },
  perfectWithoutBounds: {
    because: 'Where a message may take as long as it likes, no timeout is ever long enough: nodes suspect one another and trust again, for ever.',
    refutes: eventuallyAlways(always(world => isPerfect(world))),
    parameters: { timing: 'partially synchronous' },
    assuming: spec => ({ ...spec, timing: asynchronous() }),
    length: 19,
  },
} satisfies Claims<typeof failureDetector>
