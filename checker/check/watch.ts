import type { Search } from '../search/search.ts'
import type { SearchLimits } from '../search/search-options.ts'
import { memoryAvailable, residentMemory } from '../states/memory.ts'
import type { Known } from './known.ts'
import type { Progress } from './options.ts'

/** Lets others have the thread: at least a millisecond of waiting, longer than a small search takes. */
const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve))

/** Keeps an attempt within its limits, shows its progress, and lets others have the thread. */
export class Watch {
  readonly limits: SearchLimits
  /** Why the check ended while it learnt. */
  over: 'memory' | 'interrupt' | 'time' | undefined
  readonly #known: Known
  #turnAt = performance.now()

  constructor(known: Known) {
    const { depth = Infinity, states = Infinity, seconds = Infinity, memoryBytes } = known.options
    this.limits = { depth, states, seconds, bytes: memoryBytes ?? residentMemory() + 0.75 * memoryAvailable() }
    this.#known = known
  }

  /** Since the check began, earlier runs included. */
  get seconds(): number {
    return (performance.now() - this.#known.started) / 1000
  }

  /** While a search runs. */
  async show(phase: string, { states, transitions, depth, frontier }: Omit<Progress, 'phase' | 'seconds'>): Promise<void> {
    this.#known.options.onProgress?.({ phase, states, transitions, depth, frontier, seconds: this.seconds })
    await this.#giveWay()
  }

  /** Why a search that runs is to stop; it looks at all other limits itself. */
  get stopsSearch(): 'memory' | 'interrupt' | undefined {
    if (this.#known.heap.isFull) return 'memory'
    return this.#known.options.signal?.aborted ? 'interrupt' : undefined
  }

  /** While the check learns: is it over? @param looking what it learns from */
  async isOver(looking: Search | undefined): Promise<boolean> {
    if (this.over !== undefined) return true
    if (this.#isTurn && looking !== undefined) {
      const { states, transitions, depth } = looking
      await this.show(looking.found.isOver ? 'refine' : 'look ahead', { states, transitions, depth, frontier: 0 })
      if (residentMemory() > this.limits.bytes) this.over = 'memory'
    } else await this.#giveWay()
    const stops = this.stopsSearch
    if (stops !== undefined) this.over = stops
    else if (performance.now() - this.#known.began > this.limits.seconds * 1000) this.over = 'time'
    return this.over !== undefined
  }

  get #isTurn(): boolean {
    return performance.now() - this.#turnAt > this.#known.tuning.turnMs
  }

  async #giveWay(): Promise<void> {
    if (!this.#isTurn) return
    await turn()
    this.#turnAt = performance.now()
  }
}
