import type { System } from '../compile/system.ts'
import type { Trace } from './trace.ts'
import type { WalkState, WalkStep } from './walk.ts'

/** A walk as a trace. Parameters and mutant are the caller's to fill in, who chose them. */
export const traceOf = (system: System, property: string, initial: WalkState, steps: readonly WalkStep[]): Trace => ({
  format: 'protocheck-trace',
  version: 1,
  protocol: system.protocol.name,
  parameters: {},
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
