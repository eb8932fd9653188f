import { SpecError } from '../protocol/errors.ts'
import type { Bisimulation, IsOver } from '../reduce/bisimulation/bisimulation.ts'
import type { DeadMessages } from '../reduce/dead-messages.ts'
import type { Spending } from '../reduce/spending.ts'
import { lookAhead } from '../search/look-ahead.ts'
import type { Search } from '../search/search.ts'
import type { Tables } from '../tables/tables.ts'

export type LearningState = readonly [
  statesBefore: number,
  copiesBefore: number,
  refutedAt: number | null,
  merges: boolean,
  classesRefuted: number,
  mayMerge: boolean,
]

/**
 * Learn, then confirm. The reductions guess what may happen to a node later; a round that refutes no guess is a proof (see
 * reduce/dead-messages.ts and reduce/bisimulation/bisimulation.ts), every other only teaches. So at first there are looks ahead, which see most states of nodes in few
 * states of the system (search/look-ahead.ts). And a round is broken off early if it is refuted, or still meets many states of nodes for the first time:
 * it is worth no more than what it has taught.
 *
 * Bisimulation, with its looks ahead, is given up once learning has taken its share (reduce/spending.ts). What it had merged until then proves nothing: the round that used it is
 * followed by one without. Dead messages need no such share: see there.
 */
export class Learning {
  readonly #tables: Tables
  readonly #dead: DeadMessages
  #bisimulation: Bisimulation | undefined
  readonly #spending: Spending
  readonly #mergesAtOnce: boolean
  /** Whether bisimulation is used: it learns for longer than it saves where a search is small. */
  merges = false
  #statesBefore = 0
  #copiesBefore = 0
  #refutedAt = Infinity
  #isLarge = false

  /** @param mergesAtOnce use bisimulation from the first round on, however small the search is */
  constructor(tables: Tables, dead: DeadMessages, bisimulation: Bisimulation | undefined, spending: Spending, mergesAtOnce: boolean) {
    this.#tables = tables
    this.#spending = spending
    this.#dead = dead
    this.#bisimulation = bisimulation
    this.#mergesAtOnce = mergesAtOnce
  }

  begin(): void {
    this.#statesBefore = this.#localStates()
    this.#copiesBefore = this.#copies()
    this.#refutedAt = Infinity
  }

  /** Where a round stands, to go on with it elsewhere. */
  get state(): LearningState {
    return [
      this.#statesBefore,
      this.#copiesBefore,
      this.#refutedAt === Infinity ? null : this.#refutedAt,
      this.merges,
      this.#bisimulation?.refuted ?? 0,
      this.#bisimulation !== undefined,
    ]
  }

  set state([statesBefore, copiesBefore, refutedAt, merges, classesRefuted, mayMerge]: LearningState) {
    if (!mayMerge) {
      if (this.#bisimulation !== undefined) this.#bisimulation.isUsed = false
      this.#bisimulation = undefined
    }
    this.#statesBefore = statesBefore
    this.#copiesBefore = copiesBefore
    if (this.#bisimulation !== undefined) this.#bisimulation.refuted = classesRefuted
    this.#refutedAt = refutedAt ?? Infinity
    this.merges = merges
  }

  /** Was nothing refuted in this round? Otherwise it only teaches. */
  get holds(): boolean {
    return this.#dead.refutations === 0
  }

  /** Is it time to look ahead, and to merge states from then on? */
  get wantsToMerge(): boolean {
    return this.#bisimulation !== undefined && !this.merges && (this.#mergesAtOnce || this.#isLarge)
  }

  /**
   * Is this round, at so many distinct states, not worth going on with?
   * @param reopens it will make up for what was refuted
   */
  isEnough(states: number, reopens: boolean): boolean {
    if (this.#dead.refutations > 0) this.#refutedAt = Math.min(this.#refutedAt, states)
    const { tuning } = this.#tables
    if (!reopens && states > 2 * this.#refutedAt + tuning.refutedStates) return true
    if (this.#bisimulation === undefined) return false
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
    const bisimulation = this.merges ? this.#bisimulation : undefined
    this.#spending.learns()
    const classes = await bisimulation?.learn(isOver, this.#spending)
    this.#spending.learnsNoMore()
    if (bisimulation !== undefined && classes === undefined) {
      if (!(await isOver())) this.#giveUp()
      return false
    }
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
    if (!this.merges || this.#bisimulation === undefined) return false
    this.#spending.learns()
    const areOthers = await this.#bisimulation.relearn(isOver, this.#spending)
    this.#spending.learnsNoMore()
    if (areOthers || !this.#spending.isSpent || (await isOver())) return areOthers
    this.#giveUp()
    return true
  }

  /** Bisimulation is not used from now on. What was found with states merged is not confirmed by what is found without. */
  #giveUp(): void {
    const { carried, alive } = this.#dead.size
    const count = (n: number): string => n.toLocaleString('en')
    this.#spending.giveUp(
      'bisimulation',
      `${count(this.#localStates())} states of nodes, ${count(carried - alive)} of ${count(carried)} pairs of a message and such a state in which it is dead`,
    )
    this.#bisimulation?.giveUp()
    this.#bisimulation = undefined
    this.merges = false
  }

  /**
   * Looks ahead until little is left to learn: first at all states of nodes, then only at those that stand for others. What the handlers throw
   * meanwhile is passed over: it may lie beyond the depth that was asked for, and if not, the search proper meets it too.
   */
  async lookAhead(newSearch: () => Search, isOver: IsOver): Promise<void> {
    const { looksMax, lookVisits, lookStates, settledShare } = this.#tables.tuning
    const ends: IsOver = async () => (await isOver()) || this.#spending.isSpent
    for (let i = 0; i < looksMax && this.#bisimulation !== undefined && !(await ends()); i++) {
      const before = this.#dead.size.carried
      this.begin()
      const look = newSearch()
      this.#spending.learns(look)
      try {
        await lookAhead(look.found, lookVisits, lookStates, ends)
      } catch (error) {
        if (!(error instanceof SpecError)) throw error
        break
      } finally {
        this.#spending.learnsNoMore()
      }
      if (this.merges && (await this.confirms(false, isOver))) return
      const { carried } = this.#dead.size
      if (this.#bisimulation !== undefined && !this.merges && carried - before <= settledShare * carried) {
        this.merges = true
        await this.confirms(true, isOver)
      }
      this.#dead.forgive()
    }
    if (this.#bisimulation === undefined) return
    if (this.#spending.isSpent && !(await isOver())) this.#giveUp()
    else this.merges = true
  }

  /** Of messages that may be in flight more than once at a time. */
  #copies(): number {
    return this.#tables.bits.size - this.#tables.packets.size
  }

  #localStates(): number {
    return [...new Set(this.#tables.locals)].reduce((sum, { size }) => sum + size, 0)
  }
}
