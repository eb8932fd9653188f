import { NONE } from '../reduce/partial-order/partial-order.ts'
import { fits, layoutOf, relay } from '../states/layout.ts'
import { SeenSet } from '../states/seen-set.ts'
import { CompiledLoop } from '../steps/compiled/loop.ts'
import { Expander } from '../steps/expander.ts'
import { Recent } from '../steps/recent.ts'
import { type Representatives, representativesOf } from '../symmetry/representative.ts'
import { GREW } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import type { WalkState } from '../trace/walk.ts'
import { grown, Ints } from '../values/ints.ts'
import { Deadlocks } from './deadlocks.ts'
import type { SearchLimits, SearchOptions } from './search-options.ts'
import { Subsumption } from './subsumption.ts'

/** The states that a search has found, and how more are: the successors of a state are appended to a batch (`expandOne`), looked up together, and added if they are new (`flush`). In which order states are expanded is another matter (search.ts). */
export abstract class Discovery {
  readonly tables: Tables
  readonly reducers: SearchOptions['reducers']
  readonly naming: Representatives
  readonly expander: Expander
  /** The states; none once other threads have taken over. */
  seen: SeenSet
  /** The first state of each level, and one past the last of the last level. */
  readonly levels: number[] = []
  /** The state from which each state was first reached; kept only where levels do not tell. */
  readonly parents: Ints | undefined
  /** Not breadth-first: the steps by which each state was first reached. */
  readonly depths: Ints | undefined
  transitions = 0
  /** The state that is expanded, or judged; -1 where there is none. What code of the spec throws, it throws for this state, or for a step from it. */
  lookedAt = -1
  /** States left out since they are too far from any violation; the same one as often as it was met. */
  tooFar = 0
  protected readonly options: SearchOptions
  protected readonly sweep: CompiledLoop | undefined
  protected readonly cover: Subsumption | undefined
  /** The search has ended; what is asked now only looks. */
  over = false
  readonly #recent: Recent
  #deadlocks: Deadlocks | undefined
  #batchParents = new Int32Array(4_096)

  constructor(tables: Tables, options: SearchOptions) {
    this.tables = tables
    this.reducers = options.reducers
    this.options = options
    this.naming = representativesOf(tables, options.reducers.alike, options.reducers.subsume)
    this.expander = new Expander(tables, options.reducers, this.naming)
    this.seen = new SeenSet(this.expander.successors.layout.width, { tuning: tables.tuning })
    this.#recent = new Recent(tables.tuning)
    this.sweep = options.order === 'breadth' && CompiledLoop.apply(this.expander, options.reducers) ? new CompiledLoop(this.expander, this.#recent) : undefined
    this.cover =
      options.reducers.subsume === true ? new Subsumption(tables, this.seen, this.expander.successors.layout, options.coverMax ?? Infinity) : undefined
    this.parents = options.order !== 'breadth' ? new Ints() : undefined
    this.depths = options.order !== 'breadth' ? new Ints() : undefined
  }

  get limits(): SearchLimits {
    return this.options.limits
  }

  /**
   * Puts the states in which the search begins into the seen set, before all others. Each node may begin in any of its states together with any of the others.
   * @param isOver is there no time left, or was the check interrupted? Asked every now and then; then some are missing
   */
  async begin(isOver: () => Promise<boolean>): Promise<void> {
    const { expander, tables } = this
    const { initialLocals, initialRest, initialBits, nodeCount, tuning } = tables
    const components = Int32Array.from([...initialLocals.map(locals => locals[0] as number), ...initialRest])
    const chosen = new Int32Array(nodeCount)
    this.settle()
    for (let node = nodeCount; node >= 0; ) {
      const before = expander.successors.count
      while (expander.admit(components, initialBits, true) === GREW) {
        expander.successors.count = before
        this.settle()
      }
      if (this.parents !== undefined) this.#noteParents(before, -1)
      // The next one: as one counts, the last node first.
      for (node = nodeCount - 1; node >= 0; node--) {
        const locals = initialLocals[node] as Int32Array
        const next = (chosen[node] as number) + 1
        chosen[node] = next < locals.length ? next : 0
        components[node] = locals[chosen[node] as number] as number
        if (next < locals.length) break
      }
      if (node < 0 || expander.successors.count >= tuning.batch) this.flush(-1)
      if (node >= 0 && expander.successors.count === 0 && (await isOver())) return
    }
  }

  /**
   * A cheap look ahead, for what reductions have to learn: goes on only from states in which some node is in a state that it was met in less than
   * `visitsMax` times, so that it sees nearly all states of nodes in few states of the system. All that it sees is reachable; it proves nothing.
   * Its size is `statesMax` states, whatever the check may keep: so a search that goes on has learnt what a whole one has.
   */
  async lookAhead(visitsMax: number, statesMax: number, isOver: () => Promise<boolean>): Promise<void> {
    const { tables, expander, seen } = this
    const visits = tables.locals.map(() => new Ints())
    const isNovel = (number: number): boolean => {
      const components = expander.successors.unpack(seen.keys, number * seen.width)
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
    const { expandedPerPulse } = tables.tuning
    await this.begin(isOver)
    const queue = new Ints()
    for (let number = 0; number < seen.count; number++) if (number === 0 || isNovel(number)) queue.push(number)
    for (let next = 0; next < queue.length && seen.count < statesMax; next++) {
      if (next % expandedPerPulse === 0 && (await isOver())) return
      const before = seen.count
      this.expandOne(queue.data[next] as number)
      this.flush(-1)
      for (let number = before; number < seen.count; number++) if (isNovel(number)) queue.push(number)
    }
  }

  /**
   * Instead of the initial state: the states that those of another complete search become once all is lost that is in flight there. Each comes once; for each the first state that becomes
   * it is the answer. `fair-loss`, breadth-first, without subsumption.
   * @param isOver is there no time left, or was the check interrupted? Asked every now and then; then the answer is not to be used
   */
  async beginOnceLost(of: Discovery, isOver: () => Promise<boolean>): Promise<Int32Array> {
    const { expander, tables } = this
    const { layout } = of.expander.successors
    const inPulse = tables.tuning.judgedPerPulse - 1
    expander.useLayout(layout)
    this.seen = new SeenSet(layout.width)
    const origins = new Ints()
    for (let number = 0; number < of.seen.count; number++) {
      if ((number & inPulse) === inPulse && (await isOver())) break
      this.#lose(of, number)
      if (this.seen.add(expander.successors.records, 0, expander.successors.hashes[0] as number)) origins.push(number)
      expander.successors.count = 0
    }
    return Int32Array.from(origins.data.subarray(0, origins.length))
  }

  /** After `beginOnceLost`: the state here that a state of a search becomes once all is lost. */
  onceLost(of: Discovery, number: number): number {
    const { expander, seen } = this
    this.#lose(of, number)
    expander.successors.count = 0
    return seen.find(expander.successors.records, 0, expander.successors.hashes[0] as number)
  }

  /** After `beginOnceLost`: does a state lead to one that becomes one of these once all is lost? */
  leadsToOnceLost(number: number, these: Uint8Array): boolean {
    for (;;) {
      const answer = this.#anyOnceLost(this.successorsOf(number), these)
      if (answer !== GREW) return answer === 1
      this.expander.successors.count = 0
      this.settle()
    }
  }

  #anyOnceLost(made: number, these: Uint8Array): number {
    const { expander, seen } = this
    for (let i = 0; i < made; i++) {
      expander.successors.count = made
      if (expander.lose(expander.successors.records, i * seen.width) === GREW) return GREW
      if (these[seen.find(expander.successors.records, made * seen.width, expander.successors.hashes[made] as number)] === 1) return 1
    }
    return 0
  }

  /** Adds all that a state leads to, if it is not there; its numbers. */
  addSuccessors(number: number): readonly number[] {
    const { expander, seen } = this
    expander.successors.count = 0
    this.expandOne(number)
    this.flush(-1)
    const made = this.successorsOf(number)
    return Array.from({ length: made }, (_, i) => seen.find(expander.successors.records, i * seen.width, expander.successors.hashes[i] as number))
  }

  /** The state that a state of a search becomes, alone in the batch. Both searches have one layout: each makes its next from the same. */
  #lose(of: Discovery, number: number): void {
    this.expander.successors.count = 0
    while (this.expander.lose(...of.record(number)) === GREW) {
      this.settle()
      of.settle()
    }
  }

  /** The record of state `number`: `[words, at]`. */
  record(number: number): readonly [Int32Array, number] {
    return [this.seen.keys, number * this.seen.width]
  }

  /** Expands a state outside the search proper (for paths, `canAlways`); the successors stand in `expander`. */
  successorsOf(number: number): number {
    const { expander } = this
    for (;;) {
      expander.successors.count = 0
      const [source, at] = this.record(number)
      const made = expander.expand(source, at)
      if (made !== GREW) return made
      expander.successors.count = 0
      this.settle()
    }
  }

  /** Is a state stuck, and when? `MOVES`, `STUCK_ONCE_LOST` or `STUCK`. The batch must be empty. */
  stuckness(number: number): number {
    this.#deadlocks ??= new Deadlocks(this.tables)
    for (;;) {
      const answer = this.#deadlocks.of(...this.record(number), this.expander.successors.layout)
      if (answer !== GREW) return answer
      this.settle()
    }
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
      expander.successors.count = 0
      possible = expander.admit(encoded.components, encoded.bits)
    } while (possible === GREW)
    expander.successors.count = 0
    if (possible === 0) return -1
    if (this.cover !== undefined) {
      for (let k = 0; k < (expander.successors.groups[0] as number); k++) {
        const number = seen.find(expander.successors.records, k * seen.width, expander.successors.hashes[k] as number)
        if (number >= 0) return number
      }
      return -1
    }
    return seen.find(expander.successors.records, 0, expander.successors.hashes[0] as number)
  }

  /** Appends the successors of a state to the batch. The tables may grow meanwhile, and with them the layout: then the batch is settled first. */
  protected expandOne(number: number): number {
    this.lookedAt = number
    const { expander } = this
    for (;;) {
      const before = expander.successors.count
      const made = this.#ample(number)
      if (made !== GREW) {
        this.transitions += this.cover === undefined ? made : groupsIn(expander.successors.groups, before, expander.successors.count)
        if (this.parents !== undefined) this.#noteParents(before, number)
        return made
      }
      expander.successors.count = before
      this.settle()
    }
  }

  /** Appends some steps that may stand for all (reduce/partial-order/partial-order.ts), or all. */
  #ample(number: number): number {
    const { expander, seen } = this
    const { order } = this.reducers
    const source = seen.keys
    const at = number * seen.width
    if (order !== undefined) {
      order.look(expander.successors.unpack(source, at), source, at + expander.successors.layout.bitsWord, expander.successors.layout.bitsWords)
      for (let steps = order.next(); steps !== NONE; steps = order.next()) {
        if (steps === GREW) return GREW
        const before = expander.successors.count
        const made = expander.expandSome(source, at, steps, order)
        if (made === GREW) return GREW
        for (let i = before; i < expander.successors.count; i++) {
          const known = seen.find(expander.successors.records, i * seen.width, expander.successors.hashes[i] as number)
          if (known >= 0 && known <= number) continue
          order.reducedStates++
          return made
        }
        expander.successors.count = before
      }
    }
    return expander.expand(source, at)
  }

  #noteParents(from: number, parent: number): void {
    if (this.expander.successors.count > this.#batchParents.length) this.#batchParents = grown(this.#batchParents, this.expander.successors.count * 2)
    this.#batchParents.fill(parent, from, this.expander.successors.count)
  }

  /** After the tables grew: brings terms and images up to date and, if a value no longer has a place in a record, makes the records roomier. */
  settle(): void {
    this.expander.refresh()
    if (fits(this.expander.successors.layout, this.tables)) return
    if (!this.over) this.flush(-1)
    this.#recent.clear()
    const old = this.expander.successors.layout
    const layout = layoutOf(this.tables, old)
    this.expander.useLayout(layout)
    this.seen.rewrite(layout.width, (source, sourceAt, target, targetAt) => relay(old, layout, source, sourceAt, target, targetAt))
    this.cover?.relaid(layout)
  }

  /** Looks the batch up in the seen set, and adds what is new. */
  protected flush(parent: number): void {
    const { expander, seen } = this
    let n = expander.successors.count
    if (n === 0) return
    if (this.cover !== undefined) {
      this.#flushUncovered(this.cover, parent)
      return
    }
    const { hashes, records } = expander.successors
    if (this.sweep !== undefined) {
      seen.addAll(records, hashes, n)
      expander.successors.count = 0
      return
    }
    n = this.#recent.filter(expander.successors, n, this.parents === undefined ? undefined : this.#batchParents)
    expander.successors.count = 0
    if (n === 0) return
    const added = seen.addAll(records, hashes, n)
    for (let k = 0; k < added; k++) this.parents?.push(parent < 0 ? (this.#batchParents[seen.fresh[k] as number] as number) : parent)
  }

  /**
   * Adds those of the batch that no state covers. Not breadth-first, if one covers its own parent, only that: it can do what the parent can. Not if it
   * is the parent under other names, or all that the parent can do would be put off for ever.
   */
  #flushUncovered(cover: Subsumption, parent: number): void {
    const { expander, seen } = this
    const { width } = seen
    const { count, records, groups, hashes } = expander.successors
    expander.successors.count = 0
    const { noted } = this.options
    const nextLevel = this.levels.at(-1) ?? 0
    let only = -1
    const at = parent * width
    if (parent >= 0)
      for (let i = 0; i < count; i++) if (cover.isAbove(records, i * width, seen.keys, at) && !cover.isAbove(seen.keys, at, records, i * width)) only = i
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
    const { bounds, limits } = this.options
    const depth = this.levels.length - 1
    if (bounds === undefined || depth < 1) return false
    const { records, layout } = this.expander.successors
    for (let k = first; k < first + alternatives; k++)
      if (depth + bounds.of(records, k * layout.width, layout) > limits.depth) {
        this.tooFar++
        return true
      }
    return false
  }

  /** Adds the state with all that its nodes now send at once, if that is more than it has. */
  protected saturateAnew(number: number): void {
    const { expander, seen, tables } = this
    const components = expander.successors.unpack(seen.keys, number * seen.width).slice(0, tables.fixedComponents)
    const bits = expander.successors.bitsOf(seen.keys, number * seen.width)
    while (expander.admit(components, bits) === GREW) this.settle()
    const before = seen.count
    this.#noteParents(0, this.parents?.data[number] as number)
    this.flush(-1)
    for (let i = before; i < seen.count; i++) this.depths?.push(this.depths.data[number] as number)
  }
}

const groupsIn = (groups: Int32Array, from: number, to: number): number => {
  let count = 0
  for (let i = from; i < to; i += groups[i] as number) count++
  return count
}
