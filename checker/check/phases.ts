import type { Tuning } from '../tables/tuning.ts'

/**
 * What a search is for, where states may cover one another:
 * - `near`, breadth-first: whatever is found or proved at once;
 * - `scout`, breadth-first, but with few states for each vector of nodes: it finds most violations early, by an execution that is hardly longer than need be,
 *   and meets most states of nodes, so that reductions learn what they need. Without a violation it says nothing;
 * - `proof`, with the states first that have come least far (search/node-ranks.ts): needs the fewest states;
 * - `shorter`, breadth-first, once some violation is known, or if only a depth is asked about: all executions with fewer steps, while they are few;
 * - `bounds`, in the same order, if they are many: how far every state is from a violation at least (search/lower-bounds.ts);
 * - `all`, breadth-first: the shortest execution, once there is a longer one, with bounds if there are any; or all of a depth that was asked for.
 */
export type Phase = 'near' | 'scout' | 'proof' | 'shorter' | 'bounds' | 'all'

/** Where each ends, without an answer; if some violation is known, or not. */
export const phaseMax = (hunt: Phase, { depth }: { readonly depth?: number }, isViolated: boolean, tuning: Tuning): number =>
  ({
    near: depth === undefined ? tuning.nearStates : tuning.nearStatesToDepth,
    scout: tuning.scoutStates,
    proof: depth === undefined ? Infinity : tuning.proofStatesToDepth,
    shorter: isViolated ? tuning.shorterStates : tuning.shorterStatesToDepth,
    bounds: tuning.boundsStates,
    all: Infinity,
  })[hunt]

/** What comes after each that ended without an answer. */
export const nextPhase: { readonly [hunt in Phase]: Phase } = { near: 'scout', scout: 'proof', proof: 'shorter', shorter: 'bounds', bounds: 'all', all: 'all' }

/** What they are called while they run. */
export const phases: { readonly [hunt in Phase]?: string } = { scout: 'scout', proof: 'prove', bounds: 'bounds' }
