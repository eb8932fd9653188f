import type { Json } from '../protocol/json.ts'
import { livesOf } from './message-lives.ts'
import { operationText } from './operations.ts'
import { canonical, diff, isList, isRecord, show, showTagged } from './show.ts'
import { statesAfter, stepText } from './step-text.ts'
import type { Trace, TraceStep } from './trace.ts'
import type { ViewChange } from './view-changes.ts'
import { cut, visible } from './visible.ts'

/** Steps that only serve one another, with what they come to. */
export interface Episode {
  /** The first and the last step, from 1. */
  readonly from: number
  readonly to: number
  /** Who becomes what, in words. */
  readonly heading: string
}

/** `4–6`, or `7`. */
export const stepsText = ({ from, to }: Episode): string => (from === to ? `${from}` : `${from}–${to}`)

/** What a fact is, in the order in which a person would tell it. */
const kinds = ['fault', 'event', 'word', 'list', 'truth', 'view', 'number'] as const

/** Something that a step brings about at a node, and that a person would tell. */
interface Fact {
  /** The number of the step, from 1. */
  readonly step: number
  readonly node: string
  /** A field of the node's state; null for what it emits, and for a crash. */
  readonly field: string | null
  readonly kind: (typeof kinds)[number]
  readonly text: string
}

/** Nobody reads a story of more steps, and finding it takes the square of their number. */
const STEPS_MAX = 400

/** Letters of one part of a heading, and parts of one. */
const PART_LETTERS = 48
const PARTS_MAX = 2

/**
 * An execution as episodes. Each ends where something lasting has come about, and its other steps have served that: a node's word for what it is (`leader`) or a truth value is another,
 * a list of it has grown, a number that changes seldom has, it emits something, or it crashes.
 *
 * So does a step that changes what the property looks at of a node, where nothing else of the node is told.
 *
 * What is only on its way does not last: a candidate that becomes leader by the answers to what it sent as a candidate; a client that asks, and has its answer. And where the next such step
 * receives what this one sends, they are one episode. One episode says no more than the execution, so then there is none.
 * @param views what the property looks at, as far as that is known: it takes the protocol
 */
export const episodesOf = (trace: Trace, views: readonly ViewChange[] = []): readonly Episode[] => {
  if (trace.steps.length > STEPS_MAX) return []
  const changes = changesOf(trace)
  const causes = causesOf(trace)
  const plain = factsOf(trace, changes)
  const facts = [...plain, ...viewFacts(trace, views, changes, plain)]
  const passing = new Set(facts.filter(fact => isPassing(fact, trace, changes, causes)))
  // What a person would tell of a step is not there yet: then nothing else of it is told.
  const isTold = (fact: Fact): boolean =>
    !passing.has(fact) && !facts.some(other => other.step === fact.step && other.node === fact.node && passing.has(other) && isBefore(other, fact))
  const told = [...new Set(facts.filter(isTold).map(({ step }) => step))].sort((a, b) => a - b)
  const ends = told.filter((step, i) => !serves(step, told[i + 1], causes))
  const last = trace.steps.length
  if (ends.at(-1) !== last) ends.splice(-1, 1, last)
  const { repeatsFrom = 0 } = trace
  // What is taken again and again is told by itself.
  if (repeatsFrom > 0 && repeatsFrom < last && !ends.includes(repeatsFrom)) ends.splice(ends.filter(end => end < repeatsFrom).length, 0, repeatsFrom)
  if (ends.length < 2) return []
  return ends.map((to, i) => {
    const from = (ends[i - 1] ?? 0) + 1
    return { from, to, heading: headingOf(trace, facts, changes, from, to) }
  })
}

const isBefore = (a: Fact, b: Fact): boolean => kinds.indexOf(a.kind) < kinds.indexOf(b.kind)

/** A field of a node that a step changes; the whole state of a node that has no fields is the field ''. */
interface Change {
  readonly step: number
  readonly node: string
  readonly field: string
  readonly before: Json | undefined
  readonly after: Json | undefined
}

const changesOf = (trace: Trace): readonly Change[] => {
  const states = statesAfter(trace)
  return trace.steps.flatMap((step, i) =>
    Object.entries(step.nodes).flatMap(([node, now]) => {
      const old = states[i]?.nodes[node] ?? null
      const change = (field: string, before: Json | undefined, after: Json | undefined): Change => ({ step: i + 1, node, field, before, after })
      if (!isRecord(old) || !isRecord(now)) return [change('', old, now)]
      return Object.keys(now).flatMap(field => {
        const [before, after] = [Object.hasOwn(old, field) ? old[field] : undefined, now[field]]
        return before !== undefined && canonical(before) === canonical(after as Json) ? [] : [change(field, before, after)]
      })
    }),
  )
}

const factsOf = ({ steps }: Trace, changes: readonly Change[]): readonly Fact[] => {
  const rare = rareFields(changes, steps.length)
  const begun = (by: string, i: number): Json | undefined =>
    steps
      .slice(0, i)
      .flatMap(({ emitted }) => emitted.flatMap(({ from, event }) => (from === by && isInvocation(event) ? [event] : [])))
      .at(-1)
  return steps.flatMap((step, i): Fact[] => {
    const number = i + 1
    const faults: Fact[] =
      step.node !== null && (step.kind === 'crash' || step.kind === 'restart')
        ? [{ step: number, node: step.node, field: null, kind: 'fault', text: stepText(step) }]
        : []
    const emitted = step.emitted.map(
      ({ from, event }): Fact => ({ step: number, node: from, field: null, kind: 'event', text: eventText(from, event, begun(from, i)) }),
    )
    return [...faults, ...emitted, ...changes.filter(change => change.step === number).flatMap(change => factOf(change, step, rare) ?? [])]
  })
}

/** `invoke` and `return` are what the clients of an object emit. @param before the operation that the client has begun last */
const eventText = (from: string, event: Json, before: Json | undefined): string => {
  if (!isRecord(event)) return `${from}: ${show(event)}`
  const { type, result } = event
  if (type === 'invoke') return `${from} begins ${operationText(event)}`
  if (type === 'return') return `${from}: ${before === undefined ? 'it' : operationText(before)} returns${result === undefined ? '' : ` ${show(result)}`}`
  const text = `${from}: ${showTagged(event)}`
  return text.length <= PART_LETTERS || typeof type !== 'string' ? text : `${from}: ${visible(type)}(…)`
}

const isInvocation = (event: Json): boolean => isRecord(event) && event['type'] === 'invoke'

/** A field whose word says what the node is, and not what it holds: a commander does not become its order. */
const isOfTheNode = /(^|role|status|state|phase|mode)$/i

const factOf = ({ step, node, field, before, after }: Change, taken: TraceStep, rare: ReadonlySet<string>): Fact | undefined => {
  const fact = (kind: Fact['kind'], text: string): Fact => ({ step, node, field, kind, text })
  const name = visible(field)
  if (typeof after === 'string') return fact('word', isOfTheNode.test(field) ? `${node} becomes ${show(after)}` : `${node}: ${name} ${show(after)}`)
  if (after === true) return fact('truth', `${node}: ${name}`)
  if (after === false) return fact('truth', taken.kind === 'action' && taken.node === node ? stepText(taken) : `${node}: not ${name}`)
  if (after !== undefined && before !== undefined && isList(after) && isList(before))
    return fact(
      'list',
      `${node}: ${diff(before, after)
        .map(text => `${name} ${text}`)
        .join(', ')}`,
    )
  return typeof after === 'number' && rare.has(field) ? fact('number', `${node}: ${name} ${show(after)}`) : undefined
}

/** A view that changes with every third step tells no more than the steps. */
const viewFacts = ({ steps }: Trace, views: readonly ViewChange[], changes: readonly Change[], told: readonly Fact[]): readonly Fact[] => {
  if (new Set(views.map(({ step }) => step)).size * 3 > steps.length) return []
  return views.flatMap(({ step, node, differences }): Fact[] => {
    if (told.some(fact => fact.step === step && fact.node === node)) return []
    const fields = changes.filter(change => change.step === step && change.node === node)
    const texts = fields.flatMap(({ field, before, after }) =>
      before === undefined || after === undefined ? [] : field === '' ? diff(before, after) : diff({ [field]: before }, { [field]: after }),
    )
    const isSeen = (text: string): boolean => differences.some(difference => text.endsWith(difference))
    // Of all that changed, what the property sees comes first.
    const [first, ...others] = [...texts.filter(isSeen), ...texts.filter(text => !isSeen(text))]
    if (first === undefined) return []
    const whole = others.reduce((text, more) => (text.length + more.length + 2 > PART_LETTERS ? text : `${text}, ${more}`), `${node}: ${first}`)
    return [{ step, node, field: fields[0]?.field ?? null, kind: 'view', text: whole }]
  })
}

/** Fields that change in few steps: not those that count along. */
const rareFields = (changes: readonly Change[], steps: number): ReadonlySet<string> => {
  const counts = new Map<string, number>()
  for (const { field } of changes) counts.set(field, (counts.get(field) ?? 0) + 1)
  return new Set([...counts].filter(([, count]) => count <= Math.max(1, steps / 10)).map(([field]) => field))
}

/** Which steps need which: by a message, or by being of the same node. */
interface Causes {
  /** The steps that receive what a step sends. */
  readonly receipts: ReadonlyMap<number, readonly number[]>
  /** Does the one come of a message that the other sends? */
  comesOf(later: number, earlier: number): boolean
}

const causesOf = (trace: Trace): Causes => {
  const receipts = new Map<number, number[]>()
  for (const { sent, events } of livesOf(trace))
    for (const { kind, step } of events) if (sent !== null && kind === 'receive') receipts.set(sent, [...(receipts.get(sent) ?? []), step])
  const nodesOf = ({ node, nodes }: TraceStep): readonly string[] => [...(node === null ? [] : [node]), ...Object.keys(nodes)]
  const followers = trace.steps.map((step, i) => {
    const next = nodesOf(step).flatMap(node => {
      const found = trace.steps.findIndex((other, k) => k > i && nodesOf(other).includes(node))
      // What a node does by itself is no answer.
      return found === -1 || trace.steps[found]?.kind === 'action' ? [] : [found + 1]
    })
    return [...new Set(next)]
  })
  const known = new Map<number, Set<number>>()
  const descendants = (of: number): Set<number> => {
    const found = new Set<number>()
    const left = [...(receipts.get(of) ?? [])]
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      if (found.has(at)) continue
      found.add(at)
      left.push(...(receipts.get(at) ?? []), ...(followers[at - 1] ?? []))
    }
    return found
  }
  return {
    receipts,
    comesOf(later, earlier) {
      const found = known.get(earlier) ?? descendants(earlier)
      known.set(earlier, found)
      return found.has(later)
    },
  }
}

/** Does the same become something else, in the next step or by the answer to what the step sends? An operation that began is so, if it ends. */
const isPassing = ({ step, node, field, kind }: Fact, { steps }: Trace, changes: readonly Change[], { comesOf }: Causes): boolean => {
  const emits = (i: number): readonly Json[] => (steps[i]?.emitted ?? []).flatMap(({ from, event }) => (from === node ? [event] : []))
  const isReturn = (event: Json) => isRecord(event) && event['type'] === 'return'
  if (kind === 'event' && emits(step - 1).some(isInvocation)) return steps.some((_, i) => i >= step && emits(i).some(isReturn))
  const next =
    field === null
      ? steps.findIndex((_, i) => i >= step && emits(i).length > 0) + 1
      : (changes.find(other => other.step > step && other.node === node && other.field === field)?.step ?? 0)
  return next > 0 && (next === step + 1 || (steps[next - 1]?.kind === 'receive' && comesOf(next, step)))
}

/** Is the next thing that comes about the receipt of what this step sends? */
const serves = (step: number, next: number | undefined, { receipts }: Causes): boolean => next !== undefined && receipts.get(step)?.includes(next) === true

/** The last thing that came about at each of the nodes: first where the episode ends, then what a person would tell first. */
const headingOf = (
  { property, steps, repeatsFrom = steps.length }: Trace,
  facts: readonly Fact[],
  changes: readonly Change[],
  from: number,
  to: number,
): string => {
  const latest = new Map<string, Fact>()
  for (const fact of facts
    .filter(({ step }) => step >= from && step <= to)
    .toSorted((a, b) => b.step - a.step || Number(isBefore(b, a)) - Number(isBefore(a, b))))
    if (!latest.has(fact.node)) latest.set(fact.node, fact)
  const [first, ...others] = latest.values()
  const parts = [...(first === undefined ? [] : [first]), ...others.toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind))]
    .slice(0, PARTS_MAX)
    .map(fact => cut(fact.text, PART_LETTERS) + countOf(fact, changes, to))
  // Before what is taken again and again nothing that lasts need have come about.
  if (parts.length === 0) parts.push(stepText(steps[to - 1] as TraceStep))
  if (to !== steps.length || property === '') return parts.join('; ')
  if (repeatsFrom < steps.length) parts.push('again and again')
  return [...parts, property === 'deadlock' ? 'deadlock' : `${property} is violated`].join('; ')
}

/** `, term 2` of a leader: a number of the node that has grown in a step in which this field changed. */
const countOf = ({ kind, node, field }: Fact, changes: readonly Change[], to: number): string => {
  if (kind !== 'word') return ''
  const turns = new Set(changes.flatMap(change => (change.node === node && change.field === field ? [change.step] : [])))
  const grows = ({ node: of, before, after }: Change): boolean => of === node && typeof before === 'number' && typeof after === 'number' && after > before
  const counts = new Set(changes.flatMap(change => (grows(change) && turns.has(change.step) ? [change.field] : [])))
  const last = changes.findLast(change => change.step <= to && change.node === node && counts.has(change.field))
  return last === undefined ? '' : `, ${shortName(last.field)} ${show(last.after as Json)}`
}

/** `term` for `currentTerm`. */
const shortName = (field: string): string => {
  const [, first = '', rest = ''] = /^current(\p{Lu})(.*)$/u.exec(field) ?? []
  return visible(first === '' ? field : first.toLowerCase() + rest)
}
