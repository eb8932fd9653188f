import type { FieldFacts } from '../compile/live-fields.ts'
import type { LearningState } from '../reduce/learning.ts'
import type { PlacesOfPartialOrder } from '../reduce/partial-order.ts'
import type { SpendingState } from '../reduce/spending.ts'
import type { Hunt } from './hunt.ts'
import type { Layout } from './layout.ts'
import type { Report } from './report.ts'

/** The version of what a snapshot holds: raised whenever an older one could not be gone on from. */
export const SNAPSHOT_VERSION = 10

/** A search between two of its steps: what it takes to go on with it elsewhere. */
export interface Snapshot {
  /** Everything small, as JSON. */
  readonly facts: Facts
  /** Everything large. Of a search that runs these are views of its own memory: good until it goes on. */
  readonly arrays: Arrays
}

export interface Facts {
  readonly version: typeof SNAPSHOT_VERSION
  /** What was asked; see `askedOf`. A search goes on only if the same is asked of it. */
  readonly asked: { readonly [option: string]: string }
  /** A hash of the text of the protocol's functions. */
  readonly text: string
  /** A hash of all that the tables hold after the journal: what the protocol was seen to do. */
  readonly tables: string
  readonly orderedKinds: readonly (readonly [kind: string, why: string])[]
  /** What the tables were made with; see compile/live-fields.ts. */
  readonly fields: FieldFacts | null
  readonly deadMessages: boolean
  readonly subsumption: boolean
  readonly hunt: Hunt
  readonly round: number
  /** Steps; null for no bound. It differs from what was asked where a shorter counterexample is looked for. */
  readonly depthMax: number | null
  readonly widest: Report | null
  readonly longer: Report | null
  /** See `Learning.state`. */
  readonly learning: LearningState | null
  /** See `Spending.state`. */
  readonly spending: SpendingState
  /** Whether what was refuted may be made up for; see `Search.#reopen`. */
  readonly mayReopen: boolean
  readonly order: PlacesOfPartialOrder | null
  /** Of work so far, earlier runs included. */
  readonly seconds: number
  readonly search: SearchFacts
}

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
export const arrayNames = ['journal', 'graph', 'levels', 'keys', 'parents', 'depths', 'current', 'next', 'waiting', 'ranks', 'stuck', 'broken'] as const

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
