import type { Layout } from '../states/layout.ts'
import { componentAt } from '../states/layout.ts'
import { DONE, GREW } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import { lowestBit } from '../values/bits.ts'
import { compareWords, type Ints } from '../values/ints.ts'
import { addTerms, Colours } from './colours.ts'
import type { StandIn } from './images.ts'
import { NodeForms } from './node-forms.ts'
import { Partition, setFirst, Twins, tieOf } from './partition.ts'
import { Permutations } from './permutation-cache.ts'
import { SwapImages } from './swap-images.ts'

/**
 * The representative of a state's orbit under a group that is too large to list: n! permutations of n ids, where what is done here grows with n.
 *
 * *Choice.* The ids of each block are sorted by colour (colours.ts). Nodes are sorted first by what they are like by themselves, since a step seldom changes that.
 * Colours go with the ids under every permutation. So if they all differ, all members of an orbit are sorted into the same state.
 *
 * *Ties.* Ids of one colour are a tie. Nearly always they are *twins*: to swap them changes nothing. Then every arrangement gives the same state. Twins are an
 * equivalence, since the swaps of twins generate a group that fixes the state. So one id is compared with each of the others.
 *
 * Other ties are untied as in the search for a canonical form of a graph (McKay 1981). Colours are refined by those of the ids that an id occurs together with, until
 * nothing changes. If a tie is left, each of its ids in turn is set before the others, one of each set of twins. Of the images that this ends in, the least
 * is taken. Images are compared by the numbers of their values, which do not change.
 *
 * *The first image again.* Then some permutation fixes the state. It takes the id that was set first just now to the one in its place on the way to the first image, and
 * fixes those set before. So all else that may come of this id has come of that one, and is left out. So are ids that permutations so found take to one that was tried.
 * (Else nodes that each have a value of their own would be tried in n! ways.)
 *
 * *One for each orbit.* Every decision depends on colours, on what occurs with what, and on which ids are twins, never on names. So for π(state) the same
 * states are compared as for the state, up to swaps of twins. Equal hashes of different things only make ties.
 * That it *is* an image of the state needs none of this: what is applied is a product of swaps, each checked where the tables are filled.
 *
 * Many fields, as nothing may be allocated for a state: each array of a step has one.
 *
 * Images are made by swaps (swap-images.ts); of the permutations that come up often more is remembered (permutation-cache.ts).
 */
export class LargeGroup {
  readonly #colours: Colours
  readonly #images: SwapImages
  /** The state: the values of its components, and its bits, as words and, in ties, one by one. */
  #values = new Int32Array(0)
  #words = new Int32Array(0)
  #bits = new Int32Array(0)
  #bitCount = 0
  /** Bits that were summed up last, and the sums of their colours. */
  #summed = new Int32Array(0)
  readonly #sums: Int32Array
  /** An image of it, and the least so far. */
  #image = new Int32Array(0)
  #imageBits = new Int32Array(0)
  #least = new Int32Array(0)
  #leastBits = new Int32Array(0)
  /** The first image, and the permutation that led to it. */
  #first = new Int32Array(0)
  #firstBits = new Int32Array(0)
  readonly #firstTarget: Int32Array
  #hasFirst = false
  /** Of several images the least is looked for. */
  #unties = false
  /** The last image was the first again. */
  #isAlike = false
  /** A forest of the ids that permutations which fix the state, as far as such are known, take to one another. */
  readonly #orbits: Int32Array
  /** A value of an image has no row yet. */
  #grew = false
  readonly #permutations: Permutations
  /** The place to which each id goes. */
  readonly #target: Int32Array
  /** At each depth of the search through ties: the first place of the ids that are in a tie with each id. */
  readonly #cells: Int32Array[]
  readonly #partition: Partition
  readonly #pairs: Int32Array
  readonly #twins: Twins

  constructor(tables: Tables, standIn: StandIn) {
    const colours = new Colours(tables, standIn)
    const { lanes, blockOf } = colours
    this.#colours = colours
    this.#images = new SwapImages(tables, blockOf, standIn)
    this.#permutations = new Permutations(lanes, this.#images.swaps, (bit, by) => this.#images.imageOfBit(bit, by), tables.tuning.permutationSlots)
    this.#target = new Int32Array(lanes)
    this.#firstTarget = new Int32Array(lanes)
    this.#orbits = new Int32Array(lanes)
    this.#cells = Array.from({ length: lanes + 1 }, () => new Int32Array(lanes))
    this.#sums = new Int32Array(lanes)
    this.#partition = new Partition(lanes)
    this.#pairs = new Int32Array(lanes * lanes)
    this.#twins = new Twins(lanes, (a, b) => this.#isFixedBy(this.#images.swaps[a * lanes + b] as number))
  }

  /** What subsumption needs of the same group. */
  formsOf(tables: Tables): NodeForms {
    return new NodeForms(tables, this.#colours, this.#images)
  }

  /** Makes room for what the tables have learnt; if `closed`, all images of all that the tables hold are learnt too, and theirs. */
  sync(closed: boolean): void {
    this.#images.sync(closed)
    this.#colours.sync()
  }

  /** The record at `base` becomes the representative of its orbit: `DONE` or `GREW`. */
  choose(records: Int32Array, base: number, layout: Layout): number {
    const cell = this.#cells[0] as Int32Array
    let tied = this.#sort(cell, records, base, layout)
    if (!tied && this.#isIdentity(cell)) return DONE
    this.#unpack(records, base, layout)
    if (tied) {
      this.#sumUp()
      tied = this.#partition.part(cell)
      if (tied) this.#listBits()
    }
    this.#grew = false
    this.#hasFirst = false
    this.#isAlike = false
    this.#unties = false
    if (!tied) this.#apply(cell)
    else {
      this.#twins.forget()
      if (tieOf(cell, this.#twins.are) < 0) this.#apply(this.#spread(cell))
      else {
        this.#pairUp()
        for (let id = 0; id < this.#orbits.length; id++) this.#orbits[id] = id
        this.#unties = true
        this.#untie(0, true)
      }
    }
    if (this.#grew || this.#images.grew) return GREW
    this.#pack(records, base, layout)
    return DONE
  }

  /** Sorts by what nodes are like by themselves; whether any two are alike. */
  #sort(cell: Int32Array, records: Int32Array, base: number, layout: Layout): boolean {
    const { lanes, blockOf, nodeOf, own } = this.#colours
    const { keys } = this.#partition
    let first = 0
    for (let id = 0; id < lanes; id++) {
      if (blockOf[id] !== blockOf[first]) first = id
      cell[id] = first
      const node = nodeOf[id] as number
      keys[id] = node < 0 ? 0 : ((own[node] as Ints).data[componentAt(layout, node, records, base)] as number)
    }
    return this.#partition.part(cell)
  }

  /** The colours of all ids. */
  #sumUp(): void {
    const { lanes } = this.#colours
    this.#sumUpBits()
    const { keys } = this.#partition
    for (let id = 0; id < lanes; id++) keys[id] = this.#sums[id] as number
    this.#colours.addComponents(keys, this.#values)
  }

  /** What messages give to the colours: as they gave to those of the last state, but for those that only one of the two has. */
  #sumUpBits(): void {
    const { lanes, bits } = this.#colours
    const rows = bits.data
    const sums = this.#sums
    const words = this.#words
    for (let w = 0; w < words.length; w++) {
      const now = words[w] as number
      for (let changed = now ^ (this.#summed[w] as number); changed !== 0; changed &= changed - 1) {
        const low = changed & -changed
        const sign = (now & low) === 0 ? -1 : 1
        const row = (w * 32 + lowestBit(low)) * lanes
        for (let id = 0; id < lanes; id++) sums[id] = ((sums[id] as number) + sign * (rows[row + id] as number)) | 0
      }
      this.#summed[w] = now
    }
  }

  #isIdentity(target: Int32Array): boolean {
    for (let id = 0; id < target.length; id++) if (target[id] !== id) return false
    return true
  }

  /** A place for each id of a tie: its own, if that is one of those of the tie. */
  #spread(cell: Int32Array): Int32Array {
    const target = this.#target.fill(-1)
    const { lanes } = this.#colours
    for (let id = 0; id < lanes; id++) {
      let size = 0
      for (let other = 0; other < lanes; other++) if (cell[other] === cell[id]) size++
      if (id >= (cell[id] as number) && id < (cell[id] as number) + size) target[id] = id
    }
    for (let id = 0; id < lanes; id++) {
      if (target[id] !== -1) continue
      let place = cell[id] as number
      while (target.includes(place)) place++
      target[id] = place
    }
    return target
  }

  #isFixedBy(swap: number): boolean {
    if (!this.#images.fixes(this.#values, swap)) return false
    for (let i = 0; i < this.#bitCount; i++) {
      const image = this.#images.imageOfBit(this.#bits[i] as number, swap)
      if (image >>> 5 >= this.#words.length || (((this.#words[image >>> 5] as number) >>> (image & 31)) & 1) === 0) return false
    }
    return true
  }

  /** How often, and how, any two ids occur together in the state. */
  #pairUp(): void {
    const pairs = this.#pairs.fill(0)
    for (let c = 0; c < this.#values.length; c++) addTerms(pairs, this.#colours.pairsOf(c, this.#values[c] as number))
    for (let i = 0; i < this.#bitCount; i++) addTerms(pairs, this.#colours.pairsOfBit(this.#bits[i] as number))
  }

  /** @param first whether every id that was set before its tie was the first that was tried */
  #untie(depth: number, first: boolean): void {
    const cell = this.#cells[depth] as Int32Array
    this.#partition.refine(cell, this.#pairs)
    const tie = tieOf(cell, this.#twins.are)
    if (tie < 0) {
      this.#apply(this.#spread(cell))
      return
    }
    const next = this.#cells[depth + 1] as Int32Array
    for (let id = 0; id < cell.length; id++) {
      if (cell[id] !== tie || this.#hasTwinBefore(cell, id) || (first && this.#hasOfOrbitBefore(cell, id))) continue
      setFirst(cell, id, next)
      this.#untie(depth + 1, first && !this.#hasFirst)
      if (this.#grew) return
      if (!this.#isAlike) continue
      if (!first) return
      this.#isAlike = false
    }
  }

  #hasOfOrbitBefore(cell: Int32Array, id: number): boolean {
    for (let other = 0; other < id; other++) if (cell[other] === cell[id] && this.#orbitOf(other) === this.#orbitOf(id)) return true
    return false
  }

  #orbitOf(id: number): number {
    let root = id
    while (this.#orbits[root] !== root) root = this.#orbits[root] as number
    return root
  }

  #hasTwinBefore(cell: Int32Array, id: number): boolean {
    for (let other = 0; other < id; other++) if (cell[other] === cell[id] && this.#twins.are(other, id)) return true
    return false
  }

  /** The image of the state under the permutation that takes each id to its place; of several since the state was unpacked, the least is kept. */
  #apply(target: Int32Array): void {
    const { chains, lengths } = this.#permutations
    const permutation = this.#permutations.placeOf(target)
    const image = this.#image
    const words = this.#imageBits
    const { lanes, bits } = this.#colours
    const first = permutation * lanes
    if (!this.#images.apply(this.#values, image, chains, first, first + (lengths[permutation] as number))) {
      this.#grew = true
      return
    }
    if (this.#permutations.permute(permutation, this.#words, 0, words, 0, bits.length / lanes) === GREW) {
      this.#grew = true
      return
    }
    if (!this.#hasFirst) {
      this.#hasFirst = true
      if (this.#unties) {
        this.#first.set(image)
        this.#firstBits.set(words)
        this.#firstTarget.set(target)
      }
    } else if (compareWords(image, this.#first) === 0 && compareWords(words, this.#firstBits) === 0) {
      this.#isAlike = true
      for (let id = 0; id < lanes; id++) this.#orbits[this.#orbitOf(id)] = this.#orbitOf(this.#firstTarget.indexOf(target[id] as number))
      return
    } else if ((compareWords(image, this.#least) || compareWords(words, this.#leastBits)) >= 0) return
    this.#image = this.#least
    this.#imageBits = this.#leastBits
    this.#least = image
    this.#leastBits = words
  }

  #unpack(records: Int32Array, base: number, layout: Layout): void {
    const { components, bitsWord, bitsWords } = layout
    if (this.#values.length !== components || this.#words.length !== bitsWords) this.#makeRoom(layout)
    const values = this.#values
    for (let c = 0; c < components; c++) values[c] = componentAt(layout, c, records, base)
    for (let w = 0; w < bitsWords; w++) this.#words[w] = records[base + bitsWord + w] as number
  }

  #listBits(): void {
    const words = this.#words
    let count = 0
    for (let w = 0; w < words.length; w++) for (let bits = words[w] as number; bits !== 0; bits &= bits - 1) this.#bits[count++] = w * 32 + lowestBit(bits)
    this.#bitCount = count
  }

  #makeRoom(layout: Layout): void {
    const { components, bitsWords } = layout
    this.#values = new Int32Array(components)
    this.#image = new Int32Array(components)
    this.#least = new Int32Array(components)
    this.#first = new Int32Array(components)
    this.#words = new Int32Array(bitsWords)
    this.#imageBits = new Int32Array(bitsWords)
    this.#leastBits = new Int32Array(bitsWords)
    this.#firstBits = new Int32Array(bitsWords)
    this.#bits = new Int32Array(bitsWords * 32)
    this.#summed = new Int32Array(bitsWords)
    this.#sums.fill(0)
    this.#permutations.setLayout(layout)
  }

  /** Writes the image that was chosen over the record. */
  #pack(records: Int32Array, base: number, { components, word, shift, bitsWord, bitsWords }: Layout): void {
    for (let w = 0; w < bitsWord; w++) records[base + w] = 0
    for (let c = 0; c < components; c++) {
      const w = base + (word[c] as number)
      records[w] = (records[w] as number) | ((this.#least[c] as number) << (shift[c] as number))
    }
    for (let w = 0; w < bitsWords; w++) records[base + bitsWord + w] = this.#leastBits[w] as number
  }
}
