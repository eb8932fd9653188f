import type { Json } from '../protocol/json.ts'
import type { Parameters } from '../protocol/spec.ts'

/** A message that a step sends. */
export interface SentMessage {
  readonly from: string
  readonly to: string
  readonly message: Json
}

/** An event that a step tells the observers. */
export interface EmittedEvent {
  readonly from: string
  readonly event: Json
}

/** One step of an execution, with all that it changed. */
export interface TraceStep {
  /** `action`: a node's own step; `receive`: a delivery; `step`: a global step; `lose-all`: a `fair-loss` network loses what is in flight; `tick`: time goes on; `settle`: messages arrive in time from now on; the rest are faults. */
  readonly kind: 'action' | 'receive' | 'step' | 'crash' | 'restart' | 'lose' | 'duplicate' | 'lose-all' | 'partition' | 'heal' | 'tick' | 'settle'
  /** The node that takes it; null for a global step, and for what the whole network does. For `lose` and `duplicate` the receiver. */
  readonly node: string | null
  /** The action, the message's type, or the global step; else the kind. */
  readonly name: string
  /** The sender of the message that is received, lost or doubled. */
  readonly from: string | null
  readonly message: Json | null
  /** What each `choose` of the handler answered, in order. A `partition` begins with its groups; a `tick`, where clocks drift, with by how many ticks each goes on. */
  readonly choices: readonly Json[]
  readonly sent: readonly SentMessage[]
  readonly emitted: readonly EmittedEvent[]
  /** The new state of each node that changed. */
  readonly nodes: { readonly [node: string]: Json }
  /** The new state of each observer that changed. */
  readonly observers: { readonly [observer: string]: Json }
}

/** An execution of a protocol from an initial state: self-contained, replayable. */
export interface Trace {
  readonly format: 'protocheck-trace'
  readonly version: 1
  readonly protocol: string
  readonly parameters: Parameters
  readonly mutant: string | null
  /** What its last step violates, or all of it: a property, or `deadlock`. */
  readonly property: string
  /** Why, where a mutant says so. */
  readonly because: string | null
  readonly nodes: readonly string[]
  readonly initial: {
    readonly nodes: { readonly [node: string]: Json }
    readonly observers: { readonly [observer: string]: Json }
    /** What each `choose` of a node's `init` answered, in order; of nodes that chose. */
    readonly choices?: { readonly [node: string]: readonly Json[] }
  }
  readonly steps: readonly TraceStep[]
  /**
   * Of an execution that violates a liveness property, which goes on for ever: how many steps come before those that are taken again and again, up to the last. As many as there are steps where it stays
   * in its last state.
   */
  readonly repeatsFrom?: number
  /** Why that is fair: how each obligation of the protocol's fairness is met, a line each. */
  readonly fair?: readonly string[]
}
