/**
 * The judge of every observer that notices a violation as it happens and keeps it (`linearization`, `fifoOrder`, `causalOrder`,
 * `totalOrder`): nothing was violated so far. `properties: { fifo: observed('fifo', kept) }`.
 *
 * @example
 * ```ts broadcast
 * observers: { order: fifoOrder() },
 * properties: { fifo: observed('order', kept) },
 * ```
 */
export const kept = (state: { readonly violation: unknown }): boolean => state.violation === null
