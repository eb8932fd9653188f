import type { NamedLiveness } from '../tables/predicates.ts'
import { Ints } from '../values/ints.ts'
import { FairCycles, type FairPart } from './fair-cycles.ts'
import type { LabelledGraph } from './labelled-graph.ts'
import { type Edge, fairCycle } from './lasso.ts'

/** An execution that violates a liveness property: by a shortest way to `from`, then along `on`, then again and again along `cycle`. */
export interface Lasso {
  readonly property: string
  /** The state from which on what is asked for does not happen; an execution leads there by a shortest way. */
  readonly from: number
  /** The states after it, up to where the cycle begins. */
  readonly on: readonly number[]
  /** Empty where the execution stays. */
  readonly cycle: readonly Edge[]
}

/** What was found out about the liveness properties. */
export interface LivenessFound {
  readonly lassos: readonly Lasso[]
  /** Is there an execution within the bounds of the model that is fair? Where there is none, nothing was asked. */
  readonly isSomeFair: boolean
  /** Properties whose premise no reachable state satisfies. */
  readonly unasked: readonly string[]
}

/** Where a property is violated if a fair execution goes on: the states that count, by the truth of its predicates. */
interface Question {
  readonly property: NamedLiveness
  /** Does the state lack what is asked for? */
  lacks(state: number): boolean
  /** Is it a state from which on it is asked for? */
  isAsked(state: number): boolean
}

/** Is this awaited in the first state, by what came before it? Of the node of this number, where it is asked of each by itself. */
export type AwaitedBefore = (property: string, node: number | undefined) => boolean

/**
 * Which liveness properties are violated by a fair execution, after a complete search without reductions: the fair parts of its graph (fair-cycles.ts) that lack what a property asks for, where an execution
 * may come to them as it must. Of each property one lasso, with a shortest way to a nearest such part.
 * @param before where the search begins later than the protocol: in one state
 * @throws Stopped
 */
export const judgeLiveness = async (graph: LabelledGraph, before?: AwaitedBefore): Promise<LivenessFound> => {
  const { tables } = graph.search
  const cycles = new FairCycles(graph)
  const { areSome } = graph.owed
  if (!areSome) await lookAtAll(graph)
  const fair = areSome ? (await cycles.partsOf(numbers(graph.size), 0)).flatMap(({ states }) => states) : []
  const lassos: Lasso[] = []
  const unasked: string[] = []
  for (const property of tables.predicates.liveness) {
    const questions = questionsOf(graph, property, before)
    if (property.type === 'leadsTo' && !questions.some(({ isAsked }) => some(graph.size, isAsked))) unasked.push(property.name)
    for (const question of questions) {
      const lasso = areSome ? await lassoTo(graph, cycles, await lacking(cycles, fair, question), question) : await staying(graph, question)
      if (lasso === undefined) continue
      lassos.push(lasso)
      break
    }
  }
  return { lassos, isSomeFair: !areSome || fair.length > 0, unasked }
}

/** Does the bound of the model cut off a step anywhere? `graph.isCut` knows it then. */
const lookAtAll = async (graph: LabelledGraph): Promise<void> => {
  for (let state = 0; state < graph.size; state++) {
    await graph.turn()
    graph.expand(state)
  }
}

/** Where nothing is owed, an execution may stay in any state. */
const staying = async (graph: LabelledGraph, question: Question): Promise<Lasso | undefined> => {
  const way = await shortestWay(graph, question, question.lacks)
  if (way === undefined) return undefined
  const [from, ...on] = way as [number, ...number[]]
  return { property: question.property.name, from, on, cycle: [] }
}

const numbers = function* (count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield i
}

const some = (count: number, is: (state: number) => boolean): boolean => {
  for (let state = 0; state < count; state++) if (is(state)) return true
  return false
}

/** One, or one a node. */
const questionsOf = (graph: LabelledGraph, property: NamedLiveness, before: AwaitedBefore | undefined): Question[] => {
  const { tables, judge, found } = graph.search
  const { from, to, role, type, name } = property
  const question = (node: number | undefined, holds: (state: number, bit: number) => boolean): Question => {
    const isFirst = (state: number): boolean => state < (found.levels[1] ?? 0)
    const isAwaited = before?.(name, node) ?? type === 'eventually'
    return {
      property,
      lacks: state => !holds(state, to),
      isAsked: state =>
        type === 'alwaysEventually' || type === 'eventuallyAlways' ? true : (isAwaited && isFirst(state)) || (type === 'leadsTo' && holds(state, from)),
    }
  }
  if (role === undefined) return [question(undefined, (state, bit) => (judge.truth(...found.record(state)) & bit) !== 0)]
  return tables.system.nodes
    .filter(node => node.role === role)
    .map(({ index }) =>
      question(index, (state, bit) => {
        const local = found.expander.successors.unpack(...found.record(state))[index] as number
        return ((tables.locals[index]?.bits.data[local] as number) & bit) === 0
      }),
    )
}

/** The fair parts that lack what is asked for: all the way round, or, for `eventuallyAlways`, somewhere. */
const lacking = async (cycles: FairCycles, fair: readonly number[], { property, lacks }: Question): Promise<FairPart[]> => {
  const zone = cycles.newZone()
  const isOnce = property.type === 'eventuallyAlways'
  const states = isOnce ? fair : fair.filter(lacks)
  for (const state of states) cycles.zones[state] = zone
  return await cycles.partsOf(states, zone, isOnce ? lacks : undefined)
}

/** The nearest of the parts that an execution comes to as it must, if there is one. */
const lassoTo = async (graph: LabelledGraph, cycles: FairCycles, parts: readonly FairPart[], question: Question): Promise<Lasso | undefined> => {
  const { property, lacks } = question
  if (parts.length === 0) return undefined
  const partOf = new Map<number, FairPart>()
  for (const part of parts) for (const state of part.states) if (property.type !== 'eventuallyAlways' || lacks(state)) partOf.set(state, part)
  const way = await shortestWay(graph, question, state => partOf.has(state))
  if (way === undefined) return undefined
  const [from, ...on] = way as [number, ...number[]]
  const begin = way.at(-1) as number
  return { property: property.name, from, on, cycle: await fairCycle(graph, cycles.zones, partOf.get(begin) as FairPart, begin) }
}

/** A shortest way to a target, of which only what comes after a state that is asked about is told: from there on, all states lack what is asked for (but for `eventuallyAlways`). */
const shortestWay = async (
  graph: LabelledGraph,
  { property, lacks, isAsked }: Question,
  isTarget: (state: number) => boolean,
): Promise<readonly number[] | undefined> => {
  const { levels } = graph.search.found
  const mayPass = property.type === 'eventuallyAlways' ? () => true : lacks
  const before = new Ints()
  before.reach(graph.size)
  /** In `before`: not met; a state that is asked about; else the state before it, plus this. */
  const [UNMET, ASKED, FIRST] = [0, 1, 2]
  let here: number[] = []
  for (let depth = 0; depth < levels.length - 1 || here.length > 0; depth++) {
    const next: number[] = []
    for (let state = levels[depth] ?? Infinity; state < (levels[depth + 1] ?? 0); state++) {
      if (before.data[state] !== UNMET || !mayPass(state) || !isAsked(state)) continue
      before.data[state] = ASKED
      here.push(state)
    }
    for (const state of here) {
      if (isTarget(state)) {
        const way = [state]
        for (let at = state; before.data[at] !== ASKED; ) {
          at = (before.data[at] as number) - FIRST
          way.unshift(at)
        }
        return way
      }
      await graph.turn()
      const made = graph.expand(state)
      for (let i = 0; i < made; i++) {
        const to = graph.targets[i] as number
        if (before.data[to] !== UNMET || !mayPass(to)) continue
        before.data[to] = state + FIRST
        next.push(to)
      }
    }
    here = next
  }
  return undefined
}
