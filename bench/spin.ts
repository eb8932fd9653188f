import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Case } from './cases.ts'
import { measure } from './measure.ts'
import type { Result } from './result.ts'

/** One way to search with Spin. */
export interface SpinSearch {
  readonly label: string
  readonly program: string
  /** Slots of Spin's hash table, as a power of two. */
  readonly hashBits: number
}

const models = fileURLToPath(new URL('spin', import.meta.url))
const BYTES_PER_MEGABYTE = 1024 * 1024

/** So many that at least three of four slots are empty and the lists in the table stay short; with more, Spin got no faster. */
const hashBitsFor = (states: number): number => Math.ceil(Math.log2(states)) + 2

/** Generates and compiles Spin's verifiers of a case, depth-first and breadth-first, in `folder`. The time this takes is not counted. */
export const buildSpin = async ({ name, model, defines, reduce, states }: Case, folder: string): Promise<readonly SpinSearch[]> => {
  const source = join(folder, name)
  mkdirSync(source)
  const macros = Object.entries(defines).map(([macro, value]) => `-D${macro}=${value}`)
  await measure(folder, 'bash', ['-c', 'cd "$0" && spin -a "$@"', source, ...macros, join(models, `${model}.pml`)])
  const reduction = reduce.includes('partial-order') ? [] : ['-DNOREDUCE']
  const searches = [
    { label: 'Spin, depth-first', flags: [], program: join(source, 'pan-depth') },
    { label: 'Spin, breadth-first', flags: ['-DBFS'], program: join(source, 'pan-breadth') },
  ]
  for (const { flags, program } of searches) {
    await measure(folder, 'gcc', ['-O3', '-w', '-DSAFETY', '-DVECTORSZ=4096', ...reduction, ...flags, '-o', program, join(source, 'pan.c')])
  }
  return searches.map(({ label, program }) => ({ label, program, hashBits: hashBitsFor(states) }))
}

const numberBefore = (text: string, unit: string): number | undefined => {
  const match = new RegExp(`([0-9.e+]+)\\s+${unit}`).exec(text)
  return match?.[1] === undefined ? undefined : Number(match[1])
}

const demand = (text: string, unit: string): number => {
  const value = numberBefore(text, unit)
  if (value === undefined) throw new Error(`Spin's report says nothing of "${unit}":\n${text}`)
  return value
}

/** @throws Error when Spin found an error, or gave up. */
export const runSpin = async ({ label, program, hashBits }: SpinSearch, folder: string): Promise<Result> => {
  const { stdout, cpuSeconds, wallSeconds } = await measure(folder, program, [`-w${hashBits}`])
  if (!/errors: 0$/m.test(stdout) || /max search depth too small|search not completed/.test(stdout)) throw new Error(`${label} did not finish:\n${stdout}`)
  return {
    checker: label,
    states: demand(stdout, 'states, stored'),
    transitions: demand(stdout, 'transitions '),
    cpuSeconds,
    wallSeconds,
    startSeconds: 0,
    seenBytes: (demand(stdout, 'actual memory usage for states') + (numberBefore(stdout, 'memory used for hash table') ?? 0)) * BYTES_PER_MEGABYTE,
    peakBytes: demand(stdout, 'total actual memory usage') * BYTES_PER_MEGABYTE,
    handlerCalls: null,
  }
}
