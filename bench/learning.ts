/**
 * What learning costs: each question as it is asked by default, and by what does without learning. Prints a table, and ends with 1 if the default takes more than twice
 * as long as the best of the others, and more than a second longer.
 *
 *     npx tsx bench/learning.ts                             # all of specs/, larger bounds, and test/fixtures
 *     npx tsx bench/learning.ts 'raft --terms 3' ./mine.ts  # these
 *     npx tsx bench/learning.ts --random 300 --seed 1       # so many random protocols of 1,000 to 100,000 states
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { specNames } from '../checker/cli/load.ts'
import type { Learnt, Way } from './learning-child.ts'

const larger = [
  'raft --terms 3',
  'raft --nodes 5 --broadcasts 0',
  'transaction-commit --resources 7',
  'causal-broadcast --messages 3',
  './test/fixtures/stranger.ts --clients 6',
  './test/fixtures/stranger.ts --clients 7',
  './test/fixtures/bracha.ts',
  './test/fixtures/bracha.ts --lies 5',
  './test/fixtures/raft-membership.ts',
  './test/fixtures/raft-membership.ts --terms 3 --changes 1',
]

const waysNamed: readonly Way[] = ['default', 'nothing', 'symmetry', 'symmetry, subsumption']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, random: { type: 'string' }, seed: { type: 'string', default: '1' } },
})

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const child = (...args: readonly string[]): string => {
  const ran = spawnSync(process.execPath, ['--import', here('../bin/typescript.mjs'), here('learning-child.ts'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  })
  if (ran.status !== 0) throw new Error(`${args.join(' ')} ended with ${ran.status}.`)
  return ran.stdout
}

const isDone = ({ verdict }: Learnt): boolean => verdict !== 'inconclusive'

/** How many times as long as the best of the others the default takes; nothing if none of these ends. */
const ratio = (of: { readonly [way in Way]: Learnt }): number | undefined => {
  const others = waysNamed.flatMap(way => (way !== 'default' && isDone(of[way]) ? [of[way].cpuSeconds] : []))
  if (others.length === 0) return undefined
  return isDone(of.default) ? of.default.cpuSeconds / Math.min(...others) : Infinity
}

const isTooLong = (of: { readonly [way in Way]: Learnt }): boolean => {
  const times = ratio(of)
  return times !== undefined && times > 2 && of.default.cpuSeconds * (1 - 1 / times) > 1
}

const time = (one: Learnt): string => (isDone(one) ? one.cpuSeconds.toFixed(1) : `> ${one.cpuSeconds.toFixed(0)}`)

let failed = false
if (values.random !== undefined) {
  const wanted = Number(values.random)
  const found: { readonly [way in Way]: Learnt }[] = []
  for (let seed = Number(values.seed); found.length < wanted; seed++) {
    const lines = child('default', values.seconds, 'random', String(seed), '100').split('\n').filter(Boolean)
    found.push(...lines.slice(0, wanted - found.length).map(line => JSON.parse(line) as { readonly [way in Way]: Learnt }))
  }
  const total = (way: Way): string => found.reduce((sum, one) => sum + one[way].cpuSeconds, 0).toFixed(1)
  const ratios = found.map(one => ratio(one) ?? 0).sort((a, b) => a - b)
  const long = found.filter(isTooLong)
  console.log(`${found.length} random protocols from seed ${values.seed}, CPU seconds of all: ${waysNamed.map(way => `${way} ${total(way)}`).join('; ')}`)
  console.log(
    `default to the best of the others, of each: median ${ratios[ratios.length >> 1]?.toFixed(2)}, at most ${ratios.at(-1)?.toFixed(2)}; more than twice and a second longer: ${long.length}`,
  )
  for (const one of long) console.log(JSON.stringify(one))
  failed = long.length > 0
} else {
  console.log(`| protocol | ${waysNamed.join(' | ')} | default / best of the others | states, handler calls by default |`)
  console.log('|---|---|---|---|---|---|---|')
  for (const name of positionals.length > 0 ? positionals : [...specNames(), ...larger]) {
    const [target = '', ...given] = name.split(' ')
    const of = Object.fromEntries(waysNamed.map(way => [way, JSON.parse(child(way, values.seconds, target, ...given)) as Learnt])) as {
      readonly [way in Way]: Learnt
    }
    if (isTooLong(of)) failed = true
    const { states, handlerCalls } = of.default
    console.log(
      `| ${name} | ${waysNamed.map(way => time(of[way])).join(' | ')} | ${ratio(of)?.toFixed(2) ?? '–'} | ${states.toLocaleString('en')}, ${handlerCalls.toLocaleString('en')} |`,
    )
  }
}
process.exitCode = failed ? 1 : 0
