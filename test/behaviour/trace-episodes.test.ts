/** What a trace comes to, in episodes: the story that a person would tell of it. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { loadSpec } from '../../checker/cli/load.ts'
import { parametersOf, readTrace } from '../../checker/cli/replay.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import { System } from '../../checker/run/system.ts'
import { episodesOf, stepsText } from '../../checker/trace/episodes.ts'
import { formats } from '../../checker/trace/formats/formats.ts'
import { type WalkedTrace, walkTrace } from '../../checker/trace/replay.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { viewChangesOf } from '../../checker/trace/view-changes.ts'
import { Walker } from '../../checker/trace/walk.ts'
import { unfairLock } from '../fixtures/unfair-lock.ts'
import { everything, walks } from '../support/trace-support.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const saved = (name: string): Trace => readTrace(`counterexamples/${name}.json`, root)
const story = (trace: Trace): readonly string[] => episodesOf(trace).map(episode => `${stepsText(episode)}: ${episode.heading}`)

test.each([
  [
    'raft/figure8',
    [
      '1–5: n2 becomes leader, term 2; n1 becomes candidate, term 1',
      '6: n1 becomes leader, term 1',
      '7: n1: log + {msg: {by: n1, number: 0}, term: 1}',
      '8–12: n1 becomes leader, term 3',
      '13–14: n2: log + {msg: {by: n2, number: 0}, term: 2}',
      '15–18: n1: commitLength 1; n2 becomes candidate, term 4',
      '19–20: n2 becomes leader, term 4; n1 becomes follower, term 4; leaderCompleteness is violated',
    ],
  ],
  ['raft/votesTwice', ['1–5: n1 becomes leader, term 1; n2 becomes candidate, term 1', '6: n2 becomes leader, term 1; electionSafety is violated']],
  [
    'primary-backup/splitBrain',
    [
      '1–3: A: leads(num: 1, writes: []); viewServer newView, choosing A, B',
      '4–6: A: upToDate; B: upToDate',
      '7–13: C: leads(num: 2, writes: []); c1 begins write',
      '14–15: c1: write returns 1; A: serves(…)',
      '16–19: c2: read returns 0; C: serves(…); linearizable is violated',
    ],
  ],
  [
    'primary-backup/fastReads',
    [
      '1–3: A: leads(num: 1, writes: []); viewServer newView, choosing A, B',
      '4–6: A: upToDate; B: upToDate',
      '7–8: viewServer newView, choosing B, null',
      expect.stringMatching(/^9–13: c1: write returns 1; B: serves/),
      expect.stringMatching(/^14–17: c2: read returns 0; A: serves/),
    ],
  ],
  ['quorum-register/linearizable', ['1: writer begins write(value: 1)', '2–7: rea1: read returns 1', '8–12: rea2: read returns 0; linearizable is violated']],
  ['lamport-mutex/reordered', ['1–5: p2: inCriticalSection', '6–8: p1: inCriticalSection; mutualExclusion is violated']],
  ['lamport-mutex/busy', []],
])('%s', (name, expected) => {
  expect(story(saved(name))).toEqual(expected)
})

test.each([
  // What it looks at is a field within a field; the rest of the node's state changes with every step.
  ['ft-two-phase-commit/asOnTheSlide', ['1–11: n1: app.decided: null → abort', '12–14: n2: app.decided: null → commit; agreement is violated']],
  // It looks at a plain object.
  ['lamport-mutex/pushy', ['1: p1: request: null → 1', '2–3: p2: request: null → 2', '4–9: p2: inCriticalSection; entryInOrder is violated']],
  [
    'mutex-as-smr/jumpsTheQueue',
    [expect.stringContaining('n1: app.queue: [n2] → [n1, n2]'), expect.stringContaining('app.holders: + n2; mutualExclusion is violated')],
  ],
  // It looks at messages, which are no node's.
  ['primary-backup/splitBrain', story(saved('primary-backup/splitBrain'))],
])('%s: where the protocol is known, what its property looks at is told', async (name, expected) => {
  const trace = saved(name)
  const spec = await loadSpec(trace.protocol, root)
  const walker = new Walker(new System(findVariant(spec, { mutant: trace.mutant }).make(parametersOf(trace, spec, name)) as never))
  const { initial, steps } = walkTrace(walker, trace) as WalkedTrace
  const views = viewChangesOf(walker, trace.property, [initial, ...steps.map(({ next }) => next)])
  expect(episodesOf(trace, views).map(episode => `${stepsText(episode)}: ${episode.heading}`)).toEqual(expected)
})

test('what a property looks at that changes all the time is not told', () => {
  const trace = saved('ft-two-phase-commit/asOnTheSlide')
  const views = trace.steps.map((_, i) => ({ step: i + 1, node: trace.steps[i]?.node ?? '', differences: [] }))
  expect([episodesOf(trace, views), episodesOf(trace, views.slice(10)).length > 1]).toEqual([[], true])
})

test('the episodes of every trace follow one another, from the first step to the last, and each says something', () => {
  const folder = `${root}counterexamples/`
  const names = readdirSync(folder).flatMap(protocol =>
    readdirSync(folder + protocol).flatMap(file => (file.endsWith('.json') ? [`${protocol}/${file.replace('.json', '')}`] : [])),
  )
  expect(names.length).toBeGreaterThan(100)
  for (const trace of [...names.map(saved), ...walks, everything]) {
    const episodes = episodesOf(trace)
    expect(episodes.length).not.toBe(1)
    for (const [i, { from, to, heading }] of episodes.entries()) {
      expect(from).toBe((episodes[i - 1]?.to ?? 0) + 1)
      expect([to >= from, heading !== '']).toEqual([true, true])
    }
    if (episodes.length > 0) expect(episodes.at(-1)?.to).toBe(trace.steps.length)
  }
})

test('check show tells them before the diagram; what check itself prints does not', () => {
  const trace = saved('raft/votesTwice')
  const line = '  1–5  n1 becomes leader, term 1; n2 becomes candidate, term 1\n    6  n2 becomes leader, term 1; electionSafety is violated\n'
  expect(formats.text.render(trace)).toContain(`${line}\nn1 `)
  expect(formats.markdown.render(trace)).toContain(line)
})

test('what is taken again and again is told by itself, and what came before it', async () => {
  const lasso = (await explore(unfairLock)).counterexample as Trace
  const { steps, repeatsFrom = 0 } = lasso
  const told = story(lasso)
  expect(episodesOf(lasso).map(({ to }) => to)).toContain(repeatsFrom)
  expect(told.at(-1)).toMatch(/; again and again; nobodyStarves is violated$/)
  expect(told.every(line => /: ./.test(line))).toBe(true)
  expect(story({ ...lasso, repeatsFrom: steps.length }).at(-1)).not.toContain('again and again')
})

test('of a very long trace there are none: finding them takes the square of its steps', () => {
  const trace = saved('raft/figure8')
  expect(episodesOf({ ...trace, steps: Array.from({ length: 30 }, () => trace.steps).flat() })).toEqual([])
})
