import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listedJson } from '../checker/cli/contract.ts'
import { loadSpec } from '../checker/cli/load.ts'
import { SpecError } from '../checker/index.ts'
import type { Options } from '../checker/search/report.ts'
import { fakeTrace, folder, run, violated } from './cli-support.ts'

describe('what is typed becomes what is searched', () => {
  const table: readonly (readonly [string, Partial<Options>])[] = [
    ['', {}],
    ['--depth 20', { depth: 20 }],
    ['--depth=0', { depth: 0 }],
    ['--states 1000 --order depth --hashed', { states: 1000, order: 'depth', exact: false }],
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
    ['test/fixtures/lock.ts --max-clock x', 'The parameter maxClock is given "x".\nExpected: a whole number, 0 or more, or unlimited (the default is 4).'],
    ['test/fixtures/lock.ts --max-clock -1', 'The parameter maxClock is given "-1".'],
    ['test/fixtures/lock.ts --max-clock 1.5', 'The parameter maxClock is given "1.5".'],
    ['test/fixtures/lock.ts --max-clock', "option '--max-clock <number>' argument missing."],
    ['test/fixtures/lock.ts --depth -3', '--depth is given "-3".\nExpected: a whole number, at least 0.'],
    ['test/fixtures/lock.ts --states 0', 'at least 1'],
    ['test/fixtures/lock.ts --time 5parsecs', 'Expected: a time, as 90s, 2m or 1h.'],
    ['test/fixtures/lock.ts --memory 4', 'Expected: an amount of memory, as 512MB or 4GB.'],
    ['test/fixtures/lock.ts --seed 4', '--seed is given without --simulate.'],
    ['test/fixtures/lock.ts 3', 'too many arguments'],
    ['--depth 3', 'No protocol is named.'],
    ['list --jsn', 'Did you mean --json?'],
    ['./nowhere.ts', 'There is no file'],
  ]
  test.each(table)('%s', async (args, answer) => {
    const { code, out, err, asked } = await run(args)
    expect([code, out, asked]).toEqual([2, '', []])
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
    'exact',
    'collisionOdds',
    'workers',
    'counterexample',
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

      Next: npx check test/fixtures/lock.ts --mutant impatient --save   keeps this counterexample in a file, for check replay
      "
    `)
  })

  test('a state that is never reached', async () => {
    const { out } = await run('test/fixtures/lock.ts', { verdict: 'violated', property: 'somebodyEnters' })
    expect(out).toContain('VIOLATED  somebodyEnters\n  Every state within the bounds of the model was seen, and none is as the property asks.')
  })

  test('inconclusive, hashed', async () => {
    const { out } = await run('test/fixtures/lock.ts --time 1s --hashed', {
      verdict: 'inconclusive',
      complete: false,
      stoppedBy: 'time',
      exact: false,
      collisionOdds: 4.1e-12,
    })
    expect(out).toMatchInlineSnapshot(`
      "lock
        processes 3, maxClock 4

      INCONCLUSIVE  not violated in what was seen: mutualExclusion, somebodyEnters
        Not complete: ended by the time limit, states as far as 20 steps from the start were seen.

        12,345 distinct states, 45,678 transitions, depth 20; 1.23 s, peak memory 100 MB
        Code of the protocol ran 123 times for 45,678 transitions (0.27 %).
        Reductions: symmetry. Hashed: the odds that a state was missed are 4.1e-12.

      Next: raise --time, or bound the search: npx check test/fixtures/lock.ts --depth 19
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
    expect(err).toBe('\r\u001b[Ksearch  1,000 states  500/s  depth 5  frontier 300  2.00 s\r\u001b[K')
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
    for (const said of [
      'Nobody 1978',
      '--max-clock <number>           default: 4',
      'somebodyEnters',
      'impatient  (breaks mutualExclusion',
      'without having heard',
    ]) {
      expect(out).toContain(said)
    }
  })

  test('is shown when nothing is typed, which is wrong use', async () => {
    const { code, out, err } = await run('')
    expect([code, out, err]).toEqual([2, '', (await run('--help')).out])
  })
})
