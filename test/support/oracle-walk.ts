/** Random executions that the checker and the oracle take side by side. */
import { Map, Set } from 'immutable'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { randomFrom } from '../../checker/search/random.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { traceOf } from '../../checker/trace/trace-of.ts'
import type { Walker, WalkState, WalkStep } from '../../checker/trace/walk.ts'
import type { Before } from './liveness-oracle.ts'
import { observersOf, type State, semanticsOf, text } from './oracle.ts'
import { walkerOf } from './trace-support.ts'

/** An execution as a trace, and as the oracle has it. */
export interface WalkOfBoth extends Before {
  readonly trace: Trace
}

/** At most `length` steps, of which each leads to one state only that the oracle tells by what is seen; nothing where not even the first does. */
export const walkOfBoth = (protocol: AnyProtocol, length: number, seed: number): WalkOfBoth | undefined => {
  const random = randomFrom(seed)
  const pick = <T>(of: readonly T[]): T | undefined => of[random(Math.max(1, of.length))]
  const walker = walkerOf(protocol)
  const semantics = semanticsOf(protocol)
  const { initials, stepsFrom, lies, worldOf } = semantics
  const observers = observersOf(protocol)
  const seenBy = (state: State): string => {
    const world = worldOf(state, true)
    return seen(
      Object.values(world.nodes)
        .flat()
        .map(id => [id, lies(state, id) ? 'lies' : world.get(id)]),
      state.crashed,
      [...state.inFlight],
      observers.map(name => world.observer(name)),
      [...state.budgets],
    )
  }
  const same = (states: readonly State[], as: WalkState): State | undefined => {
    const wanted = seenInWalk(walker, observers, as)
    const found = new globalThis.Map(states.flatMap(state => (seenBy(state) === wanted ? [[text(state), state] as const] : [])))
    return found.size === 1 ? [...found.values()][0] : undefined
  }
  const initial = pick([...walker.initials()].slice(0, 50))
  const first = initial && same(initials, initial)
  if (initial === undefined || first === undefined) return undefined
  const states = [first]
  const steps: WalkStep[] = []
  for (let at = initial; steps.length < length; ) {
    const step = pick(walker.successors(at))
    const next =
      step &&
      same(
        stepsFrom(states.at(-1) as State).flatMap(one => one.next ?? []),
        step.next,
      )
    if (step === undefined || next === undefined) break
    steps.push(step)
    states.push(next)
    at = step.next
  }
  return { trace: traceOf(walker.system, '', initial, steps), semantics, states }
}

const seen = (
  nodes: readonly (readonly [unknown, unknown])[],
  crashed: Set<unknown>,
  inFlight: readonly unknown[],
  observers: readonly unknown[],
  budgets: readonly number[],
): string => text({ nodes: Map(nodes), crashed, inFlight: inFlight.map(text).sort().join(), observers: observers.map(text).join(), budgets: budgets.join() })

const seenInWalk = ({ system }: Walker, observers: readonly string[], { nodes, crashed, flight, observers: values, budgets }: WalkState): string => {
  const names = Object.keys(system.protocol.observers ?? {})
  const decode = (value: number | undefined): unknown => system.values.decode(value as number)
  const idOf = (node: number) => system.nodes[node]?.id
  return seen(
    nodes.map((state, node) => [idOf(node), system.lies(state) ? 'lies' : decode(state)]),
    Set(system.nodes.flatMap(({ index, id }) => (crashed[index] ? [id] : []))),
    flight.map(({ from, to, message }) => ({ from: idOf(from), to: idOf(to), message: decode(message) })),
    observers.map(name => decode(values[names.indexOf(name)])),
    budgets,
  )
}
