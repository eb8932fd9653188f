import { NONE } from '../reduce/partial-order/partial-order.ts'
import { fits, layoutOf, relay } from '../states/layout.ts'
import { SeenSet } from '../states/seen-set.ts'
import { CompiledLoop } from '../steps/compiled/loop.ts'
import { Expander } from '../steps/expander.ts'
import { Recent } from '../steps/recent.ts'
import { representativesOf } from '../symmetry/representative.ts'
import { GREW } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import type { WalkState } from '../trace/walk.ts'
import { grown, Ints } from '../values/ints.ts'
import type { SearchOptions } from './search-options.ts'
import { Subsumption } from './subsumption.ts'

/**
 * The states that a search has found, and how more are: the successors of a state are appended to a batch (`expand`), looked up together, and added if they are new
 * (`flush`). In which order states are expanded is another matter: breadth-first.ts, one-by-one.ts, simulate.ts.
 */
export class FoundStates {
  readonly tables: Tables
  readonly #options: SearchOptions
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
  /** Where there is no reduction but symmetry: expands many states at once. */
  readonly compiled: CompiledLoop | undefined
  readonly subsumption: Subsumption | undefined
  /** The search has ended: nothing is added any more. */
  isOver = false
  readonly #recent: Recent
  #batchParents = new Int32Array(4_096)

  constructor(tables: Tables, options: SearchOptions) {
    this.tables = tables
    this.#options = options
    const { order, reducers, subsumptionMax } = options
    this.expander = new Expander(tables, reducers, representativesOf(tables, reducers.bisimulation, reducers.subsume))
    this.seen = new SeenSet(this.expander.successors.layout.width, { tuning: tables.tuning })
    this.#recent = new Recent(tables.tuning)
    this.compiled = order === 'breadth' && CompiledLoop.apply(this.expander, reducers) ? new CompiledLoop(this.expander, this.#recent) : undefined
    this.subsumption = reducers.subsume === true ? new Subsumption(tables, this.seen, this.expander.successors.layout, subsumptionMax ?? Infinity) : undefined
    this.parents = order !== 'breadth' ? new Ints() : undefined
    this.depths = order !== 'breadth' ? new Ints() : undefined
  }

  /** What the seen set takes, with all that a counterexample needs. */
  get bytes(): number {
    return this.seen.bytes + (this.parents?.length ?? 0) * 4
  }

  /**
   * Puts the states in which the search begins into the seen set, before all others. Each node may begin in any of its states together with any of the others.
   * @param isOver is there no time left, or was the check interrupted? Asked every now and then; then some are missing
   */
  async begin(isOver: () => Promise<boolean>): Promise<void> {
    const { expander, tables } = this
    const { initialLocals, initialRest, nodeCount, tuning } = tables
    const components = Int32Array.from([...initialLocals.map(locals => locals[0] as number), ...initialRest])
    const chosen = new Int32Array(nodeCount)
    this.settle()
    for (let node = nodeCount; node >= 0; ) {
      let before = expander.successors.count
      const bits = tables.initialBits(components)
      while (bits !== undefined && expander.admit(components, bits, true) === GREW) {
        expander.successors.count = before
        this.settle()
        // Where the records became roomier, those before it are in the seen set by now.
        before = expander.successors.count
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
    if (this.subsumption !== undefined) {
      for (let k = 0; k < (expander.successors.groups[0] as number); k++) {
        const number = seen.find(expander.successors.records, k * seen.width, expander.successors.hashes[k] as number)
        if (number >= 0) return number
      }
      return -1
    }
    return seen.find(expander.successors.records, 0, expander.successors.hashes[0] as number)
  }

  /** Appends the successors of a state to the batch. The tables may grow meanwhile, and with them the layout: then the batch is settled first. */
  expand(number: number): number {
    this.lookedAt = number
    const { expander } = this
    for (;;) {
      const before = expander.successors.count
      const made = this.#ample(number)
      if (made !== GREW) {
        this.transitions += this.subsumption === undefined ? made : groupsIn(expander.successors.groups, before, expander.successors.count)
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
    const { partialOrder } = this.#options.reducers
    const source = seen.keys
    const at = number * seen.width
    if (partialOrder !== undefined) {
      partialOrder.setState(expander.successors.unpack(source, at), source, at + expander.successors.layout.bitsWord, expander.successors.layout.bitsWords)
      for (let steps = partialOrder.next(); steps !== NONE; steps = partialOrder.next()) {
        if (steps === GREW) return GREW
        const before = expander.successors.count
        const made = expander.expandSome(source, at, steps, partialOrder)
        if (made === GREW) return GREW
        for (let i = before; i < expander.successors.count; i++) {
          const known = seen.find(expander.successors.records, i * seen.width, expander.successors.hashes[i] as number)
          if (known >= 0 && known <= number) continue
          partialOrder.reducedStates++
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
    if (!this.isOver) this.flush(-1)
    this.#recent.clear()
    const old = this.expander.successors.layout
    const layout = layoutOf(this.tables, old)
    this.expander.useLayout(layout)
    this.seen.rewrite(layout.width, (source, sourceAt, target, targetAt) => relay(old, layout, source, sourceAt, target, targetAt))
    this.subsumption?.relaid(layout)
  }

  /** Looks the batch up in the seen set, and adds what is new. */
  flush(parent: number): void {
    const { expander, seen } = this
    let n = expander.successors.count
    if (n === 0) return
    if (this.subsumption !== undefined) {
      this.#flushNotSubsumed(this.subsumption, parent)
      return
    }
    const { hashes, records } = expander.successors
    if (this.compiled !== undefined) {
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
  #flushNotSubsumed(subsumption: Subsumption, parent: number): void {
    const { expander, seen } = this
    const { width } = seen
    const { count, records, groups, hashes } = expander.successors
    expander.successors.count = 0
    const { noted } = this.#options
    const nextLevel = this.levels.at(-1) ?? 0
    let only = -1
    const at = parent * width
    if (parent >= 0)
      for (let i = 0; i < count; i++)
        if (subsumption.subsumes(records, i * width, seen.keys, at) && !subsumption.subsumes(seen.keys, at, records, i * width)) only = i
    if (parent >= 0) noted?.expands(parent)
    for (let i = 0; i < count; i += groups[i] as number) {
      const alternatives = groups[i] as number
      if (only >= 0 && (only < i || only >= i + alternatives)) continue
      const by = subsumption.subsumerOfAny(records, i * width, alternatives)
      if (parent >= 0) noted?.leadsTo(by < 0 ? seen.count : by, only >= 0)
      if (by !== -1 || this.#isTooFar(i, alternatives) || !seen.add(records, i * width, hashes[i] as number)) continue
      this.parents?.push(parent < 0 ? (this.#batchParents[i] as number) : parent)
      subsumption.insert(seen.count - 1, nextLevel)
    }
  }

  /** Breadth-first: can no violation be reached from a successor within the depth, as lower bounds say? */
  #isTooFar(first: number, alternatives: number): boolean {
    const { bounds, limits } = this.#options
    const depth = this.levels.length - 1
    if (bounds === undefined || depth < 1) return false
    const { records, layout } = this.expander.successors
    for (let k = first; k < first + alternatives; k++)
      if (depth + bounds.boundOf(records, k * layout.width, layout) > limits.depth) {
        this.tooFar++
        return true
      }
    return false
  }

  /** Adds the state with all that its nodes now send at once, if that is more than it has. */
  saturateAnew(number: number): void {
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
