import { type Episode, stepsText } from '../episodes.ts'
import { livesOf, type MessageLife } from '../message-lives.ts'
import { againText } from '../render-text.ts'
import { briefText, emittedText, groupsAfter, liarsOf, sentTexts, stepText, wrap } from '../step-text.ts'
import type { Trace, TraceStep } from '../trace.ts'
import { cut, widest, widthOf } from '../visible.ts'

/** Pixels. */
export const FONT = 12
/** Of a letter: each text is given its width, so that no font makes it longer. */
export const LETTER = 7.2
export const LINE = 16
const ROW = 30
export const MARGIN = 16
/** Between the last line and the text of the steps. */
const TEXT_GAP = 52
const MARK = 5
/** Left of all lines. */
const BACK = 5

/** How a diagram is laid out. */
export interface DiagramOptions {
  /** From one node's line to the next, at least. */
  readonly gap?: number
  /** Columns are no wider than the gap, whatever the names of the nodes are. */
  readonly tight?: boolean
  /** Letters in a line of the text of a step, at most. */
  readonly letters?: number
  /** Where the lines of the nodes begin. */
  readonly top?: number
  /** The pixels of each step, in place of what its text takes: it has at most two lines, which are no part of the width. */
  readonly even?: number
  /** Each has a heading above its steps. */
  readonly episodes?: readonly FoldableEpisode[]
}

/** One that is folded is a single row: what its steps do is drawn in it, and their text is left out. */
export interface FoldableEpisode extends Episode {
  readonly isFolded: boolean
}

const GAP = 88
const LETTERS = 84

/** Where a step stands. */
export interface Row {
  readonly step: TraceStep
  /** The first line of its text, and of what it is drawn by. */
  readonly y: number
  readonly height: number
  readonly lines: readonly RowLine[]
}

export interface RowLine {
  readonly text: string
  /** What the step sends. */
  readonly minor: boolean
}

/** The heading of an episode. */
export interface Heading {
  readonly episode: FoldableEpisode
  readonly y: number
  readonly height: number
  readonly lines: readonly string[]
}

/** Something drawn, as an element of SVG: its class says what it means. */
export interface Shape {
  readonly tag: 'line' | 'circle' | 'path' | 'g'
  readonly attributes: { readonly [name: string]: string | number }
  readonly inside?: readonly Shape[]
  /** The steps that it belongs to, from 1: of a message, those that send it and receive it. None of a node's line. */
  readonly steps: readonly number[]
}

/** A space-time diagram, measured. */
export interface Diagram {
  /** The middle of each node's line. */
  readonly columns: ReadonlyMap<string, number>
  /** What stands above it: its name, and that it lies. */
  readonly names: ReadonlyMap<string, string>
  readonly rows: readonly Row[]
  readonly headings: readonly Heading[]
  /** In the order in which they are drawn. */
  readonly shapes: readonly Shape[]
  /** Where the text of the steps begins. */
  readonly textX: number
  readonly width: number
  readonly bottom: number
}

/**
 * A trace as a space-time diagram: time runs down, a line a node, and a message is an arrow from its sending to its receipt. By shape: a disc is a node's own step, a ring a
 * receipt, a diamond a node that a global step changes, a cross a crash; a message that is received again is dashed, one that is lost ends in a crossed ring, and one that is still in flight
 * ends in a small open ring. A node that lies has a line of dots. While the network is in groups, the lines of each have a band, broken otherwise for each. The text of a step stands beside all lines, so it
 * never meets one.
 * @param trace with visible names
 */
export const diagramOf = (trace: Trace, { gap = GAP, letters = LETTERS, top = MARGIN, tight = false, even, episodes = [] }: DiagramOptions = {}): Diagram => {
  const liars = liarsOf(trace)
  const names = new Map(trace.nodes.map(node => [node, liars.has(node) ? `${node} lies` : node]))
  const columns = columnsOf(tight ? trace.nodes.map(() => '') : [...names.values()], gap, trace.nodes)
  const textX = Math.max(MARGIN, ...columns.values()) + Math.min(TEXT_GAP, gap)
  const { rows, headings, bottom } = even === undefined ? rowsOf(trace, top, letters, episodes) : evenRows(trace, top, letters, even)
  const shapes = [
    ...backOf(trace, rows),
    ...groupBands(columns, bottom, rows),
    ...[...columns].flatMap(([node, x]) => lifeLines(node, x, top - 12, bottom, rows, liars.has(node) ? 'life liar' : 'life')),
    ...livesOf(trace).flatMap(life => arrowsOf(life, columns, rows, gap)),
    ...rows.flatMap((row, i) => marksOf(row, i + 1, columns)),
  ]
  const texts = even === undefined ? [...rows.flatMap(({ lines }) => lines.map(({ text }) => text)), ...headings.flatMap(({ lines }) => lines)] : []
  const width = textX + widest(texts) * LETTER
  return { columns, names, rows, headings, shapes, textX, width, bottom }
}

/** @param shown what of each name has to fit */
const columnsOf = (shown: readonly string[], gap: number, nodes: readonly string[]): ReadonlyMap<string, number> => {
  const columns = new Map<string, number>()
  let x = MARGIN
  nodes.forEach((node, i) => {
    const name = shown[i] as string
    const half = Math.max(gap / 2, name === '' ? 0 : (widthOf(name) * LETTER) / 2 + 8)
    columns.set(node, Math.round(x + half))
    x += 2 * half
  })
  return columns
}

/** A word that is longer than a line, in several. */
const pieces =
  (width: number) =>
  (line: string): readonly string[] => {
    const found: string[] = []
    let rest = line
    for (;;) {
      // No more of it is looked at than a line may hold: it may be a million times as long.
      const next = rest.slice(0, 8 * width + 8)
      if (widthOf(next) <= width) break
      const first = cut(next, width + 1).replace(/…$/, '')
      if (first === '') break
      // `VoteRequest(cLogLength:` is rather cut where its fields begin.
      const bracket = Math.max(...['(', '{', '['].map(open => first.lastIndexOf(open)))
      const end = bracket > 0 ? bracket + 1 : first.length
      found.push(rest.slice(0, end))
      rest = rest.slice(end)
    }
    return [...found, rest]
  }

const EVEN_LINES = 2

const evenRows = ({ steps, ...trace }: Trace, top: number, letters: number, even: number): ReturnType<typeof rowsOf> => ({
  rows: steps.map((step, i) => {
    const again = i === steps.length - 1 && againText({ steps, ...trace }) !== null ? '↺ ' : ''
    const all = wrap(`${i + 1}. ${again}${briefText(step)}`, letters)
    const rest = all.slice(EVEN_LINES - 1).join(' ')
    const lines = all.length < EVEN_LINES ? all : [...all.slice(0, EVEN_LINES - 1), rest]
    return { step, y: top + LINE + i * even, height: even, lines: lines.map(text => ({ text: cut(text, letters), minor: false })) }
  }),
  headings: [],
  bottom: top + LINE + steps.length * even,
})

const rowsOf = (
  trace: Trace,
  top: number,
  letters: number,
  episodes: readonly FoldableEpisode[],
): Pick<Diagram, 'headings' | 'bottom'> & { readonly rows: readonly Row[] } => {
  const { steps } = trace
  const digits = String(steps.length).length
  const broken = (text: string): readonly string[] => wrap(text, letters - digits - 2).flatMap(pieces(letters - digits - 2))
  const headings: Heading[] = []
  let y = top + LINE
  const rows = steps.map((step, i): Row => {
    const episode = episodes.find(({ from, to }) => from <= i + 1 && i + 1 <= to)
    if (episode?.from === i + 1) {
      const lines = broken(`${stepsText(episode)}. ${episode.heading}`)
      headings.push({ episode, y, height: lines.length * LINE + 10, lines })
      y += lines.length * LINE + 10
    }
    if (episode?.isFolded === true) return { step, y: headings.at(-1)?.y ?? y, height: 0, lines: [] }
    const emitted = emittedText(step)
    const main = broken(`${stepText(step)}${emitted === null ? '' : `; ${emitted}`}`)
    const sent = sentTexts(step).flatMap(sends => broken(`sends ${sends}`))
    const again = i === steps.length - 1 ? againText(trace) : null
    const lines = [
      ...main.map((line, k) => ({ text: `${k === 0 ? `${String(i + 1).padStart(digits)}. ` : ' '.repeat(digits + 2)}${line}`, minor: false })),
      ...sent.map(line => ({ text: `${' '.repeat(digits + 2)}${line}`, minor: true })),
      ...(again === null ? [] : broken(`↺ ${again}`).map(line => ({ text: `${' '.repeat(digits + 2)}${line}`, minor: false }))),
    ]
    const row = { step, y, height: Math.max(ROW, lines.length * LINE + 12), lines }
    y += row.height
    return row
  })
  return { rows, headings, bottom: rows.length === 0 ? top : y }
}

/** A node's line: it ends where the node crashes, and has a gap where it recovers. */
const lifeLines = (node: string, x: number, top: number, bottom: number, rows: readonly Row[], name: string): Shape[] => {
  const lines: Shape[] = []
  let from = top
  for (const { step, y } of rows) {
    if (step.node !== node || (step.kind !== 'crash' && step.kind !== 'restart')) continue
    lines.push(line(x, from, x, y - 4 - (step.kind === 'restart' ? 14 : 0), name, []))
    if (step.kind === 'crash') return lines
    from = y - 4
  }
  return [...lines, line(x, from, x, bottom, name, [])]
}

/** Beside the lines of the nodes, while the network is in groups: those of one group are alike. */
const groupBands = (columns: ReadonlyMap<string, number>, bottom: number, rows: readonly Row[]): Shape[] => {
  const bands: Shape[] = []
  const changes = rows.flatMap(row => {
    const groups = groupsAfter(row.step)
    return groups === null ? [] : [{ groups, y: at(row) }]
  })
  for (const [i, { groups, y }] of changes.entries())
    for (const [k, group] of groups.entries())
      for (const node of group) {
        const x = columns.get(node)
        if (x !== undefined) bands.push(line(x, y, x, changes[i + 1]?.y ?? bottom, `group group-${k % GROUPS}`, []))
      }
  return bands
}

/** So many groups look otherwise. */
const GROUPS = 3

/** Of an execution that goes on for ever: beside all lines, from its last step back to the first of those that are taken again and again. */
const backOf = ({ steps, repeatsFrom = steps.length }: Trace, rows: readonly Row[]): Shape[] => {
  const [first, last] = [rows[repeatsFrom], rows.at(-1)]
  if (first === undefined || last === undefined) return []
  // One step, or one episode that is folded.
  const more = at(last) === at(first) ? 7 : 0
  const [from, to] = [at(last) + more, at(first) - more]
  return [
    { tag: 'path', attributes: { class: 'back', d: `M16 ${from}H${BACK}V${to}H12` }, steps: [] },
    { tag: 'path', attributes: { class: 'back-head', d: `M10 ${to - 5}L18 ${to}L10 ${to + 5}z` }, steps: [] },
  ]
}

/** Where a step is drawn: at the middle of its first line of text. */
const at = (row: Row): number => row.y - 4

const marksOf = (row: Row, number: number, columns: ReadonlyMap<string, number>): Shape[] => {
  const { step } = row
  const y = at(row)
  const x = columns.get(step.node ?? '') ?? MARGIN
  const steps = [number]
  switch (step.kind) {
    case 'action':
      return [{ tag: 'circle', attributes: { class: 'act', cx: x, cy: y, r: MARK }, steps }]
    case 'receive':
      return [{ tag: 'circle', attributes: { class: 'receive', cx: x, cy: y, r: MARK }, steps }]
    case 'crash':
      return [{ tag: 'path' as const, attributes: { class: 'crash', d: `M${x - 6} ${y - 6}L${x + 6} ${y + 6}M${x - 6} ${y + 6}L${x + 6} ${y - 6}` }, steps }]
    case 'restart':
      return [
        { tag: 'path' as const, attributes: { class: 'restart', d: `M${x + MARK} ${y - 3}A6 6 0 1 1 ${x} ${y - 6}` }, steps },
        { tag: 'path' as const, attributes: { class: 'head', d: `M${x - 1} ${y - 10}L${x + 5} ${y - 6}L${x - 1} ${y - 2}z` }, steps },
      ]
    case 'step': {
      const changed = Object.keys(step.nodes).flatMap(node => columns.get(node) ?? [])
      const [left, right] = [Math.min(...changed), Math.max(...changed)]
      return [
        ...(changed.length > 1 ? [line(left, y - 1.5, right, y - 1.5, 'whole', steps), line(left, y + 1.5, right, y + 1.5, 'whole', steps)] : []),
        ...changed.map(c => ({ tag: 'path' as const, attributes: { class: 'act', d: `M${c} ${y - 7}L${c + 7} ${y}L${c} ${y + 7}L${c - 7} ${y}z` }, steps })),
      ]
    }
    case 'lose-all':
    case 'partition':
    case 'heal':
    case 'tick':
    case 'settle': {
      const all = [...columns.values()]
      return [line(Math.min(...all), y, Math.max(...all), y, classOf(step), steps)]
    }
    default:
      return []
  }
}

/** What happens to the whole network: it loses something or falls apart, it is as one would like it, or time goes on. */
const classOf = ({ kind }: TraceStep): string => (kind === 'tick' ? 'tick' : kind === 'heal' || kind === 'settle' ? 'healed' : 'cut')

const arrowsOf = ({ from, to, sent, events }: MessageLife, columns: ReadonlyMap<string, number>, rows: readonly Row[], gap: number): Shape[] => {
  const x = columns.get(from) ?? MARGIN
  const target = columns.get(to) ?? MARGIN
  const first = events[0]
  const origin = sent === null ? at(rows[(first?.step ?? 1) - 1] as Row) - LINE : at(rows[sent - 1] as Row)
  const sending = sent === null ? [] : [sent]
  const doubled = events
    .filter(({ kind }) => kind === 'duplicate')
    .map(({ step }) => ring(halfway(x, target, columns, gap), at(rows[step - 1] as Row), 'doubled', [...sending, step]))
  if (events.every(({ kind }) => kind === 'duplicate')) {
    const short = Math.min(26, gap / 2)
    const end = { x: x + (from === to ? short : Math.sign(target - x) * short), y: origin + 9 }
    return [
      line(x, origin, end.x, end.y, 'flight', sending),
      { tag: 'circle', attributes: { class: 'flight', cx: end.x, cy: end.y, r: 2.5 }, steps: sending },
      ...doubled,
    ]
  }
  let received = 0
  return [
    ...events.flatMap(({ kind, step }): Shape[] => {
      const y = at(rows[step - 1] as Row)
      const steps = [...sending, step]
      if (kind === 'duplicate') return []
      if (kind === 'lose') {
        const half = halfway(x, target, columns, gap)
        return [line(x, origin, half, y, 'lost', steps), ring(half, y, 'lost', steps)]
      }
      const name = received++ === 0 ? 'message' : 'again'
      // Within a folded episode.
      if (from === to && origin === y) return []
      if (from === to) {
        const out = Math.min(40, gap * 0.6)
        const d = `M${x} ${origin}C${x + out} ${origin} ${x + out} ${y} ${x + MARK + 1} ${y}`
        return [{ tag: 'path', attributes: { class: name, 'marker-end': 'url(#head)', d }, steps }]
      }
      const length = Math.hypot(target - x, y - origin)
      const short = (length - MARK - 1) / length
      return [line(x, origin, x + (target - x) * short, origin + (y - origin) * short, name, steps, { 'marker-end': 'url(#head)' })]
    }),
    ...doubled,
  ]
}

/** Half the way of a message, but on no node's line; beside the only one if it is sent to itself. */
const halfway = (x: number, target: number, columns: ReadonlyMap<string, number>, gap: number): number => {
  if (x === target) return x + Math.min(26, gap / 2)
  const half = (x + target) / 2
  return [...columns.values()].some(column => Math.abs(column - half) < 10) ? half + (Math.sign(x - target) * gap) / 2 : half
}

/** A ring that is crossed once (lost), or by a plus (doubled). */
const ring = (x: number, y: number, kind: 'lost' | 'doubled', steps: readonly number[]): Shape => ({
  tag: 'g',
  attributes: { class: kind },
  inside: [
    { tag: 'circle', attributes: { cx: x, cy: y, r: 6 }, steps },
    {
      tag: 'path',
      attributes: { d: kind === 'lost' ? `M${x - 4} ${y + 4}L${x + 4} ${y - 4}` : `M${x - 4} ${y}H${x + 4}M${x} ${y - 4}V${y + 4}` },
      steps,
    },
  ],
  steps,
})

const line = (x1: number, y1: number, x2: number, y2: number, name: string, steps: readonly number[], more: Shape['attributes'] = {}): Shape => ({
  tag: 'line',
  attributes: { class: name, x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2), ...more },
  steps,
})

export const round = (n: number): number => Math.round(n * 10) / 10
