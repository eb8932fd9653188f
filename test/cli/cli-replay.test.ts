import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Trace } from '../../checker/trace/trace.ts'
import { folder, run, spawnCheck } from '../support/cli-support.ts'

const ring = `import { Record } from 'immutable'
import { eachPair, family } from 'protocheck'

class Node extends Record({ busy: false }) {}

export const ring = family({ nodes: 2, rounds: Infinity }, ({ nodes }) => ({
  name: 'ring', source: 'none', network: 'reliable',
  roles: { node: { count: nodes, init: () => new Node(), on: {}, actions: { work: { when: n => nodes === 1 && !n.busy, do: n => n.set('busy', true) } } } },
  properties: { oneAtATime: eachPair('node', n => n.busy, (a, b) => !(a && b)) },
}))

export const mutants = {
  greedy: {
    because: 'Everybody works.', breaks: 'oneAtATime', length: 2,
    change: spec => ({ ...spec, roles: { node: { ...spec.roles.node, actions: { work: { do: n => n.set('busy', true) } } } } }),
  },
}
`

const directory = folder({ 'ring.ts': ring })
const saved = 'counterexamples/ring/greedy.json'

const raft = JSON.parse(readFileSync(new URL('../../counterexamples/raft/votesTwice.json', import.meta.url), 'utf8')) as Trace

test.each<[string, string, (trace: Trace) => object]>([
  ['as it is saved', 'n1 and n2 together break it.', trace => trace],
  ['of another property, which holds', '', trace => ({ ...trace, property: 'leaderCompleteness' })],
  ['a step of which cannot be taken', '', trace => ({ ...trace, steps: trace.steps.toSpliced(2, 1) })],
  ['with more nodes than there is memory for', '', trace => ({ ...trace, parameters: { ...trace.parameters, nodes: 1e9 } })],
  ['with nodes that nothing can be made of', '', trace => ({ ...trace, parameters: { ...trace.parameters, nodes: -1 } })],
])('check show says what decided only of a trace that is so: %s', async (_, why, change) => {
  const { code, err, out } = await run('show it.json', {}, { directory: folder({ 'it.json': JSON.stringify(change(raft)) }) })
  expect([code, err]).toEqual([0, ''])
  expect(/ break it\./.test(out)).toBe(why !== '')
  expect(out).toContain(why)
})

/** Saves a changed copy of the counterexample, and replays it. */
const replayed = (name: string, change: (trace: Trace) => object) => {
  writeFileSync(join(directory, name), JSON.stringify(change(JSON.parse(readFileSync(join(directory, saved), 'utf8')))))
  return spawnCheck(['replay', name, './ring.ts'], directory)
}

describe('check replay', () => {
  beforeAll(async () => {
    const { code, out } = await spawnCheck(['./ring.ts', '--mutant', 'greedy', '--save'], directory)
    expect(code).toBe(1)
    expect(out).toContain(`Next: npx check replay ${saved} ./ring.ts`)
  })

  test('shows each step, and that the correct protocol cannot take it', async () => {
    const { code, out, err } = await spawnCheck(['replay', saved, 'ring.ts'], directory)
    expect([code, err]).toEqual([1, ''])
    expect(out).toContain('1. n1 work\n   n1  busy: false → true')
    expect(out).toContain('VIOLATED  Every step can be taken, and oneAtATime is violated at the end.')
    const why = 'n1 and n2 together break it. It read of n1: busy; of n2: busy.\n'
    expect(out).toContain(`is violated at the end.\n\n${why}\nOn the correct protocol: Step 1 is impossible`)
    // So does what is shown, where the protocol is at hand.
    const shown = (...more: string[]) => run(['show', saved, ...more].join(' '), {}, { directory })
    const [named, alone] = [await shown('ring.ts'), await shown()]
    expect([named.code, named.err, named.out]).toEqual([0, '', `${alone.out}\n${why}`])
    expect((await shown('ring.ts', '--format', 'svg')).err).toContain('only a page and the text need it')
    expect((await shown('nobody.ts')).code).toBe(2)
  })

  test('--json says the same to scripts', async () => {
    const { code, out, err } = await spawnCheck(['replay', saved, 'ring.ts', '--json'], directory)
    expect([code, err]).toEqual([1, ''])
    expect(JSON.parse(out)).toEqual({
      protocol: 'ring',
      parameters: { nodes: 2, rounds: 'Infinity' },
      mutant: 'greedy',
      property: 'oneAtATime',
      length: 2,
      kind: 'violates',
      step: null,
      why: null,
      correct: { kind: 'impossible', step: 1, why: expect.stringContaining('work is not enabled') },
    })
    const { mutant, ...without } = JSON.parse(readFileSync(join(directory, saved), 'utf8'))
    writeFileSync(join(directory, 'correct.json'), JSON.stringify({ ...without, mutant: null }))
    const correct = await spawnCheck(['replay', 'correct.json', 'ring.ts', '--json'], directory)
    expect(correct.code).toBe(0)
    expect(JSON.parse(correct.out)).toMatchObject({ mutant: null, kind: 'impossible', step: 1, correct: null })
  })

  test('says when the end violates nothing', async () => {
    const { code, out } = await replayed('half.json', trace => ({ ...trace, steps: trace.steps.slice(0, 1) }))
    expect(code).toBe(0)
    expect(out).toContain('Every step can be taken, but oneAtATime is not violated at the end.')
  })

  test('says which step cannot be taken', async () => {
    const { code, out } = await replayed('twice.json', trace => ({ ...trace, mutant: null }))
    expect(code).toBe(0)
    expect(out).toContain('Step 1 is impossible: n1 work.')
  })

  test('reads back a parameter without a limit', async () => {
    expect(JSON.parse(readFileSync(join(directory, saved), 'utf8')).parameters).toEqual({ nodes: 2, rounds: 'Infinity' })
    const { code, out, err } = await replayed('limited.json', trace => ({ ...trace, parameters: { ...trace.parameters, nodes: 3 } }))
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('It has no node n3')
  })

  const edits: readonly (readonly [what: string, from: string, to: string, said: string])[] = [
    ['an action', 'actions: { work: { do:', 'actions: { works: { do:', 'It has the action work of n1; ring is otherwise now.'],
    ['the property', 'oneAtATime', 'onlyOne', 'It has the property oneAtATime'],
    ['the mutant', 'greedy: {', 'greedier: {', 'ring has no mutant greedy.'],
    ['the role', /node(?=: \{ count)|(?<=')node(?=')|(?<=roles: \{ )node(?=: \{ \.\.)|(?<=spec\.roles\.)node/g.source, 'member', 'It has the node n1'],
    ['a field more', '{ busy: false }', '{ busy: false, debug: 0 }', 'It has no field debug of n1'],
    ['a field less', 'busy', 'active', 'It has the field busy of n1'],
  ]
  test.each(edits)('says so where %s is not there any more, or new', async (_, from, to, said) => {
    const name = `ring-${to.replaceAll(/\W/g, '')}.ts`
    const changed = ring.replaceAll(new RegExp(from.includes('(?') ? from : from.replaceAll(/[{}()[\].]/g, '\\$&'), 'g'), to)
    expect(changed).not.toBe(ring)
    writeFileSync(join(directory, name), changed)
    const { code, out, err } = await spawnCheck(['replay', saved, `./${name}`], directory)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(said)
  })

  const wrong: readonly (readonly [string, (trace: Trace) => object, string])[] = [
    ['another parameter', trace => ({ ...trace, parameters: { node: 2 } }), 'ring has no parameter "node"; it has: nodes, rounds.'],
    [
      'a parameter of another type',
      trace => ({ ...trace, parameters: { nodes: 'two' } }),
      'The parameter nodes of ring is a number; in the trace it is "two".',
    ],
    ['another mutant', trace => ({ ...trace, mutant: 'greddy' }), 'Did you mean greedy?'],
    ['another version', trace => ({ ...trace, version: 2 }), 'WRONG VERSION'],
    ['another format', () => ({ name: 'x' }), 'NOT A TRACE'],
  ]
  test.each(wrong)('refuses a trace with %s', async (name, change, answer) => {
    const { code, out, err } = await replayed(`${name.replaceAll(' ', '-')}.json`, change)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(answer)
  })
})

test('a truncated file', async () => {
  const { code, err } = await run('replay cut.json', {}, { directory: folder({ 'cut.json': '{ "format": "protocheck-trace", "version": 1, "steps": [' }) })
  expect(code).toBe(2)
  expect(err).toContain('TRUNCATED FILE')
})

test('no file', async () => {
  expect((await run('replay nowhere.json')).err).toContain('There is no file')
  expect((await run('replay')).err).toContain("missing required argument 'file'")
})

test("a user's protocol has to be named", async () => {
  const golden = fileURLToPath(new URL('../fixtures/nobody.json', import.meta.url))
  expect((await run(`replay ${golden}`)).err).toContain(`check replay ${golden} ./nobody.ts`)
})
