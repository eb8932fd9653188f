/** How `check prove` runs: what it keeps, how it shares work out, and what becomes of proofs that are cut off. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadSpec } from '../../checker/cli/load.ts'
import { usualCache } from '../../checker/cli/proofs/cache.ts'
import { parseShard, planOf, shardOf } from '../../checker/cli/proofs/plan.ts'
import { Processes } from '../../checker/cli/proofs/pool.ts'
import { run } from '../support/cli-support.ts'

/** A counter: a text that may be changed, in a folder of its own. */
const text = (limit = 'count < limit', more = '') => `
import { Record } from 'immutable'
import { each, family } from 'protocheck'
class Counter extends Record({ count: 0 }) {}
export const counter = family({ limit: 2 }, ({ limit }) => ({
  name: 'counter', network: 'reliable',
  roles: { node: { count: 1, init: () => new Counter(), on: {}, actions: {
    count: { when: ({ count }) => ${limit}, do: node => node.set('count', node.count + 1) },
  } } },
  properties: { small: each('node', n => n.count, count => count < 5) },
}))
${more}`

let written = 0
/** A new file each time: modules are loaded once. */
const file = (directory: string, content: string): string => {
  const name = `./counter${written++}.ts`
  writeFileSync(join(directory, name), content)
  return name
}

const folder = () => mkdtempSync(join(tmpdir(), 'proofs-'))

const prove = (directory: string, args: string) => run(`prove ${args} --lock lock.json --cache cache`, {}, { directory })

/** The same lock file for a file of another name. */
const moveLock = (directory: string, from: string, to: string): void => {
  const path = join(directory, 'lock.json')
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, to))
}

/** What is proved of one text, and then of another. */
const twice = async (before: string, after: string) => {
  const directory = folder()
  const first = file(directory, before)
  expect(await prove(directory, `${first} --update`)).toMatchObject({ code: 0, out: expect.not.stringContaining('from the cache') })
  const second = file(directory, after)
  moveLock(directory, first, second)
  return prove(directory, second)
}

describe('what is kept', () => {
  test.each([
    ['a comment', text('count < limit /* no more */')],
    ['the layout', text('\n      count <\n        limit')],
    ['a local by another name', text().replaceAll('({ count }) => count < limit', '({ count: so }) => so < limit')],
    ['a type', text('(count as number) < limit')],
  ])('%s changes nothing: it comes from the cache', async (_, after) => {
    const again = await twice(text(), after)
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('1 of them from the cache')])
  })

  test('the same guard, said otherwise, is derived anew, and is the same behaviour', async () => {
    const again = await twice(text(), text('!(count >= limit)'))
    expect([again.code, again.out]).toEqual([0, expect.not.stringContaining('from the cache')])
  })

  test('another guard is another behaviour: which handler', async () => {
    const again = await twice(text(), text('count <= limit'))
    expect([again.code, again.out]).toEqual([1, expect.stringContaining('node.count does something else.')])
  })

  const spoiled: [string, (text: string) => string][] = [
    ['a truncated one', whole => whole.slice(0, whole.length / 2)],
    ['an empty one', () => ''],
    ['one of a newer version', whole => whole.replace('"version":1', '"version":2')],
    ['one whose answer was changed', whole => whole.replace('"states":3', '"states":4')],
    ['one of another question', whole => whole.replace(/"key":"./, '"key":"!')],
    ['one that is too large', whole => `${whole}${' '.repeat(17 * 1024 * 1024)}`],
    ['no JSON', () => 'holds'],
  ]
  test.each(spoiled)('%s is as if it were not there, and is said', async (_, spoil) => {
    const directory = folder()
    const name = file(directory, text())
    await prove(directory, `${name} --update`)
    const cache = join(directory, 'cache')
    for (const kept of readdirSync(cache)) writeFileSync(join(cache, kept), spoil(readFileSync(join(cache, kept), 'utf8')))
    const { code, out, err } = await prove(directory, name)
    expect([code, out, err]).toEqual([0, expect.not.stringContaining('from the cache'), expect.stringContaining('is not whole, so it was derived anew')])
    // It is written whole again.
    expect((await prove(directory, name)).out).toContain('from the cache')
  })

  test('--fresh and --no-cache look at nothing; what is loaded by a name that is put together is never kept', async () => {
    const directory = folder()
    const name = file(directory, text())
    await prove(directory, `${name} --update`)
    expect((await prove(directory, `${name} --fresh`)).out).not.toContain('from the cache')
    expect((await run(`prove ${name} --lock lock.json --no-cache`, {}, { directory })).out).not.toContain('from the cache')
    const late = file(directory, text('count < limit', "export const more = await import(['node', 'path'].join(':'))"))
    await prove(directory, `${late} --update`)
    expect((await prove(directory, late)).out).not.toContain('from the cache')
  })

  test('is beside the packages of the project', () => {
    expect(usualCache(join(import.meta.dirname, '../support'))).toBe(join(import.meta.dirname, '../../node_modules/.cache/protocheck'))
    expect(usualCache('/')).toBe(undefined)
  })
})

describe('--shard', () => {
  test('each proof is in one part; parts take about as long', async () => {
    const spec = await loadSpec('two-phase-commit', '.')
    const plan = planOf(spec, { proofs: [], broken: [] }).map((planned, i) => ({ ...planned, recorded: { seconds: i + 1 } as never }))
    const parts = [1, 2, 3].map(index => shardOf(plan, { index, count: 3 }))
    expect(
      parts
        .flat()
        .map(({ task }) => JSON.stringify(task))
        .sort(),
    ).toEqual(plan.map(({ task }) => JSON.stringify(task)).sort())
    const seconds = parts.map(part => part.reduce((sum, { recorded }) => sum + (recorded as { seconds: number }).seconds, 0))
    expect(Math.max(...seconds) - Math.min(...seconds)).toBeLessThanOrEqual(plan.length / 2)
  })

  test.each(['0/2', '3/2', '1', '1/0', 'a/b'])('%s is refused', given => {
    expect(() => parseShard(given)).toThrow('WRONG VALUE')
  })

  test('a part cannot be recorded', async () => {
    expect(await run('prove raft --shard 1/2 --update')).toMatchObject({ code: 2, err: expect.stringContaining('--shard derives a part') })
  })
})

describe('in other processes', () => {
  test('all is as in one', async () => {
    const directory = folder()
    const name = file(
      directory,
      text(
        'count < limit',
        "export const proofs = [{}, { limit: 3 }]\nexport const claims = { never: { because: 'It counts.', refutes: each('node', n => n.count, c => c === 0) } }",
      ),
    )
    await prove(directory, `${name} --update`)
    const alone = await prove(directory, `${name} --fresh`)
    const untimed = ({ code, out }: { code: number; out: string }) => [code, out.replaceAll(/[\d.]+ s$/gm, '')]
    expect(untimed(await prove(directory, `${name} --fresh --jobs 2`))).toEqual(untimed(alone))
  })

  test('one that is killed has proved nothing', async () => {
    const pool = new Processes(1, process.cwd())
    const answer = pool.run({ protocol: 'raft', variant: null, parameters: {}, extent: null })
    const failure = answer.catch((error: unknown) => String(error))
    pool.kill()
    expect(await failure).toMatch(/A PROOF WAS CUT OFF.*by SIGKILL.*Nothing is known of it/s)
  })

  test('a spec that is broken there is an error here, of the spec', async () => {
    const directory = folder()
    const name = file(directory, text('nothing.there'))
    expect(await prove(directory, `${name} --update --jobs 2`)).toMatchObject({
      code: 2,
      out: expect.stringMatching(/✗ .*\n {4}HANDLER THROWS|✗ .*\n.*nothing/),
    })
  })
})

test('a proof that fails shows its counterexample, and keeps it', async () => {
  const directory = folder()
  const name = file(directory, text('count < 9'))
  const { code, out } = await prove(directory, `${name} --update --save kept`)
  expect([code, out]).toEqual([1, expect.stringContaining('5. node count')])
  expect(out).toContain(`Next: npx check ${name} --limit 2`)
  expect(
    readdirSync(join(directory, 'kept'))
      .map(kept => kept.replace(/^.*\./, ''))
      .sort(),
  ).toEqual(['html', 'json', 'txt'])
})
