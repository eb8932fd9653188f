import { SpecError } from '../../checker/protocol/errors.ts'
import { nameOf, whyNotEnabled } from '../../checker/trace/replay.ts'
import { canonical, showTagged } from '../../checker/trace/show.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import type { TraceStep } from '../../checker/trace/trace.ts'
import type { WalkStep } from '../../checker/trace/walk.ts'
import type { Moment, Session } from './session.ts'

/** A step that may be taken. */
export interface NextStep {
  readonly taken: WalkStep
  readonly step: TraceStep
  readonly text: string
}

/** Something that might happen, and cannot here. */
export interface Barred {
  readonly what: string
  /** Found when it is read: few ever are. */
  readonly why: string
}

/** What may happen next at one node, or (`node` null) to all or in the network. */
export interface NextGroup {
  readonly node: string | null
  readonly steps: readonly NextStep[]
  readonly barred: readonly Barred[]
}

/** What may happen next, by the node that does it. */
export const nextSteps = (session: Session, at: Moment): readonly NextGroup[] => {
  const { walker } = session
  if (walker === null || at.live === null) return []
  const { state } = at.live
  const { system } = walker
  const here = walker.keyOf(state)
  const groups = new Map<string | null, { readonly node: string | null; readonly steps: NextStep[]; readonly barred: Barred[] }>()
  for (const node of [...system.nodes.map(({ label }) => label), null]) groups.set(node, { node, steps: [], barred: [] })
  const groupOf = ({ kind, node }: Pick<TraceStep, 'kind' | 'node'>) => groups.get(kind === 'lose' || kind === 'duplicate' ? null : node) ?? groups.get(null)
  const possible = new Set<string>()
  const withAnyChoice = new Set<string>()
  const add = (taken: WalkStep): void => {
    const { step } = taken
    const name = canonical(nameOf(step))
    if (possible.has(name)) return
    possible.add(name)
    withAnyChoice.add(canonical(nameOf({ ...step, choices: [] })))
    const text = stepText(step)
    if (walker.keyOf(taken.next) === here) groupOf(step)?.barred.push({ what: text, why: 'It changes nothing here.' })
    else groupOf(step)?.steps.push({ taken, step, text })
  }
  for (const attempt of walker.attempts(state)) {
    try {
      for (const taken of attempt.take()) add(taken)
    } catch (error) {
      if (!(error instanceof SpecError)) throw error
      groups.get(null)?.barred.push({ what: attempt.what(), why: error.parts.what })
    }
  }
  for (const taken of walker.losses(state)) add(taken)
  for (const step of imaginable(session, at))
    if (!withAnyChoice.has(canonical(nameOf(step))))
      groupOf(step)?.barred.push({
        what: stepText(step),
        get why() {
          return whyNot(session, at, step)
        },
      })
  return [...groups.values()].filter(({ steps, barred }) => steps.length + barred.length > 0)
}

const whyNot = ({ walker }: Session, { live }: Moment, step: TraceStep): string => {
  if (walker === null || live === null) return ''
  try {
    return whyNotEnabled(walker, live.state, step)
  } catch (error) {
    if (error instanceof SpecError) return error.parts.what
    throw error
  }
}

/** All that the protocol knows and that might be thought of here: each action of each node, each message in flight, each global step, each crash. */
const imaginable = ({ walker }: Session, { live }: Moment): readonly TraceStep[] => {
  if (walker === null || live === null) return []
  const { system } = walker
  const none = { message: null, from: null, choices: [], sent: [], emitted: [], nodes: {}, observers: {} } as const
  const nodes = system.nodes.flatMap(({ index, label, role }) => [
    ...system.actionNames(index).map((name): TraceStep => ({ ...none, kind: 'action', node: label, name })),
    ...system.faults.flatMap((fault): TraceStep[] => {
      if (!('role' in fault) || fault.role !== role) return []
      const kind = fault.type === 'crash-stop' ? 'crash' : 'restart'
      return [{ ...none, kind, node: label, name: kind }]
    }),
  ])
  const seen = new Set<string>()
  const messages = live.state.flight.flatMap((packet): TraceStep[] => {
    const message = system.values.toJson(packet.message)
    const step: TraceStep = {
      ...none,
      kind: 'receive',
      node: system.label(packet.to),
      name: system.values.typeOf(packet.message),
      from: system.label(packet.from),
      message,
    }
    const key = `${step.from} ${step.node} ${showTagged(message)}`
    if (seen.has(key)) return []
    seen.add(key)
    return [step]
  })
  const global = Object.keys(system.protocol.steps ?? {}).map((name): TraceStep => ({ ...none, kind: 'step', node: null, name }))
  return [...nodes, ...messages, ...global]
}
