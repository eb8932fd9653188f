/**
 * Spin and protocheck, side by side: `npx tsx bench/run.ts [--rounds N] [--workers N] [CASE…]`. See bench/README.md.
 * Ends with 1 when the two disagree on how many states there are.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Case, cases, standard } from './cases.ts'
import { buildProtocheck, runProtocheck } from './protocheck.ts'
import type { Result } from './result.ts'
import { buildSpin, runSpin } from './spin.ts'
import { tableOf } from './table.ts'

const usage = `npx tsx bench/run.ts [--rounds N] [--workers N] [CASE…]

cases: ${cases.map(({ name }) => name).join(', ')}
--rounds N  run each checker N times, in turn, and show the run of each that took least CPU time (default 1)
--workers N protocheck once more, with so many threads
--no-spin   protocheck alone`

/** The run that took least: what a busy machine adds is no checker's doing. */
const least = (runs: readonly Result[]): Result => runs.reduce((best, run) => (run.cpuSeconds < best.cpuSeconds ? run : best))

const runCase = async (one: Case, rounds: number, withSpin: boolean, workers: number, folder: string): Promise<readonly Result[]> => {
  const searches = withSpin ? await buildSpin(one, folder) : []
  const contenders = [...searches.map(search => () => runSpin(search, folder)), () => runProtocheck(one, folder)]
  if (workers > 1) contenders.push(() => runProtocheck(one, folder, workers))
  const runs: Result[][] = contenders.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) runs[index]?.push(await contender())
  }
  return runs.map(least)
}

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      rounds: { type: 'string', default: '1' },
      workers: { type: 'string', default: '1' },
      spin: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  const workers = Number(values.workers)
  const chosen = (positionals.length > 0 ? positionals : standard).map(name => cases.find(one => one.name === name) ?? name)
  const unknown = chosen.filter(one => typeof one === 'string')
  if (values.help || unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(workers) || workers < 1) {
    console.error([...unknown.map(name => `There is no case ${name}.`), usage].join('\n'))
    return values.help ? 0 : 2
  }
  const folder = mkdtempSync(join(tmpdir(), 'protocheck-bench-'))
  let code = 0
  try {
    await buildProtocheck(folder)
    for (const one of chosen.filter(one => typeof one !== 'string')) {
      const results = await runCase(one, rounds, values.spin, workers, folder)
      console.log(`\n${one.name}${one.reduce.length > 0 ? ` (${one.reduce.join(', ')})` : ''}\n${tableOf(results)}`)
      const wrong = one.reduce.length > 0 ? [] : results.filter(({ states }) => states !== one.states)
      for (const { checker, states } of wrong) console.error(`${one.name}: ${checker} found ${states} distinct states, not ${one.states}.`)
      if (wrong.length > 0) code = 1
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return code
}

process.exitCode = await main()
