import { parametersOf } from '../protocol/spec.ts'
import type { System } from '../run/system.ts'
import type { Trace } from './trace.ts'
import type { WalkState, WalkStep } from './walk.ts'

/** A walk as a trace. The mutant is the caller's to fill in, who chose it. */
export const traceOf = (system: System, property: string, initial: WalkState, steps: readonly WalkStep[]): Trace => ({
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
    observers: Object.fromEntries(Object.keys(system.protocol.observers ?? {}).map((name, o) => [name, system.values.toJson(initial.observers[o] as number)])),
  },
  steps: steps.map(({ step }) => step),
})
