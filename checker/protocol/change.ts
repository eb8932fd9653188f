import type { Id } from './id.ts'
import type { Here, Place } from './protocol.ts'
import type { NodeState, RoleTypes, Tagged } from './roles.ts'

type Roles<T> = T extends { readonly roles: infer Q } ? Q : never
type Role<T, K extends keyof Roles<T>> = Roles<T>[K]
type Handlers<T, K extends keyof Roles<T>> = Role<T, K> extends { readonly on: infer H } ? H : never
type Actions<T, K extends keyof Roles<T>> = Role<T, K> extends { readonly actions?: infer A } ? NonNullable<A> : never
type State<T, K extends keyof Roles<T>> = Role<T, K> extends { init(here: never): infer S extends NodeState } ? S : never

/** The node states of a protocol, role by role, as far as they can be told from its code. Of messages nothing is known, so any will do. */
export type RolesIn<T> = T extends { readonly roles: infer Q }
  ? { readonly [K in keyof Q & string]: { readonly state: Q[K] extends { init(here: never): infer S extends NodeState } ? S : never; readonly inbox: Tagged } }
  : RoleTypes

type Name<X> = keyof X & string

/** The parameter of a function at a place, or `Otherwise` where the function leaves it out. */
type At<F, I extends keyof P, Otherwise, P extends readonly unknown[] = F extends (...parameters: infer Q) => unknown ? Q : never> = P[I] extends undefined
  ? Otherwise
  : P[I]

/** The context of code of a role: that which the code is written for, or one in which any event may be emitted. */
type ContextOf<T, K extends string> = RolesIn<T> extends infer R extends RoleTypes ? Here<R, K & keyof R & string, Tagged, string> : never
type PlaceOf<T, K extends string> = RolesIn<T> extends infer R extends RoleTypes ? Place<R, K & keyof R & string, string> : never

type Handler<T, K extends Name<Roles<T>>, H> = (
  node: State<T, K>,
  message: At<H, 1, Tagged>,
  from: At<H, 2, Id>,
  here: At<H, 3, ContextOf<T, K>>,
) => State<T, K>

interface ChangedAction<T, K extends Name<Roles<T>>, A> {
  when?(node: State<T, K>, here: PlaceOf<T, K>): boolean
  do(node: State<T, K>, here: A extends { readonly do: infer D } ? At<D, 1, ContextOf<T, K>> : ContextOf<T, K>): State<T, K>
}

type Erased = { readonly roles: { readonly [role: string]: { readonly [part: string]: { readonly [name: string]: unknown } } } }

const withPart = <T>(spec: T, role: string, part: 'on' | 'actions', name: string, change: (old: never) => unknown): T => {
  const { roles } = spec as Erased
  const parts = roles[role]
  const old = parts?.[part]?.[name]
  if (old === undefined) throw new TypeError(`There is no ${part === 'on' ? 'handler' : 'action'} ${name} of a role ${role}.`)
  return { ...spec, roles: { ...roles, [role]: { ...parts, [part]: { ...parts?.[part], [name]: change(old as never) } } } }
}

/**
 * The same protocol with another handler, made from the one that there is. For mutants, in place of four nested spreads. What the old handler says of its
 * message, its sender and its context is known of the new one's, too.
 *
 * @example
 * ```ts mutants
 * greedy: {
 *   because: 'The server grants the lock whoever holds it.',
 *   breaks: 'mutualExclusion',
 *   length: 6,
 *   change: spec =>
 *     withHandler(spec, 'server', 'Acquire', () => (server, _, from, { send }) => {
 *       send(from, { type: 'Grant' })
 *       return server.update('queue', queue => queue.push(from))
 *     }),
 * },
 * ```
 */
export const withHandler = <T extends { readonly roles: object }, K extends Name<Roles<T>>, N extends Name<Handlers<T, K>>>(
  spec: T,
  role: K,
  name: N,
  change: (handler: Handlers<T, K>[N]) => Handler<T, K, Handlers<T, K>[N]>,
): T => withPart(spec, role, 'on', name, change)

/**
 * The same protocol with another action, made from the one that there is.
 *
 * @example
 * ```ts mutants
 * forgetful: {
 *   because: 'A client thinks that it has the lock as soon as it has asked for it.',
 *   breaks: 'mutualExclusion',
 *   length: 2,
 *   change: spec =>
 *     withAction(spec, 'client', 'acquire', ({ when, do: acquire }) => ({ when, do: (client, here) => acquire(client, here).set('state', 'holding') })),
 * },
 * ```
 */
export const withAction = <T extends { readonly roles: object }, K extends Name<Roles<T>>, N extends Name<Actions<T, K>>>(
  spec: T,
  role: K,
  name: N,
  change: (action: Actions<T, K>[N]) => ChangedAction<T, K, Actions<T, K>[N]>,
): T => withPart(spec, role, 'actions', name, change)
