import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import type { Plugin } from 'esbuild'
import type { CoveredFile, PageData } from '../../page/page-data.ts'
import { SpecError } from '../protocol/errors.ts'
import { jsonParameters } from '../protocol/json-parameters.ts'
import type { Parameters, ParameterValue } from '../protocol/spec.ts'
import type { Trace } from '../trace/trace.ts'
import { bounded, visible } from '../trace/visible.ts'
import type { FileCoverage } from './code-coverage.ts'
import { isSource, type Spec } from './load.ts'
import { specCode } from './spec-code.ts'
import type { Variant } from './variant.ts'

/** What a page is made of. */
export interface PageParts {
  /** The counterexample; null for an explorer. */
  readonly trace: Trace | null
  /** The protocol; a text says why there is none. */
  readonly protocol: { readonly spec: Spec; readonly variant: Variant; readonly parameters: Parameters } | string
  /** What to type to get this page. */
  readonly command: string
  /** How often code ran, where that was asked for. */
  readonly coverage?: readonly FileCoverage[]
}

/** A page, and why the protocol is not in it, if it should be. */
export interface MadePage {
  readonly html: string
  readonly without: string | null
}

/** The root of the clone, or `dist` of the package. */
const root = fileURLToPath(new URL('../../', import.meta.url))
const extension = isSource ? 'ts' : 'js'

/**
 * One HTML file with all in it: the page's code with the checker and the protocol, bundled, its style, and the trace as data. Nothing is fetched, and nothing else can run: the page
 * allows one script and one style, by their hashes.
 * @throws SpecError if the trace is too large
 */
export const makePage = async (parts: PageParts): Promise<MadePage> => {
  const { trace, protocol, command, coverage = [] } = parts
  if (trace !== null) refuseTooLarge(trace)
  const { code, without } = await codeOf(protocol)
  const spec = typeof protocol === 'string' ? null : protocol.spec
  const data: PageData = {
    trace: trace && { ...trace, parameters: jsonParameters(trace.parameters) },
    title: trace?.protocol ?? spec?.name ?? 'protocheck',
    mutant: trace?.mutant ?? (typeof protocol === 'string' ? null : protocol.variant.mutant),
    source: spec?.source ?? null,
    documentation: spec === null ? {} : documentationOf([...spec.sources().values()]),
    code: typeof protocol === 'string' || without !== null ? {} : await specCode(protocol.variant.make(protocol.parameters), protocol.spec),
    coverage: spec === null ? [] : coverage.map(file => coveredFile(file, spec)),
    without,
    command,
  }
  return { html: htmlOf(code, data), without: typeof protocol === 'string' ? null : without }
}

const coveredFile = ({ shown, lines, never }: FileCoverage, spec: Spec): CoveredFile => {
  const whole = [...lines].filter(([, count]) => count === 0).map(([line]) => line)
  const partly = [...new Set(never.map(({ line }) => line))].filter(line => !whole.includes(line))
  return { file: shown, text: spec.sources().get(shown) ?? '', never: whole, partly }
}

/** Steps, and characters of its JSON, of a trace that a browser draws without a pause. */
const limits = { steps: 1000, characters: 2_000_000 }

/** @throws SpecError if nobody could look at it in a page */
const refuseTooLarge = (trace: Trace): void => {
  const characters = JSON.stringify(trace).length
  if (trace.steps.length <= limits.steps && characters <= limits.characters) return
  throw new SpecError({
    title: 'TRACE IS TOO LARGE FOR A PAGE',
    place: visible(trace.protocol.slice(0, 100)),
    what: `It has ${trace.steps.length} steps and ${characters} characters; a page shows at most ${limits.steps} steps and ${limits.characters} characters.`,
    hint: 'Look at it as text: check show FILE',
  })
}

/** Code, as it stands in a page. */
interface PageCode {
  /** What runs when the page is opened. */
  readonly page: string
  /** What runs in a thread once somebody asks the checker, deflated: half of it the page has no use for. Empty where there is no protocol. */
  readonly checker: string
}

/** The code with the protocol; or without it, and why. */
const codeOf = async (protocol: PageParts['protocol']): Promise<{ readonly code: PageCode; readonly without: string | null }> => {
  const alone = async (why: string) => ({ code: { page: await bundle(withoutProtocol), checker: '' }, without: why })
  if (typeof protocol === 'string') return alone(protocol)
  try {
    const [page, thread] = await Promise.all([bundle(entryOf(main, 'start', protocol)), bundle(entryOf(checkerThread, 'answerQuestions', protocol))])
    return { code: { page, checker: deflateRawSync(thread, { level: 9 }).toString('base64') }, without: null }
  } catch (error) {
    return alone(`The protocol cannot be put into a page: ${whatFailed(error)}`)
  }
}

/** What esbuild says, in a few lines. */
const whatFailed = (error: unknown): string => {
  const { errors } = error as {
    readonly errors?: readonly { readonly text: string; readonly location: { readonly file: string; readonly line: number } | null }[]
  }
  if (errors === undefined || errors.length === 0) return String(error instanceof Error ? error.message : error)
  return errors
    .slice(0, 3)
    .map(({ text, location }) => (location === null ? text : `${location.file}:${location.line}: ${text}`))
    .join('; ')
}

const main = `${root}page/main.${isSource ? 'tsx' : 'js'}`

const checkerThread = `${root}page/checker-thread.${extension}`

const withoutProtocol = `import { start } from ${JSON.stringify(main)}
start(null)
`

const literal = (value: ParameterValue): string => (typeof value === 'number' ? String(value) : JSON.stringify(value))

/** A program that gives the protocol to a function of a module. */
const entryOf = (
  module: string,
  begin: string,
  { spec: { modules }, variant: { mutant, claim }, parameters }: Exclude<PageParts['protocol'], string>,
): string => {
  const given = Object.entries(parameters).map(([name, value]) => `[${JSON.stringify(name)}]: ${literal(value)}`)
  return `import { ${begin} } from ${JSON.stringify(module)}
import { protocolOf } from ${JSON.stringify(`${root}page/protocol-of.${extension}`)}
import * as file from ${JSON.stringify(modules.file)}
import * as mutants from ${JSON.stringify(modules.mutants)}
import * as claims from ${JSON.stringify(modules.claims)}
const asked = { exported: ${JSON.stringify(modules.exported)}, parameters: { ${given.join(', ')} }, mutant: ${JSON.stringify(mutant)}, claim: ${JSON.stringify(claim)} }
${begin}(() => protocolOf(file, mutants, claims, asked))
`
}

const bundle = async (entry: string): Promise<string> => {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    external: ['node:worker_threads'],
    plugins: [oneCopy],
    logLevel: 'silent',
  })
  // What would end the script, or begin a comment of HTML, within a text.
  return (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--').trim()
}

/** `protocheck` and `immutable` are the checker's own copies, wherever the file of the protocol lies: as for Node (bin/hooks.mjs). */
const oneCopy: Plugin = {
  name: 'one copy',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(protocheck|immutable)$/ }, ({ path, kind, pluginData }) => {
      if (pluginData === oneCopy) return undefined
      return path === 'protocheck'
        ? { path: `${root}checker/index.${extension}`, sideEffects: false }
        : resolve(path, { resolveDir: root, kind, pluginData: oneCopy })
    })
  },
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing but the page's own script and style, and the thread with the checker. */
export const policyOf = (code: string, style: string): string =>
  `default-src 'none'; script-src ${hashOf(code)}; style-src ${hashOf(style)}; worker-src blob:; base-uri 'none'; form-action 'none'`

const htmlOf = ({ page, checker }: PageCode, data: PageData): string => {
  const style = readFileSync(`${root}page/view/style.css`, 'utf8').trim()
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(page, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="protocheck">
<title>${escape(`${data.title}${data.trace === null ? '' : `: ${data.trace.property}`}`)}</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This page is a program: it needs JavaScript, and nothing else.</noscript></div>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script id="code">${page}</script>
${checker === '' ? '' : `<script type="text/plain" id="checker">${checker}</script>\n`}</body>
</html>
`
}

const entities: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escape = (text: string): string => text.replaceAll(/[&<>"]/g, character => entities[character] as string)

/** A comment before a name that is a property's, or a rule's: the last one of each name counts. */
const commented = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*(?:'([^'\n]+)'|"([^"\n]+)"|([\p{L}_$][\p{L}\p{N}_$]*))\s*:/gu

/** What an author wrote before each property, or whatever is named so. */
export const documentationOf = (sources: readonly string[]): PageData['documentation'] => {
  const found: [string, string][] = []
  for (const source of sources)
    for (const [, comment = '', single, double, bare] of source.matchAll(commented))
      found.push([
        single ?? double ?? (bare as string),
        bounded(
          comment
            .replaceAll(/^\s*\* ?/gm, '')
            .replaceAll(/\s*\n\s*/g, ' ')
            .trim(),
        ),
      ])
  return Object.fromEntries(found)
}
