import type { Search, Violation } from './search.ts'

/**
 * The states on shortest paths to a violation: for each step from 0, the numbers of the states that such a path may be in.
 *
 * A breadth-first search keeps no parents. Its levels are ranges, so the predecessors of a set of states are found by expanding the level
 * before once more: at most the work of the search again, and only when something is violated.
 * Where several threads searched, they have found the states already (workers/team.ts). Where parents were kept (not breadth-first) they give one path.
 */
export const corridor = (search: Search, violation: Violation): readonly ReadonlySet<number>[] => {
  if (violation.corridor !== undefined) return violation.corridor
  if (violation.path !== undefined) return violation.path.map(number => new Set([number]))
  if (search.found.parents !== undefined) return byParents(search, violation.states[0] as number)
  let target = new Set(violation.states)
  const result: ReadonlySet<number>[] = [target]
  const level = search.found.levels.findLastIndex(first => first <= (violation.states[0] as number))
  for (let k = level - 1; k >= 0; k--) {
    const before = new Set<number>()
    for (let number = search.found.levels[k] as number; number < (search.found.levels[k + 1] as number); number++)
      if (leadsInto(search, number, target)) before.add(number)
    result.unshift(before)
    target = before
  }
  return result
}

const leadsInto = (search: Search, number: number, target: ReadonlySet<number>): boolean => {
  const made = search.found.successorsOf(number)
  const { expander, seen } = search.found
  for (let i = 0; i < made; i++) if (target.has(seen.find(expander.successors.records, i * seen.width, expander.successors.hashes[i] as number))) return true
  return false
}

const byParents = (search: Search, last: number): ReadonlySet<number>[] => {
  const result: ReadonlySet<number>[] = []
  for (let number = last; number >= 0; number = search.found.parents?.data[number] as number) result.unshift(new Set([number]))
  return result
}
