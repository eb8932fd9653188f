import { always, type Claims } from '../../checker/index.ts'
import type { viewService } from './protocol.ts'

export const claims = {
  onePrimaryAtATime: {
    because: 'The old primary has not heard of the new view, whose primary has: one primary per view does not mean one primary at a time.',
    refutes: always(({ nodes, get }) => nodes.server.filter(s => get(s).primary === s).length <= 1),
    length: 10,
  },
} satisfies Claims<typeof viewService>
