import type { System } from '../run/system.ts'
import type { ValueId } from '../values/value-id.ts'

/** The partitions that there may be, as numbers of states of the observer `partition`. There are few, so all are numbered before the search begins. */
export interface PartitionTable {
  /** The component of the observer. */
  readonly component: number
  /** The state in which all links carry. */
  readonly whole: number
  /** For each state, and each node, the number of its group. */
  readonly sides: Int32Array
  /** 1 for each state in which the network may heal. */
  readonly heals: Int32Array
  /** For each fault the states that it leads to. */
  readonly splits: readonly (readonly number[])[]
}

/** @param number the number of a state of the observer */
export const partitionTableOf = (system: System, observer: number, number: (value: ValueId) => number): PartitionTable => {
  const { nodes, faults, protocol, values } = system
  const whole = values.encode(protocol.observers?.['partition']?.init, 'the first state of observer partition')
  const splits = faults.map(fault => system.splits(fault))
  const states = [...new Set([whole, ...splits.flat()])]
  const numbers = states.map(number)
  const sides = new Int32Array(numbers.length * nodes.length)
  for (const [i, state] of states.entries()) sides.set(system.sides(state), (numbers[i] as number) * nodes.length)
  const heals = new Int32Array(numbers.length)
  for (const [i, state] of states.entries()) heals[numbers[i] as number] = system.heals(state) ? 1 : 0
  return { component: nodes.length + observer, whole: number(whole), sides, heals, splits: splits.map(ofFault => ofFault.map(number)) }
}
