import type { Json } from '../protocol/json.ts'
import { bounded, visible } from './visible.ts'

/**
 * A value of a trace as short text for people: a Record `{clock: 2, acks: {p1}}`, a Set `{p1, p2}`, a Map `{p1 → 3}`, a List `[1, 2]`,
 * an id by its label. Two different values may look the same (an empty Set and an empty Map, two texts that are alike for 2,000 letters): compare values, not texts.
 */
export const show = (value: Json): string => {
  if (typeof value === 'string') return bare.test(value) ? bounded(value) : visible(JSON.stringify(value))
  if (typeof value !== 'object' || value === null) return String(value)
  if (isList(value)) return `[${value.map(show).join(', ')}]`
  const tag = tagOf(value)
  if (tag === undefined) return braces(fields(value))
  const inside = value[tag] as Json
  switch (tag) {
    case '$id':
      return visible(String(inside))
    case '$number':
      return String(inside).replace('Infinity', '∞')
    case '$undefined':
      return 'undefined'
    case '$set':
      return isList(inside) ? braces(inside.map(show)) : braces(fields(value))
    case '$map':
      return isList(inside) ? braces((inside as readonly (readonly [Json, Json])[]).map(showEntry)) : braces(fields(value))
  }
}

/** The state of a node without the braces around it: `clock: 2, acks: {p1}`. */
export const showFields = (value: Json): string => (isRecord(value) ? fields(value).join(', ') : show(value))

/** A message or an event: `Request(clock: 1)`, or `Ack` if it has no fields. */
export const showTagged = (value: Json): string => {
  if (!isRecord(value)) return show(value)
  const { type, ...rest } = value
  const inside = fields(rest).join(', ')
  return bounded(`${typeof type === 'string' ? visible(type) : show(type ?? null)}${inside === '' ? '' : `(${inside})`}`)
}

/**
 * What differs between two values, one text for each difference: `clock: 1 → 2`, `acks: + p2`, `requests: − p1 → 1`, `requests[p1]: 1 → 2`,
 * `log: + {term: 1}` at the end of a List. Empty if they are equal.
 */
export const diff = (before: Json, after: Json): string[] => difference('', before, after)

/** Equal for equal values, whatever the order of the fields in a file that somebody edited. */
export const canonical = (value: Json): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonical).join()}]`
  const names = Object.keys(value).sort()
  return `{${names.map(name => `${JSON.stringify(name)}:${canonical(value[name] as Json)}`).join()}}`
}

type JsonObject = { readonly [key: string]: Json }

/** Strings that can be taken for nothing else need no quotes. */
const bare = /^(?!(?:true|false|null|undefined)$)[\p{L}_][\p{L}\p{N}_-]*$/u

export const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

const tags = ['$id', '$map', '$number', '$set', '$undefined'] as const

type Tag = (typeof tags)[number]

export const isRecord = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !isList(value) && tagOf(value) === undefined

/** The only name of an object that is no record. */
const tagOf = (value: JsonObject): Tag | undefined => {
  let only: string | undefined
  for (const name in value) {
    if (only !== undefined) return undefined
    only = name
  }
  return tags.find(tag => tag === only)
}

export const elementsOf = (value: Json): readonly Json[] | null => listIn(value, '$set')

export const entriesOf = (value: Json): readonly (readonly [Json, Json])[] | null => listIn(value, '$map') as readonly (readonly [Json, Json])[] | null

const listIn = (value: Json, tag: Tag): readonly Json[] | null => {
  if (typeof value !== 'object' || value === null || isList(value) || tagOf(value) !== tag) return null
  const inside = value[tag] as Json
  return isList(inside) ? inside : null
}

const braces = (parts: readonly string[]): string => `{${parts.join(', ')}}`

const fields = (value: JsonObject): string[] => Object.entries(value).map(([name, field]) => `${visible(name)}: ${show(field)}`)

const showEntry = ([key, value]: readonly [Json, Json]): string => `${show(key)} → ${show(value)}`

const difference = (path: string, before: Json, after: Json): string[] => {
  if (canonical(before) === canonical(after)) return []
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap(name => difference(path === '' ? visible(name) : `${path}.${visible(name)}`, at(before, name), at(after, name)))
  }
  const [oldEntries, newEntries] = [entriesOf(before), entriesOf(after)]
  if (oldEntries !== null && newEntries !== null) return mapDifference(path, oldEntries, newEntries)
  const [oldElements, newElements] = [elementsOf(before), elementsOf(after)]
  if (oldElements !== null && newElements !== null)
    return plusMinus(path, without(oldElements, newElements).map(show), without(newElements, oldElements).map(show))
  if (isList(before) && isList(after)) {
    const [shorter, longer] = before.length < after.length ? [before, after] : [after, before]
    const rest = longer.slice(shorter.length).map(show)
    if (shorter.every((element, i) => canonical(element) === canonical(longer[i] as Json)))
      return longer === after ? plusMinus(path, [], rest) : plusMinus(path, rest, [])
  }
  return [labelled(path, `${show(before)} → ${show(after)}`)]
}

const mapDifference = (path: string, before: readonly (readonly [Json, Json])[], after: readonly (readonly [Json, Json])[]): string[] => {
  const [old, now] = [keyed(before), keyed(after)]
  const gone = before.filter(([key]) => !now.has(canonical(key)))
  const come = after.filter(([key]) => !old.has(canonical(key)))
  const changed = after.flatMap(([key, value]) => {
    const previous = old.get(canonical(key))
    return previous === undefined ? [] : difference(`${path}[${show(key)}]`, previous, value)
  })
  return [...plusMinus(path, gone.map(showEntry), come.map(showEntry)), ...changed]
}

const keyed = (entries: readonly (readonly [Json, Json])[]) => new Map(entries.map(([key, value]) => [canonical(key), value]))

const without = (elements: readonly Json[], others: readonly Json[]): readonly Json[] => {
  const known = new Set(others.map(canonical))
  return elements.filter(element => !known.has(canonical(element)))
}

const plusMinus = (path: string, gone: readonly string[], come: readonly string[]): string[] => {
  const parts = [...(gone.length === 0 ? [] : [`− ${gone.join(', ')}`]), ...(come.length === 0 ? [] : [`+ ${come.join(', ')}`])]
  return parts.length === 0 ? [] : [labelled(path, parts.join(' '))]
}

const labelled = (path: string, text: string): string => bounded(path === '' ? text : `${path}: ${text}`)

const at = (value: JsonObject, name: string): Json => (Object.hasOwn(value, name) ? (value[name] as Json) : { $undefined: true })
