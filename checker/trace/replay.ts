import type { Json } from '../protocol/json.ts'
import { isLiveness } from '../protocol/properties.ts'
import type { AnyProtocol, Spec } from '../protocol/protocol.ts'
import type { Beginning } from '../run/outcome.ts'
import { checkShape } from '../run/protocol-shape.ts'
import { System } from '../run/system.ts'
import type { ValueId } from '../values/value-id.ts'
import { type Judgement, judge, noSuchProperty } from './judge.ts'
import { fairnessOf, violates } from './lasso.ts'
import { canonical, diff, show, showTagged } from './show.ts'
import { emittedText, sentTexts, stepText } from './step-text.ts'
import type { Trace, TraceStep } from './trace.ts'
import { type Attempt, type Chance, Walker, type WalkState, type WalkStep } from './walk.ts'

export type Replay =
  /** Every step can be taken, and the property is violated at the end. */
  | { readonly kind: 'violates' }
  /** Every step can be taken, and the property is not violated at the end. */
  | { readonly kind: 'harmless' }
  /** Every step can be taken; whether the property is violated is not for a replay to tell. */
  | { readonly kind: 'undecided'; readonly why: string }
  /** Every step can be taken, again and again, but no fair execution does so. */
  | { readonly kind: 'unfair'; readonly why: string }
  /** A step cannot be taken, or does something else. `step` counts from 1; 0 is the initial state. */
  | { readonly kind: 'impossible'; readonly step: number; readonly why: string }

/**
 * Runs a trace through the handlers of a protocol, step by step, and judges its property at the end: independently of the search that found it.
 * @throws SpecError if the protocol is broken, or lacks the property
 */
export const replay = (trace: Trace, protocol: Spec): Replay => {
  checkShape(protocol as AnyProtocol)
  const walker = new Walker(new System(protocol as AnyProtocol))
  const walked = walkTrace(walker, trace)
  return 'kind' in walked ? walked : judgeWalked(walker, trace, walked)
}

/** What the property of a trace says of its steps. */
export const judgeWalked = (walker: Walker, trace: Trace, walked: WalkedTrace): Replay =>
  trace.repeatsFrom !== undefined
    ? replayEndless(walker, trace, walked)
    : outcome(judge(walker, trace.property, walked.steps.at(-1)?.next ?? walked.initial, walked.steps.at(-1)))

/** The steps of a trace, as a protocol takes them. */
export interface WalkedTrace {
  readonly initial: WalkState
  readonly steps: readonly WalkStep[]
}

/** Takes the steps of a trace, each of which must do what it does there; or says which does not. */
export const walkTrace = (walker: Walker, trace: Trace): WalkedTrace | Extract<Replay, { readonly kind: 'impossible' }> => {
  const { state: initial, wrong } = beginningOf(trace, walker)
  const others = wrongNodes(trace, walker.system) ?? wrong
  if (others !== undefined) return { kind: 'impossible', step: 0, why: others }
  const { steps, end, failed } = walk(walker, initial, trace.steps, (a, b) => canonical(effectOf(a)) === canonical(effectOf(b)))
  return failed === undefined ? { initial, steps } : { kind: 'impossible', step: steps.length + 1, why: whyNot(walker, end, failed) }
}

/** Of an execution that goes on for ever: whether it does, whether that is fair, and whether the property is violated by it. */
const replayEndless = (walker: Walker, { property, repeatsFrom = 0 }: Trace, { initial, steps }: WalkedTrace): Replay => {
  const { properties, name } = walker.system.protocol
  const found = Object.hasOwn(properties, property) ? properties[property] : undefined
  if (found === undefined) throw noSuchProperty(walker, property)
  if (!isLiveness(found)) return { kind: 'undecided', why: `${property} is not asked of executions that go on for ever` }
  const states = [initial, ...steps.map(({ next }) => next)]
  if (walker.keyOf(states[repeatsFrom] as WalkState) !== walker.keyOf(states.at(-1) as WalkState))
    return {
      kind: 'impossible',
      step: steps.length,
      why: `It leads to another state than that after step ${repeatsFrom}, so the steps since then cannot be taken again and again.`,
    }
  const endless = { states, steps, repeatsFrom }
  const { neglected } = fairnessOf(walker, endless)
  if (neglected.length > 0) return { kind: 'unfair', why: `${neglected[0]}${neglected.length === 1 ? '' : `; and ${neglected.length - 1} more`}` }
  const violated = walker.system.run(`${name}, property ${property}`, () => violates(walker, found, endless))
  return { kind: violated ? 'violates' : 'harmless' }
}

const outcome = (judgement: Judgement): Replay =>
  judgement.violated === null ? { kind: 'undecided', why: judgement.why } : { kind: judgement.violated ? 'violates' : 'harmless' }

export interface Walk {
  readonly steps: readonly WalkStep[]
  readonly end: WalkState
  /** The step that cannot be taken at `end`, if there is one. */
  readonly failed?: TraceStep
}

/**
 * Takes the steps one after the other, as far as they can be taken.
 * @param same must two steps that are called the same do the same? By default not: whatever the step does now.
 */
export const walk = (walker: Walker, from: WalkState, steps: readonly TraceStep[], same: (a: TraceStep, b: TraceStep) => boolean = () => true): Walk => {
  const taken: WalkStep[] = []
  let end = from
  for (const step of steps) {
    const next = stepsCalled(walker, end, step).find(candidate => same(candidate.step, step))
    if (next === undefined) return { steps: taken, end, failed: step }
    taken.push(next)
    end = next.next
  }
  return { steps: taken, end }
}

/** The steps that are called so, with all that they may do. Only what may be it runs: a state of a long execution has hundreds of steps. */
export const stepsCalled = (walker: Walker, state: WalkState, step: TraceStep): readonly WalkStep[] => {
  const isCode = step.kind === 'action' || step.kind === 'receive' || step.kind === 'step'
  const taken = isCode ? attemptsCalled(walker, state, step).flatMap(({ take }) => take()) : walker.successors(state, { idle: true, losses: true })
  return taken.filter(candidate => isCalled(candidate.step, step))
}

const attemptsCalled = (walker: Walker, state: WalkState, step: TraceStep): readonly Attempt[] => {
  const found = walker.attempts(state).filter(({ chance }) => isChance(walker.system, chance, step))
  if (step.message === null) return found
  const what = stepText({ ...step, choices: [] })
  return found.filter(attempt => attempt.what() === what)
}

/** May it be that something is called so? Of a message, its type and its ends are compared. */
const isChance = (system: System, chance: Chance, { kind, node, name, from }: TraceStep): boolean => {
  if (chance.kind !== kind) return false
  if (chance.kind === 'step') return chance.name === name
  if (chance.kind === 'action') return chance.name === name && system.label(chance.node) === node
  if (chance.kind !== 'receive') return false
  const { packet } = chance
  return system.label(packet.to) === node && system.label(packet.from) === from && system.values.typeOf(packet.message) === name
}

/** The same action, message, fault, with the same choices. */
const isCalled = (a: TraceStep, b: TraceStep): boolean => canonical(nameOf(a)) === canonical(nameOf(b))

/** What a step is called: the action, message or fault, with the choices made; not what it does. */
export const nameOf = ({ kind, node, name, from, message, choices }: TraceStep): Json => ({ kind, node, name, from, message, choices })

const effectOf = ({ sent, emitted, nodes, observers }: TraceStep): Json => ({
  sent: sent.map(({ from, to, message }) => ({ from, to, message })),
  emitted: emitted.map(({ from, event }) => ({ from, event })),
  nodes,
  observers,
})

const wrongNodes = (trace: Trace, { nodes }: System): string | undefined => {
  const labels = nodes.map(({ label }) => label)
  return canonical(labels) === canonical(trace.nodes) ? undefined : `The nodes are ${labels.join(', ')} here, and ${trace.nodes.join(', ')} in the trace.`
}

/** The initial state that an execution begins in; if there is none, the one that comes nearest, and what is wrong with it. */
export const beginningOf = ({ initial }: Pick<Trace, 'initial'>, walker: Walker): { readonly state: WalkState; readonly wrong: string | undefined } => {
  const { system } = walker
  const { values } = system
  const chosen = (made: readonly ValueId[], label: string): boolean =>
    initial.choices === undefined || canonical(made.map(choice => values.toJson(choice))) === canonical(initial.choices[label] ?? [])
  const state = walker.initial(
    system.nodes.map(({ index, label }) => {
      const all = system.beginnings(index)
      const called = all.filter(({ choices }) => chosen(choices, label))
      const found = called.find(one => canonical(values.toJson(one.state)) === canonical(initial.nodes[label] ?? null))
      return (found ?? called[0] ?? (all[0] as Beginning)).state
    }),
  )
  const nodes = system.nodes.flatMap(({ label, index }) => changes(label, initial.nodes[label] ?? null, values.toJson(state.nodes[index] as ValueId)))
  const observers = Object.keys(system.protocol.observers ?? {}).flatMap((name, o) =>
    Object.hasOwn(initial.observers, name) ? changes(name, initial.observers[name] as Json, values.toJson(state.observers[o] as ValueId)) : [],
  )
  const differences = [...nodes, ...otherChoices(initial, system), ...observers]
  return { state, wrong: differences.length === 0 ? undefined : `The initial state is another (trace → here):\n${differences.join('\n')}` }
}

/** Nodes that cannot choose what they choose in the trace to begin. */
const otherChoices = ({ choices }: Trace['initial'], system: System): string[] =>
  choices === undefined
    ? []
    : system.nodes.flatMap(({ index, label }) => {
        const inTrace = choices[label] ?? []
        const here = system.beginnings(index).map(({ choices }) => choices.map(choice => system.values.toJson(choice)))
        return here.some(choices => canonical(choices) === canonical(inTrace))
          ? []
          : [`  ${label}  chooses ${listed(inTrace)} → ${here.map(listed).join(' or ')}`]
      })

const changes = (name: string, inTrace: Json, here: Json): string[] => diff(inTrace, here).map(text => `  ${name}  ${text}`)

/** Why a step cannot be taken in a state, for a person. */
const whyNot = (walker: Walker, state: WalkState, step: TraceStep): string => {
  const alike = walker.successors(state, { idle: true, losses: true }).map(candidate => candidate.step)
  const called = alike.filter(candidate => isCalled(candidate, step))
  if (called.length > 0) return `It does something else here (trace → here):\n${effectDifference(step, called[0] as TraceStep).join('\n')}`
  const others = alike.filter(candidate => isCalled({ ...candidate, choices: [] }, { ...step, choices: [] }))
  if (others.length > 0)
    return `It chooses ${listed(step.choices)} in the trace; here it may choose ${others.map(({ choices }) => listed(choices)).join(' or ')}.`
  return whyNotEnabled(walker, state, step)
}

const listed = (choices: readonly Json[]): string => choices.map(show).join(', ') || 'nothing'

const effectDifference = (inTrace: TraceStep, here: TraceStep): string[] => {
  const states = (a: { readonly [name: string]: Json }, b: { readonly [name: string]: Json }) =>
    [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap(name => {
      if (!Object.hasOwn(a, name)) return [`  ${name}  stays in the trace, and changes here`]
      return Object.hasOwn(b, name) ? changes(name, a[name] as Json, b[name] as Json) : [`  ${name}  changes in the trace, and stays here`]
    })
  const texts = (label: string, a: string, b: string) => (a === b ? [] : [`  ${label}  ${a || 'nothing'} → ${b || 'nothing'}`])
  const result = [
    ...states(inTrace.nodes, here.nodes),
    ...texts('sends', sentTexts(inTrace).join(', '), sentTexts(here).join(', ')),
    ...texts('emits', emittedText(inTrace) ?? '', emittedText(here) ?? ''),
    ...states(inTrace.observers, here.observers),
  ]
  return result.length > 0 ? result : ['  the order of what it sends or emits']
}

/** Why a step that is called so cannot be taken in a state, for a person; a step that can be taken leads outside the bounds. */
export const whyNotEnabled = (walker: Walker, state: WalkState, { kind, node: label, name, from, message }: TraceStep): string => {
  const { system } = walker
  const node = system.nodes.findIndex(n => n.label === label)
  const sender = system.nodes.findIndex(n => n.label === from)
  if (kind !== 'step' && kind !== 'lose' && kind !== 'duplicate' && state.crashed[node]) return `${label} has crashed.`
  switch (kind) {
    case 'action':
      if (!system.actionNames(node).includes(name)) return `${label} has no action ${name}.`
      return system.act(node, state.nodes[node] as number, name).length > 0
        ? bound
        : `${name} is not enabled: ${label} is ${show(system.values.toJson(state.nodes[node] as number))}.`
    case 'step':
      return Object.hasOwn(system.protocol.steps ?? {}, name)
        ? `${name} is not enabled, or leads outside the bounds of the model.`
        : `The protocol has no global step ${name}.`
    case 'lose-all':
      return system.protocol.network === 'fair-loss'
        ? 'Nothing is in flight.'
        : `A ${system.protocol.network} network loses single messages only, by the fault loss.`
    case 'partition':
      return 'The network cannot fall apart so here: the protocol has no such fault, or no more of it, or some nodes are apart.'
    case 'heal':
      return 'All links carry, or they never will again.'
    case 'tick':
      return system.timing === undefined
        ? 'The protocol says nothing about time.'
        : 'Time stands still here, since something is due; or a tick leads outside the bounds of the model.'
    case 'settle':
      return 'Messages arrive in time already, or the protocol does not say that they ever will.'
    case 'crash':
    case 'restart':
      return `${label} cannot crash ${kind === 'crash' ? 'for good' : 'and recover'} here: the protocol has no such fault, or no more of it.`
    default: {
      const waiting = state.flight.filter(packet => packet.from === sender && packet.to === node).map(packet => system.values.toJson(packet.message))
      const what = showTagged(message)
      if (!waiting.some(packet => canonical(packet) === canonical(message)))
        return `${what} from ${from} to ${label} is not in flight${waiting.length === 0 ? '' : `; what is: ${waiting.map(showTagged).join(', ')}`}.`
      if (system.protocol.network === 'fifo' && canonical(waiting[0] as Json) !== canonical(message))
        return `The network keeps the order of messages: ${showTagged(waiting[0] as Json)} from ${from} to ${label} comes first.`
      if (kind === 'receive' && walker.isDown(state, sender, node)) return `${from} and ${label} are apart until the network heals.`
      return kind === 'receive' || (kind === 'duplicate' && system.flightBound !== undefined)
        ? bound
        : `A message cannot be ${kind === 'lose' ? 'lost' : 'doubled'} here: the protocol has no such fault, or no more of it.`
    }
  }
}

const bound = 'It would lead outside the bounds of the model.'

/** What a replay found, for a person. */
export const replayText = (result: Replay, trace: Trace): string => {
  switch (result.kind) {
    case 'violates':
      return `Every step can be taken, and ${trace.property} is violated at the end.`
    case 'harmless':
      return `Every step can be taken, but ${trace.property} is not violated at the end.`
    case 'unfair':
      return `Every step can be taken again and again, but that is not fair: ${result.why}.`
    case 'undecided':
      return `Every step can be taken; not decided: ${result.why}.`
    case 'impossible': {
      const step = trace.steps[result.step - 1]
      return step === undefined ? `Impossible from the start. ${result.why}` : `Step ${result.step} is impossible: ${stepText(step)}. ${result.why}`
    }
  }
}
