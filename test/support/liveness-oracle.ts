/**
 * The naive judge of liveness: by the definition, over all sets of states that an execution may visit again and again. It shares no code with the engine. A set and the steps within it are those of a
 * fair execution if the steps lead from each of its states to each other, and every obligation of the protocol's fairness is met. Each subset of a small graph's states is tried, with each choice of
 * messages that are sent no more.
 */
import type { Id } from '../../checker/protocol/id.ts'
import type { EachPredicate, LivenessProperty, StatePredicate } from '../../checker/protocol/properties.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { RoleTypes } from '../../checker/protocol/roles.ts'
import { type State, semanticsOf, text } from './oracle.ts'

type Verdict = 'holds' | 'violated' | 'inconclusive'

interface Edge {
  /** Null where the bound of the model cuts it off. */
  readonly to: number | null
  readonly by: string | null
  readonly sent: readonly string[]
}

/** An execution so far. Ids are those of one reading of the protocol. */
export interface Before {
  readonly semantics: ReturnType<typeof semanticsOf>
  /** One more than steps. */
  readonly states: readonly State[]
}

interface Vertex {
  readonly state: State
  readonly edges: readonly Edge[]
}

/** The strength of what is owed for something, if anything is. */
const owedFor = (protocol: AnyProtocol, by: string | null): 'weak' | 'strong' | undefined => {
  const fairness = protocol.fairness ?? []
  if (by === null || by === 'tick') return undefined
  if (by === 'settle') return 'weak'
  const [kind = '', ...rest] = by.split(' ')
  if (kind === 'receive') {
    if (protocol.network === 'fair-loss') return undefined
    return fairness.some(({ type }) => type === 'strong-delivery') ? 'strong' : fairness.some(({ type }) => type === 'delivery') ? 'weak' : undefined
  }
  const name = rest.at(-1) as string
  const role = rest[0]?.split('#')[0]
  const has = (strength: 'weak' | 'strong'): boolean =>
    fairness.some(fair =>
      kind === 'action'
        ? fair.type === strength && 'role' in fair && fair.role === role && (fair.actions.length === 0 || fair.actions.includes(name))
        : fair.type === `${strength}-steps` && 'steps' in fair && (fair.steps.length === 0 || fair.steps.includes(name)),
    )
  return has('strong') ? 'strong' : has('weak') ? 'weak' : undefined
}

/** All states with their steps, or nothing if there are too many. */
const graphOf = (
  { initials, stepsFrom }: ReturnType<typeof semanticsOf>,
  statesMax: number,
): { readonly vertices: readonly Vertex[]; readonly initials: number } | undefined => {
  const places = new Map<string, number>()
  const states: State[] = []
  const placeOf = (state: State): number => {
    const key = text(state)
    const place = places.get(key) ?? states.push(state) - 1
    places.set(key, place)
    return place
  }
  for (const state of initials) placeOf(state)
  const count = states.length
  const vertices: Vertex[] = []
  for (const state of states) {
    if (states.length > statesMax) return undefined
    vertices.push({ state, edges: stepsFrom(state).map(({ next, by, sent }) => ({ to: next && placeOf(next), by, sent })) })
  }
  return { vertices, initials: count }
}

/** States that a state leads to by these edges, itself among them. */
const reach = (vertices: readonly Vertex[], from: readonly number[], may: (state: number, edge: Edge) => boolean): Set<number> => {
  const seen = new Set(from)
  for (const state of seen) for (const edge of vertices[state]?.edges ?? []) if (edge.to !== null && may(state, edge)) seen.add(edge.to)
  return seen
}

/** All sets of states that a fair execution may visit again and again, each as the numbers of its states; nothing if there would be too many to try. */
const fairSets = (protocol: AnyProtocol, vertices: readonly Vertex[], most: number): (readonly number[])[] | undefined => {
  const reached = vertices.map((_, state) => reach(vertices, [state], () => true))
  const classes: number[][] = []
  vertices.forEach((_, state) => {
    const known = classes.find(([other = -1]) => reached[state]?.has(other) && reached[other]?.has(state))
    if (known === undefined) classes.push([state])
    else known.push(state)
  })
  if (classes.some(({ length }) => length > most)) return undefined
  return classes.flatMap(all => subsets(all).filter(set => set.length > 0 && isFair(protocol, vertices, set)))
}

const subsets = <T>(of: readonly T[]): T[][] => Array.from({ length: 2 ** of.length }, (_, bits) => of.filter((__, i) => (bits >>> i) & 1))

/** May an execution go on for ever through just these states, and be fair? It may stop sending some messages. */
const isFair = (protocol: AnyProtocol, vertices: readonly Vertex[], set: readonly number[]): boolean => {
  const isIn = new Set(set)
  const within = set.flatMap(state => (vertices[state] as Vertex).edges.flatMap(edge => (edge.to !== null && isIn.has(edge.to) ? [{ state, edge }] : [])))
  const isLossy = protocol.network === 'fair-loss'
  const delivers = protocol.fairness?.some(({ type }) => type === 'delivery' || type === 'strong-delivery') === true
  const sendable = isLossy && delivers ? [...new Set(within.flatMap(({ edge }) => edge.sent))] : []
  return subsets(sendable).some(unsent => {
    const may = (edge: Edge): boolean => !edge.sent.some(one => unsent.includes(one))
    const [first] = set as [number, ...number[]]
    const isConnected = set.every(state => reach(vertices, [state], (_, edge) => may(edge) && isIn.has(edge.to as number)).size >= set.length)
    if (!isConnected) return false
    const taken = within.filter(({ edge }) => may(edge))
    const isTaken = (by: string): boolean => taken.some(({ edge }) => edge.by === by)
    const isEnabled = (state: number, by: string): boolean =>
      (vertices[state] as Vertex).edges.some(edge => edge.by === by && (edge.to !== state || (isLossy && edge.sent.length > 0)))
    // Time goes on, whatever else happens.
    if (protocol.timing !== undefined && !isTaken('tick')) return false
    const all = new Set(set.flatMap(state => (vertices[state] as Vertex).edges.map(({ by }) => by)))
    for (const by of all) {
      const strength = owedFor(protocol, by)
      if (by === null || strength === undefined || isTaken(by)) continue
      if (strength === 'strong' ? set.some(state => isEnabled(state, by)) : set.every(state => isEnabled(state, by))) return false
    }
    if (!isLossy || !delivers) return true
    const { crashed, inFlight } = (vertices[first] as Vertex).state
    const isUp = (message: string): boolean => !inFlight.some(one => text(one) === message && crashed.has(one.to as Id))
    return taken.every(({ edge }) => edge.sent.every(message => isTaken(`receive ${message}`) || !isUp(message)))
  })
}

/**
 * What is said of each liveness property, alone; nothing where the graph is too large for this.
 * @param most states that lead to one another
 * @param before it is asked of executions that go on from its last state; without it, of all
 */
export const judgeByDefinition = (
  protocol: AnyProtocol,
  statesMax: number,
  most: number,
  before?: Before,
): { readonly [name: string]: Verdict } | undefined => {
  const semantics = before?.semantics ?? semanticsOf(protocol)
  const graph = graphOf(before === undefined ? semantics : { ...semantics, initials: before.states.slice(-1) }, statesMax)
  if (graph === undefined) return undefined
  const { vertices, initials } = graph
  const fair = fairSets(protocol, vertices, most)
  if (fair === undefined) return undefined
  const { holdsIn, nodes, lies } = semantics
  const holdsAt = (predicate: StatePredicate<RoleTypes>, { state }: Pick<Vertex, 'state'>, node: Id | undefined): boolean => {
    if (node === undefined) return holdsIn(predicate, state)
    // It is asked of honest nodes.
    if (lies(state, node)) return true
    const { view, ok } = predicate as EachPredicate<RoleTypes>
    return ok(view(state.nodes.get(node) as never, { crashed: state.crashed.has(node) }) as never)
  }
  const isViolated = ({ type, from, to }: LivenessProperty<RoleTypes>, node: Id | undefined): boolean => {
    const lacks = vertices.map(vertex => !holdsAt(to, vertex, node))
    if (type === 'eventuallyAlways') return fair.some(set => set.some(state => lacks[state]))
    const earlier = (before?.states ?? []).map(state => ({ state }))
    const isLacking = (since: number): boolean => earlier.slice(since).every(one => !holdsAt(to, one, node))
    const isAwaited = earlier.some((one, i) => from !== undefined && holdsAt(from, one, node) && isLacking(i))
    const begins = [...vertices.keys()].filter(
      state =>
        lacks[state] &&
        (type === 'alwaysEventually' ||
          (type === 'eventually'
            ? state < initials && isLacking(0)
            : (from !== undefined && holdsAt(from, vertices[state] as Vertex, node)) || (state < initials && isAwaited))),
    )
    const there = reach(vertices, begins, (_, { to: next }) => lacks[next as number] === true)
    return fair.some(set => set.every(state => lacks[state] && there.has(state)))
  }
  return Object.fromEntries(
    Object.entries(protocol.properties).map(([name, property]) => {
      const liveness = property as LivenessProperty<RoleTypes>
      const asked = liveness.ofEachNode ? (nodes[(liveness.to as EachPredicate<RoleTypes>).role] ?? []) : [undefined]
      if (asked.some(node => isViolated(liveness, node))) return [name, 'violated']
      return [name, fair.length > 0 ? 'holds' : 'inconclusive']
    }),
  )
}
