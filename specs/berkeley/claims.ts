import { always, type Claims, synchronous } from '../../checker/index.ts'
import { type berkeley, isClose, moved, TICK } from './protocol.ts'

export const claims = {
  realTime: {
    because: '"Note: Berkeley algorithm is internal synchronization. May not sync with real-world time": where most clocks are ahead, so is the average.',
    refutes: always(world => moved(world).every(({ clock }) => Math.abs(clock - TICK * world.observer('time').now) <= TICK)),
    length: 5,
  },
  closeForEver: {
    because: '"Assumes all machines have equally-accurate local clocks": what one round has brought together drifts apart again.',
    refutes: always(world => isClose(world, 1)),
    parameters: { spread: 0, outlier: false },
    assuming: spec => ({ ...spec, timing: synchronous({ delay: { max: 1 }, drift: 1, horizon: 4 }) }),
    length: 7,
  },
} satisfies Claims<typeof berkeley>
