/** What is remembered of an execution, for the properties: who answered clients in which view, and which writes they acknowledged. */
import { type List, Map, Record, type Set } from 'immutable'
import type { Id, Observer, OperationEvent } from '../../checker/index.ts'
import type { Op, Operation } from './store.ts'

type Server = Id<'server'>

export type Event =
  /** A client asks, or has its answer. */
  | OperationEvent<{ readonly op: Op }, number>
  /** A server answers a client; its idea of the current view is this. */
  | { readonly type: 'serves'; readonly num: number; readonly primary: Server | null; readonly operation: Operation }
  /** A server becomes primary, with these writes. */
  | { readonly type: 'leads'; readonly num: number; readonly writes: List<Operation> }

/** The server that answered clients in each view; and a view in which another did, or one that was not its primary. */
export class Service extends Record({ servers: Map<number, Id>(), violation: null as number | null }) {}

export const service: Observer<Event, Service> = {
  init: new Service(),
  on(seen, event, server) {
    if (event.type !== 'serves') return seen
    const { num, primary } = event
    return server === primary && seen.servers.get(num, server) === server ? seen.setIn(['servers', num], server) : seen.set('violation', num)
  },
}

/** The writes that were acknowledged to clients, each with the first view in which it was; and what a primary of a later view did not have of these. */
export class Acknowledged extends Record({ writes: Map<Operation, number>(), violation: null as Set<Operation> | null }) {}

export const acknowledged: Observer<Event, Acknowledged> = {
  init: new Acknowledged(),
  on(seen, event) {
    if (event.type === 'serves' && event.operation.op === 'write') {
      const { operation, num } = event
      return seen.set('writes', seen.writes.set(operation, Math.min(num, seen.writes.get(operation, num))))
    }
    if (event.type !== 'leads') return seen
    const { num, writes } = event
    const lost = seen.writes.filter((first, write) => first < num && !writes.includes(write)).keySeq()
    return lost.isEmpty() ? seen : seen.set('violation', lost.toSet())
  },
}
