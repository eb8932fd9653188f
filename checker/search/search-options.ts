import type { Bisimulation } from '../reduce/bisimulation/bisimulation.ts'
import type { DeadMessages } from '../reduce/dead-messages.ts'
import type { PartialOrder } from '../reduce/partial-order/partial-order.ts'
import type { LowerBounds, NotedSteps } from './lower-bounds.ts'
import type { Standing } from './standing.ts'

export interface SearchLimits {
  readonly depth: number
  readonly states: number
  readonly seconds: number
  readonly bytes: number
}

/** Threads that may take over a search: see workers/team.ts. */
export interface SearchTeam {
  /** Should they, from this state on? It starts them when that comes near. */
  isReady(): Promise<boolean>
  /** Runs the search to its end, from where it stands. */
  takeOver(standing: Standing): Promise<void>
}

export interface SearchOptions {
  readonly limits: SearchLimits
  /** Level by level, that which was found last first, or that which has come least far first (node-ranks.ts). */
  readonly order: 'breadth' | 'depth' | 'progress'
  readonly checkDeadlock: boolean
  readonly reducers: {
    readonly partialOrder: PartialOrder | undefined
    readonly dead: DeadMessages | undefined
    readonly bisimulation: Bisimulation | undefined
    readonly subsume?: boolean
    readonly saturate?: boolean
  }
  /** With subsumption: how many states with the same nodes are kept; below Infinity the search sees only some of what is reachable. */
  readonly subsumptionMax?: number
  /** With subsumption, not breadth-first: notes its steps, and goes on to other states when it has met a violation. */
  readonly noted?: NotedSteps | undefined
  /** Breadth-first with subsumption: leaves out states from which no violation can be reached within the depth. */
  readonly bounds?: LowerBounds | undefined
  /**
   * With subsumption, not breadth-first: the states of nodes from which steps are to be taken once more, as reductions have dropped what was needed (one-by-one.ts).
   * Asked at a number of distinct states, and when no more are to be expanded.
   */
  readonly reopen?: ((states: number, isLast: boolean) => readonly ReadonlySet<number>[] | undefined) | undefined
  /** It may be gone on with elsewhere when it has ended. */
  readonly resumable?: boolean
  /** Is this search, at so many distinct states, not worth going on with? */
  readonly enough: (states: number) => boolean
  /** Called every now and then; what it returns, if anything, ends the search. */
  readonly pulse: () => Promise<string | undefined>
  /** Threads that may take over, when the search has become large. */
  readonly team?: SearchTeam | undefined
}
