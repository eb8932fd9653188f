import type { Expander } from './expander.ts'

/** Records that are remembered: so many fit into a core's own cache. */
const SLOTS = 1 << 15

/**
 * The records that were looked up last, one for each value of some bits of their hash: a successor found here was seen, and costs no cache
 * miss. About two thirds of all look-ups end here (`bench/`), since neighbouring states have successors in common.
 */
export class Recent {
  #records = new Int32Array(0)
  readonly #hashes = new Int32Array(SLOTS)
  readonly #filled = new Uint8Array(SLOTS)
  #width = 0

  /** Forgets everything: records in another layout are other records. */
  clear(): void {
    this.#filled.fill(0)
    this.#width = 0
  }

  /** Keeps those of the first `n` successors that were not looked up just now, in their order, with their parents; returns how many. */
  filter(expander: Expander, n: number, parents: Int32Array | undefined): number {
    const { records, hashes } = expander
    const { width } = expander.layout
    if (width !== this.#width) {
      this.#filled.fill(0)
      this.#records = new Int32Array(SLOTS * width)
      this.#width = width
    }
    const known = this.#records
    const knownHashes = this.#hashes
    const filled = this.#filled
    let kept = 0
    for (let i = 0; i < n; i++) {
      const hash = hashes[i] as number
      const slot = hash & (SLOTS - 1)
      const at = i * width
      const there = slot * width
      if (filled[slot] === 1 && knownHashes[slot] === hash) {
        let w = 0
        while (w < width && known[there + w] === records[at + w]) w++
        if (w === width) continue
      }
      filled[slot] = 1
      knownHashes[slot] = hash
      for (let w = 0; w < width; w++) known[there + w] = records[at + w] as number
      if (kept !== i) {
        const to = kept * width
        for (let w = 0; w < width; w++) records[to + w] = records[at + w] as number
        hashes[kept] = hash
        if (parents !== undefined) parents[kept] = parents[i] as number
      }
      kept++
    }
    return kept
  }
}
