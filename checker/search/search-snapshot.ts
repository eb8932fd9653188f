import type { Layout } from '../states/layout.ts'
import type { Ints } from '../values/ints.ts'
import type { Search } from './search.ts'

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
  readonly sincePulse: number
}

/** In the order in which they are written. */
export const arrayNames = ['journal', 'graph', 'levels', 'keys', 'parents', 'depths', 'waiting', 'ranks', 'stuck', 'broken'] as const

export type Arrays = { readonly [name in (typeof arrayNames)[number]]: Int32Array }

type SearchArrays = Omit<Arrays, 'journal' | 'graph'>

/** What it takes to go on with a search elsewhere, over the same tables. Asked at a pulse, or after the search was stopped. */
export const searchSnapshot = ({ found, place, depth, reached, reopened }: Search): { readonly facts: SearchFacts; readonly arrays: SearchArrays } => {
  const { seen, parents, depths, levels, transitions } = found
  const { next, sincePulse, waiting, ranks, stuck, broken } = place
  return {
    facts: {
      states: seen.count,
      width: seen.width,
      layout: layoutFacts(found.expander.successors.layout),
      transitions,
      depth,
      reached,
      reopened,
      next,
      sincePulse,
    },
    arrays: {
      levels: Int32Array.from(levels),
      keys: seen.keys.subarray(0, seen.count * seen.width),
      parents: viewOf(parents),
      depths: viewOf(depths),
      waiting: waiting.view,
      ranks: ranks?.view ?? new Int32Array(0),
      stuck: Int32Array.from(stuck),
      broken: flatten(broken),
    },
  }
}

/**
 * Before a search runs: to go on where another over the same tables was. The arrays are its own from now on.
 * @param isTakenBack from other threads, which took over between two pulses. Otherwise the snapshot was taken at one
 */
export const resumeSearch = (search: Search, facts: SearchFacts, arrays: SearchArrays, isTakenBack: boolean): void => {
  const { found, place } = search
  const { expander, seen, levels, parents, depths, subsumption } = found
  // Stopped while it began, it begins anew.
  if ((depths === undefined ? arrays.levels : arrays.depths).length === 0) return
  place.isResumed = true
  place.isTakenBack = isTakenBack
  expander.useLayout(layoutFrom(facts.layout))
  seen.restore(facts.width, facts.states, arrays.keys)
  levels.push(...arrays.levels)
  found.transitions = facts.transitions
  search.depth = facts.depth
  search.reached = facts.reached
  search.reopened = facts.reopened
  if (parents !== undefined) fill(parents, arrays.parents)
  if (depths !== undefined) fill(depths, arrays.depths)
  subsumption?.restored(expander.successors.layout, levels)
  place.waiting.view = arrays.waiting
  if (place.ranks !== undefined) place.ranks.view = arrays.ranks
  place.next = facts.next
  place.sincePulse = facts.sincePulse
  place.stuck = [...arrays.stuck]
  place.broken = unflatten(arrays.broken)
  found.settle()
}

/**
 * After `resumeSearch`: evaluates the predicates once more on the states that were judged before: whether one fails now, and the `reachable` properties that are
 * satisfied, as bits.
 */
export const judgedAnew = ({ found, place, judge, options, tables }: Search): { readonly failed: boolean; readonly reached: number } => {
  const { reachables, invariants } = tables.predicates
  const isBreadth = options.order === 'breadth'
  const [levelBegin = 0, levelEnd = 0] = found.levels.slice(-2)
  const isJudged = place.next >= 0
  const end = isBreadth ? (isJudged ? levelEnd : levelBegin) : found.seen.count
  let failed = false
  let reached = 0
  for (let number = 0; number < end; number++) {
    if (!isBreadth && place.waiting.has(number)) continue
    const truth = judge.truth(...found.record(number))
    reached |= truth & reachables
    if ((~truth & invariants) !== 0) failed = true
  }
  return { failed, reached }
}

const viewOf = (list: Ints | undefined): Int32Array => (list === undefined ? new Int32Array(0) : list.data.subarray(0, list.length))

const fill = (list: Ints, items: Int32Array): void => {
  if (items.length === 0) return
  list.data = items
  list.length = items.length
}

const layoutFacts = ({ width, components, word, shift, mask, bitsWord, bitsWords }: Layout): SearchFacts['layout'] => ({
  width,
  components,
  word: [...word],
  shift: [...shift],
  mask: [...mask],
  bitsWord,
  bitsWords,
})

const layoutFrom = ({ word, shift, mask, ...rest }: SearchFacts['layout']): Layout => ({
  ...rest,
  word: Int32Array.from(word),
  shift: Int32Array.from(shift),
  mask: Int32Array.from(mask),
})

/** Lists by number, one after the other: number, length, the list. */
const flatten = (lists: ReadonlyMap<number, readonly number[]>): Int32Array => {
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

const unflatten = (flat: Int32Array): Map<number, number[]> => {
  const lists = new Map<number, number[]>()
  for (let at = 0; at < flat.length; at += 2 + (flat[at + 1] as number))
    lists.set(flat[at] as number, [...flat.subarray(at + 2, at + 2 + (flat[at + 1] as number))])
  return lists
}
