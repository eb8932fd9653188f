/** Names are any text: what they may do to a report, and what a report says that it did not say before. */
import { Record } from 'immutable'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { progressLine, smoothedRate } from '../../checker/cli/progress.ts'
import { shellWord } from '../../checker/cli/shell-word.ts'
import { each, explore, type Protocol, renderText, SpecError } from '../../checker/index.ts'
import { cut, padEnd, visible, widthOf } from '../../checker/trace/visible.ts'
import { fakeTrace, run, violated } from '../support/cli-support.ts'

test.each([
  ['plain', 'plain', 5],
  ['two\nlines', 'two\\u000alines', 14],
  ['\u001b[32mHOLDS\u001b[39m', '\\u001b[32mHOLDS\\u001b[39m', 25],
  ['日本語', '日本語', 6],
  ['👩‍👩‍👧', '👩‍👩‍👧', 2],
  ['e\u0301', 'e\u0301', 1],
  ['a\u202eb', 'a\\u202eb', 8],
])('%j is shown as %s', (name, shown, width) => {
  expect(visible(name)).toBe(shown)
  expect(widthOf(visible(name))).toBe(width)
  expect(widthOf(padEnd(visible(name), 30))).toBe(30)
  expect(widthOf(cut(visible(name), 4))).toBeLessThanOrEqual(4)
})

test('what is measured by its length alone is as wide as string-width says', () => {
  const letters = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).filter(letter => visible(letter) === letter)
  for (const letter of letters)
    for (const text of [letter, `a${letter}b`, `${letter}${letter}`]) expect([text, widthOf(text)]).toEqual([text, stringWidth(text)])
})

describe('a name forges nothing', () => {
  const forged = 'x\n\u001b[32mHOLDS\u001b[39m'
  class Switch extends Record({ on: false }) {}
  const once = {
    name: forged,
    source: 'this test',
    network: 'reliable',
    roles: {
      node: {
        count: 2,
        names: [forged, '日本'],
        init: () => new Switch(),
        on: {},
        actions: { [forged]: { do: node => node.set('on', true) } },
      },
    },
    properties: {
      [forged]: each(
        'node',
        node => node.on,
        on => !on,
      ),
    },
  } satisfies Protocol<{ node: { state: Switch; inbox: never } }>

  test('in the drawing, whose lines are aligned', async () => {
    const { counterexample } = await explore(once)
    const text = renderText({ ...(counterexample as NonNullable<typeof counterexample>), because: forged })
    expect(text).not.toContain('\u001b')
    expect(text.split('\n').filter(line => line.includes('HOLDS') && !line.includes('\\u'))).toEqual([])
    const states = text.split('\n').filter(line => line.includes(' on: '))
    expect(new Set(states.slice(0, 2).map(line => widthOf(line.slice(0, line.indexOf('on:'))))).size).toBe(1)
  })

  test('in the report', async () => {
    const { out } = await run('test/fixtures/lock.ts', {
      ...violated,
      property: forged,
      notes: [forged],
      unreached: [forged],
      counterexample: { ...fakeTrace, property: forged },
    })
    expect(out).not.toContain('\u001b')
    expect(out.split('\n').filter(line => line.includes('HOLDS') && !line.includes('u001b'))).toEqual([])
  })

  test('to the shell', () => {
    expect(shellWord('two\nlines')).toBe("$'two\\u000alines'")
    expect(shellWord("it's\t\\")).toBe("$'it\\'s\\u0009\\\\'")
    expect(shellWord("it's")).toBe("'it'\\''s'")
  })
})

describe('what was asked for and is not done is said', () => {
  test('a reduction that was named', async () => {
    const { out } = await run('test/fixtures/lock.ts --reduce symmetry,bisimulation')
    expect(out).toContain('Note: bisimulation: named, and not used, since it takes dead-messages, too.')
    expect((await run('test/fixtures/lock.ts --no-symmetry')).out).not.toContain('Note:')
  })

  test('random executions that were begun', async () => {
    const { out } = await run('test/fixtures/lock.ts --simulate 2000', { ...violated, runs: 3 })
    expect(out).toContain('Found in random execution 3 of 2,000, with seed 1.')
    const stopped = await run('test/fixtures/lock.ts --simulate 2000 --time 1s', { verdict: 'inconclusive', complete: false, stoppedBy: 'time', runs: 7 })
    expect(stopped.out).toContain('ended by the time limit in random execution 7 of 2,000')
  })

  test.each([
    ['memory', 'The search was ended by the memory limit.'],
    ['runs', 'Random executions prove nothing.'],
    [null, 'What was asked takes a complete search, and this one was bounded by its depth.'],
  ] as const)('--json says why it is inconclusive: %s', async (stoppedBy, why) => {
    const { out } = await run('test/fixtures/lock.ts --json', { verdict: 'inconclusive', complete: false, stoppedBy })
    expect(JSON.parse(out)).toMatchObject({ stoppedBy, why, runs: null })
  })

  class Node extends Record({ a: 0 }) {}
  const ruled = (most = 9, either = false): Protocol<{ node: { state: Node; inbox: never } }> => ({
    name: 'ruled',
    source: 'this test',
    network: 'reliable',
    roles: {
      node: {
        count: 2,
        init: () => new Node(),
        on: {},
        actions: { go: { when: (n, { rule }) => n.a < 3 && (rule('few', n.a < 2) || (either && rule('none', false))), do: n => n.set('a', n.a + 1) } },
      },
    },
    properties: {
      low: each(
        'node',
        n => n.a,
        a => a < most,
      ),
    },
  })

  test('a rule that is left out and is not there', async () => {
    await expect(explore(ruled(), { without: ['fwe'] })).rejects.toMatchObject({ parts: { title: 'NO SUCH RULE', hint: 'Did you mean few?' } })
    await expect(explore(ruled(), { without: ['few', 'fwe'] })).rejects.toMatchObject({ parts: { title: 'NO SUCH RULE' } })
    expect(await explore(ruled(), { without: ['few'] })).toMatchObject({ verdict: 'holds', states: 10 })
    // Without the first nobody asks for the second, which is there all the same.
    expect(await explore(ruled(9, true), { without: ['few', 'none'] })).toMatchObject({ verdict: 'holds' })
    expect((await explore(ruled(), { without: ['fwe'], depth: 1 })).notes).toContainEqual(expect.stringContaining('No code asked for the rule "fwe"'))
  })

  test('the runs of the engine are counted', async () => {
    expect(await explore(ruled(1), { simulate: { runs: 50, seed: 1 } })).toMatchObject({ verdict: 'violated', runs: 1 })
    expect(await explore(ruled(), { simulate: { runs: 50, seed: 1 } })).toMatchObject({ verdict: 'inconclusive', runs: 50 })
    expect(await explore(ruled())).toMatchObject({ runs: null })
  })
})

test('a command that is misspelt is suggested, and the list is of protocols', async () => {
  expect((await run('lits')).err).toContain('Did you mean list?')
  expect((await run('replya x')).err).toContain('Did you mean replay?')
  expect((await run('rfat')).err).toContain('Did you mean raft?')
  expect((await run('something-else')).err).not.toContain('replay')
})

test('the JSON of an error has the execution that leads there', async () => {
  const parts = { title: 'THROWN', what: 'It throws.', execution: 'The shortest execution that leads there:\n  1. p1 request' }
  const { error } = JSON.parse((await run('lamport-mutex --json', new SpecError(parts))).out)
  expect(error).toEqual({ ...parts, place: null, why: null, hint: null })
})

test('the rate is smoothed', () => {
  const at = (seconds: number, states: number) => ({ phase: 'search', states, transitions: 0, depth: 1, frontier: 1, seconds })
  expect(smoothedRate(at(2, 1000), null)).toBe(500)
  const next = smoothedRate(at(2.2, 3000), { progress: at(2, 1000), rate: 500 })
  expect(next).toBeGreaterThan(500)
  expect(next).toBeLessThan(1500)
  expect(smoothedRate(at(2, 1000), { progress: at(2, 1000), rate: 500 })).toBe(500)
})

test('the line of a search says how much time a limit leaves it, and nothing of it where there is none', () => {
  const now = { phase: 'search', states: 1000, transitions: 0, depth: 3, frontier: 10, seconds: 2 }
  expect(progressLine(now, 500, 2 ** 20)).toBe('search  1,000 states  500/s  depth 3  frontier 10  1.0 MB  2.00 s')
  expect(progressLine(now, 500, 2 ** 20, 58)).toBe('search  1,000 states  500/s  depth 3  frontier 10  1.0 MB  2.00 s  at most 58.0 s left')
  expect(progressLine(now, 500, 2 ** 20, -1)).toContain('at most 0.00 s left')
})
