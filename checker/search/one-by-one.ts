import { lowestBit } from '../values/bits.ts'
import { MOVES, STUCK_ONCE_LOST } from './deadlocks.ts'
import type { Search } from './search.ts'

/** Judges and expands the states of a search one by one: the last found first, or that which has come least far (`Place.ranks`). */
export const oneByOne = async (search: Search): Promise<void> => {
  const { found, place } = search
  const { waiting, ranks } = place
  if (!place.isResumed) {
    ranks?.renew()
    for (let number = 0; number < found.seen.count; number++) found.depths?.push(0)
    waitFrom(search, 0)
  } else if (place.sincePulse === 0) {
    // It was kept where it looks next what is to be reopened.
    await reopen(search, false)
    if (search.stoppedBy !== undefined) return
  }
  place.isResumed = false
  const { expandedPerPulse } = search.tables.tuning
  while (waiting.length > 0 || (await reopen(search, true))) {
    const number = waiting.pop()
    if (found.subsumption?.isSubsumed(number) === true) continue
    search.frontier = waiting.length
    if (!satisfies(search, number)) {
      if (search.violation !== undefined) return
      continue
    }
    if (breaksWhenExpanded(search, number)) return
    if (++place.sincePulse < expandedPerPulse) {
      if (search.isLate && (await search.isStoppedBetween())) return
      continue
    }
    place.sincePulse = 0
    if (ranks?.renew() === true) waitAnew(search)
    if (await search.pulse()) return
    await reopen(search, false)
    if (search.stoppedBy !== undefined) return
  }
  search.complete = search.stoppedBy === undefined
}

/** Judges a state. If it violates an invariant, that is the search's violation, or noted as one of several. */
const satisfies = (search: Search, number: number): boolean => {
  const { found, judge } = search
  const { predicates } = search.tables
  const { noted } = search.options
  search.depth = Math.max(search.depth, found.depths?.data[number] as number)
  found.lookedAt = number
  const truth = judge.truth(...found.record(number))
  search.reached |= truth & predicates.reachables
  const failed = ~truth & predicates.invariants
  if (failed === 0) return true
  noted?.violating.push(number)
  if (noted === undefined) search.violation = { property: predicates.list[lowestBit(failed)]?.name ?? '', kind: 'state', states: [number] }
  return false
}

/** Expands a state; true if that ends the search: it is a deadlock, or a step from it breaks a step property. */
const breaksWhenExpanded = (search: Search, number: number): boolean => {
  const { found, options } = search
  const { noted } = options
  const { successors } = found.expander
  const before = found.seen.count
  const made = found.expand(number)
  if (options.checkDeadlock && (search.losesAll || (made === 0 && !successors.cut)) && isDeadlock(search, number)) return true
  if (successors.broken !== 0) {
    noted?.breaking.push(number)
    if (noted === undefined) {
      search.violation = { property: search.tables.predicates.steps[lowestBit(successors.broken)]?.name ?? '', kind: 'step', states: [number] }
      return true
    }
  }
  found.flush(number)
  const depth = found.depths?.data[number] as number
  for (let i = before; i < found.seen.count; i++) found.depths?.push(depth + 1)
  waitFrom(search, before)
  return false
}

/** After the state was expanded: its successors are added first, as the batch must be empty. */
const isDeadlock = (search: Search, number: number): boolean => {
  const { found, judge } = search
  const { successors } = found.expander
  const { broken } = successors
  found.flush(number)
  const when = search.stuckness(number)
  successors.broken = broken
  if (when === MOVES || judge.mayRest(...found.record(number))) return false
  search.violation = { property: 'deadlock', kind: 'deadlock', states: [number], onceLost: when === STUCK_ONCE_LOST }
  return true
}

/** The state is to be expanded. */
const wait = ({ found, place: { waiting, ranks } }: Search, number: number): void => {
  if (ranks === undefined) {
    waiting.push(number, 0)
    return
  }
  const progress = ranks.sumOf(found.expander.successors.unpack(found.seen.keys, number * found.seen.width))
  // A node that came to a state without a rank came there from the state that was expanded last.
  waiting.push(number, progress >= 0 ? progress : waiting.progress + 1)
}

const waitFrom = (search: Search, first: number): void => {
  const { seen, subsumption } = search.found
  if (subsumption === undefined) for (let number = first; number < seen.count; number++) wait(search, number)
  else {
    const sorted = subsumption.largestLast(first)
    for (let i = 0; i < sorted.length; i++) wait(search, sorted.data[i] as number)
  }
}

/** After states of nodes were ranked anew. */
const waitAnew = (search: Search): void => {
  const { waiting } = search.place
  const { view } = waiting
  waiting.clear()
  for (let i = 0; i < view.length; i += 2) wait(search, view[i] as number)
}

/**
 * Steps have dropped messages that turned out to be alive: takes those steps once more. That is done from each state in which some node is in a state
 * that such a step may lead from or to. False if there is nothing to do.
 *
 * Why that is enough: what a step leads to depends on the node states before and after it, and on what is alive in them. From all other states
 * steps lead to what they led to before. What steps that only send have sent was sent at once (steps/saturation.ts), to nodes that are still in the same states:
 * so such a state is saturated once more. A state that lacks a message stays, as one of the protocol in which that message was lost.
 */
const reopen = async (search: Search, isLast: boolean): Promise<boolean> => {
  const { found, place, options } = search
  const { seen, subsumption, expander } = found
  const touched = options.reopen?.(seen.count, isLast)
  if (touched === undefined) return false
  search.reopened++
  place.isMidway = true
  let sincePulse = 0
  const { expandedPerPulse } = search.tables.tuning
  const count = seen.count
  for (let number = 0; number < count; number++) {
    if (subsumption?.isSubsumed(number) === true) continue
    const components = expander.successors.unpack(seen.keys, number * seen.width)
    if (!touched.some((locals, node) => locals.has(components[node] as number))) continue
    if (++sincePulse % expandedPerPulse === 0 && search.stoppedBy === undefined && (await search.pulse()) && options.resumable !== true) return false
    if (options.reducers.saturate === true) found.saturateAnew(number)
    if (!place.waiting.has(number) && subsumption?.isSubsumed(number) !== true) wait(search, number)
  }
  for (let number = count; number < seen.count; number++) wait(search, number)
  place.isMidway = false
  return place.waiting.length > 0 && search.stoppedBy === undefined
}
