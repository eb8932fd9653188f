import type { Json } from '../../checker/protocol/json.ts'
import { canonical, elementsOf, entriesOf, isList, isRecord, show } from '../../checker/trace/show.ts'
import { visible } from '../../checker/trace/visible.ts'

/** What became of a value, or of a part of one. */
export type Mark = 'added' | 'removed' | 'changed' | null

/** A value with what changed in it, marked at the innermost level. */
export type Marked =
  /** Shown by one text; `before` is what was there where it changed. */
  | { readonly kind: 'leaf'; readonly text: string; readonly before: string | null; readonly mark: Mark }
  | { readonly kind: 'group'; readonly open: string; readonly close: string; readonly parts: readonly Part[]; readonly mark: Mark }

/** An element, an entry or a field. */
export interface Part {
  /** The name of a field, or the key of an entry; null for an element. */
  readonly key: string | null
  /** Between the key and the value. */
  readonly separator: string
  readonly value: Marked
  readonly mark: Mark
}

/** Below so many levels values are shown by a text: nobody reads deeper, and a hostile file has thousands. */
const DEPTH_MAX = 12

/** A value, and what it was before; undefined for what was not there. */
export const marked = (before: Json | undefined, after: Json | undefined, depth = 0): Marked => {
  if (after === undefined) return withMark(plain(before as Json, depth), 'removed')
  if (before === undefined) return withMark(plain(after, depth), 'added')
  if (canonical(before) === canonical(after)) return plain(after, depth)
  const parts = depth < DEPTH_MAX ? partsOf(before, after, depth) : undefined
  if (parts !== undefined) return { kind: 'group', ...bracketsOf(after), parts, mark: null }
  return { kind: 'leaf', text: show(after), before: show(before), mark: 'changed' }
}

/** A value in which nothing changed. */
const plain = (value: Json, depth: number): Marked => {
  const parts = depth < DEPTH_MAX ? partsOf(value, value, depth) : undefined
  return parts === undefined ? { kind: 'leaf', text: show(value), before: null, mark: null } : { kind: 'group', ...bracketsOf(value), parts, mark: null }
}

const withMark = (value: Marked, mark: Mark): Marked => ({ ...value, mark })

const bracketsOf = (value: Json): { readonly open: string; readonly close: string } => (isList(value) ? { open: '[', close: ']' } : { open: '{', close: '}' })

const part = (key: string | null, separator: string, before: Json | undefined, after: Json | undefined, depth: number): Part => ({
  key,
  separator,
  value: before === undefined || after === undefined ? plain((after ?? before) as Json, depth + 1) : marked(before, after, depth + 1),
  mark: before === undefined ? 'added' : after === undefined ? 'removed' : null,
})

/** The parts of two values of one shape; undefined if they have no parts, or not the same shape. */
const partsOf = (before: Json, after: Json, depth: number): readonly Part[] | undefined => {
  const [old, now] = [elementsOf(before), elementsOf(after)]
  if (old !== null && now !== null)
    return keyed(
      old.map(e => [e, e] as const),
      now.map(e => [e, e] as const),
      (_, b, a) => part(null, '', b, a, depth),
    )
  const [oldEntries, nowEntries] = [entriesOf(before), entriesOf(after)]
  if (oldEntries !== null && nowEntries !== null) return keyed(oldEntries, nowEntries, (key, b, a) => part(show(key), ' → ', b, a, depth))
  if (isList(before) && isList(after)) return listParts(before, after, depth)
  if (!isRecord(before) || !isRecord(after)) return undefined
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].map(name => part(visible(name), ': ', own(before, name), own(after, name), depth))
}

const own = (of: { readonly [name: string]: Json }, name: string): Json | undefined => (Object.hasOwn(of, name) ? of[name] : undefined)

type Entry = readonly [key: Json, value: Json]

/** What stays or came in the order of now; what is gone at the end. */
const keyed = (
  before: readonly Entry[],
  after: readonly Entry[],
  make: (key: Json, before: Json | undefined, after: Json | undefined) => Part,
): readonly Part[] => {
  const old = new Map(before.map(([key, value]) => [canonical(key), value]))
  const now = new Set(after.map(([key]) => canonical(key)))
  return [
    ...after.map(([key, value]) => make(key, old.get(canonical(key)), value)),
    ...before.filter(([key]) => !now.has(canonical(key))).map(([key, value]) => make(key, value, undefined)),
  ]
}

/** What both begin and end with stays; of what is between, elements at the same place changed, and the rest came or went. */
const listParts = (before: readonly Json[], after: readonly Json[], depth: number): readonly Part[] => {
  const same = (i: number, k: number): boolean => canonical(before[i] as Json) === canonical(after[k] as Json)
  const shorter = Math.min(before.length, after.length)
  let first = 0
  while (first < shorter && same(first, first)) first++
  let last = 0
  while (last < shorter - first && same(before.length - 1 - last, after.length - 1 - last)) last++
  const parts: Part[] = []
  const length = Math.max(before.length, after.length) - last
  for (let i = 0; i < length; i++)
    parts.push(part(null, '', i < before.length - last ? before[i] : undefined, i < after.length - last ? after[i] : undefined, depth))
  for (let i = last; i > 0; i--) parts.push(part(null, '', before[before.length - i], after[after.length - i], depth))
  return parts
}

/** Did anything change in it? */
export const hasChanged = (value: Marked): boolean =>
  value.mark !== null || (value.kind === 'group' && value.parts.some(({ mark, value: inside }) => mark !== null || hasChanged(inside)))

/** Letters that it takes in one line. */
export const lengthOf = (value: Marked): number =>
  value.kind === 'leaf'
    ? value.text.length + (value.before === null ? 0 : value.before.length + 3)
    : 2 + value.parts.reduce((sum, { key, separator, value: inside }) => sum + (key?.length ?? 0) + separator.length + lengthOf(inside) + 2, 0)
