import { grown } from '../values/ints.ts'

/** Records of one level, one after the other. */
export class LevelRecords {
  data: Int32Array = new Int32Array(1024)
  #length = 0

  get bytes(): number {
    return this.#length * 4
  }

  get view(): Int32Array {
    return this.data.subarray(0, this.#length)
  }

  set view(records: Int32Array) {
    this.data = records.length === 0 ? new Int32Array(1024) : records
    this.#length = records.length
  }

  push(source: Int32Array, at: number, width: number): void {
    if (this.#length + width > this.data.length) this.data = grown(this.data, Math.max(this.data.length * 2, this.#length + width))
    for (let w = 0; w < width; w++) this.data[this.#length++] = source[at + w] as number
  }

  clear(): void {
    this.#length = 0
  }

  rewrite(oldWidth: number, width: number, move: (source: Int32Array, sourceAt: number, target: Int32Array, targetAt: number) => void): void {
    const count = this.#length / oldWidth
    const target = new Int32Array(Math.max(1024, count * width * 2))
    for (let i = 0; i < count; i++) move(this.data, i * oldWidth, target, i * width)
    this.data = target
    this.#length = count * width
  }
}
