import { type Claims, each } from '../../checker/index.ts'
import { isBefore, type Replica, type registers } from './protocol.ts'

export const claims = {
  losesNoWrite: {
    because: '"Note: data loss!" Of two values that were written concurrently a last-writer-wins register discards one, though nobody had read it.',
    refutes: each(
      'node',
      (n: Replica) => n,
      n => n.processed.every(v1 => n.values.has(v1) || n.processed.some(v2 => isBefore(v1, v2))),
    ),
    parameters: { register: 'last writer wins' },
    length: 3,
  },
  oneValue: {
    because: 'A multi-value register has two values after two concurrent writes: the application has to merge them.',
    refutes: each(
      'node',
      (n: Replica) => n.values.size,
      size => size <= 1,
    ),
    length: 3,
  },
} satisfies Claims<typeof registers>
