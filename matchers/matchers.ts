import picocolors from 'picocolors'
import { judgedLast, printReport } from '../checker/cli/print-report.ts'
import { placeOf, saveTrace, trySave } from '../checker/cli/save.ts'
import { counted } from '../checker/cli/units.ts'
import { explore, type Options, type Report, renderText, SpecError } from '../checker/index.ts'
import type { Spec } from '../checker/protocol/protocol.ts'
import { withTime } from '../checker/run/time.ts'
import { visible } from '../checker/trace/visible.ts'
import { whyText } from '../checker/trace/why.ts'
import { type Checked, type ClaimsOf, claimed, type PropertyOf, type Subject, subjectOf } from './subject.ts'

export { type Checked, type ClaimsOf, type MutantsOf, mutant, type PropertyOf } from './subject.ts'

/** How to search, as for `explore`, and what to do with a counterexample that was not expected. */
export interface CheckOptions extends Pick<Options, 'depth' | 'states' | 'seconds' | 'memoryBytes' | 'reduce' | 'workers' | 'signal'> {
  /** The path of the protocol's file: with it, the command in the message of a failure can be typed as it stands. */
  readonly file?: string
  /** Keeps a counterexample that was not expected, for `check replay`: in this file, or in `counterexamples/`. */
  readonly save?: string | true
}

export interface HoldOptions<T = unknown> extends CheckOptions {
  /** Ask about this property only. */
  readonly property?: PropertyOf<T>
}

export interface ViolateOptions extends CheckOptions {
  /** Steps of the shortest counterexample. By default what the mutant or claim says, if it says one. */
  readonly steps?: number | undefined
}

type IfProtocol<T, F> = Checked<T> extends Spec ? F : never

/** What `expect(protocol)` can ask. Each is to be awaited. */
export interface ProtocolMatchers<T> {
  /** No property is violated: in every execution, or in those of at most `depth` steps. A search that could not tell fails. */
  toHold: IfProtocol<T, (options?: HoldOptions<T>) => Promise<void>>
  /** This property is violated, and the shortest counterexample has so many `steps`. */
  toViolate: IfProtocol<T, (property: PropertyOf<T>, options?: ViolateOptions) => Promise<void>>
  /** The claim of this name is false of the protocol. */
  toRefute: IfProtocol<T, <C extends ClaimsOf<T>>(claims: C, name: keyof C & string, options?: ViolateOptions) => Promise<void>>
}

/** What a matcher is told of the test that runs: Vitest does, Jest does not. */
interface Context {
  readonly isNot?: boolean
  readonly task?: RunningTest | undefined
}

interface RunningTest {
  /** Milliseconds; 0 or Infinity for none. */
  readonly timeout?: number
  readonly context?: { readonly signal?: AbortSignal }
  readonly result?: { readonly startTime?: number; readonly retryCount?: number; readonly repeatCount?: number } | undefined
}

interface Result {
  readonly pass: boolean
  message(): string
}

/** For `expect.extend`, of Vitest or Jest. */
export const matchers = {
  async toHold(this: Context, received: unknown, options: HoldOptions = {}): Promise<Result> {
    refuseNot(this, 'toHold', 'toViolate(property)')
    const subject = subjectOf(received)
    const { property } = options
    const bound = options.depth === undefined ? '' : ` in every execution of at most ${counted(options.depth, 'step')}`
    const expected = `${property === undefined ? 'to hold' : `not to violate ${visible(property)}`}${bound}`
    return ask(this, subject, options, expected, ({ verdict }) => verdict === 'holds')
  },

  async toViolate(this: Context, received: unknown, property: string, { steps, ...options }: ViolateOptions = {}): Promise<Result> {
    refuseNot(this, 'toViolate', 'toHold({ property })')
    const subject = subjectOf(received)
    return askForViolation(
      this,
      subject,
      { ...options, property },
      steps ?? (property === subject.breaks ? subject.length : null),
      `to violate ${visible(property)}`,
    )
  },

  async toRefute(this: Context, received: unknown, claims: ClaimsOf<never>, name: string, { steps, ...options }: ViolateOptions = {}): Promise<Result> {
    refuseNot(this, 'toRefute', 'toHold, of a protocol with the claim as a property')
    const subject = claimed(received, claims, name)
    return askForViolation(this, subject, { ...options, property: name }, steps ?? subject.length, `to refute ${visible(name)}`)
  },
}

/** The opposite of a verdict is not another verdict: a search that could not tell is neither. */
const refuseNot = ({ isNot }: Context, name: string, other: string): void => {
  if (isNot !== true) return
  throw new SpecError({
    title: 'WRONG USE',
    what: `expect(…).not.${name} does not say what is expected.`,
    why: 'A search that was cut off neither holds nor violates.',
    hint: `Say what is: expect(…).${other}`,
  })
}

const askForViolation = (context: Context, subject: Subject, options: CheckOptions & { readonly property: string }, steps: number | null, to: string) =>
  ask(
    context,
    subject,
    options,
    `${to}${steps === null ? '' : `, by a shortest counterexample of ${counted(steps, 'step')}`}`,
    ({ verdict, property, counterexample, shortest }) =>
      verdict === 'violated' &&
      property === options.property &&
      (steps === null || ((shortest || counterexample?.repeatsFrom !== undefined) && counterexample?.steps.length === steps)),
  )

type Question = CheckOptions & { readonly property?: string }

/** Searches, and judges. @param expected `to hold`: what comes after the name of the protocol */
const ask = async (context: Context, subject: Subject, question: Question, expected: string, isExpected: (report: Report) => boolean): Promise<Result> => {
  const { file, save, ...options } = question
  const { protocol, mutant, claim, because, breaks, parameters } = subject
  if (save !== undefined) trySave(save, protocol.name, mutant ?? options.property ?? null, process.cwd())
  const found = await explore(protocol, { ...options, ...withinTest(context.task, options) })
  if (isExpected(found)) return { pass: true, message: () => '' }

  const naming = { parameters, mutant }
  const trace = found.counterexample && { ...found.counterexample, ...naming, because }
  const report: Report = { ...found, ...naming, counterexample: trace }
  const drawing = trace && renderText(trace)
  const saved = trace !== null && save !== undefined ? placeOf(save, protocol.name, mutant ?? trace.property, process.cwd()) : null
  if (trace !== null && drawing !== null && saved !== null) saveTrace(trace, drawing, saved, process.cwd())
  const properties = options.property === undefined ? propertiesOf(subject) : [options.property]
  const text = printReport(
    report,
    {
      spec: { command: file ?? FILE },
      variant: { mutant, claim, because, breaks },
      properties,
      ...judgedLast(properties, protocol),
      depth: options.depth ?? null,
      simulate: null,
      typed: typedFor(subject, options),
      given: subject.given,
      also: [],
      why: trace && whyText(protocol, trace),
      saved,
      checkpoint: null,
    },
    drawing,
    { colors: picocolors.createColors(false) },
  )
  const name = `${visible(protocol.name)}${mutant === null ? '' : ` with the mutant ${visible(mutant)}`}`
  const whichFile = file === undefined && text.includes(FILE) ? [`${FILE} is the file of the protocol: the option \`file\` names it.`] : []
  const ended = found.stoppedBy === 'time' && options.seconds === undefined ? ['The time is that of the test: raise its timeout, or bound the search.'] : []
  return { pass: false, message: () => [`Expected ${name} ${expected}. ${answer(report)}`, text.trimEnd(), ...ended, ...whichFile].join('\n\n') }
}

/** Stands where a file is to be named, and is not known. */
const FILE = './FILE.ts'

/** What came out, in a sentence. */
const answer = ({ verdict, property, counterexample, shortest }: Report): string => {
  if (verdict === 'inconclusive') return 'The search could not tell.'
  if (verdict === 'holds') return 'It holds.'
  const steps = counterexample === null ? '' : `, by a ${shortest ? 'shortest ' : ''}counterexample of ${counted(counterexample.steps.length, 'step')}`
  return `It violates ${visible(property ?? '')}${steps}.`
}

const propertiesOf = ({ protocol }: Subject): readonly string[] => {
  const { properties, mayRest = true } = withTime(protocol)
  return [...Object.keys(properties), ...(mayRest === true ? [] : ['deadlock'])]
}

/** The same question as options of `check`. */
const typedFor = ({ mutant, claim, breaks }: Subject, { depth, property }: Question) =>
  (
    [
      ['--mutant', mutant],
      ['--claim', claim],
      ['--property', property === breaks ? null : (property ?? (mutant === null ? null : 'all'))],
      ['--depth', depth === undefined ? null : String(depth)],
    ] as const
  ).flatMap(([flag, value]) => (value === null || value === undefined ? [] : [{ flag, value, words: [flag, value] }]))

/** Part of a test's time that is left for its report. */
const RESERVE = 0.05

/** The search ends before the test does, and with it: what is asked for stays, where that is less. */
const withinTest = (task: RunningTest | undefined, { seconds = Infinity, signal }: CheckOptions): Pick<Options, 'seconds' | 'signal'> => {
  const { timeout = 0, result, context } = task ?? {}
  // The begin of a test that is run again is not known.
  const isFirst = (result?.retryCount ?? 0) === 0 && (result?.repeatCount ?? 0) === 0
  const spent = isFirst && result?.startTime !== undefined ? Math.max(0, Date.now() - result.startTime) : 0
  const left = timeout > 0 && Number.isFinite(timeout) ? Math.max(1, timeout * (1 - RESERVE) - spent) / 1000 : Infinity
  const budget = Math.min(seconds, left)
  const signals = [signal, context?.signal].filter(found => found !== undefined)
  return { ...(budget < Infinity && { seconds: budget }), ...(signals.length > 0 && { signal: AbortSignal.any(signals) }) }
}
