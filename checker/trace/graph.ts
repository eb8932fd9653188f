import { type Property, predicatesIn, type StatePredicate } from '../protocol/properties.ts'
import type { RoleTypes } from '../protocol/roles.ts'
import type { ValueId } from '../values/value-id.ts'
import { holds, judge, viewJson, viewsIn } from './judge.ts'
import { show, showFields, showTagged } from './show.ts'
import { stepText } from './step-text.ts'
import { visible } from './visible.ts'
import type { Walker, WalkState, WalkStep } from './walk.ts'

/** The states of a small protocol, and the steps between them, in words. */
export interface StateGraph {
  readonly title: string
  readonly states: readonly GraphState[]
  /** So many of them, the first, are those in which an execution may begin. */
  readonly initials: number
  readonly steps: readonly GraphStep[]
}

export interface GraphState {
  readonly lines: readonly string[]
  /** The properties that it violates. */
  readonly violates: readonly string[]
  /** The `reachable` properties that it satisfies, and not every state does. */
  readonly satisfies: readonly string[]
}

/** All steps from one state to another. */
export interface GraphStep {
  /** Places in `states`. */
  readonly from: number
  readonly to: number
  readonly texts: readonly string[]
  /** The step properties that one of them violates. */
  readonly violates: readonly string[]
}

/** What is written of a state: all of it, or what properties look at. */
export type GraphLabel = 'state' | 'views'

/** A state, and what was found of it. */
interface Found {
  readonly state: WalkState
  readonly violates: string[]
  readonly satisfies: string[]
}

/**
 * Every state of a protocol and every step, by its definition: nothing is left out, merged or renamed. Undefined if there are more than `statesMax` states.
 * @throws SpecError if the protocol is broken
 */
export const graphOf = (walker: Walker, { statesMax, label }: { readonly statesMax: number; readonly label: GraphLabel }): StateGraph | undefined => {
  const numbers = new Map<string, number>()
  const found: Found[] = []
  const steps: GraphStep[] = []
  /** The place of a state, or undefined where there is no room for it. */
  const placeOf = (state: WalkState): number | undefined => {
    const key = walker.keyOf(state)
    const known = numbers.get(key)
    if (known !== undefined || found.length === statesMax) return known
    numbers.set(key, found.length)
    return found.push({ state, ...judged(walker, state) }) - 1
  }
  for (const state of walker.initials()) if (placeOf(state) === undefined) return undefined
  const initials = found.length
  for (let from = 0; from < found.length; from++) {
    const between = new Map<number, { texts: string[]; violates: Set<string> }>()
    for (const step of walker.successors((found[from] as Found).state, { idle: true })) {
      const violates = brokenBy(walker, step)
      const to = placeOf(step.next)
      if (to === undefined) return undefined
      if (to === from && violates.length === 0) continue
      const others = between.get(to) ?? { texts: [], violates: new Set() }
      between.set(to, others)
      others.texts.push(stepText(step.step))
      for (const name of violates) others.violates.add(name)
    }
    for (const [to, { texts, violates }] of between) steps.push({ from, to, texts: [...new Set(texts)], violates: [...violates] })
  }
  for (const [name, { predicate }] of propertiesOf(walker, 'canAlways')) markLost(walker, name, predicate, found, steps)
  const tells = (name: string): boolean => found.some(({ satisfies }) => !satisfies.includes(name))
  const written = found.map(({ state, violates, satisfies }) => ({
    lines: label === 'state' ? linesOf(walker, state) : viewLines(walker, state),
    violates,
    satisfies: satisfies.filter(tells),
  }))
  return { title: visible(walker.system.protocol.name), states: written, initials, steps }
}

/** What a state violates and satisfies by itself. */
const judged = (walker: Walker, state: WalkState): Omit<Found, 'state'> => {
  const { protocol } = walker.system
  const violates: string[] = []
  const satisfies: string[] = []
  for (const [name, property] of Object.entries(protocol.properties)) {
    if (property.type === 'step' || property.type === 'canAlways') continue
    if (property.type !== 'reachable') {
      if (judge(walker, name, state, undefined).violated === true) violates.push(visible(name))
    } else if (asked(walker, name, property.predicate, state)) satisfies.push(visible(name))
  }
  if (protocol.mayRest !== undefined && judge(walker, 'deadlock', state, undefined).violated === true) violates.push('deadlock')
  return { violates, satisfies }
}

const brokenBy = (walker: Walker, step: WalkStep): string[] =>
  propertiesOf(walker, 'step').flatMap(([name]) => (judge(walker, name, step.next, step).violated === true ? [visible(name)] : []))

/** From where no state can be reached any more that satisfies it: all but those that a search backwards meets. */
const markLost = (walker: Walker, name: string, predicate: StatePredicate<RoleTypes>, found: readonly Found[], steps: readonly GraphStep[]): void => {
  const before = new Map<number, number[]>()
  for (const { from, to } of steps) before.set(to, [...(before.get(to) ?? []), from])
  const met = new Set(found.flatMap(({ state }, i) => (asked(walker, name, predicate, state) ? [i] : [])))
  for (const at of met) for (const earlier of before.get(at) ?? []) met.add(earlier)
  for (const [i, { violates }] of found.entries()) if (!met.has(i)) violates.push(visible(name))
}

const asked = (walker: Walker, name: string, predicate: StatePredicate<RoleTypes>, state: WalkState): boolean =>
  walker.system.run(`${walker.system.protocol.name}, property ${name}`, () => holds(walker, predicate, state))

const propertiesOf = <T extends Property<RoleTypes>['type']>(
  { system }: Walker,
  type: T,
): readonly (readonly [string, Extract<Property<RoleTypes>, { readonly type: T }>])[] =>
  Object.entries(system.protocol.properties).flatMap(([name, property]) =>
    property.type === type ? [[name, property as Extract<Property<RoleTypes>, { readonly type: T }>] as const] : [],
  )

/** The whole state: each node, each observer, what is in flight. */
const linesOf = ({ system }: Walker, { nodes, crashed, observers, flight }: WalkState): readonly string[] => {
  const json = (value: ValueId) => system.values.toJson(value)
  return [
    ...nodes.map((value, node) => `${visible(system.label(node))}: ${showFields(json(value))}${crashed[node] ? ', crashed' : ''}`),
    ...Object.keys(system.protocol.observers ?? {}).map((name, o) => `${visible(name)}: ${showFields(json(observers[o] as ValueId))}`),
    ...flight.map(({ from, to, message }) => `${visible(system.label(from))} → ${visible(system.label(to))}: ${showTagged(json(message))}`),
  ]
}

/** What each property looks at. */
const viewLines = (walker: Walker, state: WalkState): readonly string[] => {
  const { system } = walker
  return Object.entries(system.protocol.properties).flatMap(([name, property]) => {
    const views = predicatesIn(property).flatMap(predicate => viewsIn(walker, predicate, state).flat())
    const texts = views.map(({ node, view }) => {
      const text = show(viewJson(walker, view, `${system.protocol.name}, property ${name}`))
      return node === null ? text : `${visible(system.label(node))} ${text}`
    })
    return texts.length === 0 ? [] : [`${visible(name)}: ${[...new Set(texts)].join(', ')}`]
  })
}
