import { combine, mix } from './hash.ts'

/** A growing array of 32-bit integers. `data` is replaced when it grows: read it anew after a push. */
export class Ints {
  data: Int32Array
  length = 0

  constructor(capacity = 16) {
    this.data = new Int32Array(capacity)
  }

  push(x: number): number {
    if (this.length === this.data.length) this.data = grown(this.data, Math.max(16, this.length * 2))
    this.data[this.length] = x
    return this.length++
  }

  /** Makes room for indices below `length`; new places hold `fill`. */
  /** Takes the last away; there must be one. */
  pop(): number {
    return this.data[--this.length] as number
  }

  reach(length: number, fill = 0): void {
    if (length > this.data.length) this.data = grown(this.data, Math.max(length, this.data.length * 2))
    if (length > this.length) {
      if (fill !== 0) this.data.fill(fill, this.length, length)
      this.length = length
    }
  }

  /** From now on other threads may read what stands here, while this one does not write. */
  share(): this {
    this.data = shared(this.data)
    return this
  }
}

/** A longer copy, shared between threads if `data` is. */
export const grown = <Data extends Int32Array>(data: Data, length: number): Data => {
  const larger = zerosLike(data, length)
  larger.set(data)
  return larger
}

/** So many zeros, in memory that is shared between threads if that of `data` is. */
export const zerosLike = <Data extends Int32Array>(data: Data, length: number): Data =>
  (isShared(data) ? new Int32Array(new SharedArrayBuffer(length * 4)) : new Int32Array(length)) as Data

/** The same integers in memory that threads share; `data` itself if it is. */
export const shared = (data: Int32Array): Int32Array => {
  if (isShared(data)) return data
  const copy = new Int32Array(new SharedArrayBuffer(data.length * 4))
  copy.set(data)
  return copy
}

const isShared = ({ buffer }: Int32Array): boolean => typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer

/** A `PairMap` as plain data. */
export interface SharedPairMap {
  readonly a: Int32Array
  readonly b: Int32Array
  readonly value: Int32Array
}

/** Numbers from 0 by row and column, in rows as long as they need be: for what is known of few rows and dense columns. */
export class Rows {
  readonly #rows: Ints[] = []

  /** The number, or -1. */
  get(row: number, column: number): number {
    const ints = this.#rows[row]
    return ints === undefined || column >= ints.length ? -1 : (ints.data[column] as number) - 1
  }

  set(row: number, column: number, value: number): number {
    while (this.#rows.length <= row) this.#rows.push(new Ints())
    const ints = this.#rows[row] as Ints
    ints.reach(column + 1)
    ints.data[column] = value + 1
    return value
  }
}

/** A hash map from pairs of non-negative integers to non-negative integers, in three flat arrays. */
export class PairMap {
  #a: Int32Array
  #b: Int32Array
  #value: Int32Array
  #mask: number
  size = 0

  constructor(capacity = 16) {
    this.#a = new Int32Array(capacity).fill(-1)
    this.#b = new Int32Array(capacity)
    this.#value = new Int32Array(capacity)
    this.#mask = capacity - 1
  }

  /** In an order that depends on nothing but the order in which they were set. */
  forEach(visit: (a: number, b: number, value: number) => void): void {
    for (let i = 0; i < this.#a.length; i++) if (this.#a[i] !== -1) visit(this.#a[i] as number, this.#b[i] as number, this.#value[i] as number)
  }

  /** The map as plain data, in memory that threads share: another thread may read it while this one does not write. */
  share(): SharedPairMap {
    this.#a = shared(this.#a)
    this.#b = shared(this.#b)
    this.#value = shared(this.#value)
    return { a: this.#a, b: this.#b, value: this.#value }
  }

  /** The map that `share` gave, to look into. */
  static of({ a, b, value }: SharedPairMap): PairMap {
    const map = new PairMap(0)
    map.#a = a
    map.#b = b
    map.#value = value
    map.#mask = a.length - 1
    return map
  }

  /** The value, or -1. */
  get(a: number, b: number): number {
    let slot = mix(Math.imul(a, 0x9e3779b1) ^ b) & this.#mask
    for (;;) {
      const key = this.#a[slot] as number
      if (key === -1) return -1
      if (key === a && this.#b[slot] === b) return this.#value[slot] as number
      slot = (slot + 1) & this.#mask
    }
  }

  set(a: number, b: number, value: number): void {
    if (this.size * 2 > this.#mask) this.#grow()
    let slot = mix(Math.imul(a, 0x9e3779b1) ^ b) & this.#mask
    while (this.#a[slot] !== -1 && !(this.#a[slot] === a && this.#b[slot] === b)) slot = (slot + 1) & this.#mask
    if (this.#a[slot] === -1) this.size++
    this.#a[slot] = a
    this.#b[slot] = b
    this.#value[slot] = value
  }

  #grow(): void {
    const [a, b, value] = [this.#a, this.#b, this.#value]
    const capacity = a.length * 2
    this.#a = zerosLike(a, capacity).fill(-1)
    this.#b = zerosLike(b, capacity)
    this.#value = zerosLike(value, capacity)
    this.#mask = capacity - 1
    this.size = 0
    for (let i = 0; i < a.length; i++) if (a[i] !== -1) this.set(a[i] as number, b[i] as number, value[i] as number)
  }
}

/** Interns tuples of integers: equal tuples, and only those, have equal numbers, from 0. A hash table of the numbers, plus 1, in one flat array. */
export class Tuples {
  readonly items: (readonly number[])[] = []
  readonly #hashes = new Ints()
  #slots: Int32Array = new Int32Array(64)

  intern(tuple: readonly number[]): number {
    const hash = hashOf(tuple)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let known = this.#slots[slot] as number; known !== 0; known = this.#slots[slot] as number) {
      if (this.#hashes.data[known - 1] === hash && equal(this.items[known - 1] as readonly number[], tuple)) return known - 1
      slot = (slot + 1) & mask
    }
    const number = this.#hashes.push(hash)
    this.items.push(tuple)
    this.#slots[slot] = number + 1
    if (this.items.length * 2 > mask) this.#slots = spread(this.#hashes, capacityFor(this.items.length))
    return number
  }

  get size(): number {
    return this.items.length
  }
}

/** The capacity of a hash table of so many entries, of which at most half the slots are taken: a power of two. However many came at once, it is enough. */
export const capacityFor = (entries: number): number => {
  let capacity = 64
  while (entries * 2 >= capacity) capacity *= 2
  return capacity
}

/** Slots of open addressing, a power of two of them, in which each number from 0, plus 1, stands by its hash; 0 is free. */
export const spread = (hashes: Ints, capacity: number): Int32Array => {
  const slots = new Int32Array(capacity)
  for (let number = 0; number < hashes.length; number++) {
    let slot = (hashes.data[number] as number) & (capacity - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (capacity - 1)
    slots[slot] = number + 1
  }
  return slots
}

const hashOf = (tuple: readonly number[]): number => {
  let hash = tuple.length
  for (let i = 0; i < tuple.length; i++) hash = combine(hash, tuple[i] as number)
  return hash
}

const equal = (a: readonly number[], b: readonly number[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** The bits that are set in a word of 32. */
export const bitCount = (word: number): number => {
  let n = word - ((word >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Of two arrays of one length: below 0 if the first is less, by the first words that differ, above if it is greater. */
export const compareWords = (a: Int32Array, b: Int32Array): number => {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  return i === a.length ? 0 : (a[i] as number) - (b[i] as number)
}
