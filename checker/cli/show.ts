import { resolve } from 'node:path'
import { Command } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import { checkShape } from '../run/protocol-shape.ts'
import { type Format, formats } from '../trace/formats/formats.ts'
import { shivizExpression } from '../trace/formats/shiviz.ts'
import { renderText, type TextOptions } from '../trace/render-text.ts'
import type { Trace } from '../trace/trace.ts'
import { whyLines, whyText } from '../trace/why.ts'
import { writeOutput } from './files.ts'
import { loadSpec, specNames } from './load.ts'
import { makePage, type PageParts } from './page.ts'
import { parse } from './parse.ts'
import { parametersOf, readTrace } from './replay.ts'
import { shellWord } from './shell-word.ts'
import type { Terminal } from './terminal.ts'
import { findVariant } from './variant.ts'

const names = Object.keys(formats) as Format[]

/** `check show FILE`: writes a saved counterexample in another form. Code of a protocol runs only for a page, which holds it, and for the text, which says what decided. */
export const show = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check show')
    .description('A saved counterexample in another form: for documents, pull requests and other tools; or as a page to look at and to go on from.')
    .argument('<file>', 'what check … --save wrote (.json)')
    .argument('[protocol]', 'for a page, and for the text to say what decided: the protocol, by name or file, where it is not one that comes with the checker')
    .option('--html <file>', 'a page with the counterexample, its protocol and the checker, in one file')
    .option('--format <name>', `${names.join(', ')} (default: text)`)
    .option('-o, --output <file>', 'write it there, in place of stdout')
    .helpOption('-h, --help', 'this text')
    .addHelpText(
      'after',
      `\nFormats:\n${names.map(name => `  ${name.padEnd(9)} ${formats[name].what}`).join('\n')}\n\nJSON is described by schema/trace.schema.json.\n\nExit code:\n  0 written, 2 wrong use or a broken file`,
    )
  await parse(command, args, terminal)
  const [file, named] = command.processedArgs as [string, string | undefined]
  const { format: asked, output, html } = command.opts<{ readonly format?: string; readonly output?: string; readonly html?: string }>()
  const other = asked !== undefined ? '--format' : output !== undefined ? '--output' : undefined
  if (html !== undefined && other !== undefined)
    throw new SpecError({
      title: 'WRONG USE',
      what: `--html names the file of a page, which has no other form: ${other} means nothing with it.`,
      hint: `Leave out one of --html and ${other}.`,
    })
  if (html !== undefined) return showPage(file, named, html, terminal)
  const format = asked ?? 'text'
  if (named !== undefined && format !== 'text')
    throw new SpecError({
      title: 'WRONG USE',
      what: 'A protocol is named, and only a page and the text need it.',
      hint: `check show ${shellWord(file)} ${shellWord(named)} --html FILE`,
    })
  if (!isFormat(format)) throw new SpecError({ title: 'NO SUCH FORMAT', what: `There is no format ${JSON.stringify(format)}.`, hint: suggest(format, names) })
  const trace = readTrace(file, terminal.directory)
  const text = format === 'text' ? await textOf(trace, named, file, output === undefined ? widthFor(terminal) : {}, terminal) : formats[format].render(trace)
  if (output === undefined) terminal.out(format === 'text' ? coloured(text, terminal) : text)
  else writeAside(output, file, text, '--output', terminal)
  if (format === 'shiviz') terminal.err(`ShiViz reads it by this expression:\n  ${shivizExpression}\n`)
  return 0
}

/** The text, and what decided that the property is violated where the protocol is at hand and still does what the trace says. */
const textOf = async (trace: Trace, named: string | undefined, file: string, width: TextOptions, terminal: Terminal): Promise<string> => {
  const text = renderText(trace, { story: true, ...width })
  const found = await protocolFor(trace, named, file, terminal)
  const why = typeof found === 'string' ? null : whyOf(trace, found, named !== undefined)
  return why === null ? text : `${text}\n${whyLines(why, width).join('\n')}\n`
}

/** As large as a parameter of a trace may be for the text, if the protocol's own is no larger. A trace is shown whatever stands in it: with a thousand million nodes memory would be short. */
const PARAMETER_MAX = 64

/** @throws what code of the spec throws, if the protocol `mustBe` there; parameters of a trace that nobody has named need not make one */
const whyOf = (trace: Trace, { spec, variant, parameters }: Exclude<PageParts['protocol'], string>, mustBe: boolean): string | null => {
  const isSmall = ([name, value]: [string, unknown]): boolean => typeof value !== 'number' || value <= Math.max(PARAMETER_MAX, Number(spec.defaults[name]))
  if (!mustBe && !Object.entries(parameters).every(isSmall)) return null
  try {
    const protocol = variant.make(parameters)
    checkShape(protocol)
    return whyText(protocol, trace)
  } catch (error) {
    if (mustBe) throw error
    return null
  }
}

/** Columns that the text may take on a terminal: none so narrow that nothing can be read, and no line longer than in a file. */
const COLUMNS = { least: 60, most: 100 }
const widthFor = ({ columns }: Terminal): { readonly width?: number } =>
  columns === 0 ? {} : { width: Math.min(COLUMNS.most, Math.max(COLUMNS.least, columns)) }

/** What is violated is red, what has stopped too, and messages are blue. */
const coloured = (text: string, { colors }: Terminal): string =>
  colors.isColorSupported
    ? text
        .split('\n')
        .map(line => (/ is violated\b/.test(line) ? colors.red(line) : line.replaceAll(/◀[─┼]+|[─┼]+▶/g, colors.blue).replaceAll('✗', colors.red)))
        .join('\n')
    : text

const isFormat = (name: string): name is Format => Object.hasOwn(formats, name)

/** The page of a saved counterexample. A protocol that is not there, or has changed, is told in the page, which shows the trace all the same. */
const showPage = async (file: string, named: string | undefined, html: string, terminal: Terminal): Promise<number> => {
  const trace = readTrace(file, terminal.directory)
  const command = ['check show', shellWord(file), ...(named === undefined ? [] : [shellWord(named)]), '--html', shellWord(html)].join(' ')
  const page = await makePage({ trace, protocol: await protocolFor(trace, named, file, terminal), command })
  writeAside(html, file, page.html, '--html', terminal)
  if (page.without !== null) terminal.err(`${page.without}\nThe page shows the trace only.\n`)
  return 0
}

/** A protocol that is named must be there; one that only the trace names need not be. */
const protocolFor = async (trace: Trace, named: string | undefined, file: string, { directory }: Terminal): Promise<PageParts['protocol']> => {
  if (named === undefined && !specNames().includes(trace.protocol))
    return `The protocol ${trace.protocol} does not come with the checker. To have it in the page, name its file: check show FILE ./protocol.ts --html FILE`
  try {
    const spec = await loadSpec(named ?? trace.protocol, directory)
    const parameters = parametersOf(trace, spec, file)
    const claim = trace.mutant === null && Object.hasOwn(spec.claims, trace.property) ? trace.property : null
    return { spec, variant: findVariant(spec, { mutant: trace.mutant, claim }), parameters }
  } catch (error) {
    if (named !== undefined || !(error instanceof SpecError)) throw error
    return `The protocol has changed since this was saved. ${error.parts.what}`
  }
}

/** @throws SpecError if it is the trace itself, or cannot be written */
const writeAside = (place: string, trace: string, text: string, option: string, { directory }: Terminal): void => {
  const path = resolve(directory, place)
  if (path === resolve(directory, trace))
    throw new SpecError({ title: 'FILE CANNOT BE WRITTEN', place, what: 'It is the trace itself.', hint: `Name another file: ${option} FILE` })
  writeOutput(path, text, option)
}
