import type { Json } from '../../protocol/json.ts'
import { initialText, statesAfter, stepText } from '../step-text.ts'
import type { Trace } from '../trace.ts'

/** A value in the Informal Trace Format. */
type Itf = boolean | string | { readonly [field: string]: Itf } | readonly Itf[]

/**
 * A trace in the Informal Trace Format of Apalache and Quint (ADR 15), so that their viewers open it. Its variables: `nodes` and `observers`, each a map from names to states, and
 * `mbt::actionTaken`, the step that led there.
 */
export const renderItf = (trace: Trace): string => {
  const taken = [initialText(trace) ?? 'init', ...trace.steps.map(stepText)]
  const states = statesAfter(trace).map(({ nodes, observers }, index) => ({
    '#meta': { index },
    nodes: mapOf(nodes),
    observers: mapOf(observers),
    'mbt::actionTaken': taken[index] as string,
  }))
  const itf = {
    '#meta': {
      format: 'ITF',
      'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html',
      source: trace.protocol,
      status: 'violation',
      description: `${trace.property}${trace.mutant === null ? '' : `, with the mutant ${trace.mutant}`}`,
    },
    params: [],
    vars: ['nodes', 'observers', 'mbt::actionTaken'],
    states,
    // Of an execution that goes on for ever: the state to which the last one leads back.
    ...(trace.repeatsFrom === undefined ? {} : { loop: trace.repeatsFrom }),
  }
  return `${JSON.stringify(itf, null, 1)}\n`
}

const mapOf = (states: { readonly [name: string]: Json }): Itf => ({ '#map': Object.entries(states).map(([name, state]) => [name, itfOf(state)]) })

const itfOf = (value: Json): Itf => {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isInteger(value) ? { '#bigint': String(value === 0 ? 0 : BigInt(value)) } : unserializable(value)
  if (value === null) return unserializable(null)
  if (isList(value)) return value.map(itfOf)
  const [[tag, inside] = ['', null], ...others] = Object.entries(value)
  if (others.length === 0) {
    if (tag === '$id') return String(inside)
    if (tag === '$number') return unserializable(inside)
    if (tag === '$undefined') return unserializable('undefined')
    if (tag === '$set' && isList(inside)) return { '#set': inside.map(itfOf) }
    if (tag === '$map' && isList(inside)) return { '#map': (inside as readonly (readonly [Json, Json])[]).map(([key, entry]) => [itfOf(key), itfOf(entry)]) }
  }
  // A field that begins with # would be taken for a tag.
  if (Object.keys(value).some(name => name.startsWith('#'))) return mapOf(value)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, itfOf(field)]))
}

const unserializable = (value: unknown): Itf => ({ '#unserializable': String(value) })

const isList = (value: unknown): value is readonly Json[] => Array.isArray(value)
