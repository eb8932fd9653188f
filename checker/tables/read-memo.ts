import { Ints, PairMap, type SharedPairMap } from '../values/ints.ts'
import type { SharedQuestions } from './questions.ts'

/** A `ReadMemo` as plain data. */
export interface SharedReads {
  readonly asks: Ints
  readonly results: Ints
  readonly branches: SharedPairMap
}

/**
 * A memo for functions that ask about a state, one question after the other (questions.ts). What is asked next depends only on what was
 * answered before, so the questions of all calls form a tree: inner nodes name a question, branches its answer, leaves hold the result.
 * A look-up costs one hash probe for each question.
 */
export class ReadMemo {
  /** How often all was forgotten. */
  clears = 0
  /** The question of each inner node; -1 for a leaf. */
  asks = new Ints()
  /** The result of each leaf. */
  results = new Ints()
  readonly #questions: SharedQuestions
  #branches = new PairMap()

  constructor(questions: SharedQuestions) {
    this.#questions = questions
  }

  /** The tree as plain data, in memory that threads share: another thread may read it while this one does not write. */
  share(): SharedReads {
    return { asks: this.asks.share(), results: this.results.share(), branches: this.#branches.share() }
  }

  /** The tree that `share` gave, to look into. */
  static of({ asks, results, branches }: SharedReads, questions: SharedQuestions): ReadMemo {
    const memo = new ReadMemo(questions)
    memo.asks = asks
    memo.results = results
    memo.#branches = PairMap.of(branches)
    return memo
  }

  /** Nodes of the tree. */
  get size(): number {
    return this.asks.length
  }

  /** The result for this state, or -1; `state` holds the value of each component. */
  find(state: Int32Array): number {
    if (this.asks.length === 0) return -1
    const { component, aspect, rows } = this.#questions
    let at = 0
    for (;;) {
      const question = this.asks.data[at] as number
      if (question < 0) return this.results.data[at] as number
      const value = state[component.data[question] as number] as number
      const of = aspect.data[question] as number
      let answer = value
      if (of >= 0) {
        const row = rows[of] as Ints
        if (value >= row.length) return -1
        // Rows hold 0 for what was not evaluated, for which there is no branch.
        answer = (row.data[value] as number) - 1
      }
      at = this.#branches.get(at, answer)
      if (at < 0) return -1
    }
  }

  /** Remembers that after these questions, in this order and with these answers, the result was `result`. */
  add(reads: readonly (readonly [question: number, answer: number])[], result: number): void {
    let at = this.asks.length === 0 ? this.#node() : 0
    for (const [question, answer] of reads) {
      this.asks.data[at] = question
      let next = this.#branches.get(at, answer)
      if (next < 0) {
        next = this.#node()
        this.#branches.set(at, answer, next)
      }
      at = next
    }
    this.asks.data[at] = -1
    this.results.data[at] = result
  }

  /** Forgets all. Whoever has the tree goes on with it. */
  clear(): void {
    this.clears++
    this.asks.length = 0
    this.results.length = 0
    this.#branches = new PairMap()
  }

  #node(): number {
    this.results.push(-1)
    return this.asks.push(-1)
  }
}
