import type { Record as ImmutableRecord } from 'immutable'
import type { Fault } from './faults.ts'
import type { Id } from './id.ts'
import type { Property } from './properties.ts'

/** A message or an event: a plain readonly object with a `type`; every field holds a value (see `compile/encode.ts`). */
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

type Key<R> = keyof R & string

/** How messages travel; see ARCHITECTURE.md, "Semantics". */
export type Network =
  /** At most once, in the order of its channel (from, to): in flight is a queue per channel. */
  | 'fifo'
  /** At most once, in any order: in flight is a multiset. */
  | 'reliable'
  /** Never, once, or again and again, in any order: in flight is a set that only grows. */
  | 'fair-loss'

/** Where a handler runs: which node, and who the others are. */
export interface Place<R extends RoleTypes, Self extends Key<R> = Key<R>, V extends string = never> {
  readonly self: Id<Self>
  /** Every node of each role, `self` included. Its order means nothing. */
  readonly nodes: { readonly [K in Key<R>]: readonly Id<K>[] }
  /** The other nodes of this role. */
  readonly others: readonly Id<Self>[]
  /** The abstract values of each kind, which the protocol may only compare with `===`. */
  readonly values: { readonly [K in V]: readonly Id<K>[] }
  /**
   * A labelled guard: `holds`, unless the checker was asked to leave this rule out, and then true.
   * So a rule says what must hold for the step to be taken ("the sender is the primary of my view").
   */
  rule(label: string, holds: boolean): boolean
}

/** What a handler may do besides returning the node's next state. It lives for one call. */
export interface Here<R extends RoleTypes, Self extends Key<R> = Key<R>, E extends Tagged = never, V extends string = never> extends Place<R, Self, V> {
  /** Sends to one node or to each of several; a role that has no handler for the message is a compile error. */
  send<K extends Key<R>>(to: Id<K> | Iterable<Id<K>>, message: R[K]['inbox']): void
  /** Sends to the other nodes of this role. */
  broadcast(message: R[Self]['inbox']): void
  /** One of `options`: every choice is explored. With no options at all, this step is not enabled. */
  choose<T>(options: Iterable<T>): T
  /** Tells the observers. */
  emit(event: E): void
}

/** A step that a node takes by itself: a timeout, a client's request. It may be taken whenever `when` holds. */
export interface Action<R extends RoleTypes, K extends Key<R>, E extends Tagged = never, V extends string = never> {
  when?(node: R[K]['state'], here: Place<R, K, V>): boolean
  do(node: R[K]['state'], here: Here<R, K, E, V>): R[K]['state']
}

/** The nodes of one kind, and what they do. */
export interface Role<R extends RoleTypes, K extends Key<R>, E extends Tagged = never, V extends string = never> {
  /** How many nodes of this role there are. */
  readonly count: number
  /** Names for people, one a node (`['A', 'B']`); without it the role's initial and a number, or the role's name if there is but one. */
  readonly names?: readonly string[]
  init(here: Place<R, K, V>): R[K]['state']
  /** The reaction to each message: a pure function to the node's next state. `from` may be of any role. */
  readonly on: {
    readonly [T in R[K]['inbox']['type']]: (
      node: R[K]['state'],
      message: Extract<R[K]['inbox'], { readonly type: T }>,
      // biome-ignore lint/suspicious/noExplicitAny: who may send it is not in the type; a spec may narrow it to the role that does.
      from: Id<any>,
      here: Here<R, K, E, V>,
    ) => R[K]['state']
  }
  readonly actions?: { readonly [name: string]: Action<R, K, E, V> }
  /** The state after a crash and a recovery: what was on disk is kept. Used by the fault `crashRecovery`. */
  recover?(node: R[K]['state'], here: Place<R, K, V>): R[K]['state']
  /** The bound of the model: a step that would take a node outside it is not part of the model. */
  within?(node: R[K]['state']): boolean
}

/** The whole system, as a global step or a predicate over it sees it. */
export interface World<R extends RoleTypes, V extends string = never> {
  readonly nodes: { readonly [K in Key<R>]: readonly Id<K>[] }
  readonly values: { readonly [K in V]: readonly Id<K>[] }
  get<K extends Key<R>>(node: Id<K>): R[K]['state']
  /** The states of all nodes of a role. */
  all<K extends Key<R>>(role: K): readonly R[K]['state'][]
  /** Has this node stopped for good (crash-stop)? */
  crashed(node: Id<Key<R>>): boolean
  /** The state of an observer. */
  observer(name: string): unknown
  /** The messages in flight. A property that reads them switches off the reductions that would hide them. */
  readonly inFlight: readonly InFlight<R>[]
}

export interface InFlight<R extends RoleTypes> {
  readonly from: Id<Key<R>>
  readonly to: Id<Key<R>>
  readonly message: R[Key<R>]['inbox']
}

/** What a global step may do: read and write several nodes at once. */
export interface GlobalHere<R extends RoleTypes, E extends Tagged = never, V extends string = never>
  extends Pick<World<R, V>, 'nodes' | 'values' | 'get' | 'all' | 'crashed'> {
  set<K extends Key<R>>(node: Id<K>, state: R[K]['state']): void
  send<K extends Key<R>>(from: Id<Key<R>>, to: Id<K> | Iterable<Id<K>>, message: R[K]['inbox']): void
  choose<T>(options: Iterable<T>): T
  /** Tells the observers, in the name of a node. */
  emit(from: Id<Key<R>>, event: E): void
  rule(label: string, holds: boolean): boolean
}

/** A step that is not one node's own: a shared memory, a clock that all nodes see, an adversary. */
export interface GlobalStep<R extends RoleTypes, E extends Tagged = never, V extends string = never> {
  when?(world: Pick<GlobalHere<R, E, V>, 'nodes' | 'values' | 'get' | 'all' | 'crashed' | 'rule'>): boolean
  do(world: GlobalHere<R, E, V>): void
}

/** A small pure automaton outside the nodes, which hears every `emit` in order: a history. */
// biome-ignore lint/suspicious/noExplicitAny: the state of an observer is inferred at its definition and erased here.
export interface Observer<E extends Tagged, S = any> {
  readonly init: S
  on(state: S, event: E, from: Id): S
}

/**
 * A protocol: a plain value, with no hidden state. `R` names its roles, `E` the events that its nodes emit,
 * `V` the kinds of abstract values that it is indifferent to.
 */
export interface Protocol<R extends RoleTypes, E extends Tagged = never, V extends string = never> {
  readonly name: string
  /** Author, title, venue, year; or lecture and slide. */
  readonly source: string
  readonly network: Network
  readonly roles: { readonly [K in Key<R>]: Role<R, K, E, V> }
  /** How many abstract values there are of each kind. */
  readonly values?: { readonly [K in V]: number }
  readonly steps?: { readonly [name: string]: GlobalStep<R, E, V> }
  readonly faults?: readonly Fault<Key<R>>[]
  readonly observers?: { readonly [name: string]: Observer<E> }
  readonly properties: { readonly [name: string]: Property<R> }
  /**
   * Where the system may come to rest: a state in which nothing more can happen is a deadlock unless this is true of it.
   * Without it deadlocks are not a question (`mayRest: true`). A step that only the bound cuts off counts as something to do.
   */
  readonly mayRest?: boolean | ((world: World<R, V>) => boolean)
}

/** A protocol with its types erased, as the engine sees it. */
export type AnyProtocol = Protocol<RoleTypes, Tagged, string>

/** What any protocol looks like from outside, whatever its types: what `explore` and the command line take. */
export interface Spec {
  readonly name: string
  readonly source: string
  readonly network: Network
  readonly roles: object
  readonly properties: object
}
