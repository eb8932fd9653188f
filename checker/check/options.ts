import type { Tuning } from '../tables/tuning.ts'
import type { Trace, TraceStep } from '../trace/trace.ts'
import type { Workers } from '../workers/port.ts'
import type { orderNames, Reduction } from './reductions.ts'
import type { Snapshot } from './snapshot.ts'

/** How to search. Everything is optional: the default is a breadth-first search of all states, with every sound reduction. */
export interface Options {
  /** Explore executions of at most so many steps. */
  readonly depth?: number
  /** Stop (inconclusive) at so many distinct states. */
  readonly states?: number
  /**
   * Stop (inconclusive) after so many seconds; those before a `resume` do not count. Code of a protocol that does not end holds the thread, so then neither this nor `signal` is
   * looked at. The command line has a thread that sees it (`cli/watchdog.ts`); other programs can run the check in a thread of its own, and terminate that.
   */
  readonly seconds?: number
  /** Stop (inconclusive) before the process grows past so many resident bytes; by default, three quarters of what is free more than it has. */
  readonly memoryBytes?: number
  /** Which reductions may be used; by default those of `defaultReductions` that are sound for what is asked. `[]` for none. */
  readonly reduce?: readonly Reduction[]
  /** Check this property only. */
  readonly property?: string
  /**
   * Begin after these steps of an execution, in place of the initial states: what is reachable from there? A step is known by its kind, node, name, message and choices.
   * Of several initial states it is the first from which they can be taken; with a trace, the one that this begins in.
   * A counterexample has only what comes after them; a liveness property is judged with what came before. Not with a checkpoint; several threads and lower bounds are not used.
   */
  readonly after?: readonly TraceStep[] | Pick<Trace, 'initial' | 'steps'>
  /** Leave out the rules with these labels: see `Place.rule`. */
  readonly without?: readonly string[]
  /** `breadth` (shortest counterexample, the default), or `depth`. */
  readonly order?: (typeof orderNames)[number]
  /** Random walks instead of a search. */
  readonly simulate?: { readonly runs: number; readonly seed: number }
  /** Is handed the search every now and then, and once more when a budget or `signal` ends it. */
  readonly checkpoint?: Checkpoint
  /** Goes on where another search, of the same protocol and with the same options but for its budgets, was. Asked once; the arrays are taken over. */
  readonly resume?: () => Snapshot
  /** Threads that may take over a search that has become large: `threads(count)` where there is Node. One if there are none. */
  readonly workers?: Workers
  /** Not for users: sizes at which one phase of a search follows another, for tests and measurements. What a check answers does not depend on them. */
  readonly tuning?: Partial<Tuning>
  /** Called a few times a second. */
  readonly onProgress?: (progress: Progress) => void
  /** Aborting it ends the search with what is known so far. */
  readonly signal?: AbortSignal
}

/** Where a search is kept, so that it can be gone on with. */
export interface Checkpoint {
  /** At most so many seconds of searching pass between two; more if writing them takes long. */
  readonly seconds: number
  /** Keeps a snapshot. Its arrays are the search's own: they are good until this is done. */
  save(snapshot: Snapshot): Promise<void>
}

/** How far a search has come. */
export interface Progress {
  /** What the checker is doing, in a word: `search`, `confirm`, `trace`… */
  readonly phase: string
  readonly states: number
  readonly transitions: number
  /** Steps. */
  readonly depth: number
  /** States found and not yet expanded. */
  readonly frontier: number
  readonly seconds: number
}
