import { judge } from './judge.ts'
import { possibleSteps, stepLike } from './step-like.ts'
import type { Walker, WalkState, WalkStep } from './walk.ts'

/**
 * A shorter execution that violates the same property: leave out some steps, take those of the rest that can still be taken (with other contents, if
 * need be), and keep the result if it
 * still violates; half of the steps at a time, then a quarter, … then one, until no single step can be left out. That is a local minimum, not
 * the shortest execution: another order of steps, or others, may need fewer.
 *
 * A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002 (delta debugging).
 * Cost: at most quadratic in the number of steps for each step that is left out; the successors of a state are computed once.
 *
 * @param steps an execution from `initial` that violates `property` at its end
 */
export const shorten = (walker: Walker, property: string, initial: WalkState, steps: readonly WalkStep[]): readonly WalkStep[] => {
  const possible = possibleSteps(walker)
  const stateBefore = (at: number, of: readonly WalkStep[]): WalkState => of[at - 1]?.next ?? initial
  const violates = (of: readonly WalkStep[]): boolean => judge(walker, property, stateBefore(of.length, of), of.at(-1)).violated === true
  const without = (of: readonly WalkStep[], at: number, count: number): WalkStep[] => {
    const kept = of.slice(0, at)
    for (const { step } of of.slice(at + count)) {
      const next = stepLike(step, possible(stateBefore(kept.length, kept)))
      if (next !== undefined) kept.push(next)
    }
    return kept
  }

  let best = steps
  for (let size = Math.max(1, best.length >> 1); ; ) {
    let dropped = false
    // From the end, so that what is left out was needed by nothing that is kept.
    for (let at = best.length - size; at > -size; at -= size) {
      const from = Math.max(0, at)
      if (from >= best.length) continue
      const shorter = without(best, from, Math.min(size, best.length - from))
      if (shorter.length < best.length && violates(shorter)) {
        best = shorter
        dropped = true
      }
    }
    if (size > 1) size = Math.min(size >> 1, Math.max(1, best.length >> 1))
    else if (!dropped) return best
  }
}
