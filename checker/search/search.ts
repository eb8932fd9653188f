import { grown, Ints } from '../compile/ints.ts'
import type { Tables } from '../compile/tables.ts'
import type { Bisimulation } from '../reduce/bisimulation.ts'
import type { DeadMessages } from '../reduce/dead-messages.ts'
import { GREW, NONE, type PartialOrder } from '../reduce/partial-order.ts'
import type { WalkState } from '../trace/walk.ts'
import { Cover } from './cover.ts'
import { Expander } from './expander.ts'
import type { JointLimits } from './joint.ts'
import { Judge } from './judge.ts'
import { fits, layoutOf, relay } from './layout.ts'
import { LevelRecords } from './level-records.ts'
import { LowerBounds, type NotedSteps } from './lower-bounds.ts'
import { Memory } from './memory.ts'
import { type Naming, namingOf } from './naming.ts'
import { Progress } from './progress.ts'
import { Recent } from './recent.ts'
import { RecentSuccessors } from './recent-successors.ts'
import { SeenSet } from './seen.ts'
import { type Arrays, flatten, layoutFacts, layoutFrom, type SearchFacts, unflatten } from './snapshot.ts'
import { TABLES_GREW } from './successors.ts'
import { BATCH, Sweep } from './sweep.ts'
import { Waiting } from './waiting.ts'
import type { Team } from './workers/team.ts'

/** What is violated, and where: states (or steps from them) of one level, all of them. */
export interface Violation {
  /** The property, or `deadlock`. */
  readonly property: string
  readonly kind: 'state' | 'step' | 'deadlock' | 'stuck'
  /** The numbers of the states that violate it, or from which a step does. */
  readonly states: readonly number[]
  /** The one way there, where that is known: the state before each step, and the last. */
  readonly path?: readonly number[]
  /** The states on all shortest ways there, where they are known: for each step from 0. */
  readonly corridor?: readonly ReadonlySet<number>[]
}

export interface SearchLimits {
  readonly depth: number
  readonly states: number
  readonly seconds: number
  readonly bytes: number
}

export interface SearchOptions {
  readonly limits: SearchLimits
  readonly exact: boolean
  /** Level by level, that which was found last first, or that which has come least far first (progress.ts). */
  readonly order: 'breadth' | 'depth' | 'progress'
  readonly checkDeadlock: boolean
  readonly reducers: {
    readonly order: PartialOrder | undefined
    readonly dead: DeadMessages | undefined
    readonly alike: Bisimulation | undefined
    readonly subsume?: boolean
    readonly saturate?: boolean
  }
  /** Other than the usual: tests have protocols that are small. */
  readonly jointLimits?: JointLimits
  /** With subsumption: how many states with the same nodes are kept; below Infinity the search sees only some of what is reachable. */
  readonly coverMax?: number
  /** With subsumption, not breadth-first: notes its steps, and goes on to other states when it has met a violation. */
  readonly noted?: NotedSteps | undefined
  /** Breadth-first with subsumption: leaves out states from which no violation can be reached within the depth. */
  readonly bounds?: LowerBounds | undefined
  /**
   * With subsumption, not breadth-first: the states of nodes from which steps are to be taken once more, as reductions have dropped what was needed (`Search.#reopen`).
   * Asked at a number of distinct states, and when no more are to be expanded.
   */
  readonly reopen?: ((states: number, isLast: boolean) => readonly ReadonlySet<number>[] | undefined) | undefined
  /** It may be gone on with elsewhere when it has ended. */
  readonly resumable?: boolean
  /** Is this search, at so many distinct states, not worth going on with? */
  readonly enough: (states: number) => boolean
  /** Called every now and then; what it returns, if anything, ends the search. */
  readonly pulse: (search: Search) => Promise<string | undefined>
  /** Threads that may take over, when the search has become large. */
  readonly team?: Team | undefined
}

/** Thrown where a property turns out to look at the messages in flight: dead messages would hide them, and other threads cannot ask for each state. */
export class LooksInFlight extends Error {}

/** `stoppedBy` of a search that had only to learn. */
export const BROKEN_OFF = 'broken off'

/** States that may be found before it is asked again whether there is memory for them. */
const AHEAD = 16_384

/** Milliseconds between two pulses. */
const PULSE_MS = 100

/** States that are expanded one by one before the budgets are looked at again. */
const EXPANSIONS_PER_PULSE = 64

/**
 * One search over the tables: breadth-first, level by level, or with states waiting in another order. Whatever ends it, what was found by then stands in its fields.
 */
export class Search {
  readonly tables: Tables
  readonly reducers: SearchOptions['reducers']
  readonly naming: Naming
  readonly expander: Expander
  readonly judge: Judge
  /** The states; none once other threads have taken over. */
  seen: SeenSet
  /** What other threads keep for this search: distinct states, their bytes, and those that these may grow by at once. */
  elsewhere: { readonly states: number; readonly bytes: number; readonly growth: number } | undefined
  /** Threads that expanded states. */
  workers = 1
  /** The first state of each level, and one past the last of the last level. */
  readonly levels: number[] = []
  /** The state from which each state was first reached; kept only where levels do not tell or keys are not states. */
  readonly parents: Ints | undefined
  /** Not breadth-first: the steps by which each state was first reached. */
  readonly depths: Ints | undefined
  transitions = 0
  /** Steps to the farthest state expanded or found. */
  depth = 0
  /** States that are found and not yet expanded. */
  frontier = 0
  /** `reachable` properties that were satisfied, as bits. */
  reached = 0
  violation: Violation | undefined
  stoppedBy: string | undefined
  /** States left out since they are too far from any violation; the same one as often as it was met. */
  tooFar = 0
  /** How often states were expanded once more. */
  reopened = 0
  /** States are being reopened: nobody could go on from here. */
  midway = false
  /** Every state was expanded: nothing was cut off. */
  complete = false
  /** By `performance.now()`. */
  readonly madeAt = performance.now()
  readonly #options: SearchOptions
  readonly #started: number
  #entries = new Int32Array(4_096)
  readonly #recent = new Recent()
  readonly #sweep: Sweep | undefined
  readonly #cover: Cover | undefined
  /** Hashed: the whole records of the level that is expanded and of the next; exact: unused. */
  #current = new LevelRecords()
  #next = new LevelRecords()
  // Where the search is, between two steps of it: see `snapshot`.
  /** Breadth-first: the state of the level to be expanded next; -1 while the level is judged. */
  #at = -1
  /** The states of the level from which a step breaks a step property, by property. */
  #broken = new Map<number, number[]>()
  /** The states of the level that nothing leads out of. */
  #stuck: number[] = []
  /** Not breadth-first: the states to be expanded. */
  readonly #waiting = new Waiting()
  readonly #progress: Progress | undefined
  /** It goes on from a snapshot. */
  #resumed = false
  #nextPulse = 0
  readonly #memory: Memory
  /** The search has ended; what is asked now only looks. */
  #over = false
  /** Defeats dead-code elimination of the prefetching loads. */
  #sink = 0

  constructor(tables: Tables, options: SearchOptions, started: number) {
    this.tables = tables
    this.reducers = options.reducers
    this.#options = options
    this.#started = started
    this.#memory = new Memory(options.limits.bytes)
    this.naming = namingOf(tables, options.exact, options.reducers.alike, options.reducers.subsume)
    this.expander = new Expander(tables, options.exact, options.reducers, this.naming)
    this.judge = new Judge(tables, this.expander)
    this.seen = new SeenSet(this.expander.keyWidth)
    this.#sweep =
      options.order === 'breadth' && Sweep.apply(this.expander, options.reducers) ? new Sweep(this.expander, this.#recent, options.jointLimits) : undefined
    this.#cover = options.reducers.subsume === true ? new Cover(tables, this.seen, this.expander.layout, options.coverMax ?? Infinity) : undefined
    // With lower bounds, or to find them, it matters what each step leads to.
    if (this.#cover !== undefined && options.noted === undefined && options.bounds === undefined) {
      this.expander.recent = new RecentSuccessors()
      this.expander.recent.use(this.expander.layout.width)
    }
    this.parents = options.order !== 'breadth' || !options.exact ? new Ints() : undefined
    this.depths = options.order !== 'breadth' ? new Ints() : undefined
    this.#progress = options.order === 'progress' ? new Progress(tables, options.reducers.alike) : undefined
  }

  get limits(): SearchLimits {
    return this.#options.limits
  }

  get order(): SearchOptions['order'] {
    return this.#options.order
  }

  get bounds(): LowerBounds | undefined {
    return this.#options.bounds
  }

  get checkDeadlock(): boolean {
    return this.#options.checkDeadlock
  }

  /** Distinct states. */
  get states(): number {
    return this.elsewhere?.states ?? this.seen.count
  }

  /** What the seen set takes, with all that a counterexample needs. */
  get seenBytes(): number {
    return (this.elsewhere?.bytes ?? 0) + this.seen.bytes + (this.parents?.length ?? 0) * 4
  }

  /** Puts the initial state into the seen set: state 0. */
  begin(): void {
    this.settle()
    while (this.expander.admit(this.tables.initialComponents, []) === TABLES_GREW) this.settle()
    this.#batchParents[0] = -1
    this.#flush(-1)
  }

  async run(): Promise<void> {
    if (!this.#resumed) this.begin()
    // A limit stopped it where it would have been broken off.
    else if (this.#options.enough(this.states)) this.stoppedBy = BROKEN_OFF
    if (this.stoppedBy !== undefined) return
    if (this.#options.order === 'breadth') await this.#breadthFirst()
    else await this.#oneByOne()
    this.expander.count = 0
    this.expander.recent = undefined
    this.#over = true
  }

  /**
   * A cheap look ahead, for what reductions have to learn: goes on only from states in which some node is in a state that it was met in less than
   * `visitsMax` times, so that it sees nearly all states of nodes in few states of the system. All that it sees is reachable; it proves nothing.
   */
  async lookAhead(visitsMax: number, statesMax: number, isOver: () => Promise<boolean> = async () => false): Promise<void> {
    const { tables, expander, seen } = this
    const visits = tables.locals.map(() => new Ints())
    const isNovel = (number: number): boolean => {
      const components = expander.components(seen.keys, number * seen.width)
      let novel = false
      for (let node = 0; node < tables.nodeCount; node++) {
        const local = components[node] as number
        const count = visits[node] as Ints
        count.reach(local + 1)
        if ((count.data[local] as number) < visitsMax) novel = true
        count.data[local] = (count.data[local] as number) + 1
      }
      return novel
    }
    this.begin()
    const queue = new Ints()
    queue.push(0)
    for (let next = 0; next < queue.length && seen.count < statesMax; next++) {
      if (next % EXPANSIONS_PER_PULSE === 0 && (await isOver())) return
      const before = seen.count
      this.#expandOne(queue.data[next] as number)
      this.#flush(-1)
      for (let number = before; number < seen.count; number++) if (isNovel(number)) queue.push(number)
    }
  }

  /** The record of state `number`: `[words, at]`. Exact only, or of the current level. */
  record(number: number): readonly [Int32Array, number] {
    if (this.#options.exact) return [this.seen.keys, number * this.seen.width]
    return [this.#current.data, (number - (this.levels.at(-2) ?? 0)) * this.expander.layout.width]
  }

  /** Expands a state outside the search proper (for paths, `canAlways`); the successors stand in `expander`. */
  successorsOf(number: number): number {
    const { expander } = this
    for (;;) {
      expander.count = 0
      const [source, at] = this.record(number)
      const made = expander.expand(source, at)
      if (made !== TABLES_GREW) return made
      expander.count = 0
      this.settle()
    }
  }

  async #breadthFirst(): Promise<void> {
    if (!this.#resumed) this.levels.push(0, 1)
    for (let depth = this.levels.length - 2; ; depth++) {
      const first = this.levels[depth] as number
      const end = this.levels[depth + 1] as number
      this.frontier = end - first
      if (end === first) {
        this.complete = this.tooFar === 0
        return
      }
      this.depth = depth
      if (!this.#resumed) {
        ;[this.#current, this.#next] = [this.#next, this.#current]
        this.#next.clear()
      }
      this.#resumed = false
      if (this.#at < 0) {
        if (await this.#judgeLevel(first, end)) return
        if (depth >= this.#options.limits.depth) return
        this.#at = first
        this.#broken = new Map()
        this.#stuck = []
      }
      if (await this.#expandLevel(this.#at, end)) return
      this.#at = -1
      this.levels.push(this.seen.count)
    }
  }

  /** After a complete search with subsumption that noted its steps. */
  lowerBounds(noted: NotedSteps): LowerBounds {
    return new LowerBounds(this.tables, this.seen, this.expander.layout, this.#cover as Cover, noted)
  }

  /** What it takes to go on with this search elsewhere, over the same tables. Asked at a pulse, or after the search was stopped. */
  snapshot(): { readonly facts: SearchFacts; readonly arrays: Omit<Arrays, 'journal'> } {
    const { seen, parents, levels, transitions, depth, reached } = this
    return {
      facts: { states: seen.count, width: seen.width, layout: layoutFacts(this.expander.layout), transitions, depth, reached, next: this.#at },
      arrays: {
        levels: Int32Array.from(levels),
        keys: seen.keys.subarray(0, seen.count * seen.width),
        parents: parents === undefined ? new Int32Array(0) : parents.data.subarray(0, parents.length),
        depths: this.depths === undefined ? new Int32Array(0) : this.depths.data.subarray(0, this.depths.length),
        current: this.#current.view,
        next: this.#next.view,
        waiting: this.#waiting.view,
        ranks: this.#progress?.view ?? new Int32Array(0),
        stuck: Int32Array.from(this.#stuck),
        broken: flatten(this.#broken),
      },
    }
  }

  /** Before `run`: to go on where another search over the same tables was. The arrays are its own from now on. */
  resume({ states, width, layout, transitions, depth, reached, next }: SearchFacts, arrays: Omit<Arrays, 'journal'>): void {
    this.#resumed = true
    this.expander.useLayout(layoutFrom(layout))
    this.seen.restore(width, states, arrays.keys)
    this.levels.push(...arrays.levels)
    this.transitions = transitions
    this.depth = depth
    this.reached = reached
    if (this.parents !== undefined) fill(this.parents, arrays.parents)
    if (this.depths !== undefined) fill(this.depths, arrays.depths)
    this.#cover?.restored(this.expander.layout, this.levels)
    this.#current.view = arrays.current
    this.#next.view = arrays.next
    this.#waiting.view = arrays.waiting
    if (this.#progress !== undefined) this.#progress.view = arrays.ranks
    this.#at = next
    this.#stuck = [...arrays.stuck]
    this.#broken = unflatten(arrays.broken)
    this.settle()
  }

  /** Evaluates the predicates on a level; true if the search is over. */
  async #judgeLevel(first: number, end: number): Promise<boolean> {
    const { predicates } = this.tables
    const violating = new Map<number, number[]>()
    for (let number = first; number < end; number++) {
      if ((number & 0xfff) === 0 && (await this.pulse())) return true
      if (this.#options.exact) {
        const until = Math.min(end, (number | 0xfff) + 1)
        number = this.judge.pass(this.seen.keys, number, until, predicates.invariants)
        this.reached |= this.judge.met & predicates.reachables
        if (number === until) {
          number--
          continue
        }
      }
      const truth = this.judge.truth(...this.record(number))
      this.reached |= truth & predicates.reachables
      for (let bits = ~truth & predicates.invariants; bits !== 0; bits &= bits - 1) collect(violating, 31 - Math.clz32(bits & -bits), number)
    }
    if (violating.size === 0) return false
    const bit = Math.min(...violating.keys())
    this.violation = { property: predicates.list[bit]?.name ?? '', kind: 'state', states: violating.get(bit) as number[] }
    return true
  }

  async #expandLevel(first: number, end: number): Promise<boolean> {
    const { expander, tables } = this
    const broken = this.#broken
    const stuck = this.#stuck
    const sweep = this.#sweep
    if (await this.#handOver(first, end)) return true
    for (let number = first; number < end; ) {
      let isStuck: boolean
      let bits: number
      if (sweep === undefined) {
        if (this.#cover?.isGone(number) === true) {
          number++
          continue
        }
        isStuck = this.#expandOne(number++) === 0 && !expander.cut
        bits = expander.broken
      } else {
        number = sweep.run(this.seen.keys, number, end)
        this.transitions += sweep.transitions
        if (sweep.grew) this.settle()
        isStuck = sweep.stuck
        bits = sweep.broken
      }
      if (isStuck && this.#options.checkDeadlock && !this.judge.mayRest(...this.record(number - 1))) stuck.push(number - 1)
      for (; bits !== 0; bits &= bits - 1) collect(broken, 31 - Math.clz32(bits & -bits), number - 1)
      this.frontier = end - number + this.seen.count - end
      if (expander.count >= BATCH) {
        this.#flush(-1)
        this.#at = number
        if (await this.pulse()) return true
        if (await this.#handOver(number, end)) return true
      }
    }
    this.#flush(-1)
    if (stuck.length > 0) {
      this.violation = { property: 'deadlock', kind: 'deadlock', states: stuck }
      return true
    }
    if (broken.size === 0) return false
    const bit = Math.min(...broken.keys())
    this.violation = { property: tables.predicates.steps[bit]?.name ?? '', kind: 'step', states: broken.get(bit) as number[] }
    this.levels.push(this.seen.count)
    return true
  }

  /** Lets other threads run the search to its end, if it is time to; whether they did. */
  async #handOver(next: number, end: number): Promise<boolean> {
    const { team } = this.#options
    if (team === undefined || !(await team.isReady(this))) return false
    await team.takeOver(this, { levels: this.levels.slice(0, -1), end, next, broken: [...this.#broken], stuck: this.#stuck })
    return true
  }

  /** The number of a state that is given as it is; -1 if the search did not see it. */
  numberOf(state: WalkState): number {
    const { tables, expander, seen } = this
    // The search met the state, or an image of it: so all its parts are known as soon as all images are.
    expander.refresh(true)
    const encoded = tables.encode(state)
    if (encoded === undefined) return -1
    let possible: number
    do {
      this.settle()
      expander.count = 0
      possible = expander.admit(encoded.components, encoded.bits)
    } while (possible === TABLES_GREW)
    expander.count = 0
    if (possible === 0) return -1
    if (this.#cover !== undefined) {
      for (let k = 0; k < (expander.groups[0] as number); k++) {
        const number = seen.find(expander.records, k * seen.width, expander.hashes[k] as number)
        if (number >= 0) return number
      }
      return -1
    }
    return seen.find(expander.exact ? expander.records : expander.fingerprints, 0, expander.hashes[0] as number)
  }

  /** Appends the successors of a state to the batch. The tables may grow meanwhile, and with them the layout: then the batch is settled first. */
  #expandOne(number: number): number {
    const { expander } = this
    const { recent } = expander
    for (;;) {
      const before = expander.count
      recent?.begin(number)
      const made = this.#ample(number)
      if (made !== TABLES_GREW) {
        this.transitions += (this.#cover === undefined ? made : groupsIn(expander.groups, before, expander.count)) + (recent?.passed ?? 0)
        if (this.parents !== undefined) this.#noteParents(before, number)
        return made
      }
      expander.count = before
      recent?.forget()
      this.settle()
    }
  }

  /** Appends some steps that may stand for all (partial-order.ts), or all. */
  #ample(number: number): number {
    const { expander, seen } = this
    const { order } = this.reducers
    const [source, at] = this.record(number)
    if (order !== undefined) {
      order.look(expander.components(source, at), source, at + expander.layout.bitsWord, expander.layout.bitsWords)
      for (let steps = order.next(); steps !== NONE; steps = order.next()) {
        if (steps === GREW) return TABLES_GREW
        const before = expander.count
        const made = expander.expandSome(source, at, steps, order)
        if (made === TABLES_GREW) return TABLES_GREW
        for (let i = before; i < expander.count; i++) {
          const known = seen.find(expander.exact ? expander.records : expander.fingerprints, i * seen.width, expander.hashes[i] as number)
          if (known >= 0 && known <= number) continue
          order.reducedStates++
          return made
        }
        expander.count = before
      }
    }
    return expander.expand(source, at)
  }

  #batchParents = new Int32Array(4_096)

  #noteParents(from: number, parent: number): void {
    if (this.expander.count > this.#batchParents.length) this.#batchParents = grown(this.#batchParents, this.expander.count * 2)
    this.#batchParents.fill(parent, from, this.expander.count)
  }

  /** After the tables grew: brings terms and images up to date and, if a value no longer has a place in a record, makes the records roomier. */
  settle(): void {
    this.expander.refresh()
    if (fits(this.expander.layout, this.tables)) return
    if (!this.#over) this.#flush(-1)
    this.#recent.clear()
    const old = this.expander.layout
    const layout = layoutOf(this.tables, old)
    this.expander.useLayout(layout)
    const move = (source: Int32Array, sourceAt: number, target: Int32Array, targetAt: number): void => relay(old, layout, source, sourceAt, target, targetAt)
    if (this.#options.exact) this.seen.rewrite(layout.width, move)
    else for (const records of [this.#current, this.#next]) records.rewrite(old.width, layout.width, move)
    this.#cover?.relaid(layout)
  }

  /** Looks the batch up in the seen set, and adds what is new. */
  #flush(parent: number): void {
    const { expander, seen } = this
    let n = expander.count
    if (n === 0) return
    if (this.#cover !== undefined) {
      this.#flushUncovered(this.#cover, parent)
      return
    }
    if (n > this.#entries.length) this.#entries = new Int32Array(n * 2)
    const { hashes, exact } = expander
    if (this.#sweep !== undefined) {
      this.#sink ^= seen.prefetch(hashes, n, this.#entries)
      seen.addAll(expander.records, hashes, n)
      expander.count = 0
      return
    }
    if (exact) {
      n = this.#recent.filter(expander, n, this.parents === undefined ? undefined : this.#batchParents)
      if (n === 0) {
        expander.count = 0
        return
      }
    }
    const keys = exact ? expander.records : expander.fingerprints
    const { width } = seen
    this.#sink ^= seen.prefetch(hashes, n, this.#entries)
    const recordWidth = expander.layout.width
    for (let i = 0; i < n; i++) {
      if (!seen.add(keys, i * width, hashes[i] as number)) continue
      this.parents?.push(parent < 0 ? (this.#batchParents[i] as number) : parent)
      if (!exact) this.#next.push(expander.records, i * recordWidth, recordWidth)
    }
    expander.count = 0
  }

  /**
   * Adds those of the batch that no state covers. Not breadth-first, if one covers its own parent, only that: it can do what the parent can. Not if it
   * is the parent under other names, or all that the parent can do would be put off for ever.
   */
  #flushUncovered(cover: Cover, parent: number): void {
    const { expander, seen } = this
    const { width } = seen
    const { count, records, groups, hashes } = expander
    expander.count = 0
    const { noted } = this.#options
    const nextLevel = this.levels.at(-1) ?? 0
    let only = -1
    const at = parent * width
    if (parent >= 0)
      for (let i = 0; i < count; i++) if (cover.isAbove(records, i * width, seen.keys, at) && !cover.isAbove(seen.keys, at, records, i * width)) only = i
    if (only >= 0) expander.recent?.forget()
    if (parent >= 0) noted?.expands(parent)
    for (let i = 0; i < count; i += groups[i] as number) {
      const alternatives = groups[i] as number
      if (only >= 0 && (only < i || only >= i + alternatives)) continue
      const by = cover.coverOfAny(records, i * width, alternatives)
      if (parent >= 0) noted?.leadsTo(by < 0 ? seen.count : by, only >= 0)
      if (by !== -1 || this.#isTooFar(i, alternatives) || !seen.add(records, i * width, hashes[i] as number)) continue
      this.parents?.push(parent < 0 ? (this.#batchParents[i] as number) : parent)
      cover.insert(seen.count - 1, nextLevel)
    }
  }

  /** Breadth-first: can no violation be reached from a successor within the depth, as lower bounds say? */
  #isTooFar(first: number, alternatives: number): boolean {
    const { bounds, limits } = this.#options
    const depth = this.levels.length - 1
    if (bounds === undefined || depth < 1) return false
    const { records, layout } = this.expander
    for (let k = first; k < first + alternatives; k++)
      if (depth + bounds.of(records, k * layout.width, layout) > limits.depth) {
        this.tooFar++
        return true
      }
    return false
  }

  async #oneByOne(): Promise<void> {
    const waiting = this.#waiting
    if (!this.#resumed) {
      this.#progress?.renew()
      this.#wait(0)
      this.depths?.push(0)
    }
    this.#resumed = false
    let sincePulse = 0
    const { expander, tables } = this
    const { predicates } = tables
    const { noted } = this.#options
    while (waiting.length > 0 || (await this.#reopen(true))) {
      const number = waiting.pop()
      if (this.#cover?.isGone(number) === true) continue
      this.frontier = waiting.length
      const depth = this.depths?.data[number] as number
      this.depth = Math.max(this.depth, depth)
      const truth = this.judge.truth(...this.record(number))
      this.reached |= truth & predicates.reachables
      const failed = ~truth & predicates.invariants
      if (failed !== 0) {
        noted?.violating.push(number)
        if (noted !== undefined) continue
        this.violation = { property: predicates.list[31 - Math.clz32(failed & -failed)]?.name ?? '', kind: 'state', states: [number] }
        return
      }
      const before = this.seen.count
      const made = this.#expandOne(number)
      if (made === 0 && !expander.cut && this.#options.checkDeadlock && !this.judge.mayRest(...this.record(number))) {
        this.violation = { property: 'deadlock', kind: 'deadlock', states: [number] }
        return
      }
      if (expander.broken !== 0) noted?.breaking.push(number)
      if (expander.broken !== 0 && noted === undefined) {
        this.violation = { property: predicates.steps[31 - Math.clz32(expander.broken & -expander.broken)]?.name ?? '', kind: 'step', states: [number] }
        return
      }
      this.#flush(number)
      for (let i = before; i < this.seen.count; i++) this.depths?.push(depth + 1)
      this.#waitFrom(before)
      if (++sincePulse >= EXPANSIONS_PER_PULSE) {
        sincePulse = 0
        if (this.#progress?.renew() === true) this.#waitAnew()
        if (await this.pulse()) return
        await this.#reopen(false)
        if (this.stoppedBy !== undefined) return
      }
    }
    this.complete = this.stoppedBy === undefined
  }

  /** The state is to be expanded. */
  #wait(number: number): void {
    if (this.#progress === undefined) {
      this.#waiting.push(number, 0)
      return
    }
    const progress = this.#progress.of(this.expander.components(this.seen.keys, number * this.seen.width))
    // A node that came to a state without a rank came there from the state that was expanded last.
    this.#waiting.push(number, progress >= 0 ? progress : this.#waiting.progress + 1)
  }

  #waitFrom(first: number): void {
    if (this.#cover === undefined) for (let number = first; number < this.seen.count; number++) this.#wait(number)
    else {
      const sorted = this.#cover.largestLast(first)
      for (let i = 0; i < sorted.length; i++) this.#wait(sorted.data[i] as number)
    }
  }

  /** After states of nodes were ranked anew. */
  #waitAnew(): void {
    const { view } = this.#waiting
    this.#waiting.clear()
    for (let i = 0; i < view.length; i += 2) this.#wait(view[i] as number)
  }

  /**
   * Steps have dropped messages that turned out to be alive: takes those steps once more. That is done from each state in which some node is in a state
   * that such a step may lead from or to. False if there is nothing to do.
   *
   * Why that is enough: what a step leads to depends on the node states before and after it, and on what is alive in them. From all other states
   * steps lead to what they led to before. What steps that only send have sent was sent at once (`Successors.#saturate`), to nodes that are still in the same states:
   * so such a state is saturated once more, and no successor counts as met before. A state that lacks a message stays, as one of the protocol in which that message was lost.
   */
  async #reopen(isLast: boolean): Promise<boolean> {
    const touched = this.#options.reopen?.(this.seen.count, isLast)
    if (touched === undefined) return false
    this.reopened++
    this.midway = true
    let sincePulse = 0
    const { expander, seen } = this
    expander.recent?.use(seen.width)
    const count = seen.count
    for (let number = 0; number < count; number++) {
      if (this.#cover?.isGone(number) === true) continue
      const components = expander.components(seen.keys, number * seen.width)
      if (!touched.some((locals, node) => locals.has(components[node] as number))) continue
      if (++sincePulse % EXPANSIONS_PER_PULSE === 0 && this.stoppedBy === undefined && (await this.pulse()) && this.#options.resumable !== true) return false
      if (this.reducers.saturate === true) this.#saturateAnew(number)
      if (!this.#waiting.has(number) && this.#cover?.isGone(number) !== true) this.#wait(number)
    }
    for (let number = count; number < seen.count; number++) this.#wait(number)
    this.midway = false
    return this.#waiting.length > 0 && this.stoppedBy === undefined
  }

  /** Adds the state with all that its nodes now send at once, if that is more than it has. */
  #saturateAnew(number: number): void {
    const { expander, seen, tables } = this
    const components = expander.components(seen.keys, number * seen.width).slice(0, tables.fixedComponents)
    const bits = expander.bitsOf(seen.keys, number * seen.width)
    while (expander.admit(components, bits) === TABLES_GREW) this.settle()
    const before = seen.count
    this.#noteParents(0, this.parents?.data[number] as number)
    this.#flush(-1)
    for (let i = before; i < seen.count; i++) this.depths?.push(this.depths.data[number] as number)
  }

  /** Bytes. */
  get #held(): number {
    const { noted, bounds } = this.#options
    return (
      this.seenBytes + this.#waiting.bytes + (this.#cover?.bytes ?? 0) + this.#current.bytes + this.#next.bytes + (noted?.bytes ?? 0) + (bounds?.bytes ?? 0)
    )
  }

  /** Bytes that growing may take for a moment. */
  get #growth(): number {
    const { noted } = this.#options
    return (
      this.seen.growthBytes(AHEAD) +
      this.#waiting.growthBytes(AHEAD) +
      (this.#cover?.growthBytes(AHEAD) ?? 0) +
      (noted?.growthBytes(AHEAD) ?? 0) +
      (this.elsewhere?.growth ?? 0)
    )
  }

  /** Checks the budgets, and lets the world outside have its turn; true if the search is to end. */
  async pulse(): Promise<boolean> {
    const { limits, pulse } = this.#options
    if (this.states >= limits.states) this.stoppedBy = 'states'
    else if (this.#memory.isShort(this.#held, this.#growth)) this.stoppedBy = 'memory'
    else if (this.#options.enough(this.states)) this.stoppedBy = BROKEN_OFF
    const now = performance.now()
    if (this.stoppedBy === undefined && now >= this.#nextPulse) {
      this.#nextPulse = now + PULSE_MS
      this.#memory.look(this.#held)
      if (now - this.#started > limits.seconds * 1000) this.stoppedBy = 'time'
      else this.stoppedBy = await pulse(this)
    }
    return this.stoppedBy !== undefined
  }

  /** For the record of what was measured; of no meaning. */
  get sink(): number {
    return this.#sink
  }
}

const groupsIn = (groups: Int32Array, from: number, to: number): number => {
  let count = 0
  for (let i = from; i < to; i += groups[i] as number) count++
  return count
}

const fill = (list: Ints, items: Int32Array): void => {
  if (items.length === 0) return
  list.data = items
  list.length = items.length
}

const collect = (lists: Map<number, number[]>, key: number, value: number): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
