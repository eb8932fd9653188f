import type { AnyObservers, Key, ObserverStates, RoleTypes } from './roles.ts'
import type { World } from './world.ts'

/**
 * A predicate over one state of the system. `view` says what of a node it looks at: the predicate is evaluated once for each
 * distinct view (or pair of views), not once for each state, and reductions may merge what no view tells apart.
 */
export type StatePredicate<R extends RoleTypes, O extends ObserverStates = AnyObservers> =
  | EachPredicate<R>
  | PairPredicate<R>
  | WorldPredicate<R, O>
  | ObservedPredicate<R, O>

/** What a view is told of a node besides its state. */
export interface Status {
  /** Has it stopped for good (crash-stop)? */
  readonly crashed: boolean
}

/** What `each` and `some` make. */
export interface EachPredicate<R extends RoleTypes> {
  readonly type: 'each' | 'some'
  readonly role: string
  readonly view: (node: never, status: Status) => unknown
  readonly ok: (view: never) => boolean
  readonly roles?: (roles: R) => void
}

/** What `eachPair`, `somePair`, `eachPairOf` and `somePairOf` make. */
export interface PairPredicate<R extends RoleTypes> {
  readonly type: 'eachPair' | 'somePair'
  readonly roles: readonly [string, string]
  readonly views: readonly [(node: never, status: Status) => unknown, (node: never, status: Status) => unknown]
  readonly ok: (a: never, b: never) => boolean
  readonly of?: (roles: R) => void
}

/** What `always` makes. */
export interface WorldPredicate<R extends RoleTypes, O extends ObserverStates = AnyObservers> {
  readonly type: 'world'
  /** A method, so that predicates of any observers suit a protocol that names them. */
  ok(world: World<R, string, O>): boolean
}

/** What `observed` makes. */
export interface ObservedPredicate<R extends RoleTypes, O extends ObserverStates = AnyObservers> {
  readonly type: 'observed'
  readonly observer: string
  readonly ok: (state: never) => boolean
  readonly of?: (roles: R) => void
  /** As in `WorldPredicate`. */
  states?(observers: O): void
}

/** A predicate over one step of one node. */
export interface StepProperty<R extends RoleTypes> {
  readonly type: 'step'
  readonly role: string
  readonly ok: (before: never, after: never) => boolean
  readonly of?: (roles: R) => void
}

/** Some reachable state satisfies it: a guard against models in which nothing happens. */
export interface ReachableProperty<R extends RoleTypes, O extends ObserverStates = AnyObservers> {
  readonly type: 'reachable'
  readonly predicate: StatePredicate<R, O>
}

/** From every reachable state, a state that satisfies it stays reachable (AG EF). */
export interface CanAlwaysProperty<R extends RoleTypes, O extends ObserverStates = AnyObservers> {
  readonly type: 'canAlways'
  readonly predicate: StatePredicate<R, O>
}

/**
 * What must happen in every execution that is as fair as the protocol declares (`Protocol.fairness`). A counterexample is a lasso: steps, and then others again and again, or nothing more.
 * It takes a complete search.
 */
export interface LivenessProperty<R extends RoleTypes, O extends ObserverStates = AnyObservers> {
  readonly type: 'eventually' | 'leadsTo' | 'alwaysEventually' | 'eventuallyAlways'
  /** `leadsTo`: what is to be answered. */
  readonly from?: StatePredicate<R, O> | undefined
  readonly to: StatePredicate<R, O>
  /** It is asked of each node of a role by itself: `from` and `to` are `each` of that role. */
  readonly ofEachNode?: true
}

/** A state predicate by itself is an invariant: it holds in every reachable state. */
export type Property<R extends RoleTypes, O extends ObserverStates = AnyObservers> =
  | StatePredicate<R, O>
  | StepProperty<R>
  | ReachableProperty<R, O>
  | CanAlwaysProperty<R, O>
  | LivenessProperty<R, O>

/** Is it asked of whole executions (`eventually`, `leadsTo`…)? */
export const isLiveness = <R extends RoleTypes, O extends ObserverStates>(property: Property<R, O>): property is LivenessProperty<R, O> =>
  property.type === 'eventually' || property.type === 'leadsTo' || property.type === 'alwaysEventually' || property.type === 'eventuallyAlways'

/** The names of the properties that are asked of whole executions. */
export const livenessIn = (properties: { readonly [name: string]: Property<RoleTypes> }): readonly string[] =>
  Object.keys(properties).filter(name => isLiveness(properties[name] as Property<RoleTypes>))

/** The predicates over a state that a property is made of: none of a step property. */
export const predicatesIn = <R extends RoleTypes, O extends ObserverStates>(property: Property<R, O>): readonly StatePredicate<R, O>[] => {
  if (property.type === 'step') return []
  if (isLiveness(property)) return property.from === undefined ? [property.to] : [property.from, property.to]
  return property.type === 'reachable' || property.type === 'canAlways' ? [property.predicate] : [property]
}

type State<R extends RoleTypes, K extends Key<R>> = R[K]['state']

/** What is looked at of a node of a role. */
export type View<R extends RoleTypes, K extends Key<R>, T> = (node: State<R, K>, status: Status) => T

/**
 * For every node of `role`: `ok(view(node))`. Nodes that have stopped for good are among them: a view is told by its second parameter, as those of `some`, `eachPair` and the others are.
 *
 * @example
 * ```ts properties
 * shortQueue: each('server', server => server.queue.size, size => size <= 4),
 * servedIfUp: canAlways(each('client', ({ state }, { crashed }) => crashed || state !== 'waiting', served => served)),
 * ```
 */
export const each = <R extends RoleTypes, K extends Key<R>, T>(role: K, view: View<R, K, T>, ok: (view: T) => boolean): EachPredicate<R> => ({
  type: 'each',
  role,
  view,
  ok,
})

/**
 * For some node of `role`: `ok(view(node))`.
 *
 * @example
 * ```ts properties
 * somebodyHolds: reachable(some('client', client => client.state, state => state === 'holding')),
 * ```
 */
export const some = <R extends RoleTypes, K extends Key<R>, T>(role: K, view: View<R, K, T>, ok: (view: T) => boolean): EachPredicate<R> => ({
  type: 'some',
  role,
  view,
  ok,
})

/**
 * For any two different nodes of `role`: `ok(view(a), view(b))`, in either order.
 *
 * @example
 * ```ts properties
 * mutualExclusion: eachPair('client', client => client.state === 'holding', (a, b) => !(a && b)),
 * ```
 */
export const eachPair = <R extends RoleTypes, K extends Key<R>, T>(role: K, view: View<R, K, T>, ok: (a: T, b: T) => boolean): PairPredicate<R> => ({
  type: 'eachPair',
  roles: [role, role],
  views: [view, view],
  ok,
})

/**
 * For some two different nodes of `role`: `ok(view(a), view(b))`.
 *
 * @example
 * ```ts properties
 * twoWait: reachable(somePair('client', client => client.state === 'waiting', (a, b) => a && b)),
 * ```
 */
export const somePair = <R extends RoleTypes, K extends Key<R>, T>(role: K, view: View<R, K, T>, ok: (a: T, b: T) => boolean): PairPredicate<R> => ({
  type: 'somePair',
  roles: [role, role],
  views: [view, view],
  ok,
})

/**
 * For any node of one role and any of another: `ok(viewA(a), viewB(b))`.
 *
 * @example
 * ```ts properties
 * held: eachPairOf('client', c => c.state, 'server', s => s.queue.size, (state, size) => state !== 'holding' || size > 0),
 * ```
 */
export const eachPairOf = <R extends RoleTypes, A extends Key<R>, B extends Key<R>, S, T>(
  roleA: A,
  viewA: View<R, A, S>,
  roleB: B,
  viewB: View<R, B, T>,
  ok: (a: S, b: T) => boolean,
): PairPredicate<R> => ({ type: 'eachPair', roles: [roleA, roleB], views: [viewA, viewB], ok })

/**
 * For some node of one role and some of another: `ok(viewA(a), viewB(b))`.
 *
 * @example
 * ```ts properties
 * early: reachable(somePairOf('client', c => c.state, 'server', s => s.queue.size, (state, size) => state === 'idle' && size > 0)),
 * ```
 */
export const somePairOf = <R extends RoleTypes, A extends Key<R>, B extends Key<R>, S, T>(
  roleA: A,
  viewA: View<R, A, S>,
  roleB: B,
  viewB: View<R, B, T>,
  ok: (a: S, b: T) => boolean,
): PairPredicate<R> => ({ type: 'somePair', roles: [roleA, roleB], views: [viewA, viewB], ok })

/**
 * Any predicate over the whole state; memoised on the node states that it reads.
 *
 * @example
 * ```ts properties
 * oneHolder: always(world => world.all('client').filter(({ state }) => state === 'holding').length <= 1),
 * ```
 */
export const always = <R extends RoleTypes, O extends ObserverStates = AnyObservers>(ok: (world: World<R, string, O>) => boolean): WorldPredicate<R, O> => ({
  type: 'world',
  ok,
})

/**
 * A predicate over the state of an observer.
 *
 * @example
 * ```ts properties
 * oneHolder: observed('holders', holders => holders.size <= 1),
 * ```
 */
export const observed = <R extends RoleTypes, O extends ObserverStates = AnyObservers, N extends keyof O & string = keyof O & string>(
  observer: N,
  ok: (state: O[N]) => boolean,
): ObservedPredicate<R, O> => ({
  type: 'observed',
  observer,
  ok,
})

/**
 * For every step of every node of `role`: `ok(before, after)`. A crash with recovery is a step too.
 *
 * @example
 * ```ts properties
 * asksFirst: step('client', (before, after) => before.state !== 'idle' || after.state !== 'holding'),
 * ```
 */
export const step = <R extends RoleTypes, K extends Key<R>>(role: K, ok: (before: State<R, K>, after: State<R, K>) => boolean): StepProperty<R> => ({
  type: 'step',
  role,
  ok,
})

/**
 * Some reachable state satisfies `predicate`.
 *
 * @example
 * ```ts properties
 * bothWait: reachable(somePair('client', client => client.state === 'waiting', (a, b) => a && b)),
 * ```
 */
export const reachable = <R extends RoleTypes, O extends ObserverStates = AnyObservers>(predicate: StatePredicate<R, O>): ReachableProperty<R, O> => ({
  type: 'reachable',
  predicate,
})

/**
 * From every reachable state, a state that satisfies `predicate` stays reachable (AG EF predicate), over `fair-loss` whatever is lost: there it must not look at the messages in flight.
 *
 * @example
 * ```ts properties
 * getsIdle: canAlways(each('client', client => client.state, state => state === 'idle')),
 * ```
 */
export const canAlways = <R extends RoleTypes, O extends ObserverStates = AnyObservers>(predicate: StatePredicate<R, O>): CanAlwaysProperty<R, O> => ({
  type: 'canAlways',
  predicate,
})
