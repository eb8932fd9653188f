import { Ints } from '../values/ints.ts'

/** States that were found and are still to be expanded: those with the least progress first (node-ranks.ts), of these the last that came. If all have the same, it is a stack. */
export class Waiting {
  /** For each progress the next state, plus 1; 0 if there is none. */
  readonly #tops = new Ints()
  /** For each state what is below it: 0 if it does not wait, 1 if nothing is, else a state, plus 2. */
  readonly #below = new Ints()
  length = 0
  /** No state with less progress waits. */
  #least = 0

  get bytes(): number {
    return this.#tops.data.byteLength + this.#below.data.byteLength
  }

  /** Bytes that it takes for a moment when `ahead` more states make it grow. */
  growthBytes(ahead: number): number {
    return this.#below.length + ahead > this.#below.data.length ? this.#below.data.byteLength * 2 : 0
  }

  /** Does the state wait? Then it must not be added again. */
  has(state: number): boolean {
    return state < this.#below.length && this.#below.data[state] !== 0
  }

  push(state: number, progress: number): void {
    this.#tops.reach(progress + 1)
    this.#below.reach(state + 1)
    const tops = this.#tops.data
    this.#below.data[state] = (tops[progress] as number) + 1
    tops[progress] = state + 1
    if (progress < this.#least) this.#least = progress
    this.length++
  }

  /** The next state, which does not wait any more; its progress is `progress`. There must be one. */
  pop(): number {
    const tops = this.#tops.data
    while (tops[this.#least] === 0) this.#least++
    const state = (tops[this.#least] as number) - 1
    tops[this.#least] = (this.#below.data[state] as number) - 1
    this.#below.data[state] = 0
    this.length--
    return state
  }

  /** That of the state that was next last. */
  get progress(): number {
    return this.#least
  }

  /** States and their progress, in turns: added in this order to others that are empty, they make them the same. */
  get view(): Int32Array {
    const result = new Int32Array(2 * this.length)
    let at = result.length
    for (let progress = this.#tops.length - 1; progress >= 0; progress--)
      for (let entry = this.#tops.data[progress] as number; entry !== 0; entry = (this.#below.data[entry - 1] as number) - 1) {
        result[--at] = progress
        result[--at] = entry - 1
      }
    return result
  }

  set view(view: Int32Array) {
    this.clear()
    for (let i = 0; i < view.length; i += 2) this.push(view[i] as number, view[i + 1] as number)
  }

  /** Takes all away. */
  clear(): void {
    this.#tops.data.fill(0)
    this.#below.data.fill(0)
    this.length = 0
    this.#least = 0
  }
}
