import { describe, type Values } from '../values/encode.ts'
import type { ValueId } from '../values/value-id.ts'

/** What one run of a handler did. */
export interface Outcome {
  /** The node's next state. */
  readonly state: ValueId
  readonly sends: readonly Send[]
  readonly emits: readonly ValueId[]
  /** The answers of `choose`, in order. */
  readonly choices: readonly ValueId[]
}

/** A state that a node may begin in. */
export interface Beginning extends Pick<Outcome, 'state' | 'choices'> {}

/** A message that a run sent. */
export interface Send {
  /** A node's number. */
  readonly to: number
  readonly message: ValueId
}

/** A message in flight, by numbers of nodes. */
export interface Flight extends Send {
  readonly from: number
}

/** What one run of a global step did. */
export interface GlobalOutcome {
  readonly states: readonly { readonly node: number; readonly state: ValueId }[]
  readonly sends: readonly (Send & { readonly from: number })[]
  readonly emits: readonly { readonly from: number; readonly event: ValueId }[]
  readonly choices: readonly ValueId[]
}

/** Did two lists of runs do the same, in the same order? Only where they did not is it worth while to ask what they differ in. */
export const sameRuns = (left: readonly Outcome[], right: readonly Outcome[]): boolean =>
  left.length === right.length && left.every((o, i) => sameRun(o, right[i] as Outcome))

export const sameRun = (a: Outcome, b: Outcome): boolean => {
  if (a.state !== b.state || a.sends.length !== b.sends.length || a.emits.length !== b.emits.length) return false
  for (let i = 0; i < a.sends.length; i++) if (a.sends[i]?.to !== b.sends[i]?.to || a.sends[i]?.message !== b.sends[i]?.message) return false
  for (let i = 0; i < a.emits.length; i++) if (a.emits[i] !== b.emits[i]) return false
  return true
}

/** What two runs that should do the same differ in. */
export interface Difference {
  readonly field: string
  readonly left: unknown
  readonly right: unknown
}

/** Where two lists of outcomes differ, for an error. The order of choices means nothing, nor does that of sends to different nodes. */
export const difference = (
  system: { readonly values: Values; label(node: number): string },
  left: readonly Outcome[],
  right: readonly Outcome[],
): Difference | undefined => {
  const { values } = system
  const byReceiver = (o: Outcome): readonly Send[] => [...o.sends].sort((a, b) => a.to - b.to)
  const key = (o: Outcome): string => `${o.state}|${byReceiver(o).map(s => `${s.to}:${s.message}`)}|${o.emits}`
  const keys = (outcomes: readonly Outcome[]): Set<string> => new Set(outcomes.map(key))
  const [l, r] = [keys(left), keys(right)]
  if (l.size === r.size && [...l].every(k => r.has(k))) return undefined
  const a = left.find(o => !r.has(key(o))) ?? left[0]
  const b = right.find(o => !l.has(key(o))) ?? right[0]
  if (a === undefined || b === undefined) return { field: 'whether it is enabled', left: left.length > 0, right: right.length > 0 }
  if (a.state !== b.state) return { field: 'the next state', left: values.decode(a.state), right: values.decode(b.state) }
  const sent = (o: Outcome): string =>
    byReceiver(o)
      .map(s => `${describe(values.decode(s.message))} to ${system.label(s.to)}`)
      .join(', ') || 'nothing'
  if (sent(a) !== sent(b)) return { field: 'what it sends', left: sent(a), right: sent(b) }
  return { field: 'what it emits', left: describe(a.emits.map(e => values.decode(e))), right: describe(b.emits.map(e => values.decode(e))) }
}
