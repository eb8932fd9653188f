import type { Tables } from '../tables/tables.ts'
import { Ints } from '../values/ints.ts'
import { Images, type StandIn } from './images.ts'

/**
 * The images of values and messages under each swap of two ids, for groups that are not listed. A permutation is a product of at most n - 1 swaps, so n(n-1)/2 rows of
 * images are enough for all n! members. They are filled as they are needed.
 */
export class SwapImages {
  /** Identity and swaps: columns of the images. */
  readonly columns: number
  /** `swaps[a * lanes + b]`: the number of the swap of two ids of a block. */
  readonly swaps: Int32Array
  /** Where each component goes, `component * columns + swap`. */
  readonly places = new Ints()
  readonly #tables: Tables
  readonly #made: Images
  /** `#images[c].data[value * columns + swap]`, or -1 while unknown. */
  readonly #images: Ints[] = []
  readonly #bitImages = new Ints()
  /** How many values of each component, and bits, the tables held at the last `sync`. */
  #sizes: readonly number[] = []
  #bits = 0
  /**
   * Has an image come up since then that the tables did not hold? It may be where a next step leads (a further copy of a message, a longer queue), and neither
   * layout nor rows have it: so no state may be built before all are brought up to the tables.
   */
  grew = false

  /**
   * @param blockOf the block of each id
   * @param standIn does not change
   */
  constructor(tables: Tables, blockOf: Int32Array, standIn: StandIn) {
    this.#tables = tables
    this.#made = new Images(tables, standIn)
    this.columns = tables.symmetry.permutations.length
    const lanes = blockOf.length
    this.swaps = new Int32Array(lanes * lanes)
    let swap = 1
    for (let a = 0; a < lanes; a++)
      for (let b = a + 1; b < lanes && blockOf[a] === blockOf[b]; b++) {
        this.swaps[a * lanes + b] = swap
        this.swaps[b * lanes + a] = swap++
      }
  }

  /** Makes room for what the tables have learnt; if `closed`, all images of all that the tables hold are learnt too, and theirs. */
  sync(closed: boolean): void {
    const tables = this.#tables
    for (let c = this.#images.length; c < tables.componentCount; c++) {
      this.#images.push(new Ints())
      for (let swap = 0; swap < this.columns; swap++) this.places.push(this.#made.placeOf(c, swap))
    }
    for (let c = 0; c < tables.componentCount; c++) this.#images[c]?.reach(tables.componentSize(c) * this.columns, -1)
    this.#bitImages.reach(tables.bits.size * this.columns, -1)
    this.#sizes = Array.from({ length: tables.componentCount }, (_, c) => tables.componentSize(c))
    this.#bits = tables.bits.size
    this.grew = false
    if (closed && this.#close()) this.sync(true)
  }

  /** Whether the tables grew. */
  #close(): boolean {
    const tables = this.#tables
    const { size } = this.#made
    for (let c = 0; c < tables.componentCount && c < this.#images.length; c++)
      for (let value = 0; value < tables.componentSize(c); value++) for (let swap = 1; swap < this.columns; swap++) this.imageOf(c, value, swap)
    for (let bit = 0; bit < tables.bits.size; bit++) for (let swap = 1; swap < this.columns; swap++) this.imageOfBit(bit, swap)
    return this.#made.size !== size
  }

  /** What the value of component `c` becomes, which then stands at `places`; it may be one that had no row in the tables so far. */
  imageOf(c: number, value: number, swap: number): number {
    const rows = this.#images[c] as Ints
    const at = value * this.columns + swap
    const known = at < rows.length ? (rows.data[at] as number) : -1
    return known >= 0 ? known : this.#learn(c, value, swap)
  }

  /**
   * Writes the image of these, the values of the first components, under swaps one after the other, `chain[first] …` up to `end`. False where a value of it is new to
   * the tables, so that no row has it yet.
   */
  apply(values: Int32Array, image: Int32Array, chain: Int32Array, first: number, end: number): boolean {
    const { columns } = this
    for (let c = 0; c < values.length; c++) {
      let place = c
      let value = values[c] as number
      for (let i = first; i < end; i++) {
        const swap = chain[i] as number
        value = this.imageOf(place, value, swap)
        place = this.places.data[place * columns + swap] as number
      }
      if (place >= values.length || value >= (this.#sizes[place] ?? 0)) return false
      image[place] = value
    }
    return true
  }

  /** Are these, the values of the first components, their own image? */
  fixes(values: Int32Array, swap: number): boolean {
    const { columns } = this
    const places = this.places.data
    for (let c = 0; c < values.length; c++) if (values[places[c * columns + swap] as number] !== this.imageOf(c, values[c] as number, swap)) return false
    return true
  }

  #learn(c: number, value: number, swap: number): number {
    const image = this.#made.imageOf(c, value, swap)
    const rows = this.#images[c] as Ints
    rows.reach((value + 1) * this.columns, -1)
    rows.data[value * this.columns + swap] = image
    if (image >= (this.#sizes[this.places.data[c * this.columns + swap] as number] ?? 0)) this.grew = true
    return image
  }

  imageOfBit(bit: number, swap: number): number {
    const at = bit * this.columns + swap
    const known = at < this.#bitImages.length ? (this.#bitImages.data[at] as number) : -1
    if (known >= 0) return known
    const image = this.#tables.bitImage(swap, bit)
    this.#bitImages.reach((bit + 1) * this.columns, -1)
    this.#bitImages.data[at] = image
    if (image >= this.#bits) this.grew = true
    return image
  }
}
