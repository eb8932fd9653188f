type Host = { availableMemory?: () => number; resourceUsage?: () => { maxRSS: number }; memoryUsage?: { rss(): number } }

const host = (): Host => (globalThis as { process?: Host }).process ?? {}

/** Bytes that this process may still take. */
export const memoryAvailable = (): number => host().availableMemory?.() ?? 4 * 2 ** 30

const largestResident = (): number => (host().resourceUsage?.().maxRSS ?? 0) * 1024

/** Linux counts for a process, too, what its parent had when it was started. */
const inherited = largestResident()

/** The most that `residentMemory` has seen. */
let seen = 0

/** Resident bytes of this process; 0 where it cannot be told. */
export const residentMemory = (): number => {
  const bytes = host().memoryUsage?.rss() ?? 0
  seen = Math.max(seen, bytes)
  return bytes
}

/** The most bytes that this process had; 0 where it cannot be told. */
export const peakMemory = (): number => {
  const largest = largestResident()
  return largest > inherited ? largest : Math.max(residentMemory(), seen)
}

/**
 * How near the process is to the bytes that it may take. What is resident is looked up now and then; in between, what the search holds tells how much was added. Growth is
 * foreseen: while a table is copied into a larger one, both are there, and it is then that a machine gets into trouble.
 */
export class Memory {
  readonly #limit: number
  #resident = 0
  #held = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** @param held bytes that the search holds now */
  measure(held: number): void {
    this.#resident = residentMemory() || held
    this.#held = held
  }

  /** @param growth bytes that it is about to take, if only for a moment */
  isShort(held: number, growth: number): boolean {
    return this.#resident + held - this.#held + growth > this.#limit
  }
}
