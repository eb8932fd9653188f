import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Case } from './cases.ts'
import type { ChildResult } from './child.ts'
import { measure } from './measure.ts'
import type { Result } from './result.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Compiles the checker and the cases as the package is compiled: what is measured is what an installed user runs. */
export const buildProtocheck = async (folder: string): Promise<void> => {
  rmSync(here('built'), { recursive: true, force: true })
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  await measure(folder, process.execPath, [compiler, '-p', here('tsconfig.json')])
}

/** Runs one case in a process of its own: one exact breadth-first search, by so many threads. */
export const runProtocheck = async ({ name }: Case, folder: string, workers = 1): Promise<Result> => {
  const { stdout, cpuSeconds, wallSeconds } = await measure(folder, process.execPath, [here('built/bench/child.js'), name, String(workers)])
  const result = JSON.parse(stdout) as ChildResult
  return { ...result, cpuSeconds, wallSeconds }
}
