import type { Json } from '../protocol/json.ts'
import { episodesOf, stepsText } from './episodes.ts'
import { livesOf } from './message-lives.ts'
import { intervalText, operationsOf, violatedJudges } from './operations.ts'
import { diff, show, showFields, showTagged } from './show.ts'
import { drawRow, layOut } from './space-time.ts'
import { emittedText, hanging, initialText, liarsOf, sentTexts, statesAfter, stepText, wrap } from './step-text.ts'
import type { Trace, TraceStep } from './trace.ts'
import { cut, padEnd, widest } from './visible.ts'
import { withVisibleNames } from './visible-names.ts'

/** How a trace is written as text. */
export interface TextOptions {
  /** Columns; 100 by default. A drawing of very many nodes may need more. */
  readonly width?: number
  /** Where the trace is saved, for what to type next. */
  readonly file?: string
  /** Tell first in episodes what happens: who becomes what, in which steps. Not by default. */
  readonly story?: boolean
}

/** Columns, where nothing else is said. */
export const WIDTH = 100
/** Where there are so many steps, the names of the nodes are repeated. */
const STEPS_PER_HEADER = 20

/**
 * A counterexample as text: why, a space-time diagram (a column a node, a line a step; L. Lamport, CACM 21(7), 1978), and where it ends.
 * `●` a node's step, `●◀──│` a delivery, `◆` a node that a global step changes, `✗` a crash, `⟳` a recovery, `⊘` a message that is lost (between all nodes: all messages are), `⊕` one that is doubled. Where the network
 * falls apart, the number of each node's group, and `⊘` between neighbours of different ones; `┼──┼` where it heals.
 *
 * @example
 * ```ts code
 * const { counterexample } = await explore(mutants.doubled.change(lockServer()), { property: 'mutualExclusion' })
 * if (counterexample !== null) console.log(renderText(counterexample, { width: 80 }))
 * ```
 */
export const renderText = (trace: Trace, { width = WIDTH, file, story = false }: TextOptions = {}): string => {
  const named = withVisibleNames(trace)
  const told = story ? [storyOf(named, width), ...violatedJudges(named).map(judge => timeline(named, judge, width))] : []
  return sections([wrap(named.because ?? violation(named), width), ...told, diagram(named, width), fairLines(named, width), ending(named, width), next(file)])
}

/** `  1–3  n1 becomes leader, term 1`, a line an episode. */
const storyOf = (trace: Trace, width: number): string[] => {
  const episodes = episodesOf(trace).map(episode => [stepsText(episode), episode.heading] as const)
  const longest = Math.max(0, ...episodes.map(([steps]) => steps.length))
  return episodes.flatMap(([steps, heading]) => hanging(`  ${steps.padStart(longest)}  `, heading, width))
}

/**
 * An execution step by step: what changed in which node, what was sent, what was emitted.
 *
 * @example
 * ```ts code
 * const { counterexample } = await explore(mutants.doubled.change(lockServer()), { property: 'mutualExclusion' })
 * if (counterexample !== null) console.log(renderSteps(counterexample))
 * ```
 */
export const renderSteps = (raw: Trace, { width = WIDTH }: Pick<TextOptions, 'width'> = {}): string => {
  const trace = withVisibleNames(raw)
  const states = statesAfter(trace)
  const steps = trace.steps.map((step, i) => [
    ...hanging(`${i + 1}. `, stepText(step), width),
    ...effects(step, states[i] as Trace['initial']).flatMap(([label, text]) => hanging(`   ${label}  `, text, width)),
  ])
  return sections([[...wrap(initialText(trace) ?? 'Initially', width), ...showAll(trace.initial, width)], ...steps])
}

/** Columns that the intervals of operations take at most. */
const TIMELINE_WIDTH = 48
/** What stands beside them. */
const MARK_WIDTH = 32

/** The operations as intervals over the steps, a line each: `c1: write returns 1  ├───┤`. */
const timeline = (trace: Trace, judge: string, width: number): string[] => {
  const operations = operationsOf(trace, judge)
  const texts = operations.map(operation => cut(intervalText(operation), Math.max(20, width - Math.min(trace.steps.length, TIMELINE_WIDTH) - MARK_WIDTH)))
  const longest = widest(texts)
  const last = trace.steps.length
  const column = (step: number): number => (last <= TIMELINE_WIDTH ? step - 1 : Math.round(((step - 1) * (TIMELINE_WIDTH - 1)) / (last - 1)))
  return operations.map(({ begun, ended, hasNoPlace }, i) => {
    const [from, to] = [column(begun), column(ended ?? last)]
    const line = `${' '.repeat(from)}├${'─'.repeat(Math.max(0, to - from - 1))}${ended === null ? '─ …' : from === to ? '' : '┤'}`
    return `  ${padEnd(texts[i] as string, longest)}  ${hasNoPlace ? `${padEnd(line, column(last) + 1)}  ✗ no order explains it` : line}`
  })
}

const sections = (parts: readonly (readonly string[])[]): string =>
  `${parts
    .filter(lines => lines.length > 0)
    .map(lines => lines.map(line => line.trimEnd()).join('\n'))
    .join('\n\n')}\n`

/** `two-phase-commit: agreement is violated after step 7.` */
export const violation = (trace: Trace): string => {
  const { property, protocol, steps, mutant } = trace
  const whose = mutant === null ? protocol : `${protocol} with the mutant ${mutant}`
  const forever = againText(trace)
  if (forever !== null) return `${whose}: ${property} is violated. ${forever}`
  const when = steps.length === 0 ? 'in the initial state' : `after step ${steps.length}`
  return property === 'deadlock' ? `${whose}: deadlock, nothing more can happen ${when}.` : `${whose}: ${property} is violated ${when}.`
}

/** What an execution that goes on for ever does, as a sentence; null of one that ends. */
export const againText = ({ steps: { length }, repeatsFrom }: Pick<Trace, 'steps' | 'repeatsFrom'>): string | null => {
  if (repeatsFrom === undefined) return null
  if (repeatsFrom === length) return `${length === 0 ? 'From the start' : `After step ${length}`}, it may stay so for ever.`
  return length - repeatsFrom === 1
    ? `Step ${length} may be taken again and again, for ever.`
    : `Steps ${repeatsFrom + 1} to ${length} may be taken again and again, for ever.`
}

/** What stands before the number of a step: a bracket around those that are taken again and again. */
const bracket = ({ steps, repeatsFrom = steps.length }: Trace, i: number): string => {
  if (repeatsFrom === steps.length) return ''
  if (i < repeatsFrom) return '  '
  if (repeatsFrom === steps.length - 1) return '↻ '
  return i === repeatsFrom ? '╭ ' : i === steps.length - 1 ? '╰ ' : '│ '
}

/** Lines that say why an execution is fair, at most. */
const FAIR_MAX = 12

/** Why the execution is fair, as far as somebody reads it: lines, and how many more there are. @param trace with visible names */
export const fairTexts = ({ fair = [] }: Pick<Trace, 'fair'>): readonly string[] => [
  ...fair.slice(0, FAIR_MAX),
  ...(fair.length > FAIR_MAX ? [`… and ${fair.length - FAIR_MAX} more`] : []),
]

const fairLines = (trace: Trace, width: number): string[] => {
  if (trace.repeatsFrom === undefined) return []
  const shown = fairTexts(trace)
  if (shown.length === 0) return wrap('That is fair: nothing that is owed can be taken.', width)
  return [...wrap('That is fair:', width), ...shown.flatMap(line => hanging('  ', line, width))]
}

const diagram = (trace: Trace, width: number): string[] => {
  const late = lateMessages(trace)
  const texts = trace.steps.map((step, i) => {
    const emitted = emittedText(step)
    return `${stepText(step)}${late[i] ?? ''}${emitted === null ? '' : `; ${emitted}`}`
  })
  const begins = initialText(trace)
  const layout = layOut(trace.nodes, widest(texts), width)
  const stopped = new Set<string>()
  const digits = String(trace.steps.length).length
  const initial = begins === null ? [] : hanging(' '.repeat(digits + 2), begins, layout.textWidth).map(line => drawRow(layout, null, stopped) + line)
  const rows = trace.steps.flatMap((step, i) => {
    const number = `${bracket(trace, i)}${String(i + 1).padStart(digits)}. `
    const lines = hanging(number, texts[i] as string, layout.textWidth)
    const drawn = lines.map((line, k) => drawRow(layout, k === 0 ? step : null, stopped) + line)
    if (step.kind === 'crash') stopped.add(step.node as string)
    return i > 0 && i % STEPS_PER_HEADER === 0 ? [layout.header, ...drawn] : drawn
  })
  return rows.length + initial.length === 0 ? [] : [layout.header, ...initial, ...rows]
}

/** Where a message is older than it looks (its sender has done something since), the step in which it was sent; and where no step sent it, nor a liar, that it is so. */
const lateMessages = (trace: Trace): (string | null)[] => {
  const { steps } = trace
  const texts: (string | null)[] = steps.map(() => null)
  const liars = liarsOf(trace)
  for (const { sent, from, events } of livesOf(trace))
    for (const { step } of events) {
      if (steps[step - 1]?.kind === 'lose-all') continue
      if (sent === null) {
        if (!liars.has(from)) texts[step - 1] = ', sent in none of these steps'
        continue
      }
      const late = steps.slice(sent, step - 1).some(({ node, kind }) => node === from && kind !== 'lose' && kind !== 'duplicate')
      if (late) texts[step - 1] = `, sent in step ${sent}`
    }
  return texts
}

/** The last step's changes, and the states that violate the property. */
const ending = (trace: Trace, width: number): string[] => {
  const states = statesAfter(trace)
  const last = trace.steps.at(-1)
  const changes = last === undefined ? [] : effects(last, states.at(-2) as Trace['initial'])
  const headline = trace.because === null ? [] : wrap(violation(trace), width)
  return [
    ...headline,
    ...showAll(states.at(-1) as Trace['initial'], width),
    ...(changes.length === 0 ? [] : [`Step ${trace.steps.length}:`, ...changes.flatMap(([label, text]) => hanging(`  ${label}  `, text, width))]),
  ]
}

/** The states of nodes and observers, in two columns. */
export const showAll = ({ nodes, observers }: Trace['initial'], width: number): string[] => {
  const labels = [...Object.keys(nodes), ...Object.keys(observers)]
  const longest = widest(labels)
  const line = (label: string, text: string) => hanging(`  ${padEnd(label, longest)}  `, text, width)
  return [
    ...Object.entries(nodes).flatMap(([label, state]) => line(label, showFields(state))),
    ...Object.entries(observers).flatMap(([label, state]) => line(label, show(state))),
  ]
}

/** What a step did, by node and by kind, in two columns. */
const effects = (step: TraceStep, before: Trace['initial']): (readonly [label: string, text: string])[] => {
  const changed = (old: { readonly [name: string]: Json }, now: { readonly [name: string]: Json }) =>
    Object.entries(now).flatMap(([name, state]) => diff(Object.hasOwn(old, name) ? (old[name] as Json) : null, state).map(text => [name, text] as const))
  const rows = [
    ...changed(before.nodes, step.nodes),
    ...sentTexts(step).map(text => ['sends', text] as const),
    ...step.emitted.map(({ event }) => ['emits', showTagged(event)] as const),
    ...changed(before.observers, step.observers),
  ]
  const longest = widest(rows.map(([label]) => label))
  return rows.map(([label, text]) => [padEnd(label, longest), text])
}

const next = (file: string | undefined): string[] => (file === undefined ? [] : [`npx check replay ${file}`])
