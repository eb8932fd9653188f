/** A trace is data: whatever it names, no code is loaded because of it. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { renderText } from '../../checker/trace/render-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { fakeTrace, folder, run } from '../support/cli-support.ts'

test('why an execution is fair is text, too', () => {
  const trace = { ...fakeTrace, repeatsFrom: 0, fair: ['\u001b[31mred\u001b]0;title\u0007', 'two\nlines'] } as unknown as Trace
  expect(renderText(trace)).toContain('\n  \\u001b[31mred\\u001b]0;title\\u0007\n  two\\u000alines\n')
})

test('a trace never loads code', async () => {
  const directory = folder({})
  const mark = join(directory, 'loaded')
  const evil = `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(mark)}, '')\nexport const evil = 1\n`
  for (const name of ['evil.ts', 'protocol.ts', 'mutants.ts']) writeFileSync(join(directory, name), evil)
  const names = [
    './evil.ts',
    join(directory, 'evil.ts'),
    `file://${directory}/evil.ts`,
    './',
    '../evil',
    'evil',
    `data:text/javascript,${encodeURIComponent(evil)}`,
  ]
  const edits = names.flatMap(name => [
    { ...fakeTrace, protocol: name },
    { ...fakeTrace, mutant: name },
    { ...fakeTrace, property: name },
    { ...fakeTrace, protocol: name, import: name, file: name },
    { ...fakeTrace, parameters: { [name]: name } },
  ])
  let refused = 0
  for (const [i, trace] of edits.entries()) {
    const file = `${i}.json`
    writeFileSync(join(directory, file), JSON.stringify(trace))
    const { code, out } = await run(`replay ${file}`, {}, { directory })
    if (code === 2 && out === '') refused++
  }
  expect([refused, edits.length]).toEqual([edits.length, 35])
  expect(existsSync(mark)).toBe(false)
  // The same file does leave its mark where the command line names it.
  expect((await run('replay 0.json ./evil.ts', {}, { directory })).err).toContain('NO PROTOCOL IN FILE')
  expect(existsSync(mark)).toBe(true)
})
