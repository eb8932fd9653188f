import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import * as z from 'zod'
import { SpecError } from '../../protocol/errors.ts'
import { writeText } from '../files.ts'
import type { Spec } from '../load.ts'
import { type Found, foundSchema, type Task } from './task.ts'

/** The folder of the checker: the sources of a clone, or what was made of them. */
const checker = fileURLToPath(new URL('../../', import.meta.url))

/** Bytes of a file of the cache: a counterexample of some thousand steps. */
const LENGTH_MAX = 16 * 1024 * 1024

const hashOf = (...texts: readonly string[]): string => createHash('sha256').update(JSON.stringify(texts)).digest('hex')

const entrySchema = z.strictObject({ format: z.literal('protocheck-cache'), version: z.literal(1), key: z.string(), sum: z.string(), found: foundSchema })

/** Where proofs are kept if nothing is said: beside the packages of the project, as other tools do; nowhere if there are none. */
export const usualCache = (directory: string): string | undefined => {
  for (let at = resolve(directory); ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules'))) return join(at, 'node_modules', '.cache', 'protocheck')
    if (at === dirname(at)) return undefined
  }
}

/**
 * Proofs by content: what a protocol's code is without comments, types and the names of locals, the bounds, and the checker itself. Whatever is not whole, or was not written for
 * just this question, is as if it were not there. Whoever may write this folder may write the protocols, too: it is trusted as they are.
 */
export class ProofCache {
  readonly #folder: string
  readonly #codes = new Map<string, Promise<string | undefined>>()
  #checkerHash: string | undefined
  /** Files that were there and of no use. */
  readonly refused: string[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The name of a question; undefined where it cannot be told what the answer depends on. */
  async keyOf(spec: Spec, { variant, parameters, extent }: Task): Promise<string | undefined> {
    const { modules } = spec
    const files = [...new Set(variant === null ? [modules.file] : [modules.file, modules.mutants, modules.claims])]
    const codes: string[] = []
    for (const file of files) {
      const code = this.#codes.get(file) ?? codeHash(file, spec)
      this.#codes.set(file, code)
      const hash = await code
      if (hash === undefined) return undefined
      codes.push(hash)
    }
    this.#checkerHash ??= hashOfFolder(checker)
    return hashOf('1', this.#checkerHash, process.versions.node, ...codes, modules.exported, JSON.stringify([variant, parameters, extent]))
  }

  read(key: string): Found | undefined {
    const path = this.#path(key)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return undefined
    const whole = found.isFile() && found.size <= LENGTH_MAX ? parseEntry(readFileSync(path, 'utf8'), key) : undefined
    if (whole === undefined) this.refused.push(path)
    return whole
  }

  /** What was not decided is not kept. @throws SpecError */
  write(key: string, found: Found): void {
    if (found.verdict === 'inconclusive') return
    const path = this.#path(key)
    try {
      mkdirSync(this.#folder, { recursive: true })
      writeText(path, `${JSON.stringify({ format: 'protocheck-cache', version: 1, key, sum: sumOf(key, found), found })}\n`)
    } catch (error) {
      throw new SpecError(
        { title: 'PROOF CANNOT BE KEPT', place: path, what: (error as Error).message, hint: 'Name another folder: --cache FOLDER, or keep none: --no-cache' },
        { cause: error },
      )
    }
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`)
  }
}

const sumOf = (key: string, found: Found): string => hashOf(key, JSON.stringify(found))

const parseEntry = (text: string, key: string): Found | undefined => {
  try {
    const parsed = entrySchema.safeParse(JSON.parse(text))
    if (!parsed.success || parsed.data.key !== key) return undefined
    const { found, sum } = parsed.data
    return sumOf(key, found) === sum ? found : undefined
  } catch {
    return undefined
  }
}

const hashOfFolder = (folder: string): string =>
  hashOf(
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter(entry => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
      .map(entry => join(entry.parentPath ?? entry.path, entry.name))
      .sort()
      .flatMap(path => [path.slice(folder.length), readFileSync(path, 'utf8')]),
  )

/** Of all code that a file is made of, as it is without what has no effect, and of the data beside it. Undefined if it loads code that esbuild cannot find. */
const codeHash = async (file: string, spec: Spec): Promise<string | undefined> => {
  try {
    const { build } = await import('esbuild')
    const { outputFiles, warnings } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      minify: true,
      keepNames: true,
      legalComments: 'none',
      format: 'esm',
      platform: 'node',
      target: 'es2022',
      plugins: [withoutChecker],
      logLevel: 'silent',
    })
    const code = outputFiles[0]?.text ?? ''
    // What is loaded by a name that is put together when it runs.
    if (warnings.length > 0 || /\b(?:import|require|createRequire)\s*\(/.test(code)) return undefined
    const data = [...spec.sources()].filter(([name]) => !/^\.[cm]?[jt]sx?$/.test(extname(name)))
    return hashOf(code, ...data.flat())
  } catch {
    return undefined
  }
}

/** The checker has a hash of its own; and the copy of Immutable is the checker's. */
const withoutChecker: Plugin = {
  name: 'without the checker',
  setup({ onResolve, resolve: find }) {
    onResolve({ filter: /^protocheck$/ }, ({ path }) => ({ path, external: true }))
    onResolve({ filter: /^immutable$/ }, ({ path, kind, pluginData }) =>
      pluginData === withoutChecker ? undefined : find(path, { resolveDir: checker, kind, pluginData: withoutChecker }),
    )
    onResolve({ filter: /^[./]/ }, ({ path, resolveDir, kind }) =>
      kind !== 'entry-point' && resolve(resolveDir, path).startsWith(checker) ? { path: 'protocheck', external: true } : undefined,
    )
  },
}
