import { Ints, Tuples } from '../values/ints.ts'

/** What one step of one node does, as numbers. */
export interface LocalOutcome {
  /** The node's next state. */
  readonly to: number
  /** A list of packets, see `Lists`. */
  readonly sends: number
  /** A list of (node, event), see `Lists`. */
  readonly emits: number
  /** The step properties that it breaks, as bits. */
  readonly broken: number
}

/** Lists of integers, interned, laid out flat: `data[start[list]] … data[start[list + 1] - 1]`. List 0 is empty. */
export class Lists {
  readonly start = new Ints()
  readonly data = new Ints()
  readonly #tuples = new Tuples()

  constructor() {
    this.start.push(0)
    this.intern([])
  }

  intern(list: readonly number[]): number {
    const before = this.#tuples.size
    const id = this.#tuples.intern(list)
    if (id === before) {
      for (const x of list) this.data.push(x)
      this.start.push(this.data.length)
    }
    return id
  }

  items(list: number): readonly number[] {
    return this.#tuples.items[list] as readonly number[]
  }
}

/** Numbers of one outcome in a flat list: to, sends, emits, broken. */
const WIDTH = 4

/**
 * The lists of outcomes of all steps met so far, interned. List 0 is "nothing happens". Outcomes lie flat:
 * those of a list are `start[list] … start[list + 1] - 1`.
 */
export class Outcomes {
  readonly start = new Ints()
  readonly to = new Ints()
  readonly sends = new Ints()
  readonly emits = new Ints()
  readonly broken = new Ints()
  /** 1 where the bound of the model cut off an outcome. */
  readonly cut = new Ints()
  readonly #tuples = new Tuples()

  constructor() {
    this.start.push(0)
    this.intern([], false)
  }

  /** Lists. */
  get size(): number {
    return this.cut.length
  }

  /**
   * @param flat `to, sends, emits, broken` of each outcome, in any order and with repetitions
   * @param cut whether the bound of the model cut one off
   */
  intern(flat: readonly number[], cut: boolean): number {
    const tuple = sorted(flat, cut ? 1 : 0)
    const before = this.#tuples.size
    const list = this.#tuples.intern(tuple)
    if (list === before) {
      for (let i = 1; i < tuple.length; i += WIDTH) {
        this.to.push(tuple[i] as number)
        this.sends.push(tuple[i + 1] as number)
        this.emits.push(tuple[i + 2] as number)
        this.broken.push(tuple[i + 3] as number)
      }
      this.cut.push(cut ? 1 : 0)
      this.start.push(this.to.length)
    }
    return list
  }

  items(list: number): readonly LocalOutcome[] {
    const result: LocalOutcome[] = []
    for (let o = this.start.data[list] as number; o < (this.start.data[list + 1] as number); o++)
      result.push({
        to: this.to.data[o] as number,
        sends: this.sends.data[o] as number,
        emits: this.emits.data[o] as number,
        broken: this.broken.data[o] as number,
      })
    return result
  }
}

/** `head`, then the outcomes without repetitions, in order of their numbers: by insertion, as there are few. */
const sorted = (flat: readonly number[], head: number): number[] => {
  const result = [head]
  for (let i = 0; i < flat.length; i += WIDTH) {
    let at = 1
    let order = -1
    while (at < result.length) {
      order = compare(result, at, flat, i)
      if (order >= 0) break
      at += WIDTH
    }
    if (at === result.length) result.push(flat[i] as number, flat[i + 1] as number, flat[i + 2] as number, flat[i + 3] as number)
    else if (order > 0) result.splice(at, 0, flat[i] as number, flat[i + 1] as number, flat[i + 2] as number, flat[i + 3] as number)
  }
  return result
}

/** Which properties it breaks follows from where it leads. */
const compare = (a: readonly number[], i: number, b: readonly number[], j: number): number =>
  (a[i] as number) - (b[j] as number) || (a[i + 1] as number) - (b[j + 1] as number) || (a[i + 2] as number) - (b[j + 2] as number)
