import { Ints, PairMap, type PairMapPicture } from './ints.ts'

/** A `ReadTrie` as plain data. */
export interface TriePicture {
  readonly asks: Ints
  readonly results: Ints
  readonly branches: PairMapPicture
}

/**
 * A memo for functions that read some components of a state, one after the other. What is read next depends only on what was
 * read before, so the reads of all calls form a tree: inner nodes name a component, branches its value, leaves hold the result.
 * A look-up costs one hash probe for each component that the function reads.
 */
export class ReadTrie {
  /** The component that each inner node asks for; -1 for a leaf. */
  asks = new Ints()
  /** The result of each leaf. */
  results = new Ints()
  #branches = new PairMap()

  /** The tree as plain data, in memory that threads share: another thread may read it while this one does not write. */
  share(): TriePicture {
    return { asks: this.asks.share(), results: this.results.share(), branches: this.#branches.share() }
  }

  /** The tree that `share` gave, to look into. */
  static of({ asks, results, branches }: TriePicture): ReadTrie {
    const trie = new ReadTrie()
    trie.asks = asks
    trie.results = results
    trie.#branches = PairMap.of(branches)
    return trie
  }

  /** Nodes of the tree. */
  get size(): number {
    return this.asks.length
  }

  /** The result for this state, or -1; `state` holds the value of each component. */
  find(state: Int32Array): number {
    if (this.asks.length === 0) return -1
    let at = 0
    for (;;) {
      const component = this.asks.data[at] as number
      if (component < 0) return this.results.data[at] as number
      at = this.#branches.get(at, state[component] as number)
      if (at < 0) return -1
    }
  }

  /** The components that are asked for on the way to the result for this state. */
  reads(state: Int32Array): number[] {
    const components: number[] = []
    for (let at = 0; at >= 0 && at < this.asks.length && (this.asks.data[at] as number) >= 0; ) {
      const component = this.asks.data[at] as number
      components.push(component)
      at = this.#branches.get(at, state[component] as number)
    }
    return components
  }

  /** Remembers that after reading these components, in this order and with these values, the result was `result`. */
  add(reads: readonly (readonly [component: number, value: number])[], result: number): void {
    let at = this.asks.length === 0 ? this.#node() : 0
    for (const [component, value] of reads) {
      this.asks.data[at] = component
      let next = this.#branches.get(at, value)
      if (next < 0) {
        next = this.#node()
        this.#branches.set(at, value, next)
      }
      at = next
    }
    this.asks.data[at] = -1
    this.results.data[at] = result
  }

  #node(): number {
    this.results.push(-1)
    return this.asks.push(-1)
  }
}

/** Records what is read, each component once. */
export class Reads {
  /** Whether what is in flight was looked at. */
  looked = false
  readonly list: [component: number, value: number][] = []
  readonly #seen = new Set<number>()

  note(component: number, value: number): void {
    if (this.#seen.has(component)) return
    this.#seen.add(component)
    this.list.push([component, value])
  }
}
