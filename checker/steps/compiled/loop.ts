import type { Layout } from '../../states/layout.ts'
import { hashSource } from '../../states/seen-set.ts'
import { mayCompile } from '../../symmetry/image-code.ts'
import type { SmallGroup } from '../../symmetry/small-group.ts'
import type { Expander, Reducers } from '../expander.ts'
import type { Recent } from '../recent.ts'
import { StepCache } from './step-cache.ts'
import { CUT, ENTRY_HEAD, StepMasks } from './step-masks.ts'

/**
 * Expands ranges of states by the step masks of their nodes, and appends to the batch those successors that were not looked up just now. One loop does it all, from the record of a
 * state to the filter. It is compiled for the width of the records at hand, with a record in so many variables. So no successor is written to memory that was met a moment ago.
 *
 * With symmetry a successor that is not its own representative is replaced by that before it is looked up. Which are is said by the states of the nodes alone (`SmallGroup.inOrder`).
 */
export class CompiledLoop {
  readonly expander: Expander
  readonly cache: StepCache
  readonly recent: Recent
  /** Steps from the states that were expanded, whether their ends are in the batch or not. */
  transitions = 0
  /** The tables had to learn: settle, and go on. The state to go on with has some of its successors in the batch already: they will be filtered out, or found to be seen. */
  grew = false
  /** The step properties that a step from the last state expanded breaks, as bits. */
  broken = 0
  /** The last state expanded has no step, not even one that the bound cuts off. */
  stuck = false
  #visits = 0
  #layout: Layout | undefined
  #loop: Loop = () => 0

  constructor(expander: Expander, recent: Recent) {
    this.expander = expander
    this.cache = new StepCache(expander)
    this.recent = recent
  }

  /** Expands states `first` up to `end`, as long as the batch has room and there is nothing to tell; returns which state is the next to be expanded. */
  run(source: Int32Array, first: number, end: number): number {
    const { layout } = this.expander.successors
    this.cache.prepare(layout, this.#visits)
    if (layout !== this.#layout) {
      this.#layout = layout
      this.#loop = loopFor(layout, this.expander.smallGroup, this.expander.tables.tuning.batch)
    }
    this.transitions = 0
    this.broken = 0
    this.grew = false
    this.stuck = false
    const next = this.#loop(this, source, first, end, this.recent.slotsFor(layout.width), this.recent.mask)
    this.#visits = next - first
    return next
  }

  /** Whether there is nothing that step masks do not tell of, and code may be made. */
  static apply({ tables, smallGroup }: Expander, { dead, bisimulation, partialOrder, subsume }: Reducers): boolean {
    const symmetric = tables.symmetry.groupSize > 1 && smallGroup === undefined
    return !subsume && !symmetric && (dead ?? bisimulation ?? partialOrder) === undefined && StepMasks.apply(tables) && mayCompile()
  }
}

type Loop = (compiled: CompiledLoop, source: Int32Array, first: number, end: number, known: Int32Array, knownMask: number) => number

const loops = new Map<string, Loop>()

const loopFor = ({ width, word }: Layout, smallGroup: SmallGroup | undefined, batch: number): Loop => {
  const nodes = smallGroup?.rows.nodes ?? []
  const words = Array.from(nodes, node => word[node] as number)
  const key = JSON.stringify([width, words, smallGroup?.inOrder ?? null, batch])
  const known = loops.get(key)
  if (known !== undefined) return known
  const loop = new Function('compiled', 'source', 'first', 'end', 'known', 'knownMask', loopSource(width, words, smallGroup, batch)) as Loop
  loops.set(key, loop)
  return loop
}

/**
 * The loop over states, groups and steps, with each word of a record a variable: `s` of the state, `k` of a key, `v` of a successor. With symmetry most
 * successors are their own representatives, and that is seen without writing them down.
 */
const loopSource = (width: number, words: readonly number[], smallGroup: SmallGroup | undefined, batch: number): string => {
  const each = (text: (w: number) => string, by: string): string => Array.from({ length: width }, (_, w) => text(w)).join(by)
  const colour = (place: number): string => `own${place}[(v${words[place]} >>> shift${place}) & mask${place}]`
  const inOrder = smallGroup?.inOrder.map(([a, b]) => `${colour(a)} < ${colour(b)}`).join(' && ') || 'false'
  const choose = `if (!(${inOrder})) {
        ${each(w => `records[base + ${w}] = v${w}`, '; ')}
        smallGroup.choose(records, base, layout)
        ${each(w => `v${w} = records[base + ${w}]`, '; ')}
      }`
  return `'use strict'
const { expander, cache } = compiled
const { successors, smallGroup } = expander
const { layout } = successors
${words.map((_, p) => `const own${p} = smallGroup.rows.own[${p}], node${p} = smallGroup.rows.nodes[${p}], shift${p} = layout.shift[node${p}], mask${p} = layout.mask[node${p}]`).join('\n')}
const { stepMasks, masks, keys, begins, slots, slotShift, count: groups } = cache
let code = stepMasks.code.data
let lists = cache.lists.data
let { records, hashes, count } = successors
let capacity = hashes.length
let transitions = 0
let number = first
states: for (; number < end && count < ${batch}; number++) {
  const at = number * ${width}
  ${each(w => `const s${w} = source[at + ${w}]`, '; ')}
  let made = 0
  let cut = 0
  let broken = 0
  for (let g = 0; g < groups; g++) {
    ${each(w => `const k${w} = s${w} & masks[g * ${width} + ${w}]`, '; ')}
    const slot = g * slots + (Math.imul(${each(w => `Math.imul(k${w}, ${0x9e3779b1 + 2 * w * 0x1f35})`, ' ^ ')}, 0x85ebca6b) >>> slotShift)
    let i = begins[slot]
    if (i === 0${each(w => ` || keys[slot * ${width} + ${w}] !== k${w}`, '')}) {
      i = cache.make(g, source, at, slot)
      if (i === 0) {
        compiled.grew = true
        break states
      }
      code = stepMasks.code.data
      lists = cache.lists.data
    }
    const stop = lists[i]
    if (count + stop - i > capacity) {
      successors.count = count
      successors.reserve(stop - i)
      records = successors.records
      hashes = successors.hashes
      capacity = hashes.length
    }
    for (i++; i < stop; i++) {
      const e = lists[i]
      const guard = code[e + 1]
      if ((source[at + code[e]] & guard) !== guard) continue
      const kind = code[e + 2]
      if (kind !== 0) {
        if (kind === ${CUT}) {
          cut = 1
          continue
        }
        cache.learn(g, source, at, slot, e)
        compiled.grew = true
        break states
      }
      broken |= code[e + 3]
      ${each(w => `let v${w} = (s${w} ^ code[e + ${ENTRY_HEAD + w}]) | code[e + ${ENTRY_HEAD + width + w}]`, '; ')}
      if (${each(w => `v${w} === s${w}`, ' && ')}) continue
      made++
      const base = count * ${width}
      ${smallGroup === undefined ? '' : choose}
      ${hashSource(Array.from({ length: width }, (_, w) => `v${w}`))}
      const there = (hash & knownMask) * ${width}
      const differs = ${each(w => `(known[there + ${w}] ^ v${w})`, ' | ')}
      ${each(w => `known[there + ${w}] = records[base + ${w}] = v${w}`, '; ')}
      hashes[count] = hash
      count += (differs | -differs) >>> 31
    }
  }
  transitions += made
  if (broken !== 0 || (made === 0 && cut === 0)) {
    compiled.broken = broken
    compiled.stuck = made === 0 && cut === 0
    number++
    break
  }
}
successors.count = count
compiled.transitions = transitions
return number`
}
