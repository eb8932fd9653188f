import type { Report } from '../check/report.ts'
import { livenessIn } from '../protocol/properties.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { visible, visibleProse, widthOf } from '../trace/visible.ts'
import { whyLines } from '../trace/why.ts'
import type { Argument } from './arguments.ts'
import { isPath, type Spec } from './load.ts'
import { flagsOf, showParameters } from './parameters.ts'
import { shellWord } from './shell-word.ts'
import type { Terminal } from './terminal.ts'
import { counted, formatBytes, formatCount, formatSeconds } from './units.ts'
import type { Variant } from './variant.ts'

export interface Violated {
  readonly property: string
  readonly length: number | null
}

/** What was asked, as far as the report of the search does not say it. */
export interface Asked {
  readonly spec: Pick<Spec, 'command'>
  readonly variant: Pick<Variant, 'mutant' | 'claim' | 'because' | 'breaks'>
  /** The properties that were checked. */
  readonly properties: readonly string[]
  /** Those of them that take a complete search to judge. */
  readonly canAlways: readonly string[]
  /** Those that are asked of whole executions. */
  readonly liveness: readonly string[]
  /** Steps, if there was a bound. */
  readonly depth: number | null
  readonly simulate: { readonly runs: number; readonly seed: number } | null
  /** The options that were typed, and the parameters. */
  readonly typed: readonly Argument[]
  readonly given: Report['parameters']
  /** What else was found violated. */
  readonly also: readonly Violated[]
  /** What decided that the property is violated, if that is known. */
  readonly why: string | null
  /** Where the counterexample was saved, if it was. */
  readonly saved: string | null
  /** The file that the search was kept in last, if it was. */
  readonly checkpoint: string | null
}

/** Of the properties that are asked about, those that only a complete search can judge. */
export const judgedLast = (asked: readonly string[], { properties }: AnyProtocol): Pick<Asked, 'canAlways' | 'liveness'> => ({
  canAlways: asked.filter(name => properties[name]?.type === 'canAlways'),
  liveness: livenessIn(properties).filter(name => asked.includes(name)),
})

/** The report for people: verdict, counterexample, what was covered and how, and what to type next. */
export const printReport = (report: Report, asked: Asked, drawing: string | null, { colors }: Pick<Terminal, 'colors'>): string => {
  const { variant } = asked
  const of =
    variant.mutant === null
      ? variant.claim === null
        ? ''
        : ` and the claim ${colors.bold(visible(variant.claim))}`
      : ` with the mutant ${colors.bold(visible(variant.mutant))}`
  const head = `${colors.bold(visible(report.protocol))}${of}`
  // The drawing begins with the reason.
  const because = variant.because === null || drawing !== null ? [] : [indent(visibleProse(variant.because))]
  const parts = [
    [head, ...[showParameters(report.parameters)].filter(text => text !== '').map(indent), ...because],
    [verdictLine(report, asked, colors), ...[...alsoLines(asked), ...covered(report, asked)].map(indent)],
    drawing === null ? [] : drawing.trimEnd().split('\n').map(indent),
    asked.why === null ? [] : whyLines(asked.why).map(indent),
    figures(report).map(indent),
    report.notes.map(note => indent(`Note: ${visibleProse(note)}`)),
    next(report, asked).map(line => `${colors.dim('Next:')} ${line}`),
  ]
  return `${parts
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`
}

const indent = (line: string): string => (line === '' ? '' : `  ${line}`)

const verdictLine = (report: Report, asked: Asked, colors: Terminal['colors']): string => {
  const properties =
    asked.properties
      .filter(name => !undecided(report, asked).includes(name))
      .map(visible)
      .join(', ') || 'no property'
  switch (report.verdict) {
    case 'holds':
      return wrap(`${colors.green(colors.bold('HOLDS'))}  ${properties}`)
    case 'inconclusive': {
      const seen = properties === 'no property' && asked.liveness.length > 0 ? '' : `  not violated in what was seen: ${properties}`
      const open = asked.liveness.length === 0 ? '' : `  not judged: ${asked.liveness.map(visible).join(', ')}`
      return wrap(`${colors.yellow(colors.bold('INCONCLUSIVE'))}${seen}${open}`)
    }
    case 'violated':
      return `${colors.red(colors.bold('VIOLATED'))}  ${visible(report.property ?? '') || properties}${lengthOf(report)}`
  }
}

const alsoLines = ({ also }: Asked): readonly string[] =>
  also.length === 0
    ? []
    : [`Also violated: ${also.map(({ property, length }) => `${visible(property)}${length === null ? '' : ` (${counted(length, 'step')})`}`).join(', ')}.`]

/** The properties that were asked for but that a search which was cut off cannot tell anything of. */
const undecided = (report: Report, { canAlways, liveness }: Asked): readonly string[] => [
  ...report.unreached,
  ...(report.complete ? [] : canAlways),
  ...(report.liveness === null || report.verdict === 'inconclusive' ? liveness : []),
]

const WIDTH = 110

/** Breaks a long list of names. */
const wrap = (text: string): string =>
  text.split(', ').reduce((lines, name) => {
    const width = widthOf(lines.slice(lines.lastIndexOf('\n') + 1)) + 1 + widthOf(name)
    return `${lines},${width > WIDTH ? '\n    ' : ' '}${name}`
  })

const lengthOf = ({ counterexample, shortest }: Report): string => {
  if (counterexample === null) return ''
  const { repeatsFrom } = counterexample
  if (repeatsFrom !== undefined) {
    const again = counterexample.steps.length - repeatsFrom
    return `: ${repeatsFrom === 0 ? 'from the start' : `after ${counted(repeatsFrom, 'step')}`}, ${again === 0 ? 'nothing more need happen' : `${counted(again, 'step')} again and again`}`
  }
  const steps = counted(counterexample.steps.length, 'step')
  return shortest ? ` after ${steps}; no shorter execution violates it` : ` after ${steps}; shorter executions may violate it too`
}

/** What a search may be ended by, and the option that raises it. */
export const limitNames: { readonly [reason: string]: { readonly what: string; readonly option?: string } } = {
  states: { what: 'the limit of states', option: '--states' },
  time: { what: 'the time limit', option: '--time' },
  memory: { what: 'the memory limit', option: '--memory' },
  interrupt: { what: 'an interrupt' },
}

/** Why an inconclusive check is so, in words; null for one that is not. */
export const whyInconclusive = ({ verdict, stoppedBy, liveness }: Report): string | null => {
  if (verdict !== 'inconclusive') return null
  if (stoppedBy === 'runs') return 'Random executions prove nothing.'
  if (stoppedBy === null && liveness !== null) return 'Every fair execution reaches the bounds of the model.'
  if (stoppedBy === null) return 'What was asked takes a complete search, and this one was bounded by its depth.'
  return `The search was ended by ${limitNames[stoppedBy]?.what ?? stoppedBy}.`
}

/** How far the verdict reaches: in words that do not claim more than was seen. */
const covered = (report: Report, { simulate, depth }: Asked): string[] => {
  const unreached =
    report.unreached.length === 0 ? [] : [`Neither held nor violated, since no state seen so far is as it asks: ${report.unreached.map(visible).join(', ')}.`]
  if (report.stoppedBy !== null && report.stoppedBy !== 'runs') {
    const runs = simulate === null ? '' : ` in random execution ${formatCount(report.runs ?? 0)} of ${formatCount(simulate.runs)}`
    return [`Not complete: ended by ${limitNames[report.stoppedBy]?.what ?? report.stoppedBy}${runs}, ${depthSeen(report)}.`, ...unreached]
  }
  if (simulate !== null && report.verdict === 'violated')
    return [`Found in random execution ${formatCount(report.runs ?? 0)} of ${formatCount(simulate.runs)}, with seed ${simulate.seed}.`, ...unreached]
  if (simulate !== null) {
    return [`Nothing is proved: ${counted(report.runs ?? 0, 'random execution')} with seed ${simulate.seed}, ${depthSeen(report)}.`, ...unreached]
  }
  if (report.verdict === 'violated') {
    if (report.liveness !== null && report.counterexample?.repeatsFrom !== undefined) return fairExecutions(report)
    return report.counterexample === null ? ['Every state within the bounds of the model was seen, and none is as the property asks.'] : []
  }
  if (report.complete) return ['Complete: every reachable state within the bounds of the model was seen.', ...unreached, ...fairExecutions(report)]
  const steps = depth === null ? depthSeen(report) : `every execution of at most ${counted(depth, 'step')} was explored, longer ones were not`
  return [`Bounded: ${steps}.`, ...unreached]
}

/** Which executions the liveness properties were asked of. */
const fairExecutions = ({ liveness, verdict }: Report): string[] => {
  if (liveness === null || verdict === 'inconclusive') return []
  const { properties, fairness } = liveness
  return [
    verdict === 'violated' ? 'Asked of every execution in which' : `${properties.map(visible).join(', ')}: in every execution in which`,
    ...(fairness.length === 0 ? ['nothing is fair'] : fairness).map(line => `  - ${visibleProse(line)}`),
  ]
}

const depthSeen = (report: Report): string => `states as far as ${counted(report.depth, 'step')} from the start were seen`

const figures = (report: Report): string[] => {
  const { states, transitions, depth, seconds, peakBytes, handlerCalls, rounds, reductions, liveness } = report
  const share =
    transitions === 0
      ? ''
      : handlerCalls > transitions
        ? rounds > 1
          ? ', in this search and in those before it, which learn what need not be searched'
          : ': each handler again, to see that it is pure and symmetric'
        : ` for ${counted(transitions, 'transition')} (${percent(handlerCalls / transitions)})`
  return [
    `${counted(states, 'distinct state')}, ${counted(transitions, 'transition')}, depth ${depth}; ${formatSeconds(seconds)}, peak memory ${formatBytes(peakBytes)}`,
    `Code of the protocol ran ${counted(handlerCalls, 'time')}${share}.`,
    `Reductions: ${reductions.join(', ') || 'none'}. Exact: whole states were compared.`,
    ...(liveness === null || (liveness.states === states && reductions.length === 0)
      ? []
      : [`Liveness, without reductions: ${counted(liveness.states, 'distinct state')}, ${counted(liveness.transitions, 'transition')}.`]),
  ]
}

const percent = (share: number): string => `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: 2 })} %`

/** The same command line, without some of its options: each is said to be one that matters for what comes next. */
const commandWithout = ({ spec, typed, given }: Asked, options: readonly string[], parameter?: string): string =>
  [
    `npx check ${shellWord(spec.command)}`,
    ...typed.filter(({ flag }) => !never.has(flag ?? '') && !options.includes(flag ?? '')).map(({ words }) => words.map(shellWord).join(' ')),
    flagsOf(Object.fromEntries(Object.entries(given).filter(([name]) => name !== parameter))),
  ]
    .filter(part => part !== '')
    .join(' ')

/** Options of this run, and not of its question. */
const never = new Set(['--json', '--save', '--shrink', '--explain', '--explain-time', '--checkpoint', '--checkpoint-every', '--resume'])

/** What to type next. */
const next = (report: Report, asked: Asked): string[] => {
  const deeper = `${commandWithout(asked, ['--depth'])} --depth ${Math.max(1, report.depth - 1)}`
  switch (report.verdict) {
    case 'violated': {
      if (report.counterexample === null) return []
      if (asked.saved !== null) return [`npx check replay ${shellWord(asked.saved)}${isPath(asked.spec.command) ? ` ${shellWord(asked.spec.command)}` : ''}`]
      const property = asked.variant.breaks === report.property ? '' : ` --property ${shellWord(report.property ?? 'all')}`
      return [`${commandWithout(asked, property === '' ? [] : ['--property'])}${property} --save   keeps this counterexample in a file, for check replay`]
    }
    case 'inconclusive': {
      if (asked.checkpoint !== null && report.stoppedBy !== null) {
        const { option } = limitNames[report.stoppedBy] ?? {}
        const raised = option === undefined || option === '--time' ? '' : ` and a higher ${option}`
        return [`the same command with --resume ${shellWord(asked.checkpoint)}${raised}   goes on from here`]
      }
      if (report.stoppedBy === null && report.liveness !== null) return larger(report, asked)
      if (asked.simulate !== null) return [`${commandWithout(asked, ['--simulate', '--seed'])}   searches instead of trying its luck`]
      if (report.stoppedBy === 'interrupt') return report.liveness === null ? [`${deeper}   bounds the search`] : []
      const raise = `raise ${limitNames[report.stoppedBy ?? '']?.option ?? 'the limit'}`
      return [report.liveness === null ? `${raise}, or bound the search: ${deeper}` : raise]
    }
    case 'holds':
      if (!report.complete) return [`${commandWithout(asked, ['--depth'])} --depth ${2 * (asked.depth ?? report.depth)}   goes deeper`]
      return larger(report, asked)
  }
}

/** A complete search is only as good as its bounds: the same with the last one raised. */
const larger = (report: Report, asked: Asked): string[] => {
  const raisable = Object.entries(report.parameters).findLast(([, value]) => typeof value === 'number' && Number.isFinite(value))
  if (raisable === undefined) return []
  const [name, value] = raisable
  return [`${commandWithout(asked, [], name)} ${flagsOf({ [name]: Number(value) + 1 })}   raises a bound`]
}
