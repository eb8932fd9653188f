import { always, type Claims, canAlways, crashStop, eachLeadsTo } from '../../checker/index.ts'
import type { lamportMutex } from './protocol.ts'

export const claims = {
  progress: {
    because:
      'A process stops, and all others wait for its acknowledgement for ever ("the failure of a single process will make it impossible for any other process to execute").',
    refutes: canAlways(always(({ nodes, get, crashed }) => nodes.process.every(id => crashed(id) || get(id).request === null))),
    parameters: { requests: 1, maxClock: Infinity },
    length: 2,
    assuming: spec => ({ ...spec, faults: [crashStop('process', { atMost: 1 })] }),
  },
  grantedDespiteCrash: {
    because: 'A process stops, and a request of another is never granted, though links deliver and everybody who is up goes on.',
    refutes: eachLeadsTo(
      'process',
      (p, { crashed }) => ({ waits: !crashed && p.request !== null, isDone: crashed || p.inCriticalSection }),
      ({ waits }) => waits,
      ({ isDone }) => isDone,
    ),
    parameters: { requests: 1, maxClock: Infinity },
    length: 4,
    assuming: spec => ({ ...spec, faults: [crashStop('process', { atMost: 1 })] }),
  },
} satisfies Claims<typeof lamportMutex>
