/** A search that is stopped, or killed, and gone on with, ends as one that was not. PROTOCHECK_RUNS says on how many random protocols. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Facts, Snapshot } from '../../checker/check/snapshot.ts'
import { main } from '../../checker/cli/main.ts'
import { each, type Protocol } from '../../checker/index.ts'
import { folder, quietTerminal, spawnCheck } from '../support/cli-support.ts'

/** The command line in this process, with the engine that it has. */
const check = async (args: string, directory: string) => {
  const terminal = quietTerminal(directory)
  const code = await main(args.split(' '), terminal)
  return { code, ...terminal.printed }
}

/** What must not depend on whether a search was stopped in between. */
const found = (json: string): object => {
  const { seconds: _, peakBytes: __, handlerCalls: ___, ...rest } = JSON.parse(json) as { readonly [field: string]: unknown }
  return rest
}

/** The searches of Lamport's mutex are unreduced, with partial order (in the round that proves, and in the one that looks for a shorter way), depth-first; raft's learns in two rounds. */
const commands = [
  'lamport-mutex --no-reduce',
  'lamport-mutex --order depth',
  'lamport-mutex --reduce symmetry,partial-order',
  'lamport-mutex --mutant tied --reduce partial-order',
  `${fileURLToPath(new URL('../../bench/over-reliable/two-phase-commit.ts', import.meta.url))} --resources 6 --reduce partial-order`,
  'transaction-commit --resources 6 --no-reduce',
  'raft --mutant staleCandidate',
  'quorum-register --reduce symmetry,dead-messages,bisimulation',
  'raft --terms 3 --broadcasts 0 --crashes 0 --reduce symmetry,dead-messages,dead-fields',
  'raft --terms 3 --broadcasts 0 --crashes 0 --reduce symmetry,dead-messages,dead-fields,bisimulation,subsumption',
]

describe('a search that a limit stops, gone on with from its checkpoint, ends as one that was not', () => {
  it.each(commands)('%s', { timeout: 120_000 }, async command => {
    const directory = folder({})
    const whole = await check(`${command} --json`, directory)
    const { states } = JSON.parse(whole.out) as { states: number }
    let resume = ''
    let stops = 0
    for (const share of [0.05, 0.3, 0.8]) {
      const { code, out, err } = await check(`${command} --states ${Math.ceil(share * states)}${resume} --checkpoint a.check`, directory)
      expect(err).toBe('')
      const isUndecided = code === 3
      if (!isUndecided && !out.includes('shorter executions may violate it too')) continue
      stops++
      if (isUndecided) expect(out).toContain('the same command with --resume a.check and a higher --states')
      resume = ' --resume a.check'
    }
    expect(stops).toBeGreaterThan(0)
    const { code, out } = await check(`${command} --json${resume}`, directory)
    expect({ code, ...found(out) }).toEqual({ code: whole.code, ...found(whole.out) })
  })
})

describe('a search with or without dead fields goes on where it was', () => {
  /** @param most the last that is seen @param reads whether all that there is is read, so that no field is dead @param compares whether it cannot be told what is read */
  const clerks = (most: number, reads: boolean, compares: boolean) => {
    class Clerk extends Record({ mode: 'on', seen: 0, said: 0 }) {}
    type Roles = { clerk: { state: Clerk; inbox: never } }
    return {
      name: 'clerks',
      source: 'this test',
      network: 'fair-loss',
      roles: {
        clerk: {
          count: 3,
          init: () => new Clerk(),
          on: {},
          actions: {
            see: { when: c => c.seen < most, do: c => c.set('seen', c.seen + 1) },
            say: { do: (c, { choose }) => c.set('said', choose(reads ? [c.said, c.seen] : [0, 1])) },
            ...(compares ? { hush: { do: (c: Clerk) => (c.set('said', 0) === c ? c.set('mode', 'off') : c) } } : {}),
          },
        },
      },
      properties: {
        ok: each(
          'clerk',
          c => c.seen,
          seen => seen <= most,
        ),
      },
    } satisfies Protocol<Roles>
  }

  it.each([
    ['in force', clerks(40, false, false), true],
    ['where none is dead', clerks(9, true, false), false],
    ['where it cannot be told', clerks(9, false, true), false],
  ] as const)('by name, %s', async (_, protocol, isInForce) => {
    const reduce = ['symmetry', 'dead-fields'] as const
    const snapshots: Snapshot[] = []
    const whole = await explore(protocol, { reduce })
    expect(whole.reductions.includes('dead-fields')).toBe(isInForce)
    const save = async (one: Snapshot): Promise<void> => void snapshots.push(structuredClone(one))
    await explore(protocol, { reduce, states: Math.ceil(whole.states / 2), checkpoint: { seconds: 60, save } })
    const [snapshot] = snapshots as [Snapshot]
    expect([snapshots.length, snapshot.facts.fields !== null]).toEqual([1, isInForce])
    const met: number[] = []
    const resumed = await explore(protocol, { reduce, resume: () => snapshot, onProgress: ({ states }) => void met.push(states) })
    expect(Math.min(...met)).toBeGreaterThanOrEqual(snapshot.facts.search.states)
    const { verdict, states, transitions, reductions } = whole
    expect(resumed).toMatchObject({ verdict, states, transitions, reductions })
  })
})

const bin = fileURLToPath(new URL('../../bin/check.mjs', import.meta.url))

/** What a checkpoint says of itself, if there is one yet. */
const factsOf = (file: string): Facts | undefined => {
  if (!existsSync(file)) return undefined
  const bytes = readFileSync(file)
  const begin = bytes.indexOf('{"')
  return (JSON.parse(bytes.subarray(begin, begin + bytes.readInt32LE(begin - 4)).toString()) as { facts: Facts }).facts
}

const raft = { verdict: 'holds', reductions: ['symmetry', 'dead-messages', 'dead-fields', 'subsumption'] }

type Killed = readonly [command: string, when: string, isDue: (facts: Facts) => boolean, found: object]

/** They take a minute. Proofs in pieces are what `small-sizes.test.ts` and the random searches compare each time. */
const slow: readonly Killed[] = [
  [
    'raft --terms 3 --broadcasts 0 --crashes 0 --reduce symmetry,dead-messages,dead-fields,subsumption',
    'once dead fields are reset',
    ({ fields }) => fields !== null,
    raft,
  ],
  [
    'raft --terms 3 --length 1 --crashes 0',
    'in the proof, with dead fields',
    ({ phase, fields }) => phase === 'prove' && fields !== null,
    { ...raft, reductions: ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation', 'subsumption'] },
  ],
]

describe('a search that is killed', () => {
  it.each<Killed>([
    ['lamport-mutex --max-clock 5 --no-reduce', 'at once', () => true, { verdict: 'holds', states: 270_115, transitions: 897_237, depth: 51, reductions: [] }],
    ...(process.env['PROTOCHECK_SLOW'] === undefined ? [] : slow),
  ])('goes on from its last checkpoint, and ends as one that was not: %s, %s', { timeout: 120_000 }, async (command, _, isDue, expected) => {
    const directory = folder({})
    const args = `${command} --json`
    const child = spawn(process.execPath, [bin, ...`${args} --checkpoint a.check --checkpoint-every 50ms`.split(' ')], { cwd: directory, stdio: 'ignore' })
    const ended = new Promise<NodeJS.Signals | null>(resolve => child.on('close', (_, signal) => resolve(signal)))
    for (let facts: Facts | undefined; facts === undefined || !isDue(facts); facts = factsOf(join(directory, 'a.check')))
      await new Promise(resolve => setTimeout(resolve, 20))
    child.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    // In the same surroundings, as the text of the protocol's functions is what a compiler makes of it.
    const resumed = await spawnCheck([...args.split(' '), '--resume', 'a.check'], directory)
    const whole = await spawnCheck(args.split(' '), directory)
    expect(resumed.err).toBe('')
    expect(found(resumed.out)).toEqual(found(whole.out))
    expect(found(whole.out)).toMatchObject(expected)
  })
})

const counter = (limit: number, check = 'n < 9'): string => `
  import { each } from 'protocheck'
  import { Record } from 'immutable'
  class Counter extends Record({ n: 0 }) {}
  const LIMIT = ${limit}
  export default {
    name: 'counters', source: 'test', network: 'reliable',
    roles: { node: { count: 5, init: () => new Counter(), on: {}, actions: { count: { when: c => c.n < LIMIT, do: c => c.set('n', c.n + 1) } } } },
    properties: { small: each('node', c => c.n, n => ${check}) },
  }`

describe('a checkpoint that does not fit', () => {
  it('is refused where something else is asked for, which is named', async () => {
    const directory = folder({})
    await check('lamport-mutex --no-reduce --states 5000 --checkpoint a.check', directory)
    const refused = async (args: string): Promise<string> => {
      const { code, out, err } = await check(args, directory)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      return err
    }
    expect(await refused('lamport-mutex --no-reduce --max-clock 5 --resume a.check')).toContain('parameter maxClock: it was 4, now it is 5.')
    expect(await refused('lamport-mutex --no-reduce --mutant tied --resume a.check')).toContain('mutant: it was none, now it is tied.')
    expect(await refused('lamport-mutex --no-reduce --depth 9 --resume a.check')).toContain('depth: it was unlimited, now it is 9.')
    expect(await refused('lamport-mutex --resume a.check')).toContain('reductions: it was none, now it is the usual.')
    expect(await refused('lamport-mutex --reduce dead-fields,symmetry --resume a.check')).toContain('reductions: it was none, now it is dead-fields,symmetry.')
    expect(await refused('raft --no-reduce --resume a.check')).toContain('protocol: it was lamport-mutex, now it is raft.')
    expect(await refused('lamport-mutex --simulate 5 --resume a.check')).toContain('RANDOM EXECUTIONS HAVE NO CHECKPOINT')
    expect(await refused('lamport-mutex --rules --resume a.check')).toContain('--rules is many searches')
    expect(await refused('lamport-mutex --resume b.check')).toContain('NO SUCH FILE')
    expect(await refused('lamport-mutex --checkpoint none/a.check')).toContain('CHECKPOINT CANNOT BE WRITTEN')
    expect(await refused('lamport-mutex --checkpoint-every 5s')).toContain('without --checkpoint')
  })

  it('is refused where the protocol does something else', { timeout: 60_000 }, async () => {
    const directory = folder({ 'counters.ts': counter(6) })
    const search = ['counters.ts', '--no-reduce', '--states', '9000', '--json']
    expect((await spawnCheck([...search, '--checkpoint', 'a.check'], directory)).code).toBe(3)
    expect((await spawnCheck([...search.slice(0, 2), '--json', '--resume', 'a.check'], directory)).out).toContain('"states":16807,')
    // The limit is outside of the functions: only what they answer tells.
    writeFileSync(join(directory, 'counters.ts'), counter(2))
    const other = await spawnCheck([...search, '--resume', 'a.check'], directory)
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('file counters.ts: it was') })
    writeFileSync(join(directory, 'counters.ts'), counter(6, 'n < 8'))
    expect((await spawnCheck([...search, '--resume', 'a.check'], directory)).err).toContain('file counters.ts: it was')
  })

  it('is refused if it is damaged, wherever', { timeout: 60_000 }, async () => {
    const directory = folder({ 'not.check': 'not one' })
    const command = 'lamport-mutex --processes 2 --no-reduce'
    await check(`lamport-mutex --max-clock 3 --no-reduce --states 2000 --checkpoint a.check`, directory)
    const whole = readFileSync(join(directory, 'a.check'))
    const refused = async (bytes: Uint8Array): Promise<void> => {
      writeFileSync(join(directory, 'b.check'), bytes)
      const { code, out, err } = await check('lamport-mutex --max-clock 3 --no-reduce --resume b.check', directory)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toMatch(/^── (CHECKPOINT|NOT A CHECKPOINT)/)
      expect(err).not.toContain('defect')
    }
    expect((await check(`${command} --resume not.check`, directory)).err).toContain('NOT A CHECKPOINT')
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.nat(3_000), fc.nat(whole.length - 1)), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const damaged = Uint8Array.from(whole)
        damaged[at] = (damaged[at] as number) ^ by
        await refused(damaged)
      }),
      { numRuns: 60, seed: 1 },
    )
    for (const length of [0, 10, 40, 500, whole.length - 1]) await refused(whole.subarray(0, length))
    await refused(Buffer.concat([whole, Buffer.from('more')]))
  })
})
