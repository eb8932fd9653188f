import { is, isList, type List, Set } from 'immutable'
import { SpecError } from '../errors.ts'
import type { Id } from '../id.ts'
import { type Interval, intervalsOf } from './linearize.ts'
import type { KeyValueOperation, Operation, RegisterOperation, SequentialObject } from './objects.ts'
import { type HistoryEvent, operationOf } from './operations.ts'

const clientOf = ({ call }: Interval): Id => (isList(call) ? (call.first() as Id) : (call as Id))

/** The order of each client: of one operation after it had its answer to another. */
const isInOrder = (a: Interval, b: Interval): boolean => clientOf(a) === clientOf(b) && a.returned < b.invoked

/**
 * Is there an order in which none comes before another that must precede it, and each that is judged gave the answer that it gave? What has not returned may be left out, and so may what is not judged,
 * at the end. As in `linearize`, a set of placed operations that led to the same object state is tried once.
 */
const isExplained = <S, O extends Operation, R>(
  object: SequentialObject<S, O, R>,
  intervals: readonly Interval[],
  mustPrecede: (a: number, b: number) => boolean,
  isJudged: (interval: Interval) => boolean,
): boolean => {
  const bitOf = (i: number): bigint => 1n << BigInt(i)
  const bitsOf = (some: (i: number) => boolean): bigint => intervals.reduce((bits, _, i) => (some(i) ? bits | bitOf(i) : bits), 0n)
  const before = intervals.map((_, b) => bitsOf(a => mustPrecede(a, b)))
  const wanted = bitsOf(i => isJudged(intervals[i] as Interval) && (intervals[i] as Interval).returned !== Infinity)
  const failed = new globalThis.Map<bigint, Set<S>>()

  const extend = (state: S, placed: bigint): boolean => {
    if ((wanted & ~placed) === 0n) return true
    const known = failed.get(placed) ?? Set<S>()
    if (known.has(state)) return false
    for (const [i, interval] of intervals.entries()) {
      if ((placed & bitOf(i)) !== 0n || ((before[i] as bigint) & ~placed) !== 0n) continue
      const [next, result] = object.apply(state, operationOf<O>(interval.operation))
      if ((wanted & bitOf(i)) !== 0n && !is(result, interval.result)) continue
      if (extend(next, placed | bitOf(i))) return true
    }
    failed.set(placed, known.add(state))
    return false
  }
  return extend(object.initial, 0n)
}

/**
 * The judge of `operations()`: is there one order of all operations, that of each client in it, which explains every answer? L. Lamport, "How to Make a Multiprocessor Computer That
 * Correctly Executes Multiprocess Programs", IEEE Transactions on Computers C-28(9), 1979. Every linearizable history is; what ended before another began may come after it here.
 * Cost: as of `linearize`, O(2ⁿ) in the operations.
 *
 * @example
 * ```ts register
 * observers: { history: operations<RegisterOperation<number>, number | undefined>() },
 * properties: { inSomeOrder: observed('history', sequentiallyConsistent(register(0))) },
 * ```
 */
export const sequentiallyConsistent =
  <S, O extends Operation, R>(object: SequentialObject<S, O, R>) =>
  (history: List<HistoryEvent>): boolean => {
    const intervals = intervalsOf(history)
    return isExplained(
      object,
      intervals,
      (a, b) => isInOrder(intervals[a] as Interval, intervals[b] as Interval),
      () => true,
    )
  }

const isWrite = ({ operation }: Interval): boolean => operation.has('value')

/** @throws SpecError if it cannot be told which write a read reads from */
const checkOperations = <S, O extends Operation, R>(object: SequentialObject<S, O, R>, intervals: readonly Interval[]): void => {
  const refuse = (what: string, hint: string): never => {
    throw new SpecError({ title: 'READ FROM WHAT?', what, why: 'Causal consistency asks of each read from which write it has its answer.', hint })
  }
  for (const [i, { operation }] of intervals.entries()) {
    const op = operation.get('op')
    if (op !== 'read' && op !== 'write' && op !== 'get' && op !== 'put')
      refuse(`The history has the operation ${String(op)}.`, 'Judge registers and key-value stores.')
    if (intervals.slice(0, i).some(earlier => earlier.operation.has('value') && is(earlier.operation, operation)))
      refuse(`${String(operation.get('value'))} is written twice.`, 'Let each write have a value of its own.')
  }
  const begun = (interval: Interval): unknown => object.apply(object.initial, operationOf<O>(interval.operation))[1]
  for (const read of intervals)
    if (!isWrite(read) && intervals.some(write => isWrite(write) && writesFor(write, read) && is(write.operation.get('value'), begun(read))))
      refuse(`What was there before is written again.`, 'Let each write have a value of its own.')
}

const writesFor = (write: Interval, read: Interval): boolean => is(write.operation.get('key'), read.operation.get('key'))

/** For each operation those that come before it in causal order: earlier ones of its client, the write that it reads from, and what comes before these. Those that come before themselves, too. */
const causesOf = (intervals: readonly Interval[]): readonly (readonly boolean[])[] => {
  const causes = intervals.map(b =>
    intervals.map(a => isInOrder(a, b) || (isWrite(a) && !isWrite(b) && b.returned !== Infinity && writesFor(a, b) && is(a.operation.get('value'), b.result))),
  )
  for (const through of intervals.keys())
    for (const b of causes) if (b[through] === true) for (const a of intervals.keys()) if (causes[through]?.[a] === true) b[a] = true
  return causes
}

/**
 * The judge of `operations()` of a register or a key-value store: does each client see all writes, and its own reads, in an order that contains the causal one? M. Ahamad, G. Neiger, J. Burns, P. Kohli and
 * P. Hutto, "Causal memory: definitions, implementation, and programming", Distributed Computing 9(1), 1995. Of two concurrent writes clients may see either first, each its own way. Every sequentially consistent
 * history is causally consistent.
 * Cost: as of `linearize`, for each client.
 * @throws SpecError on a history in which a value is written twice, or on other operations: it could not be told which write a read reads from.
 *
 * @example
 * ```ts register
 * observers: { history: operations<RegisterOperation<number>, number | undefined>() },
 * properties: { causal: observed('history', causallyConsistent(register(0))) },
 * ```
 */
export const causallyConsistent =
  // biome-ignore lint/suspicious/noExplicitAny: of any keys and values.
    <S, O extends RegisterOperation<any> | KeyValueOperation<any, any>, R>(object: SequentialObject<S, O, R>) =>
    (history: List<HistoryEvent>): boolean => {
      const intervals = intervalsOf(history)
      checkOperations(object, intervals)
      const causes = causesOf(intervals)
      if (intervals.some((_, i) => causes[i]?.[i] === true)) return false
      return Set(intervals.map(clientOf)).every(client => {
        const seen = [...intervals.keys()].filter(i => isWrite(intervals[i] as Interval) || clientOf(intervals[i] as Interval) === client)
        return isExplained(
          object,
          seen.map(i => intervals[i] as Interval),
          (a, b) => causes[seen[b] as number]?.[seen[a] as number] === true,
          interval => clientOf(interval) === client,
        )
      })
    }
