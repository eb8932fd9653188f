/**
 * One-line changes of the protocols, and what their properties say: the property that is broken, and after how many steps, or why nothing is. The tables are in `one-line-changes/`.
 * Those that take longer, and the proofs that harmless changes keep all properties, run with PROTOCHECK_CHANGES=all.
 */
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/index.ts'
import { tables } from '../one-line-changes/tables.ts'
import { changedSource, replaced, withChange } from '../support/changed-specs.ts'

const runsAll = process.env['PROTOCHECK_CHANGES'] === 'all'

test.each([
  ['abc', 'd'],
  ['abab', 'ab'],
])('a text that does not stand there once is an error: in %s, %s', (text, from) => {
  expect(() => replaced(text, from, '')).toThrow(/stands there [02] times/)
})

describe.each(Object.entries(tables))('a change of %s', (protocol, changes) => {
  test('is of a text that stands there once', () => {
    for (const change of changes) expect(changedSource(protocol, change).text).not.toBe('')
  })

  test('is there once', () => {
    expect(new Set(changes.map(({ file, from, to }) => JSON.stringify([file, from, to]))).size).toBe(changes.length)
  })

  const caught = changes.filter(change => change.breaks !== undefined && (runsAll || !change.slow))
  if (caught.length > 0)
    test.each(caught)('is caught by $breaks: $does', { timeout: 600_000 }, async change => {
      const report = await withChange(protocol, change, spec =>
        explore(spec.make({ ...spec.defaults, ...change.at }), {
          property: change.breaks as string,
          // Symmetry alone finds the near ones before the other reductions have learnt what they need.
          ...(change.steps === undefined || change.steps > 13 || change.slow ? {} : { reduce: ['symmetry'] }),
        }),
      )
      expect([report.verdict, report.property, report.counterexample?.steps.length]).toEqual(['violated', change.breaks, change.steps])
    })

  if (runsAll)
    test.each(changes.filter(change => 'harmless' in change))('is harmless: $does', { timeout: 1_200_000 }, async change => {
      await withChange(protocol, change, async spec => {
        const bounds =
          change.at === undefined ? spec.proofs.filter(({ slow }) => !slow).map(({ parameters }) => parameters) : [{ ...spec.defaults, ...change.at }]
        for (const parameters of bounds)
          expect(await explore(spec.make(parameters)), JSON.stringify(parameters)).toMatchObject({ verdict: 'holds', complete: true })
      })
    })
})
