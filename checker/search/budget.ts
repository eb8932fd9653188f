import { Memory } from '../states/memory.ts'
import type { Tuning } from '../tables/tuning.ts'
import type { SearchOptions } from './search-options.ts'

/** `stoppedBy` of a search that had only to learn. */
export const BROKEN_OFF = 'broken off'

/** What a search may take: states, memory and time; and when the world outside has its turn. */
export class Budget {
  readonly #options: SearchOptions
  readonly #tuning: Tuning
  readonly #memory: Memory
  /** When the check began and when this search did, by `performance.now()`. */
  readonly #started: number
  readonly #madeAt = performance.now()
  #nextPulse = 0

  constructor(options: SearchOptions, tuning: Tuning, started: number) {
    this.#options = options
    this.#tuning = tuning
    this.#memory = new Memory(options.limits.bytes)
    this.#started = started
  }

  /** Seconds since this search was made. */
  get seconds(): number {
    return (performance.now() - this.#madeAt) / 1000
  }

  /** What ends a search that goes on where another stopped at so many states, with the limits of today. */
  endsAt(states: number): string | undefined {
    if (states >= this.#options.limits.states) return 'states'
    return this.#options.enough(states) ? BROKEN_OFF : undefined
  }

  /**
   * The limit that is reached, if one is.
   * @param held bytes that the search holds
   * @param growth bytes that growing may take for a moment
   */
  exceeded(states: number, held: number, growth: number): string | undefined {
    if (states < this.#options.limits.states && this.#memory.isShort(held, growth)) return 'memory'
    return this.endsAt(states)
  }

  /** Lets the world outside have its turn, if it is time; what ends the search, if anything there does. */
  async letOthers(held: number): Promise<string | undefined> {
    const now = performance.now()
    if (now < this.#nextPulse) return undefined
    this.#nextPulse = now + this.#tuning.pulseMs
    this.#memory.measure(held)
    return now - this.#started > this.#options.limits.seconds * 1000 ? 'time' : await this.#options.pulse()
  }
}
