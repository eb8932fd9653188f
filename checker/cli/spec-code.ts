import { Session } from 'node:inspector'
import { SourceMap, type SourceMapping } from 'node:module'
import { dirname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CodePart, codeKey } from '../../page/page-data.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { writtenCode } from '../protocol/rules.ts'
import type { Spec } from './load.ts'

/** Where a function begins, in a file of the protocol. */
interface Place {
  readonly file: string
  /** Of its text. */
  readonly offset: number
}

/** A part of a file. */
interface Extent extends Place {
  readonly end: number
}

/** Characters that a function has at most, and ends of it that are tried. */
const LENGTH_MAX = 20_000
const ENDS_MAX = 60

/** Lines of what a handler calls. */
const CALLED_LINES_MAX = 60

/**
 * The source of each handler, action, recovery, tick and global step, and of what is due: where V8 says that the function is, through the source map, in the file as it is now. The text is shown only if it compiles to that very
 * function: so of a file that was edited meanwhile, and of what is made by other code, nothing is shown.
 */
export const specCode = async (protocol: AnyProtocol, spec: Spec): Promise<{ readonly [key: string]: readonly CodePart[] }> => {
  const files = spec.sources()
  const wanted = functionsOf(protocol)
  const places = placesOf(
    wanted.flatMap(({ functions }) => functions),
    files,
    dirname(spec.modules.file),
  )
  const found: [string, readonly CodePart[]][] = []
  for (const { key, name, functions } of wanted) {
    const extents: Extent[] = []
    for (const code of functions) {
      const place = places.get(code)
      const end = place && (await endOf(files.get(place.file) as string, place.offset, String(code)))
      if (place !== undefined && end !== undefined) extents.push({ ...place, end })
    }
    const [first] = extents
    if (first === undefined || extents.length < functions.length || extents.some(({ file }) => file !== first.file)) continue
    const whole = { file: first.file, offset: Math.min(...extents.map(({ offset }) => offset)), end: Math.max(...extents.map(({ end }) => end)) }
    const text = files.get(first.file) as string
    found.push([key, [linesOf(text, whole, name), ...calledBy(text, whole)]])
  }
  return Object.fromEntries(found)
}

type Code = (...parameters: never[]) => unknown

/** All code of steps: an action is its `when` and its `do`. */
const functionsOf = ({ roles, steps = {} }: AnyProtocol): readonly { readonly key: string; readonly name: string; readonly functions: readonly Code[] }[] => {
  const written = (...codes: readonly (Code | undefined)[]): readonly Code[] => codes.flatMap(code => (code === undefined ? [] : [writtenCode(code)]))
  return [
    ...Object.entries(roles).flatMap(([role, { on, actions = {}, recover, tick, due }]) => [
      ...Object.entries(on).map(([name, code]) => ({ key: codeKey(role, 'handler', name), name, functions: written(code as Code) })),
      ...Object.entries(actions).map(([name, { when, do: run }]) => ({
        key: codeKey(role, 'action', name),
        name,
        functions: written(when as Code | undefined, run as Code),
      })),
      ...Object.entries({ recover, tick, due }).flatMap(([name, code]) =>
        code === undefined ? [] : [{ key: codeKey(role, name as 'recover' | 'tick' | 'due', name), name, functions: written(code as Code) }],
      ),
    ]),
    ...Object.entries(steps).map(([name, { when, do: run }]) => ({
      key: codeKey('', 'step', name),
      name,
      functions: written(when as Code | undefined, run as Code),
    })),
  ]
}

/** What the inspector of this process says, at once. */
interface Inspected {
  readonly result: { readonly objectId?: string }
  readonly internalProperties?: readonly { readonly name: string; readonly value?: { readonly value?: unknown } }[]
}

/** Where functions are: what a debugger would show. */
const placesOf = (functions: readonly Code[], files: ReadonlyMap<string, string>, folder: string): ReadonlyMap<Code, Place> => {
  const session = new Session()
  const scripts = new Map<string, Script>()
  const holder = `functions of a protocol ${Math.random()}`
  const places = new Map<Code, Place>()
  session.connect()
  try {
    session.on('Debugger.scriptParsed', ({ params }) => void scripts.set(params.scriptId, params))
    const post = (method: string, parameters?: object): Inspected | undefined => {
      let answer: Inspected | undefined
      session.post(method, parameters, (_, found) => {
        answer = found as Inspected | undefined
      })
      return answer
    }
    post('Debugger.enable')
    Object.defineProperty(globalThis, holder, { value: functions, configurable: true })
    for (const [i, code] of functions.entries()) {
      const objectId = post('Runtime.evaluate', { expression: `globalThis[${JSON.stringify(holder)}][${i}]` })?.result.objectId
      const inside = objectId === undefined ? undefined : post('Runtime.getProperties', { objectId, ownProperties: true })?.internalProperties
      const location = inside?.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value as Location | undefined
      const script = location && scripts.get(location.scriptId)
      const place = script && placeIn(script, location, files, folder)
      if (place !== undefined) places.set(code, place)
    }
    post('Debugger.disable')
  } finally {
    Reflect.deleteProperty(globalThis, holder)
    session.disconnect()
  }
  return places
}

interface Script {
  readonly url: string
  readonly sourceMapURL?: string | undefined
}

/** From 0. */
interface Location {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber: number
}

const placeIn = (
  { url, sourceMapURL }: Script,
  { lineNumber, columnNumber }: Location,
  files: ReadonlyMap<string, string>,
  folder: string,
): Place | undefined => {
  if (!url.startsWith('file:')) return undefined
  const [, base64] = /^data:application\/json;(?:charset=utf-8;)?base64,(.*)$/s.exec(sourceMapURL ?? '') ?? []
  const entry = base64 === undefined ? undefined : new SourceMap(JSON.parse(Buffer.from(base64, 'base64').toString())).findEntry(lineNumber, columnNumber)
  const mapped = entry !== undefined && 'originalLine' in entry ? (entry as SourceMapping) : undefined
  if (base64 !== undefined && mapped === undefined) return undefined
  const file = relative(folder, fileURLToPath(url.replace(/[?#].*$/, '')))
    .split(sep)
    .join('/')
  const text = files.get(file)
  if (text === undefined) return undefined
  const [line, column] = mapped !== undefined ? [mapped.originalLine, mapped.originalColumn] : [lineNumber, columnNumber]
  const start = text
    .split('\n')
    .slice(0, line)
    .reduce((sum, { length }) => sum + length + 1, 0)
  // Without a map the place of a method is that of its parameters.
  const offset = start + column
  const [name = ''] = mapped !== undefined ? [] : (/[\p{L}\p{N}_$'"-]*$/u.exec(text.slice(start, offset)) ?? [])
  return { file, offset: offset - name.length }
}

/** Where a function ends that begins at an offset: at the first place up to which the text compiles to the function. */
const endOf = async (text: string, start: number, code: string): Promise<number | undefined> => {
  // What is found may be the key of a property, before the function itself.
  const [, key = ''] = /^([\p{L}\p{N}_$]+|'[^'\n]+'|"[^"\n]+")\s*:/u.exec(text.slice(start, start + LENGTH_MAX)) ?? []
  const wanted = [code, ...(key === '' ? [] : [`${key}:${code}`])]
  const compiled = await Promise.all(wanted.map(one => compile(one, false)))
  for (const end of possibleEnds(text, start)) {
    const part = text.slice(start, end)
    if (wanted.includes(part)) return end
    const made = await compile(part, true)
    if (made !== undefined && compiled.includes(made)) return end
  }
  return undefined
}

/** Places at which something that begins here may end: where as many brackets are closed as were opened. */
const possibleEnds = (text: string, start: number): readonly number[] => {
  const ends: number[] = []
  let depth = 0
  const rest = text.slice(start, start + LENGTH_MAX)
  for (const { 0: token, index } of rest.matchAll(/\/\/.*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|[()[\]{},;]/g)) {
    const at = start + index
    if ('([{'.includes(token)) depth++
    else if (')]}'.includes(token)) {
      if (depth === 0) return [...ends, at]
      depth--
      if (depth === 0 && token === '}') ends.push(at + 1)
    } else if (depth === 0 && (token === ',' || token === ';')) ends.push(at)
    if (ends.length > ENDS_MAX) break
  }
  return ends
}

/** A method, a property or an expression as tsx compiles it; undefined if it is none. @param keepNames tsx keeps the names of functions, so what runs has them already */
const compile = async (code: string, keepNames: boolean): Promise<string | undefined> => {
  const { transform } = await import('esbuild')
  for (const wrapped of [`({${code}})`, `(${code})`]) {
    try {
      const made = await transform(wrapped, { loader: 'ts', minifyWhitespace: true, keepNames, target: `node${process.versions.node}`, logLevel: 'silent' })
      return made.code.replace(/^var __defProp=.*?configurable:true\}\);/s, '')
    } catch {
      // Written otherwise.
    }
  }
  return undefined
}

/** The lines of a part, with that in which it has its name, and the comment above. */
const linesOf = (text: string, { file, offset, end }: Extent, name: string): CodePart => {
  const lines = text.split('\n')
  const lineAt = (at: number): number => text.slice(0, at).split('\n').length - 1
  let first = lineAt(offset)
  const last = lineAt(end)
  // An action has its name in a line above its functions.
  const named = new RegExp(`^\\s*(?:['"]?${name.replaceAll(/[^\p{L}\p{N}_]/gu, '\\$&')}['"]?)\\s*[:(]`, 'u')
  const above = lines.slice(Math.max(0, first - 3), first).findLastIndex(line => named.test(line))
  const opens = !named.test(lines[first] ?? '') && above !== -1
  if (opens) first = Math.max(0, first - 3) + above
  const closes = opens && /^\s*\},?$/.test(lines[last + 1] ?? '') ? last + 1 : last
  const comment = commentAbove(lines, first)
  const shown = lines.slice(comment, closes + 1)
  const indent = Math.min(...shown.filter(line => line.trim() !== '').map(line => /^ */.exec(line)?.[0].length ?? 0))
  return { file, line: comment + 1, text: shown.map(line => line.slice(indent)).join('\n'), cites: citedIn(lines.slice(comment, first + 1)) }
}

/** The first line of the comment that ends above a line; that line if there is none. */
const commentAbove = (lines: readonly string[], line: number): number => {
  let first = line
  while (/^\s*\/\//.test(lines[first - 1] ?? '')) first--
  if (first < line || !/\*\/\s*$/.test(lines[line - 1] ?? '')) return first
  const begin = lines.slice(0, line).findLastIndex(text => /^\s*\/\*/.test(text))
  return begin === -1 ? line : begin
}

/** `Slide 2/9`, `Rule 5(ii)`, `Section 5.2`: what the comments in these lines name. */
const citedIn = (lines: readonly string[]): string | null => {
  const comments = lines.flatMap(line => /(?:\/\/|\/?\*)(.*)$/.exec(line)?.[1] ?? []).join(' ')
  return (
    /(?:\b(?:slides?|rules?|sections?|figures?|algorithms?|lines?|chapters?|phases?)\s+\d[\d/.–-]*(?:\([\p{L}\d]+\))?|§\s*\d[\d.]*)/iu
      .exec(comments)?.[0]
      .replace(/[.–-]$/, '') ?? null
  )
}

/** Functions at the top of the file that a part names, and what these name: as long as that is no more than a page. */
const calledBy = (text: string, part: Extent): readonly CodePart[] => {
  const found: CodePart[] = []
  const seen = new Set<string>()
  const left = [text.slice(part.offset, part.end)]
  let count = 0
  for (let inside = left.shift(); inside !== undefined; inside = left.shift()) {
    for (const { 0: head, 1: name = '', index } of text.matchAll(/^(?:export )?(?:const|function) ([\p{L}_$][\p{L}\p{N}_$]*)\b.*$/gmu)) {
      if (seen.has(name) || !new RegExp(`(?<![.\\p{L}\\p{N}_$])${name.replaceAll('$', '\\$')}\\(`, 'u').test(inside)) continue
      // What the part itself calls so is another.
      if (new RegExp(`\\b(?:const|let|function)\\s+${name.replaceAll('$', '\\$')}\\b`).test(inside)) continue
      seen.add(name)
      const end = head.startsWith('function') || head.startsWith('export function') ? text.indexOf('\n}', index) + 2 : endOfStatement(text, index)
      if (end <= index) continue
      const lines = text.split('\n')
      const first = text.slice(0, index).split('\n').length - 1
      const last = text.slice(0, end).split('\n').length - 1
      const comment = commentAbove(lines, first)
      count += last - comment + 1
      if (count > CALLED_LINES_MAX) return found
      const shown = lines.slice(comment, last + 1)
      found.push({ file: part.file, line: comment + 1, text: shown.join('\n'), cites: citedIn(lines.slice(comment, first + 1)) })
      left.push(text.slice(index, end))
    }
  }
  return found
}

/** The end of a statement at the top of a file: before the next line that begins at its left edge, and closes no bracket. */
const endOfStatement = (text: string, start: number): number => {
  const [next] = /\n(?=[^\s)}\]])/.exec(text.slice(start)) === null ? [] : [text.slice(start).search(/\n(?=[^\s)}\]])/)]
  const end = next === undefined ? text.length : start + next
  return start + text.slice(start, end).trimEnd().length
}
