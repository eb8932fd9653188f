import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { main } from '../../checker/cli/main.ts'
import { folder, quietTerminal, spawnCheck } from '../support/cli-support.ts'

/** A protocol that no type checker has seen; what is wrong with it is said in its place. */
const protocol = (name = 'tiny') => `{
  name: '${name}', source: 'none', network: 'reliable',
  roles: { node: { count: 1, init: () => new Node(), on: {} } },
  properties: {},
}`
const head = `import { Record } from 'immutable'\nimport { family, SpecError } from 'protocheck'\nconst Node = Record({ a: 1 })\n`

describe('a file of the user', () => {
  const broken: readonly (readonly [string, string, readonly string[]])[] = [
    ['exports nothing', 'const a = 1', ['NO PROTOCOL IN FILE', 'exports nothing', 'family(']],
    ['exports no protocol', 'export const a = 1; export const b = () => ({})', ['NO PROTOCOL IN FILE', 'a, b']],
    ['exports several', `${head}export const one = ${protocol()}\nexport const two = family({}, () => (${protocol()}))`, ['SEVERAL PROTOCOLS', 'one, two']],
    ['throws on import', `const x: number = 1\nnull.foo`, ['FILE DOES NOT LOAD', 'TypeError: Cannot read properties of null', 'broken.ts:2']],
    ['does not parse', `const x = {`, ['FILE DOES NOT LOAD', 'broken.ts']],
    ['imports what is not there', `import { x } from './nowhere.ts'\nexport const y = x`, ['FILE DOES NOT LOAD', 'nowhere.ts']],
    [
      'throws when called',
      `${head}export const a = family({ n: 1 }, () => { throw new Error('no') })`,
      ['PROTOCOL CANNOT BE MADE', 'Error: no', 'broken.ts:4'],
    ],
    [
      'throws a SpecError',
      `${head}export const a = family({ n: 1 }, () => { throw new SpecError({ title: 'MINE', what: 'own words' }) })`,
      ['MINE', 'own words'],
    ],
    [
      'lacks roles',
      `${head}export const a = family({ n: 1 }, () => ({ name: 'a', source: 'b' }))`,
      ['NOT A PROTOCOL', 'network is missing.', 'one of: fifo, reliable, fair-loss'],
    ],
    ['has no good mutants', `${head}export const a = ${protocol()}\nexport const mutants = { a: 1 }`, ['NOT MUTANTS']],
    ['takes a name', `${head}export const a = family({ depth: 1 }, () => (${protocol()}))`, ['PARAMETER NAME IS TAKEN', '--depth']],
  ]
  test.concurrent.each(broken)('%s', async (_, text, answers) => {
    const { code, out, err } = await spawnCheck(['./broken.ts'], folder({ 'broken.ts': text, 'package.json': '{ "type": "commonjs" }' }))
    expect([code, out]).toEqual([2, ''])
    for (const answer of answers) expect(err).toContain(answer)
    expect(err).not.toContain('defect of protocheck')
  })

  const good: readonly (readonly [string, string, string])[] = [
    ['a plain protocol', `${head}export const a = ${protocol()}`, 'tiny: none'],
    ['a default export among others', `${head}export const a = ${protocol('other')}\nexport default ${protocol('mine')}`, 'mine: none'],
    ['one exported under two names', `${head}export const a = ${protocol()}\nexport default a`, 'tiny: none'],
    [
      'mutants beside it',
      `${head}export const a = ${protocol()}\nexport const mutants = { m: { because: 'why', breaks: 'deadlock', length: 1, change: x => x } }`,
      'm  (breaks deadlock)',
    ],
    ['parameters of each type', `${head}export const a = family({ maxClock: 2, strict: false, mode: 'x' }, () => (${protocol()}))`, '--strict [true|false]'],
  ]
  test.concurrent.each(good)('%s', async (_, text, answer) => {
    const { code, out, err } = await spawnCheck(['good.ts', '--help'], folder({ 'good.ts': text }))
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain(answer)
  })
})

test.each(['workers', 'states', 'checkpointEvery', 'output'])('a parameter called %s is refused, whatever is asked', async name => {
  const directory = folder({ 'broken.ts': `${head}export const a = family({ ${name}: 1 }, () => (${protocol()}))` })
  for (const command of ['', 'list ', 'prove ', 'graph ']) {
    const terminal = quietTerminal(directory)
    expect(await main(`${command}./broken.ts`.split(' '), terminal)).toBe(2)
    expect(terminal.printed.err).toContain('PARAMETER NAME IS TAKEN')
  }
})

test.concurrent('a file that is not there is answered with the nearest', async () => {
  const { code, err } = await spawnCheck(['./mutexx.ts'], folder({ 'mutex.ts': '' }))
  expect(code).toBe(2)
  expect(err).toContain('Did you mean mutex.ts?')
})

test.concurrent('a file may import others, which import others, in a package of whatever type', async () => {
  const directory = folder({
    'one.ts': `${head}import { two } from './two.ts'\nexport const a = ${protocol()}\ntwo(1)`,
    'two.ts': `import { three } from './three.js'\nexport const two = (n: number) => three(n)`,
    'three.ts': 'export const three = (n: number): number => n',
  })
  const { code, out, err } = await spawnCheck(['one.ts', '--json'], directory)
  expect([code, err]).toEqual([0, ''])
  expect(JSON.parse(out)).toMatchObject({ protocol: 'tiny', verdict: 'holds' })
})

test.concurrent.each([
  ['commonjs', '{ "type": "commonjs" }'],
  ['module', '{ "type": "module" }'],
])("the stranger's file, in a %s package", async (_, manifest) => {
  const directory = folder({ 'package.json': manifest })
  copyFileSync(fileURLToPath(new URL('../fixtures/stranger.ts', import.meta.url)), join(directory, 'stranger.ts'))
  const { code, out, err } = await spawnCheck(['stranger.ts', '--json'], directory)
  expect([code, err]).toEqual([0, ''])
  expect(JSON.parse(out)).toMatchObject({ protocol: 'lock-server', verdict: 'holds', complete: true })
})
