import { type Layout, relay } from '../states/layout.ts'
import { grown } from '../values/ints.ts'

/** Records, one after the other. */
export class Records {
  words = new Int32Array(64)
  count = 0

  push(records: Int32Array, at: number, width: number): void {
    const start = this.count * width
    if (start + width > this.words.length) this.words = grown(this.words, Math.max(start + width, this.words.length * 2))
    for (let w = 0; w < width; w++) this.words[start + w] = records[at + w] as number
    this.count++
  }

  clear(): void {
    this.count = 0
  }

  /** A copy of all of it. */
  records(width: number): Int32Array {
    return this.words.slice(0, this.count * width)
  }

  /** Puts the records into another layout. */
  relay(from: Layout, to: Layout): void {
    const words = new Int32Array(this.count * to.width + 64)
    for (let i = 0; i < this.count; i++) relay(from, to, this.words, i * from.width, words, i * to.width)
    this.words = words
  }
}
