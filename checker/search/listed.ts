import type { Ints } from '../compile/ints.ts'
import type { TermRows } from '../compile/step-tables.ts'
import type { Tables } from '../compile/tables.ts'
import { Colours } from './colours.ts'
import type { Layout } from './layout.ts'
import { Terms } from './terms.ts'

/** With more comparisons of ids than this there would be too many results of them for a table. */
const COMPARED_MAX = 3

/** What it takes to choose representatives, as plain data. */
export interface ListedRows {
  readonly terms: TermRows
  /** The nodes that are compared. */
  readonly nodes: Int32Array
  /** What each of them is like by itself, by its state, and in the state that is looked at. */
  readonly own: Int32Array[]
  readonly keys: Int32Array
  /** Places in `nodes`: the first is compared with the second, the third with the fourth… */
  readonly compared: Int32Array
  /** Where each bit goes, for each permutation. */
  readonly bits: Int32Array[]
  /** For each result of the comparisons (less, equal, greater: digits to the base of 3) the permutations that sort: the first in `sorting`, and how many. */
  readonly first: Int32Array
  readonly count: Int32Array
  readonly sorting: Int32Array
  readonly sums: Int32Array
}

/**
 * The representative of a state's orbit under a group that is listed.
 *
 * First the nodes are sorted by colours of their own, which say what each is like by itself, its own id called one thing and all others another. A step
 * changes one node, so most successors of a sorted state are sorted, and need no image. Among the permutations that sort, if the nodes are not all
 * different, the least sum of the terms of the whole image (terms.ts) names the one that is taken.
 *
 * *One for each orbit.* Colours go with the ids, so for π(state) the sorting permutations are those for the state, each after π⁻¹: they lead to the
 * same images, and among the same images the same sum is the least. If two images have equal sums by chance, the orbit is merely kept twice: records are compared whole,
 * so no collision can hide a state.
 */
export class Listed {
  readonly #rows: ListedRows
  /** See `ties`. */
  readonly tied: Int32Array
  #image = new Int32Array(0)

  constructor(rows: ListedRows) {
    this.#rows = rows
    this.tied = new Int32Array(rows.sums.length)
  }

  /** The record at `base` becomes the representative of its orbit. All images are known, so it always is found. */
  choose(records: Int32Array, base: number, layout: Layout): boolean {
    const g = this.#permutation(records, base, layout)
    this.replace(records, base, layout, g)
    return true
  }

  /**
   * The permutations that take the nodes of the state, whatever is in flight, to those of the representative: they stand in `tied`, and there are so many.
   * Two states that have the same nodes up to names are thus taken to states with the same nodes.
   */
  ties(records: Int32Array, base: number, layout: Layout): number {
    const result = this.#comparison(records, base, layout)
    const first = this.#rows.first[result] as number
    const count = this.#rows.count[result] as number
    const tied = this.tied
    for (let i = 0; i < count; i++) tied[i] = this.#rows.sorting[first + i] as number
    if (count === 1) return 1
    const sums = this.#rows.sums
    this.#sumUpNodes(records, base, layout, first, count)
    let ties = 0
    for (let i = 0; i < count; i++) {
      if (ties > 0 && (sums[i] as number) > (sums[0] as number)) continue
      if (ties > 0 && (sums[i] as number) < (sums[0] as number)) ties = 0
      sums[0] = sums[i] as number
      tied[ties++] = this.#rows.sorting[first + i] as number
    }
    return ties
  }

  /** The permutation that takes the state to the representative. */
  #permutation(records: Int32Array, base: number, layout: Layout): number {
    const result = this.#comparison(records, base, layout)
    const first = this.#rows.first[result] as number
    const count = this.#rows.count[result] as number
    return count === 1 ? (this.#rows.sorting[first] as number) : this.#least(records, base, layout, first, count)
  }

  /** How the nodes compare, as a number. */
  #comparison(records: Int32Array, base: number, layout: Layout): number {
    const { word, shift, mask } = layout
    const nodes = this.#rows.nodes
    const keys = this.#rows.keys
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i] as number
      const local = ((records[base + (word[node] as number)] as number) >>> (shift[node] as number)) & (mask[node] as number)
      keys[i] = (this.#rows.own[i] as Int32Array)[local] as number
    }
    const compared = this.#rows.compared
    let result = 0
    for (let k = compared.length - 2; k >= 0; k -= 2) {
      const left = keys[compared[k] as number] as number
      const right = keys[compared[k + 1] as number] as number
      result = result * 3 + (left < right ? 0 : left === right ? 1 : 2)
    }
    return result
  }

  /** Of the permutations at `first …` in `#sorting`, the first whose image has the least sum. */
  #least(records: Int32Array, base: number, layout: Layout, first: number, count: number): number {
    this.#sumUpNodes(records, base, layout, first, count)
    const { bitsWord, bitsWords } = layout
    const sums = this.#rows.sums
    const sorting = this.#rows.sorting
    const { lanes } = this.#rows.terms
    const rows = this.#rows.terms.bits.data
    for (let w = 0; w < bitsWords; w++)
      for (let bits = records[base + bitsWord + w] as number; bits !== 0; bits &= bits - 1) {
        const row = (w * 32 + 31 - Math.clz32(bits & -bits)) * lanes
        for (let i = 0; i < count; i++) sums[i] = ((sums[i] as number) + (rows[row + (sorting[first + i] as number)] as number)) | 0
      }
    let best = 0
    for (let i = 1; i < count; i++) if ((sums[i] as number) < (sums[best] as number)) best = i
    return sorting[first + best] as number
  }

  /** The sums of the images under `count` permutations at `first …` in `#sorting`, without messages in flight. */
  #sumUpNodes(records: Int32Array, base: number, { components, word, shift, mask }: Layout, first: number, count: number): void {
    const sums = this.#rows.sums
    const sorting = this.#rows.sorting
    const { lanes } = this.#rows.terms
    for (let i = 0; i < count; i++) sums[i] = 0
    for (let c = 0; c < components; c++) {
      const row = (((records[base + (word[c] as number)] as number) >>> (shift[c] as number)) & (mask[c] as number)) * lanes
      const rows = (this.#rows.terms.components[c] as Ints).data
      for (let i = 0; i < count; i++) sums[i] = ((sums[i] as number) + (rows[row + (sorting[first + i] as number)] as number)) | 0
    }
  }

  /** The record at `base` becomes its image under permutation `g`. */
  replace(records: Int32Array, base: number, layout: Layout, g: number): void {
    if (g === 0) return
    const { components, word, shift, mask, bitsWord, bitsWords, width } = layout
    const terms = this.#rows.terms
    const order = terms.members
    if (this.#image.length !== width) this.#image = new Int32Array(width)
    const image = this.#image
    for (let w = 0; w < width; w++) image[w] = 0
    for (let c = 0; c < components; c++) {
      const value = ((records[base + (word[c] as number)] as number) >>> (shift[c] as number)) & (mask[c] as number)
      const place = terms.places.data[c * order + g] as number
      const w = word[place] as number
      image[w] = (image[w] as number) | (((terms.componentImages[c] as Ints).data[value * order + g] as number) << (shift[place] as number))
    }
    const bitImages = this.#rows.bits[g] as Int32Array
    for (let w = 0; w < bitsWords; w++)
      for (let bits = records[base + bitsWord + w] as number; bits !== 0; bits &= bits - 1) {
        const bit = bitImages[w * 32 + 31 - Math.clz32(bits & -bits)] as number
        const index = bitsWord + (bit >>> 5)
        image[index] = (image[index] as number) | (1 << (bit & 31))
      }
    for (let w = 0; w < width; w++) records[base + w] = image[w] as number
  }
}

/** The rows that `Listed` reads, kept up to the tables. */
export class ListedTables {
  readonly rows: ListedRows
  readonly #terms: Terms
  readonly #colours: Colours

  constructor(tables: Tables, representative: (node: number, local: number) => number) {
    const { symmetry } = tables
    this.#terms = new Terms(tables, 1, symmetry.order, representative)
    this.#colours = new Colours(tables, representative)
    const { nodeOf, blockOf } = this.#colours
    const every = [...nodeOf].flatMap((a, i) => [...nodeOf].flatMap((b, j) => (i < j && blockOf[i] === blockOf[j] && a >= 0 ? [[a, b] as const] : [])))
    const pairs = every.length > COMPARED_MAX ? [] : every
    const nodes = Int32Array.from(new Set(pairs.flat()))
    const sorting = Array.from({ length: 3 ** pairs.length }, (_, result) =>
      symmetry.nodeImage.flatMap((image, g) => (pairs.every(([a, b], k) => isSorted(image, a, b, Math.floor(result / 3 ** k) % 3)) ? [g] : [])),
    )
    this.rows = {
      terms: this.#terms,
      nodes,
      own: [...nodes].map(() => new Int32Array(0)),
      keys: new Int32Array(nodes.length),
      compared: Int32Array.from(pairs.flat(), node => nodes.indexOf(node)),
      bits: symmetry.permutations.map(() => new Int32Array(0)),
      first: Int32Array.from(sorting, (_, result) => sorting.slice(0, result).flat().length),
      count: Int32Array.from(sorting, ({ length }) => length),
      sorting: Int32Array.from(sorting.flat()),
      sums: new Int32Array(symmetry.order),
    }
  }

  /** Adds what the tables have learnt, and makes them learn all images. */
  sync(): void {
    this.#terms.sync(true)
    this.#colours.syncOwn()
    const { nodes, own, bits } = this.rows
    nodes.forEach((node, i) => {
      own[i] = (this.#colours.own[node] as Ints).data
    })
    const { bitImages, members } = this.#terms
    const count = bitImages.length / members
    if (count > (bits[0] as Int32Array).length)
      for (let g = 0; g < members; g++) bits[g] = Int32Array.from({ length: count }, (_, bit) => bitImages.data[bit * members + g] as number)
  }
}

/** Does a permutation put two nodes in the order of their colours? 0: that of `a` is less; 1: they are equal; 2: it is greater. */
const isSorted = (image: Int32Array, a: number, b: number, result: number): boolean =>
  result === 1 || (result === 0) === (image[a] as number) < (image[b] as number)
