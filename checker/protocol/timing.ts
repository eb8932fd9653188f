/** How long a message is under way, in ticks: no less than `min`, no more than `max` (`Infinity`: as long as it likes). */
export interface Delay {
  readonly min: number
  readonly max: number
}

/** What is assumed about time, in ticks of true time; see docs/time.md. */
export interface Timing {
  readonly type: 'asynchronous' | 'partially synchronous' | 'synchronous'
  readonly delay: Delay
  /** Of messages of these types, in place of `delay`. */
  readonly delays: { readonly [type: string]: Delay }
  /** How many ticks a node's clock may be ahead of true time or behind it. */
  readonly drift: number
  /** How many ticks there are at most before messages arrive in time; where it is partially synchronous. */
  readonly settlesWithin: number
  /** The bound of the model: how many ticks there are in one execution, at most. */
  readonly horizon: number
}

interface Bounds {
  readonly delay?: Partial<Delay>
  readonly delays?: { readonly [type: string]: Partial<Delay> }
  readonly drift?: number
  readonly settlesWithin?: number
  readonly horizon?: number
}

const timing = (type: Timing['type'], { delay, delays = {}, drift = 0, settlesWithin = Infinity, horizon = Infinity }: Bounds): Timing => {
  const whole: Delay = { min: 0, max: Infinity, ...delay }
  return {
    type,
    delay: whole,
    delays: Object.fromEntries(Object.entries(delays).map(([name, one]) => [name, { ...whole, ...one }])),
    drift,
    settlesWithin,
    horizon,
  }
}

/**
 * Time, and a bound on everything: each message arrives within `delay.max` ticks, and each clock is at most `drift` ticks off.
 *
 * @example
 * ```ts protocol
 * timing: synchronous({ delay: { min: 1, max: 2 } }),
 * ```
 */
export const synchronous = (bounds: Omit<Bounds, 'settlesWithin'> & { readonly delay: Partial<Delay> & { readonly max: number } }): Timing =>
  timing('synchronous', bounds)

/**
 * The same from some moment on, which nobody knows. Until then a message takes as long as it likes. One that is under way at that moment takes no longer than if it were sent then.
 * With `settlesWithin` that moment comes after so many ticks at most. That is an assumption, which keeps finite what is sent before.
 *
 * @example
 * ```ts protocol
 * timing: partiallySynchronous({ delay: { max: 2 } }),
 * ```
 */
export const partiallySynchronous = (bounds: Bounds & { readonly delay: Partial<Delay> & { readonly max: number } }): Timing =>
  timing('partially synchronous', bounds)

/**
 * Time without a bound: nodes have clocks, and messages take as long as they like.
 *
 * @example
 * ```ts protocol
 * timing: asynchronous(),
 * ```
 */
export const asynchronous = (bounds: Omit<Bounds, 'delay' | 'delays' | 'settlesWithin'> & { readonly delay?: { readonly min: number } } = {}): Timing =>
  timing('asynchronous', bounds)
