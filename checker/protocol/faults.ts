/** What may go wrong, and how often in one execution (`atMost`; `Infinity` for no limit). */
export type Fault<K extends string = string> =
  /** A node stops for good: it takes no more steps, and messages to it wait. */
  | { readonly type: 'crash-stop'; readonly role: K; readonly atMost: number }
  /** A node crashes and recovers, in one step: it goes on from `recover(state)`. While down it is but slow. */
  | { readonly type: 'crash-recovery'; readonly role: K; readonly atMost: number }
  /** A message in flight is lost. (Needless under `fair-loss`, where any message may never arrive, whatever the budget.) */
  | { readonly type: 'loss'; readonly atMost: number }
  /** A message in flight is doubled; under `fifo` at the end of its channel. (Needless under `fair-loss`.) */
  | { readonly type: 'duplication'; readonly atMost: number }

interface Budget {
  readonly atMost?: number
}

/**
 * Nodes of this role may stop for good: at most so many of them, or any number.
 *
 * @example
 * ```ts protocol
 * faults: [crashStop('client', { atMost: 1 })],
 * ```
 */
export const crashStop = <K extends string>(role: K, { atMost = Infinity }: Budget = {}): Fault<K> => ({
  type: 'crash-stop',
  role,
  atMost,
})

/**
 * Nodes of this role may crash and recover, in one step, to what `Role.recover` keeps.
 *
 * @example
 * ```ts protocol
 * faults: [crashRecovery('client', { atMost: 2 })],
 * ```
 */
export const crashRecovery = <K extends string>(role: K, { atMost = Infinity }: Budget = {}): Fault<K> => ({
  type: 'crash-recovery',
  role,
  atMost,
})

/**
 * Messages may be lost. Needless under `fair-loss`.
 *
 * @example
 * ```ts protocol
 * faults: [loss({ atMost: 1 })],
 * ```
 */
export const loss = ({ atMost = Infinity }: Budget = {}): Fault<never> => ({ type: 'loss', atMost })

/**
 * Messages may be doubled. Needless under `fair-loss`.
 *
 * @example
 * ```ts broadcast
 * faults: [duplication({ atMost: 1 })],
 * ```
 */
export const duplication = ({ atMost = Infinity }: Budget = {}): Fault<never> => ({ type: 'duplication', atMost })
