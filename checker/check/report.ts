import type { Parameters } from '../protocol/spec.ts'
import type { Trace } from '../trace/trace.ts'
import type { Reduction } from './reductions.ts'
import type { TableSizes } from './table-sizes.ts'

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
  /** Why an inconclusive search ended: `states`, `time`, `memory`, `interrupt`. */
  readonly stoppedBy: string | null
  /** Random executions that were begun; null for a search. */
  readonly runs: number | null
  /** `reachable` properties that no state seen so far satisfies, though the search was cut off before it could tell. */
  readonly unreached: readonly string[]
  /** The liveness properties that were judged, by a search of its own without reductions; null if none was. */
  readonly liveness: {
    readonly properties: readonly string[]
    /** Which executions count: what the protocol declares fair, a sentence each. */
    readonly fairness: readonly string[]
    /** Distinct states. */
    readonly states: number
    readonly transitions: number
  } | null
  /** Remarks for people: assumptions under which the verdict stands. */
  readonly notes: readonly string[]
  /** An execution that violates `property`; null if there is none, or if no execution shows it. */
  readonly counterexample: Trace | null
  /** No execution with fewer steps violates it, or another property that was judged: a note names those that were not. */
  readonly shortest: boolean
}
