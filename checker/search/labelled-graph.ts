import { LabelledSteps } from '../steps/labelled-steps.ts'
import type { Obligations } from '../steps/obligations.ts'
import { GREW } from '../tables/step-tables.ts'
import { grown } from '../values/ints.ts'
import type { Search } from './search.ts'

/** Thrown where a limit, or somebody, ends the check; why stands in `search.stoppedBy`. */
export class Stopped extends Error {}

/** States that are expanded between two turns of the world outside. */
const STATES_PER_TURN = 1_024

/**
 * The states of a complete search without reductions as a graph, whose edges are made again each time they are asked for: a state takes no more than it does in the search.
 * Edges are told by what they are owed for (steps/obligations.ts).
 */
export class LabelledGraph {
  readonly search: Search
  readonly owed: Obligations
  readonly steps: LabelledSteps
  /** Where the edges of the state that was expanded last lead. */
  targets = new Int32Array(64)
  /** States that were expanded. */
  expanded = 0
  /** Did the bound of the model cut off a step of one? */
  isCut = false

  constructor(search: Search, owed: Obligations) {
    this.search = search
    this.owed = owed
    this.steps = new LabelledSteps(search.tables, owed)
  }

  get size(): number {
    return this.search.found.seen.count
  }

  /** Makes the edges of a state: how many there are. */
  expand(number: number): number {
    const { found } = this.search
    const { steps } = this
    for (;;) {
      const { layout } = found.expander.successors
      if (steps.successors.layout !== layout) steps.useLayout(layout)
      found.lookedAt = number
      const made = steps.expand(...found.record(number))
      if (made !== GREW) return this.#find(made)
      steps.successors.count = 0
      found.settle()
    }
  }

  #find(made: number): number {
    const { records, hashes, layout } = this.steps.successors
    const { seen } = this.search.found
    if (made > this.targets.length) this.targets = grown(this.targets, made * 2)
    for (let i = 0; i < made; i++) {
      const target = seen.find(records, i * layout.width, hashes[i] as number)
      if (target < 0) throw new Error('A state has a successor that the search has not seen.')
      this.targets[i] = target
    }
    this.expanded++
    this.isCut ||= this.steps.cut
    return made
  }

  /** To be called between two expansions. @throws Stopped */
  async turn(): Promise<void> {
    if (this.expanded % STATES_PER_TURN === 0 && (await this.search.pulse())) throw new Stopped()
  }

  /** The packets of a list. */
  sent(list: number): readonly number[] {
    return this.search.tables.sends.items(list)
  }

  /** Over `fair-loss`: is a packet of this list among these? */
  sendsAny(list: number, packets: ReadonlySet<number>): boolean {
    return list !== 0 && packets.size > 0 && this.sent(list).some(packet => packets.has(packet))
  }

  /** Has the receiver of a packet stopped for good in this state? */
  isLost(packet: number, number: number): boolean {
    const { found, tables } = this.search
    const node = tables.packets.to.data[packet] as number
    return tables.locals[node]?.crashed(found.expander.successors.unpack(...found.record(number))[node] as number) === true
  }
}
