/** `check prove`: a protocol has a proof for each of the bounds that it exports, found again in the lock file by its parameters. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { loadSpec, specNames } from '../../checker/cli/load.ts'
import { bundledProofs, unrecorded } from '../../checker/cli/lock-file.ts'
import { judged } from '../../checker/cli/proofs/judged.ts'
import { type Planned, planOf } from '../../checker/cli/proofs/plan.ts'
import { runTask } from '../../checker/cli/proofs/task.ts'
import { parseLock } from '../../checker/prove/lock.ts'
import { Search } from '../../checker/search/search.ts'
import { run, violated } from '../support/cli-support.ts'

const index = new URL('../../checker/index.ts', import.meta.url).href

/** A counter that ends at `limit`, in a folder of its own, with these proofs. The name differs each time, since modules are loaded once. */
let written = 0
const counter = (proofs: string, directory = mkdtempSync(join(tmpdir(), 'prove-')), breaksAt = 'Infinity') => {
  const name = `./counter${written++}.ts`
  const text = `
import { Record } from ${JSON.stringify(new URL('../../node_modules/immutable/dist/immutable.es.js', import.meta.url).href)}
import { each, family } from ${JSON.stringify(index)}
class Counter extends Record({ count: 0 }) {}
export const counter = family({ limit: 2, step: 1 }, ({ limit, step }) => ({
  name: 'counter', source: 'this test', network: 'reliable',
  roles: { node: { count: 1, init: () => new Counter(), on: {}, actions: { count: { when: n => n.count < limit, do: n => n.set('count', n.count + step) } } } },
  properties: { small: each('node', n => n.count, count => count < ${breaksAt}) },
}))
${proofs}`
  writeFileSync(join(directory, name), text)
  return { name, directory }
}

const prove = (directory: string, args: string) => run(`prove ${args} --lock lock.json`, {}, { directory })

const recorded = (directory: string) =>
  parseLock(readFileSync(join(directory, 'lock.json'), 'utf8'), 'lock.json').proofs.map(({ parameters, states }) => ({ ...parameters, states }))

describe('check prove', () => {
  test('without `proofs` there is one, at the defaults', async () => {
    const { name, directory } = counter('')
    expect((await prove(directory, `${name} --update`)).code).toBe(0)
    expect(recorded(directory)).toEqual([{ limit: 2, step: 1, states: 3 }])
    expect(await prove(directory, name)).toMatchObject({ code: 0, out: expect.stringContaining('1 proofs as they should be, 0 not') })
  })

  test('each bound is recorded by its parameters, in the order of the protocol; the slow ones when they are asked for', async () => {
    const { name, directory } = counter('export const proofs = [{ limit: 5 }, {}, { step: 2 }, { limit: 9, slow: true }]')
    const first = await prove(directory, `${name} --update`)
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('3 proofs as they should be, 0 not, 1 left out (--slow)') })
    expect(recorded(directory)).toEqual([
      { limit: 5, step: 1, states: 6 },
      { limit: 2, step: 1, states: 3 },
      { limit: 2, step: 2, states: 2 },
    ])
    expect(await prove(directory, `${name} --slow`)).toMatchObject({ code: 1, out: expect.stringContaining('not in the lock file') })
    expect((await prove(directory, `${name} --slow --update`)).code).toBe(0)
    expect(recorded(directory)).toHaveLength(4)
    // What is slow stays recorded where the others are recorded anew.
    expect((await prove(directory, `${name} --update`)).code).toBe(0)
    expect(recorded(directory)).toHaveLength(4)
    expect(await prove(directory, `${name} --slow`)).toMatchObject({ code: 0, out: expect.stringContaining('4 proofs as they should be, 0 not.') })
  })

  test('each is compared with its own: a drift, what is not recorded, and what is recorded and gone', async () => {
    const { name, directory } = counter('export const proofs = [{}, { limit: 5 }]')
    await prove(directory, `${name} --update`)
    const lock = JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8'))
    lock.proofs[1].states = 7
    lock.proofs[0].parameters.limit = 3
    writeFileSync(join(directory, 'lock.json'), JSON.stringify(lock))
    const { code, out } = await prove(directory, name)
    expect(code).toBe(1)
    expect(out).toContain('states: 7 → 6')
    expect(out).toContain('limit 2, step 1: holds')
    expect(out).toContain('It is not in the lock file')
    expect(out).toContain('limit 3, step 1\n    It is in the lock file, and the protocol has no such proof')
    expect(out).toContain('0 proofs as they should be, 3 not.')
  })

  test('one’s own lock file is meant where there is one; what to type names the files', async () => {
    const { name, directory } = counter('')
    expect((await run(`prove ${name} --update`, {}, { directory })).code).toBe(0)
    expect(await run('prove', {}, { directory })).toMatchObject({ code: 2, err: expect.stringContaining(`Name the protocols: check prove ${name}\n`) })
    expect((await run(`prove ${name}`, {}, { directory })).code).toBe(0)
  })

  test('what is to be typed next names the protocols and the lock file', async () => {
    const { name, directory } = counter('')
    await prove(directory, `${name} --update`)
    writeFileSync(join(directory, 'lock.json'), readFileSync(join(directory, 'lock.json'), 'utf8').replace('"states": 3', '"states": 4'))
    const next = async (args: string) => (await run(args, {}, { directory })).out.split(' Recorded anew by: ')[1]
    expect(await next(`prove ${name} --lock lock.json`)).toBe(`check prove ${name} --lock lock.json --update\n`)
    expect(await next(`prove ${name} --slow`)).toBe(`check prove ${name} --slow --update\n`)
  })

  test('a lock file that lacks a protocol that comes with the checker is an error', () => {
    const proofs = bundledProofs()
    expect(unrecorded(proofs)).toEqual([])
    expect(unrecorded(proofs.filter(({ protocol }) => protocol !== 'raft'))).toEqual(['raft'])
    expect(unrecorded([])).toEqual(specNames())
  })

  test('one that is violated fails, though others hold', async () => {
    const { name, directory } = counter('export const proofs = [{}, { limit: 5 }]', undefined, '4')
    expect(await prove(directory, `${name} --update`)).toMatchObject({ code: 1, out: expect.stringMatching(/limit 5, step 1: violated small/) })
  })

  test.each([
    ['a parameter that there is not', '[{ limt: 5 }]', 'Did you mean limit?'],
    ['a value of another type', '[{ limit: true }]', 'sets limit to true'],
    ['no list', '{ limit: 5 }', 'no list of parameters'],
    ['an empty one', '[]', 'no list of parameters'],
  ])('%s is refused', async (_, proofs, said) => {
    const { name, directory } = counter(`export const proofs = ${proofs}`)
    expect(await prove(directory, `${name} --update`)).toMatchObject({ code: 2, err: expect.stringContaining(said) })
  })

  describe('mutants and claims', () => {
    const broken = (text: string) => `
export const mutants = { far: { because: 'It counts too far.', breaks: 'small', change: spec => ({ ...spec, properties: { small: each('node', n => n.count, c => c < 2) } }) }, ${text} }
export const claims = { never: { because: 'It counts.', refutes: each('node', n => n.count, c => c === 0) } }`
    const known = (length: number) => `
      told: { because: 'It says its length.', breaks: 'small', length: ${length}, change: spec => ({ ...spec, properties: { small: each('node', n => n.count, c => c < 1) } }) }`
    const lockOf = (directory: string) => JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8'))

    test('are recorded with the length that is found, and compared', async () => {
      const { name, directory } = counter(broken(known(1)))
      expect(await prove(directory, name)).toMatchObject({ code: 2, err: expect.stringContaining('NO SUCH FILE') })
      const first = await prove(directory, `${name} --update`)
      expect(first).toMatchObject({ code: 0, out: expect.stringContaining(`${name}, far: breaks small in 2 steps`) })
      const parameters = { limit: 2, step: 1 }
      expect(lockOf(directory).broken).toMatchObject([
        { protocol: name, variant: 'never', property: 'never', parameters, length: 1 },
        { protocol: name, variant: 'far', property: 'small', parameters, length: 2 },
        { protocol: name, variant: 'told', property: 'small', parameters, length: 1 },
      ])
      expect(await prove(directory, name)).toMatchObject({ code: 0, out: expect.stringContaining('4 proofs as they should be, 0 not.') })
      const lock = lockOf(directory)
      lock.broken[1].length = 1
      lock.broken[0].variant = 'gone'
      writeFileSync(join(directory, 'lock.json'), JSON.stringify(lock))
      const { code, out } = await prove(directory, name)
      expect([code, out]).toEqual([1, expect.stringContaining('length: 1 → 2')])
      expect(out).toContain('never: breaks never in 1 step\n    It is not in the lock file')
      expect(out).toContain('gone\n    It is in the lock file, and the protocol has no such mutant or claim')
      expect((await prove(directory, `${name} --update`)).code).toBe(0)
      expect((await prove(directory, name)).code).toBe(0)
    })

    test('one that is slow is left out, but with --slow', async () => {
      const slow = (more: string) => `because: 'It counts.', ${more}, slow: true`
      const { name, directory } = counter(`
export const mutants = { far: { ${slow("breaks: 'small', change: spec => ({ ...spec, properties: { small: each('node', n => n.count, c => c < 2) } })")} } }
export const claims = { never: { ${slow("refutes: each('node', n => n.count, c => c === 0)")} } }`)
      const first = await prove(directory, `${name} --update`)
      expect([first.err, first.out]).toEqual(['', expect.stringContaining('1 proofs as they should be, 0 not, 2 left out (--slow)')])
      expect((await prove(directory, `${name} --slow --update`)).out).toContain('3 proofs as they should be, 0 not.')
    })

    test('one that breaks nothing is an error, and not recorded', async () => {
      const { name, directory } = counter("export const mutants = { same: { because: 'Nothing is changed.', breaks: 'small', change: spec => spec } }")
      expect(await prove(directory, `${name} --update`)).toMatchObject({
        code: 1,
        out: expect.stringContaining('It should break small, and the answer is: holds.'),
      })
      expect(lockOf(directory).broken).toEqual([])
    })

    test('one that has no end is told, with what to do', async () => {
      const endless = '{ count: { do: n => n.set("count", n.count + 1) } }'
      const { name, directory } = counter(`export const mutants = { endless: { because: 'It counts on.', breaks: 'small',
        change: spec => ({ ...spec, roles: { node: { ...spec.roles.node, actions: ${endless} } } }) } }`)
      const spec = await loadSpec(name, directory)
      const [, planned] = planOf(spec, { proofs: [], broken: [] })
      const { task } = planned as Planned
      const found = await runTask(spec, task, { states: 50 })
      expect(judged(planned as Planned, found, false, true, '1').lines).toEqual([
        'It should break small, and did not in 4,097 states, 4,096 steps deep. The search was ended by the limit of states.',
        'If it has no end, bound what its nodes may count to (`within`). If it only takes long, mark it `slow`: then it may take as long as it takes.',
      ])
    })

    test('each is ended after 500,000 states or 120 s, but for a slow one; the protocol itself is not', async () => {
      const { name, directory } = counter(
        broken(
          `slowly: { because: 'It counts.', breaks: 'small', slow: true, change: spec => ({ ...spec, properties: { small: each('node', n => n.count, c => c < 1) } }) }`,
        ),
      )
      const spec = await loadSpec(name, directory)
      const start = vi.spyOn(Search.prototype, 'start')
      const limits = async (variant: string | null) => {
        start.mockClear()
        await runTask(spec, { protocol: name, variant, parameters: { limit: 2, step: 1 }, extent: null })
        const { states, seconds } = (start.mock.contexts[0] as Search).options.limits
        return [states, seconds]
      }
      expect([await limits('far'), await limits('never')]).toEqual([
        [500_000, 120],
        [500_000, 120],
      ])
      expect([await limits('slowly'), await limits(null)]).toEqual([
        [Infinity, Infinity],
        [Infinity, Infinity],
      ])
      start.mockRestore()
    })

    test('with a length are compared with it, too', async () => {
      const { name, directory } = counter(broken(known(3)))
      expect((await prove(directory, `${name} --update`)).code).toBe(1)
      const { code, out } = await prove(directory, name)
      expect([code, out]).toEqual([1, expect.stringContaining('told: breaks small in 1 step\n    Its file says a length of 3, and it is 1.')])
      expect(lockOf(directory).broken).toHaveLength(3)
    })

    test('check --mutant says where the length is another', async () => {
      const { name, directory } = counter(broken(known(3)))
      const report = async (args: string) => run(`${name} ${args}`, { ...violated, property: 'small' }, { directory })
      expect((await report('--mutant told')).out).toContain('Its `length` says 3, and a shortest counterexample has 2 steps.')
      expect((await report('--mutant far')).out).not.toContain('`length`')
      expect((await report('--mutant told --limit 3')).out).not.toContain('`length`')
    })

    test('one that makes nothing reachable has no length', async () => {
      const { name, directory } = counter(`import { reachable } from ${JSON.stringify(index)}
export const mutants = { stuck: { because: 'It never counts.', breaks: 'small', change: spec => ({ ...spec, properties: { small: reachable(each('node', n => n.count, c => c > 9)) } }) } }`)
      expect((await prove(directory, `${name} --update`)).code).toBe(0)
      expect(lockOf(directory).broken).toMatchObject([{ variant: 'stuck', length: null }])
      expect((await prove(directory, name)).code).toBe(0)
    })

    test('two records of one mutant are refused', () => {
      const one = { protocol: 'p', variant: 'm', property: 'q', parameters: {}, length: 1, seconds: 0 }
      const text = (all: readonly object[]) => JSON.stringify({ format: 'protocheck-proofs', version: 2, proofs: [], broken: all })
      expect(() => parseLock(text([one, { ...one, length: 2 }]), 'lock.json')).toThrow('RECORDED TWICE')
      expect(() => parseLock(text(Array.from({ length: 100_000 }, () => ({}))), 'lock.json')).toThrow('at most 10000 are read')
    })
  })

  test('two records of one question are refused', () => {
    const proof = {
      protocol: 'p',
      verdict: 'holds',
      property: null,
      complete: true,
      states: 1,
      depth: 0,
      reductions: [],
      behaviour: null,
      checker: '',
      seconds: 0,
    }
    const proofs = [
      { ...proof, parameters: { a: 1, b: 2 } },
      { ...proof, parameters: { b: 2, a: 1 } },
    ]
    expect(() => parseLock(JSON.stringify({ format: 'protocheck-proofs', version: 2, proofs, broken: [] }), 'lock.json')).toThrow('RECORDED TWICE')
  })
})
