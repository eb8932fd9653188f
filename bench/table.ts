import type { Result } from './result.ts'

const BYTES_PER_MEGABYTE = 1024 * 1024

const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')

const columns: readonly { readonly title: string; readonly cell: (result: Result, best: number) => string }[] = [
  { title: 'checker', cell: ({ checker }) => checker },
  { title: 'states', cell: ({ states }) => grouped(states) },
  { title: 'transitions', cell: ({ transitions }) => grouped(transitions) },
  { title: 'CPU s', cell: ({ cpuSeconds }) => cpuSeconds.toFixed(2) },
  { title: 'of it start', cell: ({ startSeconds }) => startSeconds.toFixed(2) },
  { title: 'wall s', cell: ({ wallSeconds }) => wallSeconds.toFixed(2) },
  { title: 'ratio', cell: ({ cpuSeconds }, best) => (cpuSeconds / best).toFixed(2) },
  { title: 'without start', cell: ({ cpuSeconds, startSeconds }, best) => ((cpuSeconds - startSeconds) / best).toFixed(2) },
  { title: 'seen set B/state', cell: ({ seenBytes, states }) => (seenBytes / states).toFixed(1) },
  { title: 'peak MB', cell: ({ peakBytes }) => grouped(peakBytes / BYTES_PER_MEGABYTE) },
  { title: 'handler calls', cell: ({ handlerCalls }) => (handlerCalls === null ? '' : grouped(handlerCalls)) },
]

/** One case as text: a line for each checker; `ratio` is of CPU seconds, to Spin's better search. */
export const tableOf = (results: readonly Result[]): string => {
  const best = Math.min(...results.filter(({ checker }) => checker.startsWith('Spin')).map(({ cpuSeconds }) => cpuSeconds))
  const rows = [columns.map(({ title }) => title), ...results.map(result => columns.map(({ cell }) => cell(result, best)))]
  const widths = columns.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
