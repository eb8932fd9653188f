import type { Tuning } from '../tables/tuning.ts'

/**
 * What a round of search is for, where states may subsume one another:
 * - `first`, breadth-first: whatever is found or proved at once;
 * - `scout`, breadth-first, but with few states for each vector of nodes: it finds most violations early, by an execution that is hardly longer than need be,
 *   and meets most states of nodes, so that reductions learn what they need. Without a violation it says nothing;
 * - `prove`, with the states first that have come least far (search/node-ranks.ts): needs the fewest states;
 * - `shorten`, breadth-first, once some violation is known, or if only a depth is asked about: all executions with fewer steps, while they are few;
 * - `bound`, in the same order as `prove`, if they are many: how far every state is from a violation at least (search/lower-bounds.ts);
 * - `all`, breadth-first: the shortest execution, once there is a longer one, with bounds if there are any; or all of a depth that was asked for.
 */
export type Phase = 'first' | 'scout' | 'prove' | 'shorten' | 'bound' | 'all'

/**
 * How a round ended that was not the answer:
 * - `violated`: by a violation; a shorter execution may lead to one;
 * - `full`: with as many states as its phase may keep, or with all that it does keep;
 * - `refuted`: a guess that it rests on is wrong, or it was broken off since it taught more than it proved;
 * - `unbounded`: the same, and with it the lower bounds that it used;
 * - `bounded`: lower bounds are known.
 */
export type Ending = 'violated' | 'full' | 'refuted' | 'unbounded' | 'bounded'

/** Which phase comes next. What is not here cannot be. */
export const transitions: { readonly [phase in Phase]: { readonly [ending in Ending]?: Phase } } = {
  first: { full: 'scout', refuted: 'first' },
  scout: { full: 'prove', refuted: 'scout', violated: 'shorten' },
  prove: { full: 'shorten', refuted: 'prove', violated: 'shorten' },
  shorten: { full: 'bound', refuted: 'shorten' },
  bound: { full: 'all', refuted: 'bound', bounded: 'all' },
  all: { refuted: 'all', unbounded: 'bound', violated: 'all' },
}

/** Distinct states at which each is full; if some violation is known, or not. */
export const phaseMax = (phase: Phase, { depth }: { readonly depth?: number }, isViolated: boolean, tuning: Tuning): number =>
  ({
    first: depth === undefined ? tuning.firstStates : tuning.firstStatesToDepth,
    scout: tuning.scoutStates,
    prove: depth === undefined ? Infinity : tuning.proveStatesToDepth,
    shorten: isViolated ? tuning.shortenStates : tuning.shortenStatesToDepth,
    bound: tuning.boundStates,
    all: Infinity,
  })[phase]

/**
 * Will the first search have ended before it has `Tuning.firstEnds` times its states? Levels rise and fall about alike: after the largest come about as many states as before.
 * What it has found is thrown away otherwise. Counted at the ends of levels.
 *
 * @param levels the first state of each level, and one past the last
 */
export const isAboutToEnd = (levels: readonly number[], max: number, { firstEnds }: Tuning): boolean => {
  let largest = 1
  const size = (i: number): number => (levels[i] as number) - (levels[i - 1] as number)
  for (let i = 2; i < levels.length; i++) if (size(i) > size(largest)) largest = i
  return largest < levels.length - 1 && 2 * (levels[largest - 1] as number) + size(largest) <= firstEnds * max
}

/** What they are called while they run. */
export const phaseNames: { readonly [phase in Phase]?: string } = { scout: 'scout', prove: 'prove', bound: 'bounds' }
