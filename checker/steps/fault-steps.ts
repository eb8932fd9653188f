import type { FaultStep } from '../protocol/faults.ts'
import type { PartitionTable } from '../tables/partition-table.ts'
import { DONE, GREW, type StepTables } from '../tables/step-tables.ts'
import { hasBit } from '../values/bits.ts'
import type { Ints } from '../values/ints.ts'
import type { Appender } from './appender.ts'
import type { Effects } from './effects.ts'
import type { FlightBound } from './flight-bound.ts'
import type { Successors } from './successors.ts'

/** Appends what faults lead to: crashes, recoveries, losses, duplications and partitions, as long as there is a budget for them; and that a partition heals. */
export class FaultSteps {
  readonly #tables: StepTables
  readonly #successors: Successors
  readonly #effects: Effects
  readonly #appender: Appender
  readonly #bound: FlightBound

  constructor(successors: Successors, effects: Effects, appender: Appender, bound: FlightBound) {
    this.#tables = successors.tables
    this.#successors = successors
    this.#effects = effects
    this.#appender = appender
    this.#bound = bound
  }

  append(): number {
    const { nodeCount, observerNames, system, fifo, fairLoss } = this.#tables
    let budget = nodeCount + observerNames.length
    for (let i = 0; i < system.faults.length; i++) {
      const fault = system.faults[i] as FaultStep
      const component = fault.atMost === Infinity ? -1 : budget++
      if (component >= 0 && this.#successors.values[component] === 0) continue
      const isLoss = fault.type === 'loss'
      let done = DONE
      if (fault.type === 'crash-stop' || fault.type === 'crash-recovery') done = this.#crash(fault.role, fault.type === 'crash-stop', component)
      else if (fault.type === 'partition') done = this.#part(i, component)
      else if (fifo) done = this.#changeQueues(isLoss, component)
      else if (!fairLoss) done = this.#changeBits(isLoss, component)
      if (done === GREW) return GREW
    }
    return this.#heal()
  }

  #part(fault: number, budget: number): number {
    const { component, whole, splits } = this.#tables.partition as PartitionTable
    if (this.#successors.values[component] !== whole) return DONE
    for (const state of splits[fault] as readonly number[]) {
      this.#open(budget)
      this.#successors.setComponent(component, state)
      if (this.#appender.append() === GREW) return GREW
    }
    return DONE
  }

  #heal(): number {
    const { partition } = this.#tables
    if (partition === undefined || partition.heals[this.#successors.values[partition.component] as number] === 0) return DONE
    this.#open(-1)
    this.#successors.setComponent(partition.component, partition.whole)
    return this.#appender.append()
  }

  /** A copy of the state, in which the fault has taken one of its budget. */
  #open(budget: number): void {
    const successors = this.#successors
    successors.open()
    if (budget >= 0) successors.setComponent(budget, (successors.values[budget] as number) - 1)
  }

  #crash(role: string, forGood: boolean, budget: number): number {
    const { system, locals } = this.#tables
    for (const { index: node, role: of } of system.nodes) {
      const local = this.#successors.values[node] as number
      if (of !== role || locals[node]?.crashed(local)) continue
      if ((forGood ? this.#stop(node, local, budget) : this.#recover(node, local, budget)) === GREW) return GREW
    }
    return DONE
  }

  #stop(node: number, local: number, budget: number): number {
    const stopped = this.#tables.stopped[node] as Ints
    const cell = local < stopped.length ? (stopped.data[local] as number) : 0
    if (cell === 0) {
      this.#tables.stop(node, local)
      return GREW
    }
    this.#open(budget)
    return this.#moveTo(node, cell - 1) === GREW ? GREW : this.#appender.append()
  }

  #recover(node: number, local: number, budget: number): number {
    const { recoveries, outcomes } = this.#tables
    const successors = this.#successors
    const lists = recoveries[node] as Ints
    const cell = local < lists.length ? (lists.data[local] as number) : 0
    if (cell === 0) {
      this.#tables.recover(node, local)
      return GREW
    }
    const list = cell - 1
    if (outcomes.cut.data[list] === 1) successors.cut = true
    const end = outcomes.start.data[list + 1] as number
    for (let o = outcomes.start.data[list] as number; o < end; o++) {
      this.#open(budget)
      if (this.#moveTo(node, outcomes.to.data[o] as number) === GREW) return GREW
      successors.broken |= outcomes.broken.data[o] as number
      if (!successors.isUnchanged() && this.#appender.append() === GREW) return GREW
    }
    return DONE
  }

  #moveTo(node: number, local: number): number {
    const to = this.#effects.representative(node, local)
    this.#successors.setComponent(node, to)
    return this.#effects.follow(node, to, local)
  }

  #changeBits(isLoss: boolean, budget: number): number {
    const successors = this.#successors
    const { source, sourceAt, layout } = successors
    for (const bit of successors.bitsOf(source, sourceAt)) {
      const next = this.#tables.bits.next.data[bit] as number
      if (next >= 0 && hasBit(source, sourceAt + layout.bitsWord, next)) continue
      if (!isLoss && next < 0) {
        this.#tables.copy(bit)
        return GREW
      }
      this.#open(budget)
      if (isLoss) successors.clearBit(bit)
      else successors.setBit(next)
      if (!this.#bound.cutsOff() && this.#appender.append() === GREW) return GREW
    }
    return DONE
  }

  #changeQueues(isLoss: boolean, budget: number): number {
    const { fixedComponents: first, queues } = this.#tables
    const successors = this.#successors
    for (let channel = 0; channel < successors.layout.components - first; channel++) {
      const queue = successors.values[first + channel] as number
      if (queue === 0) continue
      const queued = queues[channel] as (typeof queues)[number]
      const packet = queued.head.data[queue] as number
      const next = isLoss ? (queued.rest.data[queue] as number) : queued.pushed(queue, packet)
      if (next < 0) {
        this.#tables.push(channel, queue, packet)
        return GREW
      }
      this.#open(budget)
      successors.setComponent(first + channel, next)
      if (!this.#bound.cutsOff() && this.#appender.append() === GREW) return GREW
    }
    return DONE
  }
}
