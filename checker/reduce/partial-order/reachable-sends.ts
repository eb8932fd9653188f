import type { Tables } from '../../tables/tables.ts'
import { Ints } from '../../values/ints.ts'
import { type DeadMessages, has } from '../dead-messages.ts'

/**
 * What the others may do while one node stands still (used by partial-order.ts): may any of them ever send it a message that would be a step there?
 *
 * Gathered are states that each of the others may come to, and messages to them that may be in flight, from those that are: each known step from such a state,
 * of such a message, adds what it leads to. It is more than can happen, as every state is taken to meet every message; so a no is right, as far as the tables
 * know the steps. A message that is dead in the state of the node that stands still is never delivered there, and under `fifo` one that comes behind another
 * not before that: neither counts.
 *
 * Cost: at most `reachableSendsLooks` look-ups.
 */
export class ReachableSends {
  readonly #tables: Tables
  readonly #dead: DeadMessages | undefined
  /** By node: the states that it may come to, and the messages to it that may be in flight, as far as they were looked at. */
  readonly #locals: readonly Ints[]
  readonly #packets: readonly Ints[]
  /** What is still to be looked at: (node, state), or (-1, packet). */
  readonly #pending = new Ints()
  /** When each state of each node, and each packet, was gathered last. */
  readonly #metLocals: readonly Ints[]
  readonly #metPackets = new Ints()
  #time = 0
  #looks = 0
  /** Who stands still, and in which state of the system. */
  #node = -1
  #components: Int32Array = new Int32Array(0)

  constructor(tables: Tables, dead: DeadMessages | undefined) {
    this.#tables = tables
    this.#dead = dead
    const { nodes } = tables.system
    this.#locals = nodes.map(() => new Ints())
    this.#packets = nodes.map(() => new Ints())
    this.#metLocals = nodes.map(() => new Ints())
  }

  /** @param flight the packets in flight */
  maySendTo(node: number, components: Int32Array, flight: Ints): boolean {
    const { nodeCount, packets } = this.#tables
    this.#time++
    this.#looks = 0
    this.#node = node
    this.#components = components
    this.#pending.length = 0
    for (let other = 0; other < nodeCount; other++) {
      ;(this.#locals[other] as Ints).length = 0
      ;(this.#packets[other] as Ints).length = 0
      if (other !== node) this.#meet(other, components[other] as number)
    }
    for (let i = 0; i < flight.length; i++) {
      const packet = flight.data[i] as number
      if (packets.to.data[packet] !== node) this.#fly(packet)
    }
    const pending = this.#pending
    while (pending.length > 0) {
      pending.length -= 2
      const other = pending.data[pending.length] as number
      const value = pending.data[pending.length + 1] as number
      if (other < 0 ? this.#lookAtPacket(value) : this.#lookAtLocal(other, value)) return true
    }
    return false
  }

  #lookAtLocal(node: number, local: number): boolean {
    const tables = this.#tables
    const packets = this.#packets[node] as Ints
    if (this.#follow(node, tables.knownActions(node, local)) || this.#follow(node, tables.knownRecovery(node, local))) return true
    for (let i = 0; i < packets.length; i++) if (this.#follow(node, tables.knownReaction(node, local, packets.data[i] as number))) return true
    ;(this.#locals[node] as Ints).push(local)
    return false
  }

  #lookAtPacket(packet: number): boolean {
    const node = this.#tables.packets.to.data[packet] as number
    const locals = this.#locals[node] as Ints
    for (let i = 0; i < locals.length; i++) if (this.#follow(node, this.#tables.knownReaction(node, locals.data[i] as number, packet))) return true
    ;(this.#packets[node] as Ints).push(packet)
    return false
  }

  /** Gathers what the outcomes of a list (none, if negative) lead to; true if that is a message to the node that stands still, or too much. */
  #follow(node: number, list: number): boolean {
    if (list < 0) return false
    if (++this.#looks > this.#tables.tuning.reachableSendsLooks) return true
    const { outcomes, sends, packets } = this.#tables
    for (let o = outcomes.start.data[list] as number; o < (outcomes.start.data[list + 1] as number); o++) {
      this.#meet(node, outcomes.to.data[o] as number)
      const sent = outcomes.sends.data[o] as number
      for (let i = sends.start.data[sent] as number; i < (sends.start.data[sent + 1] as number); i++) {
        const packet = sends.data.data[i] as number
        if (packets.to.data[packet] !== this.#node) this.#fly(packet)
        else if (!this.#isNoStep(packet)) return true
      }
    }
    return false
  }

  /** Is a message to the node that stands still none that it could take there: behind another, or dead? */
  #isNoStep(packet: number): boolean {
    const { fifo, fixedComponents, channel, bits } = this.#tables
    if (fifo) {
      const component = fixedComponents + (channel.data[packet] as number)
      return component < this.#components.length && this.#components[component] !== 0
    }
    const dead = this.#dead
    if (dead === undefined) return false
    dead.place()
    const bit = bits.firstOf(packet)
    const local = this.#components[this.#node] as number
    return has(dead.carried[this.#node] as Int32Array, local, bit, dead.words) && !has(dead.alive[this.#node] as Int32Array, local, bit, dead.words)
  }

  #meet(node: number, local: number): void {
    if (this.#isNew(this.#metLocals[node] as Ints, local)) {
      this.#pending.push(node)
      this.#pending.push(local)
    }
  }

  #fly(packet: number): void {
    if (this.#isNew(this.#metPackets, packet)) {
      this.#pending.push(-1)
      this.#pending.push(packet)
    }
  }

  #isNew(met: Ints, value: number): boolean {
    met.reach(value + 1)
    if (met.data[value] === this.#time) return false
    met.data[value] = this.#time
    return true
  }
}
