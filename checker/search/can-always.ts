import { addSuccessors, beginOnceLost, leadsToOnceLost, onceLost } from './once-lost.ts'
import type { Search, Violation } from './search.ts'

/** A violation, and the steps to it: Infinity where the search was not breadth-first, so that nobody knows. */
interface Found {
  readonly violation: Violation
  readonly length: number
}

export interface Stuck {
  /** The properties that are violated, the nearest first. */
  readonly found: readonly Found[]
  /** States that were looked at beside those of the search. */
  readonly more: number
  /** What ended it before all was judged, if something did. */
  readonly stoppedBy: string | undefined
}

/**
 * AG EF, after a complete search: can a state that satisfies the predicate still be reached from every state? Where not, the nearest such states are stuck.
 *
 * Over `fair-loss`, where a message may be lost at any time, it is enough to look at states in which all is lost, once. Handlers see a node and one message, and the predicate does not look at
 * messages in flight (tables/whole-predicates.ts refuses it). So with more messages in flight the system can do whatever it can do with fewer, and if something stays possible once all is lost, it stays
 * possible whatever is lost. A shortest execution to a state that is stuck loses nothing before its end: without the loss, what comes after it could be done as well.
 * For the same reason, a state need not be followed further if something is known to stay possible with its nodes once all is lost. So where all messages are sent again, no other states are looked at.
 *
 * @param newSearch another search with the same reductions, for the states that are met once all is lost; it may take steps that only send at once, since that adds to what is possible
 */
export const judgeCanAlways = async (search: Search, newSearch: () => Search): Promise<Stuck> => {
  const lossy = search.tables.fairLoss ? newSearch() : undefined
  // It cannot be kept and gone on with.
  if (lossy !== undefined) lossy.place.isMidway = true
  const origins = lossy && (await beginOnceLost(lossy.found, search.found, () => lossy.pulse()))
  const found: Found[] = []
  for (const [bit, { kind, name }] of search.tables.predicates.list.entries()) {
    if (kind !== 'canAlways' || (search.stoppedBy ?? lossy?.stoppedBy) !== undefined) continue
    const stuck = lossy === undefined || origins === undefined ? await stuckNow(search, bit) : await stuckOnceLost(search, lossy, origins, bit)
    if (stuck === undefined) continue
    const { states, length, onceLost } = stuck
    found.push({ violation: { property: name, kind: 'stuck', states, onceLost }, length })
  }
  return {
    found: found.sort((a, b) => (a.length === b.length ? 0 : a.length - b.length)),
    more: lossy?.found.seen.count ?? 0,
    stoppedBy: search.stoppedBy ?? lossy?.stoppedBy,
  }
}

/** The nearest states that are stuck, and the steps to what is wrong. */
interface Nearest {
  readonly states: readonly number[]
  readonly length: number
  readonly onceLost: boolean
}

/** The states that are stuck as they are. */
const stuckNow = async (search: Search, bit: number): Promise<Nearest | undefined> => {
  const can = await reachingAll(search, bit)
  const first = can.indexOf(0)
  return first < 0 || search.stoppedBy !== undefined ? undefined : { ...levelFrom(search, first, number => can[number] === 0), onceLost: false }
}

/** The states that are stuck once all is lost that is in flight there; or as they are, if those are no further. */
const stuckOnceLost = async (search: Search, lossy: Search, origins: Int32Array, bit: number): Promise<Nearest | undefined> => {
  const can = await reachingOnceLost(lossy, origins.length, bit)
  const root = can.subarray(0, origins.length).indexOf(0)
  if (root < 0 || lossy.stoppedBy !== undefined) return undefined
  const now = await stuckNow(search, bit)
  const lost = levelFrom(search, origins[root] as number, number => can[onceLost(lossy.found, search.found, number)] === 0)
  return now !== undefined && now.length <= lost.length + 1 ? now : { states: lost.states, length: lost.length + 1, onceLost: true }
}

/** From which of the first `roots` states, in which all is lost, can a state that satisfies the predicate be reached? */
const reachingOnceLost = async (lossy: Search, roots: number, bit: number): Promise<Uint8Array> => {
  const { judge } = lossy
  const inPulse = lossy.tables.tuning.judgedPerPulse - 1
  const satisfies = (number: number): boolean => ((judge.truth(...lossy.found.record(number)) >>> bit) & 1) === 1
  const can = new Uint8Array(roots)
  for (let number = 0; number < roots; number++) if (satisfies(number)) can[number] = 1
  // From one to the next of them, as far as that goes; then also by one state between them, where a step sends what the next one takes.
  for (let isFar = false, changed = true; changed || !isFar; ) {
    isFar = !changed
    changed = false
    for (let number = roots - 1; number >= 0; number--) {
      if (can[number] === 1) continue
      if ((number & inPulse) === inPulse && (await lossy.pulse())) return can
      if (!leadsToOnceLost(lossy.found, number, can) && !(isFar && addSuccessors(lossy.found, number).some(next => leadsToOnceLost(lossy.found, next, can))))
        continue
      can[number] = 1
      changed = true
    }
  }
  // From the others, by whatever states there are between them.
  const others = Array.from(can.keys()).filter(number => can[number] === 0)
  const known = new Set(others)
  const reaching = new Set<number>()
  for (let i = 0; i < others.length; i++) {
    const number = others[i] as number
    if ((i & inPulse) === inPulse && (await lossy.pulse())) return can
    if (number >= roots && (satisfies(number) || can[onceLost(lossy.found, lossy.found, number)] === 1)) {
      reaching.add(number)
      continue
    }
    for (const next of addSuccessors(lossy.found, number)) {
      if (next < roots || known.has(next)) continue
      known.add(next)
      others.push(next)
    }
  }
  for (let before = -1; before < reaching.size; ) {
    before = reaching.size
    for (let i = others.length - 1; i >= 0; i--) {
      const number = others[i] as number
      if ((i & inPulse) === inPulse && (await lossy.pulse())) return can
      if (!reaching.has(number) && addSuccessors(lossy.found, number).some(next => can[next] === 1 || reaching.has(next))) reaching.add(number)
    }
  }
  for (const number of reaching) if (number < roots) can[number] = 1
  return can
}

/** From which states can a state that satisfies the predicate still be reached? A fixpoint: a state can if it satisfies it, or if a successor can. */
const reachingAll = async (search: Search, bit: number): Promise<Uint8Array> => {
  const { judge, found } = search
  const { seen, expander } = found
  const can = new Uint8Array(seen.count)
  for (let number = 0; number < seen.count; number++) if ((judge.truth(...found.record(number)) >>> bit) & 1) can[number] = 1
  // Backwards through the order of discovery, so that most states are settled in the first pass.
  const inPulse = search.tables.tuning.judgedPerPulse - 1
  for (let changed = true; changed; ) {
    changed = false
    for (let number = seen.count - 1; number >= 0; number--) {
      if (can[number] === 1) continue
      if ((number & inPulse) === inPulse && (await search.pulse())) return can
      const made = found.successorsOf(number)
      for (let i = 0; i < made; i++) {
        if (can[seen.find(expander.successors.records, i * seen.width, expander.successors.hashes[i] as number)] !== 1) continue
        can[number] = 1
        changed = true
        break
      }
    }
  }
  return can
}

/** The first state that is stuck, with all others of its level; only itself where there are no levels. */
const levelFrom = ({ found: { levels } }: Search, first: number, isStuck: (number: number) => boolean): Omit<Nearest, 'onceLost'> => {
  const level = levels.findLastIndex(start => start <= first)
  const states = [first]
  for (let number = first + 1; number < (levels[level + 1] ?? first); number++) if (isStuck(number)) states.push(number)
  return { states, length: level < 0 ? Infinity : level }
}
