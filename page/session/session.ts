import type { Json } from '../../checker/protocol/json.ts'
import { ageIn, livesOf, ticksIn, withoutAge } from '../../checker/trace/message-lives.ts'
import { nameOf, stepsCalled, type WalkedTrace } from '../../checker/trace/replay.ts'
import { canonical } from '../../checker/trace/show.ts'
import type { Trace, TraceStep } from '../../checker/trace/trace.ts'
import { traceOf } from '../../checker/trace/trace-of.ts'
import type { Walker, WalkState, WalkStep } from '../../checker/trace/walk.ts'

/** Where a step came from: the saved trace, the person, an answer of the checker, or chance. */
export type Origin = 'trace' | 'you' | 'answer' | 'random'

/** A state of an execution, with the step that led to it. Moments are a tree: each execution that was looked at is a branch. */
export interface Moment {
  /** In the order of making, from 0. */
  readonly id: number
  /** Null for the first. */
  readonly step: TraceStep | null
  /** Steps from the first. */
  readonly number: number
  readonly before: Moment | null
  /** What was taken from here, in the order of making. */
  readonly after: readonly Moment[]
  readonly origin: Origin
  readonly nodes: { readonly [node: string]: Json }
  readonly observers: { readonly [observer: string]: Json }
  /** The state of the protocol itself; null where only the trace is known. */
  readonly live: Live | null
}

interface Live {
  readonly state: WalkState
  readonly last: WalkStep | undefined
}

interface Grown extends Moment {
  readonly after: Moment[]
}

/** That an execution goes on for ever after a moment: with the steps since `repeatsFrom` again and again, or, where that is its own number, by staying as it is. */
export interface Loop {
  /** The property that is violated so. */
  readonly property: string
  readonly repeatsFrom: number
  /** Why it is fair. */
  readonly fair: readonly string[]
}

/** A message in flight. */
export interface Waiting {
  readonly from: string
  readonly to: string
  readonly message: Json
  /** The number of the step that sent it; null if that is not known. */
  readonly sent: number | null
  /** The steps that received it already (`fair-loss`). */
  readonly received: readonly number[]
}

/**
 * What the page knows, without any UI: a saved trace, an execution that goes on, and all others that were tried. With a walker every step is taken through the handlers of the protocol;
 * without one only the trace can be looked at.
 */
export class Session {
  readonly walker: Walker | null
  /** What the execution is of: protocol, parameters, mutant, the property that is violated. */
  readonly about: Trace
  readonly first: Moment
  /** Every moment, by its id. */
  readonly moments: Moment[] = []
  /** Why the saved trace could not be taken through the protocol, or not to its end. */
  readonly refused: string | null
  readonly #steps = new WeakMap<Moment, readonly WalkStep[]>()
  /** The branch of each moment that was looked at last. */
  readonly #onward = new Map<Moment, Moment>()
  readonly #loops = new WeakMap<Moment, Loop>()

  private constructor(walker: Walker | null, about: Trace, refused: string | null, initial?: WalkState) {
    this.walker = walker
    this.about = about
    this.refused = refused
    const live = initial === undefined ? null : { state: initial, last: undefined }
    this.first = this.#made({ step: null, number: 0, before: null, origin: 'trace', nodes: about.initial.nodes, observers: about.initial.observers, live })
  }

  /** An execution that has not begun. */
  static begin(walker: Walker, initial: WalkState = walker.initial(), mutant: string | null = null): Session {
    return new Session(walker, { ...traceOf(walker.system, '', initial, []), mutant }, null, initial)
  }

  /** A saved trace, to look at only. @param refused why there is no walker, or why the trace is not the walker's */
  static of(trace: Trace, refused: string | null = null): Session {
    const session = new Session(null, trace, refused)
    let at = session.first
    for (const step of trace.steps) at = session.#grow(at, step, null, 'trace')
    session.#repeatTrace(at)
    return session
  }

  /** A saved trace that the walker has taken. @param refused what it claims, and does not show */
  static walked(trace: Trace, walker: Walker, { initial, steps }: WalkedTrace, refused: string | null = null): Session {
    const session = new Session(walker, trace, refused, initial)
    let at = session.first
    for (const taken of steps) at = session.#grow(at, taken.step, taken, 'trace')
    session.#repeatTrace(at)
    return session
  }

  #repeatTrace(end: Moment): void {
    const { property, repeatsFrom, fair = [], steps } = this.about
    if (repeatsFrom !== undefined && end.number === steps.length) this.repeat(end, { property, repeatsFrom, fair })
  }

  /** Notes that the execution that ends here goes on for ever. */
  repeat(end: Moment, loop: Loop): void {
    this.#loops.set(end, loop)
  }

  /** How the execution that ends here goes on for ever, if it does. */
  loopAt(end: Moment): Loop | undefined {
    return this.#loops.get(end)
  }

  #made(parts: Omit<Grown, 'id' | 'after'>): Grown {
    const moment: Grown = { ...parts, id: this.moments.length, after: [] }
    this.moments.push(moment)
    return moment
  }

  #grow(from: Moment, step: TraceStep, taken: WalkStep | null, origin: Origin): Moment {
    const made = this.#made({
      step,
      number: from.number + 1,
      before: from,
      origin,
      nodes: { ...from.nodes, ...step.nodes },
      observers: { ...from.observers, ...step.observers },
      live: taken === null ? null : { state: taken.next, last: taken },
    })
    ;(from as Grown).after.push(made)
    return made
  }

  /** Are there other initial states than the one that it begins in? */
  get hasOtherBeginnings(): boolean {
    const all = this.walker?.initials()
    all?.next()
    return all !== undefined && all.next().done !== true
  }

  /** The step that is called so, as the protocol takes it from here; undefined if it cannot be taken. */
  taking(from: Moment, step: TraceStep): WalkStep | undefined {
    const known = this.#steps.get(from)
    if (known === undefined) return this.walker === null || from.live === null ? undefined : stepsCalled(this.walker, from.live.state, step)[0]
    const name = canonical(nameOf(step))
    return known.find(candidate => canonical(nameOf(candidate.step)) === name)
  }

  /** All that may happen next, what changes nothing and losses too. */
  steps(from: Moment): readonly WalkStep[] {
    if (this.walker === null || from.live === null) return []
    const known = this.#steps.get(from)
    if (known !== undefined) return known
    const steps = this.walker.successors(from.live.state, { idle: true, losses: true })
    this.#steps.set(from, steps)
    return steps
  }

  /** Takes a step. One that was taken from here before leads to the same moment. */
  take(from: Moment, taken: WalkStep, origin: Origin): Moment {
    const { step } = taken
    const name = canonical(nameOf(step))
    const known = from.after.find(after => after.step !== null && canonical(nameOf(after.step)) === name)
    const to = known ?? this.#grow(from, step, taken, origin)
    this.look(to)
    return to
  }

  /** Takes steps one after the other, as far as they can be taken. @returns where it ends, and the first that could not be taken */
  follow(from: Moment, steps: readonly TraceStep[], origin: Origin): { readonly end: Moment; readonly failed: TraceStep | null } {
    let end = from
    for (const step of steps) {
      const taken = this.taking(end, step)
      if (taken === undefined) return { end, failed: step }
      end = this.take(end, taken, origin)
    }
    return { end, failed: null }
  }

  /** Notes that a moment is looked at: paths lead through it from now on. */
  look(at: Moment): void {
    for (let moment = at; moment.before !== null; moment = moment.before) this.#onward.set(moment.before, moment)
  }

  /** The execution that a moment is in: from the first to the end of the branch that was looked at last. */
  pathThrough(at: Moment): readonly Moment[] {
    const path: Moment[] = []
    for (let moment: Moment | null = at; moment !== null; moment = moment.before) path.unshift(moment)
    for (let next = this.nextOf(at); next !== undefined; next = this.nextOf(next)) path.push(next)
    return path
  }

  /** The moment that follows, on the branch that was looked at last, or the first one. */
  nextOf(at: Moment): Moment | undefined {
    return this.#onward.get(at) ?? at.after[0]
  }

  /** Takes a moment and all that follows out of the tree. Those of the saved trace stay. @returns the moment before it */
  remove(at: Moment): Moment {
    const { before } = at
    if (before === null || at.origin === 'trace') return at
    const siblings = (before as Grown).after
    siblings.splice(siblings.indexOf(at), 1)
    if (this.#onward.get(before) === at) this.#onward.delete(before)
    return before
  }

  /** Where branches end. */
  ends(): readonly Moment[] {
    const ends: Moment[] = []
    const left = [this.first]
    for (let moment = left.pop(); moment !== undefined; moment = left.pop()) {
      if (moment.after.length === 0) ends.push(moment)
      left.push(...moment.after.toReversed())
    }
    return ends
  }

  /** The steps from the first moment to this one. */
  stepsTo(at: Moment): readonly TraceStep[] {
    const steps: TraceStep[] = []
    for (let moment: Moment = at; moment.before !== null; moment = moment.before) steps.unshift(moment.step as TraceStep)
    return steps
  }

  /** The execution up to a moment, as a trace. */
  traceTo(at: Moment): Trace {
    const { repeatsFrom: _, fair: __, ...about } = this.about
    const loop = this.loopAt(at)
    return { ...about, ...(loop !== undefined && { repeatsFrom: loop.repeatsFrom, fair: loop.fair }), steps: this.stepsTo(at) }
  }

  /** What is in flight, in the order of sending. */
  waiting(at: Moment): readonly Waiting[] {
    const trace = this.traceTo(at)
    const lives = livesOf(trace)
    const isOpen = ({ events }: (typeof lives)[number]): boolean => events.every(({ kind }) => kind === 'duplicate')
    const received = (events: (typeof lives)[number]['events']): number[] => events.filter(({ kind }) => kind === 'receive').map(({ step }) => step)
    if (this.walker === null || at.live === null)
      return lives.filter(isOpen).map(({ from, to, message, sent, events }) => ({ from, to, message, sent, received: received(events) }))
    const { system } = this.walker
    const keyOf = (from: string, to: string, message: Json): string => canonical([from, to, system.timing === undefined ? message : withoutAge(message)])
    const known = grouped(lives, keyOf)
    return at.live.state.flight.map(packet => {
      const [from, to, message] = [system.label(packet.from), system.label(packet.to), system.values.toJson(packet.message)] as const
      const same = known.get(keyOf(from, to, message)) ?? []
      const aged = same.findIndex(one => isOpen(one) && ticksIn(trace.steps.slice(one.sent ?? 0)) === ageIn(message))
      const taken = aged < 0 || system.timing === undefined ? same.findIndex(isOpen) : aged
      const life = system.protocol.network === 'fair-loss' ? same[0] : same.splice(Math.max(0, taken), 1)[0]
      const receipts = system.protocol.network === 'fair-loss' ? same.flatMap(({ events }) => received(events)) : []
      return { from, to, message, sent: life?.sent ?? null, received: receipts }
    })
  }

  /** The nodes that have stopped for good. */
  stopped(at: Moment): ReadonlySet<string> {
    if (at.live !== null && this.walker !== null) {
      const { nodes } = this.walker.system
      return new Set(nodes.filter(({ index }) => at.live?.state.crashed[index]).map(({ label }) => label))
    }
    return new Set(this.stepsTo(at).flatMap(({ kind, node }) => (kind === 'crash' && node !== null ? [node] : [])))
  }

  /** What is left of each fault that has a limit: `crash-stop of node: 1 left`. */
  budgets(at: Moment): readonly string[] {
    const { walker } = this
    if (walker === null || at.live === null) return []
    const { budgets } = at.live.state
    return walker.system.faults.map((fault, i) => {
      const left = budgets[i] as number
      return `${'role' in fault ? `${fault.type} of ${fault.role}` : fault.type}: ${left === Infinity ? 'any number' : left} left`
    })
  }
}

const grouped = (lives: ReturnType<typeof livesOf>, keyOf: (from: string, to: string, message: Json) => string): Map<string, (typeof lives)[number][]> => {
  const groups = new Map<string, (typeof lives)[number][]>()
  for (const life of lives) {
    const key = keyOf(life.from, life.to, life.message)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [life])
    else group.push(life)
  }
  return groups
}
