import { SpecError } from '../protocol/errors.ts'
import { isLiveness, type PairPredicate, type StatePredicate } from '../protocol/properties.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import type { RoleTypes } from '../protocol/roles.ts'
import { System } from '../run/system.ts'
import { judge } from './judge.ts'
import { isLinearization } from './operations.ts'
import { watchedRecord } from './reads.ts'
import { type TextOptions, WIDTH } from './render-text.ts'
import { walkTrace } from './replay.ts'
import { isRecord, show } from './show.ts'
import { names, wrap } from './step-text.ts'
import type { Trace } from './trace.ts'
import { visible } from './visible.ts'
import { shownFlight, Walker, type WalkState, type WalkStep } from './walk.ts'

/** Why a property is violated. */
export interface Why {
  /** In words; null where there is no more to say. */
  readonly why: string | null
  /** Nodes and observers that decided it, as far as that is known. */
  readonly decided: readonly Decided[]
}

/** What was read of a node, or of an observer. */
export interface Decided {
  readonly name: string
  /** Empty where it is not known, or where all was read. */
  readonly fields: readonly string[]
}

const because = (why: string | null, decided: readonly Decided[] = []): Why => ({ why, decided })

/** What decided that a property, or that there is no deadlock, is violated in a state, or by the last step to it. @throws SpecError if code of the spec fails */
export const whyViolated = (walker: Walker, name: string, state: WalkState, last: WalkStep | undefined): Why => {
  const { system } = walker
  const { protocol, values } = system
  const property = Object.hasOwn(protocol.properties, name) ? protocol.properties[name] : undefined
  if (property === undefined) return because('Nothing can happen any more, and the protocol does not say that it may rest here.')
  if (property.type === 'reachable' || property.type === 'canAlways' || isLiveness(property)) return because(null)
  return system.run(`${protocol.name}, property ${name}`, () => {
    if (property.type !== 'step') return whyFalse(walker, property, state)
    const steps = (last?.local ?? []).filter(({ node }) => system.nodes[node]?.role === property.role)
    const bad = steps.filter(({ before, after }) => !property.ok(values.decode(before) as never, values.decode(after) as never))
    const labels = bad.map(({ node }) => system.label(node))
    return because(
      `The step of ${names(labels)} breaks it.`,
      labels.map(label => ({ name: label, fields: [] })),
    )
  })
}

/** Why the property of a trace is violated at its end, with what was read of whom: a sentence, or null where nothing is known, or where the protocol does otherwise than the trace. */
export const whyText = (protocol: AnyProtocol, trace: Trace): string | null => {
  if (trace.repeatsFrom !== undefined) return null
  try {
    const walker = new Walker(new System(protocol))
    const walked = walkTrace(walker, trace)
    if ('kind' in walked) return null
    const last = walked.steps.at(-1)
    const end = last?.next ?? walked.initial
    const { why, decided } = whyViolated(walker, trace.property, end, last)
    if (why === null || judge(walker, trace.property, end, last).violated !== true) return null
    const read = decided.flatMap(({ name, fields }) => (fields.length === 0 ? [] : [`${visible(name)}: ${fields.map(visible).join(', ')}`]))
    return visible(read.length === 0 ? why : `${why} It read of ${read.join('; of ')}.`)
  } catch (error) {
    if (error instanceof SpecError) return null
    throw error
  }
}

/** That as lines, as wide as a drawing. */
export const whyLines = (why: string, { width = WIDTH }: Pick<TextOptions, 'width'> = {}): readonly string[] => wrap(why, width)

/** Which nodes decide that a predicate is false, and which of their fields it reads. */
const whyFalse = (walker: Walker, predicate: StatePredicate<RoleTypes>, state: WalkState): Why => {
  const { system } = walker
  const viewed = (node: number, view: (of: never, status: never) => unknown): { readonly view: never; readonly fields: readonly string[] } => {
    const plain = view(system.values.decode(state.nodes[node] as number) as never, { crashed: state.crashed[node] } as never) as never
    return {
      view: plain,
      fields: readsOf(system.values.decode(state.nodes[node] as number), of => view(of as never, { crashed: state.crashed[node] } as never)),
    }
  }
  const ofRole = (role: string) => system.nodes.filter(node => node.role === role)
  switch (predicate.type) {
    case 'each': {
      const bad = ofRole(predicate.role).flatMap(({ index, label }) => {
        const { view, fields } = viewed(index, predicate.view as never)
        return predicate.ok(view) ? [] : [{ name: label, fields }]
      })
      return because(`${names(bad.map(({ name }) => name))} ${bad.length === 1 ? 'breaks' : 'break'} it.`, bad)
    }
    case 'eachPair': {
      const [first, second] = predicate.roles
      for (const a of ofRole(first))
        for (const b of ofRole(second)) {
          if (a.index === b.index) continue
          const [va, vb] = [viewed(a.index, predicate.views[0] as never), viewed(b.index, predicate.views[1] as never)]
          if (predicate.ok(va.view, vb.view)) continue
          const decided = [
            { name: a.label, fields: va.fields },
            { name: b.label, fields: vb.fields },
          ]
          return because(`${a.label} and ${b.label} together break it.`, decided)
        }
      return because(null)
    }
    case 'some':
    case 'somePair': {
      const all = predicate.type === 'some' ? predicate.role : (predicate as PairPredicate<RoleTypes>).roles.join(' and ')
      return because(`No ${all} satisfies it.`)
    }
    case 'observed':
      return because(sayingOf(walker, predicate.observer, state), [{ name: predicate.observer, fields: [] }])
    case 'world': {
      const decided = readsOfWorld(walker, predicate as never, state)
      return because(decided.length === 0 ? null : `It looked at ${names(decided.map(({ name }) => name))}.`, decided)
    }
  }
}

/** What an observer says, where it is a judge that the checker knows. */
const sayingOf = ({ system }: Walker, observer: string, { observers }: WalkState): string => {
  const value = observers[Object.keys(system.protocol.observers ?? {}).indexOf(observer)]
  const state = value === undefined ? undefined : system.values.toJson(value)
  if (!isLinearization(state) || state.violation === null || !isRecord(state.violation)) return `The observer ${observer} says so.`
  const { call = null, result = null } = state.violation
  return `No order of the operations explains that ${show(call)} has the answer ${show(result)}.`
}

/** The fields that a function reads of a state; none where that cannot be told. */
const readsOf = (state: unknown, run: (state: unknown) => unknown): readonly string[] => {
  const fields = new Set<string>()
  try {
    run(watchedRecord(state, field => void fields.add(field)))
  } catch {
    return []
  }
  return [...fields]
}

const readsOfWorld = (walker: Walker, predicate: { ok(world: unknown): boolean }, state: WalkState): readonly Decided[] => {
  const { system } = walker
  const observers = Object.keys(system.protocol.observers ?? {})
  const read = new Map<string, Set<string>>()
  const note = (name: string): Set<string> => {
    const fields = read.get(name) ?? new Set()
    read.set(name, fields)
    return fields
  }
  const world = system.world({
    state: node => {
      const fields = note(system.label(node))
      return watchedRecord(system.values.decode(state.nodes[node] as number), field => void fields.add(field))
    },
    crashed: node => {
      note(system.label(node))
      return state.crashed[node] as boolean
    },
    observer: name => {
      note(name)
      return system.values.decode(state.observers[observers.indexOf(name)] as number)
    },
    inFlight: () => {
      note('the messages in flight')
      return shownFlight(system, state)
    },
  })
  try {
    if (predicate.ok(world)) return []
  } catch {
    return []
  }
  return [...read].map(([name, fields]) => ({ name, fields: [...fields] }))
}
