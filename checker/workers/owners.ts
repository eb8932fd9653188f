import type { Layout } from '../states/layout.ts'
import { componentAt } from '../states/layout.ts'
import { mayCompile } from '../symmetry/image-code.ts'
import { mix } from '../values/hash.ts'

/** How likely two states may fall into one class, times the workers: later levels are others, and with few classes nearly all of one may be one worker's. */
const ALIKE_MAX = 0.25

/** Times this must a further component leave what is to be sent: the fewer there are, the fewer states are found by two workers, and looked up by both. */
const WORTH = 0.8

/** Half of what normal deviates deviate on average, in standard deviations: so much is above the mean. */
const DEVIATION = 0.4

/** Steps of the search: the records of a state and of its successor, for each. */
export interface Steps {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly count: number
}

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
    else for (let i = 0; i < n; i++) owners[i] = this.ownerOf(records, i * width)
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
  ownerOf(records: Int32Array, at: number): number {
    const word = this.#word
    const shift = this.#shift
    const mask = this.#mask
    let h = this.#components.length === 0 ? this.#hashOfAll(records, at) : 0
    for (let i = 0; i < word.length; i++) h = mixed(h, ((records[at + (word[i] as number)] as number) >>> (shift[i] as number)) & (mask[i] as number))
    return ownerOf(h, this.#workers)
  }

  /** A layout may have more fields and words than another; what is 0 there does not count. */
  #hashOfAll(records: Int32Array, at: number): number {
    const layout = this.#layout
    const { components, bitsWord, bitsWords } = layout
    let h = 0
    for (let c = 0; c < components; c++) {
      const value = componentAt(layout, c, records, at)
      if (value !== 0) h = mixed(h, mixed(c, value))
    }
    for (let w = 0; w < bitsWords; w++) {
      const bits = records[at + bitsWord + w] as number
      if (bits !== 0) h = mixed(h, mixed(~w, bits))
    }
    return h
  }

  /**
   * The components that ownership is to go by: those by which the fewest states would have to be sent, to judge by these steps. None if even by all of them too
   * many states are alike.
   */
  static choose(workers: number, layout: Layout, steps: Steps): number[] {
    const chosen: number[] = []
    let classes: Classes = { from: new Int32Array(steps.count), to: new Int32Array(steps.count), alike: 1, sent: Infinity }
    while (chosen.length < layout.components) {
      let best: { readonly c: number; readonly classes: Classes } | undefined
      for (let c = 0; c < layout.components; c++) {
        if (chosen.includes(c)) continue
        const refined = refine(workers, layout, steps, classes, c)
        if (best === undefined || refined.sent < best.classes.sent) best = { c, classes: refined }
      }
      if (best === undefined || (isSpread(workers, classes) && best.classes.sent >= classes.sent * WORTH)) break
      chosen.push(best.c)
      classes = best.classes
    }
    return isSpread(workers, classes) ? chosen : []
  }
}

/** The classes of the ends of steps, by the components that were chosen so far. */
interface Classes {
  readonly from: Int32Array
  readonly to: Int32Array
  /** How likely two states are in one class. */
  readonly alike: number
  /** The share of states that would have to be sent. */
  readonly sent: number
}

const isSpread = (workers: number, { alike }: Classes): boolean => alike * workers <= ALIKE_MAX

/** The classes by one component more. */
const refine = (workers: number, layout: Layout, { from, to, count }: Steps, classes: Classes, c: number): Classes => {
  const { width } = layout
  const [word, shift, mask] = [layout.word[c] as number, layout.shift[c] as number, layout.mask[c] as number]
  const refined = (keys: Int32Array, records: Int32Array): Int32Array => {
    const result = new Int32Array(count)
    for (let i = 0; i < count; i++) result[i] = mixed(keys[i] as number, ((records[i * width + word] as number) >>> shift) & mask)
    return result
  }
  const [fromClasses, toClasses] = [refined(classes.from, from), refined(classes.to, to)]
  const alike = chanceAlike(toClasses)
  return { from: fromClasses, to: toClasses, alike, sent: shareSent(workers, fromClasses, toClasses, alike) }
}

/** A hash of two numbers. */
const mixed = (h: number, x: number): number => Math.imul(h ^ x, 0x9e3779b1) ^ (h >>> 15)

const ownerOf = (h: number, workers: number): number => ((mix(h) >>> 0) * (workers / 4294967296)) | 0

/**
 * The share of states that would have to be sent: those of another worker than their parent's, and those whose parents another worker expands, as it has less to do. The latter is as
 * large as here, but at least what chance makes it where so many are alike: later levels are others.
 */
const shareSent = (workers: number, from: Int32Array, to: Int32Array, alike: number): number => {
  const owned = new Int32Array(workers)
  let moved = 0
  for (let i = 0; i < to.length; i++) {
    const owner = ownerOf(to[i] as number, workers)
    owned[owner] = (owned[owner] as number) + 1
    if (ownerOf(from[i] as number, workers) !== owner) moved++
  }
  const stolen = owned.reduce((sum, n) => sum + Math.max(0, n / to.length - 1 / workers), 0)
  return moved / to.length + Math.max(stolen, DEVIATION * Math.sqrt(alike * (workers - 1)))
}

/** How likely two of these are equal. */
const chanceAlike = (keys: Int32Array): number => {
  const counts = new Map<number, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  let sum = 0
  for (const n of counts.values()) sum += (n / keys.length) ** 2
  return sum
}
