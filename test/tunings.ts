import type { Tuning } from '../checker/compile/tuning.ts'

/** The first search ends at so many states; so do those of a proof for a depth, and for a shorter execution. */
export const proofAfter = (states: number): Partial<Tuning> => ({
  nearStates: states,
  nearStatesToDepth: states,
  proofStatesToDepth: states,
  shorterStates: states,
  shorterStatesToDepth: states,
})
