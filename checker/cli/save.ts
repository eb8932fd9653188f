import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { SpecError } from '../protocol/errors.ts'
import type { Trace } from '../trace/trace.ts'
import { writeTrace } from '../trace/write.ts'
import { beginning, tryToWrite, writeText } from './files.ts'

/** Names of protocols, mutants and properties are any text: what might lead out of the folder, or mean something to a shell, is left out of a path. */
export const fileName = (name: string): string =>
  name
    .replaceAll(/[^\p{L}\p{N}_.-]+/gu, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 100) || 'unnamed'

/**
 * The path of the `.json`, relative to `directory`.
 * @param file where, or true for `counterexamples/<protocol>/<mutant, claim or property>.json`
 * @param broken the mutant, claim or property
 */
export const placeOf = (file: string | true, protocol: string, broken: string, directory: string): string => {
  const name = file === true ? `counterexamples/${fileName(protocol)}/${fileName(broken)}` : file.replace(/\.(json|txt)$/, '')
  return `${relative(directory, resolve(directory, name))}.json`
}

/** Before the search: sees to it that a counterexample can be saved there. @param broken see `placeOf`; unknown so far where any property may be violated @throws SpecError */
export const trySave = (file: string | true, protocol: string, broken: string | null, directory: string): void => {
  const path = resolve(directory, placeOf(file, protocol, broken ?? 'unnamed', directory))
  refuseToReplace(path)
  try {
    tryToWrite(path)
  } catch (error) {
    throw new SpecError(
      { title: 'COUNTEREXAMPLE CANNOT BE SAVED', place: path, what: (error as Error).message, hint: 'Name another file: --save FILE' },
      { cause: error },
    )
  }
}

/**
 * Saves a counterexample as `.json` (what `check replay` reads) and `.txt` (its drawing).
 * @throws Error of the file system; SpecError where something else is there
 */
export const saveTrace = (trace: Trace, drawing: string, place: string, directory: string): void => {
  const path = resolve(directory, place)
  refuseToReplace(path)
  mkdirSync(dirname(path), { recursive: true })
  writeText(path, writeTrace(trace))
  writeText(drawingOf(path), `${drawing.trimEnd()}\n`)
}

const drawingOf = (path: string): string => path.replace(/json$/, 'txt')

/** @throws SpecError if something else than a counterexample is there */
const refuseToReplace = (path: string): void => {
  const found = isFileAt(path) ? beginning(path, 200)?.toString() : undefined
  const isTrace = found !== undefined && (found === '' || found.includes('"protocheck-trace"'))
  const taken = found !== undefined && !isTrace ? path : found === undefined && existsSync(drawingOf(path)) ? drawingOf(path) : undefined
  if (taken === undefined) return
  throw new SpecError({
    title: 'NOT A COUNTEREXAMPLE',
    place: taken,
    what: 'What is there was not written by --save, so it is not replaced.',
    hint: 'Name another file: --save FILE',
  })
}

const isFileAt = (path: string): boolean => existsSync(path) && statSync(path).isFile()
