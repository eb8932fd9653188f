import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import type { AnyProtocol, Spec } from '../protocol/protocol.ts'
import { decidedRules } from '../protocol/rules.ts'
import { Bisimulation } from '../reduce/bisimulation/bisimulation.ts'
import { DeadMessages } from '../reduce/dead-messages.ts'
import { digest } from '../reduce/digest.ts'
import { PartialOrder } from '../reduce/partial-order/partial-order.ts'
import { Spending, type Spent } from '../reduce/spending.ts'
import { holdGuard, settled } from '../run/environment.ts'
import type { LiveFields } from '../run/live-fields.ts'
import { checkShape } from '../run/protocol-shape.ts'
import { textOf } from '../run/protocol-text.ts'
import { System } from '../run/system.ts'
import { DeadFieldRead, Untrackable } from '../run/untrackable.ts'
import { judgeCanAlways } from '../search/can-always.ts'
import { type LowerBounds, NotedSteps } from '../search/lower-bounds.ts'
import { BROKEN_OFF, LooksInFlight, Search } from '../search/search.ts'
import { simulate } from '../search/simulate.ts'
import { Heap, isOutOfMemory } from '../states/heap.ts'
import { memoryAvailable, residentMemory } from '../states/memory.ts'
import { RankRead } from '../tables/symmetry.ts'
import { Tables } from '../tables/tables.ts'
import { standardTuning, type Tuning } from '../tables/tuning.ts'
import { walk } from '../trace/replay.ts'
import { stepText } from '../trace/step-text.ts'
import type { TraceStep } from '../trace/trace.ts'
import { Walker, type WalkState } from '../trace/walk.ts'
import { Team } from '../workers/team.ts'
import { checkOptions } from './check-options.ts'
import { askedOf, Checkpoints, changedRanks, checkInFlightAnew, refuseOther, restoreTables } from './checkpoint.ts'
import { CannotBeWalked } from './counterexample.ts'
import { BeginAnew, DeadFields } from './dead-fields.ts'
import { withExecution, withWalk } from './leads-to.ts'
import { Learning } from './learning.ts'
import type { Options } from './options.ts'
import { nextPhase, type Phase, phaseMax, phases } from './phases.ts'
import { defaultReductions, type Reduction } from './reductions.ts'
import type { Report } from './report.ts'
import { SNAPSHOT_VERSION, type Snapshot } from './snapshot.ts'
import { allowsDeadFields, usesDeadMessages, usesPartialOrder, usesSubsumption } from './sound-for.ts'
import { conclude, ifWalked, wider, withLonger, withStuck } from './verdict.ts'

/** Lets others have the thread: at least a millisecond of waiting, longer than a small search takes. */
const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve))

/**
 * Checks a protocol: explores its states within the bounds of `options`, and reports.
 *
 * @throws SpecError if the protocol is broken: it throws, is impure, is not symmetric, sends what nobody handles…
 *
 * @example
 * ```ts code
 * const { verdict, counterexample } = await explore(lockServer({ clients: 3 }), { depth: 10 })
 * if (counterexample !== null) console.log(renderText(counterexample))
 * if (verdict !== 'holds') throw new Error(verdict)
 * ```
 */
export const explore = async (spec: Spec, options: Options = {}): Promise<Report> => {
  checkShape(spec as AnyProtocol)
  checkOptions(spec as AnyProtocol, options)
  const team = options.workers === undefined || options.checkpoint !== undefined || options.after !== undefined ? undefined : new Team(options.workers)
  const release = holdGuard()
  const heap = new Heap()
  try {
    const report = await exploreWith(spec as AnyProtocol, options, team, heap)
    return team?.failure === undefined ? report : { ...report, notes: [...report.notes, `One worker: several could not be started (${team.failure}).`] }
  } finally {
    heap.end()
    release()
    await team?.end()
  }
}

const exploreWith = async (protocol: AnyProtocol, options: Options, team: Team | undefined, heap: Heap): Promise<Report> => {
  const began = performance.now()
  const uses = (reduction: Reduction): boolean => (options.reduce ?? (defaultReductions as readonly Reduction[])).includes(reduction)
  const resume = options.resume?.()
  const tuning: Tuning = { ...standardTuning, ...options.tuning }
  const plan: Plan = {
    symmetry: uses('symmetry'),
    ordered: new Map(),
    deadMessages: uses('dead-messages'),
    fields: new DeadFields(uses('dead-fields') && allowsDeadFields(protocol, options), options.reduce !== undefined, resume?.facts.fields, tuning),
    bisimulation: uses('bisimulation'),
    alone: false,
    subsumption: uses('subsumption'),
    lowerBounds: uses('lower-bounds') && options.checkpoint === undefined && options.resume === undefined && options.after === undefined,
    violated: undefined,
    most: { states: 0, transitions: 0, depth: 0 },
    spent: { searched: 0, learnt: 0, givenUp: [] },
    heap,
    began,
    text: options.resume === undefined && options.checkpoint === undefined ? '' : textOf(protocol),
    resume,
  }
  if (plan.resume !== undefined) {
    refuseOther(plan.resume, protocol, plan.text, options)
    for (const [kind, why] of plan.resume.facts.orderedKinds) plan.ordered.set(kind, why)
    plan.deadMessages = plan.resume.facts.deadMessages
    plan.subsumption = plan.resume.facts.subsumption
  }
  const started = began - 1000 * (plan.resume?.facts.seconds ?? 0)
  /** A check with fresh tables; nothing if it is to begin anew, as `plan` says by then. */
  const once = async (): Promise<Report | undefined> => {
    const system = new System(protocol, { without: options.without ?? [] })
    for (const [kind, why] of plan.ordered) system.orderedKinds.set(kind, why)
    const live = plan.fields.fieldsOf(system)
    const looksForFields = plan.fields.stage === 'learn'
    const spending = new Spending(plan.spent, tuning, system)
    try {
      const tables = new Tables(system, {
        symmetry: plan.symmetry,
        tuning,
        live,
        start: options.after && stateAfter(system, options.after),
        ...(options.property === undefined ? {} : { property: options.property }),
      })
      const found = await exploreTables(tables, options, started, plan, plan.alone ? undefined : team, spending, findDeadFields)
      const report = withFullHeap(withGivenUp(withMost(found, plan.most), plan.spent), plan.heap)
      await settled()
      system.refuseLate()
      // What a resumed search met before it did not run again.
      const unmet = (options.without ?? []).filter(label => !system.rules.has(label))
      if (report.complete && report.verdict === 'holds' && options.resume === undefined) {
        refuseUnknownRules(protocol, system.rules)
        for (const label of unmet) await refuseUnmetRule(protocol, label, system.rules, options)
      }
      return unmet.length === 0 ? report : { ...report, notes: [...report.notes, ...unmet.map(unmetNote)] }
    } catch (error) {
      const isRefuted = error instanceof DeadFieldRead || error instanceof Untrackable || isUnclear(error, live)
      spending.end(isRefuted || looksForFields)
      if (error instanceof LooksInFlight) {
        plan.deadMessages = plan.subsumption = false
        plan.alone = true
      } else if (error instanceof RankRead && plan.resume !== undefined) throw changedRanks(protocol)
      else if (error instanceof RankRead) for (const [kind, why] of system.orderedKinds) plan.ordered.set(kind, why)
      else if (isRefuted || error instanceof BeginAnew) {
        if (error instanceof Untrackable) plan.fields.giveUp()
        else if (isRefuted) plan.fields.refute(live, plan.spent)
        plan.fields.callsBefore += system.calls
        plan.resume = undefined
      } else throw withWalk(protocol, error)
    } finally {
      system.end()
    }
    return undefined
  }
  /** With tables of its own, as code is given looks there. @throws BeginAnew unless there are none */
  const findDeadFields = async (): Promise<void> => {
    const { deadMessages, ordered } = plan
    const kinds = ordered.size
    plan.fields.begin()
    while (plan.fields.stage === 'learn') await once()
    if (plan.fields.stage === 'reset' || plan.deadMessages !== deadMessages || plan.ordered.size !== kinds) throw new BeginAnew()
  }
  for (;;) {
    const report = await once()
    if (report !== undefined) return report
  }
}

/** @throws SpecError if a step cannot be taken */
const stateAfter = (system: System, steps: readonly TraceStep[]): WalkState => {
  const walker = new Walker(system)
  const { end, failed, steps: taken } = walk(walker, walker.initial(), steps)
  if (failed === undefined) return end
  throw new SpecError({
    title: 'A STEP CANNOT BE TAKEN',
    place: `${system.protocol.name}, step ${taken.length + 1}`,
    what: `${stepText(failed)}: there is no such step here.`,
    hint: 'Take the steps from an execution of this very protocol, at the same parameters.',
  })
}

/** @throws SpecError if a rule is decided beforehand that no code asked for */
const refuseUnknownRules = (protocol: AnyProtocol, asked: ReadonlySet<string>): void => {
  const unknown = decidedRules(protocol).find(label => !asked.has(label))
  if (unknown === undefined) return
  throw new SpecError({
    title: 'NO SUCH RULE',
    place: protocol.name,
    what: `\`withRule\` decides the rule ${JSON.stringify(unknown)}, which no code asks for in any state.`,
    why: 'So the change does nothing, and what holds says nothing of it.',
    hint: asked.size === 0 ? 'The protocol asks for no rules.' : `The rules that are asked for: ${[...asked].sort().join(', ')}.`,
  })
}

const unmetNote = (label: string): string => `No code asked for the rule ${JSON.stringify(label)} in what was seen: leaving it out made no difference so far.`

/**
 * Where other rules are left out, too, one of them may be what asks for it.
 * @throws SpecError if a rule is left out that no code asks for, also where it is the only one
 */
const refuseUnmetRule = async (protocol: AnyProtocol, label: string, asked: ReadonlySet<string>, options: Options): Promise<void> => {
  const { checkpoint: _, ...again } = options
  if ((options.without ?? []).length > 1) return void (await explore(protocol, { ...again, without: [label] }))
  throw new SpecError({
    title: 'NO SUCH RULE',
    place: protocol.name,
    what: `The rule ${JSON.stringify(label)} is to be left out, and no code asks for it in any state.`,
    why: 'So nothing is left out, and what holds says nothing of it.',
    hint: suggest(label, [...asked].sort(), 'The protocol asks for no rules.'),
  })
}

/** In a mode that was not met when it was learnt what is dead, nothing is reset: but the search came there with fields that were reset before, and an execution does not. By now the mode is known. */
const isUnclear = (error: unknown, live: LiveFields | undefined): boolean => error instanceof CannotBeWalked && live?.resets === true

/** The figures of an inconclusive check: those of the search that saw most, which the last one, if it was ended at once, did not. */
const withMost = (report: Report, most: Plan['most']): Report =>
  report.verdict !== 'inconclusive' || report.states >= most.states
    ? report
    : { ...report, ...most, notes: [...report.notes, `The counts are those of the search that saw most, of ${report.rounds}; the last one ended sooner.`] }

const withGivenUp = (report: Report, { givenUp }: Spent): Report => (givenUp.length === 0 ? report : { ...report, notes: [...report.notes, ...givenUp] })

const withFullHeap = (report: Report, { isFull }: Heap): Report =>
  report.stoppedBy === 'memory' && isFull
    ? {
        ...report,
        notes: [...report.notes, 'The heap of JavaScript objects came near its own limit: NODE_OPTIONS=--max-old-space-size=16000 (megabytes) raises it.'],
      }
    : report

/** What to search with; a first try may find that a reduction does not apply. */
interface Plan {
  readonly symmetry: boolean
  /** The kinds of id that are not permuted, and why. */
  readonly ordered: Map<string, string>
  deadMessages: boolean
  readonly fields: DeadFields
  readonly bisimulation: boolean
  /** One thread only. */
  alone: boolean
  subsumption: boolean
  /** Not with checkpoints, which do not hold them. */
  readonly lowerBounds: boolean
  /** A violation that was found before the search began anew: if that does not get as far again, it is the answer. */
  violated: Report | undefined
  /** Of the search that came farthest: what is said of one that ended early is never less. */
  most: Pick<Report, 'states' | 'transitions' | 'depth'>
  readonly spent: Spent
  readonly heap: Heap
  /** When this run began; the search may have begun in an earlier one. */
  readonly began: number
  /** See `textOf`. */
  readonly text: string
  /** Where to go on, until it was gone on from there. */
  resume: Snapshot | undefined
}

const exploreTables = async (
  tables: Tables,
  options: Options,
  started: number,
  plan: Plan,
  team: Team | undefined,
  spending: Spending,
  findDeadFields: () => Promise<void>,
): Promise<Report> => {
  const { tuning } = tables
  const { protocol } = tables.system
  const wantsCanAlways = tables.predicates.canAlways !== 0
  const checkDeadlock = protocol.mayRest !== undefined && protocol.mayRest !== true && (options.property === undefined || options.property === 'deadlock')
  const dead = plan.deadMessages && usesDeadMessages(tables, options, checkDeadlock) ? new DeadMessages(tables) : undefined
  const limits = {
    depth: options.depth ?? Infinity,
    states: options.states ?? Infinity,
    seconds: options.seconds ?? Infinity,
    bytes: options.memoryBytes ?? residentMemory() + 0.75 * memoryAvailable(),
  }
  const subsume = plan.subsumption && usesSubsumption(tables, options, checkDeadlock)
  let hunt: Phase =
    !subsume || options.order !== undefined
      ? 'all'
      : plan.fields.stage === 'off' && !plan.fields.wereTried
        ? 'near'
        : options.reduce !== undefined
          ? 'near'
          : 'scout'
  let round = 0
  let depthMax = limits.depth
  /** What the widest round found that taught only: its states were reached, so if no later round gets as far, it is the answer. */
  let widest = plan.violated
  const keep = (found: Report): Report => {
    if (found.counterexample !== null && found.counterexample.steps.length <= limits.depth) plan.violated = found
    return found
  }
  /** The counterexample that a search found which was not for a shortest; a shorter one may exist. */
  let longer: Report | undefined
  let turnAt = performance.now()
  /** Of a search that is confirmed, for as long as nothing is learnt since. */
  let bounds: LowerBounds | undefined
  /** `reachable` properties that were met within the depth, as bits. */
  let reached = 0
  /** With lower bounds only violations are looked for: whether what is reachable was met must not matter any more. */
  const mayBound = (): boolean => plan.lowerBounds && (depthMax < limits.depth || (tables.predicates.reachables & ~reached) === 0)
  const giveWay = async (): Promise<void> => {
    if (performance.now() - turnAt <= tuning.turnMs) return
    await turn()
    turnAt = performance.now()
  }
  const pulse = async (search: Search): Promise<string | undefined> => {
    const { states, transitions, depth, frontier } = search
    const phase =
      longer !== undefined
        ? `violated after ${longer.counterexample?.steps.length} steps; ${hunt === 'bounds' ? 'how far from the start?' : 'shorter?'}`
        : (phases[hunt] ?? (dead === undefined ? 'search' : round === 1 ? 'learn' : 'confirm'))
    options.onProgress?.({ phase, states, transitions, depth, frontier, seconds: (performance.now() - started) / 1000 })
    await giveWay()
    if (!search.midway) await checkpoints?.saveIfDue(search)
    if (plan.heap.isFull) return 'memory'
    return options.signal?.aborted ? 'interrupt' : undefined
  }
  const mayMerge = plan.bisimulation && tables.globalNames.length === 0 && tables.predicates.world.length === 0
  const alike = dead !== undefined && mayMerge ? new Bisimulation(tables, dead) : undefined
  const learning = dead === undefined ? undefined : new Learning(tables, dead, alike, spending, options.reduce !== undefined || tables.live?.resets === true)
  const learns = (): boolean => hunt !== 'scout' && bounds === undefined
  /** Not any more once the way to a violation could not be found, since steps lead elsewhere when they are taken once more. */
  let mayReopen = true
  const reopens = (): boolean => mayReopen && subsume && (hunt === 'proof' || options.order === 'depth')
  /** After a violation whose way cannot be walked: what rests on guesses is judged anew. */
  const judgeAnew = async (search: Search, error: CannotBeWalked): Promise<void> => {
    if ((await learning?.takesUp(isOver)) === true || over !== undefined) return
    if (search.reopened === 0) throw error
    mayReopen = false
  }
  const enough = (states: number): boolean =>
    (learns() && learning?.isEnough(states, reopens()) === true) || states > phaseMax(hunt, options, longer !== undefined, tuning)
  let order = alike === undefined && !subsume && usesPartialOrder(tables, options) ? new PartialOrder(tables, dead) : undefined
  const exact = options.exact !== false || wantsCanAlways
  const reductionsOf = (): readonly Reduction[] => [
    ...(tables.symmetry.order > 1 ? (['symmetry'] as const) : []),
    ...(dead !== undefined ? (['dead-messages'] as const) : []),
    ...(tables.live?.resets ? (['dead-fields'] as const) : []),
    ...(learning?.merges ? (['bisimulation'] as const) : []),
    ...(order !== undefined ? (['partial-order'] as const) : []),
    ...(subsume ? (['subsumption'] as const) : []),
    ...(bounds !== undefined ? (['lower-bounds'] as const) : []),
  ]
  const newSearch = (
    whole: boolean,
    {
      noted,
      looksAhead = false,
      after,
    }: {
      readonly noted?: NotedSteps | undefined
      readonly looksAhead?: boolean
      /** The complete search that it adds to; see `judgeCanAlways`. */
      readonly after?: Search
    } = {},
  ): Search => {
    const searchOrder = after !== undefined ? 'breadth' : hunt === 'proof' || hunt === 'bounds' ? 'progress' : (options.order ?? 'breadth')
    const saturate = after !== undefined || (subsume && tables.fairLoss && (looksAhead || (searchOrder !== 'breadth' && hunt !== 'bounds')))
    const search: Search = new Search(
      tables,
      {
        limits: { ...limits, depth: depthMax, states: limits.states - (after?.states ?? 0) },
        exact: whole,
        order: searchOrder,
        checkDeadlock,
        coverMax: hunt === 'scout' ? tuning.scoutKeeps : Infinity,
        noted,
        bounds,
        reducers: { dead, alike, order, subsume, saturate },
        enough: after === undefined ? enough : () => false,
        resumable: options.checkpoint !== undefined,
        reopen: reopens() && learning !== undefined ? (states, isLast) => learning.reopen(states, isLast) : undefined,
        pulse: () => pulse(search),
        team: team && { isReady: () => team.isReady(search), takeOver: standing => team.takeOver(search, standing) },
      },
      plan.began,
    )
    return search
  }
  const snapshotOf = (search: Search): Snapshot => {
    const { facts, arrays } = search.snapshot()
    return {
      facts: {
        version: SNAPSHOT_VERSION,
        asked: askedOf(options),
        text: plan.text,
        tables: digest({ tables, dead, alike }),
        orderedKinds: [...plan.ordered],
        fields: plan.fields.facts,
        deadMessages: plan.deadMessages,
        subsumption: plan.subsumption,
        hunt,
        round,
        depthMax: depthMax === Infinity ? null : depthMax,
        widest: widest ?? null,
        longer: longer ?? null,
        learning: learning?.state ?? null,
        spending: spending.state,
        mayReopen,
        order: order?.places ?? null,
        seconds: (performance.now() - started) / 1000,
        search: facts,
      },
      arrays: { journal: tables.journal.view, graph: alike?.graph.view ?? new Int32Array(0), ...arrays },
    }
  }
  const checkpoints = options.checkpoint && new Checkpoints(options.checkpoint, snapshotOf, tuning.snapshotShare)
  let { resume } = plan
  if (resume !== undefined) {
    const { facts } = resume
    restoreTables(resume, { tables, dead, alike })
    if (alike !== undefined && resume.arrays.graph.length > 0) alike.graph.view = resume.arrays.graph
    plan.resume = undefined
    round = facts.round - 1
    depthMax = facts.depthMax ?? Infinity
    widest = facts.widest ?? undefined
    longer = facts.longer ?? undefined
    plan.violated = longer ?? (widest?.verdict === 'violated' ? widest : undefined)
    mayReopen = facts.mayReopen
    hunt = facts.hunt
    if (facts.order === null) order = undefined
  }
  /** They hold for the classes that they were found with. */
  const forgetBounds = (): void => {
    if (bounds !== undefined) hunt = 'bounds'
    bounds = undefined
  }
  let looking: Search | undefined
  /** Why the check ended while it learnt. */
  let over: string | undefined
  const isOver = async (): Promise<boolean> => {
    if (over !== undefined) return true
    if (performance.now() - turnAt > tuning.turnMs && looking !== undefined) {
      const { states, transitions, depth } = looking
      const phase = looking.over ? 'refine' : 'look ahead'
      options.onProgress?.({ phase, states, transitions, depth, frontier: 0, seconds: (performance.now() - started) / 1000 })
      if (residentMemory() > limits.bytes) over = 'memory'
    }
    await giveWay()
    if (plan.heap.isFull) over = 'memory'
    else if (options.signal?.aborted === true) over = 'interrupt'
    else if (performance.now() - plan.began > limits.seconds * 1000) over = 'time'
    return over !== undefined
  }
  const lookAhead = (): Search => {
    looking = newSearch(true, { looksAhead: true })
    return looking
  }
  if (plan.fields.stage === 'learn' && tables.live !== undefined) {
    const look = lookAhead()
    spending.learns(look)
    await plan.fields.learn(look, tables.live, isOver)
  }
  /** The answer where the check ended before it was known whether a search is a proof. */
  const endedBy = async (search: Search, why: string): Promise<Report> => {
    // Gone on with, it ends at once as it did, and what it has taught is learnt then. Where there is no memory it may have been left anyhow; and where it found something, another has begun.
    if (over !== undefined && search.over && !search.midway && search.violation === undefined) await checkpoints?.save(search)
    const violation = search.violation
    search.stoppedBy = why
    search.complete = false
    const found = wider(widest, search, () => conclude(search, options, violation, started, round, reductionsOf(), true))
    const report = {
      ...(found ?? conclude(search, options, undefined, started, round, reductionsOf())),
      stoppedBy: why,
      seconds: (performance.now() - started) / 1000,
    }
    return longer === undefined ? report : withLonger(report, longer, limits.depth, depthMax)
  }
  const rounds = async (): Promise<Report> => {
    for (;;) {
      round++
      if (resume === undefined && bounds === undefined && learning?.wantsToMerge) await learning.lookAhead(lookAhead, isOver)
      learning?.begin()
      order?.begin()
      const noted = hunt === 'bounds' ? new NotedSteps() : undefined
      const search = newSearch(exact, { noted })
      if (resume !== undefined) {
        if (learning !== undefined && resume.facts.learning !== null) learning.state = resume.facts.learning
        spending.state = resume.facts.spending
        if (order !== undefined && resume.facts.order !== null) order.places = resume.facts.order
        search.resume(resume.facts.search, resume.arrays)
        if (tables.looksInFlight) checkInFlightAnew(resume, search)
        resume = undefined
      }
      looking = search
      spending.searches(search)
      try {
        if (options.simulate !== undefined) await simulate(search, options.simulate, options.depth ?? 100, checkDeadlock)
        else await search.run()
      } catch (error) {
        throw isOutOfMemory(error) ? error : withExecution(search, error)
      }
      if (search.states > plan.most.states) plan.most = { states: search.states, transitions: search.transitions, depth: search.depth }
      if ((dead !== undefined || subsume) && tables.looksInFlight) throw new LooksInFlight()
      // What is met with states merged is not known to be reachable before that is confirmed; in other orders it may be deeper.
      if (search.depths === undefined && learning?.merges !== true) reached |= search.reached
      if (bounds !== undefined) search.reached |= reached
      if (search.stoppedBy !== undefined && search.stoppedBy !== BROKEN_OFF) await checkpoints?.save(search)
      const brokenOff = search.stoppedBy === BROKEN_OFF
      if ((hunt === 'scout' || hunt === 'proof') && search.violation !== undefined) {
        const found = ifWalked(() => conclude(search, options, search.violation, started, round, reductionsOf(), true))
        if ((await learning?.confirms(false, isOver)) !== false && found instanceof CannotBeWalked) await judgeAnew(search, found)
        if (!(found instanceof CannotBeWalked)) {
          // It is violated. Now the shortest execution that does so, of fewer steps than the one that was found.
          longer = keep(found)
          depthMax = Math.min(limits.depth, (longer.counterexample?.steps.length as number) - 1)
          hunt = mayBound() ? 'shorter' : 'all'
        }
        if (over !== undefined) return endedBy(search, over)
        continue
      }
      if (
        hunt === 'scout' ? brokenOff || search.stoppedBy === undefined : brokenOff && search.seen.count > phaseMax(hunt, options, longer !== undefined, tuning)
      ) {
        if (hunt === 'near' && plan.fields.mayBegin) {
          await findDeadFields()
          tables.system.callsBefore = plan.fields.callsBefore
        }
        await learning?.confirms(true, isOver)
        if (over !== undefined) return endedBy(search, over)
        hunt = nextPhase[hunt]
        if (hunt === 'shorter' && !mayBound()) hunt = 'all'
        continue
      }
      if (learning !== undefined && (search.stoppedBy === undefined || brokenOff) && !(await learning.confirms(brokenOff, isOver))) {
        if (over !== undefined) return endedBy(search, over)
        widest = wider(widest, search, () => conclude(search, options, search.violation, started, round, reductionsOf(), true))
        if (widest !== undefined) keep(widest)
        forgetBounds()
        continue
      }
      if (noted !== undefined && search.complete && noted.met) {
        bounds = search.lowerBounds(noted)
        hunt = 'all'
        continue
      }
      if (order !== undefined && search.stoppedBy === undefined) {
        if (search.violation !== undefined) {
          // It is violated, but perhaps sooner: now every order, no deeper than the violation that was found.
          longer = keep(conclude(search, options, search.violation, started, round, reductionsOf()))
          depthMax = search.depth + 1
          order = undefined
          continue
        }
        if (order.refuted) continue
      }
      if (
        longer === undefined &&
        widest !== undefined &&
        search.stoppedBy !== undefined &&
        search.violation === undefined &&
        (widest.verdict === 'violated' || widest.states > search.states)
      )
        return { ...widest, stoppedBy: search.stoppedBy, seconds: (performance.now() - started) / 1000 }
      const stuck =
        search.violation === undefined && search.complete && wantsCanAlways ? await judgeCanAlways(search, () => newSearch(true, { after: search })) : undefined
      if (stuck?.stoppedBy !== undefined) {
        search.stoppedBy = stuck.stoppedBy
        search.complete = false
      }
      const violation = search.violation ?? stuck?.found[0]?.violation
      const report = ifWalked(() => withStuck(conclude(search, options, violation, started, round, reductionsOf()), stuck))
      if (report instanceof CannotBeWalked) {
        await judgeAnew(search, report)
        if (over !== undefined) return endedBy(search, over)
        forgetBounds()
        continue
      }
      if (violation !== undefined) return report
      if (longer !== undefined) return withLonger(report, longer, limits.depth, depthMax)
      if (report.verdict === 'holds' && plan.violated !== undefined)
        throw new Error(`One search says that ${plan.violated.property} is violated, another that all holds.`)
      return bounds === undefined ? report : { ...report, notes: [...report.notes, 'Beyond the depth some property is violated.'] }
    }
  }
  try {
    return await rounds()
  } catch (error) {
    if (looking !== undefined && isOutOfMemory(error)) return endedBy(looking, 'memory')
    throw error
  }
}
