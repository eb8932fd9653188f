import { PairMap } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'

/** What a run of code over the whole state did on its way, in order: it asked something, or chose one of some values. */
export type RunEvent = { readonly question: number; readonly answer: number } | { readonly options: readonly ValueId[]; readonly taken: ValueId }

/** Where a run begins that was not made yet: what it chooses first, and what it is known to have asked before the first choice. */
export interface Missing {
  readonly choices: readonly ValueId[]
  readonly asked: readonly number[]
  /** Where in the tree its events are entered. */
  readonly from: number
}

/** What is known of a state: the results of all runs, and what they asked, in the order of asking. */
export interface Found {
  readonly results: readonly number[]
  readonly questions: readonly number[]
}

const UNKNOWN = -1
const LEAF = -2
const CHOICE = -3

/**
 * All runs of one piece of code over the whole state: a tree of what it asks and of what it chooses. After a choice each value has a branch of its own, so a run that asks more, or in which something else
 * is answered, makes only its own branch grow.
 */
export class RunTree {
  /** Of each node the question, or one of the marks above. */
  readonly #asks: number[] = []
  readonly #results: number[] = []
  readonly #branches = new PairMap()
  readonly #options: (readonly ValueId[] | undefined)[] = []
  /** Of each first choice on a way what was asked before. */
  readonly #before: (readonly number[] | undefined)[] = []

  /** Nodes of the tree. */
  get size(): number {
    return this.#asks.length
  }

  /**
   * What comes of all runs in a state in which questions have these answers. `run` makes a run that was not made yet, and tells its events and its result; those before the first choice are left out
   * where there are choices to begin with. Undefined as soon as `run` says so.
   */
  collect(
    answerOf: (question: number) => number,
    run: (missing: Missing) => readonly [events: readonly RunEvent[], result: number] | undefined,
  ): Found | undefined {
    if (this.#asks.length === 0) this.#node()
    const results: number[] = []
    const questions: number[] = []
    const pending: { readonly node: number; readonly choices: readonly ValueId[]; readonly from: number }[] = [{ node: 0, choices: [], from: 0 }]
    const asked = new Set<number>()
    for (let way = pending.pop(); way !== undefined; way = pending.pop()) {
      let at = way.node
      for (;;) {
        const ask = this.#asks[at] as number
        if (ask === UNKNOWN) {
          const made = run({ choices: way.choices, from: way.from, asked: this.#before[way.from] ?? [] })
          if (made === undefined) return undefined
          this.#add(way.from, ...made)
          continue
        }
        if (ask === LEAF) {
          results.push(this.#results[at] as number)
          break
        }
        if (ask === CHOICE) {
          const options = this.#options[at] as readonly ValueId[]
          const from = way.choices.length === 0 ? at : way.from
          for (let i = options.length - 1; i >= 0; i--)
            pending.push({ node: this.#branches.get(at, options[i] as ValueId), choices: [...way.choices, options[i] as ValueId], from })
          break
        }
        if (!asked.has(ask)) {
          asked.add(ask)
          questions.push(ask)
        }
        at = this.#branch(at, answerOf(ask))
      }
    }
    return { results, questions }
  }

  /** @throws RunsDiffer if what was asked before is not asked now, though all was answered as it was before */
  #add(from: number, events: readonly RunEvent[], result: number): void {
    let at = from
    const asked: number[] = []
    let chose = this.#asks[from] === CHOICE
    for (const event of events) {
      const ask = this.#asks[at] as number
      if ('question' in event) {
        if (ask === UNKNOWN) this.#asks[at] = event.question
        else if (ask !== event.question) throw new RunsDiffer()
        asked.push(event.question)
        at = this.#branch(at, event.answer)
        continue
      }
      if (ask === UNKNOWN) {
        this.#asks[at] = CHOICE
        this.#options[at] = event.options
        if (!chose) this.#before[at] = asked.slice()
        for (const option of event.options) this.#branch(at, option)
      } else if (ask !== CHOICE || !sameOptions(this.#options[at] as readonly ValueId[], event.options)) throw new RunsDiffer()
      chose = true
      at = this.#branches.get(at, event.taken)
    }
    if (this.#asks[at] !== UNKNOWN) throw new RunsDiffer()
    this.#asks[at] = LEAF
    this.#results[at] = result
  }

  #branch(at: number, by: number): number {
    const known = this.#branches.get(at, by)
    if (known >= 0) return known
    const made = this.#node()
    this.#branches.set(at, by, made)
    return made
  }

  #node(): number {
    this.#results.push(-1)
    return this.#asks.push(UNKNOWN) - 1
  }
}

/** A run did not do what an earlier one did to which the same was answered. */
export class RunsDiffer extends Error {}

/** Are these the same, in whatever order? */
export const sameOptions = (a: readonly ValueId[], b: readonly ValueId[]): boolean => a.length === b.length && b.every(option => a.includes(option))
