import type { Layout } from '../states/layout.ts'
import { DONE, GREW } from '../tables/step-tables.ts'
import { standardTuning } from '../tables/tuning.ts'
import { lowestBit } from '../values/bits.ts'

/** Places in a row in which a permutation may stand. */
const PROBES = 8

/**
 * Permutations that came up, and the images of messages under them. A permutation of a large group is known as a product of swaps, and the image of a message by one swap after the
 * other; here it is made once. Of two sets of messages that are permuted alike one after the other, most are in both: so the last set of each permutation stands beside
 * its image, and only what differs is looked up.
 *
 * Permutations stand by a hash of where they take each id. Of a group that is larger than there is room for, one that comes up takes the place of another.
 */
export class Permutations {
  readonly #lanes: number
  readonly #slots: number
  /** `swaps[a * lanes + b]`: the number of the swap of two ids. */
  readonly #swaps: Int32Array
  readonly #imageOfBit: (bit: number, swap: number) => number
  /** Where each permutation takes each id. */
  readonly #targets: Int32Array
  /** The swaps that make up each, in order, `chains[p * lanes] …`, and how many; -1 where no permutation stands. */
  readonly chains: Int32Array
  readonly lengths: Int32Array
  /** Where each takes each bit, or -1 while unknown. */
  #bits = new Int32Array(0)
  #words = 0
  /** The messages that each permuted last, and their image. */
  #from = new Int32Array(0)
  #to = new Int32Array(0)
  readonly #done: Uint8Array

  /**
   * @param imageOfBit where a swap takes a bit
   * @param slots how many permutations are remembered, a power of two, from 8 to 2^16
   */
  constructor(lanes: number, swaps: Int32Array, imageOfBit: (bit: number, swap: number) => number, slots = standardTuning.permutationSlots) {
    this.#lanes = lanes
    this.#swaps = swaps
    this.#imageOfBit = imageOfBit
    this.#slots = slots
    this.#targets = new Int32Array(slots * lanes)
    this.chains = new Int32Array(slots * lanes)
    this.lengths = new Int32Array(slots).fill(-1)
    this.#done = new Uint8Array(lanes)
  }

  /** Makes room for the messages of records that are laid out so. */
  setLayout({ bitsWords }: Pick<Layout, 'bitsWords'>): void {
    this.#words = bitsWords
    this.#bits = new Int32Array(this.#slots * bitsWords * 32)
    this.#from = new Int32Array(this.#slots * bitsWords)
    this.#to = new Int32Array(this.#slots * bitsWords)
    this.lengths.fill(-1)
  }

  /** The place of the permutation that takes each id to its place in `target[at] …`. */
  placeOf(target: Int32Array, at = 0): number {
    const lanes = this.#lanes
    let hash = 0
    for (let id = 0; id < lanes; id++) hash = Math.imul(hash ^ (target[at + id] as number), 0x9e3779b1)
    const first = (hash >>> 16) & (this.#slots - 1)
    let free = -1
    for (let probe = 0; probe < PROBES; probe++) {
      const p = (first + probe) & (this.#slots - 1)
      if ((this.lengths[p] as number) < 0) {
        free = p
        break
      }
      let id = 0
      while (id < lanes && this.#targets[p * lanes + id] === target[at + id]) id++
      if (id === lanes) return p
    }
    const p = free < 0 ? first : free
    this.#enter(p, target, at)
    return p
  }

  #enter(p: number, target: Int32Array, at: number): void {
    const words = this.#words
    for (let id = 0; id < this.#lanes; id++) this.#targets[p * this.#lanes + id] = target[at + id] as number
    this.#decompose(p)
    this.#bits.fill(-1, p * words * 32, (p + 1) * words * 32)
    this.#from.fill(0, p * words, (p + 1) * words)
    this.#to.fill(0, p * words, (p + 1) * words)
  }

  /** A permutation as swaps, one after the other: a cycle a → b → c → a is a ↔ b, then a ↔ c. */
  #decompose(p: number): void {
    const lanes = this.#lanes
    const targets = this.#targets
    const row = p * lanes
    const done = this.#done.fill(0)
    let length = 0
    for (let a = 0; a < lanes; a++) {
      if (done[a] === 1) continue
      for (let b = targets[row + a] as number; b !== a; b = targets[row + b] as number) {
        done[b] = 1
        this.chains[row + length++] = this.#swaps[a * lanes + b] as number
      }
    }
    this.lengths[p] = length
  }

  /** Writes the image of the messages at `source[at] …` under permutation `p` to `image[to] …`, which may be the same place: `DONE`, or `GREW` if it has a bit from `known` on. */
  permute(p: number, source: Int32Array, at: number, image: Int32Array, to: number, known: number): number {
    const words = this.#words
    if (this.lengths[p] === 0) {
      for (let w = 0; w < words; w++) image[to + w] = source[at + w] as number
      return DONE
    }
    const from = this.#from
    const last = this.#to
    const images = this.#bits
    const row = p * words
    for (let w = 0; w < words; w++) {
      const now = source[at + w] as number
      for (let bits = now ^ (from[row + w] as number); bits !== 0; bits &= bits - 1) {
        const bit = w * 32 + lowestBit(bits)
        let place = images[row * 32 + bit] as number
        if (place < 0) {
          place = this.#compose(p, bit)
          if (place >= known) {
            from[row + w] = now ^ bits
            return GREW
          }
          images[row * 32 + bit] = place
        }
        const index = row + (place >>> 5)
        last[index] = (last[index] as number) ^ (1 << (place & 31))
      }
      from[row + w] = now
    }
    for (let w = 0; w < words; w++) image[to + w] = last[row + w] as number
    return DONE
  }

  #compose(p: number, bit: number): number {
    const first = p * this.#lanes
    const end = first + (this.lengths[p] as number)
    let at = bit
    for (let i = first; i < end; i++) at = this.#imageOfBit(at, this.chains[i] as number)
    return at
  }
}
