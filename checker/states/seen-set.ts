import { standardTuning, type Tuning } from '../tables/tuning.ts'
import { shared, zerosLike } from '../values/ints.ts'

/** Slots that lie in one line of the processor's cache. */
const LINE = 16
const IN_LINE = LINE - 1

/** Words before the first slot: the memory of a large array begins 16 bytes into a line. It matters for the time only. */
const BEFORE = LINE - 4

/** Words that the system gives at a time. */
const PAGE = 1 << 10

/** Of so many slots, so many at most hold an entry: with seven of eight, a look-up takes a third longer. */
const LOAD_OF = 4
const LOAD_MAX = 3

/** The longest array of integers, and the most slots: their places are integers of 32 bits with a sign. */
const WORDS_MAX = 2 ** 32 - 8
const SLOTS_MAX = 2 ** 31 - 2 * LINE

/** Where there are many words, room is asked for so many times what there is. */
const ROOM = 64

/** Keys that are looked up together: the lines that they need stay in a core's first cache meanwhile. */
const BATCH = 256

/** The parts that keys are sorted into when the index is filled anew, by the high bits of the hash, which are also those of the place: so many that one's slots fit into a core's own cache. */
const FILL_PARTS = 1 << 10
const FILL_SHIFT = 32 - 10

/**
 * The seen set: the states in the order of their discovery, and an index to find them by content.
 *
 * States are keys of `width` words, one after the other. So a state's number is its place, and a level of the search is a range:
 * no queue and no list of parents is needed. (A path is found again backwards, level by level; see search/corridor.ts.) The index is open
 * addressing; an entry holds the state's number plus 1 in its low bits and a tag from the hash in the rest, so that
 * hardly ever is a state looked at in vain. From the slot of its hash on, the slots of a line of the cache are tried in turn, around, before those of the next
 * ("walking the line": Laarman, van de Pol and Weber, "Boosting Multi-Core Reachability Performance with Shared Hash Tables", 2010), so few look-ups need
 * a second line. Memory: 4 · width bytes a state, and 5.3 to 9.3 for the index.
 *
 * Candidates are resolved in batches: first all first slots are touched, then the first entries that may be it are looked for, and their states touched, then they are
 * compared. The loads of each pass do not wait for one another, which is worth more than anything else here: nearly all of the time
 * of a search goes into cache misses.
 */
export class SeenSet {
  /** Words of a key. */
  width: number
  keys: Int32Array
  count = 0
  #index: Int32Array
  #slots: number
  /** Low bits of an entry that hold a number. */
  #numberBits: number
  /** For each key of a batch, the slot to compare it from. */
  readonly #found = new Int32Array(BATCH)
  /** After `addAll`, the places in the batch of the keys that were new, as many as were added. */
  fresh: Int32Array = new Int32Array(4_096)
  /** Defeats dead-code elimination of loads that are only to come early. */
  #sink = 0
  readonly #tuning: Tuning

  /** @param share whether other threads are to read the keys */
  constructor(width: number, { share = false, tuning = standardTuning } = {}) {
    this.#tuning = tuning
    this.width = width
    this.keys = new Int32Array(width * tuning.seenKeys)
    if (share) this.keys = shared(this.keys)
    this.#slots = tuning.seenSlots
    this.#numberBits = 31 - Math.clz32(tuning.seenSlots)
    this.#index = new Int32Array(this.#slots + BEFORE)
  }

  get bytes(): number {
    return this.count * this.width * 4 + this.#slots * 4
  }

  /** Bytes that it takes to grow, if it comes to that within `more` keys: where there is no room in place, the old and the new are there at once. Infinity if it cannot: then the search is to end. */
  growthBytes(more: number): number {
    const count = this.count + more
    if (count * this.width > WORDS_MAX) return Infinity
    const keys = count * this.width > this.keys.length ? this.count * this.width * 4 : 0
    if (count * LOAD_OF <= this.#slots * LOAD_MAX) return keys
    const slots = this.#slotsAfterGrowth()
    if (slots > SLOTS_MAX) return Infinity
    return keys + (BEFORE + slots > this.#index.length ? slots : slots - this.#slots) * 4 + Math.min(this.#tuning.seenFillKeys, this.count) * 8
  }

  /** The number of the key at `buffer[at] …`, or -1. */
  find(buffer: Int32Array, at: number, hash: number): number {
    const entry = this.#index[BEFORE + this.#slotOf(buffer, at, hash)] as number
    return (entry & ((1 << this.#numberBits) - 1)) - 1
  }

  /** Where the key is, or else the free slot where it would be put. */
  #slotOf(buffer: Int32Array, at: number, hash: number): number {
    const index = this.#index
    const slots = this.#slots
    const numberBits = this.#numberBits
    const numberMask = (1 << numberBits) - 1
    const { keys, width } = this
    const tag = hash << numberBits
    let slot = homeOf(hash, slots)
    const first = slot & IN_LINE
    for (let entry = index[BEFORE + slot] as number; entry !== 0; entry = index[BEFORE + slot] as number) {
      if ((entry ^ tag) >>> numberBits === 0) {
        const base = ((entry & numberMask) - 1) * width
        let w = 0
        while (w < width && keys[base + w] === buffer[at + w]) w++
        if (w === width) break
      }
      slot = slotAfter(slot, first, slots)
    }
    return slot
  }

  /** Adds the key if it is new; returns whether it was. */
  add(buffer: Int32Array, at: number, hash: number): boolean {
    this.#reserve(1)
    const { keys, width } = this
    const slot = this.#slotOf(buffer, at, hash)
    if (this.#index[BEFORE + slot] !== 0) return false
    const base = this.count * width
    for (let w = 0; w < width; w++) keys[base + w] = buffer[at + w] as number
    this.#index[BEFORE + slot] = (hash << this.#numberBits) | ++this.count
    return true
  }

  /** Adds those of `n` keys that are new, in their order; returns how many. `fresh` says which. */
  addAll(buffer: Int32Array, hashes: Int32Array, n: number): number {
    this.#reserve(n)
    if (n > this.fresh.length) this.fresh = new Int32Array(n * 2)
    const before = this.count
    for (let first = 0; first < n; first += BATCH) {
      const end = Math.min(n, first + BATCH)
      this.#touchSlots(hashes, first, end)
      this.#findSlots(hashes, first, end)
      this.#touchKeys(first, end)
      this.#addBatch(buffer, hashes, first, end, before)
    }
    return this.count - before
  }

  #touchSlots(hashes: Int32Array, first: number, end: number): void {
    const index = this.#index
    const slots = this.#slots
    const found = this.#found
    let sum = 0
    for (let i = first; i < end; i++) {
      const slot = homeOf(hashes[i] as number, slots)
      found[i - first] = slot
      sum ^= index[BEFORE + slot] as number
    }
    this.#sink ^= sum
  }

  /** In `#found`, for each hash: the first slot that is free or whose tag is right. What is entered meanwhile comes after it, or there. */
  #findSlots(hashes: Int32Array, first: number, end: number): void {
    const index = this.#index
    const slots = this.#slots
    const numberBits = this.#numberBits
    const found = this.#found
    for (let i = first; i < end; i++) {
      const tag = (hashes[i] as number) << numberBits
      let slot = found[i - first] as number
      const place = slot & IN_LINE
      for (let entry = index[BEFORE + slot] as number; entry !== 0 && (entry ^ tag) >>> numberBits !== 0; entry = index[BEFORE + slot] as number)
        slot = slotAfter(slot, place, slots)
      found[i - first] = slot
    }
  }

  #touchKeys(first: number, end: number): void {
    const index = this.#index
    const numberMask = (1 << this.#numberBits) - 1
    const { keys, width } = this
    const found = this.#found
    let sum = 0
    for (let i = 0; i < end - first; i++) {
      const number = (index[BEFORE + (found[i] as number)] as number) & numberMask
      // Without a branch: the key of the entry if there is one, else the first.
      sum ^= keys[((number - 1) * width) & (-number >> 31)] as number
    }
    this.#sink ^= sum
  }

  #addBatch(buffer: Int32Array, hashes: Int32Array, first: number, end: number, before: number): void {
    const index = this.#index
    const slots = this.#slots
    const numberBits = this.#numberBits
    const numberMask = (1 << numberBits) - 1
    const { keys, width, fresh } = this
    const found = this.#found
    let count = this.count
    search: for (let i = first; i < end; i++) {
      const hash = hashes[i] as number
      const at = i * width
      const tag = hash << numberBits
      const place = homeOf(hash, slots) & IN_LINE
      let slot = found[i - first] as number
      for (let entry = index[BEFORE + slot] as number; entry !== 0; entry = index[BEFORE + slot] as number) {
        if ((entry ^ tag) >>> numberBits === 0) {
          const base = ((entry & numberMask) - 1) * width
          let w = 0
          while (w < width && keys[base + w] === buffer[at + w]) w++
          if (w === width) continue search
        }
        slot = slotAfter(slot, place, slots)
      }
      const base = count * width
      for (let w = 0; w < width; w++) keys[base + w] = buffer[at + w] as number
      fresh[count - before] = i
      index[BEFORE + slot] = tag | ++count
    }
    this.count = count
  }

  /** Room for `n` keys more. */
  #reserve(n: number): void {
    while ((this.count + n) * LOAD_OF > this.#slots * LOAD_MAX) this.#growIndex()
    while ((this.count + n) * this.width > this.keys.length) this.#growKeys()
  }

  /** Takes over `count` keys, each once, in the order of their discovery; `keys` is the set's own from now on. */
  restore(width: number, count: number, keys: Int32Array): void {
    this.width = width
    this.count = count
    this.keys = keys
    while ((count + 1) * width > this.keys.length) this.#growKeys()
    while (count * LOAD_OF > this.#slots * LOAD_MAX) this.#slots = this.#slotsAfterGrowth()
    this.#useSlots(this.#slots)
  }

  /** Replaces all keys, when the layout of records changes. */
  rewrite(width: number, move: (source: Int32Array, sourceAt: number, target: Int32Array, targetAt: number) => void): void {
    while ((this.count + 1) * width > this.keys.length) this.#growKeys()
    const { keys, count, width: before } = this
    const key = new Int32Array(before)
    // In place: wider keys from the last to the first, so that none is written over before it is read.
    for (let n = 0; n < count; n++) {
      const i = width > before ? count - 1 - n : n
      for (let w = 0; w < before; w++) key[w] = keys[i * before + w] as number
      keys.fill(0, i * width, (i + 1) * width)
      move(key, 0, keys, i * width)
    }
    this.width = width
    this.#useSlots(this.#slots)
  }

  /** Four times as large while it is small; then three quarters larger, so that the load stays between three sevenths and three quarters. */
  #slotsAfterGrowth(): number {
    return Math.floor(this.#slots * (this.#slots < this.#tuning.seenLargeSlots ? 4 : 1.75)) & -LINE
  }

  #growIndex(): void {
    this.#useSlots(this.#slotsAfterGrowth())
  }

  /** Enters all keys into an index of so many slots, in the place of the old one if there is room: it takes nothing but the keys. */
  #useSlots(slots: number): void {
    const words = BEFORE + slots
    if (words > this.#index.length) this.#index = roomFor(length => new Int32Array(length), words, words, this.#tuning)
    else this.#index.fill(0, 0, BEFORE + this.#slots)
    const index = this.#index
    // Memory that is read before it is written is given by the system twice.
    for (let i = 0; i < words; i += PAGE) index[i] = 0
    this.#slots = slots
    this.#numberBits = Math.ceil(Math.log2(slots + 1))
    this.#fill()
  }

  /** Enters all keys into the empty index, sorted roughly by place, and the slots of a part read one after the other before: so that entering one does not wait for memory. */
  #fill(): void {
    const { keys, width, count } = this
    const index = this.#index
    const slots = this.#slots
    const numberBits = this.#numberBits
    const size = Math.min(this.#tuning.seenFillKeys, count)
    /** The hash and the number of each key. */
    const pairs = new Int32Array(2 * size)
    const ends = new Int32Array(FILL_PARTS)
    for (let first = 0; first < count; first += size) {
      const end = Math.min(count, first + size)
      ends.fill(0)
      for (let i = first; i < end; i++) {
        const part = hashKey(keys, i * width, width) >>> FILL_SHIFT
        ends[part] = (ends[part] as number) + 1
      }
      for (let part = 0, sum = 0; part < FILL_PARTS; part++) {
        const keysHere = ends[part] as number
        ends[part] = sum
        sum += keysHere
      }
      for (let i = first; i < end; i++) {
        const hash = hashKey(keys, i * width, width)
        const part = hash >>> FILL_SHIFT
        const at = ends[part] as number
        ends[part] = at + 1
        pairs[2 * at] = hash
        pairs[2 * at + 1] = i + 1
      }
      for (let part = 0, i = 0; part < FILL_PARTS; part++) {
        this.#touchPart(part)
        for (; i < (ends[part] as number); i++) {
          const hash = pairs[2 * i] as number
          let slot = homeOf(hash, slots)
          const place = slot & IN_LINE
          while (index[BEFORE + slot] !== 0) slot = slotAfter(slot, place, slots)
          index[BEFORE + slot] = (hash << numberBits) | (pairs[2 * i + 1] as number)
        }
      }
    }
  }

  /** Reads the slots of a part, in their order, which costs a third of what it costs to meet them in any other. */
  #touchPart(part: number): void {
    const index = this.#index
    const size = this.#slots / FILL_PARTS
    const end = BEFORE + Math.floor((part + 1) * size)
    let sum = 0
    for (let i = BEFORE + Math.floor(part * size); i < end; i += LINE) sum ^= index[i] as number
    this.#sink ^= sum
  }

  #growKeys(): void {
    const { keys } = this
    this.keys = roomFor(words => zerosLike(keys, words), keys.length, keys.length * 2, this.#tuning)
    this.keys.set(keys)
  }
}

/**
 * An array with room for many times the words there are, or, if that is little or the system does not promise so much, with the words that are needed. Memory that is never touched is never
 * taken, so it is worth asking for much: to grow is to copy.
 */
export const roomFor = (make: (words: number) => Int32Array, words: number, needed: number, { seenLargeWords } = standardTuning): Int32Array => {
  try {
    if (words >= seenLargeWords) return make(Math.min(words * ROOM, WORDS_MAX))
  } catch {
    // Less may be promised.
  }
  return make(Math.min(needed, WORDS_MAX))
}

/** The slot that a hash is looked for first. */
const homeOf = (hash: number, slots: number): number => ((hash >>> 0) * (slots / 4294967296)) | 0

/** The slot that is tried after this one, if the first was at this place of its line: around the line, then on to the next. */
const slotAfter = (slot: number, first: number, slots: number): number => {
  const place = (slot + 1) & IN_LINE
  const next = slot - (slot & IN_LINE) + place
  if (place !== first) return next
  return next + LINE < slots ? next + LINE : next + LINE - slots
}

/** The hash of a key: each word multiplied in, then a full mix, as the index uses the high bits and the tags the low ones. */
export const hashKey = (words: Int32Array, at: number, width: number): number => {
  let h = 0x2545f491
  for (let w = 0; w < width; w++) {
    h = Math.imul(h ^ (words[at + w] as number), 0x9e3779b1)
    h ^= h >>> 15
  }
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** A hash of the words of a record, as many as the mask has, under that mask. */
export const hashUnder = (mask: Int32Array, records: Int32Array, at: number): number => {
  let h = 0x2545f491
  for (let w = 0; w < mask.length; w++) {
    h = Math.imul(h ^ ((records[at + w] as number) & (mask[w] as number)), 0x9e3779b1)
    h ^= h >>> 15
  }
  h = Math.imul(h, 0x85ebca6b)
  return h ^ (h >>> 13)
}

/** The same as `hashKey` as code, for a key whose words are these expressions: declares `hash`. */
export const hashSource = (words: readonly string[]): string => `let hash = 0x2545f491
${words.map(word => `hash = Math.imul(hash ^ ${word}, 0x9e3779b1); hash ^= hash >>> 15`).join('\n')}
hash = Math.imul(hash, 0x85ebca6b); hash ^= hash >>> 13
hash = Math.imul(hash, 0xc2b2ae35); hash ^= hash >>> 16`
