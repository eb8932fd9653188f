import type { Tuning } from '../compile/tuning.ts'
import type { Parameters } from '../protocol/spec.ts'
import type { Trace } from '../trace/trace.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableSizes } from './table-sizes.ts'
import type { Workers } from './workers/team.ts'

/** The reductions, each its own switch; see ARCHITECTURE.md, "Reduce". */
export const reductionNames = ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation', 'partial-order', 'subsumption', 'lower-bounds'] as const

/** Those that a search uses when none is named; dead fields and bisimulation once it is large (`hunt.ts`, `reduce/learning.ts`), where by name they are used from the start. */
export const defaultReductions = ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation', 'subsumption', 'lower-bounds'] as const

/** The name of a reduction. */
export type Reduction = (typeof reductionNames)[number]

/** The orders in which a search may take states. */
export const orderNames = ['breadth', 'depth'] as const

/** How to search. Everything is optional: the default is an exact breadth-first search of all states, with every sound reduction. */
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
  /** Keep whole states (true, the default), or 64-bit fingerprints of them. */
  readonly exact?: boolean
  /** Check this property only. */
  readonly property?: string
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

/** `inconclusive`: a limit ended the search before it could tell. */
export type Verdict = 'holds' | 'violated' | 'inconclusive'

/** What a search found out. */
export interface Report {
  /** Its name. */
  readonly protocol: string
  /** Those that the protocol was made with, where the checker made it (the command line). */
  readonly parameters: Parameters
  /** The mutant that was checked, or null. */
  readonly mutant: string | null
  /** `holds`: no property that was asked for is violated, within the bounds. */
  readonly verdict: Verdict
  /** The property that is violated (`deadlock` for a deadlock), or null. */
  readonly property: string | null
  /** Every state within the bounds of the model was seen: nothing was cut off by depth or budget. */
  readonly complete: boolean
  /** Distinct states. */
  readonly states: number
  /** Steps generated from them; a step that changes nothing is not counted. */
  readonly transitions: number
  /** Steps to the farthest state. */
  readonly depth: number
  /** How often code of the protocol ran for a step (handlers, actions, global steps), checks included. */
  readonly handlerCalls: number
  /** Wall-clock time of the whole check. */
  readonly seconds: number
  /** Those of the round that counted the states; the others taught the reductions, or looked for a shorter counterexample. */
  readonly roundSeconds: number
  /** How large the tables became. */
  readonly tables: TableSizes
  /** Peak resident memory of the process. */
  readonly peakBytes: number
  /** Bytes that the seen set takes, with all that a counterexample needs. */
  readonly seenBytes: number
  /** The threads that expanded states: 1 unless the search was large, and breadth-first over whole states. */
  readonly workers: number
  /** How often the search was run: what reductions guess about the future of a node is learnt in the first rounds, and the last confirms it. */
  readonly rounds: number
  /** The reductions that were in force. */
  readonly reductions: readonly Reduction[]
  /** Whole states were compared; no state can have been taken for another. */
  readonly exact: boolean
  /** The odds that some state was missed because two had the same fingerprint; 0 when exact. */
  readonly collisionOdds: number
  /** Why an inconclusive search ended: `states`, `time`, `memory`, `interrupt`. */
  readonly stoppedBy: string | null
  /** Random executions that were begun; null for a search. */
  readonly runs: number | null
  /** `reachable` properties that no state seen so far satisfies, though the search was cut off before it could tell. */
  readonly unreached: readonly string[]
  /** Remarks for people: assumptions under which the verdict stands. */
  readonly notes: readonly string[]
  /** An execution that violates `property`; null if there is none, or if no execution shows it. */
  readonly counterexample: Trace | null
  /** No execution with fewer steps violates it, or another property that was judged: a note names those that were not. */
  readonly shortest: boolean
}
