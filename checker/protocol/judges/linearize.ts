import { is, type List, Map, Set } from 'immutable'
import type { Operation, SequentialObject } from './objects.ts'
import { type Call, type HistoryEvent, type OperationFields, operationOf, throwNotUnderWay, throwUnderWay } from './operations.ts'

/** An operation of a history, with its answer; undefined as long as it has not returned. */
export interface PlacedOperation {
  readonly call: Call
  readonly operation: OperationFields
  readonly result: unknown
}

/** What `linearize` found out. */
export interface LinearizeResult {
  /** Operations in an order that explains every answer; if the history is not linearizable, every answer before the misplaced one. */
  readonly order: readonly PlacedOperation[]
  /** The operation that has no place: before its return the history was linearizable, with it it is not. Null: it is linearizable. */
  readonly misplaced: PlacedOperation | null
}

export interface Interval extends PlacedOperation {
  /** Where in the history it was invoked, and where it returned (Infinity: not yet). */
  readonly invoked: number
  readonly returned: number
}

/** @throws SpecError when a return has no invocation, or a call is under way twice. */
export const intervalsOf = (history: Iterable<HistoryEvent>): readonly Interval[] => {
  const intervals: Interval[] = []
  let open = Map<Call, number>()
  let at = 0
  for (const { type, call, operation, result } of history) {
    if (call === undefined) continue
    const index = open.get(call)
    if (type === 'invoke' && operation !== null) {
      if (index !== undefined) throwUnderWay(call)
      open = open.set(call, intervals.length)
      intervals.push({ call, operation, result: undefined, invoked: at, returned: Infinity })
    } else {
      const interval = index === undefined ? undefined : intervals[index]
      if (index === undefined || interval === undefined) return throwNotUnderWay(call)
      open = open.delete(call)
      intervals[index] = { ...interval, result, returned: at }
    }
    at++
  }
  return intervals
}

/**
 * An order of the operations in which every one that has returned gave the answer that it gave, and none comes before another that had
 * returned before it was invoked; one that has not returned may be left out. Null when there is none.
 */
const orderOf = <S, O extends Operation, R>(object: SequentialObject<S, O, R>, intervals: readonly Interval[]): readonly PlacedOperation[] | null => {
  /** Object states from which a set of operations, as bits, was found to lead nowhere. */
  const failed = new globalThis.Map<bigint, Set<S>>()
  const order: Interval[] = []

  const extend = (state: S, placed: bigint): boolean => {
    const rest = intervals.map((interval, i) => ({ interval, bit: 1n << BigInt(i) })).filter(({ bit }) => (placed & bit) === 0n)
    const firstReturn = Math.min(...rest.map(({ interval }) => interval.returned))
    if (firstReturn === Infinity) return true
    const known = failed.get(placed) ?? Set<S>()
    if (known.has(state)) return false
    for (const { interval, bit } of rest) {
      if (interval.invoked > firstReturn) continue
      const [next, result] = object.apply(state, operationOf<O>(interval.operation))
      if (interval.returned !== Infinity && !is(result, interval.result)) continue
      order.push(interval)
      if (extend(next, placed | bit)) return true
      order.pop()
    }
    failed.set(placed, (failed.get(placed) ?? Set<S>()).add(state))
    return false
  }

  return extend(object.initial, 0n) ? order.map(({ call, operation, result }) => ({ call, operation, result })) : null
}

/**
 * Is this history linearizable, in which order, or which operation has no place?
 *
 * M. Herlihy, J. Wing, "Linearizability: A Correctness Condition for Concurrent Objects", TOPLAS 12(3), 1990; the search is that of
 * J. Wing, C. Gong, "Testing and Verifying Concurrent Objects", JPDC 17, 1993, with the memory of G. Lowe, "Testing for Linearizability",
 * Concurrency and Computation 29(4), 2017: a set of placed operations that led to the same object state is tried once.
 * Cost: O(2ⁿ) in the operations that overlap, times the object states that they can lead to. (The problem is NP-complete.)
 * @throws SpecError when the history is not one: a return without its invocation, or a call under way twice.
 *
 * @example
 * ```ts code
 * const { misplaced } = linearize(register(0), List<HistoryEvent>())
 * if (misplaced !== null) throw new Error(`${misplaced.call} has no place`)
 * ```
 */
export const linearize = <S, O extends Operation, R>(object: SequentialObject<S, O, R>, history: List<HistoryEvent>): LinearizeResult => {
  const whole = orderOf(object, intervalsOf(history))
  if (whole !== null) return { order: whole, misplaced: null }
  // A prefix of a linearizable history is linearizable, and an invocation alone breaks nothing: the first prefix that is not ends with a return.
  let order: readonly PlacedOperation[] = []
  for (let end = 1; end <= history.size; end++) {
    const last = history.get(end - 1)
    if (last?.type !== 'return') continue
    const intervals = intervalsOf(history.take(end))
    const found = orderOf(object, intervals)
    if (found === null) {
      const misplaced = intervals.find(({ returned }) => returned === end - 1)
      if (misplaced !== undefined) return { order, misplaced: { call: misplaced.call, operation: misplaced.operation, result: misplaced.result } }
    } else {
      order = found
    }
  }
  throw new Error('a history is linearizable that has a prefix which is not')
}

/**
 * The judge of `operations()`: `observed('history', linearizableHistory(register(0)))`. See `linearize`.
 *
 * @example
 * ```ts register
 * observers: { history: operations<RegisterOperation<number>, number | undefined>() },
 * properties: { linearizable: observed('history', linearizableHistory(register(0))) },
 * ```
 */
export const linearizableHistory =
  <S, O extends Operation, R>(object: SequentialObject<S, O, R>) =>
  (history: List<HistoryEvent>): boolean =>
    orderOf(object, intervalsOf(history)) !== null
