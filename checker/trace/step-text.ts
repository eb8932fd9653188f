import { TO_LIE } from '../protocol/byzantine.ts'
import type { Json } from '../protocol/json.ts'
import { show, showTagged } from './show.ts'
import type { Trace, TraceStep } from './trace.ts'
import { widthOf } from './visible.ts'

/** What happens in a step, in words: `p1 receives Request(clock: 1) from p2`. */
export const stepText = (step: TraceStep): string => {
  const { kind, node, name, from, message } = step
  const what = message === null ? name : showTagged(message)
  switch (kind) {
    case 'action':
      return `${node} ${name}${choosing(step)}`
    case 'receive':
      return `${node} receives ${what} from ${from === node ? 'itself' : from}${choosing(step)}`
    case 'step':
      return `${name}${choosing(step)}`
    case 'crash':
      return `${node} crashes`
    case 'restart':
      return `${node} crashes and recovers${choosing(step)}`
    case 'partition':
      return `the network falls apart: ${groupsText(step.choices[0])}`
    case 'heal':
      return 'the network heals'
    case 'tick':
      return tickText(step)
    case 'settle':
      return 'from now on messages arrive in time'
    case 'lose':
      return `${what} from ${from} to ${node} is lost`
    case 'lose-all':
      return 'all that is in flight is lost'
    case 'duplicate':
      return `${what} from ${from} to ${node} is doubled`
  }
}

/** `a tick: service's clock goes on by 2, c1's and c2's by 1`; where no clock drifts, `a tick`. */
const tickText = (step: TraceStep): string => {
  const clocks = clocksIn(step)
  const rest = choosing({ choices: step.choices.slice(clocks === null ? 0 : 1) })
  const groups = [2, 1, 0].flatMap(rate => {
    const of = (clocks ?? []).flatMap(([node, by]) => (by === rate ? [node] : []))
    return of.length === 0 ? [] : [{ rate, of }]
  })
  const texts = groups.map(({ rate, of }, i) => {
    const isOne = of.length === 1 || groups.length === 1
    const noun = i > 0 ? '' : isOne ? ' clock' : ' clocks'
    const whose = groups.length === 1 && of.length > 1 ? 'each' : names(of.map(node => `${node}'s`))
    const verb = rate === 0 ? (isOne ? 'stands still' : 'stand still') : `${i > 0 ? '' : isOne ? 'goes on ' : 'go on '}by ${rate}`
    return `${whose}${noun} ${verb}`
  })
  return `a tick${texts.length === 0 ? '' : `: ${texts.join(', ')}`}${rest}`
}

/** By how many ticks each node's clock goes on in a step, where clocks drift; else null. */
export const clocksIn = ({ kind, choices: [first] }: TraceStep): readonly (readonly [node: string, by: number])[] | null => {
  const entries = kind === 'tick' && typeof first === 'object' && first !== null && '$map' in first ? first['$map'] : undefined
  const isClock = (entry: Json): entry is [Json, number] => Array.isArray(entry) && entry.length === 2 && [0, 1, 2].includes(entry[1] as number)
  return Array.isArray(entries) && entries.every(isClock) ? entries.map(([node, by]) => [show(node), by]) : null
}

/** `n1, n2 and n3`. */
export const names = (of: readonly string[]): string => (of.length < 2 ? (of[0] ?? 'nobody') : `${of.slice(0, -1).join(', ')} and ${of.at(-1)}`)

/** The groups of a partition: `n1 | n2, n3`. */
const groupsText = (groups: Json | undefined): string =>
  namesIn(groups)
    .map(group => group.join(', '))
    .join(' | ')

/** Into which groups of nodes a step divides the network: one that heals it, into none. Null if it leaves them as they are. */
export const groupsAfter = ({ kind, choices }: TraceStep): readonly (readonly string[])[] | null =>
  kind === 'partition' ? namesIn(choices[0]) : kind === 'heal' ? [] : null

const namesIn = (groups: Json | undefined): readonly (readonly string[])[] => membersOf(groups).map(group => membersOf(group).map(show))

const membersOf = (set: Json | undefined): readonly Json[] => {
  const members = typeof set === 'object' && set !== null && '$set' in set ? set['$set'] : undefined
  return Array.isArray(members) ? members : []
}

/** What nodes chose to begin with, in words: `Initially p1 chooses true, p2 false`; of one, if it is named. Null if none did. */
export const initialText = ({ nodes, initial: { choices } }: Trace, only?: string): string | null => {
  const chosen = (only === undefined ? nodes : [only]).flatMap(node =>
    choices !== undefined && Object.hasOwn(choices, node) ? [[node, choices[node] as readonly Json[]] as const] : [],
  )
  const texts = chosen.map(([node, made], i) => `${node}${i === 0 ? ' chooses' : ''} ${made.map(one => (one === TO_LIE ? one : show(one))).join(' and ')}`)
  return texts.length === 0 ? null : `Initially ${texts.join(', ')}`
}

/** The nodes that lie, and so say anything at any time. */
export const liarsOf = ({ nodes, initial: { choices = {} } }: Trace): ReadonlySet<string> =>
  new Set(nodes.filter(node => Object.hasOwn(choices, node) && (choices[node] as readonly Json[]).includes(TO_LIE)))

/** What happens in a step, without what its message holds: where there is no room for more, and an arrow shows from whom to whom. Of a tick, the clocks that do not go on by one. */
export const briefText = (step: TraceStep): string => {
  if (step.kind === 'receive') return `${step.node} receives ${step.name}`
  if (step.kind === 'partition') return 'the network falls apart'
  const clocks = clocksIn(step)
  if (clocks === null) return stepText({ ...step, message: null })
  const drifting = clocks.flatMap(([node, by]) => (by === 1 ? [] : [`${node}'s by ${by}`]))
  return drifting.length === 0 ? 'a tick' : `a tick: ${drifting.join(', ')}`
}

const choosing = ({ choices }: Pick<TraceStep, 'choices'>): string => (choices.length === 0 ? '' : `, choosing ${choices.map(show).join(', ')}`)

/** What a step told the observers: `emits Deliver(message: m1)`, or null. */
export const emittedText = ({ emitted, node }: TraceStep): string | null =>
  emitted.length === 0 ? null : `emits ${emitted.map(({ from, event }) => `${showTagged(event)}${from === node ? '' : ` of ${from}`}`).join(', ')}`

/** The messages that a step sent, equal ones together: `Request(clock: 1) to p2, p3`. */
export const sentTexts = ({ sent, node }: TraceStep): string[] => {
  const targets = new Map<string, string[]>()
  for (const { from, to, message } of sent) {
    const text = `${showTagged(message)}${from === node ? '' : ` from ${from}`}`
    const others = targets.get(text)
    if (others === undefined) targets.set(text, [to])
    else others.push(to)
  }
  return [...targets].map(([text, to]) => `${text} to ${to.join(', ')}`)
}

/** The states of nodes and observers before the first step, and after each. */
export const statesAfter = (trace: Trace): readonly Trace['initial'][] => {
  const states = [trace.initial]
  for (const step of trace.steps) {
    const { nodes, observers } = states.at(-1) as Trace['initial']
    states.push({ nodes: { ...nodes, ...step.nodes }, observers: { ...observers, ...step.observers } })
  }
  return states
}

/** `text`, broken at spaces so that no line is longer than `width`; `clock: 1` and `1 → 2` stay together, as does a word that is longer. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = []
  // Of the last line. A line of many words is not measured again with each of them.
  let taken = width
  // `granted: true` stays together where a line has room for it.
  const words = text.split(/(?<![:→−+]) (?!→)/).flatMap(word => (widthOf(word) > width ? word.split(' ') : [word]))
  for (const word of words) {
    const columns = widthOf(word)
    const line = lines.at(-1)
    const fits = line !== undefined && taken + 1 + columns <= width
    if (fits) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
    taken = fits ? taken + 1 + columns : columns
  }
  return lines
}

/** `label` and `text` in two columns, the second one wrapped: its lines are aligned. */
export const hanging = (label: string, text: string, width: number): string[] =>
  wrap(text, Math.max(20, width - widthOf(label))).map((line, i) => (i === 0 ? label : ' '.repeat(widthOf(label))) + line)
