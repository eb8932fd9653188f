import { type Mutants, withHandler } from '../../checker/index.ts'
import type { eventLogMerge } from './protocol.ts'

export const mutants = {
  byArrival: {
    because: 'A central logger writes entries as they arrive: "Might not represent order of events as they happened at each node!"',
    breaks: 'keepsEachNode',
    length: 4,
    change: spec =>
      withHandler(
        spec,
        'logger',
        'Log',
        () =>
          (logger, { entry }) =>
            logger.update('merged', merged => merged.push(entry)),
      ),
  },
  byNumber: {
    because: 'The logs are merged by how many events each node has had, which says nothing across nodes.',
    breaks: 'keepsHappensBefore',
    length: 4,
    change: spec =>
      withHandler(
        spec,
        'logger',
        'Log',
        () =>
          (logger, { entry }) =>
            logger.update('merged', merged => merged.push(entry).sortBy(({ number }) => number)),
      ),
  },
  keepsOnePerTime: {
    because: 'Of two entries with one time the logger keeps the first.',
    breaks: 'isComplete',
    length: 2,
    change: spec =>
      withHandler(
        spec,
        'logger',
        'Log',
        Log => (logger, message, from, here) =>
          logger.merged.some(({ stamp }) => stamp.t === message.entry.stamp.t) ? logger : Log(logger, message, from, here),
      ),
  },
} satisfies Mutants<typeof eventLogMerge>
