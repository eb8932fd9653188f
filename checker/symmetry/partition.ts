import { combine, mix } from '../values/hash.ts'

/**
 * What is done to ordered partitions of ids into cells. `cell[id]` is the first of the places that the ids of its cell share: there are as many as ids, and they go with the order of the cells.
 * Nothing here depends on what ids are called, so what comes of a renamed partition is renamed.
 */
export class Partition {
  /** The key of each id: what `part` parts by. */
  readonly keys: Int32Array
  readonly #parted: Int32Array

  constructor(lanes: number) {
    this.keys = new Int32Array(lanes)
    this.#parted = new Int32Array(lanes)
  }

  /** Parts the ids of each cell by their keys; whether two of a cell have the same. */
  part(cell: Int32Array): boolean {
    const { keys } = this
    const parted = this.#parted
    const lanes = cell.length
    let tied = false
    for (let a = 0; a < lanes; a++) {
      let place = cell[a] as number
      const key = keys[a] as number
      for (let b = 0; b < lanes; b++) {
        if (cell[b] !== cell[a]) continue
        const other = keys[b] as number
        if (other < key) place++
        else if (other === key && b !== a) tied = true
      }
      parted[a] = place
    }
    for (let id = 0; id < lanes; id++) cell[id] = parted[id] as number
    return tied
  }

  /**
   * Parts the ids of a cell by what they occur together with, until that parts none.
   * @param pairs how often, and how, any two ids occur together, `pairs[a * lanes + b]`
   */
  refine(cell: Int32Array, pairs: Int32Array): void {
    const { keys } = this
    const lanes = cell.length
    for (let changed = true; changed; ) {
      for (let a = 0; a < lanes; a++) {
        let key = 0
        for (let b = 0; b < lanes; b++)
          if (b !== a) key = (key + mix(combine(combine(pairs[a * lanes + b] as number, pairs[b * lanes + a] as number), cell[b] as number))) | 0
        keys[a] = key
      }
      const before = countOf(cell)
      this.part(cell)
      changed = countOf(cell) !== before
    }
  }
}

/** How many cells there are. */
const countOf = (cell: Int32Array): number => {
  let count = 0
  for (let id = 0; id < cell.length; id++) if (cell.indexOf(cell[id] as number) === id) count++
  return count
}

/** The place of the first cell whose ids are not all twins, or -1. */
export const tieOf = (cell: Int32Array, areTwins: (a: number, b: number) => boolean): number => {
  let tie = -1
  for (let a = 0; a < cell.length; a++) {
    const place = cell[a] as number
    if (tie >= 0 && place >= tie) continue
    const first = cell.indexOf(place)
    if (first !== a && !areTwins(first, a)) tie = place
  }
  return tie
}

/** `next` becomes the partition in which one id of a cell comes before the others of that cell. */
export const setFirst = (cell: Int32Array, id: number, next: Int32Array): void => {
  for (let other = 0; other < cell.length; other++) next[other] = (cell[other] as number) + (cell[other] === cell[id] && other !== id ? 1 : 0)
}

/** Which ids are twins in a state, that is, to swap them changes nothing; asked once for each two. */
export class Twins {
  readonly #lanes: number
  readonly #isFixedBySwap: (a: number, b: number) => boolean
  /** For each two ids: 0 unknown, 1 twins, 2 not. */
  readonly #known: Uint8Array

  constructor(lanes: number, isFixedBySwap: (a: number, b: number) => boolean) {
    this.#lanes = lanes
    this.#isFixedBySwap = isFixedBySwap
    this.#known = new Uint8Array(lanes * lanes)
  }

  /** The state is another. */
  forget(): void {
    this.#known.fill(0)
  }

  readonly are = (a: number, b: number): boolean => {
    const at = a * this.#lanes + b
    if (this.#known[at] === 0) this.#known[at] = this.#isFixedBySwap(a, b) ? 1 : 2
    return this.#known[at] === 1
  }
}
