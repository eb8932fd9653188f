import { Ints, Tuples } from './ints.ts'

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

/** A list of outcomes: `cut` says that the bound of the model cut one off. */
export interface OutcomeList {
  readonly outcomes: readonly LocalOutcome[]
  readonly cut: boolean
}

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
    this.intern({ outcomes: [], cut: false })
  }

  intern({ outcomes, cut }: OutcomeList): number {
    const sorted = [...outcomes].sort((a, b) => a.to - b.to || a.sends - b.sends || a.emits - b.emits)
    const unique = sorted.filter((o, i) => i === 0 || !same(o, sorted[i - 1] as LocalOutcome))
    const before = this.#tuples.size
    const list = this.#tuples.intern([cut ? 1 : 0, ...unique.flatMap(o => [o.to, o.sends, o.emits, o.broken])])
    if (list === before) {
      for (const { to, sends, emits, broken } of unique) {
        this.to.push(to)
        this.sends.push(sends)
        this.emits.push(emits)
        this.broken.push(broken)
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

const same = (a: LocalOutcome, b: LocalOutcome): boolean => a.to === b.to && a.sends === b.sends && a.emits === b.emits
