import { Judge } from '../steps/judge.ts'
import { GREW } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import { Budget } from './budget.ts'
import { Deadlocks } from './deadlocks.ts'
import { FoundStates } from './found-states.ts'
import { LowerBounds, type NotedSteps } from './lower-bounds.ts'
import { Place } from './place.ts'
import type { SearchOptions } from './search-options.ts'
import type { Subsumption } from './subsumption.ts'

/** What is violated, and where: states (or steps from them) of one level, all of them. */
export interface Violation {
  /** The property, or `deadlock`. */
  readonly property: string
  readonly kind: 'state' | 'step' | 'deadlock' | 'stuck'
  /** The numbers of the states that violate it, or from which a step does. */
  readonly states: readonly number[]
  /** Only once all is lost that is in flight there: one step more. */
  readonly onceLost?: boolean
  /** The one way there, where that is known: the state before each step, and the last. */
  readonly path?: readonly number[]
  /** The states on all shortest ways there, where they are known: for each step from 0. */
  readonly corridor?: readonly ReadonlySet<number>[]
}

/** Thrown where a property turns out to look at the messages in flight: dead messages would hide them, and other threads cannot ask for each state. */
export class LooksInFlight extends Error {}

/**
 * One search over the tables: what it has found, where it is, and what a report says of it. `run` (run.ts) runs it; whatever ends that, what was found by then stands here.
 *
 * It has more fields than other classes: most are a line of the report each.
 */
export class Search {
  readonly options: SearchOptions
  readonly found: FoundStates
  readonly place: Place
  readonly judge: Judge
  /** What other threads keep for this search: distinct states, their bytes, and those that these may grow by at once. */
  elsewhere: { readonly states: number; readonly bytes: number; readonly growth: number } | undefined
  /** Threads that expanded states. */
  workers = 1
  /** Steps to the farthest state expanded or found. */
  depth = 0
  /** States that are found and not yet expanded. */
  frontier = 0
  /** `reachable` properties that were satisfied, as bits. */
  reached = 0
  violation: Violation | undefined
  stoppedBy: string | undefined
  /** Every state was expanded: nothing was cut off. */
  complete = false
  /** Random executions that were begun. */
  runs = 0
  /** How often states were expanded once more. */
  reopened = 0
  readonly #budget: Budget
  /** Runs of code of the protocol when the world outside last had its turn. */
  #callsAtTurn = 0
  #deadlocks: Deadlocks | undefined

  constructor(tables: Tables, options: SearchOptions, started: number) {
    this.options = options
    this.found = new FoundStates(tables, options)
    this.place = new Place(tables, options.order, options.reducers.bisimulation)
    this.judge = new Judge(tables, this.found.expander.successors)
    this.#budget = new Budget(options, tables.tuning, started)
  }

  get tables(): Tables {
    return this.found.tables
  }

  get reducers(): SearchOptions['reducers'] {
    return this.options.reducers
  }

  /** Are there deadlocks to look for where messages may be lost? Then a state with successors may be stuck, too (deadlocks.ts). */
  get losesAll(): boolean {
    return this.options.checkDeadlock && this.tables.fairLoss
  }

  /** Distinct states. */
  get states(): number {
    return this.elsewhere?.states ?? this.found.seen.count
  }

  get transitions(): number {
    return this.found.transitions
  }

  /** What the seen sets take, with all that a counterexample needs. */
  get seenBytes(): number {
    return (this.elsewhere?.bytes ?? 0) + this.found.bytes
  }

  /** Seconds since it was made. */
  get seconds(): number {
    return this.#budget.seconds
  }

  /** Before it runs: finds the states in which it begins, unless it goes on. False if it is to end as it is. */
  async start(): Promise<boolean> {
    const { place } = this
    if (!place.isResumed) await this.found.begin(() => this.pulse())
    // It stands at a pulse: what would end it there with the limits of today, ends it now.
    else if (!place.isTakenBack && place.sincePulse === 0) this.stoppedBy = this.#budget.endsAt(this.states)
    return !place.isResumed || this.stoppedBy === undefined
  }

  /** After it ran. */
  end(): void {
    this.found.expander.successors.count = 0
    this.found.isOver = true
  }

  /** Checks the budgets, and lets the world outside have its turn; true if the search is to end. */
  async pulse(): Promise<boolean> {
    const held = this.#held
    this.stoppedBy = this.#budget.exceeded(this.states, held, this.#growth) ?? this.stoppedBy ?? (await this.#budget.letOthers(held))
    return this.stoppedBy !== undefined
  }

  /** Has code of the protocol run so often that the world outside should have its turn before the next pulse? */
  get isLate(): boolean {
    return this.tables.system.calls - this.#callsAtTurn >= this.tables.tuning.callsPerTurn
  }

  /**
   * Between two pulses, where few states take long as the tables are filled: lets the world outside have its turn; true if it ends the search. What ends it at some count
   * of states is asked at pulses only, so how often code runs does not change where that is.
   */
  async isStoppedBetween(): Promise<boolean> {
    const { place } = this
    const { isMidway } = place
    this.#callsAtTurn = this.tables.system.calls
    place.isMidway = true
    this.stoppedBy ??= await this.#budget.letOthers(this.#held)
    place.isMidway = isMidway
    return this.stoppedBy !== undefined
  }

  /** Is a state stuck, and when? `MOVES`, `STUCK_ONCE_LOST` or `STUCK`. The batch must be empty. */
  stuckness(number: number): number {
    const { found } = this
    this.#deadlocks ??= new Deadlocks(this.tables)
    for (;;) {
      const answer = this.#deadlocks.stuckness(...found.record(number), found.expander.successors.layout)
      if (answer !== GREW) return answer
      found.settle()
    }
  }

  /** After a complete search with subsumption that noted its steps. */
  lowerBounds(noted: NotedSteps): LowerBounds {
    const { seen, expander, subsumption } = this.found
    return new LowerBounds(this.tables, seen, expander.successors.layout, subsumption as Subsumption, noted)
  }

  /** Bytes. */
  get #held(): number {
    const { noted, bounds } = this.options
    return this.seenBytes + this.place.waiting.bytes + (this.found.subsumption?.bytes ?? 0) + (noted?.bytes ?? 0) + (bounds?.bytes ?? 0)
  }

  /** Bytes that growing may take for a moment. */
  get #growth(): number {
    const { seen, subsumption } = this.found
    const ahead = this.tables.tuning.statesAhead
    return (
      seen.growthBytes(ahead) +
      this.place.waiting.growthBytes(ahead) +
      (subsumption?.growthBytes(ahead) ?? 0) +
      (this.options.noted?.growthBytes(ahead) ?? 0) +
      (this.elsewhere?.growth ?? 0)
    )
  }
}
