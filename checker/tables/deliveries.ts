import { shared, zerosLike } from '../values/ints.ts'
import type { Packets } from './packets.ts'

/** What is known of deliveries, for each node a matrix that grows: a row for each of its states, a column for each packet to it. */
export class Deliveries {
  /** `data[node][local * strides[node] + column]`; 0 while unknown. */
  readonly data: Int32Array[]
  readonly strides: Int32Array
  readonly #packets: Packets

  constructor(nodes: number, packets: Packets) {
    this.data = Array.from({ length: nodes }, () => new Int32Array(16 * 16))
    this.strides = new Int32Array(nodes).fill(16)
    this.#packets = packets
  }

  get(node: number, local: number, packet: number): number {
    const stride = this.strides[node] as number
    const column = this.#packets.column.data[packet] as number
    if (column >= stride) return 0
    return this.data[node]?.[local * stride + column] ?? 0
  }

  set(node: number, local: number, packet: number, value: number): void {
    const column = this.#packets.column.data[packet] as number
    const stride = this.strides[node] as number
    const cells = this.data[node] as Int32Array
    if (column >= stride || (local + 1) * stride > cells.length) {
      const wide = column >= stride ? Math.max(stride * 2, nextPowerOfTwo(column + 1)) : stride
      const rows = Math.max(cells.length / stride, nextPowerOfTwo(local + 1))
      const larger = zerosLike(cells, rows * wide)
      for (let row = 0; row < cells.length / stride; row++) larger.set(cells.subarray(row * stride, (row + 1) * stride), row * wide)
      this.data[node] = larger
      this.strides[node] = wide
    }
    const target = this.data[node] as Int32Array
    target[local * (this.strides[node] as number) + column] = value
  }

  /** `data`, in memory that threads share: they may be read there while this thread does not write. */
  share(): readonly Int32Array[] {
    this.data.forEach((cells, node) => {
      this.data[node] = shared(cells)
    })
    return this.data
  }
}

const nextPowerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, n)))
