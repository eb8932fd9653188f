/** What `check init` writes: a project whose tests pass, and nothing over what is there. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { main } from '../../checker/cli/main.ts'
import { folder, quietTerminal } from '../support/cli-support.ts'
// The tests of the starter are tests here, too.
import '../../starter/test/protocols.test.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = ['.github/workflows/proofs.yml', 'protocols/payment.ts', join('test', 'protocols.test.ts'), 'tsconfig.json']
const read = (...path: string[]): string => readFileSync(join(...path), 'utf8')
const empty = (): string => mkdtempSync(join(tmpdir(), 'protocheck-init-'))

const init = async (directory: string, ...words: string[]) => {
  const terminal = quietTerminal(directory)
  return { code: await main(['init', ...words], terminal), ...terminal.printed }
}

test('in an empty folder, or in one that is named: all files, and what to type next', async () => {
  for (const [here, words] of [
    [empty(), []],
    [empty(), ['new/Protocols of mine']],
  ] as const) {
    const { code, out, err } = await init(here, ...words)
    expect([code, err]).toEqual([0, ''])
    const directory = join(here, ...words)
    for (const path of files) expect(read(directory, path)).toBe(read(root, 'starter', path))
    expect(readdirSync(directory, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())).toHaveLength(files.length + 1)
    const { version, dependencies, devDependencies } = JSON.parse(read(root, 'package.json'))
    const { name, ...manifest } = JSON.parse(read(directory, 'package.json'))
    expect(name).toMatch(words.length === 0 ? /^protocheck-init-[a-z0-9-]+$/ : /^protocols-of-mine$/)
    expect(manifest).toMatchObject({
      private: true,
      type: 'module',
      scripts: { test: 'vitest run' },
      devDependencies: {
        immutable: dependencies.immutable,
        vitest: devDependencies.vitest,
        protocheck: expect.stringMatching(`^file:.*protocheck-${version}.tgz$`),
      },
    })
    expect(out).toContain('npm install && npm test')
    expect(out.includes("cd 'new/Protocols of mine'")).toBe(words.length > 0)
    expect(await main(['./protocols/payment.ts'], quietTerminal(directory))).toBe(0)
    expect(await main(['./protocols/payment.ts', '--mutant', 'chargesAgain'], quietTerminal(directory))).toBe(1)
  }
})

test('a package.json that is there stays, and it is said what to add', async () => {
  const here = folder({ 'package.json': '{ "name": "mine" }' })
  const { code, out } = await init(here)
  expect([code, read(here, 'package.json')]).toEqual([0, '{ "name": "mine" }'])
  expect(out).toMatch(/npm install --save-dev 'immutable@\^.*npm pkg set type=module 'scripts.test=vitest run'/s)
})

test.each([...files, 'protocols', 'dangling'])('nothing is written where %s is', async path => {
  const here = empty()
  const taken = path === 'dangling' ? 'tsconfig.json' : path
  mkdirSync(dirname(join(here, taken)), { recursive: true })
  if (path === 'dangling') symlinkSync('nowhere', join(here, taken))
  else writeFileSync(join(here, taken), 'mine')
  const before = readdirSync(here, { recursive: true })
  const { code, err } = await init(here)
  expect([code, err]).toEqual([2, expect.stringContaining(`There is ${taken}.`)])
  expect(readdirSync(here, { recursive: true })).toEqual(before)
  if (path !== 'dangling') expect(read(here, taken)).toBe('mine')
})
