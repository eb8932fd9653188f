import type { Layout } from '../states/layout.ts'
import { componentAt } from '../states/layout.ts'
import { hashUnder } from '../states/seen-set.ts'
import { DONE, GREW } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import type { Tuning } from '../tables/tuning.ts'
import { compareWords, Ints } from '../values/ints.ts'
import { addTerms, type Colours } from './colours.ts'
import { Partition, setFirst, Twins, tieOf } from './partition.ts'
import { Permutations } from './permutation-cache.ts'
import type { SwapImages } from './swap-images.ts'

/** What is known of a vector: how many permutations lead to its form, plus 1; the first of them; the form. */
const TIES = 0
const FIRST = 1
const FORM = 2

/**
 * For subsumption under groups that are not listed: the *form* of a state's nodes and observers, whatever is in flight, and all permutations that lead to it. States whose nodes are
 * the same up to names have the same form, so that they are kept in one list (search/subsumption.ts); and as nothing but messages tells the permutations apart, a state may cover any of the images under them.
 *
 * *Form.* Ids are sorted by colour (colours.ts), by what they are like by themselves, then by where else they occur, then by what they occur together with, as in large-group.ts, but without the messages.
 * In each tie that is left, and whose ids are not all twins, each id is set before the others in turn. Of the images under all that this ends in, the least is the form, compared by the numbers of its values.
 *
 * *All of them, and the same.* No decision depends on names, so for π(state) the same images are compared. If two permutations f and g lead to the form, then f⁻¹g fixes the nodes;
 * so it takes the partition into cells that f came from to one that was looked at as well: every permutation that leads to the form, among those that sort, is found.
 *
 * *Remembered.* All that depends on the words of a record before its messages, without budgets, which no one permutes. Steps change one node, so they lead to the same few vectors
 * again and again: one look-up finds the form and the permutations, and what remains is to permute messages (permutation-cache.ts).
 *
 * Many fields, as nothing may be allocated for a state: each array of a step has one.
 *
 * *Sound.* Each alternative is the image of the state under one member of the group, nodes and messages alike: each permutation is only listed once the nodes' own images under it, made swap by swap, came out as the form.
 * A mistake in the choice could only hide that two states are alike, and keep more. Where there are more than `tiesMax` permutations, as of many nodes in their initial state, they are not listed.
 */
export class NodeForms {
  readonly #colours: Colours
  readonly #images: SwapImages
  readonly #permutations: Permutations
  #layout: Layout | undefined
  /** Components of nodes and observers. */
  readonly #components: number
  /** Which bits of the words before the messages are theirs. */
  #mask = new Int32Array(0)
  /** What is remembered: rows of `TIES`, `FIRST`, the form, and the vector. */
  #table = new Int32Array(0)
  #stride = 0
  #count = 0
  /** Permutations, as the places to which each id goes. */
  readonly #targets = new Ints()
  #slots: number
  readonly #tuning: Tuning
  /** The row of the state that was looked at. */
  #at = 0
  /** Its values, the image under a permutation, and the least so far. */
  readonly #values: Int32Array
  #image: Int32Array
  #least: Int32Array
  /** Where the permutations that lead to the least begin, how many there are, and how many were tried. */
  #first = 0
  #ties = 0
  #tried = 0
  /** A value of an image has no row yet. */
  #grew = false
  readonly #target: Int32Array
  readonly #taken: Uint8Array
  readonly #cells: Int32Array[]
  readonly #partition: Partition
  readonly #pairs: Int32Array
  /** Of nodes and observers. */
  readonly #twins: Twins

  constructor(tables: Tables, colours: Colours, images: SwapImages) {
    const { tuning } = tables
    this.#tuning = tuning
    this.#slots = tuning.formSlots
    this.#colours = colours
    this.#images = images
    const { lanes } = colours
    let slots = tuning.permutationSlots
    while (slots < 4 * tables.symmetry.groupSize && slots < tuning.permutationsMax) slots *= 2
    this.#permutations = new Permutations(lanes, images.swaps, (bit, by) => images.imageOfBit(bit, by), slots)
    this.#components = tables.nodeCount + tables.observerNames.length
    this.#values = new Int32Array(this.#components)
    this.#image = new Int32Array(this.#components)
    this.#least = new Int32Array(this.#components)
    this.#target = new Int32Array(lanes)
    this.#taken = new Uint8Array(lanes)
    this.#cells = Array.from({ length: lanes + 1 }, () => new Int32Array(lanes))
    this.#partition = new Partition(lanes)
    this.#pairs = new Int32Array(lanes * lanes)
    this.#twins = new Twins(lanes, (a, b) => images.fixes(this.#values, images.swaps[a * lanes + b] as number))
  }

  /** How many images of the state at `base` have its form: what `write` can write. 0 if there are too many; or `GREW`. */
  find(records: Int32Array, base: number, layout: Layout): number {
    if (layout !== this.#layout) this.#setLayout(layout)
    const mask = this.#mask
    const words = mask.length
    const stride = this.#stride
    const hash = hashUnder(mask, records, base)
    let table = this.#table
    const vector = FORM + words
    let slot = hash & (this.#slots - 1)
    let at = slot * stride
    for (; table[at] !== 0; at = slot * stride) {
      let w = 0
      while (w < words && table[at + vector + w] === ((records[base + w] as number) & (mask[w] as number))) w++
      if (w === words) break
      slot = (slot + 1) & (this.#slots - 1)
    }
    if (table[at] === 0) {
      if (this.#makeRoom()) {
        table = this.#table
        at = (hash & (this.#slots - 1)) * stride
      }
      if (this.#findLeast(records, base, layout) === GREW) return GREW
      this.#note(at, records, base, layout)
    }
    this.#at = at
    return (table[at + TIES] as number) - 1
  }

  /** Writes the image of the state at `base` under permutation `k` of those that `find` counted to `to`, which may be `base`. `DONE`, or `GREW`: then `find` is to be asked again. */
  write(k: number, records: Int32Array, base: number, to: number): number {
    const table = this.#table
    const mask = this.#mask
    const words = mask.length
    const at = this.#at
    for (let w = 0; w < words; w++) records[to + w] = (table[at + FORM + w] as number) | ((records[base + w] as number) & ~(mask[w] as number))
    const { lanes, bits } = this.#colours
    const permutation = this.#permutations.placeOf(this.#targets.data, (table[at + FIRST] as number) + k * lanes)
    return this.#permutations.permute(permutation, records, base + words, records, to + words, bits.length / lanes)
  }

  #setLayout(layout: Layout): void {
    this.#layout = layout
    const { word, shift, mask, bitsWord } = layout
    this.#mask = new Int32Array(bitsWord)
    for (let c = 0; c < this.#components; c++) {
      const w = word[c] as number
      this.#mask[w] = (this.#mask[w] as number) | ((mask[c] as number) << (shift[c] as number))
    }
    this.#permutations.setLayout(layout)
    this.#stride = FORM + 2 * bitsWord
    this.#slots = this.#tuning.formSlots
    this.#forget()
  }

  /** Forgets all if there is no room for one more; whether it did. */
  #makeRoom(): boolean {
    const isFull = this.#count * 2 >= this.#slots
    if (!isFull && this.#targets.length < this.#tuning.formTargetsMax * this.#colours.lanes) return false
    if (isFull && this.#slots < this.#tuning.formSlotsMax) this.#slots *= 4
    this.#forget()
    return true
  }

  #forget(): void {
    const length = this.#slots * this.#stride
    if (this.#table.length === length) this.#table.fill(0)
    else this.#table = new Int32Array(length)
    this.#count = 0
    this.#targets.length = 0
  }

  /** Remembers what was found. */
  #note(at: number, records: Int32Array, base: number, { word, shift }: Layout): void {
    const table = this.#table
    const mask = this.#mask
    const form = at + FORM
    const vector = form + mask.length
    table[at + TIES] = this.#ties + 1
    table[at + FIRST] = this.#first
    for (let w = 0; w < mask.length; w++) {
      table[form + w] = 0
      table[vector + w] = (records[base + w] as number) & (mask[w] as number)
    }
    for (let c = 0; c < this.#components; c++) {
      const w = form + (word[c] as number)
      table[w] = (table[w] as number) | ((this.#least[c] as number) << (shift[c] as number))
    }
    this.#count++
  }

  /** Finds the least image, and lists the permutations that lead to it, `#ties` of them from `#first` on; 0 if there are too many. `DONE` or `GREW`. */
  #findLeast(records: Int32Array, base: number, layout: Layout): number {
    const values = this.#values
    for (let c = 0; c < values.length; c++) values[c] = componentAt(layout, c, records, base)
    this.#first = this.#targets.length
    this.#ties = 0
    this.#tried = 0
    this.#grew = false
    this.#twins.forget()
    if (this.#sort(this.#cells[0] as Int32Array)) {
      this.#pairs.fill(0)
      for (let c = 0; c < values.length; c++) addTerms(this.#pairs, this.#colours.pairsOf(c, values[c] as number))
      this.#untie(0)
    } else this.#arrange(this.#cells[0] as Int32Array)
    if (this.#tried > this.#tuning.tiesMax) this.#ties = 0
    if (this.#grew || this.#ties === 0) this.#targets.length = this.#first
    return this.#grew ? GREW : DONE
  }

  /** Sorts by what the ids are like, nodes first by themselves; whether any two are alike. */
  #sort(cell: Int32Array): boolean {
    const { lanes, blockOf, nodeOf, own } = this.#colours
    const { keys } = this.#partition
    const values = this.#values
    let first = 0
    for (let id = 0; id < lanes; id++) {
      if (blockOf[id] !== blockOf[first]) first = id
      cell[id] = first
      const node = nodeOf[id] as number
      keys[id] = node < 0 ? 0 : ((own[node] as Ints).data[values[node] as number] as number)
    }
    if (!this.#partition.part(cell)) return false
    keys.fill(0)
    this.#colours.addComponents(keys, values)
    return this.#partition.part(cell)
  }

  #untie(depth: number): void {
    const cell = this.#cells[depth] as Int32Array
    this.#partition.refine(cell, this.#pairs)
    const tie = tieOf(cell, this.#twins.are)
    if (tie < 0) {
      this.#arrange(cell)
      return
    }
    const next = this.#cells[depth + 1] as Int32Array
    for (let id = 0; id < cell.length && !this.#grew && this.#tried <= this.#tuning.tiesMax; id++) {
      if (cell[id] !== tie) continue
      setFirst(cell, id, next)
      this.#untie(depth + 1)
    }
  }

  /** Tries the permutations that take the ids of each cell to its places in any order, unless there are too many. */
  #arrange(cell: Int32Array): void {
    let arrangements = 1
    for (let id = 0; id < cell.length; id++) {
      let alike = 1
      for (let other = 0; other < id; other++) if (cell[other] === cell[id]) alike++
      arrangements *= alike
    }
    this.#tried += arrangements
    if (this.#tried <= this.#tuning.tiesMax) this.#place(cell, 0)
  }

  /** Places the ids from `id` on, in all ways. */
  #place(cell: Int32Array, id: number): void {
    if (id === cell.length) {
      this.#try()
      return
    }
    const taken = this.#taken
    let place = cell[id] as number
    for (let other = 0; other < cell.length && !this.#grew; other++) {
      if (cell[other] !== cell[id]) continue
      if (taken[place] === 0) {
        taken[place] = 1
        this.#target[id] = place
        this.#place(cell, id + 1)
        taken[place] = 0
      }
      place++
    }
  }

  /** Lists the permutation that takes each id to its place, if its image is the least so far. */
  #try(): void {
    const { lanes } = this.#colours
    const { chains, lengths } = this.#permutations
    const permutation = this.#permutations.placeOf(this.#target)
    const first = permutation * lanes
    const image = this.#image
    if (!this.#images.apply(this.#values, image, chains, first, first + (lengths[permutation] as number))) {
      this.#grew = true
      return
    }
    const order = this.#ties === 0 ? -1 : compareWords(image, this.#least)
    if (order > 0) return
    if (order < 0) {
      this.#image = this.#least
      this.#least = image
      this.#ties = 0
      this.#targets.length = this.#first
    }
    this.#ties++
    for (let id = 0; id < lanes; id++) this.#targets.push(this.#target[id] as number)
  }
}
