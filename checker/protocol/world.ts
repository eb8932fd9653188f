import type { Id } from './id.ts'
import type { AnyObservers, Key, ObserverStates, RoleTypes } from './roles.ts'

/** The whole system, as a global step or a predicate over it sees it. */
export interface World<R extends RoleTypes, V extends string = never, O extends ObserverStates = AnyObservers> {
  /**
   * Every node of each role. Their order means nothing.
   *
   * @example
   * ```ts properties
   * atMostTwo: always(world => world.nodes.client.length <= 2),
   * ```
   */
  readonly nodes: { readonly [K in Key<R>]: readonly Id<K>[] }
  /**
   * The abstract values of each kind.
   *
   * @example
   * ```ts properties
   * colored: always(world => world.all('client').every(({ color }) => color === null || world.values['color']?.includes(color))),
   * ```
   */
  readonly values: { readonly [K in V]: readonly Id<K>[] }
  /**
   * The state of a node.
   *
   * @example
   * ```ts properties
   * firstHolds: always(world =>
   *   world.nodes.client.every(id => world.get(id).state !== 'holding' || world.all('server').some(({ queue }) => queue.first() === id)),
   * ),
   * ```
   */
  get<K extends Key<R>>(node: Id<K>): R[K]['state']
  /**
   * The states of all nodes of a role.
   *
   * @example
   * ```ts properties
   * oneHolder: always(world => world.all('client').filter(({ state }) => state === 'holding').length <= 1),
   * ```
   */
  all<K extends Key<R>>(role: K): readonly R[K]['state'][]
  /**
   * Has this node stopped for good (crash-stop)?
   *
   * @example
   * ```ts properties
   * served: canAlways(always(world => world.nodes.client.every(id => world.crashed(id) || world.get(id).state !== 'waiting'))),
   * ```
   */
  crashed(node: Id<Key<R>>): boolean
  /**
   * The state of an observer.
   *
   * @example
   * ```ts properties
   * counted: always(world => world.all('client').filter(({ state }) => state === 'holding').length === world.observer('holders').size),
   * ```
   */
  observer<N extends keyof O & string>(name: N): O[N]
  /**
   * The messages in flight, in no order. A property or a global step that reads them switches off the reductions that would hide them. Over `fair-loss`, where each may be lost at any time,
   * global steps, `canAlways`, `mayRest` and liveness properties may not read them.
   *
   * @example
   * ```ts properties
   * oneGrant: always(world => world.inFlight.filter(({ message }) => message.type === 'Grant').length <= 1),
   * ```
   */
  readonly inFlight: readonly InFlight<R>[]
}

/** A message in flight, as `World.inFlight` shows it. */
export interface InFlight<R extends RoleTypes> {
  readonly from: Id<Key<R>>
  readonly to: Id<Key<R>>
  readonly message: R[Key<R>]['inbox']
}
