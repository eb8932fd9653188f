import { mix } from '../../compile/hash.ts'
import { mayCompile } from '../image-code.ts'
import type { Layout } from '../layout.ts'

/** States that are looked at to choose what ownership goes by. */
const SAMPLE = 20_000

/** How likely two of these may fall into one class, times the workers: the parts of workers then differ by a fifth or so, and whoever has less helps the other. */
const COLLISIONS_MAX = 0.08

type OwnersCode = (records: Int32Array, n: number, owners: Uint16Array) => void

/**
 * To which worker a state belongs: a hash of the values of a few of its components (states of nodes, say). A step changes few components, so most
 * successors of a state belong to the worker that finds them, and need not be sent; nor are states with successors in common torn apart, so `Recent` goes
 * on to catch those. By a hash of the whole state half of the successors were another's (of two), and a third more had to be looked up.
 */
export class Owners {
  readonly #workers: number
  readonly #layout: Layout
  readonly #components: readonly number[]
  readonly #word: Int32Array
  readonly #shift: Int32Array
  readonly #mask: Int32Array
  readonly #code: OwnersCode | undefined

  /** @param components none: all of them, and the messages in flight */
  constructor(workers: number, components: readonly number[], layout: Layout) {
    this.#workers = workers
    this.#layout = layout
    this.#components = components
    const of = (fields: Int32Array): Int32Array => Int32Array.from(components, c => fields[c] as number)
    this.#word = of(layout.word)
    this.#shift = of(layout.shift)
    this.#mask = of(layout.mask)
    this.#code = components.length > 0 && mayCompile() ? this.#compile() : undefined
  }

  /** Puts the owners of the first `n` states of `records` into `owners`. */
  ofEach(records: Int32Array, n: number, owners: Uint16Array): void {
    const { width } = this.#layout
    if (this.#code !== undefined) this.#code(records, n, owners)
    else for (let i = 0; i < n; i++) owners[i] = this.of(records, i * width)
  }

  /** `ofEach` without its inner loop: half the time. */
  #compile(): OwnersCode {
    const fields = Array.from(this.#word, (word, i) => `(records[at + ${word}] >>> ${this.#shift[i]}) & ${this.#mask[i]}`)
    const code = new Function(
      'mixed',
      'ownerOf',
      `'use strict'
return (records, n, owners) => {
  for (let i = 0, at = 0; i < n; i++, at += ${this.#layout.width}) {
    let h = 0
    ${fields.map(field => `h = mixed(h, ${field})`).join('\n    ')}
    owners[i] = ownerOf(h, ${this.#workers})
  }
}`,
    )
    return code(mixed, ownerOf) as OwnersCode
  }

  /** The owner of the state whose record lies at `records[at] …`. It is the same in every layout. */
  of(records: Int32Array, at: number): number {
    const word = this.#word
    const shift = this.#shift
    const mask = this.#mask
    let h = this.#components.length === 0 ? this.#hashOfAll(records, at) : 0
    for (let i = 0; i < word.length; i++) h = mixed(h, ((records[at + (word[i] as number)] as number) >>> (shift[i] as number)) & (mask[i] as number))
    return ownerOf(h, this.#workers)
  }

  /** A layout may have more fields and words than another; what is 0 there does not count. */
  #hashOfAll(records: Int32Array, at: number): number {
    const { components, word, shift, mask, bitsWord, bitsWords } = this.#layout
    let h = 0
    for (let c = 0; c < components; c++) {
      const value = ((records[at + (word[c] as number)] as number) >>> (shift[c] as number)) & (mask[c] as number)
      if (value !== 0) h = mixed(h, mixed(c, value))
    }
    for (let w = 0; w < bitsWords; w++) {
      const bits = records[at + bitsWord + w] as number
      if (bits !== 0) h = mixed(h, mixed(~w, bits))
    }
    return h
  }

  /**
   * The components that ownership is to go by: as few as spread these states well over many classes. None if all of them do not.
   * @param count records, the last of which are looked at
   */
  static choose(workers: number, layout: Layout, records: Int32Array, count: number): number[] {
    const first = Math.max(0, count - SAMPLE)
    const chosen: number[] = []
    let keys = new Int32Array(count - first)
    while (chosen.length < layout.components) {
      let best: { readonly c: number; readonly keys: Int32Array<ArrayBuffer>; readonly collisions: number } | undefined
      for (let c = 0; c < layout.components; c++) {
        if (chosen.includes(c)) continue
        const [word, shift, mask] = [layout.word[c] as number, layout.shift[c] as number, layout.mask[c] as number]
        const refined = keys.map((key, i) => mixed(key, ((records[(first + i) * layout.width + word] as number) >>> shift) & mask))
        const collisions = collisionsOf(refined)
        if (best === undefined || collisions < best.collisions) best = { c, keys: refined, collisions }
      }
      if (best === undefined) break
      chosen.push(best.c)
      keys = best.keys
      if (best.collisions * workers <= COLLISIONS_MAX) return chosen
    }
    return []
  }
}

/** A hash of two numbers. */
const mixed = (h: number, x: number): number => Math.imul(h ^ x, 0x9e3779b1) ^ (h >>> 15)

const ownerOf = (h: number, workers: number): number => ((mix(h) >>> 0) * (workers / 4294967296)) | 0

/** How likely two of these are equal. */
const collisionsOf = (keys: Int32Array): number => {
  const counts = new Map<number, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  let sum = 0
  for (const n of counts.values()) sum += (n / keys.length) ** 2
  return sum
}
