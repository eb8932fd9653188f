import { nameOf } from '../../checker/trace/replay.ts'
import { canonical, show, showTagged } from '../../checker/trace/show.ts'
import type { TraceStep } from '../../checker/trace/trace.ts'
import type { Moment, Session } from './session.ts'

/**
 * The address of what is looked at: how many steps the person stands at, and every step of the execution by its name, a line each; deflated, as base64url. A name is as short as it tells the step
 * from the others that may be taken there: `n1 elect`, `n2<n1 VoteRequest`, and with its message and choices only where several are called so. Nothing of the states is in it: so a link survives
 * what is edited in the protocol, as far as its steps are still there.
 */

/**
 * The text in an address: the number of steps that were taken, and the steps to the end of the branch.
 * @param beginning what the initial state is called, where the page did not open with it
 */
export const addressText = (session: Session, at: Moment, beginning: string | null = null): string => {
  const path = session.pathThrough(at)
  const lines = path.slice(1).map(moment => nameOfStep(session, moment))
  return [`${at.number}${beginning === null ? '' : ` ${beginning.replaceAll('\n', ' ')}`}`, ...lines].join('\n')
}

/** Milliseconds that nothing else can be done. */
const SLICE_MS = 8

/**
 * Finds the names that an address needs, a few milliseconds at a time: each takes all that may happen at its step. Then `addressText` finds them there.
 * @param isOver asked in between: is the address of no use any more?
 */
export const findNames = async (session: Session, at: Moment, isOver: () => boolean): Promise<void> => {
  let since = performance.now()
  for (const moment of session.pathThrough(at).slice(1)) {
    nameOfStep(session, moment)
    if (performance.now() - since < SLICE_MS) continue
    await new Promise(resolve => setTimeout(resolve))
    if (isOver()) return
    since = performance.now()
  }
}

const names = new WeakMap<Moment, string>()

/** The name of the step to a moment. */
const nameOfStep = (session: Session, moment: Moment): string => {
  const known = names.get(moment)
  if (known !== undefined) return known
  const name = nameIn(session, moment.before as Moment, moment.step as TraceStep)
  names.set(moment, name)
  return name
}

/** What the initial state is called that an address begins in; null for that with which the page opens. */
export const beginningIn = (text: string): string | null => /^\d{1,6} (.+)/.exec(text)?.[1] ?? null

/** What an address asks for: null for nothing. `text` is null where it is damaged. */
export interface Link {
  readonly text: string | null
  /** What could not be found. */
  readonly lost: string | null
}

/** What came of an address. */
export interface Found {
  readonly at: Moment
  /** What is not as it was: a step that cannot be taken any more. */
  readonly lost: string | null
}

/** Goes where an address says, as far as its steps can be taken. */
export const followText = (session: Session, text: string): Found => {
  const [number = '', ...lines] = text.split('\n')
  const wanted = Number(/^\d{1,6}(?= |$)/.exec(number)?.[0] ?? 0)
  let end = session.first
  let lost: string | null = null
  for (const line of lines) {
    const next = stepCalled(session, end, line)
    if (next === undefined) {
      lost = `The link has ${lines.length} steps. Step ${end.number + 1}, ${line}, cannot be taken any more: the protocol has changed since. What is shown ends before it.`
      break
    }
    end = next
  }
  session.look(end)
  let at = end
  while (at.number > wanted && at.before !== null) at = at.before
  return { at, lost }
}

const short = ({ kind, node, name, from }: TraceStep): string => {
  switch (kind) {
    case 'action':
      return `${node} ${name}`
    case 'receive':
      return `${node}<${from} ${name}`
    case 'step':
      return `*${name}`
    case 'crash':
      return `${node}!`
    case 'restart':
      return `${node}~`
    case 'lose':
      return `${node}-${from} ${name}`
    case 'duplicate':
      return `${node}+${from} ${name}`
    case 'lose-all':
      return '-'
    case 'partition':
      return '|'
    case 'heal':
      return '='
    case 'tick':
      return "'"
    case 'settle':
      return '"'
  }
}

/** With all that tells it from others of the same kind. Without ends of lines, which no shown text has. */
const long = (step: TraceStep): string => {
  const message = step.message === null ? '' : showTagged(step.message).slice(step.name.length)
  return `${short(step)} ${message}${step.choices.length === 0 ? '' : ` ${step.choices.map(show).join()}`}`.replaceAll('\n', ' ')
}

/** What may be taken from a moment: of the protocol, or what the trace took. */
const candidates = (session: Session, from: Moment): readonly TraceStep[] => {
  const steps = session.steps(from).map(({ step }) => step)
  return steps.length > 0 ? steps : from.after.flatMap(({ step }) => step ?? [])
}

const nameIn = (session: Session, from: Moment, step: TraceStep): string => {
  const name = short(step).replaceAll('\n', ' ')
  const alike = new Set(candidates(session, from).flatMap(other => (short(other).replaceAll('\n', ' ') === name ? [canonical(nameOf(other))] : [])))
  return alike.size > 1 ? long(step) : name
}

/** The moment after the step of this name. Where its message or choices are not there any more, and only one step is called so otherwise, that one. */
const stepCalled = (session: Session, from: Moment, line: string): Moment | undefined => {
  const known = from.after.find(({ step }) => step !== null && nameIn(session, from, step) === line)
  if (known !== undefined) return known
  const steps = session.steps(from)
  const found =
    steps.find(({ step }) => long(step) === line) ??
    only(steps.filter(({ step }) => short(step).replaceAll('\n', ' ') === line)) ??
    only(steps.filter(({ step }) => line.startsWith(`${short(step).replaceAll('\n', ' ')} `)))
  return found && session.take(from, found, 'you')
}

const only = <T>(of: readonly T[]): T | undefined => (of.length === 1 ? of[0] : undefined)
