/**
 * A liveness property under weak fairness, protocheck next to Spin's nested depth-first search (`-DNFAIR`, `pan -a -f`), on the ring election: every node learns who leads. `npx tsx bench/liveness.ts [nodes …]`
 * Spin's model is `spin/leader.pml` with `-DLIVE`. Of each the CPU time is that of one process, started for this.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eachEventually, explore, fairDelivery, weaklyFair } from '../checker/index.ts'
import { measure } from './measure.ts'
import { ringElection } from './ring-election/protocol.ts'

const NODES = [8, 10, 12]

/** What one process of protocheck says: a line of JSON. */
const checkAlone = async (nodes: number): Promise<void> => {
  const protocol = {
    ...ringElection({ nodes }),
    fairness: [fairDelivery(), weaklyFair('node')],
    properties: {
      everyNodeLearns: eachEventually<Parameters<NonNullable<ReturnType<typeof ringElection>['properties']['greatestWins']['roles']>>[0], 'node', number>(
        'node',
        node => node.leader,
        leader => leader === nodes,
      ),
    },
  }
  const before = process.cpuUsage()
  const { verdict, states, seenBytes, peakBytes } = await explore(protocol, { property: 'everyNodeLearns' })
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ verdict, states, seenBytes, peakBytes, cpuSeconds: (user + system) / 1e6 }))
}

const compare = async (nodes: number, folder: string): Promise<void> => {
  const models = fileURLToPath(new URL('spin/leader.pml', import.meta.url))
  await measure(folder, 'bash', [
    '-c',
    'cd "$0" && spin -a "$@" && gcc -O3 -w -DNFAIR=4 -DNOREDUCE -DVECTORSZ=4096 -o pan pan.c',
    folder,
    `-DN=${nodes}`,
    '-DLIVE',
    models,
  ])
  const pan = await measure(folder, join(folder, 'pan'), ['-a', '-f', '-m10000000', '-w24'])
  if (!/errors: 0$/m.test(pan.stdout) || /max search depth too small/.test(pan.stdout)) throw new Error(`Spin did not finish:\n${pan.stdout}`)
  const of = (pattern: RegExp): string => pattern.exec(pan.stdout)?.[1] ?? '?'
  const own = JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), '--alone', String(nodes)], { encoding: 'utf8' }))
  console.log(
    `${nodes} nodes: protocheck ${own.verdict}, ${own.states} states, ${own.cpuSeconds.toFixed(2)} CPU s, ${Math.round(own.seenBytes / own.states)} B a state, peak ${Math.round(own.peakBytes / 2 ** 20)} MiB; ` +
      `Spin holds, ${of(/([0-9.e+]+) states, stored/)} states, ${of(/([0-9.e+]+) transitions/)} transitions, ${pan.cpuSeconds.toFixed(2)} CPU s, ${of(/([0-9.]+)\s+total actual memory/)} MB`,
  )
}

const [first, ...rest] = process.argv.slice(2)
if (first === '--alone') await checkAlone(Number(rest[0]))
else
  for (const nodes of first === undefined ? NODES : [first, ...rest].map(Number)) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-liveness-'))
    try {
      await compare(nodes, folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
