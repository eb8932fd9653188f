import type { Json } from '../protocol/json.ts'
import { canonical, isRecord, show, showTagged } from './show.ts'
import { statesAfter } from './step-text.ts'
import type { Trace } from './trace.ts'

/** An operation of a client on an object: `invoke` and `return`, as the judges of linearizability hear them. */
export interface OperationInterval {
  readonly client: string
  /** `write(value: 1)` */
  readonly text: string
  /** The answer; null as long as there is none, or where it answers nothing. */
  readonly result: string | null
  /** The step in which it begins, from 1. */
  readonly begun: number
  /** The step in which it returns; null if it does not. */
  readonly ended: number | null
  /** No order of the operations explains its answer. */
  readonly hasNoPlace: boolean
}

/** Is this what `linearization` remembers? */
export const isLinearization = (state: Json | undefined): state is { readonly violation: Json; readonly [field: string]: Json } =>
  state !== undefined && isRecord(state) && ['pending', 'configurations', 'violation'].every(field => Object.hasOwn(state, field))

/** The operations of an execution in the order of their beginnings. @param observer the judge that says which one has no place */
export const operationsOf = (trace: Trace, observer: string): readonly OperationInterval[] => {
  const misplaced = misplacedIn(trace, observer)
  const operations: { client: string; call: string; text: string; result: string | null; begun: number; ended: number | null; hasNoPlace: boolean }[] = []
  for (const [i, { emitted }] of trace.steps.entries())
    for (const { from, event } of emitted) {
      if (!isRecord(event)) continue
      const { type, id, result } = event
      const call = canonical(id === undefined ? { $id: from } : [{ $id: from }, id])
      if (type === 'invoke') operations.push({ client: from, call, text: operationText(event), result: null, begun: i + 1, ended: null, hasNoPlace: false })
      const open = type === 'return' ? operations.findLast(one => one.call === call && one.ended === null) : undefined
      if (open === undefined) continue
      open.ended = i + 1
      open.result = result === undefined ? null : show(result)
      open.hasNoPlace = misplaced?.step === i + 1 && misplaced.call === call
    }
  return operations.map(({ call: _, ...operation }) => operation)
}

/** The judges of linearizability in a trace that have found an operation without a place at its end. */
export const violatedJudges = (trace: Trace): readonly string[] => {
  const end = statesAfter(trace).at(-1)?.observers ?? {}
  return Object.entries(end).flatMap(([name, state]) => (isLinearization(state) && state.violation !== null ? [name] : []))
}

/** `write(value: 1)`, of an event `invoke`. */
export const operationText = (invocation: Json): string => {
  if (!isRecord(invocation)) return show(invocation)
  const { type: _, id: __, op, ...rest } = invocation
  return showTagged({ type: op ?? 'an operation', ...rest })
}

const misplacedIn = (trace: Trace, observer: string): { readonly step: number; readonly call: string } | undefined => {
  for (const [i, { observers }] of trace.steps.entries()) {
    const state = Object.hasOwn(observers, observer) ? observers[observer] : undefined
    if (!isLinearization(state) || state.violation === null || !isRecord(state.violation)) continue
    return { step: i + 1, call: canonical(state.violation['call'] ?? null) }
  }
  return undefined
}

/** `c2: read returns 0`, `writer: write(value: 1), not returned` */
export const intervalText = ({ client, text, result, ended }: OperationInterval): string =>
  `${client}: ${text}${ended === null ? ', not returned' : ` returns${result === null ? '' : ` ${result}`}`}`
