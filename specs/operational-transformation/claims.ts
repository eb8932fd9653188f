import { is } from 'immutable'
import { type Claims, eachPair } from '../../checker/index.ts'
import { type Editor, operationalTransformation } from './protocol.ts'

export const claims = {
  threePeers: {
    because:
      'Without a server, two sites agree (TP1), and three do not: one deletes the letter between two insertions. At whom the deletion comes first, both insert at the same place, and then the lower client does first (TP2 fails).',
    refutes: eachPair(
      'client',
      (c: Editor) => c.document,
      (a, b) => !is(a.processed, b.processed) || is(a.text, b.text),
    ),
    parameters: { clients: 3, updates: 1 },
    length: 7,
    assuming: () => operationalTransformation({ clients: 3, updates: 1, over: 'peers' }),
  },
  sameText: {
    because: 'A client shows what its user does at once: "update local replica optimistically".',
    refutes: eachPair(
      'client',
      (c: Editor) => c.document.text,
      (a, b) => is(a, b),
    ),
    length: 1,
  },
} satisfies Claims<typeof operationalTransformation>
