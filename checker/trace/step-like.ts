import { nameOf } from './replay.ts'
import type { TraceStep } from './trace.ts'
import type { Walker, WalkState, WalkStep } from './walk.ts'

/** The steps that can be taken in a state, by what they are called; the first of those that are loosely called the same, too. */
export type Possible = ReadonlyMap<string, WalkStep>

/** The step that is called so. */
export const stepCalled = (step: TraceStep, possible: Possible): WalkStep | undefined => possible.get(keyOf(step))

/** The step that is called so; or, where there is none, one with another message of that type, or other choices: with a step left out, a clock or a sequence number may be another. */
export const stepLike = (step: TraceStep, possible: Possible): WalkStep | undefined => stepCalled(step, possible) ?? possible.get(looseKeyOf(step))

/** Those of each state are found once. */
export const possibleSteps = (walker: Walker): ((state: WalkState) => Possible) => {
  const known = new Map<string, Possible>()
  return state => {
    const key = walker.keyOf(state)
    const found = known.get(key)
    if (found !== undefined) return found
    const made = walker.successors(state, { idle: true, losses: true })
    const steps = new Map([...made.toReversed().map(step => [looseKeyOf(step.step), step] as const), ...made.map(step => [keyOf(step.step), step] as const)])
    known.set(key, steps)
    return steps
  }
}

const keyOf = (step: TraceStep): string => JSON.stringify(nameOf(step))

const looseKeyOf = ({ kind, node, name, from }: TraceStep): string => JSON.stringify({ kind, node, name, from })
