import { combine } from '../../values/hash.ts'
import { Ints } from '../../values/ints.ts'

/** Integers of a move: class, sends, emits, broken step properties. */
const MOVE = 4

/** Sets of moves, interned: equal sets, and only those, have equal numbers, from 0; 0 is the empty one. */
export class Signatures {
  readonly #start = new Ints()
  readonly #data = new Ints(1024)
  readonly #hashes = new Ints()
  #slots = new Int32Array(1024).fill(-1)
  readonly #alone = new Map<number, number>()

  constructor() {
    this.#start.push(0)
    this.end()
  }

  begin(): void {
    this.#data.length = this.#start.data[this.#start.length - 1] as number
  }

  /** One more move, in its place among those added since `begin`, if it is not among them. */
  add(there: number, sends: number, emits: number, broken: number): void {
    const from = this.#start.data[this.#start.length - 1] as number
    let at = this.#data.length
    for (; at > from; at -= MOVE) {
      const order = this.#compare(at - MOVE, there, sends, emits, broken)
      if (order === 0) return
      if (order < 0) break
    }
    for (let i = 0; i < MOVE; i++) this.#data.push(0)
    const { data } = this.#data
    data.copyWithin(at + MOVE, at, this.#data.length - MOVE)
    data[at] = there
    data[at + 1] = sends
    data[at + 2] = emits
    data[at + 3] = broken
  }

  /** The number of the set of moves added since `begin`. */
  end(): number {
    const id = this.#start.length - 1
    const from = this.#start.data[id] as number
    const { data, length } = this.#data
    let hash = 0
    for (let i = from; i < length; i++) hash = combine(hash, data[i] as number)
    if (2 * id >= this.#slots.length) this.#grow()
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const known = this.#slots[slot] as number
      if (known >= 0 && !(this.#hashes.data[known] === hash && this.#equals(known, from))) continue
      if (known >= 0) return known
      this.#slots[slot] = id
      this.#hashes.push(hash)
      this.#start.push(length)
      return id
    }
  }

  /** A number that equals only that of the same `who`. */
  alone(who: number): number {
    const known = this.#alone.get(who)
    if (known !== undefined) return known
    this.begin()
    this.add(-1, this.#alone.size, 0, 0)
    const made = this.end()
    this.#alone.set(who, made)
    return made
  }

  /** The order of the move that begins at `at` and of another. */
  #compare(at: number, there: number, sends: number, emits: number, broken: number): number {
    const { data } = this.#data
    return (data[at] as number) - there || (data[at + 1] as number) - sends || (data[at + 2] as number) - emits || (data[at + 3] as number) - broken
  }

  #equals(known: number, from: number): boolean {
    const { data, length } = this.#data
    const start = this.#start.data[known] as number
    if ((this.#start.data[known + 1] as number) - start !== length - from) return false
    for (let i = from; i < length; i++) if (data[start + i - from] !== data[i]) return false
    return true
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1)
    const mask = this.#slots.length - 1
    for (let id = 0; id < this.#hashes.length; id++) {
      let slot = (this.#hashes.data[id] as number) & mask
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask
      this.#slots[slot] = id
    }
  }
}
