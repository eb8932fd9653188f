/** One case in this process: `child.js NAME [WORKERS]` prints a {@link ChildResult}. */
import { explore } from '../checker/check/explore.ts'
import { threads } from '../checker/workers/threads.ts'
import { cases } from './cases.ts'
import type { Result } from './result.ts'

export type ChildResult = Omit<Result, 'cpuSeconds' | 'wallSeconds'>

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const name = process.argv[2]
const found = cases.find(one => one.name === name)
if (found === undefined) throw new Error(`There is no case ${name}.`)

const protocol = found.protocol()
const startSeconds = cpuSeconds()
const workers = threads(Number(process.argv[3] ?? 1))
const report = await explore(protocol, { reduce: found.reduce, workers })
if (report.verdict !== 'holds' || !report.complete) throw new Error(`${name}: ${report.verdict}, ${report.property ?? report.stoppedBy ?? 'not complete'}`)
const unreduced = found.reduce.every(reduction => report.reductions.includes(reduction)) ? '' : ', unreduced'
const checker = `protocheck${unreduced}${report.workers > 1 ? `, ${report.workers} workers` : ''}`
const { states, transitions, seenBytes, peakBytes, handlerCalls } = report
console.log(JSON.stringify({ checker, states, transitions, seenBytes, peakBytes, handlerCalls, startSeconds } satisfies ChildResult))
