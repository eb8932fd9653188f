import type { CompiledLoop } from '../steps/compiled/loop.ts'
import { lowestBit } from '../values/bits.ts'
import { MOVES, STUCK } from './deadlocks.ts'
import type { Search } from './search.ts'

/** Expands the states of a search level by level: each level is judged first, then expanded. */
export const breadthFirst = async (search: Search): Promise<void> => {
  const { found, place, options } = search
  const { levels, seen } = found
  if (!place.isResumed) levels.push(0, seen.count)
  place.isResumed = false
  for (let depth = levels.length - 2; ; depth++) {
    const first = levels[depth] as number
    const end = levels[depth + 1] as number
    search.frontier = end - first
    if (end === first) {
      search.complete = found.tooFar === 0
      return
    }
    search.depth = depth
    if (place.next < 0) {
      if (await judgeLevel(search, first, end)) return
      if (depth >= options.limits.depth) {
        if (options.checkDeadlock) await lookForDeadlocks(search, first, end, true)
        return
      }
      place.next = first
      place.broken = new Map()
      place.stuck = []
    }
    if (await expandLevel(search, place.next, end)) return
    place.next = -1
    levels.push(seen.count)
  }
}

/** Evaluates the predicates on a level; true if the search is over. */
const judgeLevel = async (search: Search, first: number, end: number): Promise<boolean> => {
  const { found, judge } = search
  const { predicates, tuning } = search.tables
  const violating = new Map<number, number[]>()
  const inPulse = tuning.judgedPerPulse - 1
  for (let number = first; number < end; number++) {
    if ((number & inPulse) === 0 && (await search.pulse())) return true
    const from = number
    const until = Math.min(end, (number | inPulse) + 1)
    number = orAt(
      search,
      from,
      until,
      () => judge.pass(found.seen.keys, from, until, predicates.invariants),
      n => judge.truth(...found.record(n)),
    )
    search.reached |= judge.met & predicates.reachables
    if (number === until) {
      number--
      continue
    }
    found.lookedAt = number
    const truth = judge.truth(...found.record(number))
    search.reached |= truth & predicates.reachables
    for (let bits = ~truth & predicates.invariants; bits !== 0; bits &= bits - 1) collect(violating, lowestBit(bits), number)
  }
  if (violating.size === 0) return false
  const bit = Math.min(...violating.keys())
  search.violation = { property: predicates.list[bit]?.name ?? '', kind: 'state', states: violating.get(bit) as number[] }
  return true
}

/** Expands a level from a state on; true if the search is over. */
const expandLevel = async (search: Search, first: number, end: number): Promise<boolean> => {
  const { found, place, options, tables, judge } = search
  const { successors } = found.expander
  const { compiled, subsumption } = found
  const { broken, stuck } = place
  if (await handOver(search, first, end)) return true
  for (let number = first; number < end; ) {
    let isStuck: boolean
    let bits: number
    if (compiled === undefined) {
      if (subsumption?.isSubsumed(number) === true) {
        number++
        continue
      }
      isStuck = found.expand(number++) === 0 && !successors.cut
      bits = successors.broken
    } else {
      number = expandMany(search, compiled, number, end)
      isStuck = compiled.stuck
      bits = compiled.broken
    }
    found.lookedAt = number - 1
    if (isStuck && options.checkDeadlock && !search.losesAll && !judge.mayRest(...found.record(number - 1))) stuck.push(number - 1)
    for (; bits !== 0; bits &= bits - 1) collect(broken, lowestBit(bits), number - 1)
    search.frontier = end - number + found.seen.count - end
    if (place.sincePulse + successors.count >= tables.tuning.batch) {
      found.flush(-1)
      place.next = number
      place.sincePulse = 0
      if (await search.pulse()) return true
      if (await handOver(search, number, end)) return true
    } else if (search.isLate && (await search.isStoppedBetween())) {
      place.sincePulse += successors.count
      found.flush(-1)
      place.next = number
      return true
    }
  }
  found.flush(-1)
  place.sincePulse = 0
  if (stuck.length > 0) {
    search.violation = { property: 'deadlock', kind: 'deadlock', states: stuck }
    return true
  }
  place.next = end
  if (search.losesAll && (await lookForDeadlocks(search, found.levels.at(-2) as number, end, false))) return true
  if (broken.size === 0) return false
  const bit = Math.min(...broken.keys())
  search.violation = { property: tables.predicates.steps[bit]?.name ?? '', kind: 'step', states: broken.get(bit) as number[] }
  found.levels.push(found.seen.count)
  return true
}

/** Expands states from `first` on, as many as the batch has room for; returns which is next. */
const expandMany = (search: Search, compiled: CompiledLoop, first: number, end: number): number => {
  const { found } = search
  const next = orAt(
    search,
    first,
    end,
    () => compiled.run(found.seen.keys, first, end),
    n => found.successorsOf(n),
  )
  found.transitions += compiled.transitions
  if (compiled.grew) found.settle()
  return next
}

/** Looks at many states at once. If code of the spec throws, at one after the other, so that it is known for which. */
const orAt = ({ found }: Search, first: number, end: number, atAll: () => number, atOne: (number: number) => void): number => {
  try {
    return atAll()
  } catch (error) {
    for (found.lookedAt = first; found.lookedAt < end; found.lookedAt++) atOne(found.lookedAt)
    found.lookedAt = -1
    throw error
  }
}

/** Looks through a level for states that are stuck, and (unless it is the last) for those that are once all is lost that is in flight; true if the search is over. */
const lookForDeadlocks = async (search: Search, first: number, end: number, isLast: boolean): Promise<boolean> => {
  const { found, judge } = search
  const [now, onceLost]: [number[], number[]] = [[], []]
  const inPulse = search.tables.tuning.judgedPerPulse - 1
  for (let number = first; number < end; number++) {
    if ((number & inPulse) === inPulse && (await search.pulse())) return true
    found.lookedAt = number
    const when = search.stuckness(number)
    if (when === MOVES || (isLast && when !== STUCK) || judge.mayRest(...found.record(number))) continue
    if (when === STUCK) now.push(number)
    else onceLost.push(number)
  }
  found.lookedAt = -1
  if (now.length + onceLost.length === 0) return false
  search.violation = { property: 'deadlock', kind: 'deadlock', states: now.length > 0 ? now : onceLost, onceLost: now.length === 0 }
  return true
}

/** Lets other threads run the search to its end, if it is time to; whether they did. */
const handOver = async ({ options: { team }, found, place }: Search, next: number, end: number): Promise<boolean> => {
  if (team === undefined || !(await team.isReady())) return false
  found.lookedAt = -1
  await team.takeOver({ levels: found.levels.slice(0, -1), end, next, broken: [...place.broken], stuck: place.stuck })
  return true
}

const collect = (lists: Map<number, number[]>, key: number, value: number): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
