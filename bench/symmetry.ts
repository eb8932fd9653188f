/**
 * What symmetry costs: states a second with it and without, `npx tsx bench/symmetry.ts [--rounds N] [CASE…]`. See bench/README.md.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { AnyProtocol, Spec } from '../checker/protocol/protocol.ts'
import { DeadMessages } from '../checker/reduce/dead-messages.ts'
import { System } from '../checker/run/system.ts'
import { run } from '../checker/search/run.ts'
import { Search } from '../checker/search/search.ts'
import { CompiledLoop } from '../checker/steps/compiled/loop.ts'
import { Tables } from '../checker/tables/tables.ts'
import { raft } from '../specs/raft/protocol.ts'

/** A protocol, and how deep it is searched with and without dead messages. */
interface Case {
  protocol(): Spec
  readonly depth: number
  readonly depthWithDead: number
  /** Searches with symmetry that are one measurement, as each is so many times smaller: lest the least of many short ones be compared with that of a few long ones. */
  readonly times: number
}

const cases: { readonly [name: string]: Case } = {
  'raft-3-2-1': { protocol: () => raft({ nodes: 3, terms: 2, broadcasts: 1, crashes: 0 }), depth: 13, depthWithDead: 18, times: 6 },
  'raft-3-3-1': { protocol: () => raft({ nodes: 3, terms: 3, broadcasts: 1, crashes: 0 }), depth: 12, depthWithDead: 15, times: 6 },
  'raft-5-2-1': { protocol: () => raft({ nodes: 5, terms: 2, broadcasts: 1, crashes: 0 }), depth: 8, depthWithDead: 10, times: 100 },
}

interface Contender {
  readonly symmetry: boolean
  readonly dead: boolean
  /** Where nothing but symmetry reduces there is a compiled loop (steps/compiled/loop.ts), which can be left out. */
  readonly compiled: boolean
}

/** In pairs, without symmetry and with it. */
const contenders = [false, true].flatMap(dead =>
  (dead ? [false] : [true, false]).flatMap(compiled => [false, true].map((symmetry): Contender => ({ symmetry, dead, compiled }))),
)

interface Measured {
  readonly states: number
  readonly seconds: number
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Searches over tables that know all that is asked; of `repeats` measurements that which took the least CPU time. */
const measure = async ({ protocol, depth, depthWithDead, ...one }: Case, { symmetry, dead, compiled }: Contender, repeats: number): Promise<Measured> => {
  if (!compiled) CompiledLoop.apply = () => false
  const tables = new Tables(new System(protocol() as unknown as AnyProtocol), { symmetry })
  const messages = dead ? new DeadMessages(tables) : undefined
  const search = async (): Promise<Measured> => {
    const made = new Search(
      tables,
      {
        limits: { depth: dead ? depthWithDead : depth, states: Infinity, seconds: Infinity, bytes: Infinity },
        order: 'breadth',
        checkDeadlock: false,
        reducers: { partialOrder: undefined, dead: messages, bisimulation: undefined },
        enough: () => false,
        pulse: async () => undefined,
      },
      performance.now(),
    )
    const began = cpuSeconds()
    await run(made)
    return { states: made.states, seconds: cpuSeconds() - began }
  }
  do {
    messages?.forgive()
    await search()
  } while (messages !== undefined && messages.refutations > 0)
  const times = symmetry ? one.times : 1
  let least = Infinity
  let states = 0
  for (let i = 0; i < repeats; i++) {
    let seconds = 0
    for (let k = 0; k < times; k++) {
      const found = await search()
      seconds += found.seconds / times
      states = found.states
    }
    least = Math.min(least, seconds)
  }
  return { states, seconds: least }
}

const describe = ({ symmetry, dead, compiled }: Contender): string =>
  [dead ? 'dead messages' : compiled ? 'compiled' : 'not compiled', ...(symmetry ? ['symmetry'] : [])].join(', ')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, repeats: { type: 'string', default: '3' }, child: { type: 'string' } },
})
for (const name of positionals.length > 0 ? positionals : Object.keys(cases)) {
  const one = cases[name]
  if (one === undefined) throw new Error(`There is no case ${name}: ${Object.keys(cases).join(', ')}.`)
  if (values.child !== undefined) {
    console.log(JSON.stringify(await measure(one, contenders[Number(values.child)] as Contender, Number(values.repeats))))
    continue
  }
  const best: Measured[] = []
  for (let round = 0; round < Number(values.rounds); round++)
    for (const i of contenders.keys()) {
      const args = [...process.execArgv, fileURLToPath(import.meta.url), '--repeats', values.repeats, '--child', String(i), name]
      const found = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measured
      const before = best[i]
      if (before === undefined || found.seconds < before.seconds) best[i] = found
    }
  console.log(`\n${name}`)
  const rate = ({ states, seconds }: Measured): number => states / seconds
  for (const [i, contender] of contenders.entries()) {
    const found = best[i] as Measured
    const ratio = contender.symmetry ? `  ${(rate(found) / rate(best[i - 1] as Measured)).toFixed(2)}` : ''
    const [states, thousands] = [found.states, Math.round(rate(found) / 1000)].map(n => n.toLocaleString('en'))
    console.log(`${describe(contender).padEnd(26)}${states?.padStart(10)} states, ${found.seconds.toFixed(2)} CPU s, ${thousands} thousand states/s${ratio}`)
  }
}
