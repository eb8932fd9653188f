import type { System } from '../run/system.ts'
import { lowestBit } from '../values/bits.ts'
import type { Successors } from './successors.ts'

/** Are more messages in flight in the successor that is being built than the bound of the model allows (`withinFlight`)? */
export class FlightBound {
  readonly #successors: Successors
  readonly #bound: System['flightBound']
  /** Messages in each channel, by sender and receiver. */
  readonly #channels: Int32Array

  constructor(successors: Successors) {
    const { system, nodeCount } = successors.tables
    this.#successors = successors
    this.#bound = system.flightBound
    this.#channels = new Int32Array(this.#bound === undefined ? 0 : nodeCount ** 2)
  }

  /** If so, the step is cut off. */
  cutsOff(): boolean {
    const bound = this.#bound
    if (bound === undefined) return false
    const isTooMuch = this.#successors.tables.fifo ? this.#queuesOverflow(bound.channel, bound.total) : this.#bitsOverflow(bound.channel, bound.total)
    if (isTooMuch) this.#successors.cut = true
    return isTooMuch
  }

  #queuesOverflow(channelMax: number, totalMax: number): boolean {
    const { tables, layout } = this.#successors
    let total = 0
    for (let c = tables.fixedComponents; c < layout.components; c++) {
      const length = tables.queues[c - tables.fixedComponents]?.lengths.data[this.#successors.component(c)] as number
      total += length
      if (length > channelMax) return true
    }
    return total > totalMax
  }

  #bitsOverflow(channelMax: number, totalMax: number): boolean {
    const { tables, layout, records, count } = this.#successors
    const base = count * layout.width + layout.bitsWord
    const packetOf = tables.bits.packet.data
    const { from, to } = tables.packets
    const channels = this.#channels.fill(0)
    let total = 0
    for (let w = 0; w < layout.bitsWords; w++)
      for (let bits = records[base + w] as number; bits !== 0; bits &= bits - 1) {
        const packet = packetOf[w * 32 + lowestBit(bits)] as number
        const channel = (from.data[packet] as number) * tables.nodeCount + (to.data[packet] as number)
        channels[channel] = (channels[channel] as number) + 1
        total++
        if ((channels[channel] as number) > channelMax) return true
      }
    return total > totalMax
  }
}
