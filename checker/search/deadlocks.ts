import type { Layout } from '../states/layout.ts'
import { componentAt } from '../states/layout.ts'
import { Expander } from '../steps/expander.ts'
import type { Representatives } from '../symmetry/representative.ts'
import { GREW, type StepTables } from '../tables/step-tables.ts'
import type { Ints } from '../values/ints.ts'

/** What a state is: something can happen there; nothing can once all is lost that is in flight (`fair-loss`); nothing can. */
export const [MOVES, STUCK_ONCE_LOST, STUCK] = [0, 1, 2]

/** Where steps that only send still send something new after so many rounds of them, they are taken to go on for ever. */
export const ROUNDS_MAX = 1_000

const asTheyAre: Representatives = { group: undefined, sync() {} }

/**
 * Tells which states are stuck: where nothing can happen, not even a step that the bound cuts off.
 *
 * Over `fair-loss` a message may be lost and be sent again, any number of times. So that messages are sent or lost is nothing that happens there: a state is stuck if no step changes a node, an
 * observer or a budget, there and after all steps that only send. With fewer messages in flight there are fewer steps and there is less to send again. So if a state is stuck once
 * some messages are lost, it is once all are. And a shortest execution to such a state loses nothing before its end: without the loss, what comes after it could be done as well.
 */
export class Deadlocks {
  readonly #tables: StepTables
  /** Of states as they are, without a reduction. */
  readonly #expander: Expander
  #record = new Int32Array(0)

  constructor(tables: StepTables) {
    this.#tables = tables
    this.#expander = new Expander(tables, { dead: undefined, bisimulation: undefined }, asTheyAre)
  }

  /** `MOVES`, `STUCK_ONCE_LOST` or `STUCK` for the state at `source[at] …`; or `GREW`. */
  stuckness(source: Int32Array, at: number, layout: Layout): number {
    const expander = this.#expander
    if (expander.successors.layout !== layout) {
      expander.useLayout(layout)
      this.#record = new Int32Array(layout.width)
    }
    if (!this.#tables.fairLoss) {
      expander.successors.count = 0
      const made = expander.expand(source, at)
      return made === GREW ? made : made === 0 && !expander.successors.cut ? STUCK : MOVES
    }
    if (this.#acts(source, at, layout)) return MOVES
    const { width, bitsWord } = layout
    const record = this.#record.fill(0)
    let inFlight = 0
    for (let w = 0; w < bitsWord; w++) record[w] = source[at + w] as number
    for (let w = bitsWord; w < width; w++) inFlight |= source[at + w] as number
    const onceLost = this.#rests(layout)
    if (onceLost !== STUCK) return onceLost
    if (inFlight === 0) return STUCK
    for (let w = 0; w < width; w++) record[w] = source[at + w] as number
    const now = this.#rests(layout)
    return now === MOVES ? STUCK_ONCE_LOST : now
  }

  /** Does nothing change but what is in flight, however often messages are sent? `STUCK`, `MOVES` or `GREW`, of the state in `#record`, to which all is added that is sent. */
  #rests({ width, bitsWord }: Layout): number {
    const expander = this.#expander
    const record = this.#record
    for (let round = 0; round < ROUNDS_MAX; round++) {
      expander.successors.count = 0
      const made = expander.expand(record, 0)
      if (made === GREW) return GREW
      if (expander.successors.cut) return MOVES
      const { records } = expander.successors
      for (let i = 0; i < made; i++) for (let w = 0; w < bitsWord; w++) if (records[i * width + w] !== record[w]) return MOVES
      if (made === 0) return STUCK
      for (let i = 0; i < made; i++) for (let w = bitsWord; w < width; w++) record[w] = (record[w] as number) | (records[i * width + w] as number)
    }
    return MOVES
  }

  /** Is it known that an action changes the state of its node, or is cut off by the bound? Then there is no need to look further. */
  #acts(source: Int32Array, at: number, layout: Layout): boolean {
    const { acts, outcomes, nodeCount } = this.#tables
    for (let node = 0; node < nodeCount; node++) {
      const local = componentAt(layout, node, source, at)
      const of = acts[node] as Ints
      const cell = local < of.length ? (of.data[local] as number) : 0
      if (cell < 2) continue
      if (outcomes.cut.data[cell - 1] === 1) return true
      const end = outcomes.start.data[cell] as number
      for (let o = outcomes.start.data[cell - 1] as number; o < end; o++) if (outcomes.to.data[o] !== local) return true
    }
    return false
  }
}
