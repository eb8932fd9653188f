import { hashKey } from '../states/seen-set.ts'
import { standardTuning, type Tuning } from '../tables/tuning.ts'
import { Ints } from '../values/ints.ts'

/**
 * With subsumption: successors as steps made them, before steps that only send are taken for them and before the representatives of their orbits are chosen, which is most of the
 * work. What was looked up once is covered from then on: it was kept, or something covers it, and what no longer stands for itself in a list was replaced by what covers it. So one that
 * comes up again, from another state, needs no further look. A third and more of them do: steps of different nodes lead to the same state in either order.
 *
 * Those of the state that is expanded are not passed over, as they may not have been looked up yet, and as it matters which of them covers that state.
 * If one does, and is kept in place of all, the others were not looked up: they are forgotten; what the one leads to may be the same as what was left out. So they are where the tables grew, and the state is expanded anew.
 */
export class RecentSuccessors {
  /** How many were passed over since `begin`. */
  passed = 0
  #width = 0
  #mask = 0
  #records = new Int32Array(0)
  /** The state that each was a successor of, or -1 where none stands. */
  #parents = new Int32Array(0)
  #parent = -1
  /** Where successors were noted since `begin`. */
  readonly #noted = new Ints()
  readonly #tuning: Tuning

  constructor(tuning = standardTuning) {
    this.#tuning = tuning
  }

  /** Forgets everything; from now on records have `width` words. */
  use(width: number): void {
    const { successorSlots, successorWords } = this.#tuning
    const slots = Math.max(successorSlots, 1 << (31 - Math.clz32(successorWords / width)))
    if (width !== this.#width) {
      this.#records = new Int32Array(slots * width)
      this.#parents = new Int32Array(slots)
    }
    this.#width = width
    this.#mask = slots - 1
    this.#parents.fill(-1)
  }

  /** What comes now are successors of this state. */
  begin(parent: number): void {
    this.#parent = parent
    this.#noted.length = 0
    this.passed = 0
  }

  /** Was it met as the successor of another state? If not, it is noted. */
  isKnown(records: Int32Array, at: number): boolean {
    const width = this.#width
    const known = this.#records
    const slot = hashKey(records, at, width) & this.#mask
    const there = slot * width
    const parent = this.#parents[slot] as number
    let w = 0
    if (parent >= 0) while (w < width && known[there + w] === records[at + w]) w++
    if (w === width) {
      if (parent === this.#parent) return false
      this.passed++
      return true
    }
    for (w = 0; w < width; w++) known[there + w] = records[at + w] as number
    this.#parents[slot] = this.#parent
    this.#noted.push(slot)
    return false
  }

  /** Successors since `begin` are not looked up. */
  forget(): void {
    for (let i = 0; i < this.#noted.length; i++) this.#parents[this.#noted.data[i] as number] = -1
    this.#noted.length = 0
  }
}
