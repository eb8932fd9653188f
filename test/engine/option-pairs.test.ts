/** Every pair of options, on some of the protocols that `npm run soak -- --pairs` memos it on. */
import { expect, it } from 'vitest'
import { Draw } from '../support/draw.ts'
import { smallSubjects, specSubjects, tryPairs } from '../support/option-pairs.ts'
import { askNoResources } from '../support/resources.ts'
import { pooled } from '../support/workers-support.ts'

askNoResources()

it('every pair of options: right, or refused', { timeout: 300_000 }, async () => {
  const tally = await tryPairs([...specSubjects, ...smallSubjects(6)], pooled(2), { draw: new Draw(1), each: 3 })
  expect(tally.failed).toEqual([])
  expect([...tally.rows].filter(([, { tried }]) => tried === 0)).toEqual([])
})
