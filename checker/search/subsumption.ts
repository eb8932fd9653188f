import type { Layout } from '../states/layout.ts'
import { hashUnder, type SeenSet } from '../states/seen-set.ts'
import type { Tables } from '../tables/tables.ts'
import { bitCount, grown, Ints } from '../values/ints.ts'

/** The answer of `subsumerOf` where a list is full. */
const TOO_MANY = -2

/**
 * Subsumption. A state *covers* another if it has the same nodes and observers, and at least its messages in flight and its budgets.
 * Then it can do whatever the other can, and what they become is again so related (Abdulla et al. 1996, well-structured transition systems).
 *
 * Where it is sound. Handlers see their node and one message, so a message more takes no step away, neither does a fault left over; and
 * dead messages are dropped by the state of their receiver alone, alike from both. So if a state breaks a property over nodes, observers or steps
 * of nodes, so does one that covers it, after no more steps: the covered one need not be kept. Where messages in flight are looked at, or where it is asked
 * that something be stuck, or stay possible, more messages are not the same: there it is not used (check/sound-for.ts). Nor where there is a bound on them: then more messages take steps away. Nor for `fifo`, whose queues hold messages up.
 *
 * In other orders than breadth-first, any state may cover any other. Breadth-first a state is only compared with states that are no deeper, so shortest lengths are kept:
 * for each state of the protocol, one that covers it was expanded, and was met no later.
 *
 * The states that are not covered form an antichain for each vector of nodes and observers: a list, found by a hash of that vector.
 */
export class Subsumption {
  readonly #seen: SeenSet
  readonly #tables: Tables
  #layout: Layout
  /** Which bits of the words before the messages belong to nodes and observers. */
  #keyMask: Int32Array
  /** The components of budgets. */
  #budgets: number[] = []
  /** The first state of a list, plus 1. */
  #heads: Int32Array
  #lists = 0
  /** For each state the next of its list, plus 1. */
  #next: Int32Array
  /** 1 where a state was covered by one that came later. */
  #subsumed: Uint8Array
  readonly #listMax: number
  /** See `largestLast`. */
  readonly #sorted = new Ints()
  readonly #sizes = new Ints()

  /** @param listMax keep no more states with the same nodes and observers than so many; below Infinity the search sees only some of what is reachable */
  constructor(tables: Tables, seen: SeenSet, layout: Layout, listMax: number) {
    this.#tables = tables
    const { subsumptionSlots } = tables.tuning
    this.#heads = new Int32Array(subsumptionSlots)
    this.#next = new Int32Array(subsumptionSlots)
    this.#subsumed = new Uint8Array(subsumptionSlots)
    this.#seen = seen
    this.#layout = layout
    this.#keyMask = new Int32Array(0)
    this.#listMax = listMax
    this.#setLayout(layout)
  }

  get bytes(): number {
    return this.#heads.byteLength + this.#next.byteLength + this.#subsumed.byteLength
  }

  /** Bytes that it takes for a moment when `ahead` more states make it grow. */
  growthBytes(ahead: number): number {
    const heads = (this.#lists + ahead) * 2 > this.#heads.length ? this.#heads.byteLength * 4 : 0
    const states = this.#seen.count + ahead >= this.#next.length ? (this.#next.byteLength + this.#subsumed.byteLength) * 2 : 0
    return heads + states
  }

  /** Was the state covered by one that came later, but not deeper? Then it need not be expanded. */
  isSubsumed(number: number): boolean {
    return this.#subsumed[number] === 1
  }

  #setLayout(layout: Layout): void {
    this.#layout = layout
    const { nodeCount, observerNames, fixedComponents } = this.#tables
    const first = nodeCount + observerNames.length
    this.#budgets = Array.from({ length: fixedComponents - first }, (_, i) => first + i)
    this.#keyMask = new Int32Array(layout.bitsWord)
    for (let c = 0; c < first; c++) {
      const w = layout.word[c] as number
      this.#keyMask[w] = (this.#keyMask[w] as number) | ((layout.mask[c] as number) << (layout.shift[c] as number))
    }
  }

  /** After records were laid out anew: finds all lists by their new hash. */
  relaid(layout: Layout): void {
    const old = this.#heads
    this.#setLayout(layout)
    this.#heads = new Int32Array(old.length)
    for (const head of old) if (head !== 0) this.#heads[this.#slot(this.#seen.keys, (head - 1) * this.#seen.width)] = head
  }

  /**
   * After the seen set was restored: what was dropped, and the order of each list, follow from the order of the states.
   *
   * @param levels the first state of each level, breadth-first
   */
  restored(layout: Layout, levels: readonly number[]): void {
    this.#setLayout(layout)
    for (let number = 0, level = 0; number < this.#seen.count; number++) {
      while (level + 1 < levels.length && (levels[level + 1] as number) <= number) level++
      this.insert(number, levels[level] ?? 0)
    }
  }

  /** A state that is kept and covers that at `records[at] …`, the next one after `after` if there is one; -1 if none does, `TOO_MANY` if no more are kept. */
  subsumerOf(records: Int32Array, at: number, after = -1): number {
    return this.#subsumerIn((after < 0 ? this.#heads[this.#slot(records, at)] : this.#next[after]) as number, records, at)
  }

  /** The same for `count` images of a state, one of which is enough: they follow one another. Nearly always they have the same nodes, and so one list. */
  subsumerOfAny(records: Int32Array, at: number, count: number): number {
    const { width } = this.#seen
    const head = this.#heads[this.#slot(records, at)] as number
    let by = this.#subsumerIn(head, records, at)
    for (let k = 1; k < count && by === -1; k++) {
      const image = at + k * width
      by = this.#sameNodes(records, at, records, image) ? this.#subsumerIn(head, records, image) : this.subsumerOf(records, image)
    }
    return by
  }

  /** Of the states of a list from `first` on (a number plus 1). */
  #subsumerIn(first: number, records: Int32Array, at: number): number {
    const { keys, width } = this.#seen
    const next = this.#next
    let length = 0
    for (let entry = first; entry !== 0; entry = next[entry - 1] as number, length++)
      if (this.#isLarger(keys, (entry - 1) * width, records, at)) return entry - 1
    return length >= this.#listMax ? TOO_MANY : -1
  }

  /** Does the first of two states with the same nodes have all that the second has? */
  #isLarger(a: Int32Array, at: number, b: Int32Array, bt: number): boolean {
    const { width, bitsWord, word, shift, mask } = this.#layout
    for (let w = bitsWord; w < width; w++) if (((b[bt + w] as number) & ~(a[at + w] as number)) !== 0) return false
    for (const c of this.#budgets) {
      const w = word[c] as number
      const by = shift[c] as number
      const field = mask[c] as number
      if ((((a[at + w] as number) >>> by) & field) < (((b[bt + w] as number) >>> by) & field)) return false
    }
    return true
  }

  /** Do the two have the same nodes and observers, and does the first cover the second? */
  subsumes(a: Int32Array, at: number, b: Int32Array, bt: number): boolean {
    return this.#sameNodes(a, at, b, bt) && this.#isLarger(a, at, b, bt)
  }

  #sameNodes(a: Int32Array, at: number, b: Int32Array, bt: number): boolean {
    const mask = this.#keyMask
    for (let w = 0; w < mask.length; w++) if ((((a[at + w] as number) ^ (b[bt + w] as number)) & (mask[w] as number)) !== 0) return false
    return true
  }

  /**
   * Keeps a state that is not covered; those of its list that it covers are dropped.
   *
   * @param from states from this number on are no deeper than it: only those need no longer be expanded
   */
  insert(number: number, from: number): void {
    if (number >= this.#next.length) {
      this.#next = grown(this.#next, number * 2)
      const larger = new Uint8Array(this.#next.length)
      larger.set(this.#subsumed)
      this.#subsumed = larger
    }
    const { keys, width } = this.#seen
    const next = this.#next
    const at = number * width
    const slot = this.#slot(keys, at)
    let head = this.#heads[slot] as number
    let before = 0
    for (let entry = head; entry !== 0; ) {
      const after = next[entry - 1] as number
      if (this.#isLarger(keys, at, keys, (entry - 1) * width)) {
        if (entry > from) this.#subsumed[entry - 1] = 1
        if (before === 0) head = after
        else next[before - 1] = after
      } else before = entry
      entry = after
    }
    next[number] = head
    if (this.#heads[slot] === 0) this.#lists++
    this.#heads[slot] = number + 1
    if (this.#lists * 2 > this.#heads.length) this.#grow()
  }

  /** The states from number `first` on, that with the most messages in flight last: what it leads to may cover what the others lead to. Good until asked again. */
  largestLast(first: number): Ints {
    const { bitsWord, width } = this.#layout
    const { keys, count } = this.#seen
    const sorted = this.#sorted
    const sizes = this.#sizes
    sorted.length = 0
    sizes.reach(count - first)
    for (let number = first; number < count; number++) {
      let size = 0
      for (let w = bitsWord; w < width; w++) size += bitCount(keys[number * width + w] as number)
      let at = sorted.length
      sorted.push(number)
      for (; at > 0 && (sizes.data[at - 1] as number) > size; at--) {
        sorted.data[at] = sorted.data[at - 1] as number
        sizes.data[at] = sizes.data[at - 1] as number
      }
      sorted.data[at] = number
      sizes.data[at] = size
    }
    return sorted
  }

  #slot(records: Int32Array, at: number): number {
    const heads = this.#heads
    const { keys, width } = this.#seen
    let slot = hashUnder(this.#keyMask, records, at) & (heads.length - 1)
    for (;;) {
      const head = heads[slot] as number
      if (head === 0 || this.#sameNodes(keys, (head - 1) * width, records, at)) return slot
      slot = (slot + 1) & (heads.length - 1)
    }
  }

  #grow(): void {
    const old = this.#heads
    this.#heads = new Int32Array(old.length * 4)
    for (const head of old) if (head !== 0) this.#heads[this.#slot(this.#seen.keys, (head - 1) * this.#seen.width)] = head
  }
}
