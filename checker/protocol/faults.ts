/** What may go wrong, and how often in one execution (`atMost`; `Infinity` for no limit). */
export type Fault<K extends string = string> =
  /** A node stops for good: it takes no more steps, and messages to it wait. */
  | { readonly type: 'crash-stop'; readonly role: K; readonly atMost: number }
  /** A node crashes and recovers, in one step: it goes on from `recover(state)`. While down it is but slow. */
  | { readonly type: 'crash-recovery'; readonly role: K; readonly atMost: number }
  /** A message in flight is lost. (Needless under `fair-loss`, where a message may never arrive.) */
  | { readonly type: 'loss'; readonly atMost: number }
  /** A message in flight is doubled; under `fifo` at the end of its channel. (Needless under `fair-loss`.) */
  | { readonly type: 'duplication'; readonly atMost: number }

interface Budget {
  readonly atMost?: number
}

/** Nodes of this role may stop for good. */
export const crashStop = <K extends string>(role: K, { atMost = Infinity }: Budget = {}): Fault<K> => ({
  type: 'crash-stop',
  role,
  atMost,
})

/** Nodes of this role may crash and recover from what `Role.recover` keeps. */
export const crashRecovery = <K extends string>(role: K, { atMost = Infinity }: Budget = {}): Fault<K> => ({
  type: 'crash-recovery',
  role,
  atMost,
})

/** Messages may be lost. */
export const loss = ({ atMost = Infinity }: Budget = {}): Fault<never> => ({ type: 'loss', atMost })

/** Messages may be doubled. */
export const duplication = ({ atMost = Infinity }: Budget = {}): Fault<never> => ({ type: 'duplication', atMost })
