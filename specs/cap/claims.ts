import { always, type Claims, canAlways, kept, observed } from '../../checker/index.ts'
import type { cap } from './protocol.ts'

export const claims = {
  consistentToo: {
    because:
      'A store that stays available in a partition is not linearizable. It cannot tell a link that is down from one that is slow: a get answers what was there before, though the set has ended.',
    refutes: observed('clients', kept),
    parameters: { prefers: 'availability' },
    length: 6,
  },
  availableToo: {
    because: 'A store that stays linearizable in a partition is not available: who is cut off waits for a quorum, "indefinitely for the network to recover".',
    refutes: canAlways(always(({ all }) => [...all('writer'), ...all('reader')].every(({ values, stored }) => values === null && stored === null))),
    length: 2,
  },
} satisfies Claims<typeof cap>
