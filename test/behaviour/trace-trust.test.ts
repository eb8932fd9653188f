/** A trace is data: whatever it names, no code is loaded because of it. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formats } from '../../checker/trace/formats/formats.ts'
import { fairTexts, renderText } from '../../checker/trace/render-text.ts'
import { parseTrace } from '../../checker/trace/schema.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { withVisibleNames } from '../../checker/trace/visible-names.ts'
import { fakeTrace, folder, run } from '../support/cli-support.ts'

test('why an execution is fair is text, too', () => {
  const trace = { ...fakeTrace, repeatsFrom: 0, fair: ['\u001b[31mred\u001b]0;title\u0007', 'two\nlines'] } as unknown as Trace
  expect(renderText(trace)).toContain('\n  \\u001b[31mred\\u001b]0;title\\u0007\n  two\\u000alines\n')
})

const long = 'l'.repeat(20_000)
const words = 'two words '.repeat(2000)
const state = { text: long, words, [`field ${long}`]: 1, map: { $map: [[long, words]] }, set: { $set: [words] }, list: [long] }
const blank = { node: null, from: null, message: null, choices: [], sent: [], emitted: [], nodes: {}, observers: {} }

test('each text of a trace is shown as far as somebody reads it, in every form for people; a name is refused', async () => {
  const trace = {
    ...fakeTrace,
    because: words,
    nodes: ['a', 'b'],
    parameters: { text: long },
    repeatsFrom: 0,
    fair: [...Array.from({ length: 30 }, () => words)],
    initial: { nodes: { a: state, b: {} }, observers: { seen: state }, choices: { a: [long, words] } },
    steps: [
      {
        ...blank,
        kind: 'action',
        node: 'a',
        name: 'act',
        choices: [long, state],
        sent: [{ from: 'a', to: 'b', message: { type: long, ...state } }],
        emitted: [{ from: 'a', event: { type: long, ...state } }],
        nodes: { a: { ...state, text: words, words: long } },
        observers: { seen: { text: words } },
      },
      { ...blank, kind: 'receive', node: 'b', name: 'Long', from: 'a', message: { type: long, ...state } },
    ],
  } as unknown as Trace
  const { steps, nodes } = parseTrace(JSON.stringify(trace), 'long.json')
  expect([steps.length, nodes.length]).toEqual([2, 2])
  for (const format of ['text', 'svg', 'mermaid', 'markdown'] as const) {
    const shown = formats[format].render(trace)
    expect([format, shown.length < 250_000, /l{3000}/.test(shown)]).toEqual([format, true, false])
    // Mermaid is told by numbers what is no letter.
    expect(shown).toContain(format === 'mermaid' ? '000 letters' : '… (20,000 letters)')
  }
  expect(fairTexts(withVisibleNames(trace)).length).toBe(13)
  // As data for other tools it stays whole.
  expect(formats.json.render(trace)).toContain(long)
  for (const renamed of [
    { ...trace, property: long },
    { ...trace, protocol: long },
    { ...trace, steps: [{ ...steps[0], name: long }] },
  ])
    expect(() => parseTrace(JSON.stringify(renamed), 'long.json')).toThrow('NOT A TRACE')
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
