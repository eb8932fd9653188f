import type { PartialOrder } from '../reduce/partial-order/partial-order.ts'
import type { Layout } from '../states/layout.ts'
import type { Representatives } from '../symmetry/representative.ts'
import { CUT } from '../tables/changes.ts'
import { type StepTables, TAKEN } from '../tables/step-tables.ts'
import { hasBit, lowestBit } from '../values/bits.ts'
import type { Ints } from '../values/ints.ts'
import { IdleMessages } from './idle-messages.ts'
import { type Reducers, Successors, TABLES_GREW } from './successors.ts'

/** The steps that lead from a state: integers in, integers out. The successors stand in `records`. */
export class Expander extends Successors {
  /** `fair-loss`: messages of which a node in some state makes no other state of the system. */
  readonly #idle: IdleMessages | undefined
  /** The rows in `#idle` of the states of the nodes. */
  readonly #idleRows: Int32Array
  /** Deliveries that are left to expand, as bits. */
  #active = new Int32Array(0)
  /** While only some steps are expanded: who says whether a step is visible, and whether one was. */
  #watch: PartialOrder | undefined
  #visible = false
  /** The step properties that the last effect of a global step breaks, as bits. */
  #breaks = 0
  /** A state with nothing in flight: of its words only those before the messages are ever written. */
  #silent = new Int32Array(0)

  constructor(tables: StepTables, exact: boolean, reducers: Reducers, naming: Representatives) {
    super(tables, exact, reducers, naming)
    this.#idle = tables.fairLoss ? new IdleMessages(tables.nodeCount, tables.tuning.passedSlots) : undefined
    this.#idleRows = new Int32Array(tables.nodeCount)
    this.#use(this.layout)
  }

  override useLayout(layout: Layout): void {
    super.useLayout(layout)
    this.#use(layout)
  }

  #use({ width, bitsWords }: Layout): void {
    this.#idle?.use(bitsWords)
    this.#active = new Int32Array(bitsWords)
    this.#silent = new Int32Array(width)
  }

  /** Appends all successors of the state at `source[at] …`; their number, or `TABLES_GREW`. */
  expand(source: Int32Array, at: number): number {
    const { tables } = this
    const start = this.count
    this.broken = 0
    this.cut = false
    this.unpack(source, at)
    this.listed?.look(this.values)
    if (this.running !== undefined) this.sumUp(source, at)
    this.source = source
    this.sourceAt = at
    for (let node = 0; node < tables.nodeCount; node++) if (this.#actions(source, at, node)) return TABLES_GREW
    const grew = tables.fifo
      ? this.#fifoDeliveries(source, at, -1, -1)
      : this.#idle !== undefined
        ? this.#lastingDeliveries(this.#idle, source, at)
        : this.#bitDeliveries(source, at, -1, -1)
    if (grew || (tables.globalNames.length > 0 && this.#globalSteps(source, at)) || (tables.system.faults.length > 0 && this.#faults(source, at)))
      return TABLES_GREW
    return this.count - start
  }

  /**
   * Appends the successors by some steps only (numbered as in reduce/partial-order/partial-order.ts), if those are all invisible; their number, 0 if they are not (then none is
   * appended), or `TABLES_GREW`.
   */
  expandSome(source: Int32Array, at: number, steps: number, order: PartialOrder): number {
    const start = this.count
    this.broken = 0
    this.cut = false
    this.unpack(source, at)
    this.listed?.look(this.values)
    if (this.running !== undefined) this.sumUp(source, at)
    this.#watch = order
    this.#visible = false
    const { nodeCount, fifo } = this.tables
    const node = steps < nodeCount ? steps : -1
    const delivery = steps - 2 * nodeCount
    const grew =
      (delivery < 0 && this.#actions(source, at, steps % nodeCount)) ||
      ((node >= 0 || delivery >= 0) && (fifo ? this.#fifoDeliveries(source, at, node, delivery) : this.#bitDeliveries(source, at, node, delivery)))
    this.#watch = undefined
    if (grew) return TABLES_GREW
    if (this.#visible) this.count = start
    return this.count - start
  }

  /** `fair-loss`: appends the state with nothing in flight. False if the tables grew. */
  lose(source: Int32Array, at: number): boolean {
    const { bitsWord } = this.layout
    const silent = this.#silent
    for (let w = 0; w < bitsWord; w++) silent[w] = source[at + w] as number
    this.unpack(silent, 0)
    if (this.running !== undefined) this.sumUp(silent, 0)
    this.open(silent, 0)
    this.source = undefined
    return this.finish()
  }

  /** Appends the successors by a node's actions; true if the tables had to learn. */
  #actions(source: Int32Array, at: number, node: number): boolean {
    const { tables } = this
    const { outcomes } = tables
    const local = this.values[node] as number
    const acts = tables.acts[node] as Ints
    const cell = local < acts.length ? (acts.data[local] as number) : 0
    if (cell === 0) {
      this.firstActions(node, local)
      return true
    }
    if (cell === 1) return false
    if (outcomes.cut.data[cell - 1] === 1) this.cut = true
    const end = outcomes.start.data[cell] as number
    for (let o = outcomes.start.data[cell - 1] as number; o < end; o++) {
      if (this.#isIdle(node, local, o)) continue
      this.open(source, at)
      if (!this.#effect(node, o)) return true
      if (!this.#finishStep(source, at, node, o)) return true
    }
    return false
  }

  /** `reliable`: appends the successors by deliveries: all, those to one node, or one (neither is -1). */
  #bitDeliveries(source: Int32Array, at: number, only: number, onlyBit: number): boolean {
    const { tables, layout } = this
    const components = this.values
    const { bitsWord, bitsWords } = layout
    const packetOf = tables.bits.packet.data
    const nextCopy = tables.bits.next.data
    const receiver = tables.packets.to.data
    const cuts = tables.outcomes.cut.data
    const starts = tables.outcomes.start.data
    const end = onlyBit < 0 ? bitsWords : (onlyBit >>> 5) + 1
    for (let w = onlyBit < 0 ? 0 : end - 1; w < end; w++) {
      let bits = source[at + bitsWord + w] as number
      if (onlyBit >= 0) bits &= 1 << (onlyBit & 31)
      while (bits !== 0) {
        const low = bits & -bits
        bits ^= low
        const bit = w * 32 + lowestBit(low)
        const next = nextCopy[bit] as number
        if (next >= 0 && hasBit(source, at + bitsWord, next)) continue
        const packet = packetOf[bit] as number
        const node = receiver[packet] as number
        if (only >= 0 && node !== only) continue
        const local = components[node] as number
        const cell = this.cellOf(node, local, packet)
        if (cell === 1) continue
        if (cell < TAKEN) {
          this.take(node, local, packet)
          return true
        }
        const list = cell - TAKEN
        if (cuts[list - 1] === 1) this.cut = true
        const last = starts[list] as number
        for (let o = starts[list - 1] as number; o < last; o++) {
          this.open(source, at)
          this.clearBit(bit)
          if (!this.#effect(node, o)) return true
          if (!this.#finishStep(source, at, node, o)) return true
        }
      }
    }
    return false
  }

  /** The same under `fair-loss`, where a message that was delivered is still there: those that came to nothing in this state of their receiver before are passed over. */
  #lastingDeliveries(idle: IdleMessages, source: Int32Array, at: number): boolean {
    const { tables } = this
    const components = this.values
    const { bitsWord, bitsWords } = this.layout
    const packetOf = tables.bits.packet.data
    const receiver = tables.packets.to.data
    const cuts = tables.outcomes.cut.data
    const starts = tables.outcomes.start.data
    const active = this.#active
    const rows = this.#idleRows
    for (let w = 0; w < bitsWords; w++) active[w] = source[at + bitsWord + w] as number
    for (let node = 0; node < rows.length; node++) {
      const row = idle.rowOf(node, components[node] as number)
      rows[node] = row
      for (let w = 0; w < bitsWords; w++) active[w] = (active[w] as number) & ~(idle.rows[row + w] as number)
    }
    for (let w = 0; w < bitsWords; w++)
      for (let bits = active[w] as number; bits !== 0; bits &= bits - 1) {
        const bit = w * 32 + lowestBit(bits)
        const packet = packetOf[bit] as number
        const node = receiver[packet] as number
        const local = components[node] as number
        const cell = this.cellOf(node, local, packet)
        if (cell === 1) {
          idle.note(rows[node] as number, bit)
          continue
        }
        if (cell < TAKEN) {
          this.take(node, local, packet)
          return true
        }
        const list = cell - TAKEN
        if (cuts[list - 1] === 1) this.cut = true
        const last = starts[list] as number
        let leadsOn = cuts[list - 1] === 1
        for (let o = starts[list - 1] as number; o < last; o++) {
          if (this.#isIdle(node, local, o)) continue
          leadsOn = true
          this.open(source, at)
          if (!this.#effect(node, o)) return true
          if (!this.#finishStep(source, at, node, o)) return true
        }
        if (!leadsOn) idle.note(rows[node] as number, bit)
      }
    return false
  }

  /** Does an outcome make no other state, whatever is in flight? With saturation what only sends has sent it. */
  #isIdle(node: number, local: number, o: number): boolean {
    const { to, sends, emits, broken } = this.tables.outcomes
    if (emits.data[o] !== 0 || broken.data[o] !== 0 || (sends.data[o] !== 0 && !this.saturates)) return false
    return this.representative(node, to.data[o] as number) === local
  }

  /** The same, from the heads of all channels, or of one. */
  #fifoDeliveries(source: Int32Array, at: number, only: number, onlyChannel: number): boolean {
    const { tables } = this
    const components = this.values
    const first = tables.fixedComponents
    const cuts = tables.outcomes.cut.data
    const starts = tables.outcomes.start.data
    for (let channel = 0; channel < this.layout.components - first; channel++) {
      const queue = components[first + channel] as number
      if (queue === 0) continue
      const queues = tables.queues[channel] as (typeof tables.queues)[number]
      const packet = queues.head.data[queue] as number
      const node = tables.packets.to.data[packet] as number
      if ((only >= 0 && node !== only) || (onlyChannel >= 0 && channel !== onlyChannel)) continue
      const local = components[node] as number
      const cell = this.cellOf(node, local, packet)
      if (cell < TAKEN) {
        this.take(node, local, packet)
        return true
      }
      const list = cell - TAKEN
      if (cuts[list - 1] === 1) this.cut = true
      const end = starts[list] as number
      for (let o = starts[list - 1] as number; o < end; o++) {
        this.open(source, at)
        this.setComponent(first + channel, queues.rest.data[queue] as number)
        if (!this.#effect(node, o)) return true
        if (!this.#finishStep(source, at, node, o)) return true
      }
    }
    return false
  }

  #globalSteps(source: Int32Array, at: number): boolean {
    const { tables } = this
    for (let step = 0; step < tables.globalNames.length; step++) {
      let found = tables.globalTries[step]?.find(this.values) as number
      if (found < 0) {
        found = this.#learnGlobalStep(step, source, at)
        if (found < 0) return true
      }
      for (const effect of tables.globalLists[found] as (typeof tables.globalLists)[number]) {
        this.open(source, at)
        const done = this.#globalEffect(effect)
        if (done < 0) return true
        if (done === 0) continue
        if (this.overflows()) continue
        this.broken |= this.#breaks
        tables.globalTaken.data[step] = 1
        if (!this.unchanged(source, at) && !this.finish()) return true
      }
    }
    return false
  }

  /** Makes the tables know a step; its list of effects, if it looks at what is in flight, so that it is to be asked for in each state, and nothing grew by it; else -1. */
  #learnGlobalStep(step: number, source: Int32Array, at: number): number {
    const { tables } = this
    const size = sizeOf(tables)
    const values = Int32Array.from(this.values)
    const list = tables.globalStep(step, values, () => this.packetsOf(source, at))
    this.unpack(source, at)
    return sizeOf(tables) !== size || (tables.globalTries[step]?.find(this.values) as number) >= 0 ? -1 : list
  }

  /** What one run of a global step does; 0 if that leads out of the bound of the model, -1 if the tables had to learn. */
  #globalEffect({ nodes, changes, sends, emits }: StepTables['globalLists'][number][number]): number {
    const { tables } = this
    const { places, to, broken } = tables.changes
    let breaks = 0
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i] as number
      const local = this.values[node] as number
      const place = places.get(changes[i] as number, local)
      if (place < 0) {
        tables.change(node, changes[i] as number, local)
        return -1
      }
      const next = to.data[place] as number
      if (next === CUT) {
        this.cut = true
        return 0
      }
      breaks |= broken.data[place] as number
      this.setComponent(node, next - 2)
    }
    for (let i = 0; this.dead !== undefined && i < nodes.length; i++) {
      const node = nodes[i] as number
      const next = to.data[places.get(changes[i] as number, this.values[node] as number)] as number
      if (!this.#follow(node, next - 2)) return -1
    }
    if (!this.send(sends) || !this.emit(emits)) return -1
    this.#breaks = breaks
    return 1
  }

  /** After a step that is not the node's own: notes where it led (`to`, for which `local` stands), and drops what is dead there. */
  #follow(node: number, local: number, to = local): boolean {
    const dead = this.dead
    if (dead === undefined) return true
    const before = this.values[node] as number
    if (dead.knows(node, before, to)) return this.drop(node, local)
    dead.edge(node, before, to)
    return false
  }

  #faults(source: Int32Array, at: number): boolean {
    const { tables } = this
    let budget = tables.nodeCount + tables.observerNames.length
    for (const fault of tables.system.faults) {
      const component = fault.atMost === Infinity ? -1 : budget++
      const left = component < 0 ? 1 : (this.values[component] as number)
      if (left === 0) continue
      const grew =
        fault.type === 'crash-stop' || fault.type === 'crash-recovery'
          ? this.#crashes(source, at, fault.role, fault.type === 'crash-stop', component)
          : tables.fifo
            ? this.#fifoFaults(source, at, fault.type === 'loss', component)
            : tables.fairLoss
              ? false
              : this.#bitFaults(source, at, fault.type === 'loss', component)
      if (grew) return true
    }
    return false
  }

  #spend(component: number): void {
    if (component >= 0) this.setComponent(component, (this.values[component] as number) - 1)
  }

  #crashes(source: Int32Array, at: number, role: string, forGood: boolean, component: number): boolean {
    const { tables } = this
    const { outcomes } = tables
    for (const { index: node, role: of } of tables.system.nodes) {
      const local = this.values[node] as number
      if (of !== role || tables.locals[node]?.crashed(local)) continue
      if (forGood) {
        const stopped = tables.stopped[node] as Ints
        const cell = local < stopped.length ? (stopped.data[local] as number) : 0
        if (cell === 0) {
          tables.stop(node, local)
          return true
        }
        this.open(source, at)
        this.#spend(component)
        const to = this.representative(node, cell - 1)
        this.setComponent(node, to)
        if (!this.#follow(node, to, cell - 1)) return true
        if (!this.finish()) return true
        continue
      }
      const recoveries = tables.recoveries[node] as Ints
      const cell = local < recoveries.length ? (recoveries.data[local] as number) : 0
      if (cell === 0) {
        tables.recover(node, local)
        return true
      }
      const list = cell - 1
      if (outcomes.cut.data[list] === 1) this.cut = true
      const end = outcomes.start.data[list + 1] as number
      for (let o = outcomes.start.data[list] as number; o < end; o++) {
        this.open(source, at)
        this.#spend(component)
        const to = this.representative(node, outcomes.to.data[o] as number)
        this.setComponent(node, to)
        if (!this.#follow(node, to, outcomes.to.data[o] as number)) return true
        this.broken |= outcomes.broken.data[o] as number
        if (!this.unchanged(source, at) && !this.finish()) return true
      }
    }
    return false
  }

  #bitFaults(source: Int32Array, at: number, loss: boolean, component: number): boolean {
    const { tables } = this
    for (const bit of this.bitsOf(source, at)) {
      const next = tables.bits.next.data[bit] as number
      if (next >= 0 && this.hasBit(source, at, next)) continue
      if (!loss && next < 0) {
        tables.copy(bit)
        return true
      }
      this.open(source, at)
      this.#spend(component)
      if (loss) this.clearBit(bit)
      else this.setBit(next)
      if (!this.overflows() && !this.finish()) return true
    }
    return false
  }

  #fifoFaults(source: Int32Array, at: number, loss: boolean, component: number): boolean {
    const { tables } = this
    const first = tables.fixedComponents
    for (let channel = 0; channel < this.layout.components - first; channel++) {
      const queue = this.values[first + channel] as number
      if (queue === 0) continue
      const queues = tables.queues[channel] as (typeof tables.queues)[number]
      const head = queues.head.data[queue] as number
      const next = loss ? (queues.rest.data[queue] as number) : queues.pushed(queue, head)
      if (next < 0) {
        tables.push(channel, queue, head)
        return true
      }
      this.open(source, at)
      this.#spend(component)
      this.setComponent(first + channel, next)
      if (!this.overflows() && !this.finish()) return true
    }
    return false
  }

  /** The effect of outcome `o` at a node; false if the tables had to learn. */
  #effect(node: number, o: number): boolean {
    const { outcomes } = this.tables
    const to = this.representative(node, outcomes.to.data[o] as number)
    this.setComponent(node, to)
    if (this.dead !== undefined && !this.drop(node, to)) return false
    return this.send(outcomes.sends.data[o] as number) && this.emit(outcomes.emits.data[o] as number)
  }

  /** False if the tables grew. */
  #finishStep(source: Int32Array, at: number, node: number, outcome: number): boolean {
    if (this.overflows()) return true
    if (this.#watch !== undefined && !this.#watch.invisible(node, this.values[node] as number, outcome)) this.#visible = true
    this.broken |= this.tables.outcomes.broken.data[outcome] as number
    if (this.unchanged(source, at)) return true
    const listed = this.listed
    return this.finish(listed === undefined ? -1 : listed.compareStep(node, this.representative(node, this.tables.outcomes.to.data[outcome] as number)))
  }
}

/** A number that rises with what a state may be made of. */
const sizeOf = ({ packets, bits, queues, componentCount }: StepTables): number => packets.column.length + bits.size + queues.length + componentCount
