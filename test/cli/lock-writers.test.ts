/** A lock file that several processes write at once, or whose writer is killed half-way: it is whole, nothing that was found is lost, and what was not found is noticed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { record } from '../../checker/cli/lock-file.ts'
import { parseLock } from '../../checker/prove/lock.ts'
import { run } from '../support/cli-support.ts'

const root = new URL('../../', import.meta.url)

const broken = (protocol: string) => ({ protocol, variant: 'mutant', property: 'safe', parameters: {}, length: 1, seconds: 0 })

/** Records one protocol after the other, and says so of each when it is written. */
const writer = (path: string, name: string, count: number) =>
  spawn(
    process.execPath,
    [
      '--import',
      new URL('bin/typescript.mjs', root).href,
      '--input-type=module',
      '-e',
      `const { record } = await import(${JSON.stringify(new URL('checker/cli/lock-file.ts', root).href)})
       for (let i = 0; i < ${count}; i++) {
         const protocol = ${JSON.stringify(name)} + i
         await record(${JSON.stringify(path)}, 'lock.json', [protocol], [], [{ ...${JSON.stringify(broken(''))}, protocol }])
         process.stdout.write(protocol + '\\n')
       }`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )

test('what each has said is there, also of the one that was killed; and the next one can write', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'writers-')), 'lock.json')
  const [steady, killed] = [writer(path, 'steady', 60), writer(path, 'killed', 100_000)]
  let said = ''
  killed.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.includes('killed20\n')) killed.kill('SIGKILL')
  })
  const [[code], [, signal]] = await Promise.all([once(steady, 'exit'), once(killed, 'close')])
  expect([code, signal]).toEqual([0, 'SIGKILL'])
  await record(path, 'lock.json', ['last'], [], [broken('last')])
  const there = parseLock(readFileSync(path, 'utf8'), 'lock.json').broken.map(({ protocol }) => protocol)
  const names = [...Array.from({ length: 60 }, (_, i) => `steady${i}`), ...said.split('\n').slice(0, -1), 'last']
  expect(names.filter(name => !there.includes(name))).toEqual([])
  // The one that it was at when it was killed is there, or not.
  expect(there.length - names.length).toBeLessThanOrEqual(1)
})

/** A protocol of its own file that counts up to a limit: at once, or for hours. */
const counter = (limit: number) => `
import { Record } from 'immutable'
import { each, family } from 'protocheck'
class Counter extends Record({ count: 0 }) {}
export const counter = family({ limit: ${limit} }, ({ limit }) => ({
  name: 'counter', network: 'reliable',
  roles: { node: { count: 1, init: () => new Counter(), on: {}, actions: { count: { when: n => n.count < limit, do: n => n.set('count', n.count + 1) } } } },
  properties: { natural: each('node', n => n.count, count => count >= 0) },
}))
export const proofs = [{}, { limit: ${limit + 1} }]`

test('check prove --update that is killed half-way keeps what it found, and no more', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'killed-'))
  writeFileSync(join(directory, 'short.ts'), counter(2))
  writeFileSync(join(directory, 'long.ts'), counter(1e9))
  const given = ['prove', './short.ts', './long.ts', '--lock', 'lock.json', '--no-cache']
  const writing = spawn(process.execPath, [new URL('bin/check.mjs', root).pathname, ...given, '--update'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  writing.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.includes('./short.ts  limit 3: holds')) writing.kill('SIGKILL')
  })
  expect(await once(writing, 'close')).toEqual([null, 'SIGKILL'])
  const { proofs } = parseLock(readFileSync(join(directory, 'lock.json'), 'utf8'), 'lock.json')
  expect(proofs.map(({ protocol, parameters, states }) => [protocol, parameters, states])).toEqual([
    ['./short.ts', { limit: 2 }, 3],
    ['./short.ts', { limit: 3 }, 4],
  ])
  writeFileSync(join(directory, 'long.ts'), counter(2))
  const { code, out } = await run(given.join(' '), {}, { directory })
  expect([code, out.match(/^ {4}It is not in the lock file/gm)?.length]).toEqual([1, 2])
  expect(out).toContain('2 proofs as they should be, 2 not.')
})
