import { NONE } from '../steps/obligations.ts'
import type { FairPart } from './fair-cycles.ts'
import type { LabelledGraph } from './labelled-graph.ts'

/** A step of a cycle. */
export interface Edge {
  readonly to: number
  /** What it is owed for; `NONE` if for nothing. */
  readonly obligation: number
  /** The packets that it sends, over `fair-loss`. */
  readonly sends: readonly number[]
}

/** What a cycle does so far: what it could take and did, and what it sent and nobody received yet. */
interface Open {
  readonly weak: ReadonlySet<number>
  readonly strong: ReadonlySet<number>
  readonly taken: ReadonlySet<number>
  readonly sent: ReadonlySet<number>
}

/**
 * A short fair cycle through a state of a fair part: by a shortest way to the next thing that is missing, until nothing is, and back. No edges where it may stay in that state.
 * @throws Stopped
 */
export const fairCycle = async (graph: LabelledGraph, zones: Int32Array, part: FairPart, begin: number): Promise<readonly Edge[]> => {
  const cycle: Edge[] = []
  const around: Around = { graph, zones, part }
  for (let at = begin; ; ) {
    const missing = missingIn(graph, part, begin, cycle)
    if (missing.size === 0 && at === begin) return cycle
    const way = await shortestWay(around, at, missing.size === 0 ? { state: state => state === begin } : goalOf(graph, missing, part))
    if (way === undefined) throw new Error('A fair part has no fair cycle.')
    cycle.push(...way)
    at = cycle.at(-1)?.to ?? begin
  }
}

interface Around {
  readonly graph: LabelledGraph
  readonly zones: Int32Array
  readonly part: FairPart
}

interface Goal {
  /** Asked after the state was expanded. */
  state?(state: number): boolean
  edge?(obligation: number): boolean
}

/** The obligations that a cycle does not meet as it is. */
const missingIn = (graph: LabelledGraph, part: FairPart, begin: number, cycle: readonly Edge[]): Set<number> => {
  const { owed } = graph
  const { weak, strong, taken, sent } = openIn(graph, part, begin, cycle)
  const lost = [...sent].filter(packet => owed.delivers && !graph.isLost(packet, begin)).map(packet => owed.ofDelivery(packet))
  return new Set([...weak, ...strong, ...lost].filter(obligation => !taken.has(obligation)))
}

const openIn = (graph: LabelledGraph, { unsent }: FairPart, begin: number, cycle: readonly Edge[]): Open => {
  const { owed } = graph
  const strong = new Set<number>()
  const taken = new Set<number>()
  const sent = new Set<number>()
  let weak: Set<number> | undefined
  for (const { obligation, sends } of cycle) {
    if (obligation !== NONE) taken.add(obligation)
    for (const packet of sends) sent.add(packet)
  }
  for (const state of new Set([begin, ...cycle.map(({ to }) => to)])) {
    graph.expand(state)
    const enabled = new Set(graph.steps.enabled.filter(obligation => !owed.isLossy(obligation)))
    for (const obligation of enabled) if (owed.isStrong(obligation)) strong.add(obligation)
    weak = new Set([...(weak ?? enabled)].filter(obligation => enabled.has(obligation) && !owed.isStrong(obligation)))
    for (const idle of graph.steps.idle) {
      if (graph.sendsAny(idle.sends, unsent)) continue
      if (idle.obligation !== NONE) taken.add(idle.obligation)
      for (const packet of graph.sent(idle.sends)) sent.add(packet)
    }
  }
  return { weak: weak ?? new Set(), strong, taken, sent }
}

/** Where something that is missing is taken, or, if it is weak, cannot be. */
const goalOf = (graph: LabelledGraph, missing: ReadonlySet<number>, { unsent }: FairPart): Goal => {
  const { owed, steps } = graph
  const weak = [...missing].filter(obligation => !owed.isStrong(obligation) && !owed.isLossy(obligation))
  return {
    edge: obligation => missing.has(obligation),
    state: () =>
      weak.some(obligation => !steps.enabled.includes(obligation)) ||
      steps.idle.some(({ obligation, sends }) => missing.has(obligation) && !graph.sendsAny(sends, unsent)),
  }
}

/** A shortest way of at least one step within the part to the goal, or none. */
const shortestWay = async ({ graph, zones, part }: Around, from: number, goal: Goal): Promise<Edge[] | undefined> => {
  const { steps } = graph
  const before = new Map<number, { readonly from: number; readonly edge: Edge }>()
  const wayTo = (last: Edge, at: number): Edge[] => {
    const way = [last]
    for (let state = at; state !== from; ) {
      const step = before.get(state) as { readonly from: number; readonly edge: Edge }
      way.unshift(step.edge)
      state = step.from
    }
    return way
  }
  const queue = [from]
  for (const state of queue) {
    await graph.turn()
    const made = graph.expand(state)
    const found = before.get(state)
    if (found !== undefined && goal.state?.(state) === true) return wayTo(found.edge, found.from)
    for (let i = 0; i < made; i++) {
      const to = graph.targets[i] as number
      const sends = steps.sends[i] as number
      if (zones[to] !== part.zone || graph.sendsAny(sends, part.unsent)) continue
      const edge: Edge = { to, obligation: steps.obligations[i] as number, sends: graph.search.tables.fairLoss ? graph.sent(sends) : [] }
      if (goal.edge?.(edge.obligation) === true) return wayTo(edge, state)
      if (to === from || before.has(to)) continue
      before.set(to, { from: state, edge })
      queue.push(to)
    }
  }
  return undefined
}
