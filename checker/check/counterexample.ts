import type { Json } from '../protocol/json.ts'
import { corridor } from '../search/corridor.ts'
import type { Search, Violation } from '../search/search.ts'
import type { Tables } from '../tables/tables.ts'
import { nameOf } from '../trace/replay.ts'
import { canonical, isList } from '../trace/show.ts'
import { clocksIn } from '../trace/step-text.ts'
import type { TraceStep } from '../trace/trace.ts'
import { Walker, type WalkState, type WalkStep } from '../trace/walk.ts'
import { bitCount } from '../values/bits.ts'

/** An internal error, unless states of nodes were taken for alike that no proof says are. */
export class CannotBeWalked extends Error {}

/** One way to a state, in the terms of the protocol. */
interface Way {
  readonly state: WalkState
  readonly last: WalkStep | undefined
  readonly before: Way | undefined
  readonly faults: number
  /** The nodes that took part, as bits: of more than 32, some share one. */
  readonly nodes: number
  readonly switches: number
  /** How large the values are that nodes begin with, choose and receive, all together: in whatever order. */
  readonly size: number
  /** What its last step is called. */
  readonly name: string
}

/** Ways to a state that end at the same node, none better than another, that are kept. */
const WAYS_MAX = 8

/**
 * A counterexample, step by step: the numbers that the search found are walked once more, through the handlers, so that a trace is also a
 * check of the tables. Of the shortest ones it takes one with the fewest faults (a clock that does not go on by one tick is one), then with the fewest nodes that take
 * part, then with the fewest changes from one node to another, then with the smallest values; of those that are alike in all that, the one whose steps come first, by node and by name.
 * Where many ways lead to one state of the search, the best of them up to there are kept (`WAYS_MAX`), as if all went on alike.
 */
export const buildSteps = (search: Search, violation: Violation): { readonly initial: WalkState; readonly steps: readonly WalkStep[] } => {
  const walker = new Walker(search.tables.system)
  const sets = corridor(search, violation)
  let ways = beginningIn(search, walker, sets[0] as ReadonlySet<number>)
  for (const set of sets.slice(1)) ways = advance(search, walker, saturated(search, walker, ways), set)
  ways = saturated(search, walker, ways)
  if (violation.onceLost === true) ways = ways.flatMap(way => walker.losses(way.state).map(step => extend(way, step)))
  let end = best(ways)
  if (violation.kind === 'step') end = best(ways.flatMap(way => breaking(search.tables, walker, way, violation.property).map(step => extend(way, step))))
  if (end === undefined) throw new CannotBeWalked(`The path to a violation of ${violation.property} cannot be walked: the tables and the handlers disagree.`)
  const steps: WalkStep[] = []
  let way = end
  for (; way.last !== undefined && way.before !== undefined; way = way.before) steps.unshift(way.last)
  return { initial: way.state, steps }
}

/** A way for each of these states of the search, which are initial ones: of initial states that are one to the search, the first. */
const beginningIn = (search: Search, walker: Walker, set: ReadonlySet<number>): Way[] => {
  const ways = new Map<number, Way>()
  const { start } = search.tables
  for (const state of start === undefined ? walker.initials() : [start]) {
    if (ways.size === set.size) break
    const number = search.found.numberOf(state)
    if (!set.has(number) || ways.has(number)) continue
    const size = state.nodes.reduce<number>((sum, node) => sum + sizeOf(walker.system.values.toJson(node)), 0)
    ways.set(number, { state, last: undefined, before: undefined, faults: 0, nodes: 0, switches: 0, size, name: '' })
  }
  return [...ways.values()]
}

/** Where the search takes steps that only send at once (steps/saturation.ts), they are taken here one by one: each that leaves the search where it is, but more in flight. */
const saturated = (search: Search, walker: Walker, ways: readonly Way[]): Way[] =>
  search.reducers.saturate !== true
    ? [...ways]
    : ways.map(way => {
        const number = search.found.numberOf(way.state)
        let longest = way
        for (;;) {
          const { flight } = longest.state
          const step = walker.successors(longest.state).find(({ next }) => next.flight.length > flight.length && search.found.numberOf(next) === number)
          if (step === undefined) return longest
          longest = extend(longest, step)
        }
      })

/** The ways, one step on, that lead into `set`: of those to the same state by the same node, the ones that may turn out best. */
const advance = (search: Search, walker: Walker, ways: readonly Way[], set: ReadonlySet<number>): Way[] => {
  const kept = new Map<string, readonly Way[]>()
  const steps = new Map<WalkState, readonly WalkStep[]>()
  for (const way of ways) {
    const successors = steps.get(way.state) ?? walker.successors(way.state)
    steps.set(way.state, successors)
    for (const step of successors) {
      const number = search.found.numberOf(step.next)
      if (!set.has(number)) continue
      const key = `${number} ${step.actor}`
      kept.set(key, withWay(kept.get(key) ?? [], extend(way, step)))
    }
  }
  return [...kept.values()].flat()
}

const withWay = (ways: readonly Way[], way: Way): readonly Way[] => {
  if (ways.some(other => isNoWorse(other, way))) return ways
  const all = [...ways.filter(other => !isNoWorse(way, other)), way]
  return all.length <= WAYS_MAX ? all : all.toSorted(compare).slice(0, WAYS_MAX)
}

const breaking = (tables: Tables, walker: Walker, way: Way, property: string): WalkStep[] => {
  const bit = tables.predicates.steps.findIndex(({ name }) => name === property)
  return walker
    .successors(way.state, { idle: true })
    .filter(({ local }) =>
      local.some(({ node, before, after }) => (tables.predicates.ofStep(tables.system.nodes[node]?.role as string, before, after) >>> bit) & 1),
    )
}

const extend = (way: Way, taken: WalkStep): Way => {
  const { step } = taken
  return {
    state: taken.next,
    last: taken,
    before: way,
    faults: way.faults + (taken.kind === 'action' || taken.kind === 'receive' || taken.kind === 'step' ? 0 : 1) + driftsIn(step),
    nodes: [taken.actor, ...taken.local.map(({ node }) => node)].reduce((bits, node) => (node < 0 ? bits : bits | (1 << node)), way.nodes),
    switches: way.switches + (way.last !== undefined && way.last.actor !== taken.actor ? 1 : 0),
    size: way.size + sizeOf([step.choices, step.message]),
    name: canonical(nameOf(step)),
  }
}

/** Clocks that go on in a step by no tick, or by two. */
const driftsIn = (step: TraceStep): number => (clocksIn(step) ?? []).filter(([, by]) => by !== 1).length

/** The sum of its numbers, and one for each element, entry and `true`. */
const sizeOf = (value: Json): number => {
  if (typeof value === 'number') return Math.abs(value)
  if (typeof value !== 'object' || value === null) return value === true ? 1 : 0
  const parts = Object.values(value)
  return parts.reduce<number>((sum, part) => sum + sizeOf(part as Json), isList(value) ? parts.length : 0)
}

/** However both go on in the same way? */
const isNoWorse = (a: Way, b: Way): boolean =>
  a.faults < b.faults ||
  (a.faults === b.faults && (a.nodes & ~b.nodes) === 0 && (a.switches < b.switches || (a.switches === b.switches && compareValues(a, b) <= 0)))

const compare = (a: Way, b: Way): number => a.faults - b.faults || bitCount(a.nodes) - bitCount(b.nodes) || a.switches - b.switches || compareValues(a, b)

const compareValues = (a: Way, b: Way): number => a.size - b.size || compareSteps(a, b)

/** By the first step that is another. */
const compareSteps = (a: Way, b: Way): number => {
  let found = 0
  for (let [x, y]: [Way | undefined, Way | undefined] = [a, b]; x !== undefined && y !== undefined && x !== y; x = x.before, y = y.before)
    found = (x.last?.actor ?? 0) - (y.last?.actor ?? 0) || (x.name < y.name ? -1 : x.name > y.name ? 1 : found)
  return found
}

const best = (ways: readonly Way[]): Way | undefined =>
  ways.reduce<Way | undefined>((least, way) => (least === undefined || compare(way, least) < 0 ? way : least), undefined)
