import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Trace } from '../trace/trace.ts'
import { writeTrace } from '../trace/write.ts'
import { jsonParameters } from './parameters.ts'

/**
 * Saves a counterexample as `.json` (what `check replay` reads) and `.txt` (its drawing).
 * @param file where, or true for `counterexamples/<protocol>/<mutant or property>.json`
 * @returns the path of the `.json`, relative to `directory`
 */
export const saveTrace = (trace: Trace, drawing: string, file: string | true, directory: string): string => {
  const name = file === true ? `counterexamples/${trace.protocol}/${trace.mutant ?? trace.property}` : file.replace(/\.(json|txt)$/, '')
  const path = resolve(directory, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.json`, writeTrace({ ...trace, parameters: jsonParameters(trace.parameters) }))
  writeFileSync(`${path}.txt`, `${drawing.trimEnd()}\n`)
  return `${relative(directory, path)}.json`
}
