import type { Layout } from '../../states/layout.ts'
import { componentAt } from '../../states/layout.ts'
import type { Tuning } from '../../tables/tuning.ts'
import { Ints } from '../../values/ints.ts'
import type { Expander } from '../expander.ts'
import { ENTRY_HEAD, PROGRAM_HEAD, StepMasks, UNKNOWN } from './step-masks.ts'

/** Nodes whose steps are looked up together. */
interface Group {
  readonly nodes: readonly number[]
  /** The key holds the messages to the nodes, so that a list has only the steps that are enabled. Otherwise guards tell. */
  readonly whole: boolean
  /** It was split off a group with too many keys. */
  readonly alone: boolean
  /** Look-ups, and those of them that found nothing, since it was made. */
  visits: number
  misses: number
}

/**
 * The steps that are enabled in a state, by memory: for a group of nodes, their states and the messages to them are the key, and the entries of their programs that are
 * enabled then are the list. With a few nodes to a group a state takes a few look-ups, where each guard of each program would be a branch that no processor can foresee.
 *
 * Which nodes go together is found out while searching: those with few keys are joined, those with many are parted, down to a node by itself whose
 * messages are not part of the key. A step of a node depends on its own state and the messages to it only (see {@link StepMasks.apply}), so a list is right
 * wherever its key occurs.
 */
export class StepCache {
  readonly stepMasks: StepMasks
  readonly #expander: Expander
  readonly #tuning: Tuning
  #layout: Layout | undefined
  #groups: Group[]
  /** Look-ups of each group that are not in its `visits` yet. */
  #visits = 0
  /** How many groups there are. */
  count = 0
  /** What of a record is the key of each group: as many words as a record has. */
  masks: Int32Array = new Int32Array(0)
  /** The bits of a hash that are too many for a slot. */
  slotShift = 0
  /** Slots of each group; direct-mapped. */
  slots = 0
  /** The key in each slot, and where its list begins: 0 if there is none. */
  keys: Int32Array = new Int32Array(0)
  begins: Int32Array = new Int32Array(0)
  /** Where a list ends, then the places of its entries in `stepMasks.code`. */
  readonly lists = new Ints(1_024)

  constructor(expander: Expander) {
    this.#expander = expander
    this.#tuning = expander.tables.tuning
    this.stepMasks = new StepMasks(expander.tables)
    this.#groups = expander.tables.locals.map((_, node) => newGroup([node]))
  }

  /** To be called before each use: takes up a new layout, and groups the nodes better if need be. `visits`: states expanded since the last call. */
  prepare(layout: Layout, visits: number): void {
    const isNew = this.stepMasks.setLayout(layout)
    this.#visits += visits
    const regrouped = this.#visits > this.#tuning.stepCacheTrial && this.#regroup()
    if (!isNew && !regrouped && this.lists.length < this.#tuning.stepCacheListsMax) return
    this.#layout = layout
    this.#forget()
  }

  /** Looks up what is in no slot: where the list begins now; 0 if the tables had to learn. */
  make(g: number, source: Int32Array, at: number, slot: number): number {
    const { stepMasks, lists } = this
    const layout = this.#layout as Layout
    const { width } = layout
    const group = this.#groups[g] as Group
    group.misses++
    const step = ENTRY_HEAD + 2 * width
    const begin = lists.push(0)
    // All that is to be learnt for this key is learnt at once: workers ask another thread.
    let grew = false
    for (const node of group.nodes) {
      const local = componentAt(layout, node, source, at)
      let i = stepMasks.begin(node, local)
      if (i === 0) {
        grew = true
        continue
      }
      const { data: code } = stepMasks.code
      const end = code[i] as number
      for (i += PROGRAM_HEAD; i < end; i += step) {
        const guard = code[i + 1] as number
        if (group.whole && ((source[at + (code[i] as number)] as number) & guard) !== guard) continue
        if (group.whole && code[i + 2] === UNKNOWN) {
          this.#learn(node, local, i)
          grew = true
          continue
        }
        lists.push(i)
      }
    }
    if (grew) return 0
    lists.data[begin] = lists.length
    for (let w = 0; w < width; w++) this.keys[slot * width + w] = (source[at + w] as number) & (this.masks[g * width + w] as number)
    this.begins[slot] = begin
    return begin
  }

  /** An entry was met that is `UNKNOWN`, in a list of a group that is not whole: it will be known. */
  learn(g: number, source: Int32Array, at: number, slot: number, entry: number): void {
    const node = (this.#groups[g] as Group).nodes[0] as number
    this.#learn(node, componentAt(this.#layout as Layout, node, source, at), entry)
    this.begins[slot] = 0
  }

  #learn(node: number, local: number, entry: number): void {
    if (this.#expander.effects.learnDelivery(node, local, this.stepMasks.code.data[entry + 3] as number)) this.stepMasks.forget(node, local)
  }

  /** Parts a group that finds nothing too often, or joins two that have few keys; whether it did. */
  #regroup(): boolean {
    const groups = this.#groups
    const { stepCacheKeysMax: keysMax, stepCacheTrial: trial } = this.#tuning
    for (const group of groups) group.visits += this.#visits
    this.#visits = 0
    const bad = groups.find(({ whole, misses, visits }) => whole && misses > keysMax && misses * 4 > visits)
    if (bad !== undefined) {
      const parts = bad.nodes.length > 1 ? bad.nodes.map(node => newGroup([node], true, true)) : [newGroup(bad.nodes, false, true)]
      this.#groups = groups.flatMap(group => (group === bad ? parts : [group]))
      return true
    }
    const few = groups.filter(({ alone, visits, misses }) => !alone && visits > trial && misses * 64 < visits).sort((a, b) => a.misses - b.misses)
    const [a, b] = few
    if (a === undefined || b === undefined || a.misses * b.misses > keysMax) return false
    this.#groups = [newGroup([...a.nodes, ...b.nodes].sort((x, y) => x - y)), ...groups.filter(group => group !== a && group !== b)]
    return true
  }

  #forget(): void {
    const { width, word, shift, mask, bitsWord } = this.#layout as Layout
    const { bits, packets } = this.#expander.tables
    const groups = this.#groups
    const slotBits = 31 - Math.clz32(this.#tuning.stepCacheWords / (width + 1))
    this.slots = 1 << slotBits
    this.slotShift = 32 - slotBits
    this.count = groups.length
    this.masks = new Int32Array(groups.length * width)
    this.keys = new Int32Array(groups.length * this.slots * width)
    this.begins = new Int32Array(groups.length * this.slots)
    this.lists.length = 0
    this.lists.push(0)
    const add = (g: number, w: number, ones: number): void => {
      this.masks[g * width + w] = (this.masks[g * width + w] as number) | ones
    }
    for (const [g, { nodes, whole }] of groups.entries()) {
      for (const node of nodes) add(g, word[node] as number, (mask[node] as number) << (shift[node] as number))
      if (!whole) continue
      for (let bit = 0; bit < bits.size; bit++)
        if (nodes.includes(packets.to.data[bits.packet.data[bit] as number] as number)) add(g, bitsWord + (bit >>> 5), 1 << (bit & 31))
    }
  }
}

const newGroup = (nodes: readonly number[], whole = true, alone = false): Group => ({ nodes, whole, alone, visits: 0, misses: 0 })
