import { mix } from '../values/hash.ts'

/** Two lanes of 32 bits, summed: the order in which things come up does not matter. */
export class Sum {
  #low = 0
  #high = 0

  add(low: number, high: number): void {
    this.#low = (this.#low + mix(low)) >>> 0
    this.#high = (this.#high + mix(high)) >>> 0
  }

  get text(): string {
    return [this.#high, this.#low].map(lane => lane.toString(16).padStart(8, '0')).join('')
  }
}
