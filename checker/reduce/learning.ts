import type { Tables } from '../compile/tables.ts'
import { SpecError } from '../protocol/errors.ts'
import type { Search } from '../search/search.ts'
import type { Bisimulation, IsOver } from './bisimulation.ts'
import type { DeadMessages } from './dead-messages.ts'

export type LearningState = readonly [statesBefore: number, copiesBefore: number, refutedAt: number | null, merges: boolean, classesRefuted: number]

/**
 * Learn, then confirm. The reductions guess what may happen to a node later; a round that refutes no guess is a proof (see
 * dead-messages.ts and bisimulation.ts), every other only teaches. So at first there are looks ahead, which see most states of nodes in few
 * states of the system (`Search.lookAhead`), and a round that is refuted, or still meets many states of nodes for the first time, is broken off
 * early: it is worth no more than what it has taught.
 */
export class Learning {
  readonly #tables: Tables
  readonly #dead: DeadMessages
  readonly #alike: Bisimulation | undefined
  readonly #mergesAtOnce: boolean
  /** Whether bisimulation is used: it learns for longer than it saves where a search is small. */
  merges = false
  #statesBefore = 0
  #copiesBefore = 0
  #refutedAt = Infinity
  #isLarge = false

  /** @param mergesAtOnce use bisimulation from the first round on, however small the search is */
  constructor(tables: Tables, dead: DeadMessages, alike: Bisimulation | undefined, mergesAtOnce: boolean) {
    this.#tables = tables
    this.#dead = dead
    this.#alike = alike
    this.#mergesAtOnce = mergesAtOnce
  }

  begin(): void {
    this.#statesBefore = this.#localStates()
    this.#copiesBefore = this.#copies()
    this.#refutedAt = Infinity
  }

  /** Where a round stands, to go on with it elsewhere. */
  get state(): LearningState {
    return [this.#statesBefore, this.#copiesBefore, this.#refutedAt === Infinity ? null : this.#refutedAt, this.merges, this.#alike?.refuted ?? 0]
  }

  set state([statesBefore, copiesBefore, refutedAt, merges, classesRefuted]: LearningState) {
    this.#statesBefore = statesBefore
    this.#copiesBefore = copiesBefore
    if (this.#alike !== undefined) this.#alike.refuted = classesRefuted
    this.#refutedAt = refutedAt ?? Infinity
    this.merges = merges
  }

  /** Is it time to look ahead, and to merge states from then on? */
  get wantsToMerge(): boolean {
    return this.#alike !== undefined && !this.merges && (this.#mergesAtOnce || this.#isLarge)
  }

  /**
   * Is this round, at so many distinct states, not worth going on with?
   * @param reopens it will make up for what was refuted
   */
  isEnough(states: number, reopens: boolean): boolean {
    if (this.#dead.refutations > 0) this.#refutedAt = Math.min(this.#refutedAt, states)
    const { tuning } = this.#tables
    if (!reopens && states > 2 * this.#refutedAt + tuning.refutedStates) return true
    if (this.#alike === undefined) return false
    if (this.merges) {
      const isNovel = (now: number, before: number): boolean => now > tuning.novelShare * before + tuning.novelStates
      // With classes that are wrong, a search may send a message again and again, and never end.
      return isNovel(this.#copies(), this.#copiesBefore) || (states > tuning.lookStates && isNovel(this.#localStates(), this.#statesBefore))
    }
    this.#isLarge = states > Math.max(tuning.largeStates, tuning.largeShare * this.#tables.system.calls)
    return this.#isLarge
  }

  /**
   * The states of each node from which steps are to be taken once more, for what was refuted since, if it is time to: when the search has no more states
   * to expand, or so many have come since that it would expand many in vain.
   */
  reopen(states: number, isLast: boolean): readonly ReadonlySet<number>[] | undefined {
    const { reopenShare, reopenStates } = this.#tables.tuning
    if (this.#dead.refutations === 0 || (!isLast && states <= reopenShare * this.#refutedAt + reopenStates)) return undefined
    const { touched } = this.#dead
    this.#dead.forgive()
    this.#refutedAt = Infinity
    return touched
  }

  /** After a round: did all guesses hold, and was it not broken off? If not, what was learnt is taken up, for the next. If the check is over before that is known, they did not. */
  async confirms(brokenOff: boolean, isOver: IsOver): Promise<boolean> {
    const merges = this.merges && this.#alike !== undefined
    const classes = merges ? await this.#alike.learn(isOver) : undefined
    if (merges && classes === undefined) return false
    const held = this.#dead.refutations === 0 && (classes === undefined || classes.confirmed)
    if (held && !brokenOff) return true
    if (classes === undefined) this.#dead.forgive()
    else classes.adopt()
    return false
  }

  /**
   * After a round that was confirmed, but whose counterexample cannot be walked: takes up the classes that confirmed it, for another. False if they are no others than those that were used.
   */
  async takesUp(isOver: IsOver): Promise<boolean> {
    return this.merges && (await this.#alike?.relearn(isOver)) === true
  }

  /**
   * Looks ahead until little is left to learn: first at all states of nodes, then only at those that stand for others. What the handlers throw
   * meanwhile is passed over: it may lie beyond the depth that was asked for, and if not, the search proper meets it too.
   */
  async lookAhead(newSearch: () => Search, isOver: IsOver): Promise<void> {
    const { looksMax, lookVisits, lookStates, settledShare } = this.#tables.tuning
    for (let i = 0; i < looksMax && !(await isOver()); i++) {
      const before = this.#dead.size.carried
      this.begin()
      try {
        await newSearch().lookAhead(lookVisits, lookStates, isOver)
      } catch (error) {
        if (!(error instanceof SpecError)) throw error
        break
      }
      if (this.merges && (await this.confirms(false, isOver))) return
      const { carried } = this.#dead.size
      if (!this.merges && carried - before <= settledShare * carried) {
        this.merges = true
        await this.confirms(true, isOver)
      }
      this.#dead.forgive()
    }
    this.merges = true
  }

  /** Of messages that may be in flight more than once at a time. */
  #copies(): number {
    return this.#tables.bits.size - this.#tables.packets.size
  }

  #localStates(): number {
    return [...new Set(this.#tables.locals)].reduce((sum, { size }) => sum + size, 0)
  }
}
