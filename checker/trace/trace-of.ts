import { parametersOf } from '../protocol/spec.ts'
import type { System } from '../run/system.ts'
import type { Trace } from './trace.ts'
import type { WalkState, WalkStep } from './walk.ts'

/** A walk as a trace. The mutant is the caller's to fill in, who chose it. */
export const traceOf = (system: System, property: string, initial: WalkState, steps: readonly WalkStep[]): Trace => {
  const choices = choicesOf(system, initial)
  return {
    format: 'protocheck-trace',
    version: 1,
    protocol: system.protocol.name,
    parameters: parametersOf(system.protocol),
    mutant: null,
    property,
    because: null,
    nodes: system.nodes.map(({ label }) => label),
    initial: {
      nodes: Object.fromEntries(initial.nodes.map((value, node) => [system.label(node), system.values.toJson(value)])),
      observers: Object.fromEntries(
        Object.keys(system.protocol.observers ?? {}).map((name, o) => [name, system.values.toJson(initial.observers[o] as number)]),
      ),
      ...(Object.keys(choices).length === 0 ? {} : { choices }),
    },
    steps: steps.map(({ step }) => step),
  }
}

/** What each node chose to begin so: of several ways the first. Nothing where the execution begins later. */
const choicesOf = (system: System, { nodes, flight, crashed }: WalkState): NonNullable<Trace['initial']['choices']> => {
  const beginnings = nodes.map((state, node) => system.beginnings(node).find(beginning => beginning.state === state))
  if (flight.length !== system.flightOf(nodes).length || crashed.includes(true) || beginnings.includes(undefined)) return {}
  return Object.fromEntries(
    beginnings.flatMap((beginning, node) => {
      const choices = beginning?.choices ?? []
      return choices.length === 0 ? [] : [[system.label(node), choices.map(choice => system.values.toJson(choice))]]
    }),
  )
}
