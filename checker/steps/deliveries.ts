import { DONE, GREW, type StepTables, TAKEN } from '../tables/step-tables.ts'
import { hasBit, lowestBit } from '../values/bits.ts'
import type { Effects } from './effects.ts'
import { IdleMessages } from './idle-messages.ts'
import { Links } from './links.ts'
import type { OutcomeSteps } from './outcome-steps.ts'
import type { Successors } from './successors.ts'

/** Appends the successors by deliveries of what is in flight. */
export interface Deliveries {
  /** All; or those to one node, or one, by its bit or channel (neither is -1). */
  append(node: number, one: number): number
  useLayout?(bitsWords: number): void
}

export const deliveriesOf = (successors: Successors, effects: Effects, steps: OutcomeSteps): Deliveries => {
  const { fifo, fairLoss } = successors.tables
  return new (fifo ? QueueDeliveries : fairLoss ? LastingDeliveries : BitDeliveries)(successors, effects, steps)
}

/** `reliable`. */
class BitDeliveries implements Deliveries {
  readonly #tables: StepTables
  readonly #successors: Successors
  readonly #effects: Effects
  readonly #steps: OutcomeSteps
  readonly #links: Links

  constructor(successors: Successors, effects: Effects, steps: OutcomeSteps) {
    this.#tables = successors.tables
    this.#successors = successors
    this.#effects = effects
    this.#steps = steps
    this.#links = new Links(successors)
  }

  append(only: number, onlyBit: number): number {
    const { bits, packets } = this.#tables
    const { source, sourceAt, layout } = this.#successors
    const first = sourceAt + layout.bitsWord
    const end = onlyBit < 0 ? layout.bitsWords : (onlyBit >>> 5) + 1
    for (let w = onlyBit < 0 ? 0 : end - 1; w < end; w++) {
      let rest = source[first + w] as number
      if (onlyBit >= 0) rest &= 1 << (onlyBit & 31)
      for (; rest !== 0; rest &= rest - 1) {
        const bit = w * 32 + lowestBit(rest)
        const next = bits.next.data[bit] as number
        if (next >= 0 && hasBit(source, first, next)) continue
        const packet = bits.packet.data[bit] as number
        const node = packets.to.data[packet] as number
        if ((only >= 0 && node !== only) || this.#links.isDown(packet)) continue
        if (this.#deliver(bit, packet, node) === GREW) return GREW
      }
    }
    return DONE
  }

  #deliver(bit: number, packet: number, node: number): number {
    const { outcomes } = this.#tables
    const successors = this.#successors
    const local = successors.values[node] as number
    const cell = this.#effects.deliveryOf(node, local, packet)
    if (cell === 1) return DONE
    if (cell < TAKEN) {
      this.#effects.learnDelivery(node, local, packet)
      return GREW
    }
    const list = cell - TAKEN
    if (outcomes.cut.data[list - 1] === 1) successors.cut = true
    const last = outcomes.start.data[list] as number
    for (let o = outcomes.start.data[list - 1] as number; o < last; o++) {
      successors.open()
      successors.clearBit(bit)
      if (this.#steps.append(node, o) === GREW) return GREW
    }
    return DONE
  }
}

/** `fair-loss`, where a message that was delivered is still there: those that came to nothing in this state of their receiver before are passed over. */
class LastingDeliveries implements Deliveries {
  readonly #tables: StepTables
  readonly #successors: Successors
  readonly #effects: Effects
  readonly #steps: OutcomeSteps
  readonly #links: Links
  /** Messages of which a node in some state makes no other state of the system. */
  readonly #idle: IdleMessages
  /** The rows there of the states of the nodes. */
  readonly #rows: Int32Array
  /** Deliveries that are left, as bits. */
  #active = new Int32Array(0)

  constructor(successors: Successors, effects: Effects, steps: OutcomeSteps) {
    const { tables } = successors
    this.#tables = tables
    this.#successors = successors
    this.#effects = effects
    this.#steps = steps
    this.#links = new Links(successors)
    this.#idle = new IdleMessages(tables.nodeCount, tables.tuning.passedSlots)
    this.#rows = new Int32Array(tables.nodeCount)
  }

  useLayout(bitsWords: number): void {
    this.#idle.setLayout(bitsWords)
    this.#active = new Int32Array(bitsWords)
  }

  append(): number {
    const { source, sourceAt, values, layout } = this.#successors
    const { bitsWord, bitsWords } = layout
    const idle = this.#idle
    const active = this.#active
    const rows = this.#rows
    for (let w = 0; w < bitsWords; w++) active[w] = source[sourceAt + bitsWord + w] as number
    for (let node = 0; node < rows.length; node++) {
      const row = idle.rowOf(node, values[node] as number)
      rows[node] = row
      for (let w = 0; w < bitsWords; w++) active[w] = (active[w] as number) & ~(idle.rows[row + w] as number)
    }
    for (let w = 0; w < bitsWords; w++)
      for (let bits = active[w] as number; bits !== 0; bits &= bits - 1) if (this.#deliver(w * 32 + lowestBit(bits)) === GREW) return GREW
    return DONE
  }

  #deliver(bit: number): number {
    const { bits, packets, outcomes } = this.#tables
    const successors = this.#successors
    const packet = bits.packet.data[bit] as number
    if (this.#links.isDown(packet)) return DONE
    const node = packets.to.data[packet] as number
    const local = successors.values[node] as number
    const cell = this.#effects.deliveryOf(node, local, packet)
    if (cell !== 1 && cell < TAKEN) {
      this.#effects.learnDelivery(node, local, packet)
      return GREW
    }
    const list = cell - TAKEN
    let leadsOn = false
    if (cell !== 1) {
      leadsOn = outcomes.cut.data[list - 1] === 1
      if (leadsOn) successors.cut = true
      const last = outcomes.start.data[list] as number
      for (let o = outcomes.start.data[list - 1] as number; o < last; o++) {
        if (this.#steps.isIdle(node, local, o)) continue
        leadsOn = true
        successors.open()
        if (this.#steps.append(node, o) === GREW) return GREW
      }
    }
    if (!leadsOn) this.#idle.note(this.#rows[node] as number, bit)
    return DONE
  }
}

/** `fifo`: the heads of the channels. */
class QueueDeliveries implements Deliveries {
  readonly #tables: StepTables
  readonly #successors: Successors
  readonly #effects: Effects
  readonly #steps: OutcomeSteps
  readonly #links: Links

  constructor(successors: Successors, effects: Effects, steps: OutcomeSteps) {
    this.#tables = successors.tables
    this.#successors = successors
    this.#effects = effects
    this.#steps = steps
    this.#links = new Links(successors)
  }

  append(only: number, onlyChannel: number): number {
    const { fixedComponents: first, queues, packets } = this.#tables
    const { layout, values } = this.#successors
    for (let channel = 0; channel < layout.components - first; channel++) {
      const queue = values[first + channel] as number
      if (queue === 0) continue
      const packet = (queues[channel] as (typeof queues)[number]).head.data[queue] as number
      const node = packets.to.data[packet] as number
      if ((only >= 0 && node !== only) || (onlyChannel >= 0 && channel !== onlyChannel) || this.#links.isDown(packet)) continue
      if (this.#deliver(channel, queue, packet, node) === GREW) return GREW
    }
    return DONE
  }

  #deliver(channel: number, queue: number, packet: number, node: number): number {
    const { fixedComponents, queues, outcomes } = this.#tables
    const successors = this.#successors
    const local = successors.values[node] as number
    const cell = this.#effects.deliveryOf(node, local, packet)
    if (cell < TAKEN) {
      this.#effects.learnDelivery(node, local, packet)
      return GREW
    }
    const list = cell - TAKEN
    if (outcomes.cut.data[list - 1] === 1) successors.cut = true
    const rest = (queues[channel] as (typeof queues)[number]).rest.data[queue] as number
    const end = outcomes.start.data[list] as number
    for (let o = outcomes.start.data[list - 1] as number; o < end; o++) {
      successors.open()
      successors.setComponent(fixedComponents + channel, rest)
      if (this.#steps.append(node, o) === GREW) return GREW
    }
    return DONE
  }
}
