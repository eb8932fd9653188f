import type { Record as ImmutableRecord } from 'immutable'

/** A message or an event: a plain readonly object with a `type`; every field holds a value (see `values/encode.ts`). */
export interface Tagged {
  readonly type: string
}

/** The state of a node: an Immutable Record, with Immutable collections inside. */
// biome-ignore lint/suspicious/noExplicitAny: the fields of a record are its own; the checker never names them.
export type NodeState = ImmutableRecord<any>

/** One kind of node: what a node of it remembers, and the messages that may be sent to it. */
export interface RoleType {
  readonly state: NodeState
  readonly inbox: Tagged
}

/** The kinds of node of a protocol, by name. */
export type RoleTypes = { readonly [role: string]: RoleType }

/** The name of a role. */
export type Key<R> = keyof R & string

/** The states of the observers of a protocol, by name. */
export type ObserverStates = { readonly [name: string]: unknown }

/** Any observers: what is known of them where a protocol does not name them. */
// biome-ignore lint/suspicious/noExplicitAny: the states are known to whoever wrote the observers.
export type AnyObservers = { readonly [name: string]: any }
