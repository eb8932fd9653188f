import { type Profiler, Session } from 'node:inspector'
import { SourceMap, type SourceMapping } from 'node:module'
import { dirname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Spec } from './load.ts'
import { bare, isSyntax, nameOf, parseProgram, type Syntax } from './mutations/syntax.ts'

/** How often the code of one file ran. */
export interface FileCoverage {
  /** The path, and the same from the folder of the protocol. */
  readonly path: string
  readonly shown: string
  /** By line, from 1: where code begins in it, how often that ran. */
  readonly lines: ReadonlyMap<number, number>
  /** What never ran, though what is around it did: the first line with its text, and the names that it lies in (`roles.replica.on.Prepare`). */
  readonly never: readonly { readonly line: number; readonly text: string; readonly within: string }[]
}

interface Script {
  readonly scriptId: string
  readonly url: string
  readonly sourceMapURL?: string | undefined
}

/** What V8 counts of code that is loaded from now on: how often each block ran. */
export class CodeCoverage {
  readonly #session = new Session()
  readonly #scripts = new Map<string, Script>()

  constructor() {
    this.#session.connect()
    this.#session.on('Debugger.scriptParsed', ({ params }) => void this.#scripts.set(params.scriptId, params))
    this.#post('Debugger.enable')
    this.#post('Profiler.enable')
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** What ran so far, of the files of a spec. Then nothing is counted any more. */
  end(spec: Spec): readonly FileCoverage[] {
    const { result } = this.#post('Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType
    const { file, mutants, claims } = spec.modules
    const folder = dirname(file)
    const others = new Set([mutants, claims].filter(other => other !== file))
    const sources = spec.sources()
    const found = result.flatMap(({ scriptId, functions }) => {
      const script = this.#scripts.get(scriptId)
      if (script === undefined || !script.url.startsWith('file:')) return []
      const path = fileURLToPath(script.url.replace(/[?#].*$/, ''))
      const shown = relative(folder, path).split(sep).join('/')
      const text = sources.get(shown)
      if (text === undefined || others.has(path)) return []
      const { scriptSource } = this.#post('Debugger.getScriptSource', { scriptId }) as { readonly scriptSource: string }
      return [coverageOf(path, shown, text, scriptSource, script.sourceMapURL, functions)]
    })
    this.#session.disconnect()
    return found
  }

  #post(method: string, parameters?: object): unknown {
    let answer: unknown
    this.#session.post(method, parameters, (_, found) => {
      answer = found
    })
    return answer
  }
}

/** A place in the text of a file, for each place in what runs at which the map has one; in order. */
type Places = readonly { readonly at: number; readonly offset: number }[]

const coverageOf = (
  path: string,
  shown: string,
  text: string,
  code: string,
  map: string | undefined,
  functions: readonly Profiler.FunctionCoverage[],
): FileCoverage => {
  const places = placesOf(text, code, map)
  const ranges = functions.flatMap(({ ranges }) => ranges)
  const lineStarts = startsOf(text)
  const lineAt = (offset: number): number => lineStarts.findLastIndex(start => start <= offset) + 1
  // The innermost range comes last where they are sorted from wide to narrow.
  const sorted = [...ranges].sort((a, b) => b.endOffset - b.startOffset - (a.endOffset - a.startOffset))
  const countAt = (at: number): number => sorted.findLast(({ startOffset, endOffset }) => startOffset <= at && at < endOffset)?.count ?? 0
  const lines = new Map<number, number>()
  for (const { at, offset } of places) lines.set(lineAt(offset), Math.max(lines.get(lineAt(offset)) ?? 0, countAt(at)))
  const nevers = sorted.filter(({ count }) => count === 0)
  const outer = nevers.filter(range => !nevers.some(other => other !== range && other.startOffset <= range.startOffset && range.endOffset <= other.endOffset))
  const program = parseProgram(text, path)
  const never = outer.flatMap(({ startOffset, endOffset }) => {
    const inside = places.filter(({ at }) => at >= startOffset && at < endOffset)
    if (inside.length === 0) return []
    const offset = Math.min(...inside.map(({ offset }) => offset))
    const line = lineAt(offset)
    return [{ line, text: (text.split('\n')[line - 1] as string).trim(), within: namesAround(program, offset).join('.') }]
  })
  return { path, shown, lines, never: never.sort((a, b) => a.line - b.line) }
}

const startsOf = (text: string): readonly number[] => [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]

/** Where each piece of what runs is in the text: by its source map; without one it is the text. */
const placesOf = (text: string, code: string, mapUrl: string | undefined): Places => {
  const [, base64] = /^data:application\/json;(?:charset=utf-8;)?base64,(.*)$/s.exec(mapUrl ?? '') ?? []
  const words = Array.from(code.matchAll(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu), ({ index }) => index)
  if (base64 === undefined) return words.map(at => ({ at, offset: at }))
  const map = new SourceMap(JSON.parse(Buffer.from(base64, 'base64').toString()))
  const codeStarts = startsOf(code)
  const starts = startsOf(text)
  const places: { at: number; offset: number }[] = []
  let line = 0
  for (const at of words) {
    while (line + 1 < codeStarts.length && (codeStarts[line + 1] as number) <= at) line++
    const column = at - (codeStarts[line] as number)
    const entry = map.findEntry(line, column) as Partial<SourceMapping>
    if (entry.originalLine === undefined || entry.generatedLine !== line || entry.generatedColumn !== column) continue
    places.push({ at, offset: (starts[entry.originalLine] ?? 0) + (entry.originalColumn ?? 0) })
  }
  return places
}

/** The names of the fields, functions and constants that a place lies in. */
const namesAround = (node: Syntax, offset: number): readonly string[] => {
  const inner = Object.values(node)
    .flat()
    .find((part): part is Syntax => isSyntax(part) && part.start <= offset && offset < part.end)
  if (inner === undefined) return []
  const name =
    inner.type === 'Property'
      ? nameOf(inner['key'])
      : inner.type === 'VariableDeclarator' || inner.type === 'FunctionDeclaration'
        ? nameOf(inner['id'])
        : undefined
  const isProtocol = inner.type === 'VariableDeclarator' && bare((inner['init'] ?? inner) as Syntax).type === 'CallExpression'
  return [...(name === undefined || isProtocol ? [] : [name]), ...namesAround(inner, offset)]
}

/** For editors and other tools: LCOV, with what never ran as branches. */
export const lcov = (files: readonly FileCoverage[]): string =>
  files
    .map(({ path, lines, never }) =>
      [
        'TN:',
        `SF:${path}`,
        ...never.map(({ line }, i) => `BRDA:${line},${i},0,0`),
        `BRF:${never.length}`,
        'BRH:0',
        ...[...lines].sort(([a], [b]) => a - b).map(([line, count]) => `DA:${line},${count}`),
        `LF:${lines.size}`,
        `LH:${[...lines.values()].filter(count => count > 0).length}`,
        'end_of_record',
        '',
      ].join('\n'),
    )
    .join('')
