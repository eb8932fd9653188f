/** The code of *violated*, 1, means that and nothing else: whatever else happens, the process ends with another one, and says why. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bin, ended, folder, shellCheck, spawnCheck, tally } from '../support/cli-support.ts'

const spec = (more: string, properties = '') => `import { Record } from 'immutable'
import { each } from 'protocheck'
class Node extends Record({ a: 0 }) {}
export const tiny = {
  name: 'tiny', source: 'none', network: 'reliable',
  roles: { node: { count: 2, init: () => new Node(), on: {}, actions: { go: { when: n => n.a < 2, do: n => n.set('a', n.a + 1) } } } },
  properties: { ${properties} },
}
${more}
`

const violated = spec('', `low: each('node', n => n.a, a => a < 2)`)

/** Some 10^9 states; it says when the search is under way. */
const large = `import { Record } from 'immutable'
class Node extends Record({ a: 0 }) {}
let isSaid = false
const say = () => { if (!isSaid) console.error('searching'); isSaid = true }
export const large = {
  name: 'large', source: 'none', network: 'reliable',
  roles: { node: { count: 9, init: () => new Node(), on: {}, actions: {
    go: { when: (n, { rule }) => rule('few', n.a < 9), do: n => { if (n.a === 2) say(); return n.set('a', n.a + 1) } },
    back: { when: (n, { rule }) => rule('some', n.a > 1), do: n => n.set('a', n.a - 1) },
  } } },
  properties: {},
}
`

const directory = folder({
  'large.ts': large,
  'rejects.ts': spec(`Promise.reject(new Error('lost'))`),
  'rejects-later.ts': spec(`queueMicrotask(() => Promise.reject(new Error('lost')))`),
  'throws-later.ts': spec(`setImmediate(() => { throw new Error('lost') })`),
  'exits-0.ts': spec('process.exit(0)'),
  'exits-1.ts': spec('process.exit(1)'),
  'exits-later.ts': spec('setImmediate(() => process.exit(1))'),
  'never.ts': spec('await new Promise(() => {})'),
  'interval.ts': spec('setInterval(() => {}, 1_000)'),
  'loud.ts': spec(`console.log('hello'); process.stdout.write('there')`),
  'listens.ts': spec(`import { createServer } from 'node:net'\ncreateServer().listen(0)`),
  'throws.ts': spec(`throw new Error('no')`),
  'throws-nothing.ts': spec('throw undefined'),
  'violated.ts': violated,
})

/** Command lines (by a shell), the code, and what is said. */
const table: readonly (readonly [command: string, code: number, said?: string])[] = [
  ['$check', 2, 'Usage: check'],
  ['$check violated.ts', 1],
  ['$check violated.ts | true', 1],
  ['$check violated.ts --json | head -c 1', 1],
  ['$check two-phase-commit | head -n 1', 0],
  ['$check list | head -n 1', 0],
  ['$check two-phase-commit > /dev/full', 2, 'could not be written to stdout'],
  ['$check violated.ts > /dev/full', 2, 'could not be written to stdout'],
  ['$check list --json > /dev/full', 2, 'could not be written to stdout'],
  ['$check --help > /dev/full', 2, 'could not be written to stdout'],
  ['$check two-phase-commit 2> /dev/full', 0],
  ['$check nothing 2> /dev/full', 2],
  ['$check two-phase-commit 2>&-', 0],
  ['$check rejects.ts', 2, 'lost'],
  ['$check rejects-later.ts', 2, 'lost'],
  ['$check throws-later.ts', 2, 'lost'],
  ['$check exits-0.ts', 2, 'process.exit(0)'],
  ['$check exits-1.ts', 2, 'process.exit(1)'],
  ['$check exits-later.ts', 2, 'process.exit(1)'],
  ['$check never.ts', 2, 'never settles'],
  ['$check interval.ts', 0],
  ['$check listens.ts', 0],
  ['$check throws.ts', 2, 'FILE DOES NOT LOAD'],
  ['$check throws-nothing.ts', 2, 'FILE DOES NOT LOAD'],
  ['$check lamport-mutex --no-reduce --states 2000', 3],
]

test('whatever ends the process, its code says what happened', { timeout: 300_000 }, async () => {
  const result = await tally(table, async ([command, code, said]) => {
    const found = await shellCheck(command, directory)
    if (found.code !== code) return `${found.code}: ${found.err}`
    return said === undefined || (found.out + found.err).includes(said) ? undefined : `it says ${found.err}`
  })
  expect(result).toEqual({ tried: 25, failed: [] })
})

describe('--json', () => {
  const asked: readonly string[] = [
    'violated.ts',
    'loud.ts',
    'interval.ts',
    'rejects.ts',
    'exits-0.ts',
    'exits-1.ts',
    'never.ts',
    'throws.ts',
    'nowhere.ts',
    'two-phase-comit',
    'violated.ts --jsn',
    'violated.ts --depth x',
    'violated.ts --states 1',
    'violated.ts --rules',
    'violated.ts --property none',
    'two-phase-commit --resume none.check',
    'replay none.json',
    'list',
    '--depth 3',
  ]
  test('prints exactly one object, whatever happens', { timeout: 300_000 }, async () => {
    const result = await tally(asked, async args => {
      const { code, out } = await spawnCheck([...args.split(' '), '--json'], directory)
      const lines = out.split('\n')
      const json = JSON.parse(out) as { error?: object; verdict?: string }
      if (args !== 'list' && lines.length !== 2) return `${lines.length} lines`
      if (code === 2) return Object.keys(json.error ?? {}).join() === 'title,place,what,why,execution,hint' ? undefined : `no error: ${out}`
      return args === 'list' || json.verdict !== undefined ? undefined : `no verdict: ${out}`
    })
    expect(result).toEqual({ tried: 19, failed: [] })
  })

  test('what code of a protocol prints goes to stderr', async () => {
    const { code, out, err } = await spawnCheck(['loud.ts', '--json'], directory)
    expect([code, err]).toEqual([0, 'hello\nthere'])
    expect(JSON.parse(out)).toMatchObject({ verdict: 'holds' })
  })
})

describe('a signal', () => {
  /** Sends it once the search is under way. */
  const interrupted = async (args: readonly string[], signal: NodeJS.Signals) => {
    const child = spawn(process.execPath, [bin, 'large.ts', ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stderr.once('data', () => child.kill(signal))
    return ended(child)
  }

  test('ends a search with what is known, whichever it is', { timeout: 300_000 }, async () => {
    const result = await tally(['SIGINT', 'SIGTERM', 'SIGHUP'] as const, async signal => {
      const { code, out } = await interrupted(['--json', '--no-reduce'], signal)
      return code === 3 && (JSON.parse(out) as { verdict: string }).verdict === 'inconclusive' ? undefined : `${code} ${out}`
    })
    expect(result).toEqual({ tried: 3, failed: [] })
  })

  test('ends a table of rules with 3, and says what is missing', { timeout: 300_000 }, async () => {
    const { code, out } = await interrupted(['--rules', '--json', '--time', '100s'], 'SIGTERM')
    expect(code).toBe(3)
    const { rules, rows, missing } = JSON.parse(out) as { rules: unknown[]; rows: unknown[]; missing: number }
    expect([rules.length, rows.length, missing]).toEqual([2, 0, 4])
  })
})

test('an older Node is refused, by a file that it can read', { timeout: 60_000 }, async () => {
  const old = folder({ 'old.cjs': `Object.defineProperty(process.versions, 'node', { value: '18.19.0' })` })
  const { code, err } = await spawnCheck(['list'], directory, ['--require', join(old, 'old.cjs')])
  expect([code, err]).toEqual([2, 'protocheck needs Node.js 20.6 or later; this is 18.19.0.\n'])
})
