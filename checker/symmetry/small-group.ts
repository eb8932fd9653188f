import type { Layout } from '../states/layout.ts'
import { componentAt } from '../states/layout.ts'
import { DONE } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import { standardTuning, type Tuning } from '../tables/tuning.ts'
import { lowestBit } from '../values/bits.ts'
import type { Ints } from '../values/ints.ts'
import { Colours } from './colours.ts'
import { type ImageCode, imageCode } from './image-code.ts'
import type { StandIn } from './images.ts'
import { type TermRows, Terms } from './terms.ts'

/** What it takes to choose representatives, as plain data. */
export interface SmallGroupRows {
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
 * changes one node, so most successors of a sorted state are sorted, and need no image. Of the images under the permutations that sort, if the nodes are not all
 * different, the least is taken: by the numbers of their components, then by their messages, so that the choice is the same in every layout.
 *
 * *One for each orbit.* Colours go with the ids, so for π(state) the sorting permutations are those for the state, each after π⁻¹: they lead to the
 * same images, and so to the same least one. Records are compared whole, so a mistake here could not hide a state.
 *
 * Many fields, as nothing may be allocated for a state: each array of a step has one.
 */
export class SmallGroup {
  readonly #tuning: Tuning
  readonly #codeAfter: number
  readonly rows: SmallGroupRows
  /** See `ties`. */
  readonly tied: Int32Array
  /** For each result of the comparisons the one permutation that sorts, or -1 if there are several. */
  readonly #only: Int32Array
  /** Places in `nodes`: if in each pair the first is less than the second, a state is its own representative. None if that does not tell. */
  readonly inOrder: readonly (readonly [number, number])[]
  /** The place of each node in `nodes`, or -1. */
  readonly #placeOf = new Int32Array(64).fill(-1)
  /** For each place the comparisons that it is part of: the other place, what a digit counts, and 2 if the other comes first, else 0. */
  readonly #comparedWith: readonly Int32Array[]
  /** The state that is looked at: what its nodes are like, how they compare, and the same for each place without the comparisons that it is part of. */
  readonly #keys: Int32Array
  #result = 0
  readonly #rest: Int32Array
  #layout: Layout | undefined
  /** For each permutation the messages that were last permuted, and their image. */
  #bitsFrom = new Int32Array(0)
  #bitsTo = new Int32Array(0)
  #image = new Int32Array(0)
  #images = new Int32Array(0)
  /** Messages known, images made since there are so many, and the code that is made of them then, if any. */
  #known = 0
  #uses = 0
  #code: ImageCode | undefined

  constructor(rows: SmallGroupRows, tuning = standardTuning) {
    this.#tuning = tuning
    this.#codeAfter = tuning.imageCodeAfter
    this.rows = rows
    this.tied = new Int32Array(rows.sums.length)
    this.#only = rows.count.map((count, result) => (count === 1 ? (rows.sorting[rows.first[result] as number] as number) : -1))
    for (const [place, node] of rows.nodes.entries()) this.#placeOf[node] = place
    const { compared } = rows
    const pairs = Array.from({ length: compared.length / 2 }, (_, k) => [compared[2 * k] as number, compared[2 * k + 1] as number] as const)
    this.inOrder = this.#only[0] === 0 ? pairs : []
    this.#comparedWith = Array.from(rows.nodes, (_, place) =>
      Int32Array.from(
        pairs.flatMap(([left, right], k) => {
          if (left === place) return [right, 3 ** k, 0]
          return right === place ? [left, 3 ** k, 2] : []
        }),
      ),
    )
    this.#keys = new Int32Array(rows.nodes.length)
    this.#rest = new Int32Array(rows.nodes.length)
  }

  /** The record at `base` becomes the representative of its orbit. All images are known, so it always is found. */
  choose(records: Int32Array, base: number, layout: Layout): number {
    this.chooseBy(this.compare(records, base, layout), records, base, layout)
    return DONE
  }

  /** The same, given how its nodes compare. */
  chooseBy(result: number, records: Int32Array, base: number, layout: Layout): void {
    const only = this.#only[result] as number
    if (only < 0) this.#takeLeast(result, records, base, layout)
    else if (only !== 0) this.replace(records, base, layout, only)
  }

  /** How the nodes compare, as a number. */
  compare(records: Int32Array, base: number, layout: Layout): number {
    const nodes = this.rows.nodes
    const keys = this.rows.keys
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i] as number
      const local = componentAt(layout, node, records, base)
      keys[i] = (this.rows.own[i] as Int32Array)[local] as number
    }
    return this.#compareKeys(keys)
  }

  /** From now on `compareStep` is about steps from the state with these components. */
  setState(components: Int32Array): void {
    const { nodes, own } = this.rows
    const keys = this.#keys
    for (let i = 0; i < nodes.length; i++) keys[i] = (own[i] as Int32Array)[components[nodes[i] as number] as number] as number
    const { compared } = this.rows
    const rest = this.#rest.fill(0)
    let result = 0
    for (let k = 0, counts = 1; k < compared.length; k += 2, counts *= 3) {
      const a = compared[k] as number
      const b = compared[k + 1] as number
      const part = counts * digitOf(keys[a] as number, keys[b] as number)
      result += part
      rest[a] = (rest[a] as number) - part
      rest[b] = (rest[b] as number) - part
    }
    this.#result = result
    for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] as number) + result
  }

  /** How the nodes compare after a step of one of them to `local`. */
  compareStep(node: number, local: number): number {
    const place = this.#placeOf[node] as number
    if (place < 0) return this.#result
    const { own } = this.rows
    const keys = this.#keys
    const key = (own[place] as Int32Array)[local] as number
    const others = this.#comparedWith[place] as Int32Array
    let result = this.#rest[place] as number
    for (let k = 0; k < others.length; k += 3) {
      const other = keys[others[k] as number] as number
      result += (others[k + 1] as number) * Math.abs((others[k + 2] as number) - digitOf(key, other))
    }
    return result
  }

  #compareKeys(keys: Int32Array): number {
    const { compared } = this.rows
    let result = 0
    for (let k = compared.length - 2; k >= 0; k -= 2)
      result = result * 3 + digitOf(keys[compared[k] as number] as number, keys[compared[k + 1] as number] as number)
    return result
  }

  /**
   * The permutations that take the nodes of the state, whatever is in flight, to those of the representative: they stand in `tied`, and there are so many.
   * Two states that have the same nodes up to names are thus taken to states with the same nodes.
   * @param result how its nodes compare
   */
  ties(result: number, records: Int32Array, base: number, layout: Layout): number {
    const first = this.rows.first[result] as number
    const count = this.rows.count[result] as number
    const tied = this.tied
    for (let i = 0; i < count; i++) tied[i] = this.rows.sorting[first + i] as number
    if (count === 1) return 1
    const sums = this.rows.sums
    this.#sumUpNodes(records, base, layout, first, count)
    let ties = 0
    for (let i = 0; i < count; i++) {
      if (ties > 0 && (sums[i] as number) > (sums[0] as number)) continue
      if (ties > 0 && (sums[i] as number) < (sums[0] as number)) ties = 0
      sums[0] = sums[i] as number
      tied[ties++] = this.rows.sorting[first + i] as number
    }
    return ties
  }

  /** The record becomes the least of its images under the permutations that sort nodes that compare so. */
  #takeLeast(result: number, records: Int32Array, base: number, layout: Layout): void {
    const { first, count, sorting } = this.rows
    const { width } = layout
    if (this.#images.length < 2 * width) this.#images = new Int32Array(2 * width)
    const images = this.#images
    const end = (first[result] as number) + (count[result] as number)
    // The least so far stands at `best`, the next is made in the other place.
    let best = 0
    let next = 0
    for (let i = first[result] as number; i < end; i++) {
      for (let w = 0; w < width; w++) images[next + w] = records[base + w] as number
      this.replace(images, next, layout, sorting[i] as number)
      if (best === next || isLess(images, next, best, layout)) {
        best = next
        next = width - next
      }
    }
    for (let w = 0; w < width; w++) records[base + w] = images[best + w] as number
  }

  /** The sums of the images under `count` permutations at `first …` in `#sorting`, without messages in flight. */
  #sumUpNodes(records: Int32Array, base: number, layout: Layout, first: number, count: number): void {
    const { components } = layout
    const sums = this.rows.sums
    const sorting = this.rows.sorting
    const { members } = this.rows.terms
    for (let i = 0; i < count; i++) sums[i] = 0
    for (let c = 0; c < components; c++) {
      const row = componentAt(layout, c, records, base) * members
      const rows = (this.rows.terms.components[c] as Ints).data
      for (let i = 0; i < count; i++) sums[i] = ((sums[i] as number) + (rows[row + (sorting[first + i] as number)] as number)) | 0
    }
  }

  /** The record at `base` becomes its image under permutation `g`. */
  replace(records: Int32Array, base: number, layout: Layout, g: number): void {
    if (g === 0) return
    if (layout !== this.#layout || (this.rows.bits[0] as Int32Array).length !== this.#known) this.#setLayout(layout)
    if (++this.#uses === this.#codeAfter) this.#code = imageCode(this.rows.bits, this.rows.terms.places.data, layout, this.#tuning)
    if (this.#code === undefined) this.#replaceByRows(records, base, layout, g)
    else this.#code(g, records, base, this.rows.terms.componentImages)
  }

  /** The same, without code. */
  #replaceByRows(records: Int32Array, base: number, layout: Layout, g: number): void {
    const { components, word, shift, bitsWord, bitsWords } = layout
    const terms = this.rows.terms
    const order = terms.members
    const image = this.#image
    for (let w = 0; w < bitsWord; w++) image[w] = 0
    for (let c = 0; c < components; c++) {
      const value = componentAt(layout, c, records, base)
      const place = terms.places.data[c * order + g] as number
      const w = word[place] as number
      image[w] = (image[w] as number) | (((terms.componentImages[c] as Ints).data[value * order + g] as number) << (shift[place] as number))
    }
    for (let w = 0; w < bitsWord; w++) records[base + w] = image[w] as number
    this.#replaceBits(records, base + bitsWord, bitsWords, g)
  }

  /** The messages at `at` become their image. They differ little from those that were permuted last: only where they do is the image of a message looked up. */
  #replaceBits(records: Int32Array, at: number, bitsWords: number, g: number): void {
    const from = this.#bitsFrom
    const to = this.#bitsTo
    const bitImages = this.rows.bits[g] as Int32Array
    const row = g * bitsWords
    for (let w = 0; w < bitsWords; w++) {
      const now = records[at + w] as number
      for (let bits = now ^ (from[row + w] as number); bits !== 0; bits &= bits - 1) {
        const bit = bitImages[w * 32 + lowestBit(bits)] as number
        const index = row + (bit >>> 5)
        to[index] = (to[index] as number) ^ (1 << (bit & 31))
      }
      from[row + w] = now
    }
    for (let w = 0; w < bitsWords; w++) records[at + w] = to[row + w] as number
  }

  #setLayout(layout: Layout): void {
    this.#layout = layout
    this.#known = (this.rows.bits[0] as Int32Array).length
    this.#uses = 0
    this.#code = undefined
    const { members } = this.rows.terms
    this.#bitsFrom = new Int32Array(members * layout.bitsWords)
    this.#bitsTo = new Int32Array(members * layout.bitsWords)
    this.#image = new Int32Array(layout.bitsWord)
  }
}

/** Less, equal or greater, as a digit. */
const digitOf = (left: number, right: number): number => (left >= right ? 1 : 0) + (left > right ? 1 : 0)

/** Is the record at `a` less than that at `b`, whatever the layout? By components, then by messages. */
const isLess = (records: Int32Array, a: number, b: number, layout: Layout): boolean => {
  const { components, bitsWord, width } = layout
  for (let c = 0; c < components; c++) {
    const left = componentAt(layout, c, records, a)
    const right = componentAt(layout, c, records, b)
    if (left !== right) return left < right
  }
  for (let w = bitsWord; w < width; w++) if (records[a + w] !== records[b + w]) return (records[a + w] as number) < (records[b + w] as number)
  return false
}

/** The rows that `SmallGroup` reads, kept up to the tables. */
export class SmallGroupTables {
  readonly rows: SmallGroupRows
  readonly #terms: Terms
  readonly #colours: Colours

  constructor(tables: Tables, standIn: StandIn) {
    const { symmetry } = tables
    this.#terms = new Terms(tables, standIn)
    this.#colours = new Colours(tables, standIn)
    const { nodeOf, blockOf } = this.#colours
    const every = [...nodeOf].flatMap((a, i) => [...nodeOf].flatMap((b, j) => (i < j && blockOf[i] === blockOf[j] && a >= 0 ? [[a, b] as const] : [])))
    const pairs = every.length > tables.tuning.comparedMax ? [] : every
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
      sums: new Int32Array(symmetry.groupSize),
    }
  }

  /** Adds what the tables have learnt, and makes them learn all images. */
  sync(): void {
    this.#terms.sync()
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
