/**
 * What learning costs: each question as it is asked by default, and in three ways without learning. Prints a table of the worst, and ends with 1 if the default takes more than twice
 * as long as the best of the others. Where both take less than half a second, work is compared in place of CPU seconds, which then belong to the compiler and to chance.
 *
 *     npx tsx bench/learning.ts                             # all of specs/, larger bounds, reported bugs, and 300 random protocols of 1,000 to 60,000 states
 *     npx tsx bench/learning.ts 'raft --terms 3' ./mine.ts  # these
 *     npx tsx bench/learning.ts --random 30 --seed 2        # random protocols only
 *     npx tsx bench/learning.ts --rows 100                  # so many rows in place of ten
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { specNames } from '../checker/cli/load.ts'
import type { Learnt, Way } from './learning-child.ts'

const larger = [
  'raft --terms 4 --length 1 --crashes 0',
  'raft --nodes 5 --broadcasts 0',
  'transaction-commit --resources 7',
  'two-phase-commit --replicas 4',
  'lamport-clocks --maxClock 3',
  'lamport-mutex --maxClock 5',
  'reliable-broadcast --nodes 4',
  'fifo-broadcast --messages 3',
  'total-order-lamport --messages 2',
  'quorum-register --readers 3',
  'vector-clocks --maxEvents 3',
  './bench/cases/fsync.ts',
  './bench/cases/lease.ts',
  './bench/cases/readindex.ts',
  './bench/cases/zab-sync.ts',
  './bench/over-reliable/chang-roberts.ts --nodes 7',
  './bench/over-reliable/echo.ts --nodes 4',
  './bench/over-reliable/two-phase-commit.ts --resources 6',
  './test/fixtures/paxos-board.ts',
  './test/fixtures/ewd840.ts --nodes 5',
  './test/fixtures/stranger.ts --clients 6',
  './test/fixtures/stranger.ts --clients 7',
  './test/fixtures/bracha.ts',
  './test/fixtures/bracha.ts --lies 5',
  './test/fixtures/raft-membership.ts',
  './test/fixtures/raft-membership.ts --terms 3 --changes 1',
]

const waysNamed: readonly Way[] = ['default', 'nothing', 'symmetry', 'symmetry, subsumption']

type Ways = { readonly [way in Way]: Learnt }

/** CPU seconds below which work is compared. */
const SHORT = 0.5

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '100' },
    random: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    rows: { type: 'string', default: '10' },
  },
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

/** How many times as long as the best of the others the default takes; none of those may have ended before they were stopped, then less than this. */
const ratio = (of: Ways): { readonly times: number; readonly by: 'CPU' | 'work'; readonly isLess: boolean } => {
  const others = waysNamed.filter(way => way !== 'default').map(way => of[way])
  const done = others.filter(isDone)
  const [best, least] = [
    Math.min(...(done.length > 0 ? done : others).map(one => one.cpuSeconds)),
    Math.min(...(done.length > 0 ? done : others).map(one => one.work)),
  ]
  const by = of.default.cpuSeconds < SHORT && best < SHORT ? 'work' : 'CPU'
  const times = by === 'CPU' ? of.default.cpuSeconds / best : of.default.work / least
  return { times: isDone(of.default) || done.length === 0 ? times : Infinity, by, isLess: done.length === 0 }
}

/** The others are stopped when they have taken longer than the default. */
const measured = (name: string): Ways => {
  const [target = '', ...given] = name.split(' ')
  const ask = (way: Way, seconds: number): Learnt => JSON.parse(child(way, String(seconds), target, ...given)) as Learnt
  const byDefault = ask('default', Number(values.seconds))
  const limit = 1 + 1.5 * byDefault.seconds
  const of: Ways = {
    default: byDefault,
    nothing: ask('nothing', limit),
    symmetry: ask('symmetry', limit),
    'symmetry, subsumption': ask('symmetry, subsumption', limit),
  }
  console.error(`${name}: ${waysNamed.map(way => time(of[way])).join(', ')}; ${JSON.stringify(ratio(of))}`)
  return of
}

const random = (wanted: number): Ways[] => {
  const found: Ways[] = []
  for (let seed = Number(values.seed); found.length < wanted; seed++) {
    const lines = child('default', values.seconds, 'random', String(seed), '100').split('\n').filter(Boolean)
    console.error(`${lines.length} random protocols of seed ${seed}`)
    found.push(...lines.slice(0, wanted - found.length).map(line => JSON.parse(line) as Ways))
  }
  return found
}

const time = (one: Learnt): string => (isDone(one) ? one.cpuSeconds.toFixed(2) : `> ${one.cpuSeconds.toFixed(1)}`)

const median = (numbers: readonly number[]): string => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]?.toFixed(2) ?? '–'

/** Are all within twice? */
const tell = (title: string, rows: readonly (readonly [name: string, of: Ways])[], shown: number): boolean => {
  const worst = rows.map(([name, of]) => ({ name, of, ...ratio(of) })).sort((a, b) => b.times - a.times)
  const long = worst.filter(({ times, isLess }) => times > 2 && !isLess)
  const total = (way: Way): string => rows.reduce((sum, [, of]) => sum + of[way].cpuSeconds, 0).toFixed(1)
  console.log(`\n${title}: ${rows.length}. CPU s of all: ${waysNamed.map(way => `${way} ${total(way)}`).join('; ')}.`)
  console.log(`Default to the best of the others, of each: median ${median(worst.map(({ times }) => times))}; more than 2: ${long.length}.\n`)
  console.log(`| protocol | ${waysNamed.join(' | ')} | default / best of the others | states, handler calls by default |`)
  console.log('|---|---|---|---|---|---|---|')
  for (const { name, of, times, by, isLess } of worst.slice(0, shown)) {
    const { states, handlerCalls } = of.default
    console.log(
      `| ${name} | ${waysNamed.map(way => time(of[way])).join(' | ')} | ${isLess ? '< ' : ''}${times.toFixed(2)}${by === 'work' ? ' (work)' : ''} | ${states.toLocaleString('en')}, ${handlerCalls.toLocaleString('en')} |`,
    )
  }
  return long.length === 0
}

const asksRandom = process.argv.includes('--random')
const named = positionals.length > 0 ? positionals : asksRandom ? [] : [...specNames(), ...larger]
const shown = Number(values.rows)
let ok = true
if (named.length > 0)
  ok = tell(
    'protocols',
    named.map(name => [name, measured(name)]),
    positionals.length > 0 ? named.length : shown,
  )
if (positionals.length === 0)
  ok =
    tell(
      `random protocols from seed ${values.seed}`,
      random(Number(values.random)).map((of, i) => [String(i), of]),
      asksRandom ? shown : 3,
    ) && ok
process.exitCode = ok ? 0 : 1
