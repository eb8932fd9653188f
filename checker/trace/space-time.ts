import { groupsAfter } from './step-text.ts'
import type { TraceStep } from './trace.ts'
import { cut, padEnd, widthOf } from './visible.ts'

/** Where everything stands in a space-time diagram, in columns of text. */
export interface Columns {
  /** The column of each node's line. */
  readonly columns: ReadonlyMap<string, number>
  /** The names of the nodes, each above its line. */
  readonly header: string
  /** The column at which the text of a step starts. */
  readonly textStart: number
  readonly textWidth: number
}

/** Columns from one line to the next: as many as there is room for, down to where arrows become hard to follow, and at last to where there are any. */
const GAP_MAX = 12
const GAP_TIGHT = 6
const GAP_MIN = 4
const LABEL_MAX = 16
const TEXT_MIN = 34
/** `12. ` before the text of a step. */
const NUMBER_WIDTH = 4

const gaps = (least: number): number[] => Array.from({ length: GAP_MAX - least + 1 }, (_, i) => GAP_MAX - i)

/** As wide as fits: the lines of the nodes come nearer to each other before the text of the steps has to be wrapped. */
export const layOut = (nodes: readonly string[], longestText: number, width: number): Columns => {
  const labels = nodes.map(label => cut(label, LABEL_MAX))
  const widthsAt = (gap: number) => labels.map(label => Math.max(gap, widthOf(label) + 2))
  const total = (gap: number) => widthsAt(gap).reduce((sum, w) => sum + w, 2)
  const fits = (text: number, least: number) => gaps(least).find(gap => total(gap) + text <= width)
  const gap = fits(longestText + NUMBER_WIDTH, GAP_TIGHT) ?? fits(Math.max(TEXT_MIN, width >> 1), GAP_MIN) ?? GAP_MIN
  const columns = new Map<string, number>()
  let header = ''
  let textStart = 0
  widthsAt(gap).forEach((w, i) => {
    columns.set(nodes[i] as string, textStart)
    header += padEnd(labels[i] as string, w)
    textStart += w
  })
  textStart += 2
  return { columns, header, textStart, textWidth: Math.max(TEXT_MIN, width - textStart) }
}

/** The line of a step, or of nothing but the lines of the nodes, up to where the text starts. */
export const drawRow = ({ columns, textStart }: Columns, step: TraceStep | null, stopped: ReadonlySet<string>): string => {
  const row: string[] = new Array(textStart).fill(' ')
  for (const [node, column] of columns) if (!stopped.has(node)) row[column] = '│'
  if (step !== null) drawStep(row, columns, step)
  return row.join('')
}

const marks = { action: '●', receive: '●', crash: '✗', restart: '⟳' } as const

const drawStep = (row: string[], columns: Columns['columns'], step: TraceStep): void => {
  const columnOf = (node: string | null): number => columns.get(node ?? '') ?? 0
  const at = columnOf(step.node)
  switch (step.kind) {
    case 'step': {
      const changed = Object.keys(step.nodes).map(columnOf)
      for (let x = Math.min(...changed); x < Math.max(...changed); x++) row[x] = row[x] === '│' ? '╪' : '═'
      for (const x of changed) row[x] = '◆'
      return
    }
    case 'lose-all':
      drawCut(row, [...columns.values()])
      return
    case 'partition':
      drawGroups(row, columns, groupsAfter(step) ?? [])
      return
    case 'tick':
      drawMoment(row, [...columns.values()], '╌')
      return
    case 'heal':
    case 'settle':
      drawMoment(row, [...columns.values()], '─')
      return
    case 'receive':
      drawArrow(row, columnOf(step.from), at)
      break
    case 'lose':
    case 'duplicate':
      drawBroken(row, columnOf(step.from), at, step.kind === 'lose' ? '⊘' : '⊕')
      return
  }
  row[at] = marks[step.kind]
}

/** From the sender's line to the receiver's; one to itself is a hook. */
const drawArrow = (row: string[], from: number, to: number): void => {
  if (from === to) {
    row[to + 1] = '◀'
    row[to + 2] = '╯'
    return
  }
  drawLine(row, from, to)
  row[to + (from < to ? -1 : 1)] = from < to ? '▶' : '◀'
}

/** About half the way, to a mark that is on no node's line. */
const drawBroken = (row: string[], from: number, to: number, mark: string): void => {
  const half = from + Math.trunc((to - from) / 2)
  const end = from === to ? to + 2 : row[half] === '│' ? half + 2 * Math.sign(to - from) : half
  drawLine(row, from, end)
  row[end] = mark
}

/** A mark between any two lines that stand side by side; beside the only one. */
const drawCut = (row: string[], columns: readonly number[]): void => {
  if (columns.length === 1) row[(columns[0] as number) + 2] = '⊘'
  for (let i = 1; i < columns.length; i++) row[((columns[i - 1] as number) + (columns[i] as number)) >> 1] = '⊘'
}

/** The number of each node's group, and a mark between neighbours that are apart. */
const drawGroups = (row: string[], columns: Columns['columns'], groups: readonly (readonly string[])[]): void => {
  const all = [...columns].map(([node, x]) => ({ x, group: groups.findIndex(group => group.includes(node)) }))
  for (const [i, { x, group }] of all.entries()) {
    if (group !== -1) row[x] = String((group + 1) % 10)
    const next = all[i + 1]
    if (next !== undefined && next.group !== group) row[(x + next.x) >> 1] = '⊘'
  }
}

/** The same moment on all lines. */
const drawMoment = (row: string[], columns: readonly number[], dash: string): void => {
  for (let x = Math.min(...columns); x <= Math.max(...columns); x++) row[x] = row[x] === '│' ? '┼' : dash
}

const drawLine = (row: string[], from: number, to: number): void => {
  const [left, right] = from < to ? [from, to] : [to, from]
  for (let x = left + 1; x < right; x++) row[x] = row[x] === '│' ? '┼' : '─'
}
