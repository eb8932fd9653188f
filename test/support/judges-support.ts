import { isList, isMap, isRecord, isSet, List, Map, type Record, Set } from 'immutable'
import { Id, isId } from '../../checker/protocol/id.ts'
import type { Observer } from '../../checker/protocol/protocol.ts'
import type { Tagged } from '../../checker/protocol/roles.ts'

export const idsOf = (kind: string, count: number): readonly Id[] => Array.from({ length: count }, (_, i) => new Id(kind, i, `${kind.charAt(0)}${i + 1}`))

/** An event, and the node that emits it. */
export type Told<E> = readonly [from: Id, event: E]

export const by = <E>(from: Id, event: E): Told<E> => [from, event]

/** The state of an observer that was told these events. */
export const told = <E extends Tagged, S>(observer: Observer<E, S>, events: readonly Told<E>[]): S =>
  events.reduce((state, [from, event]) => observer.on(state, event, from), observer.init)

/** A value with its ids renamed. */
export const renamed = (value: unknown, rename: (id: Id) => Id): unknown => {
  const inner = (part: unknown) => renamed(part, rename)
  if (isId(value)) return rename(value)
  if (isList(value)) return List(value.map(inner))
  if (isSet(value)) return Set([...value].map(inner))
  if (isMap(value)) return Map([...value].map(([key, part]) => [inner(key), inner(part)]))
  if (isRecord(value)) return (value as Record<object>).merge((value as Record<object>).toSeq().map(inner))
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inner(part)]))
  return value
}

/** All orders of some things. O(n!). */
export const permutations = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.length === 0 ? [[]] : items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map(rest => [item, ...rest]))

/** All selections of some things, each in the order given. O(2ⁿ). */
export const selections = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.reduce<readonly (readonly T[])[]>((found, item) => found.flatMap(one => [one, [...one, item]]), [[]])
