/** What one checker showed on one case. */
export interface Result {
  readonly checker: string
  readonly states: number
  readonly transitions: number
  /** User and system time of the whole process, seconds. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
  /** The part of `cpuSeconds` before the check began: loading Node and the checker's TypeScript. A compiled Spin has none. */
  readonly startSeconds: number
  /** The seen set, with what it needs to tell a counterexample. */
  readonly seenBytes: number
  /** All memory: resident at its peak for protocheck, allocated as Spin counts it for Spin. */
  readonly peakBytes: number
  /** Handlers run, checks included; null for Spin, which compiles them. */
  readonly handlerCalls: number | null
}
