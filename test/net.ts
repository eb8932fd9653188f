/**
 * What `check … --json` says, but for times and memory, of the proofs, the mutants, the claims, and of some larger searches of each kind:
 * for changes that are to change none of it. Written before the change, compared after it:
 *
 *     npx tsx test/net.ts before.jsonl             # writes the file if there is none, else compares with it
 *     npx tsx test/net.ts before.jsonl raft/       # those whose name begins so, from a file that has more
 *     npx tsx test/net.ts large.jsonl large/       # the larger searches, some minutes
 *
 * Ends with 1 if anything is another.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import picocolors from 'picocolors'
import type { CheckJson } from '../checker/cli/contract.ts'
import { loadSpec, specNames } from '../checker/cli/load.ts'
import { main } from '../checker/cli/main.ts'
import { flagOf } from '../checker/cli/parameters.ts'
import type { Terminal } from '../checker/cli/terminal.ts'
import { parseLock } from '../checker/prove/lock.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Proofs that took longer, in seconds, are left out; some larger bounds are among the large searches. */
const SECONDS_MAX = 2

/** What is run: command lines, of which the last one's answer counts. */
interface Run {
  readonly name: string
  readonly lines: readonly (readonly string[])[]
}

const proofs = (): Run[] =>
  parseLock(readFileSync(join(root, 'specs/proofs.lock.json'), 'utf8'), 'proofs.lock.json').proofs.flatMap(({ protocol, parameters, seconds }) => {
    if (seconds > SECONDS_MAX) return []
    const given = Object.entries(parameters).map(([name, value]) => `--${flagOf(name)}=${value}`)
    return [{ name: `${protocol}/proof ${given.join(' ')}`, lines: [[protocol, ...given]] }]
  })

const variants = async (): Promise<Run[]> => {
  const specs = await Promise.all(specNames().map(name => loadSpec(name, root)))
  return specs.flatMap(({ name, mutants, claims }) => [
    ...Object.entries(mutants).flatMap(([mutant, { slow }]) => (slow ? [] : [{ name: `${name}/mutant ${mutant}`, lines: [[name, '--mutant', mutant]] }])),
    ...Object.keys(claims).map(claim => ({ name: `${name}/claim ${claim}`, lines: [[name, '--claim', claim]] })),
  ])
}

const large = (folder: string): Run[] => {
  const one = (line: string): Run => ({ name: `large/${line}`, lines: [line.split(' ')] })
  return [
    'raft --nodes 3 --terms 3 --broadcasts 1 --crashes 0',
    'raft --nodes 3 --terms 2 --broadcasts 2 --crashes 1',
    'raft --nodes 5 --terms 2 --broadcasts 0 --crashes 0',
    'transaction-commit --resources 8 --no-reduce --workers 1',
    'transaction-commit --resources 8 --no-reduce --workers 2',
    'transaction-commit --resources 10 --reduce symmetry',
    'lamport-mutex --reduce partial-order --no-symmetry',
    'raft --order depth',
    'total-order-lamport --order breadth',
    'raft --depth 9 --crashes 0',
    'view-service --views 3',
    'primary-backup --clients 1 --views 2 --no-symmetry',
    'causal-broadcast --messages 1 --reduce dead-messages,dead-fields,bisimulation,symmetry',
    'total-order-leader --simulate 2000 --seed 7',
  ]
    .map(one)
    .concat(
      ...['lamport-mutex', 'abd', 'quorum-register --no-reduce', 'raft --crashes 0'].map((line, i) => {
        const words = line.split(' ')
        const file = join(folder, `checkpoint-${i}`)
        const lines = [
          [...words, '--states', '3000', '--checkpoint', file],
          [...words, '--resume', file],
        ]
        return { name: `large/resume ${line}`, lines }
      }),
    )
}

/** What it printed on stdout. */
const printed = async (argv: readonly string[]): Promise<string> => {
  let text = ''
  const terminal: Terminal = {
    out: more => {
      text += more
    },
    err: () => {},
    draw: () => {},
    hasAnswered: () => text !== '',
    colors: picocolors.createColors(false),
    columns: 0,
    progressColumns: 0,
    directory: root,
    onInterrupt: () => () => {},
  }
  await main(argv, terminal)
  return text
}

type Answer = { readonly [field: string]: unknown }

/** Without what differs from one run to the next; of the counterexample a digest. */
const lasting = (json: CheckJson): Answer => {
  const { seconds: _, peakBytes: __, properties: ___, counterexample, ...rest } = json
  const digest = counterexample && createHash('sha256').update(JSON.stringify(counterexample)).digest('hex').slice(0, 16)
  return { ...rest, counterexample: digest }
}

const answer = async ({ lines }: Run): Promise<Answer> => {
  let text = ''
  for (const line of lines) text = await printed([...line, ...(line.includes('--workers') ? [] : ['--workers', '1']), '--json'])
  const json = JSON.parse(text) as CheckJson & { readonly error?: unknown }
  return json.error === undefined ? lasting(json) : { error: json.error }
}

const differences = (before: Answer, after: Answer): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(field => {
    const [was, is] = [JSON.stringify(before[field]), JSON.stringify(after[field])]
    return was === is ? [] : [`  ${field}: ${was} → ${is}`]
  })

const [file, prefix = ''] = process.argv.slice(2)
if (file === undefined) throw new Error('npx tsx test/net.ts FILE [PREFIX]')
const folder = mkdtempSync(join(tmpdir(), 'protocheck-net-'))
try {
  const runs = [...proofs(), ...(await variants()), ...large(folder)].filter(
    ({ name }) => name.startsWith(prefix) && (prefix !== '' || !name.startsWith('large/')),
  )
  const before = existsSync(file)
    ? new Map(
        readFileSync(file, 'utf8')
          .trimEnd()
          .split('\n')
          .map(line => JSON.parse(line) as readonly [string, Answer]),
      )
    : undefined
  const answers: string[] = []
  let changed = 0
  for (const run of runs) {
    const start = process.cpuUsage()
    const after = await answer(run)
    const { user, system } = process.cpuUsage(start)
    const lines = before === undefined ? [] : differences(before.get(run.name) ?? {}, after)
    if (lines.length > 0) changed++
    console.log([`${((user + system) / 1e6).toFixed(1).padStart(6)} s  ${run.name}`, ...lines].join('\n'))
    answers.push(JSON.stringify([run.name, after]))
  }
  if (before === undefined) writeFileSync(file, `${answers.join('\n')}\n`)
  console.log(before === undefined ? `${runs.length} runs written` : `${runs.length} runs compared, ${changed} are others`)
  if (changed > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
