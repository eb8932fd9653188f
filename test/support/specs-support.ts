import { explore } from '../../checker/check/explore.ts'
import type { Reduction } from '../../checker/check/reductions.ts'
import type { Spec } from '../../checker/protocol/protocol.ts'

/** Distinct states and depth of a complete search. */
export const counted = async (spec: Spec, reduce: readonly Reduction[]) => {
  const { verdict, property, complete, states, depth } = await explore(spec, { reduce })
  return { verdict, property, complete, states, depth }
}
