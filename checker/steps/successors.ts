import type { PartialOrder } from '../reduce/partial-order/partial-order.ts'
import { componentAt, type Layout, layoutOf } from '../states/layout.ts'
import { hashKey } from '../states/seen-set.ts'
import type { NodeForms } from '../symmetry/node-forms.ts'
import type { Representatives } from '../symmetry/representative.ts'
import { SmallGroup } from '../symmetry/small-group.ts'
import { type StepDeadMessages, type StepTables, TAKEN, type TermRows } from '../tables/step-tables.ts'
import { lowestBit } from '../values/bits.ts'
import { grown, type Ints } from '../values/ints.ts'
import { IdleMessages } from './idle-messages.ts'

/** The reductions that change what successors are; see `reduce/`. */
export interface Reducers {
  readonly order?: PartialOrder | undefined
  readonly dead: StepDeadMessages | undefined
  /** The state that stands for each state of each node, if not itself (bisimulation). */
  readonly alike: { readonly representatives: readonly Int32Array[] } | undefined
  /** States are to be compared with those that have more messages in flight; see search/subsumption.ts. */
  readonly subsume?: boolean
  /** Steps that only send are taken at once; see `Successors.#saturate`. Only where subsumption is sound, for `fair-loss`, and not breadth-first. */
  readonly saturate?: boolean
}

/** What `expand` answers when the tables lacked something: they have it now; call `refresh` and expand again. */
export const TABLES_GREW = -1

/**
 * Successors of a state, one built after the other: a copy of the state (`open`), changed by what a step does (`setComponent`, `drop`, `send`, `emit`), and taken to what it is kept as
 * (`finish`). Each is a whole record in `records`, with symmetry that of the representative of its orbit, with the hash of its key in `hashes`.
 */
export abstract class Successors {
  readonly tables: StepTables
  layout: Layout
  /** Whole states are keys; otherwise 64-bit fingerprints are. */
  readonly exact: boolean
  /** The successors. */
  records: Int32Array
  hashes: Int32Array
  /** Their fingerprints, two words each, when not exact. */
  fingerprints: Int32Array
  count = 0
  /** Step properties that the steps generated since `expand` began break, as bits. */
  broken = 0
  /** Whether the bound of the model cut off a step. */
  cut = false
  /** With subsumption: how many records from this one on are images of one successor; see `#finishCovered`. */
  groups: Int32Array
  /** With symmetry: what chooses representatives. */
  readonly #orbits: Representatives['orbits']
  /** The same, if the group is listed. */
  readonly listed: SmallGroup | undefined
  readonly #naming: Representatives
  /** For fingerprints: the terms of states as they are. */
  readonly #terms: TermRows | undefined
  /** The same, if what a step makes of a state is not replaced: then sums are updated step by step. */
  protected readonly running: TermRows | undefined
  protected readonly dead: Reducers['dead']
  readonly #alike: Reducers['alike']
  /** With subsumption and a listed group: orbits are told by nodes alone, so that one state may be compared with others that have more messages. */
  readonly #covered: SmallGroup | undefined
  /** The same for a group that is not listed. */
  readonly #forms: Representatives['forms']
  protected readonly saturates: boolean
  /** Messages whose deliveries to the state that is being built were looked at, as bits. */
  #looked = new Int32Array(0)
  /** With saturation: messages that make a node in some state not send and stay as it is. */
  readonly #mute: IdleMessages | undefined
  /** The states of the nodes of the state that is being built. */
  readonly #locals: Int32Array
  /** The record that is expanded; none while a state is admitted. */
  protected source: Int32Array | undefined
  protected sourceAt = 0
  readonly #base: Int32Array
  readonly #sums: Int32Array
  /** The value of each component of the state that is expanded. */
  protected values: Int32Array
  #capacity: number
  /** Messages in each channel of the successor that is being built, by sender and receiver; see `overflows`. */
  readonly #channels: Int32Array

  constructor(tables: StepTables, exact: boolean, { dead, alike, subsume = false, saturate = false }: Reducers, naming: Representatives) {
    this.tables = tables
    this.dead = dead
    this.#alike = alike
    this.exact = exact
    this.#naming = naming
    this.#orbits = naming.orbits
    this.listed = this.#orbits instanceof SmallGroup ? this.#orbits : undefined
    this.#covered = subsume ? this.listed : undefined
    this.#forms = naming.forms
    this.saturates = saturate
    this.#mute = saturate ? new IdleMessages(tables.nodeCount, tables.tuning.passedSlots) : undefined
    this.#locals = new Int32Array(tables.nodeCount)
    this.#channels = new Int32Array(tables.system.flightBound === undefined ? 0 : tables.nodeCount ** 2)
    this.#terms = naming.terms
    this.running = naming.orbits === undefined ? naming.terms : undefined
    this.#base = new Int32Array(this.running?.lanes ?? 0)
    this.#sums = new Int32Array(this.running?.lanes ?? 0)
    naming.sync(false)
    this.layout = layoutOf(tables)
    dead?.place()
    const room = tables.tuning.batchRoom
    this.#capacity = room
    this.records = new Int32Array(room * this.layout.width)
    this.hashes = new Int32Array(room)
    this.groups = new Int32Array(room)
    this.fingerprints = new Int32Array(exact ? 0 : room * 2)
    this.values = new Int32Array(this.layout.components)
    this.#pass(this.layout)
  }

  /** The words of a key. */
  get keyWidth(): number {
    return this.exact ? this.layout.width : 2
  }

  /** Brings terms, colours and images up to what the tables hold; if `closed`, the tables hold the images of all that they hold, too. */
  refresh(closed = false): void {
    this.#naming.sync(closed)
    this.dead?.place()
  }

  /** Takes up a new layout; successors generated so far are dropped. */
  useLayout(layout: Layout): void {
    this.layout = layout
    this.count = 0
    this.records = new Int32Array(this.#capacity * layout.width)
    this.values = new Int32Array(layout.components)
    this.#pass(layout)
  }

  #pass({ bitsWords }: Layout): void {
    this.#mute?.use(bitsWords)
    this.#looked = new Int32Array(bitsWords)
  }

  /**
   * Appends the state with these components and messages (bits) in flight, as if it were a successor: 1, or `TABLES_GREW`; or 0 if it is none that
   * the search could have met, since it has messages that were never in flight there.
   * @param learn it is where the search begins, so they are in flight there from now on
   */
  admit(components: ArrayLike<number>, bits: readonly number[], learn = false): number {
    const { layout } = this
    const zero = new Int32Array(layout.width)
    for (let c = 0; c < layout.components; c++) {
      const w = layout.word[c] as number
      const value = (components[c] ?? 0) as number
      zero[w] = (zero[w] as number) | ((c < this.tables.nodeCount ? this.representative(c, value) : value) << (layout.shift[c] as number))
    }
    for (const bit of bits) {
      if (this.#isCopyOfDead(bit, components)) continue
      const w = layout.bitsWord + (bit >>> 5)
      zero[w] = (zero[w] as number) | (1 << (bit & 31))
    }
    this.unpack(zero, 0)
    if (this.running !== undefined) this.sumUp(zero, 0)
    this.open(zero, 0)
    for (let node = 0; node < this.tables.nodeCount; node++)
      if (!this.drop(node, this.representative(node, components[node] as number), learn)) return learn ? TABLES_GREW : 0
    this.source = undefined
    return this.finish() ? 1 : TABLES_GREW
  }

  /** A further copy of a dead message, which the search never made, since it dropped the first. */
  #isCopyOfDead(bit: number, components: ArrayLike<number>): boolean {
    const dead = this.dead
    const { bits, packets } = this.tables
    if (dead === undefined || bits.copy.data[bit] === 0) return false
    dead.place()
    const packet = bits.packet.data[bit] as number
    const node = packets.to.data[packet] as number
    const first = bits.of(packet)
    const at = this.representative(node, components[node] as number) * dead.words + (first >>> 5)
    const isIn = (rows: readonly Int32Array[]): boolean => ((((rows[node] as Int32Array)[at] as number) >>> (first & 31)) & 1) === 1
    return isIn(dead.carried) && !isIn(dead.alive)
  }

  /** A further copy of a message that is carried: if both were sent in one step, only the first is noted before the next. */
  #isFurtherCopy(bit: number, carried: Int32Array, row: number): boolean {
    const { bits } = this.tables
    const first = bits.of(bits.packet.data[bit] as number)
    return first !== bit && (((carried[row + (first >>> 5)] as number) >>> (first & 31)) & 1) === 1
  }

  /** The components of the state at `source[at] …`. */
  components(source: Int32Array, at: number): Int32Array {
    this.unpack(source, at)
    return this.values
  }

  /** The bits of the messages in flight. */
  bitsOf(source: Int32Array, at: number): number[] {
    const result: number[] = []
    for (let w = 0; w < this.layout.bitsWords; w++)
      for (let bits = source[at + this.layout.bitsWord + w] as number; bits !== 0; bits &= bits - 1) result.push(w * 32 + lowestBit(bits))
    return result
  }

  /** The packets in flight, whatever the network. */
  packetsOf(source: Int32Array, at: number): number[] {
    const { tables } = this
    if (!tables.fifo) return this.bitsOf(source, at).map(bit => tables.bits.packet.data[bit] as number)
    const components = this.components(source, at)
    return tables.queues.flatMap(({ head, rest }, channel) => {
      const packets: number[] = []
      for (let queue = components[tables.fixedComponents + channel] as number; queue !== 0; queue = rest.data[queue] as number)
        packets.push(head.data[queue] as number)
      return packets
    })
  }

  /** What the tables know of a delivery: 0 nothing, 1 that it changes nothing, more its list of outcomes plus 1, with `TAKEN` if the search has taken it. */
  protected cellOf(node: number, local: number, packet: number): number {
    const { strides, cells, packets } = this.tables
    const stride = strides[node] as number
    const place = packets.column.data[packet] as number
    const row = cells[node] as Int32Array
    const index = local * stride + place
    return place < stride && index < row.length ? (row[index] as number) : 0
  }

  /** The actions of a node in a state where they are taken for the first time. */
  protected firstActions(node: number, local: number): void {
    const list = this.tables.act(node, local)
    this.dead?.edges(node, local, list)
  }

  protected unpack(source: Int32Array, at: number): void {
    const { layout, values } = this
    for (let c = 0; c < layout.components; c++) values[c] = componentAt(layout, c, source, at)
  }

  /** A delivery that the search has not taken before; true if the tables know it now. */
  take(node: number, local: number, packet: number): boolean {
    if (this.dead !== undefined) {
      this.dead.deliver(node, local, packet)
      return true
    }
    if (this.tables.deliver(node, local, packet) < 0) return false
    this.tables.take(node, local, packet)
    return true
  }

  /** Drops the messages to a node that are dead in its state; false if something had to be learnt first (`learn`), or would have. */
  protected drop(node: number, local: number, learn = true): boolean {
    const dead = this.dead
    if (dead === undefined) return true
    const { layout, records } = this
    const base = this.count * layout.width + layout.bitsWord
    const inbox = dead.inbox[node] as Int32Array
    const carried = dead.carried[node] as Int32Array
    const alive = dead.alive[node] as Int32Array
    const row = local * dead.words
    if (row + dead.words > carried.length) {
      dead.place()
      return false
    }
    for (let w = 0; w < layout.bitsWords; w++) {
      const here = (records[base + w] as number) & (inbox[w] as number)
      if (here === 0) continue
      const unknown = here & ~(carried[row + w] as number)
      if (unknown !== 0) {
        if (learn) dead.carry(bitsOfWord(unknown, w).map(bit => [node, local, bit]))
        if (learn || !bitsOfWord(unknown, w).every(bit => this.#isFurtherCopy(bit, carried, row))) return false
      }
      const drop = here & (carried[row + w] as number) & ~(alive[row + w] as number)
      if (drop === 0) continue
      records[base + w] = (records[base + w] as number) & ~drop
      if (this.running !== undefined) for (let bits = drop; bits !== 0; bits &= bits - 1) this.#addBit(w * 32 + lowestBit(bits), -1)
    }
    return true
  }

  /** Is a message that is being sent dead on arrival? 1 yes, 0 no, -1 if that had to be learnt first. */
  #deadOnArrival(dead: StepDeadMessages, packet: number, bit: number): number {
    const node = this.tables.packets.to.data[packet] as number
    const { layout } = this
    const local = componentAt(layout, node, this.records, this.count * layout.width)
    const place = local * dead.words + (bit >>> 5)
    const carried = dead.carried[node] as Int32Array
    if (bit >>> 5 >= dead.words || place >= carried.length || (((carried[place] as number) >>> (bit & 31)) & 1) === 0) {
      dead.carry([[node, local, bit]])
      return -1
    }
    return (((dead.alive[node] as Int32Array)[place] as number) >>> (bit & 31)) & 1 ? 0 : 1
  }

  // The successor that is being built: `records` at `count`, its fingerprint, where that is updated, in `#sums`.

  protected open(source: Int32Array, at: number): void {
    if (this.count === this.#capacity) this.#grow()
    const { width } = this.layout
    const base = this.count * width
    const { records } = this
    for (let w = 0; w < width; w++) records[base + w] = source[at + w] as number
    const sums = this.#sums
    const from = this.#base
    for (let lane = 0; lane < sums.length; lane++) sums[lane] = from[lane] as number
  }

  protected representative(node: number, local: number): number {
    if (this.#alike === undefined) return local
    const known = this.#alike.representatives[node] as Int32Array
    return local < known.length ? (known[local] as number) : local
  }

  protected setComponent(component: number, value: number): void {
    const { word, shift, mask, width } = this.layout
    const index = this.count * width + (word[component] as number)
    const by = shift[component] as number
    const field = mask[component] as number
    const old = this.records[index] as number
    this.records[index] = (old & ~(field << by)) | (value << by)
    const terms = this.running
    if (terms === undefined) return
    const before = (old >>> by) & field
    const { lanes } = terms
    const rows = (terms.components[component] as Ints).data
    const sums = this.#sums
    for (let lane = 0; lane < lanes; lane++)
      sums[lane] = ((sums[lane] as number) + (rows[value * lanes + lane] as number) - (rows[before * lanes + lane] as number)) | 0
  }

  protected hasBit(source: Int32Array, at: number, bit: number): boolean {
    return (((source[at + this.layout.bitsWord + (bit >>> 5)] as number) >>> (bit & 31)) & 1) === 1
  }

  protected setBit(bit: number): void {
    const index = this.count * this.layout.width + this.layout.bitsWord + (bit >>> 5)
    this.records[index] = (this.records[index] as number) | (1 << (bit & 31))
    this.#addBit(bit, 1)
  }

  protected clearBit(bit: number): void {
    const index = this.count * this.layout.width + this.layout.bitsWord + (bit >>> 5)
    this.records[index] = (this.records[index] as number) & ~(1 << (bit & 31))
    this.#addBit(bit, -1)
  }

  #addBit(bit: number, sign: number): void {
    const terms = this.running
    if (terms === undefined) return
    const { lanes } = terms
    const rows = terms.bits.data
    const sums = this.#sums
    for (let lane = 0; lane < lanes; lane++) sums[lane] = ((sums[lane] as number) + sign * (rows[bit * lanes + lane] as number)) | 0
  }

  protected send(list: number): boolean {
    if (list === 0) return true
    const { tables, layout } = this
    const { start, data } = tables.sends
    const end = start.data[list + 1] as number
    for (let i = start.data[list] as number; i < end; i++) {
      const packet = data.data[i] as number
      if (tables.fifo) {
        const channel = tables.channel.data[packet] as number
        const component = tables.fixedComponents + channel
        if (component >= layout.components) return false
        const queue = componentAt(layout, component, this.records, this.count * layout.width)
        const queues = tables.queues[channel] as (typeof tables.queues)[number]
        const longer = queues.pushed(queue, packet)
        if (longer < 0) {
          tables.push(channel, queue, packet)
          return false
        }
        this.setComponent(component, longer)
        continue
      }
      let bit = tables.bits.first.data[packet] as number
      const base = this.count * layout.width
      // What is in flight is carried there already, and not dead.
      if (tables.fairLoss && this.hasBit(this.records, base, bit)) continue
      if (this.dead !== undefined) {
        const dead = this.#deadOnArrival(this.dead, packet, bit)
        if (dead < 0) return false
        if (dead === 1) continue
      }
      while (!tables.fairLoss && this.hasBit(this.records, base, bit)) {
        const next = tables.bits.next.data[bit] as number
        if (next < 0) {
          tables.copy(bit)
          return false
        }
        bit = next
      }
      this.setBit(bit)
    }
    return true
  }

  protected emit(list: number): boolean {
    if (list === 0) return true
    const { tables } = this
    for (let o = 0; o < tables.observerNames.length; o++) {
      const component = tables.nodeCount + o
      const state = this.values[component] as number
      const next = tables.observations[o]?.get(state, list) as number
      if (next < 0) {
        tables.observe(o, state, list)
        return false
      }
      this.setComponent(component, next)
    }
    return true
  }

  /** Are more messages in flight in the successor than the bound of the model allows? Then the step is cut off. */
  protected overflows(): boolean {
    const { flightBound } = this.tables.system
    if (flightBound === undefined) return false
    const { channel, total } = flightBound
    if (!(this.tables.fifo ? this.#queuesOverflow(channel, total) : this.#bitsOverflow(channel, total))) return false
    this.cut = true
    return true
  }

  #queuesOverflow(channelMax: number, totalMax: number): boolean {
    const { tables, layout } = this
    const base = this.count * layout.width
    let total = 0
    for (let c = tables.fixedComponents; c < layout.components; c++) {
      const length = tables.queues[c - tables.fixedComponents]?.lengths.data[this.#built(base, c)] as number
      total += length
      if (length > channelMax) return true
    }
    return total > totalMax
  }

  #bitsOverflow(channelMax: number, totalMax: number): boolean {
    const { tables, layout, records } = this
    const base = this.count * layout.width + layout.bitsWord
    const packetOf = tables.bits.packet.data
    const { from, to } = tables.packets
    const channels = this.#channels.fill(0)
    let total = 0
    for (let w = 0; w < layout.bitsWords; w++)
      for (let bits = records[base + w] as number; bits !== 0; bits &= bits - 1) {
        const packet = packetOf[w * 32 + lowestBit(bits)] as number
        const channel = (from.data[packet] as number) * tables.nodeCount + (to.data[packet] as number)
        channels[channel] = (channels[channel] as number) + 1
        total++
        if ((channels[channel] as number) > channelMax) return true
      }
    return total > totalMax
  }

  protected unchanged(source: Int32Array, at: number): boolean {
    const { width } = this.layout
    const base = this.count * width
    for (let w = 0; w < width; w++) if (this.records[base + w] !== source[at + w]) return false
    return true
  }

  /**
   * Takes all steps that change no node, emit nothing and break nothing, but only send, until those that are left send nothing new. What comes of it
   * covers the state (search/subsumption.ts), so under `fair-loss`, where no message is used up, the state itself need not be kept. A state that is expanded is
   * saturated already: so only nodes that have changed, and messages that are new, are looked at. False if the tables grew.
   */
  #saturate(base: number): boolean {
    const { tables, layout, records } = this
    const { outcomes } = tables
    const { bitsWord, bitsWords } = layout
    const source = this.source
    const from = this.sourceAt + bitsWord
    const mute = this.#mute as IdleMessages
    const locals = this.#locals
    const looked = this.#looked.fill(0)
    if (source !== undefined && this.dead !== undefined) for (let w = 0; w < bitsWords; w++) looked[w] = source[from + w] as number
    for (let node = 0; node < tables.nodeCount; node++) {
      const local = this.#built(base, node)
      locals[node] = local
      if (source !== undefined && local === this.values[node]) continue
      const inbox = this.dead?.inbox[node] as Int32Array
      const row = mute.rowOf(node, local)
      if (this.dead !== undefined)
        for (let w = 0; w < bitsWords; w++) looked[w] = ((looked[w] as number) & ~(inbox[w] as number)) | (mute.rows[row + w] as number)
      const acts = tables.acts[node] as Ints
      const cell = local < acts.length ? (acts.data[local] as number) : 0
      if (cell === 0) {
        this.firstActions(node, local)
        return false
      }
      if (cell !== 1 && this.#sendOnly(node, local, outcomes.start.data[cell - 1] as number, outcomes.start.data[cell] as number) < 0) return false
    }
    for (let isNew = true; isNew; ) {
      isNew = false
      for (let w = 0; w < bitsWords; w++) {
        const bits = (records[base + bitsWord + w] as number) & ~(looked[w] as number)
        if (bits === 0) continue
        isNew = true
        looked[w] = (looked[w] as number) | bits
        for (let rest = bits; rest !== 0; rest &= rest - 1) {
          const low = rest & -rest
          const bit = w * 32 + lowestBit(low)
          const packet = tables.bits.packet.data[bit] as number
          const node = tables.packets.to.data[packet] as number
          const local = locals[node] as number
          const muteRow = mute.rowOf(node, local)
          if (((mute.rows[muteRow + w] as number) & low) !== 0) continue
          const cell = this.cellOf(node, local, packet)
          if (cell !== 1 && cell < TAKEN) {
            this.take(node, local, packet)
            return false
          }
          const list = cell - TAKEN
          const sent = cell === 1 ? 0 : this.#sendOnly(node, local, outcomes.start.data[list - 1] as number, outcomes.start.data[list] as number)
          if (sent < 0) return false
          if (sent === 0) mute.note(muteRow, bit)
        }
      }
    }
    return true
  }

  /** Takes those of some outcomes at a node that only send; how many, or `TABLES_GREW`. */
  #sendOnly(node: number, local: number, first: number, end: number): number {
    const { to, sends, emits, broken } = this.tables.outcomes
    let count = 0
    for (let o = first; o < end; o++) {
      if (sends.data[o] === 0 || emits.data[o] !== 0 || broken.data[o] !== 0 || this.representative(node, to.data[o] as number) !== local) continue
      if (!this.send(sends.data[o] as number)) return TABLES_GREW
      count++
    }
    return count
  }

  /** A component of the state that is being built. */
  #built(base: number, component: number): number {
    return componentAt(this.layout, component, this.records, base)
  }

  /**
   * Takes the successor to the representative of its orbit, hashes its key, and counts it. False if the tables grew.
   * @param result how its nodes compare (`SmallGroup.compareStep`), if that is known
   */
  protected finish(result = -1): boolean {
    const { width } = this.layout
    const base = this.count * width
    if (this.saturates && !this.#saturate(base)) return false
    if (this.#covered !== undefined) return this.#finishCovered(this.#covered, base, result)
    if (this.#forms !== undefined) {
      const images = this.#finishInForm(this.#forms, base)
      if (images !== 0) return images > 0
    }
    if (result >= 0) this.listed?.chooseBy(result, this.records, base, this.layout)
    else if (this.#orbits !== undefined && !this.#orbits.choose(this.records, base, this.layout)) return false
    this.groups[this.count] = 1
    if (this.#terms === undefined) this.hashes[this.count++] = hashKey(this.records, base, width)
    else if (this.running !== undefined) this.#print(this.#sums[0] as number, this.#sums[1] as number)
    else this.#printOf(this.#terms, base)
    return true
  }

  /** The successor's fingerprint, added up afresh: the representative that was chosen is another state than the one whose sums were updated. */
  #printOf(terms: TermRows, base: number): void {
    const { records, layout } = this
    const { components, bitsWord, bitsWords } = layout
    let high = 0
    let low = 0
    for (let c = 0; c < components; c++) {
      const value = componentAt(layout, c, records, base)
      const rows = (terms.components[c] as Ints).data
      high = (high + (rows[2 * value] as number)) | 0
      low = (low + (rows[2 * value + 1] as number)) | 0
    }
    const rows = terms.bits.data
    for (let w = 0; w < bitsWords; w++)
      for (let bits = records[base + bitsWord + w] as number; bits !== 0; bits &= bits - 1) {
        const bit = w * 32 + lowestBit(bits)
        high = (high + (rows[2 * bit] as number)) | 0
        low = (low + (rows[2 * bit + 1] as number)) | 0
      }
    this.#print(high, low)
  }

  #print(high: number, low: number): void {
    this.fingerprints[2 * this.count] = high
    this.fingerprints[2 * this.count + 1] = low
    this.hashes[this.count] = hashKey(this.fingerprints, 2 * this.count, 2)
    this.count++
  }

  /**
   * Appends the images of the successor under all permutations that its nodes do not tell from one another: a state may cover any of them, and one is
   * enough. They follow one another; `groups` has their number at the first.
   */
  #finishCovered(listed: SmallGroup, base: number, result: number): boolean {
    const { layout } = this
    const { width } = layout
    const ties = listed.ties(result < 0 ? listed.compare(this.records, base, layout) : result, this.records, base, layout)
    this.reserve(ties)
    const { records } = this
    for (let k = 1; k < ties; k++) records.copyWithin(base + k * width, base, base + width)
    this.groups[this.count] = ties
    for (let k = 0; k < ties; k++) {
      const at = base + k * width
      listed.replace(records, at, layout, listed.tied[k] as number)
      this.hashes[this.count++] = hashKey(records, at, width)
    }
    return true
  }

  /** The same for a group that is not listed: how many images were appended; none if there are too many; or `TABLES_GREW`. */
  #finishInForm(forms: NodeForms, base: number): number {
    const { layout } = this
    const { width } = layout
    const ties = forms.look(this.records, base, layout)
    if (ties <= 0) return ties
    this.reserve(ties)
    const { records, hashes } = this
    const first = this.count
    // The last one takes the place of the state itself.
    for (let k = ties - 1; k >= 0; k--) {
      const at = base + k * width
      if (!forms.write(k, records, base, at)) return TABLES_GREW
      hashes[first + k] = hashKey(records, at, width)
    }
    this.groups[first] = ties
    this.count += ties
    return ties
  }

  protected sumUp(source: Int32Array, at: number): void {
    const terms = this.running as TermRows
    const { lanes } = terms
    const base = this.#base.fill(0)
    for (let c = 0; c < this.layout.components; c++) {
      const rows = (terms.components[c] as Ints).data
      const row = (this.values[c] as number) * lanes
      for (let lane = 0; lane < lanes; lane++) base[lane] = ((base[lane] as number) + (rows[row + lane] as number)) | 0
    }
    const rows = terms.bits.data
    for (let w = 0; w < this.layout.bitsWords; w++)
      for (let bits = source[at + this.layout.bitsWord + w] as number; bits !== 0; bits &= bits - 1) {
        const row = (w * 32 + lowestBit(bits)) * lanes
        for (let lane = 0; lane < lanes; lane++) base[lane] = ((base[lane] as number) + (rows[row + lane] as number)) | 0
      }
  }

  /** Makes room for `n` successors more. */
  reserve(n: number): void {
    while (this.count + n > this.#capacity) this.#grow()
  }

  #grow(): void {
    this.#capacity *= 2
    this.records = grown(this.records, this.#capacity * this.layout.width)
    this.hashes = grown(this.hashes, this.#capacity)
    this.groups = grown(this.groups, this.#capacity)
    if (!this.exact) this.fingerprints = grown(this.fingerprints, this.#capacity * 2)
  }
}

const bitsOfWord = (word: number, w: number): number[] => {
  const result: number[] = []
  for (let bits = word; bits !== 0; bits &= bits - 1) result.push(w * 32 + lowestBit(bits))
  return result
}
