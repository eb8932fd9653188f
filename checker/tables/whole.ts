/** A state of the system, for code that reads the whole of it. The packets in flight are listed if it asks for them. */
export interface Whole {
  readonly components: Int32Array
  readonly inFlight: () => readonly number[]
}
