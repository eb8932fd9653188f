import { type Claims, eachPair } from '../../checker/index.ts'
import { isVisible, type Replica, type tombstones } from './protocol.ts'

export const claims = {
  whatDiffersIsNew: {
    because:
      'Where x is at one replica only, it may as well have been removed from the other: "final state (x ∉ A, x ∈ B) is the same as in this case". Without timestamps nobody can tell.',
    refutes: eachPair(
      'replica',
      (r: Replica) => r,
      (a, b) => !isVisible(a) || isVisible(b) || a.heard >= b.heard,
    ),
    length: 4,
  },
} satisfies Claims<typeof tombstones>
