import type { PartialOrder } from '../reduce/partial-order/partial-order.ts'
import { type Layout, layoutOf } from '../states/layout.ts'
import type { Representatives } from '../symmetry/representative.ts'
import type { SmallGroup } from '../symmetry/small-group.ts'
import { DONE, GREW, type StepDeadMessages, type StepTables } from '../tables/step-tables.ts'
import { Appender } from './appender.ts'
import { DeadOnArrival } from './dead-on-arrival.ts'
import { type Deliveries, deliveriesOf } from './deliveries.ts'
import { Effects, type StandIns } from './effects.ts'
import { FaultSteps } from './fault-steps.ts'
import { FlightBound } from './flight-bound.ts'
import { GlobalSteps } from './global-steps.ts'
import { OutcomeSteps } from './outcome-steps.ts'
import { Saturation } from './saturation.ts'
import { Successors } from './successors.ts'
import { TickSteps } from './tick-steps.ts'

/** The reductions that change what successors are; see `reduce/`. */
export interface Reducers {
  readonly partialOrder?: PartialOrder | undefined
  readonly dead: StepDeadMessages | undefined
  /** The state that stands for each state of each node, if not itself (bisimulation). */
  readonly bisimulation: StandIns
  /** States are to be compared with those that have more messages in flight; see search/subsumption.ts. */
  readonly subsume?: boolean
  /** Steps that only send are taken at once; see saturation.ts. Only where subsumption is sound, for `fair-loss`, and not breadth-first. */
  readonly saturate?: boolean
}

/**
 * The steps that lead from a state: integers in, integers out. What they lead to stands in `successors`. Where the tables lacked something, the answer is `GREW`:
 * what was appended by then is to be taken back, `refresh` to be called, and all to be asked again.
 */
export class Expander {
  readonly tables: StepTables
  readonly successors: Successors
  readonly effects: Effects
  /** What chooses representatives, if the group is listed. */
  readonly smallGroup: SmallGroup | undefined
  readonly #representatives: Representatives
  readonly #dead: DeadOnArrival | undefined
  readonly #saturation: Saturation | undefined
  readonly #appender: Appender
  readonly #outcomes: OutcomeSteps
  readonly #deliveries: Deliveries
  readonly #globals: GlobalSteps
  readonly #faults: FaultSteps
  readonly #ticks: TickSteps | undefined
  /** A state with nothing in flight: of its words only those before the messages are ever written. */
  #silent = new Int32Array(0)

  constructor(tables: StepTables, { dead, bisimulation, subsume = false, saturate = false }: Reducers, representatives: Representatives) {
    representatives.sync(false)
    dead?.place()
    const layout = layoutOf(tables)
    const successors = new Successors(tables, layout)
    this.tables = tables
    this.successors = successors
    this.#representatives = representatives
    this.#dead = dead && new DeadOnArrival(dead, successors)
    this.effects = new Effects(successors, this.#dead, bisimulation)
    this.#saturation = saturate ? new Saturation(successors, this.effects, dead) : undefined
    this.#appender = new Appender(successors, this.#saturation, representatives, subsume)
    this.smallGroup = this.#appender.smallGroup
    const bound = new FlightBound(successors)
    this.#outcomes = new OutcomeSteps(successors, this.effects, this.#appender, bound, saturate)
    this.#deliveries = deliveriesOf(successors, this.effects, this.#outcomes)
    this.#globals = new GlobalSteps(successors, this.effects, this.#appender, bound, dead !== undefined)
    this.#faults = new FaultSteps(successors, this.effects, this.#appender, bound)
    this.#ticks = tables.time && new TickSteps(successors, this.#appender, tables.time)
    this.useLayout(layout)
  }

  /** Brings terms, colours and images up to what the tables hold; if `closed`, the tables hold the images of all that they hold, too. */
  refresh(closed = false): void {
    this.#representatives.sync(closed)
    this.#dead?.messages.place()
  }

  /** Takes up a new layout; successors generated so far are dropped. */
  useLayout(layout: Layout): void {
    this.successors.useLayout(layout)
    this.#saturation?.useLayout(layout.bitsWords)
    this.#deliveries.useLayout?.(layout.bitsWords)
    this.#silent = new Int32Array(layout.width)
  }

  /** Appends all successors of the state at `source[at] …`; their number, or `GREW`. */
  expand(source: Int32Array, at: number): number {
    const { tables, successors } = this
    const start = successors.count
    this.#begin(source, at)
    for (let node = 0; node < tables.nodeCount; node++) if (this.#outcomes.act(node) === GREW) return GREW
    if (this.#deliveries.append(-1, -1) === GREW) return GREW
    if (tables.globalNames.length > 0 && this.#globals.append() === GREW) return GREW
    if (tables.system.faults.length > 0 && this.#faults.append() === GREW) return GREW
    if (this.#ticks !== undefined && (this.#ticks.settle() === GREW || this.#ticks.tick() === GREW)) return GREW
    return successors.count - start
  }

  /**
   * Appends the successors by some steps only (numbered as in reduce/partial-order/partial-order.ts), if those are all invisible; their number, 0 if they are not (then none is
   * appended), or `GREW`.
   */
  expandSome(source: Int32Array, at: number, steps: number, partialOrder: PartialOrder): number {
    const { successors } = this
    const start = successors.count
    const outcomes = this.#outcomes
    this.#begin(source, at)
    outcomes.watch = partialOrder
    outcomes.isVisible = false
    const { nodeCount } = this.tables
    const node = steps < nodeCount ? steps : -1
    const delivery = steps - 2 * nodeCount
    let done = delivery < 0 ? outcomes.act(steps % nodeCount) : DONE
    if (done !== GREW && (node >= 0 || delivery >= 0)) done = this.#deliveries.append(node, delivery)
    outcomes.watch = undefined
    if (done === GREW) return GREW
    if (outcomes.isVisible) successors.count = start
    return successors.count - start
  }

  #begin(source: Int32Array, at: number): void {
    this.successors.begin(source, at)
    this.smallGroup?.setState(this.successors.values)
    if (this.#saturation !== undefined) this.#saturation.afresh = false
  }

  /** `fair-loss`: appends the state with nothing in flight; `DONE` or `GREW`. */
  lose(source: Int32Array, at: number): number {
    const { bitsWord } = this.successors.layout
    const silent = this.#silent
    for (let w = 0; w < bitsWord; w++) silent[w] = source[at + w] as number
    this.#open(silent)
    return this.#appender.append()
  }

  /**
   * Appends the state with these components and messages (bits) in flight, as if it were a successor: `DONE` or `GREW`. 0 if the search could not have met it,
   * since it has messages that were never in flight there.
   * @param learn it is where the search begins, so they are in flight there from now on
   */
  admit(components: ArrayLike<number>, bits: readonly number[], learn = false): number {
    const { tables, effects } = this
    const { layout } = this.successors
    const local = (node: number): number => effects.representative(node, components[node] as number)
    const record = new Int32Array(layout.width)
    for (let c = 0; c < layout.components; c++) {
      const w = layout.word[c] as number
      const value = c < tables.nodeCount ? local(c) : (components[c] ?? 0)
      record[w] = (record[w] as number) | (value << (layout.shift[c] as number))
    }
    for (const bit of bits) {
      if (this.#dead?.isCopyOfDead(bit, local(tables.packets.to.data[tables.bits.packet.data[bit] as number] as number))) continue
      const w = layout.bitsWord + (bit >>> 5)
      record[w] = (record[w] as number) | (1 << (bit & 31))
    }
    this.#open(record)
    for (let node = 0; node < tables.nodeCount; node++) if (this.#dead?.drop(node, local(node), learn) === GREW) return learn ? GREW : 0
    return this.#appender.append()
  }

  /** The successor that is built is this record, as yet. */
  #open(record: Int32Array): void {
    if (this.#saturation !== undefined) this.#saturation.afresh = true
    this.successors.begin(record, 0)
    this.successors.open()
  }
}
