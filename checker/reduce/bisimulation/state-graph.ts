import type { Tables } from '../../tables/tables.ts'
import { Ints, PairMap } from '../../values/ints.ts'
import type { DeadMessages } from '../dead-messages.ts'

/**
 * The states of nodes that are to be compared (vertices), and which of them lead to which (refinement.ts says by what): facts, so many refinements use the same.
 * Of nodes that symmetry swaps only the first is here.
 */
export class StateGraph {
  /** For each vertex its node, its state, and whether a search was at it; if none was, it lies *beyond*. */
  readonly node = new Ints()
  readonly local = new Ints()
  readonly reached = new Ints()
  /** The list of the actions of each vertex, plus 2; 0 while unknown, 1 if they threw. The same for recoveries. */
  readonly acts = new Ints()
  readonly recoveries = new Ints()
  readonly #tables: Tables
  readonly #dead: DeadMessages
  /** For each state of each node its vertex, plus 1. */
  readonly #vertices: readonly Ints[]
  /** The vertices, and stimuli, whose answers lead to a vertex: linked lists. */
  readonly #firstReader = new Ints()
  readonly #nextReader = new Ints()
  readonly #reader = new Ints()
  readonly #readerStimulus = new Ints()
  readonly #noted = new PairMap(1024)

  constructor(tables: Tables, dead: DeadMessages) {
    this.#tables = tables
    this.#dead = dead
    this.#vertices = tables.locals.map(() => new Ints())
  }

  /** All of it, to go on with elsewhere: what handlers were asked is not asked again. */
  get view(): Int32Array {
    const result = new Ints()
    for (const { data, length } of this.#lists) {
      result.push(length)
      for (let i = 0; i < length; i++) result.push(data[i] as number)
    }
    return result.data.subarray(0, result.length)
  }

  /** For one that is empty. */
  set view(view: Int32Array) {
    let at = 0
    for (const list of this.#lists) {
      const end = at + 1 + (view[at] as number)
      for (at++; at < end; at++) list.push(view[at] as number)
    }
    for (let v = 0; v < this.size; v++) {
      const of = this.#vertices[this.node.data[v] as number] as Ints
      const local = this.local.data[v] as number
      of.reach(local + 1)
      of.data[local] = v + 1
    }
    for (let r = 0; r < this.#reader.length; r++) this.#noted.set(this.#reader.data[r] as number, this.#readerStimulus.data[r] as number, 1)
  }

  get #lists(): readonly Ints[] {
    return [this.node, this.local, this.reached, this.acts, this.recoveries, this.#firstReader, this.#nextReader, this.#reader, this.#readerStimulus]
  }

  /** Vertices. */
  get size(): number {
    return this.node.length
  }

  /** Takes up the states that searches have been at since. */
  sync(): void {
    this.#tables.symmetry.firstAlike.forEach((first, node) => {
      if (first.node === node) for (const local of this.#dead.reached(node)) this.reached.data[this.vertex(node, local)] = 1
    })
  }

  /** The vertex of a state of a node; -1 if it is none. */
  find(node: number, local: number): number {
    const of = this.#vertices[node] as Ints
    return local < of.length ? (of.data[local] as number) - 1 : -1
  }

  /** The vertex of a state of a node; a new one lies beyond. */
  vertex(node: number, local: number): number {
    const known = this.find(node, local)
    if (known >= 0) return known
    const of = this.#vertices[node] as Ints
    of.reach(local + 1)
    const v = this.node.push(node)
    of.data[local] = v + 1
    this.local.push(local)
    this.reached.push(0)
    this.acts.push(0)
    this.recoveries.push(0)
    this.#firstReader.push(-1)
    return v
  }

  /** Is this the first time that what a vertex answers to a stimulus is noted? */
  isFirst(v: number, stimulus: number): boolean {
    if (this.#noted.get(v, stimulus) >= 0) return false
    this.#noted.set(v, stimulus, 1)
    return true
  }

  /** What `v` answers to a stimulus depends on the class of this state of its node. */
  note(local: number, v: number, stimulus: number): void {
    const there = this.vertex(this.node.data[v] as number, local)
    this.#reader.push(v)
    this.#readerStimulus.push(stimulus)
    this.#firstReader.data[there] = this.#nextReader.push(this.#firstReader.data[there] as number)
  }

  /** Visits all whose answers lead to a vertex. */
  eachReader(there: number, visit: (v: number, stimulus: number) => void): void {
    for (let r = this.#firstReader.data[there] as number; r >= 0; r = this.#nextReader.data[r] as number)
      visit(this.#reader.data[r] as number, this.#readerStimulus.data[r] as number)
  }
}
