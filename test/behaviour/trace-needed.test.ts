/** What comes of an execution without one of its steps. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadSpec } from '../../checker/cli/load.ts'
import { parametersOf, readTrace } from '../../checker/cli/replay.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import { type Without, withoutStep } from '../../checker/trace/needed.ts'
import { beginningOf, walk } from '../../checker/trace/replay.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import type { Walker } from '../../checker/trace/walk.ts'
import { post, traceBy, walkerOf } from '../support/trace-support.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const load = async (name: string): Promise<readonly [Trace, Walker]> => {
  const trace = readTrace(`counterexamples/${name}.json`, root)
  const spec = await loadSpec(trace.protocol, root)
  return [trace, walkerOf(findVariant(spec, { mutant: trace.mutant }).make(parametersOf(trace, spec, name)))]
}

const allOf = (trace: Trace, walker: Walker): readonly Without[] => {
  const { state } = beginningOf(trace, walker)
  const { steps } = walk(walker, state, trace.steps)
  return steps.map((_, i) => withoutStep(walker, trace.property, state, steps, i + 1))
}

test.each(['raft/figure8', 'raft/votesTwice', 'primary-backup/splitBrain', 'lamport-mutex/reordered'])(
  '%s is shortest, so every step is needed, and for something',
  async name => {
    const [trace, walker] = await load(name)
    const all = allOf(trace, walker)
    expect(all.map(({ violated }) => violated)).toEqual(trace.steps.map(() => false))
    expect(all.at(-1)?.lost).toEqual([])
    for (const { lost, differences } of all) expect(lost.length + differences.length).toBeGreaterThan(0)
  },
)

test('what a step is needed for: the vote of n3 for n1, and what follows from it', async () => {
  const [trace, walker] = await load('raft/figure8')
  const all = allOf(trace, walker)
  expect(stepText(trace.steps[9] as Trace['steps'][number])).toContain('n3 receives VoteRequest(cLogLength: 1, cLogTerm: 1, cTerm: 3) from n1')
  // Then n1 does not lead in term 3, and commits nothing; and n2, which does not hear of that term, still leads and calls no election.
  expect(all[9]?.lost).toEqual([12, 15, 16, 17, 18, 19, 20])
  // Without the request of n2 its log is no more up to date than that of n1, which has an entry of term 1: n1 does not vote for it.
  expect(all[13]?.lost).toEqual([])
  expect(all[13]?.otherwise.map(({ step, instead }) => `${step}: ${stepText(instead)}`)).toEqual([
    '19: n1 receives VoteRequest(cLogLength: 0, cLogTerm: 0, cTerm: 4) from n2',
    '20: n2 receives VoteResponse(granted: false, term: 4) from n1',
  ])
})

test('a step that is not needed is told from one that only leaves something as it was', () => {
  const steps = ['tick', 'c1 send, choosing 7', 'depot receives Item(number: 7) from c1', 'c2 send, choosing 8', 'depot receives Item(number: 8) from c2']
  const all = allOf(traceBy(post(), 'fewItems', steps), walkerOf(post()))
  expect(all.map(({ violated }) => violated)).toEqual([true, false, false, false, false])
  expect(all[0]).toMatchObject({ lost: [], differences: ['c1  clock: 1 → 0', 'c2  clock: 1 → 0'] })
  expect(all[1]?.lost).toEqual([3])
  expect(all[2]).toMatchObject({ lost: [], differences: ['depot  items: [7, 8] → [8]'] })
})
