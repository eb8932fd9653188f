import { always, type Claims, canAlways, crashStop, eachLeadsTo } from '../../checker/index.ts'
import type { twoPhaseCommit } from './protocol.ts'

export const claims = {
  neverBlocks: {
    because:
      'Slide "The coordinator in two-phase commit": it crashes after prepare, but before broadcasting its decision, and a replica that responded "ok" cannot commit or abort.',
    refutes: canAlways(
      always(({ nodes, get, crashed }) =>
        nodes.replica.every(id => {
          const { state } = get(id)
          return crashed(id) || state === 'committed' || state === 'aborted'
        }),
      ),
    ),
    length: 3,
    assuming: spec => ({ ...spec, faults: [crashStop('coordinator', { atMost: 1 })] }),
  },
  neverWaitsForEver: {
    because: 'The coordinator stops before it sends its decision: a replica that is prepared waits for ever, though all that is said again and again is heard.',
    refutes: eachLeadsTo(
      'replica',
      r => r.state,
      state => state === 'prepared',
      state => state === 'committed' || state === 'aborted',
    ),
    length: 3,
    assuming: spec => ({ ...spec, faults: [crashStop('coordinator', { atMost: 1 })] }),
  },
} satisfies Claims<typeof twoPhaseCommit>
