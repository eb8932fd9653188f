import { List, Map, Record } from 'immutable'
import { SpecError } from '../errors.ts'
import type { Id } from '../id.ts'
import type { Observer } from '../protocol.ts'
import type { Operation } from './objects.ts'

/** What names an operation of a client that has several under way; needless while it has but one. */
type OperationId = number | string | Id

/** A client calls an operation: `emit({ type: 'invoke', op: 'write', value: 1 })`. The client is the node that emits. */
export type Invoke<O extends Operation> = O & { readonly type: 'invoke'; readonly id?: OperationId }

/** The operation answers its client: `emit({ type: 'return', result: 1 })`. An operation that answers nothing has no `result`. */
export interface Return<R> {
  readonly type: 'return'
  readonly id?: OperationId
  readonly result?: R
}

/** What the clients of an object emit. */
export type OperationEvent<O extends Operation, R> = Invoke<O> | Return<R>

/** One call of one operation: its client or, where the events carry an id, client and id. */
export type Call = Id | List<Id | OperationId>

/** The fields of an operation, as a value. */
export type OperationFields = Map<string, unknown>

export const callOf = (event: { readonly id?: OperationId }, client: Id): Call => (event.id === undefined ? client : List([client, event.id]))

export const fieldsOf = <O extends Operation>(event: Invoke<O>): OperationFields => Map<string, unknown>(Object.entries(event)).delete('type').delete('id')

/** The operation that `fieldsOf` took apart. */
export const operationOf = <O extends Operation>(fields: OperationFields): O => fields.toObject() as unknown as O

/** An invocation or a return, as the history keeps it; an invocation has an operation, a return a result. */
export class HistoryEvent extends Record({
  type: 'invoke' as 'invoke' | 'return',
  call: undefined as Call | undefined,
  operation: null as OperationFields | null,
  result: undefined as unknown,
}) {}

/**
 * Keeps every invocation and return in order, for `linearizableHistory` and `linearize`. Its state tells apart all interleavings
 * of the clients and grows with each event: to check a protocol take `linearization`, which forgets what no longer matters.
 *
 * @example
 * ```ts register
 * observers: { history: operations<RegisterOperation<number>, number | undefined>() },
 * properties: { linearizable: observed('history', linearizableHistory(register(0))) },
 * ```
 */
export const operations = <O extends Operation, R>(): Observer<OperationEvent<O, R>, List<HistoryEvent>> => ({
  init: List<HistoryEvent>(),
  on(history, event, client) {
    const call = callOf(event, client)
    if (event.type === 'invoke') return history.push(new HistoryEvent({ type: 'invoke', call, operation: fieldsOf(event) }))
    if (event.type === 'return') return history.push(new HistoryEvent({ type: 'return', call, result: event.result }))
    return history
  },
})

/** @throws SpecError, always: a call began that is under way already. */
export const throwUnderWay = (call: Call): never => {
  throw new SpecError({
    title: 'INVOKED TWICE',
    what: `${call} invokes an operation while its last one has not returned.`,
    why: 'A return could not be told to belong to one or the other.',
    hint: "Let both events of an operation carry an id: emit({ type: 'invoke', id: 1, … }), emit({ type: 'return', id: 1, … }).",
  })
}

/** @throws SpecError, always: a call returned that never began. */
export const throwNotUnderWay = (call: Call): never => {
  throw new SpecError({
    title: 'RETURN WITHOUT INVOKE',
    what: `${call} returns from an operation that it has not invoked, or that has returned before.`,
    hint: 'Emit one invoke and one return for each operation, by the same node and with the same id, if any.',
  })
}
