import type { Layout } from '../states/layout.ts'
import { layoutOf } from '../states/layout.ts'
import type { Representatives } from '../symmetry/representative.ts'
import { DONE, GREW } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import { grown } from '../values/ints.ts'
import { Appender } from './appender.ts'
import { Effects } from './effects.ts'
import { FaultSteps } from './fault-steps.ts'
import { FlightBound } from './flight-bound.ts'
import { GlobalSteps } from './global-steps.ts'
import { Links } from './links.ts'
import { NONE, type Obligations } from './obligations.ts'
import { OutcomeSteps } from './outcome-steps.ts'
import { bitsOfWord, Successors } from './successors.ts'
import { TickSteps } from './tick-steps.ts'

const asTheyAre: Representatives = { group: undefined, sync() {} }

/** A step that leads nowhere, with what it sends over `fair-loss`. */
export interface Idle {
  readonly obligation: number
  readonly sends: number
}

/**
 * The steps from a state, without any reduction, each with the obligation that it meets (obligations.ts) and with what it sends. It is for liveness, after a search: slower than `Expander`, which does not
 * tell one step from another.
 */
export class LabelledSteps {
  readonly successors: Successors
  /** Of each successor. */
  obligations = new Int32Array(64)
  /** A list of packets (`tables.sends`), of each successor; over `fair-loss` only. */
  sends = new Int32Array(64)
  /** Obligations that a step of this state is owed for, which changes something or which the bound cuts off. With repetitions. */
  enabled: number[] = []
  /** Steps that lead nowhere. One that sends nothing meets its obligation, and one that sends is owed, too. */
  idle: Idle[] = []
  /** Did the bound of the model cut off a step? */
  cut = false
  readonly #tables: Tables
  readonly #owed: Obligations
  readonly #outcomes: OutcomeSteps
  readonly #globals: GlobalSteps
  readonly #faults: FaultSteps
  readonly #links: Links
  readonly #ticks: TickSteps | undefined

  constructor(tables: Tables, owed: Obligations) {
    this.#tables = tables
    this.#owed = owed
    const layout = layoutOf(tables)
    const successors = new Successors(tables, layout)
    const effects = new Effects(successors, undefined, undefined)
    const appender = new Appender(successors, undefined, asTheyAre, false)
    const bound = new FlightBound(successors)
    this.successors = successors
    this.#outcomes = new OutcomeSteps(successors, effects, appender, bound, false)
    this.#globals = new GlobalSteps(successors, effects, appender, bound, false)
    this.#faults = new FaultSteps(successors, effects, appender, bound)
    this.#links = new Links(successors)
    this.#ticks = tables.time && new TickSteps(successors, appender, tables.time)
    this.useLayout(layout)
  }

  useLayout(layout: Layout): void {
    this.successors.useLayout(layout)
  }

  /** All steps of the state at `source[at] …`: their number, or `GREW`. */
  expand(source: Int32Array, at: number): number {
    const { successors } = this
    successors.count = 0
    this.enabled = []
    this.idle = []
    this.cut = false
    successors.begin(source, at)
    const { nodeCount, fifo, system, globalNames } = this.#tables
    for (let node = 0; node < nodeCount; node++) if (this.#act(node) === GREW) return GREW
    if ((fifo ? this.#deliverQueues() : this.#deliverBits()) === GREW) return GREW
    for (let step = 0; step < globalNames.length; step++) if (this.#global(step) === GREW) return GREW
    const before = successors.count
    successors.cut = false
    if (system.faults.length > 0 && this.#faults.append() === GREW) return GREW
    this.cut ||= successors.cut
    this.#label(before, NONE, 0)
    return this.#pass() === GREW ? GREW : successors.count
  }

  /** What time does is owed: it goes on again and again, whether it can or not, and messages arrive in time in the end. */
  #pass(): number {
    const ticks = this.#ticks
    if (ticks === undefined) return DONE
    const { successors } = this
    const settles = successors.count
    if (ticks.settle() === GREW) return GREW
    this.#label(settles, this.#owed.ofSettling, 0)
    const passes = successors.count
    successors.cut = false
    if (ticks.tick() === GREW) return GREW
    this.#label(passes, this.#owed.ofTick, 0)
    this.enabled.push(this.#owed.ofTick)
    if (ticks.isIdle) this.#rest(this.#owed.ofTick, 0)
    this.cut ||= successors.cut
    return DONE
  }

  #act(node: number): number {
    const tables = this.#tables
    const local = this.successors.values[node] as number
    for (let action = 0; action < tables.system.actionNames(node).length; action++)
      if (this.#take(node, tables.ofAction(node, local, action), this.#owed.ofAction(node, action)) === GREW) return GREW
    return DONE
  }

  #deliverQueues(): number {
    const { fixedComponents: first, queues, packets } = this.#tables
    const { successors } = this
    for (let channel = 0; channel < successors.layout.components - first; channel++) {
      const queue = successors.values[first + channel] as number
      if (queue === 0) continue
      const { head, rest } = queues[channel] as (typeof queues)[number]
      const packet = head.data[queue] as number
      if (this.#links.isDown(packet)) continue
      const done = this.#arrive(packets.to.data[packet] as number, packet, this.#owed.ofDelivery(channel), () =>
        successors.setComponent(first + channel, rest.data[queue] as number),
      )
      if (done === GREW) return GREW
    }
    return DONE
  }

  #deliverBits(): number {
    const { bits, packets, fairLoss } = this.#tables
    const { successors } = this
    const { source, sourceAt, layout } = successors
    for (let w = 0; w < layout.bitsWords; w++)
      for (const bit of bitsOfWord(source[sourceAt + layout.bitsWord + w] as number, w)) {
        const packet = bits.packet.data[bit] as number
        if (this.#links.isDown(packet)) continue
        const next = bits.next.data[bit] as number
        if (next >= 0 && this.#has(next)) continue
        const done = this.#arrive(packets.to.data[packet] as number, packet, this.#owed.ofDelivery(packet), () => {
          if (!fairLoss) successors.clearBit(bit)
        })
        if (done === GREW) return GREW
      }
    return DONE
  }

  #has(bit: number): boolean {
    const { source, sourceAt, layout } = this.successors
    return (((source[sourceAt + layout.bitsWord + (bit >>> 5)] as number) >>> (bit & 31)) & 1) === 1
  }

  #arrive(node: number, packet: number, obligation: number, takeAway: () => void): number {
    const local = this.successors.values[node] as number
    return this.#take(node, this.#tables.ofArrival(node, local, packet), obligation, takeAway)
  }

  /** The outcomes of a list. */
  #take(node: number, list: number, obligation: number, takeAway?: () => void): number {
    const { successors } = this
    const { start, sends, cut } = this.#tables.outcomes
    let isCut = cut.data[list] === 1
    const isOwed = !this.#tables.lies(node, successors.values[node] as number)
    const end = start.data[list + 1] as number
    for (let o = start.data[list] as number; o < end; o++) {
      const before = successors.count
      successors.cut = false
      successors.open()
      takeAway?.()
      if (this.#outcomes.append(node, o) === GREW) return GREW
      isCut ||= successors.cut
      const sent = isOwed ? (sends.data[o] as number) : 0
      if (successors.count > before) this.#label(before, obligation, sent)
      else if (!successors.cut) this.#rest(obligation, sent)
    }
    if (isCut) this.#cutOff(obligation)
    return DONE
  }

  #global(step: number): number {
    const { successors } = this
    const obligation = this.#owed.ofStep(step)
    const list = this.#globals.effectsOf(step)
    if (list === GREW) return GREW
    let isCut = false
    for (const effect of this.#tables.globalLists[list] as Tables['globalLists'][number]) {
      const before = successors.count
      successors.cut = false
      if (this.#globals.take(effect) === GREW) return GREW
      isCut ||= successors.cut
      if (successors.count > before) this.#label(before, obligation, effect.sends)
      else if (!successors.cut) this.#rest(obligation, effect.sends)
    }
    if (isCut) this.#cutOff(obligation)
    return DONE
  }

  #label(from: number, obligation: number, sends: number): void {
    const { count } = this.successors
    if (count > this.obligations.length) {
      this.obligations = grown(this.obligations, count * 2)
      this.sends = grown(this.sends, count * 2)
    }
    for (let i = from; i < count; i++) {
      this.obligations[i] = obligation
      this.sends[i] = sends
    }
    if (count > from && obligation !== NONE) this.enabled.push(obligation)
  }

  /** A step that changes nothing. Over the other networks one that sends has received the same. */
  #rest(obligation: number, sends: number): void {
    const isSent = this.#tables.fairLoss && sends !== 0
    if (obligation === NONE && !isSent) return
    this.idle.push({ obligation, sends: isSent ? sends : 0 })
    if (isSent && obligation !== NONE) this.enabled.push(obligation)
  }

  #cutOff(obligation: number): void {
    this.cut = true
    if (obligation !== NONE) this.enabled.push(obligation)
  }
}
