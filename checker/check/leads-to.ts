import { SpecError } from '../protocol/errors.ts'
import { predicatesIn } from '../protocol/properties.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { System } from '../run/system.ts'
import type { Search } from '../search/search.ts'
import { NOT_SYMMETRIC } from '../tables/symmetry.ts'
import { holds, judge, mayRestIn } from '../trace/judge.ts'
import { showAll } from '../trace/render-text.ts'
import { statesAfter, stepText } from '../trace/step-text.ts'
import { traceOf } from '../trace/trace-of.ts'
import { Walker, type WalkState, type WalkStep } from '../trace/walk.ts'
import { buildSteps } from './counterexample.ts'

/** Columns that states are written in. */
const WIDTH = 100

/** States that are looked through, and seconds, where the search does not tell at which it was. */
const STATES_MAX = 3_000
const SECONDS_MAX = 2

/**
 * An error of code of the spec, with the execution that leads to it: the way to the state that the search was at, walked through the handlers, then the step, or the state, for which the
 * code throws the same again. The error as it is, where there is no way to show.
 */
export const withExecution = (search: Search, error: unknown): unknown => {
  if (!(error instanceof SpecError) || search.found.lookedAt < 0) return error
  const { system } = search.tables
  return orAsItIs(error, () =>
    system.untracked(() => {
      const { initial, steps } = buildSteps(search, { property: '', kind: 'state', states: [search.found.lookedAt] })
      const walker = new Walker(system)
      const end = ending(walker, steps.at(-1)?.next ?? initial, steps.at(-1), error)
      return end === undefined ? error : end.error.after(executionText(system, initial, steps, end, search.options.order === 'breadth'))
    }),
  )
}

/** The same where no search tells a state: the first states are walked through, breadth-first. */
export const withWalk = (protocol: AnyProtocol, error: unknown): unknown => {
  if (!(error instanceof SpecError) || error.parts.execution !== undefined || error.parts.title === NOT_SYMMETRIC) return error
  if (error.parts.place?.startsWith(`${protocol.name}, `) !== true) return error
  return orAsItIs(error, () => {
    const system = new System(protocol)
    const walker = new Walker(system)
    const until = performance.now() + 1000 * SECONDS_MAX
    const seen = new Set<string>()
    const queue: { readonly initial: WalkState; readonly state: WalkState; readonly steps: readonly WalkStep[] }[] = []
    for (const initial of walker.initials()) {
      if (queue.length === STATES_MAX) break
      seen.add(walker.keyOf(initial))
      queue.push({ initial, state: initial, steps: [] })
    }
    for (const { initial, state, steps } of queue) {
      const end = ending(walker, state, steps.at(-1), error)
      if (end !== undefined) return end.error.after(executionText(system, initial, steps, end, true))
      if (performance.now() > until) return error
      for (const step of walker.successors(state)) {
        const key = walker.keyOf(step.next)
        if (seen.has(key) || seen.size === STATES_MAX) continue
        seen.add(key)
        queue.push({ initial, state: step.next, steps: [...steps, step] })
      }
    }
    return error
  })
}

/** To show the way is a help, not the answer: if that fails, the error stands by itself. */
const orAsItIs = (error: SpecError, explain: () => SpecError): SpecError => {
  try {
    return explain()
  } catch {
    return error
  }
}

const executionText = (system: System, initial: WalkState, steps: readonly WalkStep[], end: Ending, isShortest: boolean): string => {
  const taken = end.step === undefined ? steps : [...steps, end.step]
  const trace = traceOf(system, '', initial, taken)
  const texts = [...trace.steps.map(stepText), ...(end.attempt === undefined ? [] : [end.attempt])]
  return [
    texts.length === 0 ? 'It is so in the first state:' : `${isShortest ? 'The shortest execution' : 'An execution'} that leads there:`,
    ...texts.map((text, i) => `  ${i + 1}. ${text}`),
    ...(texts.length === 0 ? [] : [end.attempt === undefined ? 'Then the state is:' : `The state before step ${texts.length}:`]),
    ...showAll(statesAfter(trace).at(-1) as (typeof trace)['initial'], WIDTH),
  ].join('\n')
}

/** What leads from a state to an error: nothing more, a step that throws, or a step to a state that some code throws for. */
interface Ending {
  /** What the code threw here: the node may be another than in the search, where nodes may be alike. */
  readonly error: SpecError
  /** The step that throws, in words. */
  readonly attempt?: string
  /** The step to the state that code throws for. */
  readonly step?: WalkStep
}

const ending = (walker: Walker, state: WalkState, last: WalkStep | undefined, error: SpecError): Ending | undefined => {
  const thrownBy = (run: () => unknown): SpecError | undefined => {
    try {
      run()
    } catch (thrown) {
      if (thrown instanceof SpecError && thrown.parts.title === error.parts.title && codeOf(thrown) === codeOf(error)) return thrown
    }
    return undefined
  }
  const here = thrownBy(() => judgeAll(walker, state, last))
  if (here !== undefined) return { error: here }
  const attempts = walker.attempts(state)
  for (const { what, take } of attempts) {
    const thrown = thrownBy(take)
    if (thrown !== undefined) return { error: thrown, attempt: what() }
  }
  for (const { take } of attempts) {
    const made: WalkStep[] = []
    // What throws otherwise is another error.
    thrownBy(() => made.push(...take()))
    for (const step of made) {
      const thrown = thrownBy(() => judgeAll(walker, step.next, step))
      if (thrown !== undefined) return { error: thrown, step }
    }
  }
  return undefined
}

/** Which code of the spec threw, at whatever node. */
const codeOf = ({ parts }: SpecError): string | undefined => parts.place?.replace(/ at [^ ]+$/, '')

/** Asks all that is asked of a state and of the step to it. */
const judgeAll = (walker: Walker, state: WalkState, last: WalkStep | undefined): void => {
  const { system } = walker
  for (const [name, property] of Object.entries(system.protocol.properties)) {
    if (property.type === 'step') judge(walker, name, state, last)
    else {
      for (const predicate of predicatesIn(property)) system.ask(`${system.protocol.name}, property ${name}`, 'ok', () => holds(walker, predicate, state))
    }
  }
  mayRestIn(walker, state)
}
