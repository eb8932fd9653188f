import { explore } from '../../checker/check/explore.ts'
import type { Progress } from '../../checker/check/options.ts'
import { SpecError } from '../../checker/protocol/errors.ts'
import { type Property, predicatesIn, type StatePredicate } from '../../checker/protocol/properties.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { RoleTypes } from '../../checker/protocol/roles.ts'
import type { Trace, TraceStep } from '../../checker/trace/trace.ts'

/** What the checker is asked from some state on. */
export interface Question {
  /** `violation`: of the property. `satisfied`: a state that its predicate holds in. */
  readonly want: 'violation' | 'satisfied'
  readonly property: string
  /** The execution to the state from which on is asked. */
  readonly after: Pick<Trace, 'initial' | 'steps'>
  readonly seconds: number
}

/** `found`: the shortest steps that lead there; of a property of whole executions, those of one, of which those `again` come again and again. `never`: no state is left out. */
export type Answer =
  | {
      readonly kind: 'found'
      readonly steps: readonly TraceStep[]
      readonly isShortest: boolean
      readonly states: number
      /** After how many of the steps those begin that are repeated, and why that is fair. */
      readonly again?: { readonly repeatsFrom: number; readonly fair: readonly string[] }
    }
  | { readonly kind: 'never'; readonly states: number; readonly why: string | null }
  | { readonly kind: 'unknown'; readonly states: number; readonly why: string }
  | { readonly kind: 'error'; readonly why: string }

/** Asks the checker. It answers what a check of the same protocol would answer that begins in that state. */
export const ask = async (protocol: AnyProtocol, question: Question, onProgress: (progress: Progress) => void, signal?: AbortSignal): Promise<Answer> => {
  const { want, property, after, seconds } = question
  try {
    const asked = want === 'violation' ? protocol : withOpposite(protocol, property)
    const report = await explore(asked, { property, after, seconds, onProgress, ...(signal !== undefined && { signal }) })
    const { verdict, counterexample, states, shortest, stoppedBy } = report
    if (verdict === 'violated' && counterexample !== null) {
      const { steps, repeatsFrom, fair = [] } = counterexample
      return { kind: 'found', steps, isShortest: shortest, states, ...(repeatsFrom !== undefined && { again: { repeatsFrom, fair } }) }
    }
    if (verdict === 'violated') return { kind: 'never', states, why: 'It can be violated, but no single execution shows that.' }
    if (verdict === 'holds') return { kind: 'never', states, why: null }
    if (stoppedBy === null) return { kind: 'unknown', states, why: 'every fair execution leaves the bounds of the model' }
    return { kind: 'unknown', states, why: stoppedBy === 'time' ? `${seconds} seconds were not enough` : `the search was stopped: ${stoppedBy}` }
  } catch (error) {
    if (error instanceof SpecError) return { kind: 'error', why: `${error.parts.title}: ${error.parts.what}` }
    return { kind: 'error', why: String(error) }
  }
}

/** May it be asked whether this is satisfied somewhere? Not of a step. */
export const canBeSatisfied = (property: Property<RoleTypes>): boolean => predicatesIn(property).length === 1

/** The same protocol with this one property, which is violated where the predicate of the former holds: so a counterexample leads there. */
const withOpposite = (protocol: AnyProtocol, name: string): AnyProtocol => {
  const property = protocol.properties[name]
  const [predicate, ...more] = property === undefined ? [] : predicatesIn(property)
  if (predicate === undefined || more.length > 0) throw new Error(`${name} has no predicate of its own.`)
  return { ...protocol, properties: { [name]: opposite(predicate) } }
}

const opposite = (of: StatePredicate<RoleTypes>): StatePredicate<RoleTypes> => {
  switch (of.type) {
    case 'each':
    case 'some':
      return { ...of, type: of.type === 'each' ? 'some' : 'each', ok: (view: never) => !of.ok(view) }
    case 'eachPair':
    case 'somePair':
      return { ...of, type: of.type === 'eachPair' ? 'somePair' : 'eachPair', ok: (a: never, b: never) => !of.ok(a, b) }
    case 'observed':
      return { ...of, ok: (state: never) => !of.ok(state) }
    case 'world':
      return { type: 'world', ok: world => !of.ok(world) }
  }
}
