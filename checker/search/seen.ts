import { shared, zerosLike } from '../compile/ints.ts'

/** Slots from which on the index grows with care for its memory. */
const SMALL_SLOTS = 1 << 20

/** Keys that are sorted at a time when the index is filled anew: 8 bytes each, for that time. */
const FILL_KEYS = 1 << 22

/** The parts that they are sorted into, by the high bits of the hash, which are also those of the place. */
const FILL_PARTS = 1 << 9
const FILL_SHIFT = 32 - 9

/**
 * The seen set: the states in the order of their discovery, and an index to find them by content.
 *
 * States are keys of `width` words, one after the other, so a state's number is its place and a level of the search is a range:
 * neither a queue nor a list of parents is needed (a path is found again backwards, level by level; see path.ts). The index is open
 * addressing with linear probing; an entry holds the state's number plus 1 in its low bits and a tag from the hash in the rest, so that
 * hardly ever is a state looked at in vain. Memory: 4 · width bytes a state, and 4.6 to 8 for the index.
 *
 * Candidates are resolved in batches: first all index entries are touched, then all states that a tag points to, then they are
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

  /** @param share whether other threads are to read the keys */
  constructor(width: number, share = false) {
    this.width = width
    this.keys = new Int32Array(width * 1024)
    if (share) this.keys = shared(this.keys)
    this.#slots = 2048
    this.#numberBits = 11
    this.#index = new Int32Array(this.#slots)
  }

  get bytes(): number {
    return this.count * this.width * 4 + this.#slots * 4
  }

  /** Bytes that it takes to grow, if it comes to that within `more` keys: the old and the new are there at once. */
  growthBytes(more: number): number {
    const count = this.count + more
    const keys = count * this.width > this.keys.length ? this.count * this.width * 4 : 0
    const index = count * 8 > this.#slots * 7 ? this.#slotsAfterGrowth() * 4 + Math.min(FILL_KEYS, this.count) * 8 : 0
    return keys + index
  }

  /** Touches what the look-up of each of `n` hashes will need; returns a number that depends on it, lest it be optimised away. */
  prefetch(hashes: Int32Array, n: number, entries: Int32Array): number {
    const index = this.#index
    const scale = this.#slots / 4294967296
    const numberBits = this.#numberBits
    const numberMask = (1 << numberBits) - 1
    const keys = this.keys
    const width = this.width
    let sum = 0
    for (let i = 0; i < n; i++) entries[i] = index[(((hashes[i] as number) >>> 0) * scale) | 0] as number
    for (let i = 0; i < n; i++) {
      const entry = entries[i] as number
      const number = entry & numberMask
      const other = (entry ^ ((hashes[i] as number) << numberBits)) >>> numberBits
      // Without a branch, which would be foreseen wrongly half of the time: the key of the entry if there is one and its tag is right, else the first.
      sum ^= keys[((number - 1) * width) & (-number >> 31) & ~((other | -other) >> 31)] as number
    }
    return sum
  }

  /** The number of the key at `buffer[at] …`, or -1. */
  find(buffer: Int32Array, at: number, hash: number): number {
    const index = this.#index
    const slots = this.#slots
    const numberBits = this.#numberBits
    const numberMask = (1 << numberBits) - 1
    const keys = this.keys
    const width = this.width
    const tag = hash << numberBits
    let slot = ((hash >>> 0) * (slots / 4294967296)) | 0
    for (;;) {
      const entry = index[slot] as number
      if (entry === 0) return -1
      if ((entry ^ tag) >>> numberBits === 0) {
        const number = (entry & numberMask) - 1
        const base = number * width
        let w = 0
        while (w < width && keys[base + w] === buffer[at + w]) w++
        if (w === width) return number
      }
      if (++slot === slots) slot = 0
    }
  }

  /** Adds the key if it is new; returns whether it was. */
  add(buffer: Int32Array, at: number, hash: number): boolean {
    const index = this.#index
    const slots = this.#slots
    const numberBits = this.#numberBits
    const numberMask = (1 << numberBits) - 1
    const keys = this.keys
    const width = this.width
    const tag = hash << numberBits
    let slot = ((hash >>> 0) * (slots / 4294967296)) | 0
    for (;;) {
      const entry = index[slot] as number
      if (entry === 0) break
      if ((entry ^ tag) >>> numberBits === 0) {
        const base = ((entry & numberMask) - 1) * width
        let w = 0
        while (w < width && keys[base + w] === buffer[at + w]) w++
        if (w === width) return false
      }
      if (++slot === slots) slot = 0
    }
    const number = this.count++
    index[slot] = tag | (number + 1)
    const base = number * width
    for (let w = 0; w < width; w++) keys[base + w] = buffer[at + w] as number
    if (this.count * 8 > slots * 7) this.#growIndex()
    if ((this.count + 1) * width > keys.length) this.#growKeys()
    return true
  }

  /** Adds those of `n` keys that are new, in their order. */
  addAll(buffer: Int32Array, hashes: Int32Array, n: number): void {
    this.#reserve(n)
    const index = this.#index
    const slots = this.#slots
    const scale = slots / 4294967296
    const numberBits = this.#numberBits
    const numberMask = (1 << numberBits) - 1
    const keys = this.keys
    const width = this.width
    let count = this.count
    search: for (let i = 0; i < n; i++) {
      const hash = hashes[i] as number
      const at = i * width
      const tag = hash << numberBits
      let slot = ((hash >>> 0) * scale) | 0
      for (let entry = index[slot] as number; entry !== 0; entry = index[slot] as number) {
        if ((entry ^ tag) >>> numberBits === 0) {
          const base = ((entry & numberMask) - 1) * width
          let w = 0
          while (w < width && keys[base + w] === buffer[at + w]) w++
          if (w === width) continue search
        }
        if (++slot === slots) slot = 0
      }
      const base = count * width
      for (let w = 0; w < width; w++) keys[base + w] = buffer[at + w] as number
      index[slot] = tag | ++count
    }
    this.count = count
  }

  /** Room for `n` keys more. */
  #reserve(n: number): void {
    while ((this.count + n) * 8 > this.#slots * 7) this.#growIndex()
    while ((this.count + n) * this.width > this.keys.length) this.#growKeys()
  }

  /** Takes over `count` keys, each once, in the order of their discovery; `keys` is the set's own from now on. */
  restore(width: number, count: number, keys: Int32Array): void {
    this.width = width
    this.count = count
    this.keys = keys
    while ((count + 1) * width > this.keys.length) this.#growKeys()
    while (count * 8 > this.#slots * 7) this.#slots = this.#slotsAfterGrowth()
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
    this.#index.fill(0)
    this.#fill()
  }

  /** Four times as large while it is small; then three quarters larger, so that the load stays between a half and seven eighths. */
  #slotsAfterGrowth(): number {
    return Math.floor(this.#slots * (this.#slots < SMALL_SLOTS ? 4 : 1.75))
  }

  #growIndex(): void {
    this.#useSlots(this.#slotsAfterGrowth())
  }

  #useSlots(slots: number): void {
    this.#slots = slots
    this.#numberBits = Math.ceil(Math.log2(slots + 1))
    this.#index = new Int32Array(slots)
    this.#fill()
  }

  /** Enters all keys into the empty index, sorted roughly by place first: so that entering one does not wait for memory. */
  #fill(): void {
    const { keys, width, count } = this
    const index = this.#index
    const slots = this.#slots
    const numberBits = this.#numberBits
    const scale = slots / 4294967296
    const size = Math.min(FILL_KEYS, count)
    const hashes = new Int32Array(size)
    const numbers = new Int32Array(size)
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
        hashes[at] = hash
        numbers[at] = i + 1
      }
      for (let i = 0; i < end - first; i++) {
        const hash = hashes[i] as number
        let slot = ((hash >>> 0) * scale) | 0
        while (index[slot] !== 0) if (++slot === slots) slot = 0
        index[slot] = (hash << numberBits) | (numbers[i] as number)
      }
    }
  }

  /** Memory that is never touched is never taken, so doubling costs only the copy. */
  #growKeys(): void {
    const larger = zerosLike(this.keys, Math.min(this.keys.length * 2, 2 ** 32 - 8))
    larger.set(this.keys)
    this.keys = larger
  }
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

/** The same as code, for a key whose words are these expressions: declares `hash`. */
export const hashSource = (words: readonly string[]): string => `let hash = 0x2545f491
${words.map(word => `hash = Math.imul(hash ^ ${word}, 0x9e3779b1); hash ^= hash >>> 15`).join('\n')}
hash = Math.imul(hash, 0x85ebca6b); hash ^= hash >>> 13
hash = Math.imul(hash, 0xc2b2ae35); hash ^= hash >>> 16`
