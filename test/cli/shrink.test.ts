/** `check --shrink`: the smallest parameters at which a property is still violated. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Report } from '../../checker/check/report.ts'
import { engine } from '../../checker/cli/engine.ts'
import { loadSpec } from '../../checker/cli/load.ts'
import { main } from '../../checker/cli/main.ts'
import { shrink } from '../../checker/cli/shrink.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import { SpecError } from '../../checker/protocol/errors.ts'
import type { Parameters } from '../../checker/protocol/spec.ts'
import { fakeReport, fakeTrace, folder, quietTerminal, run } from '../support/cli-support.ts'

const check = async (line: string, directory = '.') => {
  const terminal = quietTerminal(directory)
  const code = await main(line.split(' '), terminal, engine)
  return { code, out: terminal.printed.out }
}

test('no parameter can be lowered by itself, and what is saved is the smaller execution', async () => {
  const directory = folder({})
  const { code, out } = await check('lamport-mutex --mutant impatient --shrink --json --save small', directory)
  const { parameters, counterexample, notes } = JSON.parse(out)
  expect(code).toBe(1)
  expect(parameters).toEqual({ processes: 2, maxClock: 1, requests: 1 })
  expect(notes.join()).toContain('Shrunk from processes 3, maxClock 4, requests unlimited')
  expect(counterexample.length).toBe(4)
  expect(JSON.parse(readFileSync(join(directory, 'small.json'), 'utf8')).parameters).toEqual(parameters)
  expect((await check('replay small.json', directory)).code).toBe(1)
  const { make } = findVariant(await loadSpec('lamport-mutex', '.'), { mutant: 'impatient' })
  // With no request nobody asks for the rule that the mutant leaves out.
  for (const lower of [{ maxClock: 0 }, { requests: 0 }])
    await expect(explore(make({ ...parameters, ...lower }), { property: 'mutualExclusion' })).rejects.toThrow('NO SUCH RULE')
})

test('where nothing is violated, nothing is shrunk', async () => {
  const { code, out } = await check('lamport-mutex --processes 2 --shrink')
  expect(code).toBe(0)
  expect(out).not.toContain('Shrunk')
})

/** A property that is violated at some parameters. @param answer of a search at others; nothing where there is no such protocol */
const shrunk = async (from: Parameters, answer: (at: { readonly [name: string]: number }) => Partial<Report> | undefined) => {
  const asked: Parameters[] = []
  const violated: Report = { ...fakeReport, verdict: 'violated', property: 'p', counterexample: fakeTrace }
  const found = await shrink(violated, from, parameters => parameters as never, {}, quietTerminal(), {
    async explore(protocol) {
      asked.push(protocol as never)
      const report = answer(protocol as never)
      if (report === undefined) throw new SpecError({ title: 'T', what: 'w', hint: 'h' })
      return { ...violated, ...report }
    },
    renderText: () => '',
  })
  return { ...found, asked }
}

const holds: Partial<Report> = { verdict: 'holds', counterexample: null }

test('one after another, each question once, and large values by halves', async () => {
  const { parameters, asked } = await shrunk({ n: 40, m: 3, all: true, name: 'x', most: Infinity }, ({ n = 0, m = 0, most = 0 }) =>
    n >= 3 && m >= 2 && most >= 3 ? {} : holds,
  )
  expect(parameters).toEqual({ n: 3, m: 2, all: false, name: 'x', most: 3 })
  expect(new Set(asked.map(one => JSON.stringify(one))).size).toBe(asked.length)
  expect(asked.length).toBeLessThan(30)
})

test('a parameter that lets another be lowered', async () => {
  const { parameters } = await shrunk({ a: 2, b: 2 }, ({ a = 0, b = 0 }) => (a + b >= 3 || (b === 1 && a === 1) ? {} : holds))
  expect(parameters).toEqual({ a: 1, b: 1 })
})

test('what is no protocol is not lowered to; what is not decided is said', async () => {
  const { parameters, note } = await shrunk({ n: 3, m: 2 }, ({ n = 0, m = 0 }) =>
    n < 2 ? undefined : m < 2 ? { verdict: 'inconclusive', counterexample: null } : {},
  )
  expect(parameters).toEqual({ n: 2, m: 2 })
  expect(note).toContain('not decided in time (n 2, m 1)')
})

test.each(['--simulate 3', '--explain', '--rules', '--checkpoint f'])('--shrink and %s are refused together', async other => {
  expect(await run(`lamport-mutex --shrink ${other}`)).toMatchObject({ code: 2, err: expect.stringContaining('WRONG USE') })
})
