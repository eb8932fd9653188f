import { DONE, GREW, type StepDeadMessages, type StepTables } from '../tables/step-tables.ts'
import { hasBit } from '../values/bits.ts'
import { bitsOfWord, type Successors } from './successors.ts'

/** Leaves out of a successor the messages that are dead there, once that is known of them; see reduce/dead-messages.ts. */
export class DeadOnArrival {
  readonly messages: StepDeadMessages
  readonly #successors: Successors
  readonly #tables: StepTables

  constructor(messages: StepDeadMessages, successors: Successors) {
    this.messages = messages
    this.#successors = successors
    this.#tables = successors.tables
  }

  /** Drops the messages to a node that are dead in its state. `GREW` if something had to be learnt first (`learn`), or would have. */
  drop(node: number, local: number, learn = true): number {
    const { messages: dead } = this
    const { layout, records, count } = this.#successors
    const base = count * layout.width + layout.bitsWord
    const inbox = dead.inbox[node] as Int32Array
    const carried = dead.carried[node] as Int32Array
    const alive = dead.alive[node] as Int32Array
    const row = local * dead.words
    if (row + dead.words > carried.length) {
      dead.place()
      return GREW
    }
    for (let w = 0; w < layout.bitsWords; w++) {
      const here = (records[base + w] as number) & (inbox[w] as number)
      if (here === 0) continue
      const unknown = here & ~(carried[row + w] as number)
      if (unknown !== 0) {
        if (learn) dead.carry(bitsOfWord(unknown, w).map(bit => [node, local, bit]))
        if (learn || !bitsOfWord(unknown, w).every(bit => this.#isFurtherCopy(bit, carried, row))) return GREW
      }
      const drop = here & (carried[row + w] as number) & ~(alive[row + w] as number)
      records[base + w] = (records[base + w] as number) & ~drop
    }
    return DONE
  }

  /** Is a message that is being sent dead on arrival? 1 yes, 0 no; or `GREW`. */
  isDead(packet: number, bit: number): number {
    const { messages: dead } = this
    const node = this.#tables.packets.to.data[packet] as number
    const local = this.#successors.component(node)
    const row = local * dead.words
    const carried = dead.carried[node] as Int32Array
    if (bit >>> 5 >= dead.words || row + (bit >>> 5) >= carried.length || !hasBit(carried, row, bit)) {
      dead.carry([[node, local, bit]])
      return GREW
    }
    return hasBit(dead.alive[node] as Int32Array, row, bit) ? 0 : 1
  }

  /** A further copy of a dead message, to a node in state `local`: the search never made it, since it dropped the first. */
  isCopyOfDead(bit: number, local: number): boolean {
    const { messages: dead } = this
    const { bits, packets } = this.#tables
    if (bits.copy.data[bit] === 0) return false
    dead.place()
    const packet = bits.packet.data[bit] as number
    const node = packets.to.data[packet] as number
    const first = bits.firstOf(packet)
    const row = local * dead.words
    return hasBit(dead.carried[node] as Int32Array, row, first) && !hasBit(dead.alive[node] as Int32Array, row, first)
  }

  /** A further copy of a message that is carried: if both were sent in one step, only the first is noted before the next. */
  #isFurtherCopy(bit: number, carried: Int32Array, row: number): boolean {
    const { bits } = this.#tables
    const first = bits.firstOf(bits.packet.data[bit] as number)
    return first !== bit && hasBit(carried, row, first)
  }
}
