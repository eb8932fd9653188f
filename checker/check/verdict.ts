import { parametersOf } from '../protocol/spec.ts'
import type { Stuck } from '../search/can-always.ts'
import type { Search, Violation } from '../search/search.ts'
import { peakMemory } from '../states/memory.ts'
import { shorten } from '../trace/shorten.ts'
import type { Trace } from '../trace/trace.ts'
import { traceOf } from '../trace/trace-of.ts'
import { Walker } from '../trace/walk.ts'
import { whyAlone } from '../workers/team.ts'
import { buildSteps, CannotBeWalked } from './counterexample.ts'
import type { Options } from './options.ts'
import type { Reduction } from './reductions.ts'
import type { Report } from './report.ts'
import { tableSizes } from './table-sizes.ts'
import { growth, vacuity } from './warnings.ts'

/**
 * What a search that has ended found out.
 *
 * @param isLong the way to the violation is that of a search that does not look for a shortest one (in another order than breadth-first, with some steps for all, or with guesses that were refuted): it is shortened by leaving out steps
 */
export const conclude = (
  search: Search,
  options: Options,
  violation: Violation | undefined,
  started: number,
  rounds: number,
  reductions: readonly Reduction[],
  isLong = options.simulate !== undefined || search.found.depths !== undefined || search.reducers.partialOrder !== undefined,
): Report => {
  const { tables, states } = search
  const { predicates, system } = tables
  const handlerCalls = system.callsBefore + system.calls
  const notes = [...tables.symmetry.notes]
  const alone = options.simulate !== undefined ? 'random executions' : options.checkpoint !== undefined ? 'checkpoints' : whyAlone(search)
  if (options.workers?.isWanted && alone !== undefined) notes.push(`One worker: several do not go with ${alone}.`)
  const counterexample = violation === undefined ? null : trace(search, violation, isLong)
  const missing = predicates.list.filter(({ kind }, i) => kind === 'reachable' && ((search.reached >>> i) & 1) === 0).map(({ name }) => name)
  if (search.reducers.partialOrder?.reducedStates === 0) notes.push('partial-order: it removed nothing, since in no state some steps could stand for all.')
  const vacuous = search.complete ? missing[0] : undefined
  const undecided = !search.complete && violation === undefined && onlyUndecided(search, options, missing)
  const verdict = violation !== undefined || vacuous !== undefined ? 'violated' : search.stoppedBy !== undefined || undecided ? 'inconclusive' : 'holds'
  if (predicates.canAlways !== 0 && !search.complete && violation?.kind !== 'stuck')
    notes.push(
      `${predicates.list.flatMap(({ kind, name }) => (kind === 'canAlways' ? [name] : [])).join(', ')}: not judged, since that takes a complete search.`,
    )
  const { bounds } = search.options
  if (bounds !== undefined)
    notes.push(
      `The states are those that lower bounds on the steps to a violation leave of executions of at most ${search.options.limits.depth} steps. The bounds are from a complete search of ${bounds.states} states.`,
    )
  if (vacuous !== undefined) notes.push(`${vacuous}: no reachable state satisfies it.`)
  if (verdict === 'holds' && search.complete) notes.push(...vacuity(tables))
  if (verdict === 'inconclusive' && search.stoppedBy !== undefined) notes.push(...growth(tables))
  return {
    protocol: system.protocol.name,
    parameters: parametersOf(system.protocol),
    mutant: null,
    verdict,
    property: violation?.property ?? vacuous ?? null,
    complete: search.complete,
    states,
    transitions: search.transitions,
    depth: search.depth,
    handlerCalls,
    seconds: (performance.now() - started) / 1000,
    roundSeconds: search.seconds,
    tables: tableSizes(tables, search.reducers.dead, reductions.includes('bisimulation') ? search.reducers.bisimulation : undefined),
    peakBytes: peakMemory(),
    seenBytes: search.seenBytes,
    workers: search.workers,
    rounds,
    reductions,
    stoppedBy: search.stoppedBy ?? null,
    runs: options.simulate === undefined ? null : search.runs,
    unreached: search.complete ? [] : missing,
    liveness: null,
    notes,
    counterexample,
    shortest: counterexample !== null && !isLong && search.found.depths === undefined,
  }
}

/** With what was found out about what stays possible, beside the violation that is reported. */
export const withStuck = (report: Report, stuck: Stuck | undefined): Report => {
  if (stuck === undefined) return report
  const { found, more } = stuck
  const others = found.slice(1).map(({ violation, length }) => `${violation.property}${length === Infinity ? '' : ` (after ${length} steps)`}`)
  return {
    ...report,
    notes: [
      ...report.notes,
      ...(more === 0 ? [] : [`What stays possible was judged with all that is in flight lost, too: ${more} further states.`]),
      ...(others.length === 0 ? [] : [`Violated, too: ${others.join(', ')}.`]),
    ],
  }
}

/** Was nothing asked but what a search that was cut off cannot tell? */
const onlyUndecided = ({ tables: { predicates } }: Search, { property }: Options, missing: readonly string[]): boolean =>
  property !== undefined && (missing.includes(property) || predicates.list.some(({ name, kind }) => name === property && kind === 'canAlways'))

/** An execution of the protocol as it is, so nobody notes what is read meanwhile (run/live-fields.ts). */
const trace = (search: Search, { property, ...found }: Violation, isLong: boolean): Trace => {
  const { system } = search.tables
  return system.untracked(() => {
    const { initial, steps } = buildSteps(search, { property, ...found })
    return traceOf(system, property, initial, isLong ? shorten(new Walker(system), property, initial, steps) : steps)
  })
}

/**
 * What a search up to `depthMax` says that found nothing, when there is a longer execution that violates a property.
 *
 * @param depthAsked no execution of more steps was asked about
 */
export const withLonger = (report: Report, longer: Report, depthAsked: number, depthMax: number): Report => {
  const length = (longer.counterexample as Trace).steps.length
  if (length > depthAsked)
    return { ...report, notes: [...report.notes, `Beyond the depth it does not hold: an execution of ${length} steps violates ${longer.property}.`] }
  const { rounds, seconds, roundSeconds, tables, peakBytes, handlerCalls, reductions, notes } = report
  const spent = { rounds, seconds, tables, peakBytes, handlerCalls }
  if (report.stoppedBy !== null) return { ...longer, ...spent, stoppedBy: report.stoppedBy, shortest: false }
  if (length <= depthMax) throw new Error(`One search says that ${longer.property} is violated after ${length} steps, another that it is not.`)
  return { ...longer, ...spent, roundSeconds, states: report.states, transitions: report.transitions, reductions, notes, shortest: true }
}

/** A report of a violation; the error if what leads there is none of the protocol, but of a guess that nodes are alike. */
export const ifWalked = (report: () => Report): Report | CannotBeWalked => {
  try {
    return report()
  } catch (error) {
    if (error instanceof CannotBeWalked) return error
    throw error
  }
}

/**
 * The wider of two rounds that were no proof: a violation is real all the same, though perhaps not the nearest; without one they say nothing.
 * The way to a violation may have become unclear with what was learnt since; then the round counts for its states.
 */
export const wider = (before: Report | undefined, { violation, states }: Search, report: () => Report): Report | undefined => {
  if (before !== undefined && (before.verdict === 'violated' || (violation === undefined && before.states >= states))) return before
  const made = ifWalked(report)
  if (made instanceof CannotBeWalked) return before
  if (violation !== undefined) return { ...made, shortest: false }
  return { ...made, verdict: 'inconclusive', property: null, complete: false }
}
