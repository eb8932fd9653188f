import type { Options } from '../check/options.ts'
import { type Reduction, reductionNames } from '../check/reductions.ts'
import type { Report } from '../check/report.ts'
import type { TableSizes } from '../check/table-sizes.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { padEnd, padStart, visible, widthOf } from '../trace/visible.ts'
import type { Engine } from './engine.ts'
import { limitNames } from './print-report.ts'
import type { Terminal } from './terminal.ts'
import { counted, formatCount, formatSeconds } from './units.ts'
import { watched } from './watch.ts'

/** Each search ends after so many seconds, where nothing else is said. */
export const EXPLAIN_SECONDS = 10

/** Sets of reductions, each with one more than the one before: first none, in the end all that are given. */
export const ladder = (given: readonly Reduction[]): readonly (readonly Reduction[])[] => {
  const ordered = reductionNames.filter(name => given.includes(name))
  return [[], ...ordered].map((_, count) => ordered.slice(0, count))
}

/** The same question, asked with some of the reductions. */
export interface Rung {
  readonly reductions: readonly Reduction[]
  readonly report: Report
}

/**
 * Asks the question of a check again, with the reductions that were in force added one by one. All of them again, too, as the check came first, when
 * nothing had been compiled yet; but if it took longer than is given to each, its own answer is the last. An interrupt ends it with the answers so far.
 *
 * @param seconds each search ends after so many
 */
export const climb = async (
  check: Report,
  protocol: AnyProtocol,
  options: Options,
  seconds: number,
  terminal: Terminal,
  engine: Engine,
): Promise<readonly Rung[]> =>
  watched(terminal, async ({ signal, onProgress }) => {
    const sets = ladder(check.reductions)
    const own: readonly Rung[] = check.seconds > seconds || !isFinished(check) ? [{ reductions: sets.at(-1) ?? [], report: check }] : []
    const rungs: Rung[] = []
    for (const reductions of check.stoppedBy === 'interrupt' ? [] : sets.slice(0, sets.length - own.length)) {
      const phase = `${rungs.length + 1}/${sets.length}`
      const report = await engine.explore(protocol, {
        ...options,
        reduce: reductions,
        seconds,
        ...(signal && { signal }),
        ...(onProgress && { onProgress: progress => onProgress({ ...progress, phase: `${phase} ${progress.phase}` }) }),
      })
      rungs.push({ reductions, report })
      if (signal?.aborted) break
    }
    return [...rungs, ...own]
  })

/** What `check … --explain --json` adds to its object. */
export interface ExplainJson {
  readonly tables: TableSizes
  readonly rungs: readonly (Pick<
    Report,
    | 'reductions'
    | 'verdict'
    | 'complete'
    | 'stoppedBy'
    | 'states'
    | 'transitions'
    | 'depth'
    | 'handlerCalls'
    | 'seconds'
    | 'roundSeconds'
    | 'rounds'
    | 'workers'
  > & { readonly length: number | null })[]
}

export const explainJson = (check: Report, rungs: readonly Rung[]): ExplainJson => ({
  tables: check.tables,
  rungs: rungs.map(({ reductions, report }) => ({
    reductions,
    verdict: report.verdict,
    complete: report.complete,
    stoppedBy: report.stoppedBy,
    length: report.counterexample?.steps.length ?? null,
    states: report.states,
    transitions: report.transitions,
    depth: report.depth,
    handlerCalls: report.handlerCalls,
    seconds: report.seconds,
    roundSeconds: report.roundSeconds,
    rounds: report.rounds,
    workers: report.workers,
  })),
})

/** The tables of a check, and its question with fewer reductions: what each removes, and what it costs. */
export const printExplain = (
  check: Report,
  rungs: readonly Rung[],
  { seconds, named }: { readonly seconds: number; readonly named: readonly Reduction[] },
  { colors }: Pick<Terminal, 'colors'>,
): string => {
  const idle = named.filter(name => !check.reductions.includes(name))
  const [head = '', ...lines] = columns([
    ['reductions', 'states', 'fewer', 'transitions', 'handler calls', 'seconds', 'learning', 'verdict'],
    ...rungs.map(({ reductions, report }, i) => [
      reductions.length === 0 ? 'none' : `${reductions.length > 1 ? '+ ' : ''}${reductions.at(-1)}`,
      `${formatCount(report.states)}${isFinished(report) ? '' : ' so far'}`,
      fewer(report, rungs[i - 1]?.report),
      formatCount(report.transitions),
      formatCount(report.handlerCalls),
      report.seconds.toFixed(2),
      report.rounds === 1 ? '–' : `${(report.seconds - report.roundSeconds).toFixed(2)} in ${counted(report.rounds - 1, 'round')}`,
      outcome(report),
    ]),
  ])
  const own = rungs.at(-1)?.report === check
  return [
    '',
    `${colors.bold('Tables')} of the check:`,
    '',
    ...tableLines(check).map(line => `  ${line}`),
    '',
    `${colors.bold('Reductions')}, one more in each line. ${own ? 'The last is the check above; each of the others' : 'Each search'} ends after ${formatSeconds(seconds)} at most.`,
    '',
    `  ${colors.dim(head)}`,
    ...lines.map(line => `  ${line}`),
    '',
    ...(idle.length === 0 ? [] : [`Named, and of no use here: ${idle.join(', ')}.`]),
    'fewer: the states of the line above, divided by these. learning: the seconds of all rounds but the last.',
    '',
  ].join('\n')
}

const isFinished = ({ verdict }: Report): boolean => verdict !== 'inconclusive'

/** By what the states became fewer; at least that, if the search before came to no end. */
const fewer = (report: Report, before: Report | undefined): string => {
  if (before === undefined || !isFinished(report)) return ''
  const factor = before.states / report.states
  if (!isFinished(before) && factor <= 1) return ''
  return `${isFinished(before) ? '' : '> '}${factor < 10 ? factor.toFixed(1) : formatCount(factor)}`
}

const outcome = ({ verdict, complete, counterexample, depth, stoppedBy }: Report): string => {
  switch (verdict) {
    case 'holds':
      return complete ? 'holds' : `holds, to depth ${depth}`
    case 'violated':
      return counterexample === null ? 'violated' : `violated after ${counted(counterexample.steps.length, 'step')}`
    case 'inconclusive':
      return stoppedBy === null ? 'undecided' : `ended by ${limitNames[stoppedBy]?.what ?? stoppedBy}`
  }
}

const tableLines = ({ tables, seconds, handlerCalls }: Report): readonly string[] => {
  const { roles, observers, messages, outcomeLists, symmetry, deadMessages, fillSeconds } = tables
  const rows: readonly (readonly [string, string])[] = [
    ...roles.map(({ role, nodes, states, merged }) => {
      const classes = merged && `; ${formatCount(merged.states)} (node, state) reached, in ${counted(merged.classes, 'class', 'classes')}`
      return [`role ${visible(role)}`, `${counted(nodes, 'node')}, ${counted(states, 'state')}${classes ?? ''}`] as const
    }),
    ...observers.map(({ name, states }) => [`observer ${visible(name)}`, counted(states, 'state')] as const),
    ['messages', `${formatCount(messages)}, each with its sender and receiver`],
    ['outcomes', `${counted(outcomeLists, 'list')} of what a step may do`],
    ['symmetry', symmetry.order === 1 ? 'none' : `${counted(symmetry.order, 'permutation')}, ${symmetry.listed ? 'listed' : 'by the colours of nodes'}`],
    ...(deadMessages === null
      ? []
      : [['dead messages', `${formatCount(deadMessages.carried)} (node state, message) met, ${formatCount(deadMessages.alive)} of them alive`] as const]),
    ['to fill them', `${formatSeconds(fillSeconds)} of ${formatSeconds(seconds)}, code of the protocol ran ${counted(handlerCalls, 'time')}`],
  ]
  const width = Math.max(...rows.map(([name]) => widthOf(name)))
  return rows.map(([name, text]) => `${padEnd(name, width)}  ${text}`)
}

/** Numbers to the right, the first and the last column to the left. */
const columns = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map(row => widthOf(row[i] ?? '')))) ?? []
  return rows.map(row =>
    row.map((text, i) => (i === 0 ? padEnd(text, widths[i] ?? 0) : i === row.length - 1 ? text : padStart(text, widths[i] ?? 0))).join('  '),
  )
}
