import { componentAt, type Layout } from '../states/layout.ts'
import type { StepTables } from '../tables/step-tables.ts'
import { hasBit, lowestBit } from '../values/bits.ts'
import { grown } from '../values/ints.ts'

/**
 * Successors of a state, one built after the other: a copy of the state (`open`), changed by what a step does (`setComponent`, `setBit`, `clearBit`), and kept or not
 * (appender.ts). Each is a whole record in `records`, with its hash in `hashes`.
 */
export class Successors {
  readonly tables: StepTables
  layout: Layout
  records: Int32Array = new Int32Array(0)
  hashes: Int32Array
  /** With subsumption: how many records from this one on are images of one successor. */
  groups: Int32Array
  count = 0
  /** Step properties that the steps generated since `begin` break, as bits. */
  broken = 0
  /** Whether the bound of the model cut off a step since then. */
  cut = false
  /** The record that is expanded, at `sourceAt`, and the value of each of its components. */
  source: Int32Array = new Int32Array(0)
  sourceAt = 0
  values: Int32Array = new Int32Array(0)
  #capacity: number

  /** `useLayout` is to be called before anything else. */
  constructor(tables: StepTables, layout: Layout) {
    this.tables = tables
    this.layout = layout
    const room = tables.tuning.batchRoom
    this.#capacity = room
    this.hashes = new Int32Array(room)
    this.groups = new Int32Array(room)
  }

  /** Takes up a new layout; successors generated so far are dropped. */
  useLayout(layout: Layout): void {
    this.layout = layout
    this.count = 0
    this.records = new Int32Array(this.#capacity * layout.width)
    this.values = new Int32Array(layout.components)
  }

  /** What is opened from now on are copies of the record at `source[at] …`. */
  begin(source: Int32Array, at: number): void {
    this.broken = 0
    this.cut = false
    this.source = source
    this.sourceAt = at
    this.unpack(source, at)
  }

  /** The components of the state at `source[at] …`, in `values`. */
  unpack(source: Int32Array, at: number): Int32Array {
    const { layout, values } = this
    for (let c = 0; c < layout.components; c++) values[c] = componentAt(layout, c, source, at)
    return values
  }

  /** The bits of the messages in flight. */
  bitsOf(source: Int32Array, at: number): number[] {
    const { bitsWord, bitsWords } = this.layout
    return Array.from({ length: bitsWords }, (_, w) => bitsOfWord(source[at + bitsWord + w] as number, w)).flat()
  }

  /** The packets in flight, whatever the network. */
  packetsOf(source: Int32Array, at: number): number[] {
    const { tables } = this
    if (!tables.fifo) return this.bitsOf(source, at).map(bit => tables.bits.packet.data[bit] as number)
    const components = this.unpack(source, at)
    return tables.queues.flatMap(({ head, rest }, channel) => {
      const packets: number[] = []
      for (let queue = components[tables.fixedComponents + channel] as number; queue !== 0; queue = rest.data[queue] as number)
        packets.push(head.data[queue] as number)
      return packets
    })
  }

  // The successor that is being built: `records` at `count`.

  open(): void {
    if (this.count === this.#capacity) this.#grow()
    const { records, source, sourceAt } = this
    const { width } = this.layout
    const base = this.count * width
    for (let w = 0; w < width; w++) records[base + w] = source[sourceAt + w] as number
  }

  component(component: number): number {
    return componentAt(this.layout, component, this.records, this.count * this.layout.width)
  }

  setComponent(component: number, value: number): void {
    const { word, shift, mask, width } = this.layout
    const index = this.count * width + (word[component] as number)
    const by = shift[component] as number
    const field = mask[component] as number
    const old = this.records[index] as number
    this.records[index] = (old & ~(field << by)) | (value << by)
  }

  hasBit(bit: number): boolean {
    return hasBit(this.records, this.count * this.layout.width + this.layout.bitsWord, bit)
  }

  setBit(bit: number): void {
    const index = this.count * this.layout.width + this.layout.bitsWord + (bit >>> 5)
    this.records[index] = (this.records[index] as number) | (1 << (bit & 31))
  }

  clearBit(bit: number): void {
    const index = this.count * this.layout.width + this.layout.bitsWord + (bit >>> 5)
    this.records[index] = (this.records[index] as number) & ~(1 << (bit & 31))
  }

  /** Is it the state that is expanded? */
  isUnchanged(): boolean {
    const { records, source, sourceAt } = this
    const { width } = this.layout
    const base = this.count * width
    for (let w = 0; w < width; w++) if (records[base + w] !== source[sourceAt + w]) return false
    return true
  }

  /** Makes room for `n` successors more. */
  reserve(n: number): void {
    while (this.count + n > this.#capacity) this.#grow()
  }

  #grow(): void {
    this.#capacity *= 2
    this.records = grown(this.records, this.#capacity * this.layout.width)
    this.hashes = grown(this.hashes, this.#capacity)
    this.groups = grown(this.groups, this.#capacity)
  }
}

/** The bits of word `w` of a set. */
export const bitsOfWord = (word: number, w: number): number[] => {
  const result: number[] = []
  for (let bits = word; bits !== 0; bits &= bits - 1) result.push(w * 32 + lowestBit(bits))
  return result
}
