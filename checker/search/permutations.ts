import type { Layout } from './layout.ts'

/** Permutations that are remembered: far more than there are of 5 nodes, so that hardly two of those are looked for in one place. */
const SLOTS = 512

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
  /** `swaps[a * lanes + b]`: the number of the swap of two ids. */
  readonly #swaps: Int32Array
  readonly #imageOfBit: (bit: number, swap: number) => number
  /** Where each permutation takes each id. */
  readonly #targets: Int32Array
  /** The swaps that make up each, in order, `chains[p * lanes] …`, and how many; -1 where no permutation stands. */
  readonly chains: Int32Array
  readonly lengths = new Int32Array(SLOTS).fill(-1)
  /** Where each takes each bit, or -1 while unknown. */
  #bits = new Int32Array(0)
  #words = 0
  /** The messages that each permuted last, and their image. */
  #from = new Int32Array(0)
  #to = new Int32Array(0)
  readonly #done: Uint8Array

  /** @param imageOfBit where a swap takes a bit */
  constructor(lanes: number, swaps: Int32Array, imageOfBit: (bit: number, swap: number) => number) {
    this.#lanes = lanes
    this.#swaps = swaps
    this.#imageOfBit = imageOfBit
    this.#targets = new Int32Array(SLOTS * lanes)
    this.chains = new Int32Array(SLOTS * lanes)
    this.#done = new Uint8Array(lanes)
  }

  /** Makes room for the messages of records that are laid out so. */
  use({ bitsWords }: Pick<Layout, 'bitsWords'>): void {
    this.#words = bitsWords
    this.#bits = new Int32Array(SLOTS * bitsWords * 32)
    this.#from = new Int32Array(SLOTS * bitsWords)
    this.#to = new Int32Array(SLOTS * bitsWords)
    this.lengths.fill(-1)
  }

  /** The place of the permutation that takes each id to its place in `target`. */
  of(target: Int32Array): number {
    const lanes = this.#lanes
    let hash = 0
    for (let id = 0; id < lanes; id++) hash = Math.imul(hash ^ (target[id] as number), 0x9e3779b1)
    const first = hash >>> 23
    let free = -1
    for (let probe = 0; probe < PROBES; probe++) {
      const p = (first + probe) & (SLOTS - 1)
      if ((this.lengths[p] as number) < 0) {
        free = p
        break
      }
      let id = 0
      while (id < lanes && this.#targets[p * lanes + id] === target[id]) id++
      if (id === lanes) return p
    }
    const p = free < 0 ? first : free
    this.#take(p, target)
    return p
  }

  #take(p: number, target: Int32Array): void {
    const words = this.#words
    this.#targets.set(target, p * this.#lanes)
    this.#decompose(p, target)
    this.#bits.fill(-1, p * words * 32, (p + 1) * words * 32)
    this.#from.fill(0, p * words, (p + 1) * words)
    this.#to.fill(0, p * words, (p + 1) * words)
  }

  /** A permutation as swaps, one after the other: a cycle a → b → c → a is a ↔ b, then a ↔ c. */
  #decompose(p: number, target: Int32Array): void {
    const lanes = this.#lanes
    const done = this.#done.fill(0)
    let length = 0
    for (let a = 0; a < lanes; a++) {
      if (done[a] === 1) continue
      for (let b = target[a] as number; b !== a; b = target[b] as number) {
        done[b] = 1
        this.chains[p * lanes + length++] = this.#swaps[a * lanes + b] as number
      }
    }
    this.lengths[p] = length
  }

  /** Writes the image of messages under permutation `p`; false if it has a bit from `known` on. */
  permute(p: number, source: Int32Array, image: Int32Array, known: number): boolean {
    const words = this.#words
    const from = this.#from
    const to = this.#to
    const images = this.#bits
    const row = p * words
    for (let w = 0; w < words; w++) {
      const now = source[w] as number
      for (let bits = now ^ (from[row + w] as number); bits !== 0; bits &= bits - 1) {
        const bit = w * 32 + 31 - Math.clz32(bits & -bits)
        let at = images[row * 32 + bit] as number
        if (at < 0) {
          at = this.#compose(p, bit)
          if (at >= known) {
            from[row + w] = now ^ bits
            return false
          }
          images[row * 32 + bit] = at
        }
        const index = row + (at >>> 5)
        to[index] = (to[index] as number) ^ (1 << (at & 31))
      }
      from[row + w] = now
    }
    for (let w = 0; w < words; w++) image[w] = to[row + w] as number
    return true
  }

  #compose(p: number, bit: number): number {
    const first = p * this.#lanes
    const end = first + (this.lengths[p] as number)
    let at = bit
    for (let i = first; i < end; i++) at = this.#imageOfBit(at, this.chains[i] as number)
    return at
  }
}
