import type { Options } from './report.ts'

/**
 * What a search is for, where states may cover one another:
 * - `near`, breadth-first: whatever is found or proved at once;
 * - `scout`, breadth-first, but with few states for each vector of nodes: it finds most violations early, by an execution that is hardly longer than need be,
 *   and meets most states of nodes, so that reductions learn what they need. Without a violation it says nothing;
 * - `proof`, with the states first that have come least far (progress.ts): needs the fewest states;
 * - `shorter`, breadth-first, once some violation is known, or if only a depth is asked about: all executions with fewer steps, while they are few;
 * - `bounds`, in the same order, if they are many: how far every state is from a violation at least (lower-bounds.ts);
 * - `all`, breadth-first: the shortest execution, once there is a longer one, with bounds if there are any; or all of a depth that was asked for.
 */
export type Hunt = 'near' | 'scout' | 'proof' | 'shorter' | 'bounds' | 'all'

const NEAR_STATES = 50_000

/** … when a depth is asked about, which they often reach. */
const NEAR_STATES_TO_DEPTH = 200_000

/** States that `scout` keeps for each vector of nodes. */
export const SCOUT_KEEPS = 1

const SCOUT_STATES = 2_000_000

/** When only a depth is asked about, so many states are spent on a proof for every depth. */
const PROOF_STATES = 1_000_000

/** So many states are looked through for an execution shorter than one that is known, or within a depth, before it is found out how far it is to a violation; and so many are spent on that. */
const SHORTER_STATES = 200_000
const SHORTER_STATES_TO_DEPTH = 2_000_000
const BOUNDS_STATES = 20_000_000

/** Where each ends, without an answer; if some violation is known, or not. */
export const huntMax = (hunt: Hunt, { depth, proofAfter }: Options, isViolated: boolean): number =>
  ({
    near: proofAfter ?? (depth === undefined ? NEAR_STATES : NEAR_STATES_TO_DEPTH),
    scout: SCOUT_STATES,
    proof: depth === undefined ? Infinity : (proofAfter ?? PROOF_STATES),
    shorter: proofAfter ?? (isViolated ? SHORTER_STATES : SHORTER_STATES_TO_DEPTH),
    bounds: BOUNDS_STATES,
    all: Infinity,
  })[hunt]

/** What comes after each that ended without an answer. */
export const nextHunt: { readonly [hunt in Hunt]: Hunt } = { near: 'scout', scout: 'proof', proof: 'shorter', shorter: 'bounds', bounds: 'all', all: 'all' }

/** What they are called while they run. */
export const phases: { readonly [hunt in Hunt]?: string } = { scout: 'scout', proof: 'prove', bounds: 'bounds' }
