/** `check … --explain`: what is asked of the engine again, and what is printed of its answers. */
import { Record } from 'immutable'
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { Reduction } from '../../checker/check/reductions.ts'
import type { Report } from '../../checker/check/report.ts'
import { ladder } from '../../checker/cli/explain.ts'
import { family, type Protocol, reachable, some } from '../../checker/index.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import { fakeReport, run, violated } from '../support/cli-support.ts'

const lock = 'test/fixtures/lock.ts'
const reductions: readonly Reduction[] = ['symmetry', 'dead-messages', 'subsumption']

test('the ladder goes from none to all, in the order in which they work', () => {
  expect(ladder([])).toEqual([[]])
  expect(ladder(['subsumption', 'symmetry', 'dead-messages'])).toEqual([
    [],
    ['symmetry'],
    ['symmetry', 'dead-messages'],
    ['symmetry', 'dead-messages', 'subsumption'],
  ])
})

describe('what is asked', () => {
  const asked = async (args: string, report: Partial<Report> = {}) =>
    (await run(`${lock} --explain ${args}`, { reductions, ...report })).asked.map(({ options }) => [options.reduce, options.seconds])

  test('the check, then the same with the reductions that were in force, one by one', async () => {
    expect(await asked('')).toEqual([
      [undefined, undefined],
      [[], 10],
      [['symmetry'], 10],
      [['symmetry', 'dead-messages'], 10],
      [reductions, 10],
    ])
  })

  test.each([
    ['--explain-time 2m', 120],
    ['--explain-time 500ms', 0.5],
    ['--time 3s', 3],
    ['--time 3s --explain-time 1s', 1],
  ])('%s: each ends after %d s', async (args, seconds) => {
    expect((await asked(args, { seconds: 0.1 })).slice(1).map(([, most]) => most)).toEqual([seconds, seconds, seconds, seconds])
  })

  test('with the same options otherwise', async () => {
    const [check, ...rungs] = (await run(`${lock} --explain --depth 7 --property somebodyEnters`, { reductions })).asked
    for (const { options, protocol } of rungs) {
      expect(protocol).toBe(check?.protocol)
      expect({ ...options, signal: check?.options.signal }).toEqual({ ...check?.options, reduce: options.reduce, seconds: 10 })
    }
  })

  test.each([
    ['took longer', { seconds: 11 }],
    ['was ended', { verdict: 'inconclusive', stoppedBy: 'states' }],
  ] as const)('the check itself is the last answer if it %s', async (_, report) => {
    const { asked, out } = await run(`${lock} --explain`, options => ({ reductions, ...(options.reduce ? {} : report) }))
    expect(asked.map(({ options }) => options.reduce)).toEqual([undefined, [], ['symmetry'], ['symmetry', 'dead-messages']])
    expect(out).toContain('The last is the check above; each of the others ends after 10.0 s at most.')
    expect(out).toContain('+ subsumption')
  })

  test('nothing more after an interrupt of the check', async () => {
    expect(await asked('', { verdict: 'inconclusive', stoppedBy: 'interrupt' })).toHaveLength(1)
  })

  test('an interrupt ends it with the answers so far', async () => {
    let interrupt = () => {}
    const onInterrupt = (listener: () => void) => {
      interrupt = listener
      return () => {}
    }
    const answer = ({ reduce }: Options): Partial<Report> => {
      if (reduce?.length === 1) interrupt()
      return { reductions }
    }
    const { asked, code } = await run(`${lock} --explain`, answer, { onInterrupt })
    expect(asked).toHaveLength(3)
    expect(code).toBe(0)
  })
})

test.each([
  ['--explain --simulate 9', 'random executions use none'],
  ['--explain --rules', '--rules is many searches'],
  ['--explain --checkpoint x.check', 'a checkpoint is of one'],
  ['--explain --resume x.check', 'a checkpoint is of one'],
  ['--explain-time 3s', '--explain-time is given without --explain'],
])('%s is wrong use', async (args, answer) => {
  const { code, out, err, asked } = await run(`${lock} ${args}`)
  expect([code, out, asked]).toEqual([2, '', []])
  expect(err).toContain(answer)
})

describe('what is printed', () => {
  const answers: readonly Partial<Report>[] = [
    { verdict: 'inconclusive', complete: false, stoppedBy: 'time', states: 1_234_567, transitions: 9_876_543, seconds: 10.01 },
    { states: 219_517, transitions: 1_780_186, handlerCalls: 4_567, seconds: 2.5 },
    { states: 10_000, transitions: 40_000, handlerCalls: 70_608, seconds: 0.75, roundSeconds: 0.5, rounds: 3 },
    { states: 9_000, transitions: 36_000, handlerCalls: 70_608, seconds: 0.25, roundSeconds: 0.125, rounds: 2 },
  ]
  const tables: Report['tables'] = {
    roles: [
      { role: 'manager', nodes: 1, states: 17, merged: { states: 17, classes: 9 } },
      { role: 'resource', nodes: 3, states: 1_234, merged: { states: 3_000, classes: 1 } },
    ],
    observers: [{ name: 'log', states: 5 }],
    messages: 96,
    outcomeLists: 1,
    symmetry: { order: 3_628_800, listed: false },
    deadMessages: { carried: 12_345, alive: 2_345 },
    fillSeconds: 0.31,
  }

  test('the report as always, the tables, and a line for each set of reductions', async () => {
    const { out } = await run(`${lock} --explain --reduce symmetry,dead-messages,partial-order,subsumption`, ({ seconds, reduce }) => ({
      reductions,
      tables,
      ...(seconds === undefined ? {} : answers[reduce?.length as number]),
    }))
    const check = (await run(`${lock} --reduce symmetry,dead-messages,partial-order,subsumption`, { reductions })).out
    expect(out.startsWith(check)).toBe(true)
    expect(out.slice(check.length)).toMatchInlineSnapshot(`
      "
      Tables of the check:

        role manager   1 node, 17 states; 17 (node, state) reached, in 9 classes
        role resource  3 nodes, 1,234 states; 3,000 (node, state) reached, in 1 class
        observer log   5 states
        messages       96, each with its sender and receiver
        outcomes       1 list of what a step may do
        symmetry       3,628,800 permutations, by the colours of nodes
        dead messages  12,345 (node state, message) met, 2,345 of them alive
        to fill them   0.31 s of 1.23 s, code of the protocol ran 123 times

      Reductions, one more in each line. Each search ends after 10.0 s at most.

        reductions                 states  fewer  transitions  handler calls  seconds          learning  verdict
        none             1,234,567 so far           9,876,543            123    10.01                 –  ended by the time limit
        symmetry                  219,517  > 5.6    1,780,186          4,567     2.50                 –  holds
        + dead-messages            10,000     22       40,000         70,608     0.75  0.25 in 2 rounds  holds
        + subsumption               9,000    1.1       36,000         70,608     0.25   0.13 in 1 round  holds

      Named, and of no use here: partial-order.
      fewer: the states of the line above, divided by these. learning: the seconds of all rounds but the last.
      "
    `)
  })

  test('verdicts', async () => {
    const verdict = async (report: Partial<Report>) => (await run(`${lock} --explain`, { reductions: [], ...report })).out.split('\n').at(-4)
    expect(await verdict(violated)).toMatch(/violated after 2 steps$/)
    expect(await verdict({ verdict: 'violated' })).toMatch(/violated$/)
    expect(await verdict({ complete: false })).toMatch(/holds, to depth 20$/)
    expect(await verdict({ verdict: 'inconclusive', stoppedBy: 'memory' })).toMatch(/ended by the memory limit$/)
    expect(await verdict({ verdict: 'inconclusive' })).toMatch(/undecided$/)
  })

  test('the exit code is that of the check', async () => {
    expect((await run(`${lock} --explain`, ({ seconds }) => (seconds === undefined ? violated : {}))).code).toBe(1)
  })

  test('progress says which of them it is', async () => {
    const { err } = await run(`${lock} --explain`, {}, { progressColumns: 120 })
    expect(err).toContain('1/2 search  1,000 states')
    expect(err).toContain('2/2 search')
  })

  test('with --json one field more', async () => {
    const plain = JSON.parse((await run(`${lock} --json`, { reductions })).out)
    const { explain, ...rest } = JSON.parse((await run(`${lock} --json --explain`, { reductions, tables })).out)
    expect(rest).toEqual(plain)
    expect(explain.tables).toEqual(tables)
    expect(explain.rungs.map((rung: Report) => rung.reductions)).toEqual(ladder(reductions))
    const { verdict, complete, stoppedBy, states, transitions, depth, handlerCalls, seconds, roundSeconds, rounds, workers } = fakeReport
    const figures = { verdict, complete, stoppedBy, states, transitions, depth, handlerCalls, seconds, roundSeconds, rounds, workers }
    expect(explain.rungs[0]).toEqual({ reductions: [], length: null, ...figures })
  })
})

class Once extends Record({ n: 0, told: false }) {}
type Telling = { from: { state: Once; inbox: never }; to: { state: Once; inbox: { readonly type: 'Tell' } } }

/** One message, of which the receiver takes note once; and a sender that counts to 3 and begins anew, which nobody sees. */
const telling = family(
  {},
  () =>
    ({
      name: 'telling',
      source: 'this test',
      network: 'fair-loss',
      roles: {
        from: {
          count: 1,
          init: () => new Once(),
          actions: {
            tell: {
              when: () => true,
              do: (from, { nodes, send }) => {
                send(nodes.to, { type: 'Tell' })
                return from.update('n', n => (n + 1) % 4)
              },
            },
          },
          on: {},
        },
        to: { count: 1, init: () => new Once(), on: { Tell: to => to.set('told', true) } },
      },
      properties: {
        told: reachable(
          some(
            'to',
            to => to.told,
            told => told,
          ),
        ),
      },
    }) satisfies Protocol<Telling>,
)

describe('the sizes of tables, as counted by hand', () => {
  test('two-phase commit: 4 states of a resource; the manager with each set of those that are prepared, waiting or aborted, or all and committed', async () => {
    const { tables } = await explore(twoPhaseCommit({ resources: 3 }))
    expect(tables).toMatchObject({
      roles: [
        { role: 'manager', nodes: 1, states: 8 + 8 + 1, merged: null },
        { role: 'resource', nodes: 3, states: 4, merged: null },
      ],
      observers: [],
      messages: 9,
      symmetry: { order: 6, listed: true },
      deadMessages: null,
    })
    expect((await explore(twoPhaseCommit({ resources: 4 }))).tables.symmetry).toEqual({ order: 24, listed: false })
  })

  test('a message that is of no use any more; states that nobody tells apart', async () => {
    const { tables, seconds, roundSeconds } = await explore(telling(), { reduce: ['dead-messages', 'bisimulation'] })
    expect(tables).toMatchObject({
      roles: [
        { role: 'from', nodes: 1, states: 4, merged: { states: 4, classes: 1 } },
        { role: 'to', nodes: 1, states: 2, merged: { states: 2, classes: 2 } },
      ],
      messages: 1,
      symmetry: { order: 1 },
      deadMessages: { carried: 2, alive: 1 },
    })
    expect(tables.fillSeconds).toBeGreaterThan(0)
    expect(tables.fillSeconds).toBeLessThan(seconds)
    expect(roundSeconds).toBeLessThan(seconds)
  })
})
