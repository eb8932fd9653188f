import { SpecError } from '../protocol/errors.ts'
import type { Fairness } from '../protocol/fairness.ts'
import { isLiveness, livenessIn } from '../protocol/properties.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { settled } from '../run/environment.ts'
import { System } from '../run/system.ts'
import { LabelledGraph, Stopped } from '../search/labelled-graph.ts'
import type { Edge } from '../search/lasso.ts'
import { type AwaitedBefore, judgeLiveness, type Lasso, type LivenessFound } from '../search/liveness.ts'
import { run } from '../search/run.ts'
import { Search } from '../search/search.ts'
import type { Heap } from '../states/heap.ts'
import { Obligations } from '../steps/obligations.ts'
import { Tables } from '../tables/tables.ts'
import { awaitedAfter, type Endless, fairnessOf, type Met, violates } from '../trace/lasso.ts'
import type { WalkedTrace } from '../trace/replay.ts'
import type { Trace } from '../trace/trace.ts'
import { traceOf } from '../trace/trace-of.ts'
import { Walker, type WalkState, type WalkStep } from '../trace/walk.ts'
import { endOf, executionTo } from './after.ts'
import { buildSteps } from './counterexample.ts'
import { knownAtFirst } from './known.ts'
import { withWalk } from './leads-to.ts'
import type { Options } from './options.ts'
import type { Report } from './report.ts'
import { conclude } from './verdict.ts'
import { Watch } from './watch.ts'

/** The liveness properties that are asked for. */
export const livenessAsked = ({ properties }: AnyProtocol, { property }: Options): readonly string[] =>
  livenessIn(properties).filter(name => property === undefined || property === name)

/** Why liveness cannot be asked with these options, if it cannot. */
export const notWith = ({ depth, simulate }: Options): string | undefined =>
  depth !== undefined ? 'a bound on the steps' : simulate !== undefined ? 'random executions' : undefined

/** @throws SpecError if only liveness is asked for, and cannot be with these options */
export const refuseLiveness = (protocol: AnyProtocol, options: Options): void => {
  const { property, checkpoint, resume, order } = options
  const why = notWith(options) ?? ((checkpoint ?? resume) !== undefined ? 'a checkpoint' : order === 'depth' ? 'a search depth first' : undefined)
  if (why === undefined || property === undefined || !livenessAsked(protocol, options).includes(property)) return
  throw new SpecError({
    title: 'WRONG USE',
    place: protocol.name,
    what: `${property} is asked of whole executions, which takes a complete search: it does not go with ${why}.`,
    hint: 'Leave that out, or ask for another property.',
  })
}

/** A report of all but liveness, with a note that this was not judged. */
export const withoutLiveness = (report: Report, asked: readonly string[], why: string): Report => ({
  ...report,
  notes: [...report.notes, `${asked.join(', ')}: not judged, since ${why}.`],
})

/**
 * Judges the liveness properties, by a search of its own without reductions.
 *
 * @param others what was found out about all other properties, which hold; nothing if they were not asked
 * @throws SpecError if the protocol is broken
 */
export const checkLiveness = async (protocol: AnyProtocol, options: Options, heap: Heap, others: Report | undefined): Promise<Report> => {
  const { checkpoint: _, resume: __, workers: ___, ...rest } = options
  const seconds = options.seconds === undefined ? {} : { seconds: Math.max(0, options.seconds - (others?.seconds ?? 0)) }
  const known = knownAtFirst(protocol, { ...rest, ...seconds }, undefined, heap)
  const watch = new Watch(known)
  const system = new System(protocol, { without: options.without ?? [] })
  try {
    const property = options.property === undefined ? {} : { property: options.property }
    const before = options.after && executionTo(system, options.after)
    const tables = new Tables(system, { symmetry: false, tuning: known.tuning, liveness: true, start: before && endOf(before), ...property })
    const search = new Search(
      tables,
      {
        limits: watch.limits,
        order: 'breadth',
        checkDeadlock: false,
        reducers: { partialOrder: undefined, dead: undefined, bisimulation: undefined },
        enough: () => false,
        pulse: async () => {
          await watch.show('liveness', search)
          return watch.stopsSearch
        },
      },
      known.began,
    )
    await run(search)
    const graph = new LabelledGraph(search, new Obligations(tables))
    const found = search.complete ? await judged(graph, before && awaitedBefore(graph, before)) : undefined
    await settled()
    system.refuseLate()
    const lasso = found?.lassos[0]
    const counterexample = lasso === undefined ? null : system.untracked(() => traceOfLasso(graph, lasso, before))
    const report = reportOf(graph, found, counterexample, conclude(search, known.options, undefined, known.started, 1, []), others)
    return options.workers?.isWanted ? { ...report, notes: [...report.notes, 'One worker judged liveness.'] } : report
  } catch (error) {
    throw withWalk(protocol, error)
  } finally {
    system.end()
  }
}

/** By the definition, on the states of the execution after which the check begins. */
const awaitedBefore = ({ search: { tables } }: LabelledGraph, before: WalkedTrace): AwaitedBefore => {
  const { system, predicates } = tables
  const { properties, name: protocol } = system.protocol
  const walker = new Walker(system)
  const awaited = new Set(
    predicates.liveness.flatMap(({ name }) => {
      const property = properties[name]
      if (property === undefined || !isLiveness(property)) return []
      const found = system.run(`${protocol}, property ${name}`, () => awaitedAfter(walker, property, statesOf(before)))
      return found.map(({ node }) => `${name} ${node}`)
    }),
  )
  return (property, node) => awaited.has(`${property} ${node}`)
}

const statesOf = ({ initial, steps }: WalkedTrace): readonly WalkState[] => [initial, ...steps.map(({ next }) => next)]

/** Nothing where a limit ended it. */
const judged = async (graph: LabelledGraph, before: AwaitedBefore | undefined): Promise<LivenessFound | undefined> => {
  try {
    return await judgeLiveness(graph, before)
  } catch (error) {
    if (error instanceof Stopped) return undefined
    throw error
  }
}

/** @param before what was found out about all other properties */
const reportOf = (graph: LabelledGraph, found: LivenessFound | undefined, counterexample: Trace | null, own: Report, before: Report | undefined): Report => {
  const { search } = graph
  const { predicates, system } = search.tables
  const base = before ?? own
  return {
    ...base,
    verdict: counterexample !== null ? 'violated' : found?.isSomeFair === true ? 'holds' : 'inconclusive',
    property: counterexample?.property ?? null,
    complete: found !== undefined,
    handlerCalls: (before?.handlerCalls ?? 0) + own.handlerCalls,
    seconds: (before?.seconds ?? 0) + own.seconds,
    peakBytes: own.peakBytes,
    stoppedBy: found === undefined ? (search.stoppedBy ?? null) : null,
    liveness: {
      properties: predicates.liveness.map(({ name }) => name),
      fairness: fairnessText(system.protocol),
      states: own.states,
      transitions: own.transitions,
    },
    notes: [...base.notes, ...notesOf(graph, found)],
    counterexample,
    shortest: false,
  }
}

const notesOf = (graph: LabelledGraph, found: LivenessFound | undefined): readonly string[] => {
  if (found === undefined) return []
  const [, ...more] = found.lassos
  const violatedToo = more.length === 0 ? [] : [`Violated, too: ${more.map(({ property }) => property).join(', ')}.`]
  if (found.lassos.length > 0) return violatedToo
  return [
    ...(found.isSomeFair ? [] : ['Every fair execution reaches the bounds of the model. Raise them, or bound what is begun in place of what it leads to.']),
    ...(found.isSomeFair && graph.isCut
      ? ['Fair executions that leave the bounds of the model were not judged: a liveness property may be violated there.']
      : []),
    ...(graph.owed.areSome
      ? []
      : ['Nothing is fair: the protocol declares no `fairness`, so each node may stop at any time, and each message may be under way for ever.']),
    ...found.unasked.map(name => `${name}: no reachable state is as its first predicate asks.`),
  ]
}

/** What is fair, a sentence each. */
const fairnessText = ({ fairness = [], network, timing }: AnyProtocol): readonly string[] => [
  ...fairness.map(fair => sentenceOf(fair, network)),
  ...(timing === undefined ? [] : ['time goes on']),
  ...(timing?.type === 'partially synchronous'
    ? [`messages arrive in time ${timing.settlesWithin === Infinity ? 'from some moment on' : `after ${timing.settlesWithin} ticks at the latest`}`]
    : []),
]

const sentenceOf = (fair: Fairness, network: AnyProtocol['network']): string => {
  switch (fair.type) {
    case 'delivery':
      return network === 'fair-loss'
        ? 'what is sent again and again to a node that is up is received again and again'
        : 'what is in flight to a node that is up is delivered in the end'
    case 'strong-delivery':
      return network === 'fair-loss'
        ? sentenceOf({ type: 'delivery' }, network)
        : 'what is in flight again and again to a node that is up is delivered again and again'
    case 'weak':
    case 'strong':
      return `each ${fair.role} takes ${names(fair.actions, 'each of its actions')} again and again, ${condition(fair.type === 'weak')}`
    case 'weak-steps':
    case 'strong-steps':
      return `${names(fair.steps, 'each global step')} is taken again and again, ${condition(fair.type === 'weak-steps')}`
  }
}

const condition = (isWeak: boolean): string => (isWeak ? 'unless again and again it cannot' : 'if again and again it can')

const names = (of: readonly string[], all: string): string => (of.length === 0 ? all : of.length === 1 ? (of[0] as string) : `each of ${of.join(', ')}`)

/**
 * The lasso as an execution, walked through the handlers, and judged by the definition.
 * @param before what came before it, and counts for the property
 */
const traceOfLasso = (graph: LabelledGraph, lasso: Lasso, before: WalkedTrace | undefined): Trace => {
  const { search } = graph
  const { system } = search.tables
  const walker = new Walker(system)
  const { initial, steps } = buildSteps(search, { property: lasso.property, kind: 'state', states: [lasso.from] })
  const taken = [...steps]
  const states: WalkState[] = [initial, ...steps.map(({ next }) => next)]
  const take = (to: number, edge?: Edge): void => {
    const step = stepTo(graph, walker, states.at(-1) as WalkState, to, edge)
    taken.push(step)
    states.push(step.next)
  }
  for (const number of lasso.on) take(number)
  const repeatsFrom = taken.length
  for (const edge of lasso.cycle) take(edge.to, edge)
  const endless: Endless = { states, steps: taken, repeatsFrom }
  const property = system.protocol.properties[lasso.property]
  const { met, neglected } = fairnessOf(walker, endless)
  if (neglected.length > 0) throw new Error(`The cycle that violates ${lasso.property} is not fair: ${neglected.join('; ')}.`)
  const earlier = before?.steps ?? []
  const whole: Endless =
    before === undefined
      ? endless
      : { states: [...statesOf(before).slice(0, -1), ...states], steps: [...earlier, ...taken], repeatsFrom: earlier.length + repeatsFrom }
  const isViolated = system.run(
    `${system.protocol.name}, property ${lasso.property}`,
    () => property !== undefined && isLiveness(property) && violates(walker, property, whole),
  )
  if (!isViolated) throw new Error(`The execution found does not violate ${lasso.property}: the search and the definition disagree.`)
  return { ...traceOf(system, lasso.property, initial, taken), repeatsFrom, fair: met.map(metText) }
}

const metText = ({ text, how }: Met): string =>
  how === 'taken' ? `${text}: taken` : how === 'idle' ? `${text}: taken in between, and changes nothing` : `${text}: cannot be taken in between`

/** The step to a state of the search: in a cycle one that meets what the edge is owed for, and sends what it sends. */
const stepTo = ({ search, owed }: LabelledGraph, walker: Walker, state: WalkState, to: number, edge: Edge | undefined): WalkStep => {
  const { tables, found } = search
  const { packets } = tables
  const candidates = walker.successors(state).filter(({ next }) => found.numberOf(next) === to)
  const sends = (step: WalkStep): readonly number[] =>
    [...new Set(step.sends.map(({ from, to, message }) => packets.find(from, to, message)))].sort((a, b) => a - b)
  const isIt = (step: WalkStep): boolean =>
    edge === undefined ||
    (owed.ofWalked(step) === edge.obligation && (!tables.fairLoss || String(sends(step)) === String([...new Set(edge.sends)].sort((a, b) => a - b))))
  const step = candidates.find(isIt)
  if (step === undefined) throw new Error('A step of the lasso cannot be walked: the tables and the handlers disagree.')
  return step
}
