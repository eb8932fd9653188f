/**
 * What is not put off for ever, in executions that liveness properties are asked about. Without a declaration nothing is fair: a node may stop, and a message may be under way for ever.
 * Nothing is owed to a node that has crashed, nor by it. See docs/liveness.md.
 */
export type Fairness<K extends string = string> =
  /** What is in flight to a node that is up is delivered in the end. Over `fair-loss`: what is sent again and again is. */
  | { readonly type: 'delivery' }
  /** The same where messages may be lost: what can be received again and again is received in the end. */
  | { readonly type: 'strong-delivery' }
  /** Actions of each node of a role (of all its actions, if none is named), each by itself. */
  | { readonly type: 'weak' | 'strong'; readonly role: K; readonly actions: readonly string[] }
  /** Global steps, each by itself. */
  | { readonly type: 'weak-steps' | 'strong-steps'; readonly steps: readonly string[] }

/**
 * What is in flight to a node that is up is delivered in the end: each message under `reliable`, each channel in its order under `fifo`. Over `fair-loss`, where any message may be lost,
 * what is sent again and again is delivered again and again.
 *
 * @example
 * ```ts protocol
 * fairness: [fairDelivery()],
 * ```
 */
export const fairDelivery = (): Fairness<never> => ({ type: 'delivery' })

/**
 * Strong fairness of deliveries: what is in flight again and again to a node that is up, each message under `reliable` and the next of each channel under `fifo`, is delivered again and again. For links with the fault
 * `loss`, where what is lost each time would not have to arrive. Over `fair-loss` it says what `fairDelivery` says.
 *
 * @example
 * ```ts protocol
 * faults: [loss()],
 * fairness: [stronglyFairDelivery()],
 * ```
 */
export const stronglyFairDelivery = (): Fairness<never> => ({ type: 'strong-delivery' })

/**
 * Weak fairness: each node of the role takes each of these actions again and again, unless again and again it cannot. Without names: all its actions.
 *
 * @example
 * ```ts protocol
 * fairness: [weaklyFair('client', 'acquire', 'release')],
 * ```
 */
export const weaklyFair = <K extends string>(role: K, ...actions: readonly string[]): Fairness<K> => ({ type: 'weak', role, actions })

/**
 * Strong fairness: each node of the role takes each of these actions again and again, if again and again it can. Without names: all its actions.
 *
 * @example
 * ```ts protocol
 * fairness: [stronglyFair('client', 'release')],
 * ```
 */
export const stronglyFair = <K extends string>(role: K, ...actions: readonly string[]): Fairness<K> => ({ type: 'strong', role, actions })

/**
 * Weak fairness of global steps, each by itself.
 *
 * @example
 * ```ts protocol
 * steps: {
 *   bleach: {
 *     do(world) {
 *       for (const id of world.nodes.client) world.set(id, world.get(id).set('color', null))
 *     },
 *   },
 * },
 * fairness: [weaklyFairSteps('bleach')],
 * ```
 */
export const weaklyFairSteps = (...steps: readonly string[]): Fairness<never> => ({ type: 'weak-steps', steps })

/**
 * Strong fairness of global steps, each by itself.
 *
 * @example
 * ```ts protocol
 * steps: {
 *   bleach: {
 *     do(world) {
 *       for (const id of world.nodes.client) world.set(id, world.get(id).set('color', null))
 *     },
 *   },
 * },
 * fairness: [stronglyFairSteps('bleach')],
 * ```
 */
export const stronglyFairSteps = (...steps: readonly string[]): Fairness<never> => ({ type: 'strong-steps', steps })
