import type { Json } from '../protocol/json.ts'
import type { AnyProtocol, Spec } from '../protocol/protocol.ts'
import { System } from '../run/system.ts'
import type { Trace, TraceStep } from './trace.ts'

/** What a trace names, and the protocol has not. */
export interface Gone {
  /** The step that names it, from 1 on; 0 for what the trace begins with. */
  readonly step: number
  /** `the action timeout of p1` */
  readonly what: string
  /** `timeout` */
  readonly name: string
  /** What there is instead. */
  readonly known: readonly string[]
}

/**
 * The first thing that a trace names and that the protocol has not any more: a node, a field of its state, an action, a message that a role has a handler for, a global step, a fault, an
 * observer, the property. Such a trace says nothing of this protocol: that a step *cannot be taken* would be right, and would look as if the defect were mended.
 */
export const goneFrom = (trace: Trace, spec: Spec): Gone | undefined => {
  const protocol = spec as AnyProtocol
  const system = new System(protocol)
  const labels = system.nodes.map(({ label }) => label)
  const observers = Object.keys(system.protocol.observers ?? {})
  const properties = [...Object.keys(protocol.properties), 'deadlock']
  const gone = (step: number, what: string, name: string, known: readonly string[]): Gone => ({ step, what, name, known })

  if (!properties.includes(trace.property)) return gone(0, `the property ${trace.property}`, trace.property, properties)
  const lacking = trace.nodes.find(label => !labels.includes(label)) ?? labels.find(label => !trace.nodes.includes(label))
  if (lacking !== undefined) return gone(0, labels.includes(lacking) ? `no node ${lacking}` : `the node ${lacking}`, lacking, labels)
  for (const [node, label] of labels.entries()) {
    const [before, now] = [fieldsOf(trace.initial.nodes[label] ?? null), fieldsOf(system.values.toJson(system.init(node)[0] as number))]
    const field = before.find(name => !now.includes(name))
    if (field !== undefined) return gone(0, `the field ${field} of ${label}`, field, now)
    const added = now.find(name => !before.includes(name))
    if (added !== undefined) return gone(0, `no field ${added} of ${label}`, added, before)
  }
  const observer = Object.keys(trace.initial.observers).find(name => !observers.includes(name))
  if (observer !== undefined) return gone(0, `the observer ${observer}`, observer, observers)
  for (const [i, step] of trace.steps.entries()) {
    const missing = missingFrom(step, system, protocol)
    if (missing !== undefined) return gone(i + 1, ...missing)
  }
  return undefined
}

const missingFrom = (step: TraceStep, system: System, protocol: AnyProtocol): readonly [what: string, name: string, known: readonly string[]] | undefined => {
  const { kind, name, node: label, message } = step
  const node = system.nodes.find(one => one.label === label)
  const faults = system.faults.map(({ type }) => type)
  const ofRole = (type: 'crash-stop' | 'crash-recovery'): boolean => system.faults.some(fault => fault.type === type && fault.role === node?.role)
  const ofNetwork = (type: 'loss' | 'duplication'): boolean => faults.includes(type) || protocol.network === 'fair-loss'
  const fault = (type: string): readonly [string, string, readonly string[]] => [`the fault ${type}`, type, faults]
  const handlers = Object.keys(protocol.roles[node?.role ?? '']?.on ?? {})
  const type = typeOf(message)
  switch (kind) {
    case 'action': {
      const actions = system.actionNames(node?.index ?? 0)
      return actions.includes(name) ? undefined : [`the action ${name} of ${label}`, name, actions]
    }
    case 'step': {
      const steps = Object.keys(protocol.steps ?? {})
      return steps.includes(name) ? undefined : [`the global step ${name}`, name, steps]
    }
    case 'crash':
      return ofRole('crash-stop') ? undefined : fault('crash-stop')
    case 'restart':
      return ofRole('crash-recovery') ? undefined : fault('crash-recovery')
    case 'partition':
    case 'heal':
      return faults.includes('partition') ? undefined : fault('partition')
    case 'tick':
    case 'settle':
      return system.timing === undefined ? ['time', 'timing', []] : undefined
    case 'lose':
    case 'duplicate': {
      const needed = kind === 'lose' ? 'loss' : 'duplication'
      if (!ofNetwork(needed)) return fault(needed)
      break
    }
  }
  return type === undefined || handlers.includes(type) ? undefined : [`the message ${type} to ${label}`, type, handlers]
}

const isObject = (value: Json): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value)

const fieldsOf = (state: Json): readonly string[] => (isObject(state) ? Object.keys(state) : [])

const typeOf = (message: Json): string | undefined => (isObject(message) && typeof message['type'] === 'string' ? message['type'] : undefined)
