import { always, type Claims, eventually } from '../../checker/index.ts'
import type { flp } from './protocol.ts'

export const claims = {
  terminates: {
    because:
      'Whoever hears 0 and 1 proposes nothing, and whoever hears nothing proposed takes 0; one hears 1 and 1. So there are a 0 and two 1s again, and so on: each message arrives, nobody crashes, and nobody decides.',
    refutes: eventually(always(({ nodes, get, crashed }) => nodes.node.every(id => crashed(id) || get(id).decision !== null))),
    length: 15,
  },
} satisfies Claims<typeof flp>
