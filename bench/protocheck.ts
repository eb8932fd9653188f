import { fileURLToPath } from 'node:url'
import type { Case } from './cases.ts'
import type { ChildResult } from './child.ts'
import { measure } from './measure.ts'
import type { Result } from './result.ts'

const child = fileURLToPath(new URL('child.ts', import.meta.url))

/** Runs one case in a process of its own: one exact breadth-first search. */
export const runProtocheck = async ({ name }: Case, folder: string): Promise<Result> => {
  const { stdout, cpuSeconds, wallSeconds } = await measure(folder, process.execPath, ['--import', 'tsx', child, name])
  const result = JSON.parse(stdout) as ChildResult
  return { ...result, cpuSeconds, wallSeconds }
}
