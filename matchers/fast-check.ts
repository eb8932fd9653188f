/** `import { nodeStates, schedules } from 'protocheck/fast-check'`: executions of a protocol, to test an implementation of it with fast-check. */
import * as fc from 'fast-check'
import type { AnyProtocol } from '../checker/protocol/protocol.ts'
import { checkShape } from '../checker/run/protocol-shape.ts'
import { System } from '../checker/run/system.ts'
import { renderSteps } from '../checker/trace/render-text.ts'
import type { Trace, TraceStep } from '../checker/trace/trace.ts'
import { traceOf } from '../checker/trace/trace-of.ts'
import { Walker, type WalkState, type WalkStep } from '../checker/trace/walk.ts'
import { type Checked, subjectOf } from './subject.ts'

/** One step of a schedule, and what every node is in after it. */
export interface ScheduledStep extends TraceStep {
  /** By the label of the node (`n1`): its Record. What a step of an implementation is compared with. */
  readonly after: { readonly [node: string]: unknown }
}

/** An execution of a protocol: who begins how, and step by step what happens. */
export interface Schedule {
  readonly initial: { readonly [node: string]: unknown }
  readonly steps: readonly ScheduledStep[]
  /** The same for `renderText`, `writeTrace` and the like. */
  readonly trace: Trace
}

/** The Record of a role's nodes. */
type StateOf<T, K> = Checked<T> extends { readonly roles: { readonly [R in K & string]: { init(here: never): infer S } } } ? S : unknown

export interface ScheduleOptions {
  /** Steps at most (30); an execution ends earlier where nothing can happen. */
  readonly steps?: number
}

const STEPS = 30

interface Walk {
  readonly initial: WalkState
  readonly steps: readonly WalkStep[]
}

/**
 * Executions of a protocol, each step one of those that may be taken: actions, deliveries, faults. Whoever tests an implementation does the same with it, and compares. What fails is shrunk
 * by leaving out steps, as long as the others can be taken without them.
 *
 * @throws SpecError if it is no protocol
 *
 * @example
 * ```ts
 * fc.assert(fc.property(schedules(lockServer), ({ steps }) => {
 *   const server = new RealServer()
 *   for (const step of steps) compare(server.take(step), step.after)
 * }))
 * ```
 */
export const schedules = (protocol: unknown, { steps = STEPS }: ScheduleOptions = {}): fc.Arbitrary<Schedule> =>
  new Walks(subjectOf(protocol).protocol, steps).map(walk => walk.schedule, unmapped)

/**
 * States that a node of a role comes to in some execution: for functions of one node.
 *
 * @throws SpecError if it is no protocol, or has no such role
 */
export const nodeStates = <const T, K extends string>(protocol: T, role: K, options: ScheduleOptions = {}): fc.Arbitrary<StateOf<T, K>> => {
  const { roles } = subjectOf(protocol).protocol
  const walks = new Walks(subjectOf(protocol).protocol, options.steps ?? STEPS)
  const labels = walks.labelsOf(role)
  if (labels.length === 0) throw new Error(`There is no role ${role}: ${Object.keys(roles).join(', ')}.`)
  return fc.tuple(walks, fc.constantFrom(...labels)).map(([walk, label]) => walk.states.at(-1)?.[label] as StateOf<T, K>)
}

/** Values are drawn and shrunk by `Walks` only. */
const unmapped = (): never => {
  throw new Error('A schedule is made by walking.')
}

/** An execution, with what is made of it when it is asked for. */
class Walked implements Walk {
  readonly initial: WalkState
  readonly steps: readonly WalkStep[]
  readonly #system: System

  constructor(system: System, initial: WalkState, steps: readonly WalkStep[]) {
    this.#system = system
    this.initial = initial
    this.steps = steps
  }

  /** Of the nodes by their labels, at first and after each step. */
  get states(): readonly { readonly [node: string]: unknown }[] {
    const { nodes, values } = this.#system
    return [this.initial, ...this.steps.map(({ next }) => next)].map(state =>
      Object.fromEntries(nodes.map(({ label, index }) => [label, values.decode(state.nodes[index] as number)])),
    )
  }

  get schedule(): Schedule {
    const [initial = {}, ...after] = this.states
    const trace = traceOf(this.#system, 'schedule', this.initial, this.steps)
    const steps = trace.steps.map((step, i): ScheduledStep => ({ ...step, after: after[i] as ScheduledStep['after'] }))
    const schedule: Schedule = { initial, steps, trace }
    return Object.defineProperty(schedule, fc.toStringMethod, { value: () => `${steps.length} steps\n${renderSteps(trace)}` })
  }
}

class Walks extends fc.Arbitrary<Walked> {
  readonly #system: System
  readonly #walker: Walker
  readonly #stepsMax: number

  constructor(protocol: AnyProtocol, stepsMax: number) {
    super()
    checkShape(protocol)
    this.#system = new System(protocol)
    this.#walker = new Walker(this.#system)
    this.#stepsMax = stepsMax
  }

  labelsOf(role: string): readonly string[] {
    return this.#system.nodes.filter(node => node.role === role).map(({ label }) => label)
  }

  override generate(random: fc.Random): fc.Value<Walked> {
    const initials = [...this.#walker.initials()]
    const initial = initials[random.nextInt(0, initials.length - 1)] as WalkState
    const steps: WalkStep[] = []
    const taken = new Map<string, number>()
    for (let left = random.nextInt(0, this.#stepsMax); left > 0; left--) {
      const possible = this.#walker.successors(steps.at(-1)?.next ?? initial)
      if (possible.length === 0) break
      const counts = possible.map(({ step: { kind, name } }) => taken.get(`${kind} ${name}`) ?? 0)
      // Half of the time something that has been rare: so an execution goes on, in place of saying the same again.
      const rare = random.nextInt(0, 1) === 0 ? possible.filter((_, i) => counts[i] === Math.min(...counts)) : possible
      const one = rare[random.nextInt(0, rare.length - 1)] as WalkStep
      const named = `${one.step.kind} ${one.step.name}`
      taken.set(named, (taken.get(named) ?? 0) + 1)
      steps.push(one)
    }
    return this.#valueOf(initial, steps)
  }

  override canShrinkWithoutContext(value: unknown): value is Walked {
    return value instanceof Walked
  }

  /** Without half of the steps, without a quarter, … without one. */
  override shrink({ initial, steps }: Walked): fc.Stream<fc.Value<Walked>> {
    return fc.stream(this.#shorter(initial, steps))
  }

  *#shorter(initial: WalkState, steps: readonly WalkStep[]): IterableIterator<fc.Value<Walked>> {
    for (let size = steps.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let end = steps.length; end > 0; end -= size) {
        const kept = [...steps.slice(0, Math.max(0, end - size)), ...steps.slice(end)]
        yield this.#valueOf(initial, this.#again(initial, kept))
      }
  }

  /** The steps as far as they can be taken, those that cannot be left out. */
  #again(initial: WalkState, steps: readonly WalkStep[]): readonly WalkStep[] {
    const taken: WalkStep[] = []
    for (const { step } of steps) {
      const key = keyOf(step)
      const same = this.#walker.successors(taken.at(-1)?.next ?? initial).find(one => keyOf(one.step) === key)
      if (same !== undefined) taken.push(same)
    }
    return taken
  }

  #valueOf(initial: WalkState, steps: readonly WalkStep[]): fc.Value<Walked> {
    return new fc.Value(new Walked(this.#system, initial, steps), undefined)
  }
}

/** What tells steps apart: not what comes of them, which may be another without what was left out. */
const keyOf = ({ kind, node, name, from, message, choices }: TraceStep): string => JSON.stringify([kind, node, name, from, message, choices])
