import { showAll, violation } from '../render-text.ts'
import { initialText, statesAfter, wrap } from '../step-text.ts'
import type { Trace } from '../trace.ts'
import { widest, widthOf } from '../visible.ts'
import { withVisibleNames } from '../visible-names.ts'
import { diagramOf, FONT, LETTER, LINE, MARGIN, type Row, round, type Shape } from './diagram.ts'

/** From the names of the nodes to their first step. */
const HEADER = 34

const FOOTER_LETTERS = 100

/** A trace as a space-time diagram for documents, see `diagramOf`. Light or dark as the reader asks for; no script, no font, nothing that is fetched. */
export const renderSvg = (raw: Trace): string => {
  const trace = withVisibleNames(raw)
  const begins = initialText(trace)
  const headline = [...wrap(trace.because ?? violation(trace), FOOTER_LETTERS), ...(begins === null ? [] : wrap(`${begins}.`, FOOTER_LETTERS))]
  const top = MARGIN + headline.length * LINE + 8
  const { columns, names, rows, shapes, textX, bottom, width: drawn } = diagramOf(trace, { top: top + HEADER })
  const end = rows.at(-1)
  const footer = footerOf(trace)
  const texts = [...headline, ...footer, ...rows.flatMap(({ lines }) => lines.map(({ text }) => text))]
  const width = Math.ceil(Math.max(drawn, MARGIN + lettersOf(headline, footer)) + MARGIN)
  const height = Math.ceil(bottom + 12 + footer.length * LINE + MARGIN)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escape(violation(trace))}</title>`,
    `<desc id="desc">${escape(texts.join('\n'))}</desc>`,
    `<style>${style}</style>`,
    definitions,
    ...headline.map((line, i) => text(MARGIN, MARGIN + FONT + i * LINE, line, 'why')),
    ...(end === undefined ? [] : [`<rect class="last" x="4" y="${end.y - LINE}" width="${width - 8}" height="${end.height}" rx="4"/>`]),
    ...[...columns].map(([node, x]) => text(x, top + FONT + 4, names.get(node) ?? node, 'node', 'middle')),
    ...shapes.map(element),
    ...rows.flatMap((row, i) => textsOf(row, i + 1, rows.length, textX)),
    ...footer.map((line, i) => text(MARGIN, bottom + 12 + FONT + i * LINE, line, i === 0 && trace.because !== null ? 'node' : 'step')),
    '</svg>',
  ].join('\n')}\n`
}

const element = ({ tag, attributes, inside }: Shape): string => {
  const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`)
  return inside === undefined ? `<${tag}${given.join('')}/>` : `<${tag}${given.join('')}>${inside.map(element).join('')}</${tag}>`
}

const lettersOf = (...texts: (readonly string[])[]): number => widest(texts.flat()) * LETTER

/** What is violated, and the states in which it is. */
const footerOf = (trace: Trace): readonly string[] => [
  ...(trace.because === null ? [] : wrap(violation(trace), FOOTER_LETTERS)),
  ...showAll(statesAfter(trace).at(-1) as Trace['initial'], FOOTER_LETTERS),
]

const textsOf = ({ y, lines }: Row, number: number, count: number, x: number): string[] =>
  lines.map(({ text: content, minor }, i) => text(x, y + i * LINE, content, minor ? 'minor' : number === count ? 'step bad' : 'step'))

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
  '.back{stroke:var(--red);stroke-width:2;fill:none}.back-head{fill:var(--red)}',
  '.flight{stroke:var(--soft);fill:var(--paper)}.lost,.crash{stroke:var(--red);stroke-width:2;fill:none}.lost circle,.doubled circle{fill:var(--paper)}line.lost{stroke-width:1.5}',
  '.doubled{stroke:var(--blue);stroke-width:2;fill:none}.restart{stroke:var(--blue);stroke-width:2;fill:none}.whole{stroke:var(--ink);stroke-width:1}.cut{stroke:var(--red);stroke-width:2;stroke-dasharray:2 5}',
  '.liar{stroke:var(--red);stroke-width:2.5;stroke-dasharray:2 4}.healed{stroke:var(--blue);stroke-width:2}',
  '.group{stroke:var(--blue);stroke-opacity:.35;stroke-width:9}.group-1{stroke:var(--red);stroke-dasharray:9 5}.group-2{stroke:var(--ink);stroke-dasharray:2 4}.tick{stroke:var(--ink);stroke-width:1;stroke-dasharray:1 4}',
].join('')
