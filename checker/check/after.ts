import { SpecError } from '../protocol/errors.ts'
import type { System } from '../run/system.ts'
import { beginningOf, type Walk, type WalkedTrace, walk } from '../trace/replay.ts'
import { stepText } from '../trace/step-text.ts'
import type { Trace, TraceStep } from '../trace/trace.ts'
import { Walker, type WalkState } from '../trace/walk.ts'
import type { Options } from './options.ts'

/** The execution after which a check begins. @throws SpecError if a step cannot be taken */
export const executionTo = (system: System, after: NonNullable<Options['after']>): WalkedTrace => {
  const walker = new Walker(system)
  const hasStart = 'steps' in after
  let first: Walk | undefined
  for (const initial of hasStart ? [startOf(after, walker)] : walker.initials()) {
    const walked = walk(walker, initial, hasStart ? after.steps : after)
    if (walked.failed === undefined) return { initial, steps: walked.steps }
    first ??= walked
  }
  const { failed, steps } = first as Walk
  throw new SpecError({
    title: 'A STEP CANNOT BE TAKEN',
    place: `${system.protocol.name}, step ${steps.length + 1}`,
    what: `${stepText(failed as TraceStep)}: there is no such step here.`,
    hint: 'Take the steps from an execution of this very protocol, at the same parameters.',
  })
}

const startOf = (trace: Pick<Trace, 'initial'>, walker: Walker): WalkState => {
  const { state, wrong } = beginningOf(trace, walker)
  if (wrong === undefined) return state
  throw new SpecError({
    title: 'IT CANNOT BEGIN SO',
    place: walker.system.protocol.name,
    what: wrong,
    hint: 'Take the trace from an execution of this very protocol, at the same parameters.',
  })
}

/** The state that an execution ends in. */
export const endOf = ({ initial, steps }: WalkedTrace): WalkState => steps.at(-1)?.next ?? initial
