import type { Layout } from '../../states/layout.ts'
import { type StepTables, TAKEN } from '../../tables/step-tables.ts'
import { grown, Ints } from '../../values/ints.ts'

/** Integers of a program before its entries: where it ends, and how many entries there are. */
export const PROGRAM_HEAD = 2
/** Integers of an entry before its masks. */
export const ENTRY_HEAD = 4

/** What an entry of a program is. */
export const STEP = 0
/** A delivery that is not in the tables yet. */
export const UNKNOWN = 1
/** A step that the bound of the model cuts off. */
export const CUT = 2

/**
 * The steps of a node in a state as a program: entries of a guard (the word and the bit of the message that is delivered; bit 0 for an
 * action), a kind, an operand (the step properties broken; for `UNKNOWN` the packet), and two masks as wide as a record. A step is
 * `word' = (word ^ xor) | or` for each word: no look-up, no field to take apart, and no entry for a delivery that does nothing.
 *
 * For `fair-loss`, where a step only replaces one field and adds messages, and where nothing else need be told of a step
 * (no sums, no reductions but symmetry, no observers, faults or global steps): there it halves the time of a search (`bench/`).
 */
export class StepMasks {
  readonly #tables: StepTables
  #layout: Layout | undefined
  #bits = -1
  /** All programs, one after the other; each begins with its end. */
  readonly code = new Ints(1_024)
  /** Where the program of each state of each node begins; 0 if it is to be made. */
  #begins: Int32Array[] = []

  constructor(tables: StepTables) {
    this.#tables = tables
  }

  static apply(tables: StepTables): boolean {
    return (
      tables.fairLoss &&
      tables.time === undefined &&
      tables.observerNames.length === 0 &&
      tables.globalNames.length === 0 &&
      tables.system.faults.every(({ atMost }) => atMost === 0)
    )
  }

  /** Forgets all programs if records have come to look otherwise, or messages were added, since they were made; whether it did. */
  setLayout(layout: Layout): boolean {
    if (layout === this.#layout && this.#bits === this.#tables.bits.size) return false
    this.#layout = layout
    this.#bits = this.#tables.bits.size
    this.#begins = this.#tables.locals.map(() => new Int32Array(16))
    this.code.length = 0
    this.code.push(0)
    return true
  }

  /** Where the program of a node in a state begins; 0 if the tables had to learn first. */
  begin(node: number, local: number): number {
    const begins = this.#begins[node] as Int32Array
    const known = local < begins.length ? (begins[local] as number) : 0
    return known === 0 ? this.#make(node, local) : known
  }

  /** A delivery in it is known now: the program is to be made again. */
  forget(node: number, local: number): void {
    const begins = this.#begins[node] as Int32Array
    begins[local] = 0
  }

  #make(node: number, local: number): number {
    const tables = this.#tables
    const acts = tables.acts[node] as Ints
    const actions = local < acts.length ? (acts.data[local] as number) : 0
    if (actions === 0) {
      tables.act(node, local)
      return 0
    }
    const layout = this.#layout as Layout
    const begin = this.code.push(0)
    this.code.push(0)
    this.#steps(node, local, 0, 0, actions)
    for (let bit = 0; bit < this.#bits; bit++) {
      const packet = tables.bits.packet.data[bit] as number
      if (tables.packets.to.data[packet] !== node) continue
      const stride = tables.strides[node] as number
      const column = tables.packets.column.data[packet] as number
      const cell = column < stride ? (tables.cells[node]?.[local * stride + column] ?? 0) : 0
      const word = layout.bitsWord + (bit >>> 5)
      const guard = 1 << (bit & 31)
      if (cell >= TAKEN) this.#steps(node, local, word, guard, cell - TAKEN)
      else if (cell !== 1) this.#entry(word, guard, UNKNOWN, packet, [], [])
    }
    this.code.data[begin] = this.code.length
    this.code.data[begin + 1] = (this.code.length - begin - PROGRAM_HEAD) / (ENTRY_HEAD + 2 * layout.width)
    const begins = this.#begins[node] as Int32Array
    const room = local < begins.length ? begins : grown(begins, local * 2)
    room[local] = begin
    this.#begins[node] = room
    return begin
  }

  /** The entries for the outcomes of cell value `cell` (an outcome list, plus 1). */
  #steps(node: number, local: number, word: number, guard: number, cell: number): void {
    const { outcomes, sends, bits } = this.#tables
    const layout = this.#layout as Layout
    if (outcomes.cut.data[cell - 1] === 1) this.#entry(word, guard, CUT, 0, [], [])
    for (let o = outcomes.start.data[cell - 1] as number; o < (outcomes.start.data[cell] as number); o++) {
      const xor = new Array<number>(layout.width).fill(0)
      const or = new Array<number>(layout.width).fill(0)
      xor[layout.word[node] as number] = (local ^ (outcomes.to.data[o] as number)) << (layout.shift[node] as number)
      for (const packet of sends.items(outcomes.sends.data[o] as number)) {
        const bit = bits.firstOf(packet)
        const at = layout.bitsWord + (bit >>> 5)
        or[at] = (or[at] as number) | (1 << (bit & 31))
      }
      this.#entry(word, guard, STEP, outcomes.broken.data[o] as number, xor, or)
    }
  }

  #entry(word: number, guard: number, kind: number, operand: number, xor: readonly number[], or: readonly number[]): void {
    const { width } = this.#layout as Layout
    for (const x of [word, guard, kind, operand]) this.code.push(x)
    for (let w = 0; w < width; w++) this.code.push(xor[w] ?? 0)
    for (let w = 0; w < width; w++) this.code.push(or[w] ?? 0)
  }
}
