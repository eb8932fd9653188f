import crypto from 'node:crypto'
import fs, { existsSync, readdirSync, statSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import type { Claims, Mutants, Parameters, ProtocolFamily, Survivors } from '../protocol/spec.ts'
import { guardFunctions, holdGuard, loadSpecFile, runSpec } from '../run/environment.ts'
import { checkClaims, checkMutants, checkShape, checkSurvivors } from '../run/protocol-shape.ts'
import { thrownText } from '../run/spec-errors.ts'
import { withTime } from '../run/time.ts'
import { refuseTakenNames } from './options.ts'
import { sourcesOf } from './sources.ts'

/** A protocol as the command line sees it: how to make it, and what its author broke on purpose. */
export interface Spec {
  /** What to type to check it: its name, or the path of its file. */
  readonly command: string
  readonly name: string
  /** Where it is from; null where it does not say. */
  readonly source: string | null
  /** Every parameter with its default; none for a protocol that is exported as a plain value. */
  readonly defaults: Parameters
  /** The names of its properties, `deadlock` among them if the protocol says where it may rest. */
  readonly properties: readonly string[]
  readonly mutants: Mutants<ProtocolFamily>
  /** What might be thought true of it, and is not. */
  readonly claims: Claims<ProtocolFamily>
  /** What `check mutate` may find, each with its reason. */
  readonly survivors: Survivors
  /** The bounds within which `check prove` checks it: one or more. */
  readonly proofs: readonly ProvenBounds[]
  make(parameters: Parameters): AnyProtocol
  /** Where its code is, for whatever puts it into something else (page.ts). */
  readonly modules: Modules
  /** The files that it is made of, with their texts, as they are now. */
  sources(): ReadonlyMap<string, string>
}

/** The paths of a protocol's file and of those that export its mutants and claims (often the same), and the name under which it is exported. */
export interface Modules {
  readonly file: string
  readonly exported: string
  readonly mutants: string
  readonly claims: string
}

/** Bounds of a proof, with all parameters. */
export interface ProvenBounds {
  readonly parameters: Parameters
  readonly slow: boolean
}

type Exports = { readonly [name: string]: unknown }

/** A family with its types erased: parameters of any names and types. */
interface Family {
  (parameters: Parameters): AnyProtocol
  readonly parameters: Parameters
}

/** Is this a clone, and no installed package? */
export const isSource = import.meta.url.endsWith('.ts')
const extension = isSource ? '.ts' : '.js'
const specsDirectory = fileURLToPath(new URL('../../specs/', import.meta.url))

/** What may stand where otherwise a protocol does. */
export const commandNames = ['replay', 'show', 'explore', 'graph', 'prove', 'diff', 'mutate', 'init', 'list'] as const

/** The names of the protocols that come with the checker. */
export const specNames = (): string[] =>
  readdirSync(specsDirectory)
    .filter(name => existsSync(join(specsDirectory, name, `protocol${extension}`)))
    .sort()

/** Is this argument meant as a file of the user's, rather than as the name of a protocol? */
export const isPath = (argument: string): boolean => /[\\/]|\.[cm]?[jt]s$/.test(argument)

/** The file of the protocol that is meant by `argument`; none of its code is run. @throws SpecError */
export const fileOf = (argument: string, directory: string): string => {
  if (isPath(argument)) return findFile(argument, directory)
  const names = specNames()
  if (names.includes(argument)) return join(specsDirectory, argument, `protocol${extension}`)
  throw new SpecError({
    title: 'NO SUCH PROTOCOL',
    what: `No protocol is called ${JSON.stringify(argument)}.`,
    hint: `${suggest(argument, [...names, ...commandNames], undefined, names)} A protocol of your own is named by its file: check ./${argument}.ts`,
  })
}

/** The protocol that is meant by `argument`: a name, or the path of a file (or of a folder with a `protocol.ts`). @throws SpecError */
export const loadSpec = async (argument: string, directory: string): Promise<Spec> => {
  const path = fileOf(argument, directory)
  if (isPath(argument)) await loadTypeScript()
  return loadFile(path, argument)
}

/** The user's files are TypeScript, or import it. In a clone the checker itself is, and the program begins with this. */
const loadTypeScript = async (): Promise<void> => {
  if (extension === '.js') await import(new URL('../../../bin/typescript.mjs', import.meta.url).href)
}

const findFile = (argument: string, directory: string): string => {
  const path = resolve(directory, argument)
  if (!existsSync(path)) {
    const folder = dirname(path)
    const files = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder).filter(isPath) : []
    const hint = files.length === 0 ? {} : { hint: suggest(basename(path), files) }
    throw new SpecError({ title: 'NO SUCH FILE', what: `There is no file ${path}`, ...hint })
  }
  if (!statSync(path).isDirectory()) return path
  const inside = ['protocol.ts', 'protocol.js'].map(name => join(path, name)).find(existsSync)
  if (inside === undefined) throw new SpecError({ title: 'NO SUCH FILE', what: `${path} is a folder without a protocol.ts` })
  return inside
}

const loadFile = async (path: string, command: string): Promise<Spec> => {
  const exports = await importFile(path)
  const [exported, make] = findProtocol(exports, path)
  const defaults = make.parameters
  refuseTakenNames(defaults, command)
  const protocol = makeProtocol(path, () => make({}))
  const properties = [...Object.keys(protocol.properties), ...(protocol.mayRest === undefined || protocol.mayRest === true ? [] : ['deadlock'])]
  const mutants = await findVariants<Spec['mutants']>(exports, path, 'mutants', checkMutants, {})
  const claims = await findVariants<Spec['claims']>(exports, path, 'claims', checkClaims, {})
  const survivors = await findVariants<Survivors>(exports, path, 'survivors', checkSurvivors, [])
  const propertiesAt = (parameters: Parameters): readonly string[] => Object.keys(makeProtocol(path, () => make(parameters)).properties)
  checkNames(mutants, 'mutant', propertiesAt, defaults, path)
  checkNames(claims, 'claim', propertiesAt, defaults, path)
  return {
    command,
    name: protocol.name,
    source: protocol.source ?? null,
    defaults,
    properties,
    mutants,
    claims,
    survivors,
    proofs: provenBounds(exports, defaults, path),
    make: parameters => makeProtocol(path, () => make(parameters)),
    modules: { file: path, exported, mutants: holderOf(exports, path, 'mutants'), claims: holderOf(exports, path, 'claims') },
    sources: () => sourcesOf(filesOf(path)),
  }
}

/** Functions of Node's modules whose answers a spec may not depend on: as named imports, they are found in no object of the environment. */
const modules = [
  [crypto, 'crypto', ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'getRandomValues', 'pseudoRandomBytes']],
  [fs, 'fs', ['readFileSync', 'readFile', 'writeFileSync', 'writeFile', 'appendFileSync', 'existsSync', 'statSync', 'readdirSync']],
  [os, 'os', ['hostname', 'uptime', 'freemem', 'loadavg', 'userInfo']],
] as const

const importFile = async (path: string): Promise<Exports> => {
  // So what a file takes hold of when it is loaded (`const { random } = Math`) is guarded, too.
  const release = holdGuard()
  for (const [owner, name, names] of modules) guardFunctions(owner, name, names)
  syncBuiltinESMExports()
  try {
    const exports = (await loadSpecFile(path, () => import(pathToFileURL(path).href))) as Exports
    // A promise that the file has left behind, and that failed, is heard of now: not after an answer, or never.
    await new Promise(resolve => setImmediate(resolve))
    return exports
  } catch (error) {
    if (error instanceof SpecError) throw error.at(path)
    throw new SpecError({ title: 'FILE DOES NOT LOAD', place: path, what: describe(error, path) }, { cause: error })
  } finally {
    release()
  }
}

/** The message of what a file threw, and the lines of the stack that are in it. */
const describe = (error: unknown, path: string): string => {
  if (!(error instanceof Error)) return `It throws ${String(error)}`
  const lines = (error.stack ?? '').split('\n').filter(line => line.includes(path) && !error.message.includes(line.trim()))
  return [`${error.name}: ${error.message}`, ...lines].join('\n')
}

/** Makes a protocol, be it a mutant of one. What the code of the spec throws is the spec's own error, not the checker's. @param place what is made */
export const makeProtocol = (place: string, make: () => unknown): AnyProtocol => {
  let protocol: unknown
  try {
    protocol = runSpec(place, make)
  } catch (error) {
    if (error instanceof SpecError) throw error.at(place)
    throw new SpecError({ title: 'PROTOCOL CANNOT BE MADE', place, what: thrownText(error) }, { cause: error })
  }
  checkShape(protocol as AnyProtocol)
  return withTime(protocol as AnyProtocol)
}

const isObject = (value: unknown): value is Exports => typeof value === 'object' && value !== null
const isFamily = (value: unknown): value is Family => typeof value === 'function' && 'parameters' in value && isObject(value.parameters)
const isProtocol = (value: unknown): value is AnyProtocol => isObject(value) && isObject(value['roles']) && isObject(value['properties'])

/** The one protocol that a file exports, with its name: its default export, or the only one there is. A plain value is a family without parameters. */
const findProtocol = (exports: Exports, path: string): readonly [name: string, family: Family] => {
  const found = Object.entries(exports).filter(([, value]) => isFamily(value) || isProtocol(value))
  const distinct = new Set(found.map(([, value]) => value))
  if (found.length === 0) {
    const names = Object.keys(exports)
    throw new SpecError({
      title: 'NO PROTOCOL IN FILE',
      place: path,
      what: names.length === 0 ? 'The file exports nothing.' : `None of what it exports is a protocol: ${names.join(', ')}.`,
      hint: 'Export one protocol: export const mine = family({ nodes: 3 }, ({ nodes }) => ({ … }) satisfies Protocol<Roles>)',
    })
  }
  const [only] = 'default' in exports && distinct.has(exports['default']) ? [exports['default']] : distinct.size === 1 ? distinct : []
  const name = found.find(([, value]) => value === only)?.[0] ?? ''
  if (isFamily(only)) return [name, only]
  if (isProtocol(only)) return [name, Object.assign(() => only, { parameters: {} })]
  throw new SpecError({
    title: 'SEVERAL PROTOCOLS IN FILE',
    place: path,
    what: `It exports ${found.map(([name]) => name).join(', ')}.`,
    hint: 'Export one, or say which one is meant by `export default`.',
  })
}

/** The bounds that the file exports as `proofs`, or the defaults. @throws SpecError */
const provenBounds = ({ proofs = [{}] }: Exports, defaults: Parameters, path: string): readonly ProvenBounds[] => {
  const refuse = (what: string) =>
    new SpecError({ title: 'NOT PROOFS', place: path, what, hint: 'Write `export const proofs = [{ nodes: 3 }] satisfies Proofs<typeof mine>` and run tsc.' })
  if (!Array.isArray(proofs) || proofs.length === 0 || !proofs.every(isObject)) throw refuse('What it exports as `proofs` is no list of parameters.')
  return (proofs as readonly (Parameters & { readonly slow?: boolean })[]).map(({ slow = false, ...given }) => {
    for (const [name, value] of Object.entries(given)) {
      if (!Object.hasOwn(defaults, name)) throw refuse(`A proof sets ${name}, which is no parameter. ${suggest(name, [...Object.keys(defaults), 'slow'])}`)
      if (typeof value !== typeof defaults[name])
        throw refuse(`A proof sets ${name} to ${JSON.stringify(value)}, and its default is ${JSON.stringify(defaults[name])}.`)
    }
    return { parameters: { ...defaults, ...given }, slow }
  })
}

/** `mutants.ts` beside `protocol.ts`, if it is there. */
const fileBeside = (path: string, name: string): string | undefined => {
  const beside = path.replace(/protocol(\.[jt]s)$/, `${name}$1`)
  return beside !== path && existsSync(beside) ? beside : undefined
}

/** A protocol's file, and those beside it. */
export const filesOf = (path: string): readonly string[] => [path, ...['mutants', 'claims'].flatMap(name => fileBeside(path, name) ?? [])]

/** The file that exports this: the protocol's own, or the one beside it. */
const holderOf = (exports: Exports, path: string, name: string): string => (exports[name] === undefined ? (fileBeside(path, name) ?? path) : path)

/** An export of the file itself, or that of the file of the same name beside a `protocol.ts`: `mutants`, `claims`, `survivors`. @param check refuses what is none */
const findVariants = async <T>(exports: Exports, path: string, name: string, check: (value: unknown, place: string) => void, none: T): Promise<T> => {
  const beside = holderOf(exports, path, name)
  const holder = beside === path ? exports : await importFile(beside)
  const found = holder[name] ?? none
  check(found, path)
  return found as T
}

/** Refuses variants that name a property, or parameters, that there are not. */
const checkNames = (
  variants: Spec['mutants'] | Spec['claims'],
  kind: string,
  propertiesAt: (parameters: Parameters) => readonly string[],
  defaults: Parameters,
  place: string,
): void => {
  for (const [name, variant] of Object.entries(variants)) {
    const refuse = (what: string, hint: string): never => {
      throw new SpecError({ title: `NOT ${kind.toUpperCase()}S`, place, what: `The ${kind} ${name} ${what}`, hint })
    }
    for (const parameter of Object.keys(variant.parameters ?? {}))
      if (!Object.hasOwn(defaults, parameter)) refuse(`sets ${parameter}, which is no parameter.`, suggest(parameter, Object.keys(defaults)))
    if (!('breaks' in variant) || variant.breaks === 'deadlock') continue
    const properties = propertiesAt((variant.parameters ?? {}) as Parameters)
    if (!properties.includes(variant.breaks)) refuse(`breaks ${variant.breaks}, which is no property.`, suggest(variant.breaks, properties))
  }
}
