import { DONE, GREW, type StepDeadMessages, type StepTables, TAKEN } from '../tables/step-tables.ts'
import { hasBit, lowestBit } from '../values/bits.ts'
import type { Ints } from '../values/ints.ts'
import type { Effects } from './effects.ts'
import { IdleMessages } from './idle-messages.ts'
import type { Successors } from './successors.ts'

/**
 * Takes all steps that change no node, emit nothing and break nothing, but only send, until those that are left send nothing new. What comes of it
 * covers the state (search/subsumption.ts), so under `fair-loss`, where no message is used up, the state itself need not be kept.
 */
export class Saturation {
  /** The state that successors are copies of is not saturated: all nodes and messages are to be looked at, not only what a step changed. */
  afresh = false
  readonly #tables: StepTables
  readonly #successors: Successors
  readonly #effects: Effects
  readonly #dead: StepDeadMessages | undefined
  /** Messages that make a node in some state not send and stay as it is. */
  readonly #mute: IdleMessages
  /** The states of the nodes of the state that is being built. */
  readonly #locals: Int32Array
  /** Messages whose deliveries to it were looked at, as bits. */
  #looked = new Int32Array(0)

  constructor(successors: Successors, effects: Effects, dead: StepDeadMessages | undefined) {
    const { tables } = successors
    this.#tables = tables
    this.#successors = successors
    this.#effects = effects
    this.#dead = dead
    this.#mute = new IdleMessages(tables.nodeCount, tables.tuning.passedSlots)
    this.#locals = new Int32Array(tables.nodeCount)
  }

  useLayout(bitsWords: number): void {
    this.#mute.setLayout(bitsWords)
    this.#looked = new Int32Array(bitsWords)
  }

  /** Saturates the successor that is being built. */
  run(): number {
    if (this.#actions() === GREW) return GREW
    for (;;) {
      const sent = this.#deliveries()
      if (sent <= 0) return sent < 0 ? GREW : DONE
    }
  }

  /** The actions of the nodes that changed; and notes what is left to look at. */
  #actions(): number {
    const { source, sourceAt, values, layout } = this.#successors
    const { acts, outcomes, nodeCount } = this.#tables
    const { bitsWord, bitsWords } = layout
    const dead = this.#dead
    const looked = this.#looked.fill(0)
    if (!this.afresh && dead !== undefined) for (let w = 0; w < bitsWords; w++) looked[w] = source[sourceAt + bitsWord + w] as number
    for (let node = 0; node < nodeCount; node++) {
      const local = this.#successors.component(node)
      this.#locals[node] = local
      if (!this.afresh && local === values[node]) continue
      const row = this.#mute.rowOf(node, local)
      const inbox = dead?.inbox[node]
      if (inbox !== undefined)
        for (let w = 0; w < bitsWords; w++) looked[w] = ((looked[w] as number) & ~(inbox[w] as number)) | (this.#mute.rows[row + w] as number)
      const list = acts[node] as Ints
      const cell = local < list.length ? (list.data[local] as number) : 0
      if (cell === 0) {
        this.#effects.learnActions(node, local)
        return GREW
      }
      if (cell !== 1 && this.#sendOnly(node, local, outcomes.start.data[cell - 1] as number, outcomes.start.data[cell] as number) === GREW) return GREW
    }
    return DONE
  }

  /** The deliveries of messages that were not looked at: 1, 0 if there is none, or `GREW`. */
  #deliveries(): number {
    const { records, count, layout } = this.#successors
    const first = count * layout.width + layout.bitsWord
    const looked = this.#looked
    let isNew = 0
    for (let w = 0; w < layout.bitsWords; w++) {
      const bits = (records[first + w] as number) & ~(looked[w] as number)
      if (bits === 0) continue
      isNew = 1
      looked[w] = (looked[w] as number) | bits
      for (let rest = bits; rest !== 0; rest &= rest - 1) if (this.#deliver(w * 32 + lowestBit(rest)) === GREW) return GREW
    }
    return isNew
  }

  #deliver(bit: number): number {
    const { bits, packets, outcomes } = this.#tables
    const mute = this.#mute
    const packet = bits.packet.data[bit] as number
    const node = packets.to.data[packet] as number
    const local = this.#locals[node] as number
    const row = mute.rowOf(node, local)
    if (hasBit(mute.rows, row, bit)) return DONE
    const cell = this.#effects.deliveryOf(node, local, packet)
    if (cell !== 1 && cell < TAKEN) {
      this.#effects.learnDelivery(node, local, packet)
      return GREW
    }
    const list = cell - TAKEN
    const sent = cell === 1 ? 0 : this.#sendOnly(node, local, outcomes.start.data[list - 1] as number, outcomes.start.data[list] as number)
    if (sent === 0) mute.note(row, bit)
    return sent
  }

  /** Takes those of some outcomes at a node that only send; how many, or `GREW`. */
  #sendOnly(node: number, local: number, first: number, end: number): number {
    const { to, sends, emits, broken } = this.#tables.outcomes
    const effects = this.#effects
    let count = 0
    for (let o = first; o < end; o++) {
      if (sends.data[o] === 0 || emits.data[o] !== 0 || broken.data[o] !== 0 || effects.representative(node, to.data[o] as number) !== local) continue
      if (effects.send(sends.data[o] as number) === GREW) return GREW
      count++
    }
    return count
  }
}
