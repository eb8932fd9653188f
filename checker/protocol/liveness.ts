import { each, type LivenessProperty, type StatePredicate, type View } from './properties.ts'
import type { AnyObservers, Key, ObserverStates, RoleTypes } from './roles.ts'

/**
 * In every fair execution there is a state that satisfies `predicate`.
 *
 * @example
 * ```ts liveness
 * somebodyWaits: eventually(some('client', client => client.state, state => state === 'waiting')),
 * ```
 */
export const eventually = <R extends RoleTypes, O extends ObserverStates = AnyObservers>(predicate: StatePredicate<R, O>): LivenessProperty<R, O> => ({
  type: 'eventually',
  to: predicate,
})

/**
 * In every fair execution each state that satisfies `from` is followed by one that satisfies `to`, or does so itself.
 *
 * @example
 * ```ts liveness
 * lockIsTaken: leadsTo(some('client', client => client.state, state => state === 'waiting'), some('client', client => client.state, state => state === 'holding')),
 * ```
 */
export const leadsTo = <R extends RoleTypes, O extends ObserverStates = AnyObservers>(
  from: StatePredicate<R, O>,
  to: StatePredicate<R, O>,
): LivenessProperty<R, O> => ({ type: 'leadsTo', from, to })

/**
 * In every fair execution `predicate` is satisfied again and again; in one that ends, at its end.
 *
 * @example
 * ```ts liveness
 * lockIsFree: alwaysEventually(each('client', client => client.state, state => state !== 'holding')),
 * ```
 */
export const alwaysEventually = <R extends RoleTypes, O extends ObserverStates = AnyObservers>(predicate: StatePredicate<R, O>): LivenessProperty<R, O> => ({
  type: 'alwaysEventually',
  to: predicate,
})

/**
 * In every fair execution `predicate` is satisfied from some state on, for ever.
 *
 * @example
 * ```ts liveness
 * neverPainted: eventuallyAlways(each('client', client => client.color, color => color === null)),
 * ```
 */
export const eventuallyAlways = <R extends RoleTypes, O extends ObserverStates = AnyObservers>(predicate: StatePredicate<R, O>): LivenessProperty<R, O> => ({
  type: 'eventuallyAlways',
  to: predicate,
})

/**
 * Each node of `role` by itself: in every fair execution there is a state in which `ok(view(node))`.
 *
 * @example
 * ```ts liveness
 * eachGetsIt: eachEventually('client', client => client.state, state => state === 'holding'),
 * ```
 */
export const eachEventually = <R extends RoleTypes, K extends Key<R>, T>(role: K, view: View<R, K, T>, ok: (view: T) => boolean): LivenessProperty<R> => ({
  type: 'eventually',
  to: each(role, view, ok),
  ofEachNode: true,
})

/**
 * Each node of `role` by itself: in every fair execution, whenever `from(view(node))`, then or later `to(view(node))`.
 *
 * @example
 * ```ts liveness
 * granted: eachLeadsTo('client', client => client.state, state => state === 'waiting', state => state === 'holding'),
 * ```
 */
export const eachLeadsTo = <R extends RoleTypes, K extends Key<R>, T>(
  role: K,
  view: View<R, K, T>,
  from: (view: T) => boolean,
  to: (view: T) => boolean,
): LivenessProperty<R> => ({ type: 'leadsTo', from: each(role, view, from), to: each(role, view, to), ofEachNode: true })

/**
 * Each node of `role` by itself: in every fair execution `ok(view(node))` again and again.
 *
 * @example
 * ```ts liveness
 * letsGo: eachAlwaysEventually('client', client => client.state, state => state !== 'holding'),
 * ```
 */
export const eachAlwaysEventually = <R extends RoleTypes, K extends Key<R>, T>(
  role: K,
  view: View<R, K, T>,
  ok: (view: T) => boolean,
): LivenessProperty<R> => ({ type: 'alwaysEventually', to: each(role, view, ok), ofEachNode: true })

/**
 * Each node of `role` by itself: in every fair execution `ok(view(node))` from some state on, for ever.
 *
 * @example
 * ```ts liveness
 * staysUnpainted: eachEventuallyAlways('client', client => client.color, color => color === null),
 * ```
 */
export const eachEventuallyAlways = <R extends RoleTypes, K extends Key<R>, T>(
  role: K,
  view: View<R, K, T>,
  ok: (view: T) => boolean,
): LivenessProperty<R> => ({ type: 'eventuallyAlways', to: each(role, view, ok), ofEachNode: true })
