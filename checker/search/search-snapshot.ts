import type { Layout } from '../states/layout.ts'

export interface SearchFacts {
  readonly states: number
  /** Words of a key. */
  readonly width: number
  readonly layout: { readonly [field in keyof Layout]: Layout[field] extends number ? number : readonly number[] }
  readonly transitions: number
  readonly depth: number
  readonly reached: number
  readonly reopened: number
  /** Breadth-first: the state of the level that is to be expanded next; -1 if the level is not judged yet. */
  readonly next: number
}

/** In the order in which they are written. */
export const arrayNames = ['journal', 'graph', 'levels', 'keys', 'parents', 'depths', 'waiting', 'ranks', 'stuck', 'broken'] as const

export type Arrays = { readonly [name in (typeof arrayNames)[number]]: Int32Array }

export const layoutFacts = ({ width, components, word, shift, mask, bitsWord, bitsWords }: Layout): SearchFacts['layout'] => ({
  width,
  components,
  word: [...word],
  shift: [...shift],
  mask: [...mask],
  bitsWord,
  bitsWords,
})

export const layoutFrom = ({ word, shift, mask, ...rest }: SearchFacts['layout']): Layout => ({
  ...rest,
  word: Int32Array.from(word),
  shift: Int32Array.from(shift),
  mask: Int32Array.from(mask),
})

/** Lists by number, one after the other: number, length, the list. */
export const flatten = (lists: ReadonlyMap<number, readonly number[]>): Int32Array => {
  const result = new Int32Array([...lists.values()].reduce((sum, list) => sum + 2 + list.length, 0))
  let at = 0
  for (const [key, list] of lists) {
    result[at++] = key
    result[at++] = list.length
    result.set(list, at)
    at += list.length
  }
  return result
}

export const unflatten = (flat: Int32Array): Map<number, number[]> => {
  const lists = new Map<number, number[]>()
  for (let at = 0; at < flat.length; at += 2 + (flat[at + 1] as number))
    lists.set(flat[at] as number, [...flat.subarray(at + 2, at + 2 + (flat[at + 1] as number))])
  return lists
}
