import { DONE, GREW, type StepTables } from '../tables/step-tables.ts'
import type { DeadOnArrival } from './dead-on-arrival.ts'
import type { Successors } from './successors.ts'

/** The states that stand for others, if any do; see reduce/bisimulation. */
export type StandIns = { readonly representatives: readonly Int32Array[] } | undefined

/** What steps do to the successor that is being built, and what the tables are to learn of a step before it is taken. */
export class Effects {
  readonly #tables: StepTables
  readonly #successors: Successors
  readonly #dead: DeadOnArrival | undefined
  readonly #bisimulation: StandIns

  constructor(successors: Successors, dead: DeadOnArrival | undefined, bisimulation: StandIns) {
    this.#tables = successors.tables
    this.#successors = successors
    this.#dead = dead
    this.#bisimulation = bisimulation
  }

  /** The state that stands for a state of a node. */
  representative(node: number, local: number): number {
    if (this.#bisimulation === undefined) return local
    const known = this.#bisimulation.representatives[node] as Int32Array
    return local < known.length ? (known[local] as number) : local
  }

  /** What the tables know of a delivery: 0 nothing, 1 that it changes nothing, more its list of outcomes plus 1, with `TAKEN` if the search has taken it. */
  deliveryOf(node: number, local: number, packet: number): number {
    const { strides, cells, packets } = this.#tables
    const stride = strides[node] as number
    const place = packets.column.data[packet] as number
    const row = cells[node] as Int32Array
    const index = local * stride + place
    return place < stride && index < row.length ? (row[index] as number) : 0
  }

  /** A delivery that the search has not taken before; whether the tables know it now. */
  learnDelivery(node: number, local: number, packet: number): boolean {
    const dead = this.#dead
    if (dead !== undefined) {
      dead.messages.deliver(node, local, packet)
      return true
    }
    if (this.#tables.deliver(node, local, packet) < 0) return false
    this.#tables.markTaken(node, local, packet)
    return true
  }

  /** The actions of a node in a state where they are taken for the first time. */
  learnActions(node: number, local: number): void {
    const list = this.#tables.act(node, local)
    this.#dead?.messages.edges(node, local, list)
  }

  /** An outcome of an action or a delivery. */
  apply(node: number, outcome: number): number {
    const { to, sends, emits } = this.#tables.outcomes
    const local = this.representative(node, to.data[outcome] as number)
    this.#successors.setComponent(node, local)
    if (this.#dead?.drop(node, local) === GREW || this.send(sends.data[outcome] as number) === GREW) return GREW
    return this.emit(emits.data[outcome] as number)
  }

  /** After a step that is not the node's own: notes where it led (`to`, for which `local` stands), and drops what is dead there. */
  follow(node: number, local: number, to = local): number {
    const dead = this.#dead
    if (dead === undefined) return DONE
    const before = this.#successors.values[node] as number
    if (dead.messages.knows(node, before, to)) return dead.drop(node, local)
    dead.messages.edge(node, before, to)
    return GREW
  }

  /** Sends the packets of a list. */
  send(list: number): number {
    if (list === 0) return DONE
    const { sends, fifo } = this.#tables
    const end = sends.start.data[list + 1] as number
    for (let i = sends.start.data[list] as number; i < end; i++) {
      const packet = sends.data.data[i] as number
      if ((fifo ? this.#push(packet) : this.#set(packet)) === GREW) return GREW
    }
    return DONE
  }

  /** `fifo`: a packet goes to the end of its channel. */
  #push(packet: number): number {
    const tables = this.#tables
    const successors = this.#successors
    const channel = tables.channel.data[packet] as number
    const component = tables.fixedComponents + channel
    if (component >= successors.layout.components) return GREW
    const queue = successors.component(component)
    const longer = (tables.queues[channel] as (typeof tables.queues)[number]).pushed(queue, packet)
    if (longer < 0) {
      tables.push(channel, queue, packet)
      return GREW
    }
    successors.setComponent(component, longer)
    return DONE
  }

  /** Otherwise: a bit is set for it, unless it is dead. */
  #set(packet: number): number {
    const { bits, fairLoss } = this.#tables
    const successors = this.#successors
    let bit = bits.first.data[packet] as number
    // What is in flight is carried there already, and not dead.
    if (fairLoss && successors.hasBit(bit)) return DONE
    const dead = this.#dead === undefined ? 0 : this.#dead.isDead(packet, bit)
    if (dead !== 0) return dead
    while (!fairLoss && successors.hasBit(bit)) {
      const next = bits.next.data[bit] as number
      if (next < 0) {
        this.#tables.copy(bit)
        return GREW
      }
      bit = next
    }
    successors.setBit(bit)
    return DONE
  }

  /** Tells the observers the events of a list. */
  emit(list: number): number {
    if (list === 0) return DONE
    const tables = this.#tables
    const { values } = this.#successors
    for (let o = 0; o < tables.observerNames.length; o++) {
      const component = tables.nodeCount + o
      const state = values[component] as number
      const next = tables.observations[o]?.get(state, list) as number
      if (next < 0) {
        tables.observe(o, state, list)
        return GREW
      }
      this.#successors.setComponent(component, next)
    }
    return DONE
  }
}
