/** One case in this process: `child.js NAME` prints a {@link ChildResult}. */
import { explore } from '../checker/search/explore.ts'
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
const report = await explore(protocol, { reduce: found.reduce, exact: true })
if (report.verdict !== 'holds' || !report.complete) throw new Error(`${name}: ${report.verdict}, ${report.property ?? report.stoppedBy ?? 'not complete'}`)
const checker = found.reduce.every(reduction => report.reductions.includes(reduction)) ? 'protocheck' : 'protocheck, unreduced'
const { states, transitions, seenBytes, peakBytes, handlerCalls } = report
console.log(JSON.stringify({ checker, states, transitions, seenBytes, peakBytes, handlerCalls, startSeconds } satisfies ChildResult))
