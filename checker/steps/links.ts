import type { StepTables } from '../tables/step-tables.ts'
import type { Successors } from './successors.ts'

/** Which links carry nothing, in the state whose successors are made: those between the groups of a partition. */
export class Links {
  readonly #successors: Successors
  readonly #packets: StepTables['packets']
  readonly #component: number
  readonly #sides: Int32Array
  readonly #nodeCount: number

  constructor(successors: Successors) {
    const { packets, partition, nodeCount } = successors.tables
    this.#successors = successors
    this.#packets = packets
    this.#component = partition?.component ?? -1
    this.#sides = partition?.sides ?? new Int32Array(0)
    this.#nodeCount = nodeCount
  }

  /** Must this packet wait? */
  isDown(packet: number): boolean {
    if (this.#component < 0) return false
    const { from, to } = this.#packets
    const at = (this.#successors.values[this.#component] as number) * this.#nodeCount
    return this.#sides[at + (from.data[packet] as number)] !== this.#sides[at + (to.data[packet] as number)]
  }
}
