import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Options } from '../../checker/check/options.ts'
import { listedJson } from '../../checker/cli/contract.ts'
import { loadSpec } from '../../checker/cli/load.ts'
import { main } from '../../checker/cli/main.ts'
import { mayAskForRules } from '../../checker/cli/rules.ts'
import { SpecError } from '../../checker/index.ts'
import { fakeTrace, folder, quietTerminal, run, violated } from '../support/cli-support.ts'

describe('what is typed becomes what is searched', () => {
  const table: readonly (readonly [string, Partial<Options>])[] = [
    ['', {}],
    ['--depth 20', { depth: 20 }],
    ['--depth=0', { depth: 0 }],
    ['--states 1000 --order depth', { states: 1000, order: 'depth' }],
    ['--time 90s', { seconds: 90 }],
    ['--time 1.5m', { seconds: 90 }],
    ['--time 7', { seconds: 7 }],
    ['--memory 4GB', { memoryBytes: 4 * 1024 ** 3 }],
    ['--memory 512m', { memoryBytes: 512 * 1024 ** 2 }],
    ['--simulate 100', { simulate: { runs: 100, seed: 1 } }],
    ['--simulate 100 --seed 7', { simulate: { runs: 100, seed: 7 } }],
    ['--no-reduce', { reduce: [] }],
    ['--no-symmetry', { reduce: ['dead-messages', 'subsumption', 'lower-bounds'] }],
    ['--reduce symmetry,bisimulation', { reduce: ['symmetry', 'bisimulation'] }],
    ['--reduce symmetry,bisimulation --no-symmetry', { reduce: ['bisimulation'] }],
    ['--property somebodyEnters', { property: 'somebodyEnters' }],
    ['--property all', {}],
    ['--mutant impatient', { property: 'mutualExclusion' }],
    ['--mutant impatient --property all', {}],
    ['--claim nobodyWaits', { property: 'nobodyWaits' }],
  ]
  test.each(table)('test/fixtures/lock.ts %s', async (args, expected) => {
    const { asked, err } = await run(`test/fixtures/lock.ts ${args}`)
    expect(err).toBe('')
    const { signal: _, workers: __, ...options } = asked[0]?.options ?? {}
    expect(options).toEqual(expected)
  })

  test('workers: one for each core, or so many', async () => {
    const workers = async (args: string) => (await run(`test/fixtures/lock.ts ${args}`)).asked[0]?.options.workers
    expect(await workers('')).toMatchObject({ count: availableParallelism(), isWanted: false })
    expect(await workers('--workers 3')).toMatchObject({ count: 3, isWanted: true })
    expect((await run('test/fixtures/lock.ts --workers 0')).code).toBe(2)
  })

  test('parameters reach the protocol, and the report', async () => {
    const { asked, out } = await run('test/fixtures/lock.ts --processes 4 --max-clock unlimited --json')
    expect(asked[0]?.protocol.roles['process']?.count).toBe(4)
    expect(JSON.parse(out).parameters).toEqual({ processes: 4, maxClock: 'Infinity' })
  })

  test('a mutant changes the protocol', async () => {
    expect((await run('test/fixtures/lock.ts')).asked[0]?.protocol.network).toBe('fifo')
    expect((await run('test/fixtures/lock.ts --mutant reordered')).asked[0]?.protocol.network).toBe('reliable')
  })

  test('a claim is the only property, at its own parameters', async () => {
    const { asked, out } = await run('test/fixtures/lock.ts --claim nobodyWaits --json')
    expect(Object.keys(asked[0]?.protocol.properties ?? {})).toEqual(['nobodyWaits'])
    expect(JSON.parse(out)).toMatchObject({ mutant: null, parameters: { processes: 3, maxClock: 2 } })
  })

  test("a mutant's parameters are weaker than what is typed", async () => {
    const parameters = async (args: string) => JSON.parse((await run(`test/fixtures/lock.ts --mutant reordered --json ${args}`)).out).parameters
    expect(await parameters('')).toEqual({ processes: 3, maxClock: 9 })
    expect(await parameters('--max-clock 2')).toEqual({ processes: 3, maxClock: 2 })
  })

  test('the protocol may come after options', async () => {
    expect((await run('--json --depth 3 test/fixtures/lock.ts')).asked[0]?.options.depth).toBe(3)
  })
})

describe('exit codes', () => {
  test.each([
    ['holds', 0],
    ['violated', 1],
    ['inconclusive', 3],
  ] as const)('%s: %i', async (verdict, code) => {
    expect((await run('test/fixtures/lock.ts', { verdict })).code).toBe(code)
  })

  test('a broken protocol: 2, and only its message', async () => {
    const { code, out, err } = await run('test/fixtures/lock.ts', new SpecError({ title: 'IMPURE HANDLER', what: 'It is.' }))
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^── IMPURE HANDLER ─+\nIt is\.\n$/)
  })

  test('a defect of the checker: 2, with the stack', async () => {
    const { code, err } = await run('test/fixtures/lock.ts', new TypeError('x is not a function'))
    expect(code).toBe(2)
    expect(err).toMatch(/^── DEFECT ─+\nTypeError: x is not a function\n {4}at /)
    expect(err).toContain('This is a defect of protocheck 0.')
  })
})

test.each([
  ['do: (n, { rule }) => rule("few", n.a < 9)', true],
  ['const few = here.rule', true],
  ['return here.rule as Rule', true],
  ["import { guard } from 'guards'", true],
  ["const { guard } = await import('guards')", true],
  ["import { Map } from 'immutable'\nimport { each } from 'protocheck'\nimport { node } from './node.ts'", false],
  ['Ack() {}, // rule 5 of the paper', false],
])('may a file ask for rules? %s', (text, may) => {
  expect(mayAskForRules({ sources: () => new Map([['mine.ts', text]]) })).toBe(may)
})

describe('wrong use is answered with what was meant', () => {
  const table: readonly (readonly [string, string])[] = [
    ['lamport-mutx', 'Did you mean lamport-mutex?'],
    ['quicksort', 'lamport-mutex, '],
    ['test/fixtures/lock.ts --max-clok 3', 'Did you mean --max-clock?'],
    ['test/fixtures/lock.ts --detph 3', 'Did you mean --depth?'],
    ['test/fixtures/lock.ts --mutant impatent', 'Did you mean impatient?'],
    ['test/fixtures/lock.ts --mutant constructor', 'There is: reordered'],
    ['test/fixtures/lock.ts --claim nobodywaits', 'Did you mean nobodyWaits?'],
    ['test/fixtures/lock.ts --claim nobodyWaits --mutant impatient', 'two questions'],
    ['test/fixtures/lock.ts --property mutualexclusion', 'Did you mean mutualExclusion?'],
    ['test/fixtures/lock.ts --property deadlock', 'There is: mutualExclusion, somebodyEnters.'],
    ['test/fixtures/lock.ts --reduce symetry', 'Did you mean symmetry?'],
    ['test/fixtures/lock.ts --order bredth', 'Did you mean breadth?'],
    ['test/fixtures/lock.ts --max-clock x', 'The parameter maxClock is given "x".\nExpected: a number, or unlimited (the default is 4).'],
    ['test/fixtures/lock.ts --max-clock 3x', 'The parameter maxClock is given "3x".'],
    ['test/fixtures/lock.ts --max-clock 0x10', 'The parameter maxClock is given "0x10".'],
    ['test/fixtures/lock.ts --max-clock', '--max-clock takes a value.'],
    ['test/fixtures/lock.ts --max-clock --json', '--max-clock takes a value, and --json looks like an option.'],
    ['test/fixtures/lock.ts --max-clock 3 --max-clock 4', '--max-clock is given twice: 3, and 4.'],
    ['test/fixtures/lock.ts --max-clock 3 --maxClock 4', 'The parameter maxClock is given twice.'],
    ['test/fixtures/lock.ts --depth 3 --depth 4', '--depth is given twice: 3, and 4.'],
    ['test/fixtures/lock.ts --checkpoint --json', '--checkpoint takes a value, and --json looks like an option.'],
    ['test/fixtures/lock.ts --property --json', '--property takes a value, and --json looks like an option.'],
    ['test/fixtures/lock.ts --depth -3', '--depth is given "-3".\nExpected: a whole number, at least 0.'],
    ['test/fixtures/lock.ts --states 0', 'at least 1'],
    ['test/fixtures/lock.ts --time 5parsecs', 'Expected: a time, as 90s, 2m or 1h.'],
    ['test/fixtures/lock.ts --memory 4', 'Expected: an amount of memory, as 512MB or 4GB.'],
    ['test/fixtures/lock.ts --seed 4', '--seed is given without --simulate.'],
    ['test/fixtures/lock.ts 3', 'too many arguments'],
    ['--depth 3', 'No protocol is named.'],
    ['explain', 'check <protocol | file.ts> --explain'],
    ['explain lamport-mutex', 'check <protocol | file.ts> --explain'],
    ['mutant impatient', 'check <protocol | file.ts> --mutant'],
    ['list lamport-mutx', 'Did you mean lamport-mutex?'],
    ['list ./nowhere.ts', 'There is no file'],
    ['test/fixtures/lock.ts --rules', 'lock labels none of its guards.'],
    ['list --jsn', 'Did you mean --json?'],
    ['./nowhere.ts', 'There is no file'],
  ]
  test.each(table)('%s', async (args, answer) => {
    const { code, out, err, asked } = await run(args)
    expect([code, asked]).toEqual([2, []])
    if (!args.includes('--json')) expect(out).toBe('')
    expect(err).toContain(answer)
    expect(err).toMatch(/^── [A-Z ]+ ──/)
    expect(err).not.toContain('    at ')
  })
})

describe('--json', () => {
  const fields = [
    'protocol',
    'parameters',
    'mutant',
    'verdict',
    'property',
    'complete',
    'states',
    'transitions',
    'depth',
    'handlerCalls',
    'seconds',
    'peakBytes',
    'reductions',
    'workers',
    'counterexample',
    'properties',
    'also',
    'shortest',
    'stoppedBy',
    'why',
    'runs',
    'unreached',
    'liveness',
    'rounds',
    'notes',
  ]

  test('is one object with exactly the fields of the contract', async () => {
    const { out } = await run('test/fixtures/lock.ts --mutant impatient --json', violated)
    const printed = JSON.parse(out)
    expect(Object.keys(printed)).toEqual(fields)
    expect(printed).toMatchObject({ protocol: 'lock', parameters: { processes: 3, maxClock: 4 }, mutant: 'impatient', verdict: 'violated' })
    expect(printed.counterexample).toEqual({ length: 2, steps: fakeTrace.steps })
  })

  test('without a counterexample it is null', async () => {
    expect(JSON.parse((await run('test/fixtures/lock.ts --json')).out)).toMatchObject({ mutant: null, property: null, counterexample: null })
  })

  test('check list --json describes each protocol', async () => {
    const { code, out } = await run('list --json')
    const listed: { name: string }[] = JSON.parse(out)
    expect(code).toBe(0)
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(['lamport-mutex', 'raft']))
    for (const one of listed) expect(Object.keys(one)).toEqual(['name', 'source', 'parameters', 'properties', 'mutants', 'bounds'])
  })

  test('check list names the protocols, or files', async () => {
    const { code, out } = await run('list test/fixtures/lock.ts two-phase-commit --json')
    expect(code).toBe(0)
    expect(JSON.parse(out).map(({ name }: { name: string }) => name)).toEqual(['lock', 'two-phase-commit'])
    const text = await run('list test/fixtures/lock.ts')
    expect(text.out.split('\n')[0]).toBe('lock  Nobody 1978, A Lock')
    expect(text.out).toContain('  mutants     reordered, impatient')
    // A file is not what is proved under the same name.
    expect(text.out).not.toContain('proved')
  })

  test('each with its parameters, properties and mutants', async () => {
    expect(listedJson(await loadSpec('test/fixtures/lock.ts', process.cwd()))).toEqual({
      name: 'lock',
      source: 'Nobody 1978, A Lock',
      parameters: [
        { name: 'processes', default: 3 },
        { name: 'maxClock', default: 4 },
      ],
      properties: ['mutualExclusion', 'somebodyEnters'],
      mutants: [
        {
          name: 'reordered',
          breaks: 'mutualExclusion',
          because: 'The network no longer keeps the order of messages between two processes.',
          parameters: { maxClock: 9 },
          length: 8,
        },
        {
          name: 'impatient',
          breaks: 'mutualExclusion',
          because: 'A process enters without having heard from every other.',
          parameters: {},
          length: 4,
        },
      ],
      bounds: { processes: 3, maxClock: 4 },
    })
  })
})

describe('the report for people', () => {
  test('holds, complete', async () => {
    expect((await run('test/fixtures/lock.ts')).out).toMatchInlineSnapshot(`
      "lock
        processes 3, maxClock 4

      HOLDS  mutualExclusion, somebodyEnters
        Complete: every reachable state within the bounds of the model was seen.

        12,345 distinct states, 45,678 transitions, depth 20; 1.23 s, peak memory 100 MB
        Code of the protocol ran 123 times for 45,678 transitions (0.27 %).
        Reductions: symmetry. Exact: whole states were compared.

      Next: npx check test/fixtures/lock.ts --max-clock 5   raises a bound
      "
    `)
  })

  test('where earlier searches learnt, handlers ran more often than the last took steps', async () => {
    const { out } = await run('test/fixtures/lock.ts', { rounds: 6, transitions: 5_316, handlerCalls: 73_675 })
    expect(out).toContain('Code of the protocol ran 73,675 times, in this search and in those before it, which learn what need not be searched.\n')
  })

  test('holds, bounded by its depth, with what was not reached', async () => {
    const { out } = await run('test/fixtures/lock.ts --depth 20 --max-clock 6', { complete: false, unreached: ['somebodyEnters'], notes: ['A remark.'] })
    expect(out).toMatchInlineSnapshot(`
      "lock
        processes 3, maxClock 6

      HOLDS  mutualExclusion
        Bounded: every execution of at most 20 steps was explored, longer ones were not.
        Neither held nor violated, since no state seen so far is as it asks: somebodyEnters.

        12,345 distinct states, 45,678 transitions, depth 20; 1.23 s, peak memory 100 MB
        Code of the protocol ran 123 times for 45,678 transitions (0.27 %).
        Reductions: symmetry. Exact: whole states were compared.

        Note: A remark.

      Next: npx check test/fixtures/lock.ts --max-clock 6 --depth 40   goes deeper
      "
    `)
  })

  test('violated', async () => {
    expect((await run('test/fixtures/lock.ts --mutant impatient', violated)).out).toMatchInlineSnapshot(`
      "lock with the mutant impatient
        processes 3, maxClock 4

      VIOLATED  mutualExclusion after 2 steps; no shorter execution violates it

        (2 steps drawn)

        12,345 distinct states, 45,678 transitions, depth 2; 1.23 s, peak memory 100 MB
        Code of the protocol ran 123 times for 45,678 transitions (0.27 %).
        Reductions: symmetry. Exact: whole states were compared.

        Note: Its \`length\` says 4, and a shortest counterexample has 2 steps.

      Next: npx check test/fixtures/lock.ts --mutant impatient --save   keeps this counterexample in a file, for check replay
      "
    `)
  })

  test('a state that is never reached', async () => {
    const { out } = await run('test/fixtures/lock.ts', { verdict: 'violated', property: 'somebodyEnters' })
    expect(out).toContain('VIOLATED  somebodyEnters\n  Every state within the bounds of the model was seen, and none is as the property asks.')
  })

  test('inconclusive', async () => {
    const { out } = await run('test/fixtures/lock.ts --time 1s', {
      verdict: 'inconclusive',
      complete: false,
      stoppedBy: 'time',
    })
    expect(out).toMatchInlineSnapshot(`
      "lock
        processes 3, maxClock 4

      INCONCLUSIVE  not violated in what was seen: mutualExclusion, somebodyEnters
        Not complete: ended by the time limit, states as far as 20 steps from the start were seen.

        12,345 distinct states, 45,678 transitions, depth 20; 1.23 s, peak memory 100 MB
        Code of the protocol ran 123 times for 45,678 transitions (0.27 %).
        Reductions: symmetry. Exact: whole states were compared.

      Next: raise --time, or bound the search: npx check test/fixtures/lock.ts --time 1s --depth 19
      "
    `)
  })

  test('depth first and at random, no length is said to be the shortest', async () => {
    for (const args of ['--order depth', '--simulate 9']) {
      expect((await run(`test/fixtures/lock.ts ${args}`, { ...violated, shortest: false })).out).toContain(
        'mutualExclusion after 2 steps; shorter executions may violate it too',
      )
    }
  })
})

describe('parameters of any name, with any number', () => {
  const directory = folder({
    'any.ts': `import { family } from ${JSON.stringify(new URL('../../checker/index.ts', import.meta.url).href)}
import { Record } from 'immutable'
class Node extends Record({ x: 0 }) {}
export const any = family({ N: 1, RM: 2, aB: 1, 'weird-name': 3, 'a b': 4, half: 0.5, neg: -1, big: 123456789, on: true, noLoss: 2 }, v => ({
  name: 'any', source: JSON.stringify(v), network: 'reliable', roles: { node: { count: 1, init: () => new Node(), on: {} } }, properties: {},
}))`,
  })
  const cases: readonly (readonly [args: string[], expected: object])[] = [
    [['--N', '2'], { N: 2 }],
    [['--RM', '5'], { RM: 5 }],
    [['--a-b', '7'], { aB: 7 }],
    [['--aB=7'], { aB: 7 }],
    [['--weird-name', '8'], { 'weird-name': 8 }],
    [['--a b', '9'], { 'a b': 9 }],
    [['--half', '0.25'], { half: 0.25 }],
    [['--half', '2.4'], { half: 2.4 }],
    [['--neg', '-3'], { neg: -3 }],
    [['--neg=-1e3'], { neg: -1000 }],
    [['--big', '-unlimited'], { big: '-Infinity' }],
    [['--on'], { on: true }],
    [['--on', 'false'], { on: false }],
    [['--on=false'], { on: false }],
    [['--no-loss', '4'], { noLoss: 4 }],
  ]
  test.each(cases)('%j', async (args, expected) => {
    const terminal = quietTerminal(directory)
    expect([await main(['./any.ts', ...args, '--json'], terminal), terminal.printed.err]).toEqual([0, ''])
    expect(JSON.parse(terminal.printed.out).parameters).toMatchObject(expected)
  })

  test('are shown as they are', async () => {
    const terminal = quietTerminal(directory)
    await main(['./any.ts'], terminal)
    expect(terminal.printed.out).toContain('N 1, RM 2, aB 1, weird-name 3, a b 4, half 0.5, neg -1, big 123456789, on true, noLoss 2')
    expect(terminal.printed.out).toContain('--no-loss 3   raises a bound')
    expect((await run('./any.ts --help', {}, { directory })).out).toContain('--N <number>')
  })
})

test('what else is violated is named, and what comes next keeps the options', async () => {
  const several = `import { Record } from 'immutable'
import { each, family, reachable, some, step } from ${JSON.stringify(new URL('../../checker/index.ts', import.meta.url).href)}
class N extends Record({ x: 0 }) {}
export const several = family({ stop: 3 }, ({ stop }) => ({
  name: 'several', source: 'test', network: 'reliable',
  roles: { n: { count: 1, init: () => new N(), on: {}, actions: { inc: { when: n => n.x < stop, do: n => n.update('x', x => x + 1) } } } },
  mayRest: false,
  properties: { never: reachable(some('n', n => n.x, x => x === 99)), z: each('n', n => n.x, x => x < 3), a: each('n', n => n.x, x => x < 3), st: step('n', (_, b) => b.x < 3), early: each('n', n => n.x, x => x !== 2), fine: each('n', n => n.x, x => x < 4) },
}))`
  const directory = folder({ 'several.ts': several })
  const terminal = quietTerminal(directory)
  expect(await main(['./several.ts', '--json'], terminal)).toBe(1)
  const { property, also, properties } = JSON.parse(terminal.printed.out) as {
    property: string
    also: { property: string; length: number | null }[]
    properties: string[]
  }
  expect(property).toBe('early')
  expect(properties).toEqual(['never', 'z', 'a', 'st', 'early', 'fine', 'deadlock'])
  expect([...also].sort((a, b) => (a.property < b.property ? -1 : 1))).toEqual([
    { property: 'a', length: 3 },
    { property: 'deadlock', length: 3 },
    { property: 'never', length: null },
    { property: 'st', length: 3 },
    { property: 'z', length: 3 },
  ])
  const forPeople = quietTerminal(directory)
  await main(['./several.ts', '--stop', '3', '--no-reduce', '--depth', '9'], forPeople)
  expect(forPeople.printed.out).toMatch(/VIOLATED {2}early after 2 steps.*\n {2}Also violated: /)
  expect(forPeople.printed.out).toContain('npx check ./several.ts --no-reduce --depth 9 --stop 3 --property early --save')
})

test('whether it may rest may depend on the parameters', async () => {
  const directory = folder({
    'rests.ts': `import { Record } from 'immutable'
import { family } from ${JSON.stringify(new URL('../../checker/index.ts', import.meta.url).href)}
class N extends Record({ x: 0 }) {}
export const rests = family({ rest: true }, ({ rest }) => ({
  name: 'rests', network: 'reliable', roles: { n: { count: 1, init: () => new N(), on: {} } }, mayRest: rest, properties: {},
}))`,
  })
  const code = (args: string) => main(['./rests.ts', ...args.split(' ')], quietTerminal(directory))
  expect(await code('--rest false --property deadlock')).toBe(1)
  expect(await code('--property deadlock')).toBe(2)
})

describe('--save', () => {
  const lockPath = resolve('test/fixtures/lock.ts')

  test('writes the trace and its drawing, and says how to replay it', async () => {
    const directory = folder({})
    const { out } = await run(`${lockPath} --mutant impatient --max-clock unlimited --save`, violated, { directory })
    const path = 'counterexamples/lock/impatient'
    expect(out).toContain(`Next: npx check replay ${path}.json`)
    expect(JSON.parse(readFileSync(join(directory, `${path}.json`), 'utf8'))).toEqual({
      ...fakeTrace,
      protocol: 'lock',
      parameters: { processes: 3, maxClock: 'Infinity' },
      mutant: 'impatient',
      because: 'A process enters without having heard from every other.',
    })
    expect(readFileSync(join(directory, `${path}.txt`), 'utf8')).toBe('(2 steps drawn)\n')
  })

  test('FILE says where', async () => {
    const directory = folder({})
    const { out } = await run(`${lockPath} --save deep/er.json --json`, violated, { directory })
    expect(existsSync(join(directory, 'deep/er.json')) && existsSync(join(directory, 'deep/er.txt'))).toBe(true)
    expect(JSON.parse(out).verdict).toBe('violated')
  })

  test('nothing is saved unasked', async () => {
    const directory = folder({})
    await run(lockPath, violated, { directory })
    expect(existsSync(join(directory, 'counterexamples'))).toBe(false)
  })
})

describe('progress', () => {
  test('is one line on a terminal, erased in the end', async () => {
    const { err } = await run('test/fixtures/lock.ts', {}, { progressColumns: 120 })
    expect(err.replace(/[\d.]+ [kMG]?B/, 'memory')).toBe('\r\u001b[Ksearch  1,000 states  500/s  depth 5  frontier 300  memory  2.00 s\r\u001b[K')
  })

  test('fits the terminal', async () => {
    const { err } = await run('test/fixtures/lock.ts', {}, { progressColumns: 20 })
    expect(err).toBe('\r\u001b[Ksearch  1,000 state\r\u001b[K')
  })

  test('is not drawn elsewhere', async () => {
    expect((await run('test/fixtures/lock.ts')).err).toBe('')
  })
})

test('Ctrl-C aborts the search and says what is known', async () => {
  let interrupt = () => {}
  let listening = false
  const { code, out, asked } = await run(
    'test/fixtures/lock.ts',
    { verdict: 'inconclusive', complete: false, stoppedBy: 'interrupt' },
    {
      onInterrupt(listener) {
        interrupt = listener
        listening = true
        return () => {
          listening = false
        }
      },
    },
  )
  expect(asked[0]?.options.signal?.aborted).toBe(false)
  interrupt()
  expect(asked[0]?.options.signal?.aborted).toBe(true)
  expect(listening).toBe(false)
  expect(code).toBe(3)
  expect(out).toContain('Not complete: ended by an interrupt')
})

describe('--help', () => {
  test('of the program names its options and protocols', async () => {
    const { code, out } = await run('--help')
    expect(code).toBe(0)
    for (const said of ['--depth <steps>', 'lamport-mutex', 'check list', '3 inconclusive']) expect(out).toContain(said)
  })

  test('of a protocol: parameters, properties, mutants, source', async () => {
    const { code, out, asked } = await run('test/fixtures/lock.ts --help')
    expect([code, asked]).toEqual([0, []])
    for (const said of ['Nobody 1978', '--max-clock <number>  default: 4', 'somebodyEnters', 'impatient  (breaks mutualExclusion', 'without having heard']) {
      expect(out).toContain(said)
    }
  })

  test('is shown when nothing is typed, which is wrong use', async () => {
    const { code, out, err } = await run('')
    expect([code, out, err]).toEqual([2, '', (await run('--help')).out])
  })
})
