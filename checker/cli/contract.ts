import type { Report, Verdict } from '../check/report.ts'
import { jsonParameter, jsonParameters } from '../protocol/json-parameters.ts'
import type { Parameters } from '../protocol/spec.ts'
import type { Replay } from '../trace/replay.ts'
import type { Trace, TraceStep } from '../trace/trace.ts'
import type { Spec } from './load.ts'
import { type Violated, whyInconclusive } from './print-report.ts'

/** What `check … --json` prints: a contract with scripts, so a field is added only with a new version of the checker, and none is dropped. `--explain` adds one. */
export interface CheckJson {
  readonly protocol: string
  /** Infinity is the text `Infinity`. */
  readonly parameters: Parameters
  readonly mutant: string | null
  readonly verdict: Verdict
  readonly property: string | null
  readonly complete: boolean
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly handlerCalls: number
  readonly seconds: number
  readonly peakBytes: number
  readonly reductions: readonly string[]
  readonly workers: number
  /** `repeatsFrom`: of one that goes on for ever, how many steps come before those that are taken again and again. */
  readonly counterexample: { readonly length: number; readonly steps: readonly TraceStep[]; readonly repeatsFrom?: number } | null
  /** Those that were asked about. */
  readonly properties: readonly string[]
  /** Those that were found violated besides `property`, with the length of a counterexample, if there is one to each. */
  readonly also: readonly Violated[]
  /** No execution with fewer steps violates a property; of no meaning without a counterexample. */
  readonly shortest: boolean
  /** What ended an inconclusive search: `states`, `time`, `memory`, `interrupt`, `runs`. Null, too, where the property takes a complete search, and this one was not. */
  readonly stoppedBy: string | null
  /** Why an inconclusive check is so, in words; null for one that is not. */
  readonly why: string | null
  /** Random executions that were begun; null for a search. */
  readonly runs: number | null
  /** `reachable` properties that no state seen so far satisfies. */
  readonly unreached: readonly string[]
  /** Searches of this check, the last one included. */
  readonly rounds: number
  /** The liveness properties that were judged, and of which executions; null if none was. */
  readonly liveness: Report['liveness']
  readonly notes: readonly string[]
}

const counterexampleJson = ({ steps, repeatsFrom }: Trace): CheckJson['counterexample'] => ({
  length: steps.length,
  steps,
  ...(repeatsFrom === undefined ? {} : { repeatsFrom }),
})

export const checkJson = (report: Report, properties: readonly string[], also: readonly Violated[]): CheckJson => ({
  protocol: report.protocol,
  parameters: jsonParameters(report.parameters),
  mutant: report.mutant,
  verdict: report.verdict,
  property: report.property,
  complete: report.complete,
  states: report.states,
  transitions: report.transitions,
  depth: report.depth,
  handlerCalls: report.handlerCalls,
  seconds: report.seconds,
  peakBytes: report.peakBytes,
  reductions: report.reductions,
  workers: report.workers,
  counterexample: report.counterexample && counterexampleJson(report.counterexample),
  properties,
  also,
  shortest: report.shortest,
  stoppedBy: report.stoppedBy,
  why: whyInconclusive(report),
  runs: report.runs,
  unreached: report.unreached,
  liveness: report.liveness,
  rounds: report.rounds,
  notes: report.notes,
})

/** One element of what `check list --json` prints. */
export interface ListedJson {
  readonly name: string
  /** Where it is from; null where it does not say. */
  readonly source: string | null
  readonly parameters: readonly { readonly name: string; readonly default: number | boolean | string }[]
  readonly properties: readonly string[]
  readonly mutants: readonly {
    readonly name: string
    readonly breaks: string
    readonly because: string
    /** Those that differ from the defaults. */
    readonly parameters: Parameters
    /** What the file says of the shortest counterexample; null where it says nothing. */
    readonly length: number | null
  }[]
  /** The bounds within which the protocol is checked when it is given none. */
  readonly bounds: Parameters
}

export const listedJson = ({ name, source, defaults, properties, mutants }: Spec): ListedJson => ({
  name,
  source,
  parameters: Object.entries(defaults).map(([parameter, value]) => ({ name: parameter, default: jsonParameter(value) })),
  properties,
  mutants: Object.entries(mutants).map(([mutant, { breaks, because, parameters = {}, length }]) => ({
    name: mutant,
    breaks,
    because,
    parameters: jsonParameters(parameters as Parameters),
    length: length ?? null,
  })),
  bounds: jsonParameters(defaults),
})

/** What came of the steps of a trace. */
export interface ReplayedJson {
  readonly kind: Replay['kind']
  /** The step that is impossible, from 1 on; 0 is the initial state. */
  readonly step: number | null
  /** Why it is impossible, or undecided. */
  readonly why: string | null
}

/** What `check replay … --json` prints. */
export interface ReplayJson extends ReplayedJson {
  readonly protocol: string
  readonly parameters: Parameters
  readonly mutant: string | null
  readonly property: string
  readonly length: number
  /** Of a mutant's trace: what comes of it on the correct protocol. */
  readonly correct: ReplayedJson | null
}

export const replayJson = ({ protocol, parameters, mutant, property, steps }: Trace, replay: Replay, onCorrect: Replay | null): ReplayJson => ({
  protocol,
  parameters: jsonParameters(parameters),
  mutant,
  property,
  length: steps.length,
  ...replayedJson(replay),
  correct: onCorrect && replayedJson(onCorrect),
})

const replayedJson = (replay: Replay): ReplayedJson => ({
  kind: replay.kind,
  step: 'step' in replay ? replay.step : null,
  why: 'why' in replay ? replay.why : null,
})
