/** The operations of a linearizability judge as intervals. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readTrace } from '../../checker/cli/replay.ts'
import { formats } from '../../checker/trace/formats/formats.ts'
import { intervalText, operationsOf, violatedJudges } from '../../checker/trace/operations.ts'
import type { Trace } from '../../checker/trace/trace.ts'

const folder = fileURLToPath(new URL('../../counterexamples/', import.meta.url))
const saved = (name: string): Trace => readTrace(`${name}.json`, folder)

test.each([
  ['quorum-register/linearizable', ['1– writer: write(value: 1), not returned', '2–7 rea1: read returns 1', '8–12 rea2: read returns 0 ✗']],
  ['primary-backup/splitBrain', ['7–15 c1: write returns 1', '16–19 c2: read returns 0 ✗']],
  ['primary-backup/fastReads', ['9–13 c1: write returns 1', '14–17 c2: read returns 0 ✗']],
  ['abd/noWriteBack', ['1– writer: write(value: 1), not returned', '2–7 rea1: read returns 1', '8–12 rea2: read returns 0 ✗']],
])('%s', (name, expected) => {
  const trace = saved(name)
  const [judge = ''] = violatedJudges(trace)
  const lines = operationsOf(trace, judge).map(one => `${one.begun}–${one.ended ?? ''} ${intervalText(one)}${one.hasNoPlace ? ' ✗' : ''}`)
  expect(lines).toEqual(expected)
})

test('of every saved counterexample of a linearizability judge the operation that has no place is the one that the last step returns', () => {
  let count = 0
  for (const protocol of ['abd', 'primary-backup', 'quorum-register'])
    for (const file of readdirSync(folder + protocol).filter(name => name.endsWith('.json'))) {
      const trace = saved(`${protocol}/${file.replace('.json', '')}`)
      const judges = violatedJudges(trace)
      if (judges.length === 0) continue
      count++
      for (const judge of judges)
        expect(operationsOf(trace, judge).flatMap(({ hasNoPlace, ended }) => (hasNoPlace ? [ended] : []))).toEqual([trace.steps.length])
    }
  expect(count).toBeGreaterThan(10)
})

test('check show draws them', () => {
  expect(formats.text.render(saved('quorum-register/linearizable'))).toContain(
    [
      '  writer: write(value: 1), not returned  ├─────────── …',
      '  rea1: read returns 1                    ├────┤',
      '  rea2: read returns 0                          ├───┤  ✗ no order explains it',
    ].join('\n'),
  )
})
