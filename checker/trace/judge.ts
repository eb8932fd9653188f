import { SpecError } from '../protocol/errors.ts'
import type { Json } from '../protocol/json.ts'
import { isLiveness, type Property, type StatePredicate, type Status } from '../protocol/properties.ts'
import type { RoleTypes } from '../protocol/roles.ts'
import type { ValueId } from '../values/value-id.ts'
import { shownFlight, type Walker, type WalkState, type WalkStep } from './walk.ts'

/** What a property says of the end of an execution. */
export type Judgement = { readonly violated: boolean } | { readonly violated: null; readonly why: string }

/** States that are looked through for one that a `canAlways` property asks for, before giving up. */
const STATES_MAX = 10_000

/**
 * Judges a property at the end of an execution by its definition: it is evaluated on the concrete state, by no code that the search uses.
 * @param last the last step, which step properties judge; undefined for an execution without steps
 * @throws SpecError if the protocol has no such property
 */
export const judge = (walker: Walker, property: string, state: WalkState, last: WalkStep | undefined): Judgement => {
  const { system } = walker
  const { protocol } = system
  if (property === 'deadlock') return { violated: isDeadlock(walker, state) }
  const found = Object.hasOwn(protocol.properties, property) ? protocol.properties[property] : undefined
  if (found === undefined) throw noSuchProperty(walker, property)
  return system.run(`${protocol.name}, property ${property}`, () => judgeProperty(walker, property, found, state, last))
}

export const noSuchProperty = ({ system: { protocol } }: Walker, property: string): SpecError =>
  new SpecError({
    title: 'NO SUCH PROPERTY',
    place: protocol.name,
    what: `The trace violates ${property}, which is no property of this protocol.`,
    hint: `There is: ${[...Object.keys(protocol.properties), 'deadlock'].join(', ')}.`,
  })

const judgeProperty = (walker: Walker, property: string, found: Property<RoleTypes>, state: WalkState, last: WalkStep | undefined): Judgement => {
  const { nodes, values } = walker.system
  switch (found.type) {
    case 'step': {
      const breaks = (last?.local ?? []).some(
        ({ node, before, after }) => nodes[node]?.role === found.role && !found.ok(values.decode(before) as never, values.decode(after) as never),
      )
      return { violated: breaks }
    }
    case 'reachable':
      return { violated: null, why: `that no reachable state satisfies ${property} is not for one execution to show` }
    case 'canAlways':
      return judgeCanAlways(walker, property, found.predicate, state)
    default:
      if (isLiveness(found)) return { violated: null, why: `whether ${property} is violated is not for the end of an execution to tell` }
      return { violated: !holds(walker, found, state) }
  }
}

/** What a predicate looks at in a state: of each node that it is about, or of the observer; nothing where it looks at the whole. */
export const viewsIn = (walker: Walker, predicate: StatePredicate<RoleTypes>, state: WalkState): readonly (readonly View[])[] => {
  const { nodes, values, protocol } = walker.system
  const decode = (id: ValueId | undefined): never => values.decode(id as ValueId) as never
  const viewsOf = (role: string, view: (node: never, status: Status) => unknown): readonly View[] =>
    nodes.flatMap(({ role: of, index }) =>
      of === role ? [{ node: index, view: view(decode(state.nodes[index]), { crashed: state.crashed[index] as boolean }) as never }] : [],
    )
  switch (predicate.type) {
    case 'each':
    case 'some':
      return [viewsOf(predicate.role, predicate.view)]
    case 'eachPair':
    case 'somePair':
      return predicate.roles.map((role, i) => viewsOf(role, predicate.views[i as 0 | 1]))
    case 'observed':
      return [[{ node: null, view: decode(state.observers[Object.keys(protocol.observers ?? {}).indexOf(predicate.observer)]) }]]
    case 'world':
      return []
  }
}

/** What is looked at of a node, or of an observer. */
export interface View {
  readonly node: number | null
  readonly view: never
}

/** A view as JSON: unlike a state it may be, or hold, a plain object or an array. @param place for the error if it is no value */
export const viewJson = (walker: Walker, view: unknown, place: string): Json => {
  if (Array.isArray(view)) return view.map(element => viewJson(walker, element, place))
  const isPlain = typeof view === 'object' && view !== null && Object.getPrototypeOf(view) === Object.prototype
  if (isPlain) return Object.fromEntries(Object.entries(view).map(([name, field]) => [name, viewJson(walker, field, place)]))
  const { values } = walker.system
  return values.toJson(values.encode(view, place))
}

/** Does a predicate hold in a state? @param node one of `each` or `some` is asked of this node only */
export const holds = (walker: Walker, predicate: StatePredicate<RoleTypes>, state: WalkState, node?: number): boolean => {
  const [all = [], second = []] = viewsIn(walker, predicate, state)
  const first = node === undefined ? all : all.filter(view => view.node === node)
  switch (predicate.type) {
    case 'each':
    case 'observed':
      return first.every(({ view }) => predicate.ok(view))
    case 'some':
      return first.some(({ view }) => predicate.ok(view))
    case 'eachPair':
    case 'somePair': {
      const answers = first.flatMap(a => second.filter(b => b.node !== a.node).map(b => predicate.ok(a.view, b.view)))
      return predicate.type === 'eachPair' ? !answers.includes(false) : answers.includes(true)
    }
    case 'world':
      return predicate.ok(worldOf(walker, state) as never)
  }
}

const worldOf = (walker: Walker, state: WalkState): unknown => {
  const { system } = walker
  const names = Object.keys(system.protocol.observers ?? {})
  const { values } = system
  return system.world({
    state: node => values.decode(state.nodes[node] as ValueId),
    crashed: node => state.crashed[node] as boolean,
    observer: name => values.decode(state.observers[names.indexOf(name)] as ValueId),
    inFlight: () => shownFlight(system, state),
  })
}

/** May the system rest in a state? */
export const mayRestIn = (walker: Walker, state: WalkState): boolean => walker.system.mayRest(worldOf(walker, state))

/** Nothing can happen, not even a step that the bound cuts off. Over `fair-loss` that messages are sent (or lost) is nothing: what they do once they are sent is. */
const isDeadlock = (walker: Walker, state: WalkState): boolean => {
  if (mayRestIn(walker, state)) return false
  for (let here = state; ; ) {
    const steps = walker.successors(here)
    if (walker.isCut(here)) return false
    const first = steps[0]
    if (first === undefined) return true
    const keyOf = (of: WalkState): string => walker.keyOf({ ...of, flight: [] })
    if (walker.system.protocol.network !== 'fair-loss' || steps.some(({ next }) => keyOf(next) !== keyOf(here))) return false
    here = first.next
  }
}

/** Replay alone cannot tell what stays reachable: so a search from this state on, breadth-first, as far as it is small. */
const judgeCanAlways = (walker: Walker, property: string, predicate: StatePredicate<RoleTypes>, from: WalkState): Judgement => {
  const seen = new Set([walker.keyOf(from)])
  const queue = [from]
  for (const state of queue) {
    if (holds(walker, predicate, state)) return { violated: false }
    for (const { next } of walker.successors(state)) {
      const key = walker.keyOf(next)
      if (seen.has(key)) continue
      if (seen.size === STATES_MAX)
        return {
          violated: null,
          why: `more than ${STATES_MAX} states are reachable from its end, and whether ${property} can still be satisfied takes a search`,
        }
      seen.add(key)
      queue.push(next)
    }
  }
  return { violated: true }
}
