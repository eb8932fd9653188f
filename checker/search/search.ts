import { Memory } from '../states/memory.ts'
import { Judge } from '../steps/judge.ts'
import type { Tables } from '../tables/tables.ts'
import { lowestBit } from '../values/bits.ts'
import type { Ints } from '../values/ints.ts'
import { MOVES, STUCK, STUCK_ONCE_LOST } from './deadlocks.ts'
import { Discovery } from './discovery.ts'
import { LowerBounds, type NotedSteps } from './lower-bounds.ts'
import { NodeRanks } from './node-ranks.ts'
import type { SearchOptions } from './search-options.ts'
import { type Arrays, flatten, layoutFacts, layoutFrom, type SearchFacts, unflatten } from './search-snapshot.ts'
import { Waiting } from './waiting.ts'

/** What is violated, and where: states (or steps from them) of one level, all of them. */
export interface Violation {
  /** The property, or `deadlock`. */
  readonly property: string
  readonly kind: 'state' | 'step' | 'deadlock' | 'stuck'
  /** The numbers of the states that violate it, or from which a step does. */
  readonly states: readonly number[]
  /** Only once all is lost that is in flight there: one step more. */
  readonly onceLost?: boolean
  /** The one way there, where that is known: the state before each step, and the last. */
  readonly path?: readonly number[]
  /** The states on all shortest ways there, where they are known: for each step from 0. */
  readonly corridor?: readonly ReadonlySet<number>[]
}

/** Thrown where a property turns out to look at the messages in flight: dead messages would hide them, and other threads cannot ask for each state. */
export class LooksInFlight extends Error {}

/** `stoppedBy` of a search that had only to learn. */
export const BROKEN_OFF = 'broken off'

/**
 * One search over the tables: breadth-first, level by level, or with states waiting in another order. Whatever ends it, what was found by then stands in its fields.
 */
export class Search extends Discovery {
  readonly judge: Judge
  /** What other threads keep for this search: distinct states, their bytes, and those that these may grow by at once. */
  elsewhere: { readonly states: number; readonly bytes: number; readonly growth: number } | undefined
  /** Threads that expanded states. */
  workers = 1
  /** Steps to the farthest state expanded or found. */
  depth = 0
  /** States that are found and not yet expanded. */
  frontier = 0
  /** `reachable` properties that were satisfied, as bits. */
  reached = 0
  violation: Violation | undefined
  stoppedBy: string | undefined
  /** Random executions that were begun. */
  runs = 0
  /** How often states were expanded once more. */
  reopened = 0
  /** States are being reopened: nobody could go on from here. */
  midway = false
  /** It goes on where other threads took over from another. */
  takenBack = false
  /** Every state was expanded: nothing was cut off. */
  complete = false
  /** By `performance.now()`. */
  readonly madeAt = performance.now()
  readonly #started: number
  // Where the search is, between two steps of it: see `snapshot`.
  /** Breadth-first: the state of the level to be expanded next; -1 while the level is judged. */
  #at = -1
  /** The states of the level from which a step breaks a step property, by property. */
  #broken = new Map<number, number[]>()
  /** The states of the level that nothing leads out of. */
  #stuck: number[] = []
  /** Not breadth-first: the states to be expanded. */
  readonly #waiting = new Waiting()
  readonly #progress: NodeRanks | undefined
  /** It goes on from a snapshot. */
  #resumed = false
  #nextPulse = 0
  readonly #memory: Memory

  constructor(tables: Tables, options: SearchOptions, started: number) {
    super(tables, options)
    this.#started = started
    this.#memory = new Memory(options.limits.bytes)
    this.judge = new Judge(tables, this.expander.successors)
    this.#progress = options.order === 'progress' ? new NodeRanks(tables, options.reducers.alike) : undefined
  }

  get order(): SearchOptions['order'] {
    return this.options.order
  }

  get bounds(): LowerBounds | undefined {
    return this.options.bounds
  }

  get noted(): NotedSteps | undefined {
    return this.options.noted
  }

  get checkDeadlock(): boolean {
    return this.options.checkDeadlock
  }

  /** Are there deadlocks to look for where messages may be lost? Then a state with successors may be stuck, too (deadlocks.ts). */
  get losesAll(): boolean {
    return this.checkDeadlock && this.tables.fairLoss
  }

  /** Distinct states. */
  get states(): number {
    return this.elsewhere?.states ?? this.seen.count
  }

  /** What the seen set takes, with all that a counterexample needs. */
  get seenBytes(): number {
    return (this.elsewhere?.bytes ?? 0) + this.seen.bytes + (this.parents?.length ?? 0) * 4
  }

  async run(): Promise<void> {
    if (!this.#resumed) await this.begin(() => this.pulse())
    else if (!this.takenBack) {
      // It stands at a pulse: what would end it there with the limits of today, ends it now.
      if (this.states >= this.options.limits.states) this.stoppedBy = 'states'
      else if (this.options.enough(this.states)) this.stoppedBy = BROKEN_OFF
      if (this.stoppedBy !== undefined) return
    }
    if (this.stoppedBy === undefined) {
      if (this.options.order === 'breadth') await this.#breadthFirst()
      else await this.#oneByOne()
    }
    this.expander.successors.count = 0
    this.over = true
  }

  async #breadthFirst(): Promise<void> {
    if (!this.#resumed) this.levels.push(0, this.seen.count)
    for (let depth = this.levels.length - 2; ; depth++) {
      const first = this.levels[depth] as number
      const end = this.levels[depth + 1] as number
      this.frontier = end - first
      if (end === first) {
        this.complete = this.tooFar === 0
        return
      }
      this.depth = depth
      this.#resumed = false
      if (this.#at < 0) {
        if (await this.#judgeLevel(first, end)) return
        if (depth >= this.options.limits.depth) {
          if (this.options.checkDeadlock) await this.#lookForDeadlocks(first, end, true)
          return
        }
        this.#at = first
        this.#broken = new Map()
        this.#stuck = []
      }
      if (await this.#expandLevel(this.#at, end)) return
      this.#at = -1
      this.levels.push(this.seen.count)
    }
  }

  /** In place of `run`: see `beginOnceLost`. */
  findOnceLost(of: Search): Promise<Int32Array> {
    // It cannot be kept and gone on with.
    this.midway = true
    return this.beginOnceLost(of, () => this.pulse())
  }

  /** After a complete search with subsumption that noted its steps. */
  lowerBounds(noted: NotedSteps): LowerBounds {
    return new LowerBounds(this.tables, this.seen, this.expander.successors.layout, this.cover as NonNullable<typeof this.cover>, noted)
  }

  /** What it takes to go on with this search elsewhere, over the same tables. Asked at a pulse, or after the search was stopped. */
  snapshot(): { readonly facts: SearchFacts; readonly arrays: Omit<Arrays, 'journal' | 'graph'> } {
    const { seen, parents, levels, transitions, depth, reached, reopened } = this
    return {
      facts: {
        states: seen.count,
        width: seen.width,
        layout: layoutFacts(this.expander.successors.layout),
        transitions,
        depth,
        reached,
        reopened,
        next: this.#at,
      },
      arrays: {
        levels: Int32Array.from(levels),
        keys: seen.keys.subarray(0, seen.count * seen.width),
        parents: parents === undefined ? new Int32Array(0) : parents.data.subarray(0, parents.length),
        depths: this.depths === undefined ? new Int32Array(0) : this.depths.data.subarray(0, this.depths.length),
        waiting: this.#waiting.view,
        ranks: this.#progress?.view ?? new Int32Array(0),
        stuck: Int32Array.from(this.#stuck),
        broken: flatten(this.#broken),
      },
    }
  }

  /**
   * Before `run`: to go on where another search over the same tables was. The arrays are its own from now on.
   * @param takenBack from other threads, which took over between two pulses. Otherwise the snapshot was taken at one
   */
  resume(
    { states, width, layout, transitions, depth, reached, reopened, next }: SearchFacts,
    arrays: Omit<Arrays, 'journal' | 'graph'>,
    takenBack: boolean,
  ): void {
    // Stopped while it began, it begins anew.
    if ((this.depths === undefined ? arrays.levels : arrays.depths).length === 0) return
    this.#resumed = true
    this.takenBack = takenBack
    this.expander.useLayout(layoutFrom(layout))
    this.seen.restore(width, states, arrays.keys)
    this.levels.push(...arrays.levels)
    this.transitions = transitions
    this.depth = depth
    this.reached = reached
    this.reopened = reopened
    if (this.parents !== undefined) fill(this.parents, arrays.parents)
    if (this.depths !== undefined) fill(this.depths, arrays.depths)
    this.cover?.restored(this.expander.successors.layout, this.levels)
    this.#waiting.view = arrays.waiting
    if (this.#progress !== undefined) this.#progress.view = arrays.ranks
    this.#at = next
    this.#stuck = [...arrays.stuck]
    this.#broken = unflatten(arrays.broken)
    this.settle()
  }

  /**
   * After `resume`: evaluates the predicates once more on the states that were judged before: whether one fails now, and the `reachable` properties that are satisfied, as bits.
   */
  judgedAnew(): { readonly failed: boolean; readonly reached: number } {
    const { reachables, invariants } = this.tables.predicates
    const isBreadth = this.options.order === 'breadth'
    const [levelBegin = 0, levelEnd = 0] = this.levels.slice(-2)
    const isJudged = this.#at >= 0
    const end = isBreadth ? (isJudged ? levelEnd : levelBegin) : this.seen.count
    let failed = false
    let reached = 0
    for (let number = 0; number < end; number++) {
      if (!isBreadth && this.#waiting.has(number)) continue
      const truth = this.judge.truth(...this.record(number))
      reached |= truth & reachables
      if ((~truth & invariants) !== 0) failed = true
    }
    return { failed, reached }
  }

  /** Evaluates the predicates on a level; true if the search is over. */
  async #judgeLevel(first: number, end: number): Promise<boolean> {
    const { predicates } = this.tables
    const violating = new Map<number, number[]>()
    const inPulse = this.tables.tuning.judgedPerPulse - 1
    for (let number = first; number < end; number++) {
      if ((number & inPulse) === 0 && (await this.pulse())) return true
      const from = number
      const until = Math.min(end, (number | inPulse) + 1)
      number = this.#orAt(
        from,
        until,
        () => this.judge.pass(this.seen.keys, from, until, predicates.invariants),
        n => this.judge.truth(...this.record(n)),
      )
      this.reached |= this.judge.met & predicates.reachables
      if (number === until) {
        number--
        continue
      }
      this.lookedAt = number
      const truth = this.judge.truth(...this.record(number))
      this.reached |= truth & predicates.reachables
      for (let bits = ~truth & predicates.invariants; bits !== 0; bits &= bits - 1) collect(violating, lowestBit(bits), number)
    }
    if (violating.size === 0) return false
    const bit = Math.min(...violating.keys())
    this.violation = { property: predicates.list[bit]?.name ?? '', kind: 'state', states: violating.get(bit) as number[] }
    return true
  }

  async #expandLevel(first: number, end: number): Promise<boolean> {
    const { expander, tables } = this
    const { batch } = tables.tuning
    const broken = this.#broken
    const stuck = this.#stuck
    const sweep = this.sweep
    if (await this.#handOver(first, end)) return true
    for (let number = first; number < end; ) {
      let isStuck: boolean
      let bits: number
      if (sweep === undefined) {
        if (this.cover?.isGone(number) === true) {
          number++
          continue
        }
        isStuck = this.expandOne(number++) === 0 && !expander.successors.cut
        bits = expander.successors.broken
      } else {
        const first = number
        number = this.#orAt(
          first,
          end,
          () => sweep.run(this.seen.keys, first, end),
          n => this.successorsOf(n),
        )
        this.transitions += sweep.transitions
        if (sweep.grew) this.settle()
        isStuck = sweep.stuck
        bits = sweep.broken
      }
      this.lookedAt = number - 1
      if (isStuck && this.options.checkDeadlock && !this.losesAll && !this.judge.mayRest(...this.record(number - 1))) stuck.push(number - 1)
      for (; bits !== 0; bits &= bits - 1) collect(broken, lowestBit(bits), number - 1)
      this.frontier = end - number + this.seen.count - end
      if (expander.successors.count >= batch) {
        this.flush(-1)
        this.#at = number
        if (await this.pulse()) return true
        if (await this.#handOver(number, end)) return true
      }
    }
    this.flush(-1)
    if (stuck.length > 0) {
      this.violation = { property: 'deadlock', kind: 'deadlock', states: stuck }
      return true
    }
    this.#at = end
    if (this.losesAll && (await this.#lookForDeadlocks(this.levels.at(-2) as number, end, false))) return true
    if (broken.size === 0) return false
    const bit = Math.min(...broken.keys())
    this.violation = { property: tables.predicates.steps[bit]?.name ?? '', kind: 'step', states: broken.get(bit) as number[] }
    this.levels.push(this.seen.count)
    return true
  }

  /** Looks at many states at once. If code of the spec throws, at one after the other, so that it is known for which. */
  #orAt(first: number, end: number, atAll: () => number, atOne: (number: number) => void): number {
    try {
      return atAll()
    } catch (error) {
      for (this.lookedAt = first; this.lookedAt < end; this.lookedAt++) atOne(this.lookedAt)
      this.lookedAt = -1
      throw error
    }
  }

  /** Looks through a level for states that are stuck, and (unless it is the last) for those that are once all is lost that is in flight; true if the search is over. */
  async #lookForDeadlocks(first: number, end: number, isLast: boolean): Promise<boolean> {
    const [now, onceLost]: [number[], number[]] = [[], []]
    const inPulse = this.tables.tuning.judgedPerPulse - 1
    for (let number = first; number < end; number++) {
      if ((number & inPulse) === inPulse && (await this.pulse())) return true
      this.lookedAt = number
      const when = this.stuckness(number)
      if (when === MOVES || (isLast && when !== STUCK) || this.judge.mayRest(...this.record(number))) continue
      if (when === STUCK) now.push(number)
      else onceLost.push(number)
    }
    this.lookedAt = -1
    if (now.length + onceLost.length === 0) return false
    this.violation = { property: 'deadlock', kind: 'deadlock', states: now.length > 0 ? now : onceLost, onceLost: now.length === 0 }
    return true
  }

  /** Lets other threads run the search to its end, if it is time to; whether they did. */
  async #handOver(next: number, end: number): Promise<boolean> {
    const { team } = this.options
    if (team === undefined || !(await team.isReady())) return false
    this.lookedAt = -1
    await team.takeOver({ levels: this.levels.slice(0, -1), end, next, broken: [...this.#broken], stuck: this.#stuck })
    return true
  }

  async #oneByOne(): Promise<void> {
    const waiting = this.#waiting
    if (!this.#resumed) {
      this.#progress?.renew()
      for (let number = 0; number < this.seen.count; number++) this.depths?.push(0)
      this.#waitFrom(0)
    } else {
      // It was kept where it looks next what is to be reopened.
      await this.#reopen(false)
      if (this.stoppedBy !== undefined) return
    }
    this.#resumed = false
    let sincePulse = 0
    const { expander, tables } = this
    const { predicates } = tables
    const { expandedPerPulse } = tables.tuning
    const { noted } = this.options
    while (waiting.length > 0 || (await this.#reopen(true))) {
      const number = waiting.pop()
      if (this.cover?.isGone(number) === true) continue
      this.frontier = waiting.length
      const depth = this.depths?.data[number] as number
      this.depth = Math.max(this.depth, depth)
      this.lookedAt = number
      const truth = this.judge.truth(...this.record(number))
      this.reached |= truth & predicates.reachables
      const failed = ~truth & predicates.invariants
      if (failed !== 0) {
        noted?.violating.push(number)
        if (noted !== undefined) continue
        this.violation = { property: predicates.list[lowestBit(failed)]?.name ?? '', kind: 'state', states: [number] }
        return
      }
      const before = this.seen.count
      const made = this.expandOne(number)
      if (this.options.checkDeadlock && (this.losesAll || (made === 0 && !expander.successors.cut))) {
        const { broken } = expander.successors
        this.flush(number)
        const when = this.stuckness(number)
        expander.successors.broken = broken
        if (when !== MOVES && !this.judge.mayRest(...this.record(number))) {
          this.violation = { property: 'deadlock', kind: 'deadlock', states: [number], onceLost: when === STUCK_ONCE_LOST }
          return
        }
      }
      if (expander.successors.broken !== 0) noted?.breaking.push(number)
      if (expander.successors.broken !== 0 && noted === undefined) {
        this.violation = { property: predicates.steps[lowestBit(expander.successors.broken)]?.name ?? '', kind: 'step', states: [number] }
        return
      }
      this.flush(number)
      for (let i = before; i < this.seen.count; i++) this.depths?.push(depth + 1)
      this.#waitFrom(before)
      if (++sincePulse >= expandedPerPulse) {
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
    const progress = this.#progress.of(this.expander.successors.unpack(this.seen.keys, number * this.seen.width))
    // A node that came to a state without a rank came there from the state that was expanded last.
    this.#waiting.push(number, progress >= 0 ? progress : this.#waiting.progress + 1)
  }

  #waitFrom(first: number): void {
    if (this.cover === undefined) for (let number = first; number < this.seen.count; number++) this.#wait(number)
    else {
      const sorted = this.cover.largestLast(first)
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
   * steps lead to what they led to before. What steps that only send have sent was sent at once (steps/saturation.ts), to nodes that are still in the same states:
   * so such a state is saturated once more. A state that lacks a message stays, as one of the protocol in which that message was lost.
   */
  async #reopen(isLast: boolean): Promise<boolean> {
    const touched = this.options.reopen?.(this.seen.count, isLast)
    if (touched === undefined) return false
    this.reopened++
    this.midway = true
    let sincePulse = 0
    const { expander, seen } = this
    const { expandedPerPulse } = this.tables.tuning
    const count = seen.count
    for (let number = 0; number < count; number++) {
      if (this.cover?.isGone(number) === true) continue
      const components = expander.successors.unpack(seen.keys, number * seen.width)
      if (!touched.some((locals, node) => locals.has(components[node] as number))) continue
      if (++sincePulse % expandedPerPulse === 0 && this.stoppedBy === undefined && (await this.pulse()) && this.options.resumable !== true) return false
      if (this.reducers.saturate === true) this.saturateAnew(number)
      if (!this.#waiting.has(number) && this.cover?.isGone(number) !== true) this.#wait(number)
    }
    for (let number = count; number < seen.count; number++) this.#wait(number)
    this.midway = false
    return this.#waiting.length > 0 && this.stoppedBy === undefined
  }

  /** Bytes. */
  get #held(): number {
    const { noted, bounds } = this.options
    return this.seenBytes + this.#waiting.bytes + (this.cover?.bytes ?? 0) + (noted?.bytes ?? 0) + (bounds?.bytes ?? 0)
  }

  /** Bytes that growing may take for a moment. */
  get #growth(): number {
    const { noted } = this.options
    const ahead = this.tables.tuning.statesAhead
    return (
      this.seen.growthBytes(ahead) +
      this.#waiting.growthBytes(ahead) +
      (this.cover?.growthBytes(ahead) ?? 0) +
      (noted?.growthBytes(ahead) ?? 0) +
      (this.elsewhere?.growth ?? 0)
    )
  }

  /** Checks the budgets, and lets the world outside have its turn; true if the search is to end. */
  async pulse(): Promise<boolean> {
    const { limits, pulse } = this.options
    if (this.states >= limits.states) this.stoppedBy = 'states'
    else if (this.#memory.isShort(this.#held, this.#growth)) this.stoppedBy = 'memory'
    else if (this.options.enough(this.states)) this.stoppedBy = BROKEN_OFF
    const now = performance.now()
    if (this.stoppedBy === undefined && now >= this.#nextPulse) {
      this.#nextPulse = now + this.tables.tuning.pulseMs
      this.#memory.look(this.#held)
      if (now - this.#started > limits.seconds * 1000) this.stoppedBy = 'time'
      else this.stoppedBy = await pulse()
    }
    return this.stoppedBy !== undefined
  }
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
