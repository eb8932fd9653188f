import type { Search, Violation } from './search.ts'

/**
 * AG EF, after a complete search: from which states can a state that satisfies the predicate still be reached? A fixpoint: a state can if
 * it satisfies it, or if a successor can. Passes go backwards through the order of discovery, so that most states are settled in the first.
 * Returns the first state (so one of the nearest) that cannot.
 */
export const stuckStates = (search: Search, bit: number): number[] => {
  const { seen, expander, judge } = search
  const can = new Uint8Array(seen.count)
  for (let number = 0; number < seen.count; number++) if ((judge.truth(...search.record(number)) >>> bit) & 1) can[number] = 1
  for (let changed = true; changed; ) {
    changed = false
    for (let number = seen.count - 1; number >= 0; number--) {
      if (can[number] === 1) continue
      const made = search.successorsOf(number)
      for (let i = 0; i < made; i++) {
        if (can[seen.find(expander.records, i * seen.width, expander.hashes[i] as number)] !== 1) continue
        can[number] = 1
        changed = true
        break
      }
    }
  }
  const first = can.indexOf(0)
  if (first < 0) return []
  const level = search.levels.findLastIndex(start => start <= first)
  const end = search.levels[level + 1] ?? seen.count
  const result: number[] = []
  for (let number = first; number < end; number++) if (can[number] === 0) result.push(number)
  return result
}

/** The violation of a `canAlways` property, if there is one. */
export const judgeCanAlways = (search: Search): Violation | undefined => {
  for (const [bit, { kind, name }] of search.tables.predicates.list.entries()) {
    if (kind !== 'canAlways') continue
    const states = stuckStates(search, bit)
    if (states.length > 0) return { property: name, kind: 'stuck', states }
  }
  return undefined
}
