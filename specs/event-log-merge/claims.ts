import { always, type Causality, type Claims, each, eventsOf, relationOf } from '../../checker/index.ts'
import type { eventLogMerge, Logger } from './protocol.ts'

export const claims = {
  noGaps: {
    because: 'The log that has arrived so far may lack what happened before an entry in it: its own entry is still on the way.',
    refutes: always(({ all, observer }) => {
      const events = eventsOf(observer('events') as Causality)
      const { merged } = all('logger')[0] as Logger
      const isThere = (of: (typeof events)[number]) => merged.some(({ stamp, number }) => stamp.node === of.node && number === of.index)
      return events.every(a => events.every(b => relationOf(a, b) !== 'before' || isThere(a) || !isThere(b)))
    }),
    length: 3,
  },
  earlierIsFirst: {
    because: 'What is first in the log need not have happened first: of two events that know nothing of each other the clocks say nothing.',
    refutes: each(
      'logger',
      (logger: Logger) => logger.merged,
      merged => merged.every(({ stamp }, i) => merged.skip(i + 1).every(later => later.stamp.t > stamp.t)),
    ),
    length: 4,
  },
} satisfies Claims<typeof eventLogMerge>
