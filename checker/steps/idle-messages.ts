import { standardTuning } from '../tables/tuning.ts'

/**
 * Messages to each node that are known to be of no use in a state of that node, so that a look at what is in flight passes over whole words of them. What is known never becomes
 * wrong in a search: outcomes of a delivery do not change as long as the tables are the same, nor does what stands for a state as long as the search is the same. So a state that takes the
 * place of another only has to be learnt anew: there is room for those that came up last.
 *
 * Where steps that only send are taken at once, a message of which a node only sends counts as of no use, too, since what it sends is in flight already. That is so unless a message was taken for dead
 * when it was sent, and turned out not to be: then the search proves nothing, whatever it passed over, or saturates the states that it had once more (search/one-by-one.ts).
 */
export class IdleMessages {
  #words = 0
  readonly #slots: number
  /** The state that has each place, or -1. */
  readonly #locals: Int32Array
  /** A row of bits for each place. */
  rows = new Int32Array(0)

  /** @param slots states of each node for which there is room */
  constructor(nodeCount: number, slots = standardTuning.passedSlots) {
    this.#slots = slots
    this.#locals = new Int32Array(nodeCount * slots).fill(-1)
  }

  /** Forgets everything; from now on there are so many words of messages. */
  setLayout(bitsWords: number): void {
    this.#words = bitsWords
    this.#locals.fill(-1)
    this.rows = new Int32Array(this.#locals.length * bitsWords)
  }

  /** Where the row of a state of a node begins. */
  rowOf(node: number, local: number): number {
    const place = node * this.#slots + (local & (this.#slots - 1))
    const row = place * this.#words
    if (this.#locals[place] !== local) {
      this.#locals[place] = local
      this.rows.fill(0, row, row + this.#words)
    }
    return row
  }

  note(row: number, bit: number): void {
    const index = row + (bit >>> 5)
    this.rows[index] = (this.rows[index] as number) | (1 << (bit & 31))
  }
}
