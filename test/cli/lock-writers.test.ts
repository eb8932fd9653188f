/** A lock file that several processes write at once, one of which is killed meanwhile: it is whole, and nothing that was recorded is lost. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { record } from '../../checker/cli/lock-file.ts'
import { parseLock } from '../../checker/prove/lock.ts'

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
