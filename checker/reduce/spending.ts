import type { System } from '../run/system.ts'
import type { Tuning } from '../tables/tuning.ts'

/** What tables that are not in use any more have cost, in steps, and what was given up. */
export interface Spent {
  searched: number
  learnt: number
  /** By handlers that looks ahead ran. */
  ahead: number
  /** For the report: each a sentence. */
  givenUp: readonly string[]
}

export type SpendingState = readonly [searched: number, learnt: number, ahead: number, learntCalls: number, aheadCalls: number, givenUp: readonly string[]]

type Steps = Pick<Spent, 'searched' | 'learnt' | 'ahead'>

/** Comparisons of states of nodes that take as long as a step. */
const COMPARISONS_PER_STEP = 4

/** How far looks ahead count as searching: the rest is learning. */
const settled = ({ searched, learnt, ahead }: Steps, { aheadShare }: Tuning): Pick<Spent, 'searched' | 'learnt'> => {
  const paid = Math.min(ahead, aheadShare * searched)
  return { searched: searched + paid, learnt: learnt + ahead - paid }
}

/** Has learning taken its share of what searching took? */
export const isSpent = (spent: Steps, tuning: Tuning): boolean => {
  const { searched, learnt } = settled(spent, tuning)
  return learnt > tuning.learnSteps + tuning.learnShare * searched
}

/** A sentence for the report. */
export const givenUp = (reduction: string, spent: Steps, tuning: Tuning): string => {
  const { searched, learnt } = settled(spent, tuning)
  return `${reduction}: given up, since learning had taken its share (as long as ${inWords(learnt)} steps; searching, as long as ${inWords(searched)}).`
}

const inWords = (steps: number): string => Math.round(steps).toLocaleString('en')

/**
 * What a check has spent on searching, and what on learning, counted in steps of a search, whatever the machine and the number of threads (docs/workers.md): so a check learns the same each time it is run. Learning has a share
 * of what searching has taken (`Tuning.learnShare`): what it may save is no more than that, and whatever it comes to, the check takes hardly longer than one that does not learn.
 *
 * What counts as learning: steps of looks ahead, comparisons of states of nodes and what handlers are asked for them, and searches that are thrown away since a field was read that counted as dead.
 * What a message does in the states of its receiver counts as searching: while it is alive, the search asks for that itself, and where it is dead, it asks in place of a search that has it in flight.
 * So does what looks ahead ask handlers, since the search asks the same when it gets there. But it may end before: it is no more than `Tuning.aheadShare` of what searching took so far.
 */
export class Spending {
  readonly #before: Spent
  readonly #tuning: Tuning
  readonly #system: System
  #searched = 0
  #learnt = 0
  /** In the run that this one goes on with. */
  #ahead = 0
  /** Handlers run by what learnt, but for looks ahead, */
  #learntCalls = 0
  /** and by those. */
  #aheadCalls = 0
  /** Handlers run when the look began that is under way, or other learning. */
  #callsAt: number | undefined
  #isLook = false
  /** What runs. */
  #running: { readonly transitions: number } | undefined

  /** @param before of earlier tables; `end` adds to it */
  constructor(before: Spent, tuning: Tuning, system: System) {
    this.#before = before
    this.#tuning = tuning
    this.#system = system
  }

  get #steps(): Steps {
    const { callSteps } = this.#tuning
    const isSearch = this.#callsAt === undefined
    const transitions = this.#running?.transitions ?? 0
    const calls = isSearch ? 0 : this.#system.calls - (this.#callsAt as number)
    const aheadCalls = this.#aheadCalls + (this.#isLook ? calls : 0)
    const learntCalls = this.#learntCalls + (this.#isLook ? 0 : calls)
    return {
      searched: this.#before.searched + this.#searched + (isSearch ? transitions : 0) + callSteps * (this.#system.calls - learntCalls - aheadCalls),
      learnt: this.#before.learnt + this.#learnt + (isSearch ? 0 : transitions) + callSteps * learntCalls,
      ahead: this.#before.ahead + this.#ahead + callSteps * aheadCalls,
    }
  }

  /** Has learning taken its share? */
  get isSpent(): boolean {
    return isSpent(this.#steps, this.#tuning)
  }

  /** Where it stands, to go on with it elsewhere: of a search that runs that search knows. */
  get state(): SpendingState {
    const { searched, learnt, ahead, givenUp } = this.#before
    return [searched + this.#searched, learnt + this.#learnt, ahead + this.#ahead, this.#learntCalls, this.#aheadCalls, givenUp]
  }

  set state([searched, learnt, ahead, learntCalls, aheadCalls, givenUp]: SpendingState) {
    this.#searched = searched - this.#before.searched
    this.#learnt = learnt - this.#before.learnt
    this.#ahead = ahead - this.#before.ahead
    this.#learntCalls = learntCalls
    this.#aheadCalls = aheadCalls
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
    this.#isLook = look !== undefined
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
      const calls = this.#system.calls - this.#callsAt
      this.#learnt += transitions
      if (this.#isLook) this.#aheadCalls += calls
      else this.#learntCalls += calls
    }
    this.#callsAt = undefined
    this.#isLook = false
    this.#running = undefined
  }

  /** @param reduction what is not used from now on */
  giveUp(reduction: string, learnt: string): void {
    this.#before.givenUp = [...this.#before.givenUp, `${givenUp(reduction, this.#steps, this.#tuning)} Learnt by then: ${learnt}.`]
  }

  /** The tables are not used any more. @param inVain what they were searched for counts as learning */
  end(inVain: boolean): void {
    this.#stop()
    const { searched, learnt, ahead } = this.#steps
    const before = this.#before
    Object.assign(before, inVain ? { learnt: learnt + searched - before.searched + ahead - before.ahead } : { searched, learnt, ahead })
  }
}
