import { lowestBit } from '../values/bits.ts'
import { MOVES, STUCK, STUCK_ONCE_LOST } from './deadlocks.ts'
import { randomFrom } from './random.ts'
import type { Search } from './search.ts'

/**
 * Random walks of at most `depth` steps from an initial state, each step chosen evenly among those that change something.
 * Finds bugs that lie too deep for a search; proves nothing. States met are counted once.
 */
export const simulate = async (
  search: Search,
  { runs, seed }: { readonly runs: number; readonly seed: number },
  depth: number,
  checkDeadlock: boolean,
): Promise<void> => {
  const random = randomFrom(seed)
  const { found, judge, tables } = search
  const { expander, seen } = found
  const { predicates } = tables
  await search.start()
  if (search.stoppedBy !== undefined) return
  const initial = seen.count
  for (let run = 0; run < runs; run++) {
    search.runs++
    const path = [initial === 1 ? 0 : random(initial)]
    for (let steps = 0; ; steps++) {
      const number = path[steps] as number
      search.depth = Math.max(search.depth, steps)
      found.lookedAt = -1
      const truth = judge.truth(...found.record(number))
      search.reached |= truth & predicates.reachables
      const failed = ~truth & predicates.invariants
      if (failed !== 0) {
        search.violation = { property: predicates.list[lowestBit(failed)]?.name ?? '', kind: 'state', states: [number], path }
        return
      }
      if (checkDeadlock) {
        const when = search.stuckness(number)
        if (when !== MOVES && (when === STUCK || steps < depth) && !judge.mayRest(...found.record(number))) {
          search.violation = { property: 'deadlock', kind: 'deadlock', states: [number], onceLost: when === STUCK_ONCE_LOST, path }
          return
        }
      }
      if (steps === depth) break
      const made = found.successorsOf(number)
      if (expander.successors.broken !== 0) {
        search.violation = { property: predicates.steps[lowestBit(expander.successors.broken)]?.name ?? '', kind: 'step', states: [number], path }
        return
      }
      if (made === 0) break
      found.transitions++
      const pick = random(made)
      const at = pick * seen.width
      const hash = expander.successors.hashes[pick] as number
      seen.add(expander.successors.records, at, hash)
      path.push(seen.find(expander.successors.records, at, hash))
    }
    if (await search.pulse()) return
  }
  search.stoppedBy = 'runs'
}
