/** Where the leader stands in the middle of a level when it hands over; states by their numbers there. */
export interface Standing {
  /** The first state of each level; the last is that whose states are being expanded. */
  readonly levels: readonly number[]
  /** One past the last state of that level. Those after it are of the next. */
  readonly end: number
  /** The first that is not expanded yet. */
  readonly next: number
  /** Those from which a step breaks the step property of a bit. */
  readonly broken: readonly (readonly [bit: number, states: readonly number[]])[]
  readonly stuck: readonly number[]
}
