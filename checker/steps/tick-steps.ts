import { AT_NOBODY } from '../tables/packets.ts'
import { DONE, GREW, type StepTables } from '../tables/step-tables.ts'
import type { TimeTable } from '../tables/time-table.ts'
import { hasBit, lowestBit } from '../values/bits.ts'
import type { Ints } from '../values/ints.ts'
import type { Appender } from './appender.ts'
import type { Successors } from './successors.ts'

/** That time stands still, since something is due. */
const DUE = 2

/** That a message is lost: it had to arrive at a node that is down. */
const LOST = -3

/**
 * Appends what time does. In a tick each node's clock goes on, and each message grows older by one tick. Or messages arrive in time from now on. A tick is one step for each way in which clocks may drift, and each
 * choice of the nodes. There is none as long as a node, or a message to a node that is up, is due.
 */
export class TickSteps {
  readonly #tables: StepTables
  readonly #time: TimeTable
  readonly #successors: Successors
  readonly #appender: Appender
  /** Since the last call of `tick`: was there a tick that changes nothing? */
  isIdle = false
  /** What is in flight after the tick: bits, or the content of each channel. */
  #flight = new Int32Array(0)
  /** For each node the outcome that is taken, and where its list begins and ends; nothing becomes of a node whose list is empty. */
  readonly #outcome: Int32Array
  readonly #first: Int32Array
  readonly #end: Int32Array

  constructor(successors: Successors, appender: Appender, time: TimeTable) {
    this.#tables = successors.tables
    this.#time = time
    this.#successors = successors
    this.#appender = appender
    const { nodeCount } = successors.tables
    this.#outcome = new Int32Array(nodeCount)
    this.#first = new Int32Array(nodeCount)
    this.#end = new Int32Array(nodeCount)
  }

  /** The state of the observer `time`. */
  get #now(): number {
    const { component } = this.#time
    return component < 0 ? 0 : (this.#successors.values[component] as number)
  }

  /** From now on messages arrive in time. */
  settle(): number {
    const settled = this.#time.settled[this.#now] as number
    if (settled < 0) return DONE
    this.#successors.open()
    this.#successors.setComponent(this.#time.component, settled)
    return this.#appender.append()
  }

  tick(): number {
    this.isIdle = false
    const now = this.#now
    const isTimely = this.#time.timely[now] as number
    const nodes = this.#askNodes()
    if (nodes !== DONE) return nodes === DUE ? DONE : GREW
    const messages = this.#tables.fifo ? this.#ageQueues(isTimely) : this.#ageBits(isTimely)
    if (messages !== DONE) return messages === DUE ? DONE : GREW
    if (this.#time.ends[now] === 1) {
      this.#successors.cut = true
      return DONE
    }
    const last = this.#time.start[now + 1] as number
    for (let way = this.#time.start[now] as number; way < last; way++) if (this.#pass(way) === GREW) return GREW
    return DONE
  }

  /** `DUE` if one of them is. */
  #askNodes(): number {
    const { ticks, locals, nodeCount } = this.#tables
    const { values } = this.#successors
    const lists = ticks[0] as readonly Ints[]
    for (let node = 0; node < nodeCount; node++) {
      const local = values[node] as number
      if (locals[node]?.crashed(local)) continue
      const { data, length } = lists[node] as Ints
      const cell = local < length ? (data[local] as number) : 0
      if (cell === 0) {
        this.#tables.tick(node, local, 1)
        return GREW
      }
      if (cell === 1) return DUE
    }
    return DONE
  }

  #isDown(node: number): boolean {
    return this.#tables.locals[node]?.crashed(this.#successors.values[node] as number) === true
  }

  /** The packet after a tick; `-DUE`, `LOST`, or `GREW`. */
  #aged(packet: number, isTimely: number): number {
    const { aged, duePackets, packets } = this.#tables
    const { data, length } = aged[isTimely] as Ints
    const cell = packet < length ? (data[packet] as number) : 0
    if (cell === 0) {
      this.#tables.age(packet, isTimely)
      return GREW
    }
    if (isTimely === 1 && duePackets.data[packet] === 1) return this.#isDown(packets.to.data[packet] as number) ? LOST : -DUE
    return cell - 1
  }

  #ageBits(isTimely: number): number {
    const { bits, fairLoss } = this.#tables
    const { source, sourceAt, layout } = this.#successors
    const { bitsWord, bitsWords } = layout
    if (this.#flight.length < bitsWords) this.#flight = new Int32Array(bitsWords)
    const flight = this.#flight
    if (fairLoss) {
      for (let w = 0; w < bitsWords; w++) flight[w] = source[sourceAt + bitsWord + w] as number
      return DONE
    }
    flight.fill(0)
    for (let w = 0; w < bitsWords; w++)
      for (let rest = source[sourceAt + bitsWord + w] as number; rest !== 0; rest &= rest - 1) {
        const packet = this.#aged(bits.packet.data[w * 32 + lowestBit(rest)] as number, isTimely)
        if (packet === LOST) continue
        if (packet < 0) return packet === GREW ? GREW : DUE
        let bit = bits.first.data[packet] as number
        while (hasBit(flight, 0, bit)) {
          const next = bits.next.data[bit] as number
          if (next < 0) {
            this.#tables.copy(bit)
            return GREW
          }
          bit = next
        }
        flight[bit >>> 5] = (flight[bit >>> 5] as number) | (1 << (bit & 31))
      }
    return DONE
  }

  #ageQueues(isTimely: number): number {
    const { fixedComponents: first, queues } = this.#tables
    const { values, layout } = this.#successors
    const channels = layout.components - first
    if (this.#flight.length < channels) this.#flight = new Int32Array(channels)
    for (let channel = 0; channel < channels; channel++) {
      const queued = queues[channel] as (typeof queues)[number]
      const { head, rest } = queued
      const queue = values[first + channel] as number
      let arrival = isTimely
      for (let left = queue; left !== 0; left = rest.data[left] as number) {
        const packet = this.#aged(head.data[left] as number, isTimely)
        if (packet === LOST) arrival = AT_NOBODY
        else if (packet < 0) return packet === GREW ? GREW : DUE
      }
      const next = queued.aged(queue, arrival)
      if (next < 0) {
        this.#tables.ageQueue(channel, queue, arrival)
        return GREW
      }
      this.#flight[channel] = next
    }
    return DONE
  }

  /** One way in which the clocks go on: every combination of what nodes make of it. */
  #pass(way: number): number {
    const { nodeCount, outcomes } = this.#tables
    const found = this.#find(way)
    if (found !== DONE) return found === GREW ? GREW : DONE
    const successors = this.#successors
    const outcome = this.#outcome
    outcome.set(this.#first)
    for (;;) {
      successors.open()
      this.#writeFlight()
      if (this.#time.component >= 0) successors.setComponent(this.#time.component, this.#time.next[way] as number)
      for (let node = 0; node < nodeCount; node++) {
        if (this.#first[node] === this.#end[node]) continue
        const o = outcome[node] as number
        successors.setComponent(node, outcomes.to.data[o] as number)
        successors.broken |= outcomes.broken.data[o] as number
      }
      if (successors.isUnchanged()) this.isIdle = true
      else if (this.#appender.append() === GREW) return GREW
      let node = 0
      for (; node < nodeCount; node++) {
        if (this.#first[node] === this.#end[node]) continue
        outcome[node] = (outcome[node] as number) + 1
        if (outcome[node] !== this.#end[node]) break
        outcome[node] = this.#first[node] as number
      }
      if (node === nodeCount) return DONE
    }
  }

  /** Finds the outcomes of each node. `DUE` if one has none: the bound of the model cuts them off, or the clock of one that has crashed would go astray. */
  #find(way: number): number {
    const { nodeCount, locals, ticks, outcomes } = this.#tables
    const { values } = this.#successors
    let isCut = false
    let isNone = false
    for (let node = 0; node < nodeCount; node++) {
      const rate = this.#time.rates[way * nodeCount + node] as number
      const local = values[node] as number
      const hasCrashed = locals[node]?.crashed(local) === true
      if (hasCrashed && rate !== 1) return DUE
      this.#first[node] = 0
      this.#end[node] = 0
      if (hasCrashed || rate === 0) continue
      const { data, length } = (ticks[rate - 1] as readonly Ints[])[node] as Ints
      const cell = local < length ? (data[local] as number) : 0
      if (cell === 0) {
        this.#tables.tick(node, local, rate)
        return GREW
      }
      const list = cell - 1
      if (outcomes.cut.data[list] === 1) isCut = true
      this.#first[node] = outcomes.start.data[list] as number
      this.#end[node] = outcomes.start.data[list + 1] as number
      if (this.#first[node] === this.#end[node]) isNone = true
    }
    if (isCut) this.#successors.cut = true
    return isNone ? DUE : DONE
  }

  #writeFlight(): void {
    const { fifo, fixedComponents: first } = this.#tables
    const successors = this.#successors
    const { records, count, layout } = successors
    if (fifo) for (let channel = 0; channel < layout.components - first; channel++) successors.setComponent(first + channel, this.#flight[channel] as number)
    else {
      const base = count * layout.width + layout.bitsWord
      for (let w = 0; w < layout.bitsWords; w++) records[base + w] = this.#flight[w] as number
    }
  }
}
