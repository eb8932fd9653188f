import { hashKey } from '../states/seen-set.ts'
import { standardTuning, type Tuning } from '../tables/tuning.ts'
import type { Successors } from './successors.ts'

/**
 * The records that were looked up last, one for each value of some bits of their hash: a successor found here was seen, and costs no cache
 * miss. Two thirds and more of all look-ups end here (`bench/`), since neighbouring states have successors in common.
 *
 * No slot is ever empty: at first each holds a record whose place is another, so that it is equal to none that is looked for there.
 */
export class Recent {
  /** The low bits of a hash that tell its slot. */
  mask = 0
  #records = new Int32Array(0)
  #width = 0
  #asked = 0
  readonly #tuning: Tuning
  readonly #askedMax: number

  constructor(tuning = standardTuning) {
    this.#tuning = tuning
    this.#askedMax = tuning.recentAsked
  }

  /** Forgets everything: records in another layout are other records. */
  clear(): void {
    this.#width = 0
  }

  /** All slots, for records of `width` words. */
  slotsFor(width: number): Int32Array {
    if (width === this.#width && ++this.#asked !== this.#askedMax) return this.#records
    this.#width = width
    const { recentWordsFirst, recentWords, recentSlots } = this.#tuning
    const words = this.#asked < this.#askedMax ? recentWordsFirst : recentWords
    const slots = Math.max(recentSlots, 1 << (31 - Math.clz32(words / width)))
    this.mask = slots - 1
    const records = new Int32Array(slots * width)
    this.#records = records
    const zeros = new Int32Array(width)
    const slotOfZeros = hashKey(zeros, 0, width) & this.mask
    const other = Int32Array.from(zeros)
    while ((hashKey(other, 0, width) & this.mask) === slotOfZeros) other[0] = (other[0] as number) + 1
    records.set(other, slotOfZeros * width)
    return records
  }

  /** Keeps those of the first `n` successors that were not looked up just now, in their order, with their parents; returns how many. */
  filter(successors: Successors, n: number, parents: Int32Array | undefined): number {
    const { records, hashes, layout } = successors
    const { width } = layout
    const known = this.slotsFor(width)
    const { mask } = this
    let kept = 0
    for (let i = 0; i < n; i++) {
      const hash = hashes[i] as number
      const at = i * width
      const there = (hash & mask) * width
      let w = 0
      while (w < width && known[there + w] === records[at + w]) w++
      if (w === width) continue
      for (w = 0; w < width; w++) known[there + w] = records[at + w] as number
      if (kept !== i) {
        const to = kept * width
        for (w = 0; w < width; w++) records[to + w] = records[at + w] as number
        hashes[kept] = hash
        if (parents !== undefined) parents[kept] = parents[i] as number
      }
      kept++
    }
    return kept
  }
}
