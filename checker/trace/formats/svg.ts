import { livesOf, type MessageLife } from '../message-lives.ts'
import { showAll, violation } from '../render-text.ts'
import { emittedText, sentTexts, statesAfter, stepText, wrap } from '../step-text.ts'
import type { Trace, TraceStep } from '../trace.ts'
import { widthOf } from '../visible.ts'
import { withVisibleNames } from '../visible-names.ts'

/** Pixels. */
const FONT = 12
/** Of a letter: each text is given its width, so that no font makes it longer. */
const LETTER = 7.2
const LINE = 16
const ROW = 30
const MARGIN = 16
/** From one node's line to the next, at least. */
const GAP = 88
const HEADER = 34
/** Between the last line and the text of the steps. */
const TEXT_GAP = 52
const MARK = 5

/** Letters in a line of the text of a step, at most. */
const TEXT_LETTERS = 84
const FOOTER_LETTERS = 100

/** Where a step stands. */
interface Row {
  readonly step: TraceStep
  /** The first line of its text, and of what it is drawn by. */
  readonly y: number
  readonly height: number
  readonly lines: readonly { readonly text: string; readonly minor: boolean }[]
}

/**
 * A trace as a space-time diagram for documents: time runs down, a line a node, and a message is an arrow from its sending to its receipt. By shape: a disc is a node's own step, a ring a
 * receipt, a diamond a node that a global step changes, a cross a crash; a message that is received again is dashed, one that is lost ends in a crossed ring, and one that is still in flight
 * ends in a small open ring. Light or dark as the reader asks for; no script, no font, nothing that is fetched.
 */
export const renderSvg = (raw: Trace): string => {
  const trace = withVisibleNames(raw)
  const columns = columnsOf(trace.nodes)
  const textX = Math.max(MARGIN, ...columns.values()) + TEXT_GAP
  const headline = wrap(trace.because ?? violation(trace), FOOTER_LETTERS)
  const top = MARGIN + headline.length * LINE + 8
  const rows = rowsOf(trace, top + HEADER)
  const end = rows.at(-1)
  const bottom = end === undefined ? top + HEADER : end.y + end.height
  const lives = livesOf(trace)
  const footer = footerOf(trace)
  const texts = [...headline, ...footer, ...rows.flatMap(({ lines }) => lines.map(({ text }) => text))]
  const width = Math.ceil(
    Math.max(textX + Math.max(0, ...rows.flatMap(({ lines }) => lines.map(({ text }) => widthOf(text)))) * LETTER, MARGIN + lettersOf(headline, footer)) +
      MARGIN,
  )
  const height = Math.ceil(bottom + 12 + footer.length * LINE + MARGIN)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escape(violation(trace))}</title>`,
    `<desc id="desc">${escape(texts.join('\n'))}</desc>`,
    `<style>${style}</style>`,
    definitions,
    ...headline.map((line, i) => text(MARGIN, MARGIN + FONT + i * LINE, line, 'why')),
    ...(end === undefined ? [] : [`<rect class="last" x="4" y="${end.y - LINE}" width="${width - 8}" height="${end.height}" rx="4"/>`]),
    ...[...columns].flatMap(([node, x]) => [text(x, top + FONT + 4, node, 'node', 'middle'), ...lifeLines(node, x, top + 22, bottom, rows)]),
    ...lives.flatMap(life => arrowsOf(life, columns, rows)),
    ...rows.flatMap(row => [...marksOf(row, columns), ...textsOf(row, rows.indexOf(row) + 1, rows.length, textX)]),
    ...footer.map((line, i) => text(MARGIN, bottom + 12 + FONT + i * LINE, line, i === 0 && trace.because !== null ? 'node' : 'step')),
    '</svg>',
  ].join('\n')}\n`
}

const lettersOf = (...texts: (readonly string[])[]): number => Math.max(0, ...texts.flat().map(widthOf)) * LETTER

const columnsOf = (nodes: readonly string[]): ReadonlyMap<string, number> => {
  const columns = new Map<string, number>()
  let x = MARGIN
  for (const node of nodes) {
    const half = Math.max(GAP / 2, (widthOf(node) * LETTER) / 2 + 8)
    columns.set(node, Math.round(x + half))
    x += 2 * half
  }
  return columns
}

const rowsOf = ({ steps }: Trace, top: number): readonly Row[] => {
  const digits = String(steps.length).length
  let y = top + LINE
  return steps.map((step, i) => {
    const emitted = emittedText(step)
    const main = wrap(`${stepText(step)}${emitted === null ? '' : `; ${emitted}`}`, TEXT_LETTERS - digits - 2)
    const sent = sentTexts(step).flatMap(sends => wrap(`sends ${sends}`, TEXT_LETTERS - digits - 2))
    const lines = [
      ...main.map((line, k) => ({ text: `${k === 0 ? `${String(i + 1).padStart(digits)}. ` : ' '.repeat(digits + 2)}${line}`, minor: false })),
      ...sent.map(line => ({ text: `${' '.repeat(digits + 2)}${line}`, minor: true })),
    ]
    const row = { step, y, height: Math.max(ROW, lines.length * LINE + 12), lines }
    y += row.height
    return row
  })
}

/** What is violated, and the states in which it is. */
const footerOf = (trace: Trace): readonly string[] => [
  ...(trace.because === null ? [] : wrap(violation(trace), FOOTER_LETTERS)),
  ...showAll(statesAfter(trace).at(-1) as Trace['initial'], FOOTER_LETTERS),
]

/** A node's line: it ends where the node crashes, and has a gap where it recovers. */
const lifeLines = (node: string, x: number, top: number, bottom: number, rows: readonly Row[]): string[] => {
  const lines: string[] = []
  let from = top
  for (const { step, y } of rows) {
    if (step.node !== node || (step.kind !== 'crash' && step.kind !== 'restart')) continue
    lines.push(line(x, from, x, y - 4 - (step.kind === 'restart' ? 14 : 0), 'life'))
    if (step.kind === 'crash') return lines
    from = y - 4
  }
  return [...lines, line(x, from, x, bottom, 'life')]
}

/** Where a step is drawn: at the middle of its first line of text. */
const at = (row: Row): number => row.y - 4

const marksOf = (row: Row, columns: ReadonlyMap<string, number>): string[] => {
  const { step } = row
  const y = at(row)
  const x = columns.get(step.node ?? '') ?? MARGIN
  switch (step.kind) {
    case 'action':
      return [`<circle class="act" cx="${x}" cy="${y}" r="${MARK}"/>`]
    case 'receive':
      return [`<circle class="receive" cx="${x}" cy="${y}" r="${MARK}"/>`]
    case 'crash':
      return [`<path class="crash" d="M${x - 6} ${y - 6}L${x + 6} ${y + 6}M${x - 6} ${y + 6}L${x + 6} ${y - 6}"/>`]
    case 'restart':
      return [
        `<path class="restart" d="M${x + MARK} ${y - 3}A6 6 0 1 1 ${x} ${y - 6}"/>`,
        `<path class="head" d="M${x - 1} ${y - 10}L${x + 5} ${y - 6}L${x - 1} ${y - 2}z"/>`,
      ]
    case 'step': {
      const changed = Object.keys(step.nodes).flatMap(node => columns.get(node) ?? [])
      const [left, right] = [Math.min(...changed), Math.max(...changed)]
      return [
        ...(changed.length > 1 ? [line(left, y - 1.5, right, y - 1.5, 'whole'), line(left, y + 1.5, right, y + 1.5, 'whole')] : []),
        ...changed.map(c => `<path class="act" d="M${c} ${y - 7}L${c + 7} ${y}L${c} ${y + 7}L${c - 7} ${y}z"/>`),
      ]
    }
    case 'lose-all': {
      const all = [...columns.values()]
      return [line(Math.min(...all), y, Math.max(...all), y, 'cut')]
    }
    default:
      return []
  }
}

const textsOf = ({ y, lines }: Row, number: number, count: number, x: number): string[] =>
  lines.map(({ text: content, minor }, i) => text(x, y + i * LINE, content, minor ? 'minor' : number === count ? 'step bad' : 'step'))

const arrowsOf = ({ from, to, sent, events }: MessageLife, columns: ReadonlyMap<string, number>, rows: readonly Row[]): string[] => {
  const x = columns.get(from) ?? MARGIN
  const target = columns.get(to) ?? MARGIN
  const first = events[0]
  const origin = sent === null ? at(rows[(first?.step ?? 1) - 1] as Row) - LINE : at(rows[sent - 1] as Row)
  if (events.every(({ kind }) => kind === 'duplicate')) {
    const end = { x: x + (from === to ? 26 : Math.sign(target - x) * 26), y: origin + 9 }
    return [
      line(x, origin, end.x, end.y, 'flight'),
      `<circle class="flight" cx="${end.x}" cy="${end.y}" r="2.5"/>`,
      ...doubled(events, x, target, columns, rows),
    ]
  }
  let received = 0
  return [
    ...events.flatMap(({ kind, step }) => {
      const y = at(rows[step - 1] as Row)
      if (kind === 'duplicate') return []
      if (kind === 'lose') {
        const half = halfway(x, target, columns)
        return [line(x, origin, half, y, 'lost'), ring(half, y, 'lost')]
      }
      const name = received++ === 0 ? 'message' : 'again'
      if (from === to) return [`<path class="${name}" marker-end="url(#head)" d="M${x} ${origin}C${x + 40} ${origin} ${x + 40} ${y} ${x + MARK + 1} ${y}"/>`]
      const length = Math.hypot(target - x, y - origin)
      const short = (length - MARK - 1) / length
      return [line(x, origin, x + (target - x) * short, origin + (y - origin) * short, name, ' marker-end="url(#head)"')]
    }),
    ...doubled(events, x, target, columns, rows),
  ]
}

const doubled = (events: MessageLife['events'], x: number, target: number, columns: ReadonlyMap<string, number>, rows: readonly Row[]): string[] =>
  events.filter(({ kind }) => kind === 'duplicate').map(({ step }) => ring(halfway(x, target, columns), at(rows[step - 1] as Row), 'doubled'))

/** Half the way of a message, but on no node's line; beside the only one if it is sent to itself. */
const halfway = (x: number, target: number, columns: ReadonlyMap<string, number>): number => {
  if (x === target) return x + 26
  const half = (x + target) / 2
  return [...columns.values()].some(column => Math.abs(column - half) < 10) ? half + (Math.sign(x - target) * GAP) / 2 : half
}

/** A ring that is crossed once (lost), or by a plus (doubled). */
const ring = (x: number, y: number, kind: 'lost' | 'doubled'): string =>
  `<g class="${kind}"><circle cx="${x}" cy="${y}" r="6"/><path d="${kind === 'lost' ? `M${x - 4} ${y + 4}L${x + 4} ${y - 4}` : `M${x - 4} ${y}H${x + 4}M${x} ${y - 4}V${y + 4}`}"/></g>`

const line = (x1: number, y1: number, x2: number, y2: number, name: string, more = ''): string =>
  `<line class="${name}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"${more}/>`

const round = (n: number): number => Math.round(n * 10) / 10

const text = (x: number, y: number, content: string, name: string, anchor?: 'middle'): string =>
  `<text class="${name}" x="${round(x)}" y="${round(y)}"${anchor === undefined ? '' : ` text-anchor="${anchor}"`} textLength="${round(widthOf(content) * LETTER)}" xml:space="preserve">${escape(content)}</text>`

/** Text within XML. What XML has no place for is written by its number. */
const escape = (content: string): string =>
  content
    .replaceAll(/[\ufffe\uffff]/g, character => `\\u${character.charCodeAt(0).toString(16)}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')

const definitions =
  '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>'

const style = [
  ':root{--ink:#1b1f24;--soft:#5b6570;--line:#b6bec7;--paper:#fff;--blue:#0a58ca;--red:#b42318;--wash:#fdecea}',
  '@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a8b0b9;--line:#59626c;--paper:#14171a;--blue:#7db3ff;--red:#ff9b90;--wash:#3a1d1a}}',
  'svg{background:var(--paper)}',
  `text{font:${FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--ink)}`,
  '.node,.why{font-weight:600}.minor{fill:var(--soft)}.bad{fill:var(--red);font-weight:600}.last{fill:var(--wash)}',
  '.life{stroke:var(--line);stroke-width:1.5}.act{fill:var(--ink)}.receive{fill:var(--paper);stroke:var(--ink);stroke-width:2}',
  '.message,.again{stroke:var(--blue);stroke-width:1.5;fill:none}.again{stroke-dasharray:5 4}.head{fill:var(--blue)}',
  '.flight{stroke:var(--soft);fill:var(--paper)}.lost,.crash{stroke:var(--red);stroke-width:2;fill:none}.lost circle,.doubled circle{fill:var(--paper)}line.lost{stroke-width:1.5}',
  '.doubled{stroke:var(--blue);stroke-width:2;fill:none}.restart{stroke:var(--blue);stroke-width:2;fill:none}.whole{stroke:var(--ink);stroke-width:1}.cut{stroke:var(--red);stroke-width:2;stroke-dasharray:2 5}',
].join('')
