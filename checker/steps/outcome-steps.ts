import type { PartialOrder } from '../reduce/partial-order/partial-order.ts'
import type { SmallGroup } from '../symmetry/small-group.ts'
import { DONE, GREW, type StepTables } from '../tables/step-tables.ts'
import type { Ints } from '../values/ints.ts'
import type { Appender } from './appender.ts'
import type { Effects } from './effects.ts'
import type { FlightBound } from './flight-bound.ts'
import type { Successors } from './successors.ts'

/** Appends what the outcomes of actions and of deliveries lead to. */
export class OutcomeSteps {
  /** While only some steps are expanded: who says whether a step is visible, and whether one was. */
  watch: PartialOrder | undefined
  isVisible = false
  readonly #tables: StepTables
  readonly #successors: Successors
  readonly #effects: Effects
  readonly #appender: Appender
  readonly #bound: FlightBound
  readonly #smallGroup: SmallGroup | undefined
  /** Steps that only send were taken already. */
  readonly #saturates: boolean

  constructor(successors: Successors, effects: Effects, appender: Appender, bound: FlightBound, saturates: boolean) {
    this.#tables = successors.tables
    this.#successors = successors
    this.#effects = effects
    this.#appender = appender
    this.#bound = bound
    this.#smallGroup = appender.smallGroup
    this.#saturates = saturates
  }

  /** A node's actions. */
  act(node: number): number {
    const { acts, outcomes } = this.#tables
    const successors = this.#successors
    const local = successors.values[node] as number
    const lists = acts[node] as Ints
    const cell = local < lists.length ? (lists.data[local] as number) : 0
    if (cell === 0) {
      this.#effects.learnActions(node, local)
      return GREW
    }
    if (cell === 1) return DONE
    if (outcomes.cut.data[cell - 1] === 1) successors.cut = true
    const end = outcomes.start.data[cell] as number
    for (let o = outcomes.start.data[cell - 1] as number; o < end; o++) {
      if (this.isIdle(node, local, o)) continue
      successors.open()
      if (this.append(node, o) === GREW) return GREW
    }
    return DONE
  }

  /** Does an outcome make no other state, whatever is in flight? With saturation what only sends has sent it. */
  isIdle(node: number, local: number, o: number): boolean {
    const { to, sends, emits, broken } = this.#tables.outcomes
    if (emits.data[o] !== 0 || broken.data[o] !== 0 || (sends.data[o] !== 0 && !this.#saturates)) return false
    return this.#effects.representative(node, to.data[o] as number) === local
  }

  /** An outcome of a step of a node, whose message the successor that was opened has no more. */
  append(node: number, outcome: number): number {
    const successors = this.#successors
    if (this.#effects.apply(node, outcome) === GREW) return GREW
    if (this.#bound.cutsOff()) return DONE
    const local = successors.values[node] as number
    if (this.watch !== undefined && !this.watch.invisible(node, local, outcome)) this.isVisible = true
    const { broken, to } = this.#tables.outcomes
    successors.broken |= broken.data[outcome] as number
    if (successors.isUnchanged()) return DONE
    const smallGroup = this.#smallGroup
    return this.#appender.append(smallGroup === undefined ? -1 : smallGroup.compareStep(node, this.#effects.representative(node, to.data[outcome] as number)))
  }
}
