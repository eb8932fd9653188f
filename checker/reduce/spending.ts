import type { System } from '../run/system.ts'
import type { Tuning } from '../tables/tuning.ts'

/** What tables that are not in use any more have cost, in steps, and what was given up. */
export interface Spent {
  searched: number
  learnt: number
  /** For the report: each a sentence. */
  givenUp: readonly string[]
}

export type SpendingState = readonly [searched: number, learnt: number, learntCalls: number, givenUp: readonly string[]]

/** Comparisons of states of nodes that take as long as a step. */
const COMPARISONS_PER_STEP = 4

/** Has learning taken its share of what searching took? */
export const isSpent = ({ searched, learnt }: Pick<Spent, 'searched' | 'learnt'>, { learnSteps, learnShare }: Tuning): boolean =>
  learnt > learnSteps + learnShare * searched

/** A sentence for the report. */
export const givenUp = (reduction: string, { searched, learnt }: Pick<Spent, 'searched' | 'learnt'>): string =>
  `${reduction}: given up, since learning had taken its share (as long as ${inWords(learnt)} steps; searching, as long as ${inWords(searched)}).`

const inWords = (steps: number): string => Math.round(steps).toLocaleString('en')

/**
 * What a check has spent on searching, and what on learning, counted in steps of a search, whatever the machine: so a check learns the same each time it is run. Learning has a share
 * of what searching has taken (`Tuning.learnShare`): what it may save is no more than that, and whatever it comes to, the check takes hardly longer than one that does not learn.
 *
 * What counts as learning: looks ahead, comparisons of states of nodes and what handlers are asked for them, and searches that are thrown away since a field was read that counted as dead.
 * What a message does in the states of its receiver counts as searching: while it is alive, the search asks for that itself, and where it is dead, it asks in place of a search that has it in flight.
 */
export class Spending {
  readonly #before: Spent
  readonly #tuning: Tuning
  readonly #system: System
  #searched = 0
  #learnt = 0
  /** Handlers run by what learnt. */
  #learntCalls = 0
  /** Handlers run when a search or a look began that is under way. */
  #callsAt: number | undefined
  /** What runs. */
  #running: { readonly transitions: number } | undefined

  /** @param before of earlier tables; `end` adds to it */
  constructor(before: Spent, tuning: Tuning, system: System) {
    this.#before = before
    this.#tuning = tuning
    this.#system = system
  }

  /** Steps that searches took. */
  get searched(): number {
    const running = this.#callsAt === undefined ? (this.#running?.transitions ?? 0) : 0
    return this.#before.searched + this.#searched + running + this.#tuning.callSteps * (this.#system.calls - this.#callsOfLearning)
  }

  /** Steps that learning took. */
  get learnt(): number {
    const running = this.#callsAt === undefined ? 0 : (this.#running?.transitions ?? 0)
    return this.#before.learnt + this.#learnt + running + this.#tuning.callSteps * this.#callsOfLearning
  }

  get #callsOfLearning(): number {
    return this.#learntCalls + (this.#callsAt === undefined ? 0 : this.#system.calls - this.#callsAt)
  }

  /** Has learning taken its share? */
  get isSpent(): boolean {
    return isSpent(this, this.#tuning)
  }

  /** Where it stands, to go on with it elsewhere: of a search that runs that search knows. */
  get state(): SpendingState {
    return [this.#before.searched + this.#searched, this.#before.learnt + this.#learnt, this.#learntCalls, this.#before.givenUp]
  }

  set state([searched, learnt, learntCalls, givenUp]: SpendingState) {
    this.#searched = searched - this.#before.searched
    this.#learnt = learnt - this.#before.learnt
    this.#learntCalls = learntCalls
    this.#before.givenUp = givenUp
  }

  /** A search runs. */
  searches(search: { readonly transitions: number }): void {
    this.#stop()
    this.#running = search
  }

  /** A look ahead runs, or what needs no search; until `searches`, or `learnsNoMore`. */
  learns(look?: { readonly transitions: number }): void {
    this.#stop()
    this.#callsAt = this.#system.calls
    this.#running = look
  }

  learnsNoMore(): void {
    this.#stop()
  }

  /** States of nodes were compared. */
  compared(comparisons: number): void {
    this.#learnt += comparisons / COMPARISONS_PER_STEP
  }

  #stop(): void {
    const transitions = this.#running?.transitions ?? 0
    if (this.#callsAt === undefined) this.#searched += transitions
    else {
      this.#learnt += transitions
      this.#learntCalls += this.#system.calls - this.#callsAt
    }
    this.#callsAt = undefined
    this.#running = undefined
  }

  /** @param reduction what is not used from now on */
  giveUp(reduction: string, learnt: string): void {
    this.#before.givenUp = [...this.#before.givenUp, `${givenUp(reduction, this)} Learnt by then: ${learnt}.`]
  }

  /** The tables are not used any more. @param inVain what they were searched for counts as learning */
  end(inVain: boolean): void {
    this.#stop()
    const { searched, learnt } = this
    this.#before.searched = inVain ? this.#before.searched : searched
    this.#before.learnt = inVain ? learnt + (searched - this.#before.searched) : learnt
  }
}
