import { SpecError } from '../protocol/errors.ts'
import { Bisimulation } from '../reduce/bisimulation/bisimulation.ts'
import { DeadMessages } from '../reduce/dead-messages.ts'
import { digest } from '../reduce/digest.ts'
import { PartialOrder } from '../reduce/partial-order/partial-order.ts'
import type { Spending } from '../reduce/spending.ts'
import { DeadFieldRead, Untrackable } from '../run/untrackable.ts'
import { BROKEN_OFF } from '../search/budget.ts'
import { judgeCanAlways } from '../search/can-always.ts'
import { type LowerBounds, NotedSteps } from '../search/lower-bounds.ts'
import { run } from '../search/run.ts'
import { LooksInFlight, Search, type Violation } from '../search/search.ts'
import type { SearchOptions, SearchTeam } from '../search/search-options.ts'
import { resumeSearch, searchSnapshot } from '../search/search-snapshot.ts'
import { simulate } from '../search/simulate.ts'
import { isOutOfMemory } from '../states/heap.ts'
import { RankRead } from '../tables/symmetry.ts'
import type { Tables } from '../tables/tables.ts'
import { DependsOnOrder } from '../workers/team.ts'
import { askedOf, Checkpoints, checkInFlightAnew, restoreTables } from './checkpoint.ts'
import { CannotBeWalked } from './counterexample.ts'
import type { Known } from './known.ts'
import { withExecution } from './leads-to.ts'
import { Learning } from './learning.ts'
import { type Ending, isAboutToEnd, type Phase, phaseMax, phaseNames, transitions } from './phases.ts'
import { mayUse, type Reduction } from './reductions.ts'
import type { Report } from './report.ts'
import { kept, SNAPSHOT_VERSION, type Snapshot } from './snapshot.ts'
import { usesDeadMessages, usesPartialOrder, usesSubsumption } from './sound-for.ts'
import { conclude, ifWalked, wider, withLonger, withStuck } from './verdict.ts'
import { Watch } from './watch.ts'

/**
 * Why the tables are not searched any further, so that the next attempt knows better:
 * - `in-flight`: a property looks at the messages in flight;
 * - `fields`: it is known by now what fields are dead;
 * - `order`: several threads met what one may have met in another order, or later. So that is taken back, and one thread goes on from where they took over.
 */
export type Restart = 'in-flight' | 'fields' | 'order'

type Answer = { readonly report: Report } | { readonly restart: Restart }

type Ended = Answer | { readonly ending: Ending }

/** Where an attempt stands between two rounds. */
interface Course {
  phase: Phase
  /** Rounds that were begun. */
  round: number
  /** Steps; less than was asked about where a shorter counterexample is looked for. */
  depthMax: number
  /** What the widest round found that taught only: its states were reached, so if no later round gets as far, it is the answer. */
  widest: Report | undefined
  /** The counterexample of a search that was not for a shortest; a shorter one may exist. */
  longer: Report | undefined
  /** Not any more once the way to a violation could not be found, since steps lead elsewhere when they are taken once more. */
  mayReopen: boolean
}

/** What several threads meet, and where, depends on their order: what code of the spec throws, what refutes a guess, or ends a search that only teaches. */
const dependsOnOrder = (error: unknown): boolean =>
  [DependsOnOrder, SpecError, DeadFieldRead, Untrackable, RankRead, LooksInFlight, CannotBeWalked].some(kind => error instanceof kind)

/**
 * An attempt to answer with one set of tables: rounds of search, phase after phase (`transitions`), until there is an answer, or another attempt is to be made.
 *
 * One long class: each way a round may end is a method, and they share the course that the attempt has taken.
 */
export class Attempt {
  readonly #tables: Tables
  readonly #known: Known
  readonly #spending: Spending
  readonly #findDeadFields: () => Promise<boolean>
  readonly #watch: Watch
  readonly #checkDeadlock: boolean
  readonly #reducers: {
    readonly dead: DeadMessages | undefined
    readonly bisimulation: Bisimulation | undefined
    partialOrder: PartialOrder | undefined
    readonly subsume: boolean
  }
  readonly #learning: Learning | undefined
  readonly #checkpoints: Checkpoints<Search> | undefined
  readonly #course: Course
  /** Of a search that is confirmed, for as long as nothing is learnt since. */
  #bounds: LowerBounds | undefined
  /** `reachable` properties that were met within the depth, as bits. */
  #reached = 0
  /** What runs, or ran last. */
  #looking: Search | undefined

  /** @param findDeadFields with tables of its own: is another attempt to be made, by what is known then? */
  constructor(tables: Tables, known: Known, spending: Spending, findDeadFields: () => Promise<boolean>) {
    const { options, tuning } = known
    const { mayRest } = known.protocol
    this.#tables = tables
    this.#known = known
    this.#spending = spending
    this.#findDeadFields = findDeadFields
    this.#watch = new Watch(known)
    this.#checkDeadlock = mayRest !== undefined && mayRest !== true && (options.property === undefined || options.property === 'deadlock')
    const dead = known.deadMessages && usesDeadMessages(tables, options, this.#checkDeadlock) ? new DeadMessages(tables) : undefined
    const subsume = known.subsumption && usesSubsumption(tables, options, this.#checkDeadlock)
    const mayMerge = mayUse(options, 'bisimulation') && tables.globalNames.length === 0 && tables.predicates.world.length === 0
    const bisimulation = dead !== undefined && mayMerge ? new Bisimulation(tables, dead) : undefined
    const partialOrder = bisimulation === undefined && !subsume && usesPartialOrder(tables, options) ? new PartialOrder(tables, dead) : undefined
    this.#reducers = { dead, bisimulation, partialOrder, subsume }
    const mergesAtOnce = options.reduce !== undefined || tables.live?.resets === true
    this.#learning = dead === undefined ? undefined : new Learning(tables, dead, bisimulation, spending, mergesAtOnce)
    this.#checkpoints = options.checkpoint && new Checkpoints(options.checkpoint, search => this.#snapshotOf(search), tuning.snapshotShare)
    this.#course = { phase: this.#firstPhase(), round: 0, depthMax: options.depth ?? Infinity, widest: known.violated, longer: undefined, mayReopen: true }
    if (known.resume !== undefined) this.#restore(known.resume)
  }

  async run(): Promise<Answer> {
    try {
      return this.#known.fields.stage === 'learn' ? await this.#learnFields() : await this.#rounds()
    } catch (error) {
      if (this.#known.handedOver !== undefined && dependsOnOrder(error)) return { restart: 'order' }
      if (error instanceof LooksInFlight) return { restart: 'in-flight' }
      throw error
    }
  }

  async #rounds(): Promise<Answer> {
    try {
      for (;;) {
        const ended = await this.#round()
        if (!('ending' in ended)) return ended
        const next = transitions[this.#course.phase][ended.ending] as Phase
        this.#course.phase = next === 'shorten' && !this.#mayBound ? 'all' : next
      }
    } catch (error) {
      if (this.#looking !== undefined && isOutOfMemory(error)) return await this.#endedBy(this.#looking, 'memory')
      throw error
    }
  }

  /** One search, and what it comes to: the first that applies. */
  async #round(): Promise<Ended> {
    const search = await this.#search()
    return (
      (await this.#violatedEarly(search)) ??
      (await this.#full(search)) ??
      (await this.#refuted(search)) ??
      this.#bounded(search) ??
      this.#outOfOrder(search) ??
      this.#sawLess(search) ??
      (await this.#answer(search))
    )
  }

  async #search(): Promise<Search> {
    const learning = this.#learning
    const { partialOrder } = this.#reducers
    const { options, resume, most } = this.#known
    this.#course.round++
    this.#known.handedOver = undefined
    if (resume === undefined && this.#bounds === undefined && learning?.wantsToMerge) await learning.lookAhead(this.#lookAhead, this.#isOver)
    learning?.begin()
    partialOrder?.begin()
    const search = this.#newSearch({ noted: this.#course.phase === 'bound' ? new NotedSteps() : undefined })
    if (resume !== undefined) this.#goOn(search, resume)
    this.#looking = search
    this.#spending.searches(search)
    try {
      if (options.simulate !== undefined) await simulate(search, options.simulate, options.depth ?? 100, this.#checkDeadlock)
      else await run(search)
    } catch (error) {
      throw isOutOfMemory(error) || this.#known.handedOver !== undefined ? error : withExecution(search, error)
    }
    if (search.states > most.states) this.#known.most = { states: search.states, transitions: search.transitions, depth: search.depth }
    if ((this.#reducers.dead !== undefined || this.#reducers.subsume) && this.#tables.looksInFlight) throw new LooksInFlight()
    // What is met with states merged is not known to be reachable before that is confirmed; in other orders it may be deeper.
    if (search.found.depths === undefined && learning?.merges !== true) this.#reached |= search.reached
    if (this.#bounds !== undefined) search.reached |= this.#reached
    if (search.stoppedBy !== undefined && search.stoppedBy !== BROKEN_OFF) await this.#checkpoints?.save(search)
    return search
  }

  /** A scout or a proof that met a violation: now the shortest execution that leads to one, of fewer steps. */
  async #violatedEarly(search: Search): Promise<Ended | undefined> {
    const course = this.#course
    if ((course.phase !== 'scout' && course.phase !== 'prove') || search.violation === undefined) return undefined
    const found = ifWalked(() => this.#conclude(search, search.violation, true))
    if ((await this.#learning?.confirms(false, this.#isOver)) !== false && found instanceof CannotBeWalked) await this.#judgeAnew(search, found)
    if (!(found instanceof CannotBeWalked)) this.#shorterThan(this.#keep(found))
    if (this.#watch.over !== undefined) return this.#endedBy(search, this.#watch.over)
    return { ending: found instanceof CannotBeWalked ? 'refuted' : 'violated' }
  }

  /** The phase kept all that it may, without an answer. */
  async #full(search: Search): Promise<Ended | undefined> {
    const { phase } = this.#course
    const brokenOff = search.stoppedBy === BROKEN_OFF
    if (phase === 'scout' ? !brokenOff && search.stoppedBy !== undefined : !brokenOff || !this.#isFull(search, search.found.seen.count)) return undefined
    const { fields } = this.#known
    if (phase === 'first' && fields.mayBegin) {
      if (await this.#findDeadFields()) return { restart: 'fields' }
      this.#tables.system.callsBefore = fields.callsBefore
    }
    await this.#learning?.confirms(true, this.#isOver)
    return this.#watch.over === undefined ? { ending: 'full' } : this.#endedBy(search, this.#watch.over)
  }

  /** A guess was wrong, or the round was broken off: it taught only. */
  async #refuted(search: Search): Promise<Ended | undefined> {
    const brokenOff = search.stoppedBy === BROKEN_OFF
    if (this.#learning === undefined || (search.stoppedBy !== undefined && !brokenOff)) return undefined
    if (await this.#learning.confirms(brokenOff, this.#isOver)) return undefined
    if (this.#watch.over !== undefined) return this.#endedBy(search, this.#watch.over)
    const course = this.#course
    course.widest = wider(course.widest, search, () => this.#conclude(search, search.violation, true))
    if (course.widest !== undefined) this.#keep(course.widest)
    return this.#forgetBounds()
  }

  /** How far each state is from a violation is known. */
  #bounded(search: Search): Ended | undefined {
    const { noted } = search.options
    if (noted === undefined || !search.complete || !noted.met) return undefined
    this.#bounds = search.lowerBounds(noted)
    return { ending: 'bounded' }
  }

  /** With partial order: what is violated may be so sooner, in another order; or a guess was wrong. */
  #outOfOrder(search: Search): Ended | undefined {
    const { partialOrder } = this.#reducers
    if (partialOrder === undefined || search.stoppedBy !== undefined) return undefined
    if (search.violation === undefined) return partialOrder.refuted ? { ending: 'refuted' } : undefined
    this.#course.longer = this.#keep(this.#conclude(search, search.violation))
    // No deeper than the violation that was found, in every order.
    this.#course.depthMax = search.depth + 1
    this.#reducers.partialOrder = undefined
    return { ending: 'violated' }
  }

  /** A limit ended it before it saw as much as an earlier round. */
  #sawLess(search: Search): Ended | undefined {
    const { longer, widest } = this.#course
    if (longer !== undefined || widest === undefined || search.stoppedBy === undefined || search.violation !== undefined) return undefined
    if (widest.verdict !== 'violated' && widest.states <= search.states) return undefined
    return { report: { ...widest, stoppedBy: search.stoppedBy, seconds: this.#watch.seconds } }
  }

  async #answer(search: Search): Promise<Ended> {
    const asksStuck = search.violation === undefined && search.complete && this.#tables.predicates.canAlways !== 0
    const stuck = asksStuck ? await judgeCanAlways(search, () => this.#newSearch({ after: search })) : undefined
    if (stuck?.stoppedBy !== undefined) {
      search.stoppedBy = stuck.stoppedBy
      search.complete = false
    }
    const violation = search.violation ?? stuck?.found[0]?.violation
    const report = ifWalked(() => withStuck(this.#conclude(search, violation), stuck))
    if (report instanceof CannotBeWalked) {
      await this.#judgeAnew(search, report)
      return this.#watch.over === undefined ? this.#forgetBounds() : this.#endedBy(search, this.#watch.over)
    }
    if (violation !== undefined) return { report }
    const { longer, depthMax } = this.#course
    if (longer !== undefined) return { report: withLonger(report, longer, this.#watch.limits.depth, depthMax) }
    const { violated } = this.#known
    if (report.verdict === 'holds' && violated !== undefined) throw new Error(`One search says that ${violated.property} is violated, another that all holds.`)
    return { report: this.#bounds === undefined ? report : { ...report, notes: [...report.notes, 'Beyond the depth some property is violated.'] } }
  }

  /** The answer where the check ended before it was known whether a search is a proof. */
  async #endedBy(search: Search, why: string): Promise<{ readonly report: Report }> {
    const { over } = this.#watch
    const { widest, longer, depthMax } = this.#course
    // Gone on with, it ends at once as it did, and what it has taught is learnt then. Where there is no memory it may have been left anyhow; and where it found something, another has begun.
    if (over !== undefined && search.found.isOver && !search.place.isMidway && search.violation === undefined) await this.#checkpoints?.save(search)
    const { violation } = search
    search.stoppedBy = why
    search.complete = false
    const found = wider(widest, search, () => this.#conclude(search, violation, true)) ?? this.#conclude(search, undefined)
    const report = { ...found, stoppedBy: why, seconds: this.#watch.seconds }
    return { report: longer === undefined ? report : withLonger(report, longer, this.#watch.limits.depth, depthMax) }
  }

  /** After a violation whose way cannot be walked: what rests on guesses is judged anew. */
  async #judgeAnew(search: Search, error: CannotBeWalked): Promise<void> {
    if (this.#known.handedOver !== undefined) throw error
    if ((await this.#learning?.takesUp(this.#isOver)) === true || this.#watch.over !== undefined) return
    if (search.reopened === 0) throw error
    this.#course.mayReopen = false
  }

  /** They hold for the classes that they were found with. */
  #forgetBounds(): { readonly ending: Ending } {
    const hadBounds = this.#bounds !== undefined
    this.#bounds = undefined
    return { ending: hadBounds ? 'unbounded' : 'refuted' }
  }

  #shorterThan(found: Report): void {
    this.#course.longer = found
    this.#course.depthMax = Math.min(this.#watch.limits.depth, (found.counterexample?.steps.length as number) - 1)
  }

  #keep(found: Report): Report {
    if (found.counterexample !== null && found.counterexample.steps.length <= this.#watch.limits.depth) this.#known.violated = found
    return found
  }

  #conclude(search: Search, violation: Violation | undefined, isLong?: boolean): Report {
    return conclude(search, this.#known.options, violation, this.#known.started, this.#course.round, this.#reductions, isLong)
  }

  #firstPhase(): Phase {
    const { options, fields } = this.#known
    if (!this.#reducers.subsume || options.order !== undefined) return 'all'
    return (fields.stage === 'off' && !fields.wereTried) || options.reduce !== undefined ? 'first' : 'scout'
  }

  /** With lower bounds only violations are looked for: whether what is reachable was met must not matter any more. Checkpoints do not hold them. */
  get #mayBound(): boolean {
    const { options } = this.#known
    if (!mayUse(options, 'lower-bounds') || options.checkpoint !== undefined || options.resume !== undefined || options.after !== undefined) return false
    return this.#course.depthMax < this.#watch.limits.depth || (this.#tables.predicates.reachables & ~this.#reached) === 0
  }

  get #phaseMax(): number {
    const { options, tuning } = this.#known
    return phaseMax(this.#course.phase, options, this.#course.longer !== undefined, tuning)
  }

  get #phaseName(): string {
    const { phase, longer, round } = this.#course
    if (longer !== undefined)
      return `violated after ${longer.counterexample?.steps.length} steps; ${phase === 'bound' ? 'how far from the start?' : 'shorter?'}`
    return phaseNames[phase] ?? (this.#reducers.dead === undefined ? 'search' : round === 1 ? 'learn' : 'confirm')
  }

  get #reductions(): readonly Reduction[] {
    const { dead, partialOrder, subsume } = this.#reducers
    return [
      ...(this.#tables.symmetry.groupSize > 1 ? (['symmetry'] as const) : []),
      ...(dead !== undefined ? (['dead-messages'] as const) : []),
      ...(this.#tables.live?.resets ? (['dead-fields'] as const) : []),
      ...(this.#learning?.merges ? (['bisimulation'] as const) : []),
      ...(partialOrder !== undefined ? (['partial-order'] as const) : []),
      ...(subsume ? (['subsumption'] as const) : []),
      ...(this.#bounds !== undefined ? (['lower-bounds'] as const) : []),
    ]
  }

  get #reopens(): boolean {
    const { phase, mayReopen } = this.#course
    return mayReopen && this.#reducers.subsume && (phase === 'prove' || this.#known.options.order === 'depth')
  }

  #isEnough(search: Search, states: number): boolean {
    const learns = this.#course.phase !== 'scout' && this.#bounds === undefined
    return (learns && this.#learning?.isEnough(states, this.#reopens) === true) || this.#isFull(search, states)
  }

  #isFull({ found: { levels } }: Search, states: number): boolean {
    const { tuning } = this.#known
    const max = this.#phaseMax
    const goesOn = this.#course.phase === 'first' && states <= tuning.firstEnds * max && isAboutToEnd(levels, max, tuning)
    return states > max && !goesOn
  }

  readonly #isOver = (): Promise<boolean> => this.#watch.isOver(this.#looking)

  readonly #lookAhead = (): Search => {
    this.#looking = this.#newSearch({ looksAhead: true })
    return this.#looking
  }

  async #learnFields(): Promise<Answer> {
    const look = this.#lookAhead()
    this.#spending.learns(look)
    await this.#known.fields.learn(look, this.#isOver)
    return { restart: 'fields' }
  }

  async #pulse(search: Search): Promise<string | undefined> {
    await this.#watch.show(this.#phaseName, search)
    if (!search.place.isMidway) await this.#checkpoints?.saveIfDue(search)
    return this.#watch.stopsSearch
  }

  /** @param round `after`: the complete search that it adds to; see `judgeCanAlways` */
  #newSearch(round: { readonly noted?: NotedSteps | undefined; readonly looksAhead?: true; readonly after?: Search }): Search {
    const { noted, looksAhead, after } = round
    const { options, tuning, began } = this.#known
    const { phase, depthMax } = this.#course
    const learning = this.#learning
    const order = after !== undefined ? 'breadth' : phase === 'prove' || phase === 'bound' ? 'progress' : (options.order ?? 'breadth')
    const lateIsLost = this.#reducers.subsume && this.#tables.fairLoss
    const saturate =
      this.#tables.partition === undefined && (after !== undefined || (lateIsLost && (looksAhead === true || (order !== 'breadth' && phase !== 'bound'))))
    const { limits } = this.#watch
    const searchOptions: SearchOptions = {
      limits: { ...limits, depth: depthMax, states: limits.states - (after?.states ?? 0) },
      order,
      checkDeadlock: this.#checkDeadlock,
      subsumptionMax: phase === 'scout' ? tuning.scoutKeeps : Infinity,
      noted,
      bounds: this.#bounds,
      reducers: { ...this.#reducers, saturate },
      enough: states => after === undefined && this.#isEnough(search, states),
      resumable: options.checkpoint !== undefined,
      reopen: this.#reopens && learning !== undefined ? (states, isLast) => learning.reopen(states, isLast) : undefined,
      pulse: () => this.#pulse(search),
      team: this.#teamFor(() => search),
    }
    const search: Search = new Search(this.#tables, searchOptions, began)
    return search
  }

  #teamFor(search: () => Search): SearchTeam | undefined {
    const { team, takenBack } = this.#known
    if (team === undefined || takenBack) return undefined
    return {
      isReady: async () => this.#learning?.holds !== false && (await team.isReady(search())),
      takeOver: async standing => {
        this.#known.handedOver = kept(this.#snapshotOf(search()))
        await team.takeOver(search(), standing)
      },
    }
  }

  #snapshotOf(search: Search): Snapshot {
    const { options, text, ordered, fields, deadMessages, subsumption, most } = this.#known
    const { dead, bisimulation, partialOrder } = this.#reducers
    const { phase, round, depthMax, widest, longer, mayReopen } = this.#course
    const { facts, arrays } = searchSnapshot(search)
    return {
      facts: {
        version: SNAPSHOT_VERSION,
        asked: askedOf(options),
        text,
        tables: digest({ tables: this.#tables, dead, bisimulation }),
        orderedKinds: [...ordered],
        fields: fields.facts,
        fieldsRefuted: fields.refuted,
        deadMessages,
        subsumption,
        phase,
        round,
        depthMax: depthMax === Infinity ? null : depthMax,
        most,
        widest: widest ?? null,
        longer: longer ?? null,
        learning: this.#learning?.state ?? null,
        spending: this.#spending.state,
        mayReopen,
        partialOrder: partialOrder?.places ?? null,
        seconds: this.#watch.seconds,
        search: facts,
      },
      arrays: { journal: this.#tables.journal.view, graph: bisimulation?.graph.view ?? new Int32Array(0), ...arrays },
    }
  }

  /** Tables and course as they were; `#goOn` does the same for the search. */
  #restore(resume: Snapshot): void {
    const { facts, arrays } = resume
    const { dead, bisimulation } = this.#reducers
    restoreTables(resume, { tables: this.#tables, dead, bisimulation })
    if (bisimulation !== undefined && arrays.graph.length > 0) bisimulation.graph.view = arrays.graph
    const widest = facts.widest ?? undefined
    const longer = facts.longer ?? undefined
    const { phase, mayReopen } = facts
    Object.assign(this.#course, { phase, round: facts.round - 1, depthMax: facts.depthMax ?? Infinity, widest, longer, mayReopen } satisfies Course)
    this.#known.violated = longer ?? (widest?.verdict === 'violated' ? widest : undefined)
    if (facts.partialOrder === null) this.#reducers.partialOrder = undefined
  }

  #goOn(search: Search, resume: Snapshot): void {
    const { facts, arrays } = resume
    if (this.#learning !== undefined && facts.learning !== null) this.#learning.state = facts.learning
    this.#spending.state = facts.spending
    if (this.#reducers.partialOrder !== undefined && facts.partialOrder !== null) this.#reducers.partialOrder.places = facts.partialOrder
    resumeSearch(search, facts.search, arrays, this.#known.takenBack)
    if (this.#tables.looksInFlight) checkInFlightAnew(resume, search)
    this.#known.resume = undefined
    this.#known.takenBack = false
  }
}
