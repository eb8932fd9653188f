import type { Layout } from '../states/layout.ts'
import type { TermRows } from '../tables/step-tables.ts'
import { lowestBit } from '../values/bits.ts'
import type { Ints } from '../values/ints.ts'

/** The sums of the terms of a state, updated where a successor differs from the state that is expanded: its fingerprint, without a look at the rest of it. */
export class RunningSums {
  /** Of the successor that is built. */
  readonly sums: Int32Array
  /** Of the state that is expanded. */
  readonly #base: Int32Array
  readonly #terms: TermRows

  constructor(terms: TermRows) {
    this.#terms = terms
    this.sums = new Int32Array(terms.lanes)
    this.#base = new Int32Array(terms.lanes)
  }

  /** The state to be expanded, with these components. */
  begin(values: Int32Array, source: Int32Array, at: number, { components, bitsWord, bitsWords }: Layout): void {
    const terms = this.#terms
    const { lanes } = terms
    const base = this.#base.fill(0)
    for (let c = 0; c < components; c++) add(base, (terms.components[c] as Ints).data, (values[c] as number) * lanes, 1)
    for (let w = 0; w < bitsWords; w++)
      for (let bits = source[at + bitsWord + w] as number; bits !== 0; bits &= bits - 1) add(base, terms.bits.data, (w * 32 + lowestBit(bits)) * lanes, 1)
  }

  /** A successor, as yet the same. */
  open(): void {
    const { sums } = this
    const base = this.#base
    for (let lane = 0; lane < sums.length; lane++) sums[lane] = base[lane] as number
  }

  setComponent(component: number, before: number, value: number): void {
    const { lanes, components } = this.#terms
    const { sums } = this
    const rows = (components[component] as Ints).data
    for (let lane = 0; lane < lanes; lane++)
      sums[lane] = ((sums[lane] as number) + (rows[value * lanes + lane] as number) - (rows[before * lanes + lane] as number)) | 0
  }

  setBit(bit: number): void {
    add(this.sums, this.#terms.bits.data, bit * this.sums.length, 1)
  }

  clearBit(bit: number): void {
    add(this.sums, this.#terms.bits.data, bit * this.sums.length, -1)
  }
}

const add = (sums: Int32Array, rows: Int32Array, row: number, sign: number): void => {
  for (let lane = 0; lane < sums.length; lane++) sums[lane] = ((sums[lane] as number) + sign * (rows[row + lane] as number)) | 0
}
