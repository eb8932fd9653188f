import type { System } from '../run/system.ts'
import { TIME } from '../run/time.ts'
import type { ValueId } from '../values/value-id.ts'

/** What there is to know about time, by states of the observer `time`. There are few, so all are numbered before the search begins; where there is no such observer, there is one state, 0. */
export interface TimeTable {
  /** The component of the observer; -1 without one. */
  readonly component: number
  /** For each state: 1 where messages arrive in time. */
  readonly timely: Int32Array
  /** 1 where the horizon is reached. */
  readonly ends: Int32Array
  /** The state once messages arrive in time; -1 where they do already. */
  readonly settled: Int32Array
  /** The first of the ways in which a tick passes, in `rates` and `next`; one entry more than there are states. */
  readonly start: Int32Array
  /** For each way, and each node, by how many ticks its clock goes on. */
  readonly rates: Int32Array
  /** For each way the state after it. */
  readonly next: Int32Array
}

/** @param number the number of a state of the observer */
export const timeTableOf = (system: System, observer: number, number: (value: ValueId) => number): TimeTable | undefined => {
  const { timing, nodes, protocol, values } = system
  if (timing === undefined) return undefined
  if (observer < 0)
    return {
      component: -1,
      timely: Int32Array.of(timing.type === 'asynchronous' ? 0 : 1),
      ends: Int32Array.of(0),
      settled: Int32Array.of(-1),
      start: Int32Array.of(0, 1),
      rates: new Int32Array(nodes.length).fill(1),
      next: Int32Array.of(0),
    }
  const met = new Set([values.encode(protocol.observers?.[TIME]?.init, `the first state of observer ${TIME}`)])
  for (const time of met) {
    for (const { next } of system.passings(time)) met.add(next)
    const settled = system.settled(time)
    if (settled !== undefined) met.add(settled)
  }
  const states = [...met].sort((a, b) => number(a) - number(b))
  const passings = states.map(time => system.passings(time))
  const start = new Int32Array(states.length + 1)
  for (const [i, ways] of passings.entries()) start[i + 1] = (start[i] as number) + ways.length
  return {
    component: nodes.length + observer,
    timely: Int32Array.from(states, time => (system.isTimely(time) ? 1 : 0)),
    ends: Int32Array.from(states, time => (system.isLast(time) ? 1 : 0)),
    settled: Int32Array.from(states, time => {
      const settled = system.settled(time)
      return settled === undefined ? -1 : number(settled)
    }),
    start,
    rates: Int32Array.from(passings.flat().flatMap(({ rates }) => rates)),
    next: Int32Array.from(passings.flat(), ({ next }) => number(next)),
  }
}
