import { judge } from './judge.ts'
import { livesOf } from './message-lives.ts'
import { canonical, diff, isRecord } from './show.ts'
import { type Possible, possibleSteps, stepCalled, stepLike } from './step-like.ts'
import type { SentMessage, TraceStep } from './trace.ts'
import type { Walker, WalkState, WalkStep } from './walk.ts'

/** What comes of an execution without one of its steps. Steps are numbered from 1, as in the whole execution. */
export interface Without {
  /** The later steps that cannot be taken then. */
  readonly lost: readonly number[]
  /** The later steps that can be taken, but with another message or other choices. */
  readonly otherwise: readonly { readonly step: number; readonly instead: TraceStep }[]
  /** Whether the property is violated all the same, be it earlier; null if it is not for an execution to tell. */
  readonly violated: boolean | null
  /** How the states at the end differ, `n1.log` by line: what they are with the step → without it. Empty if a step is lost. */
  readonly differences: readonly string[]
}

/**
 * Leaves one step out of an execution, takes those of the rest that can still be taken, and judges the property after each of them. A message is the same where the same step sends
 * it, whatever is in it then: a request of an earlier term, which is in flight too, does not stand for the one that is never sent.
 * Cost: the successors of each state on the way.
 *
 * @param number the step, from 1
 * @param property null where only what can still happen is asked
 * @throws SpecError if code of the protocol fails on the way
 */
export const withoutStep = (walker: Walker, property: string | null, initial: WalkState, steps: readonly WalkStep[], number: number): Without => {
  const possible = possibleSteps(walker)
  const sender = sendersOf(steps.map(({ step }) => step))
  const taken = new Map(steps.slice(0, number - 1).map(({ step }, i) => [i + 1, step]))
  const lost: number[] = []
  const otherwise: { readonly step: number; readonly instead: TraceStep }[] = []
  let state = steps[number - 2]?.next ?? initial
  let violated: boolean | null = false
  for (const [i, { step }] of steps.entries()) {
    if (i < number) continue
    const next = likeIt(step, possible(state), sender.get(i + 1), taken)
    if (next === undefined) {
      lost.push(i + 1)
      continue
    }
    if (canonical(next.step.message) !== canonical(step.message) || canonical(next.step.choices) !== canonical(step.choices))
      otherwise.push({ step: i + 1, instead: next.step })
    taken.set(i + 1, next.step)
    state = next.next
    if (property === null || violated === true) continue
    const judgement = judge(walker, property, state, next)
    violated = judgement.violated === true ? true : judgement.violated === null ? null : violated
  }
  const differences = lost.length > 0 ? [] : differencesOf(walker, steps.at(-1)?.next ?? initial, state)
  return { lost, otherwise, violated, differences }
}

/** The step that sends a message, and how many of this type it sends to the same node before. */
interface Sending {
  readonly step: number
  readonly before: number
}

/** Where the message of each step that has one was sent; not for those that no step sends. */
const sendersOf = (steps: readonly TraceStep[]): ReadonlyMap<number, Sending> => {
  const counts = new Map<string, number>()
  return new Map(
    livesOf({ steps }).flatMap(({ from, to, message, sent, events }) => {
      if (sent === null) return []
      const key = `${sent} ${kindOf({ from, to, message })}`
      const before = counts.get(key) ?? 0
      counts.set(key, before + 1)
      return events.map(({ step }) => [step, { step: sent, before }] as const)
    }),
  )
}

const kindOf = ({ from, to, message }: SentMessage): string => JSON.stringify([from, to, isRecord(message) ? (message['type'] ?? null) : message])

const likeIt = (step: TraceStep, possible: Possible, sending: Sending | undefined, taken: ReadonlyMap<number, TraceStep>): WalkStep | undefined => {
  const { message, from, node } = step
  if (message === null || from === null || node === null) return stepLike(step, possible)
  const sent = sending === undefined ? [] : (taken.get(sending.step)?.sent ?? [])
  const wanted = kindOf({ from, to: node, message })
  const now = sent.filter(packet => kindOf(packet) === wanted)[sending?.before ?? 0]
  return stepCalled(step, possible) ?? (now && stepCalled({ ...step, message: now.message }, possible))
}

const differencesOf = ({ system }: Walker, whole: WalkState, without: WalkState): string[] => {
  const { values } = system
  return [
    ...system.nodes.flatMap(({ index, label }) =>
      diff(values.toJson(whole.nodes[index] as number), values.toJson(without.nodes[index] as number)).map(text => `${label}  ${text}`),
    ),
    ...Object.keys(system.protocol.observers ?? {}).flatMap((name, o) =>
      diff(values.toJson(whole.observers[o] as number), values.toJson(without.observers[o] as number)).map(text => `${name}  ${text}`),
    ),
  ]
}
