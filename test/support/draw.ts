import { randomFrom } from '../../checker/search/random.ts'

/** Of all that could be compared some, by a seed; or all of it. */
export class Draw {
  /** A whole number from 0. */
  readonly below: (count: number) => number
  readonly all: boolean

  constructor(seed: number, all = false) {
    this.below = randomFrom(seed)
    this.all = all
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0 || this.all
  }

  /** So many of `things`, in their order. */
  some<T>(things: readonly T[], count: number): readonly T[] {
    if (this.all || things.length <= count) return things
    const places = new Set<number>()
    while (places.size < count) places.add(this.below(things.length))
    return things.filter((_, i) => places.has(i))
  }
}
