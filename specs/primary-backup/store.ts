/** What primary and backup replicate: a counter, and what is needed to execute each operation of a client at most once. */
import { List, Map, Record } from 'immutable'
import type { Id, SequentialObject } from '../../checker/index.ts'

type Client = Id<'client'>

export type Op = 'read' | 'write'

/** A request of a client: its `seq`-th. */
export class Operation extends Record({ client: null as Client | null, seq: 0, op: 'read' as Op }) {}

/** The result of the last request of a client. */
class Rpc extends Record({ seq: 0, result: 0 }) {}

/**
 * The writes, in the order in which they were executed, and the results for at-most-once. The service counts: a write adds one and answers the new count,
 * a read answers the count, so an answer shows at once if a write is missing or was executed twice.
 */
export class Store extends Record({ writes: List<Operation>(), rpcs: Map<Client, Rpc>() }) {}

/** A single server, as the clients are to see it. */
export const counter: SequentialObject<number, { readonly op: Op }, number> = {
  initial: 0,
  apply: (count, { op }) => (op === 'read' ? [count, count] : [count + 1, count + 1]),
}

export const lastOf = (store: Store, client: Client | null) => (client === null ? undefined : store.rpcs.get(client)) ?? new Rpc()

/** Executes an operation, at most once (P, "State transfer via snapshot": each client has only one RPC outstanding). */
export const execute = (store: Store, operation: Operation) => {
  const { client, seq, op } = operation
  if (client === null || seq <= lastOf(store, client).seq) return store
  const writes = op === 'write' ? store.writes.push(operation) : store.writes
  return store.merge({ writes, rpcs: store.rpcs.set(client, new Rpc({ seq, result: writes.size })) })
}
