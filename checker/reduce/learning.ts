import type { Tables } from '../compile/tables.ts'
import { SpecError } from '../protocol/errors.ts'
import type { Search } from '../search/search.ts'
import type { Bisimulation } from './bisimulation.ts'
import type { DeadMessages } from './dead-messages.ts'

/** States that a look ahead may see. */
const SCOUT_STATES = 40_000

/** How often a look ahead goes on from states with the same state of a node. */
const SCOUT_VISITS = 2

/** Looks ahead before the first round, at most. */
const SCOUTS_MAX = 8

/** Learns nothing new once fewer states than this are merged from one look ahead to the next. */
const SETTLED_SHARE = 0.02

/**
 * Learn, then confirm. The reductions guess what may happen to a node later; a round that refutes no guess is a proof (see
 * dead-messages.ts and bisimulation.ts), every other only teaches. So at first there are looks ahead, which see most states of nodes in few
 * states of the system (`Search.scout`), and a round that is refuted, or still meets many states of nodes for the first time, is broken off
 * early: it is worth no more than what it has taught.
 */
export class Learning {
  readonly #tables: Tables
  readonly #dead: DeadMessages
  readonly #alike: Bisimulation | undefined
  #statesBefore = 0
  #refutedAt = Infinity

  constructor(tables: Tables, dead: DeadMessages, alike: Bisimulation | undefined) {
    this.#tables = tables
    this.#dead = dead
    this.#alike = alike
  }

  begin(): void {
    this.#statesBefore = this.#localStates()
    this.#refutedAt = Infinity
  }

  /** Where a round stands, to go on with it elsewhere. */
  get state(): readonly [statesBefore: number, refutedAt: number | null] {
    return [this.#statesBefore, this.#refutedAt === Infinity ? null : this.#refutedAt]
  }

  set state([statesBefore, refutedAt]: readonly [statesBefore: number, refutedAt: number | null]) {
    this.#statesBefore = statesBefore
    this.#refutedAt = refutedAt ?? Infinity
  }

  /** Is this round, at so many distinct states, not worth going on with? */
  isEnough(states: number): boolean {
    if (this.#dead.refutations > 0) this.#refutedAt = Math.min(this.#refutedAt, states)
    if (states > 2 * this.#refutedAt + 1_000) return true
    return this.#alike !== undefined && states > SCOUT_STATES && this.#localStates() > 1.25 * this.#statesBefore + 50
  }

  /** After a round: did all guesses hold, and was it not broken off? If not, what was learnt is taken up, for the next. */
  confirms(brokenOff: boolean): boolean {
    const classes = this.#alike?.learn()
    const held = this.#dead.refutations === 0 && (classes === undefined || classes.confirmed)
    if (held && !brokenOff) return true
    if (classes === undefined) this.#dead.forgive()
    else classes.adopt()
    return false
  }

  /**
   * Looks ahead until little is left to learn. What the handlers throw meanwhile is passed over: it may lie beyond the depth that was asked
   * for, and if not, the search proper meets it too.
   * @param late is there no time left? Asked between two looks
   */
  lookAhead(newSearch: () => Search, late: () => boolean): void {
    for (let i = 0; i < SCOUTS_MAX && !late(); i++) {
      const before = [this.#localStates(), this.#alike?.merged ?? 0] as const
      this.begin()
      try {
        newSearch().scout(SCOUT_VISITS, SCOUT_STATES)
      } catch (error) {
        if (!(error instanceof SpecError)) throw error
        return
      }
      this.confirms(true)
      const [states, merged] = [this.#localStates(), this.#alike?.merged ?? 0]
      if (states - before[0] <= SETTLED_SHARE * states && merged - before[1] <= SETTLED_SHARE * merged) return
    }
  }

  #localStates(): number {
    return [...new Set(this.#tables.locals)].reduce((sum, { size }) => sum + size, 0)
  }
}
