import { fits, type Layout, relay } from '../states/layout.ts'
import type { SeenSet } from '../states/seen-set.ts'
import type { Tables } from '../tables/tables.ts'
import { Ints } from '../values/ints.ts'
import type { Subsumption } from './subsumption.ts'

/** From here no violation can be reached. */
const NEVER = 255

/** What a search with subsumption, not breadth-first, notes as it goes: which states cover what the steps of each state lead to, and where something is violated. */
export class NotedSteps {
  /** The states that were expanded, in that order, and where the targets of each begin. */
  readonly states = new Ints()
  readonly begins = new Ints()
  /** What covers the successors; complemented if it covers the state itself, too. */
  readonly targets = new Ints()
  /** States that violate a property, and those that a step leads from that does. */
  readonly violating = new Ints()
  readonly breaking = new Ints()

  /** From now on it is this state that is expanded. */
  expands(state: number): void {
    this.states.push(state)
    this.begins.push(this.targets.length)
  }

  /** A step of it leads to what `target` covers; or `target` covers the state itself, and so can do all that it can: then no other step is noted. */
  leadsTo(target: number, coversItself: boolean): void {
    this.targets.push(coversItself ? ~target : target)
  }

  /** Was something violated? */
  get met(): boolean {
    return this.violating.length + this.breaking.length > 0
  }

  get bytes(): number {
    return [this.states, this.begins, this.targets, this.violating, this.breaking].reduce((sum, { data }) => sum + data.byteLength, 0)
  }

  /** Bytes that it takes for a moment when it grows by so many states and their steps. */
  growthBytes(states: number): number {
    const ahead = (ints: Ints, more: number): number => (ints.length + more > ints.data.length ? 2 * ints.data.byteLength : 0)
    const perState = this.targets.length / Math.max(1, this.states.length)
    return ahead(this.states, states) + ahead(this.begins, states) + ahead(this.targets, states * perState)
  }
}

/**
 * Lower bounds on the steps that a violation still takes. Once some violation is known, the search for a shortest one need not go on from a state that is too far from
 * any: A* (Hart, Nilsson & Raphael 1968), level by level, with distances in a smaller system as the heuristic (pattern databases: Culberson & Schaeffer 1998).
 *
 * The smaller system is what such a search leaves of the protocol: far fewer states, each with as many messages in flight as
 * can be there together with its nodes. Its steps are `t → u` where u covers what a step of t leads to; d(t) is the number of such steps to a
 * violation, found backwards from all violations.
 *
 * Why d(t) is a lower bound for every state s that t covers: let an execution from s violate a property after k steps. By induction on k, d(t) ≤ k.
 * If s violates it, so does t, whose nodes and observers are the same: d(t) = 0. If the first step breaks a step property, t can take the same step: d(t) ≤ 1. Otherwise
 * the step leads to some s', from where it takes k - 1 steps, and there is a u with d(u) ≤ k - 1 that covers s' and that t leads to: what t becomes by the
 * same step covers s' (subsumption.ts), and was covered by u when the search met it. So d(t) ≤ 1 + d(u). Where t was dropped for another that covers it, or was
 * expanded by one step only, to a state that covers t itself, d(t) is that state's distance, which covers s too (and has more than t, so this comes to an
 * end). A step that changes nothing of t, so that none is noted, leads to an s' that t covers, and is saved: d(t) ≤ k - 1.
 *
 * It holds only if t's steps are all there are. So the search must be complete, and its guesses confirmed (check/learning.ts); it
 * must not end at the first violation. But it need not go beyond one: nor does the search that uses the bounds, which ends at the level of the first. That search must
 * use the same reductions, with the same that was learnt. What is not covered, as may be where too many permutations fix the nodes (symmetry/node-forms.ts), has no bound: 0.
 *
 * Only searches with subsumption use it: so no property is about messages in flight, deadlocks, or what stays possible.
 */
export class LowerBounds {
  /** States of the search that it rests on. */
  readonly states: number
  readonly #tables: Tables
  readonly #seen: SeenSet
  readonly #layout: Layout
  readonly #subsumption: Subsumption
  /** For each state the distance; `NEVER`. */
  readonly #distances: Uint8Array
  /** The record that is looked up, in the layout of that search. */
  readonly #record: Int32Array

  /** Of a complete search. Time in proportion to its steps, for each step of distance. */
  constructor(tables: Tables, seen: SeenSet, layout: Layout, cover: Subsumption, noted: NotedSteps) {
    this.states = seen.count
    this.#tables = tables
    this.#seen = seen
    this.#layout = layout
    this.#subsumption = cover
    this.#record = new Int32Array(layout.width)
    this.#distances = distances(seen, cover, noted, tables.tuning.boundsFar)
  }

  get bytes(): number {
    return this.#seen.bytes + this.#subsumption.bytes + this.#distances.byteLength
  }

  /** No execution from the state at `records[at] …` violates anything after fewer steps than these; Infinity if none does at all. */
  boundOf(records: Int32Array, at: number, layout: Layout): number {
    if (!fits(this.#layout, this.#tables)) return 0
    relay(layout, this.#layout, records, at, this.#record.fill(0), 0)
    let bound = 0
    for (let t = this.#subsumption.subsumerOf(this.#record, 0); t >= 0; t = this.#subsumption.subsumerOf(this.#record, 0, t))
      bound = Math.max(bound, this.#distances[t] as number)
    return bound === NEVER ? Infinity : bound
  }
}

const distances = (
  { count, keys, width }: SeenSet,
  subsumption: Subsumption,
  { states, begins, targets, violating, breaking }: NotedSteps,
  far: number,
): Uint8Array => {
  const oneMore = (distance: number): number => (distance >= far ? distance : distance + 1)
  const found = new Uint8Array(count).fill(NEVER)
  const expanded = new Uint8Array(count)
  for (let i = 0; i < states.length; i++) expanded[states.data[i] as number] = 1
  for (let i = 0; i < breaking.length; i++) found[breaking.data[i] as number] = 1
  for (let i = 0; i < violating.length; i++) found[violating.data[i] as number] = 0
  // States that another replaced before they were expanded.
  const replaced = new Ints()
  for (let t = 0; t < count; t++) if (subsumption.isSubsumed(t) && expanded[t] === 0 && found[t] === NEVER) replaced.push(t)
  const by = Int32Array.from(replaced.data.subarray(0, replaced.length), t => subsumption.subsumerOf(keys, t * width))
  begins.push(targets.length)
  for (let changed = true; changed; ) {
    changed = false
    for (let i = 0; i < by.length; i++) {
      const distance = found[by[i] as number] as number
      const t = replaced.data[i] as number
      if (distance < (found[t] as number)) {
        found[t] = distance
        changed = true
      }
    }
    for (let i = states.length - 1; i >= 0; i--) {
      const t = states.data[i] as number
      let least = found[t] as number
      for (let k = begins.data[i] as number; k < (begins.data[i + 1] as number); k++) {
        const target = targets.data[k] as number
        const distance = target < 0 ? (found[~target] as number) : oneMore(found[target] as number)
        if (distance < least) least = distance
      }
      if (least < (found[t] as number)) {
        found[t] = least
        changed = true
      }
    }
  }
  return found
}
