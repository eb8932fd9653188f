/** What is written where: nothing that somebody else needs is lost, and no verdict because a file could not be written. */
import { spawn } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lockAgainstOthers, writeText } from '../../checker/cli/files.ts'
import { main } from '../../checker/cli/main.ts'
import { fileName } from '../../checker/cli/save.ts'
import { bin, ended, fakeTrace, folder, quietTerminal, run, shellCheck, spawnCheck, tally, violated } from '../support/cli-support.ts'

/** The command line in this process, with the engine that it has. */
const check = async (args: string, directory: string) => {
  const terminal = quietTerminal(directory)
  const code = await main(args.split(' '), terminal)
  return { code, out: terminal.printed.out, err: terminal.printed.err }
}

const small = 'lamport-mutex --max-clock 2 --no-reduce'
const stopped = 'lamport-mutex --no-reduce --states 2000'
const mutant = 'lamport-mutex --mutant impatient'

/** The files of a folder with what is in them, but for what the checker wrote at `except`. */
const contents = (directory: string, ...except: readonly string[]) =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true })
      .map(String)
      .filter(name => !except.includes(name) && lstatSync(join(directory, name)).isFile())
      .map(name => [name, readFileSync(join(directory, name), 'latin1')]),
  )

describe('what is no file of the checker is never replaced', () => {
  const cases: readonly (readonly [what: string, args: string, said: string])[] = [
    ['a text', `${small} --checkpoint victim.txt`, 'NOT A CHECKPOINT'],
    ['a counterexample', `${small} --checkpoint trace.json`, 'NOT A CHECKPOINT'],
    ['a link to a text', `${small} --checkpoint link`, 'NOT A CHECKPOINT'],
    ['a folder', `${small} --checkpoint folder`, 'NOT A CHECKPOINT'],
    ['a device', `${small} --checkpoint /dev/null`, 'NOT A CHECKPOINT'],
    ['another checkpoint', `${small} --checkpoint other.check`, 'CHECKPOINT IS THERE'],
    ['another checkpoint than the one that is gone on with', `${stopped} --resume a.check --checkpoint other.check`, 'CHECKPOINT IS THERE'],
    ['a text, by a counterexample', `${mutant} --save victim.txt`, 'NOT A COUNTEREXAMPLE'],
    ['other JSON, by a counterexample', `${mutant} --save other.json`, 'NOT A COUNTEREXAMPLE'],
    ['a link to JSON, by a counterexample', `${mutant} --save linked`, 'NOT A COUNTEREXAMPLE'],
    ['a folder, by a counterexample', `${mutant} --save inside`, 'COUNTEREXAMPLE CANNOT BE SAVED'],
    ['below a file', `${mutant} --save victim.txt/x`, 'COUNTEREXAMPLE CANNOT BE SAVED'],
    ['a checkpoint where there is no folder', `${small} --checkpoint none/a.check`, 'CHECKPOINT CANNOT BE WRITTEN'],
    ['a folder, by proofs', 'prove two-phase-commit --update --lock folder', 'NOT A FILE'],
    ['a text, by proofs', 'prove two-phase-commit --update --lock victim.txt', 'NOT JSON'],
  ]
  test('it is said before the search, and nothing is changed', { timeout: 300_000 }, async () => {
    const directory = folder({ 'victim.txt': 'dear', 'other.json': '{}', 'trace.json': JSON.stringify(fakeTrace) })
    symlinkSync('victim.txt', join(directory, 'link'))
    symlinkSync('other.json', join(directory, 'linked.json'))
    mkdirSync(join(directory, 'folder'))
    mkdirSync(join(directory, 'inside.json'))
    await check(`${stopped} --checkpoint a.check`, directory)
    await check(`${stopped} --checkpoint other.check`, directory)
    const before = contents(directory)
    const result = await tally(cases, async ([, args, said]) => {
      const { code, out, err } = await check(args, directory)
      return code === 2 && out === '' && err.includes(said) ? undefined : `${code} ${out} ${err}`
    })
    expect(result).toEqual({ tried: 15, failed: [] })
    expect(contents(directory)).toEqual(before)
  })

  test('files of the checker are: the checkpoint that is gone on with, a counterexample of before, an empty file', { timeout: 120_000 }, async () => {
    const directory = folder({ 'empty.check': '' })
    expect((await check(`${stopped} --checkpoint empty.check`, directory)).code).toBe(3)
    expect((await check(`lamport-mutex --no-reduce --states 4000 --checkpoint empty.check --resume empty.check`, directory)).code).toBe(3)
    for (let i = 0; i < 2; i++) expect((await check(`${mutant} --save`, directory)).code).toBe(1)
    expect(Object.keys(contents(directory)).sort()).toEqual([
      'counterexamples/lamport-mutex/impatient.json',
      'counterexamples/lamport-mutex/impatient.txt',
      'empty.check',
    ])
  })
})

describe('a link beside a file is not followed', () => {
  test('whatever name it has of those that were used before', async () => {
    const directory = folder({ 'victim.txt': 'dear' })
    for (const name of ['a.check.tmp', 'lock.json.new', 'a.json.tmp']) symlinkSync('victim.txt', join(directory, name))
    await check(`${stopped} --checkpoint a.check`, directory)
    await check(`${mutant} --save a.json`, directory)
    await check('prove two-phase-commit --update --lock lock.json', directory)
    expect(readFileSync(join(directory, 'victim.txt'), 'utf8')).toBe('dear')
  })

  test('where the file itself is one, what it points to is replaced', () => {
    const directory = folder({ 'real.txt': 'old' })
    symlinkSync('real.txt', join(directory, 'link.txt'))
    writeText(join(directory, 'link.txt'), 'new')
    expect([readFileSync(join(directory, 'real.txt'), 'utf8'), lstatSync(join(directory, 'link.txt')).isSymbolicLink()]).toEqual(['new', true])
    expect(readdirSync(directory)).toHaveLength(2)
  })
})

describe('a second writer', () => {
  test('of a checkpoint is refused, and the file stays whole', { timeout: 120_000 }, async () => {
    const directory = folder({})
    const args = ['lamport-mutex', '--max-clock', '9', '--no-reduce', '--checkpoint', 'a.check', '--checkpoint-every', '20ms']
    const first = spawn(process.execPath, [bin, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
    const firstEnded = ended(first)
    while (!existsSync(join(directory, 'a.check'))) await new Promise(resolve => setTimeout(resolve, 20))
    const second = await check(`${small} --checkpoint a.check --resume a.check`, directory)
    expect(second).toMatchObject({ code: 2, err: expect.stringContaining('ANOTHER PROCESS WRITES THIS FILE') })
    first.kill('SIGKILL')
    await firstEnded
    // The process is no more, so its lock does not count.
    const third = await spawnCheck([...args.slice(0, 6), '--states', '100', '--resume', 'a.check'], directory)
    expect(third).toMatchObject({ code: 3, err: '' })
    expect(existsSync(join(directory, 'a.check.lock'))).toBe(false)
  })

  test('is told by a lock; that of a process that is no more is taken over', () => {
    const path = join(folder({}), 'file')
    const release = lockAgainstOthers(path)
    expect(() => lockAgainstOthers(path)).toThrow(`Process ${process.pid} on ${hostname()}`)
    release()
    const taken = [JSON.stringify({ pid: 999_999_999, host: hostname() }), JSON.stringify({ pid: 999_999_999, host: 'elsewhere' }), 'nonsense']
    const isTaken = taken.map(text => {
      writeFileSync(`${path}.lock`, text)
      try {
        lockAgainstOthers(path)()
        return false
      } catch {
        return true
      } finally {
        rmSync(`${path}.lock`, { force: true })
      }
    })
    expect(isTaken).toEqual([false, true, true])
  })

  test('of proofs: what three record at once is all there', { timeout: 120_000 }, async () => {
    const directory = folder({})
    const names = ['two-phase-commit', 'lamport-clocks', 'vector-clocks']
    const codes = await Promise.all(names.map(async name => (await spawnCheck(['prove', name, '--update', '--lock', 'lock.json'], directory)).code))
    expect(codes).toEqual([0, 0, 0])
    const { proofs } = JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8')) as { proofs: { protocol: string }[] }
    expect([...new Set(proofs.map(({ protocol }) => protocol))].sort()).toEqual([...names].sort())
    expect(readdirSync(directory)).toEqual(['lock.json'])
  })
})

describe('a full disk (files may have so many KiB)', () => {
  const cases: readonly (readonly [kib: number, args: string, code: number, said: string])[] = [
    [0, `${stopped} --checkpoint a.check`, 2, 'CHECKPOINT CANNOT BE WRITTEN'],
    [0, `${mutant} --save`, 2, 'COUNTEREXAMPLE CANNOT BE SAVED'],
    [0, 'prove two-phase-commit --update --lock lock.json', 2, 'PROOFS CANNOT BE RECORDED'],
    [8, `${stopped} --checkpoint a.check`, 3, 'The checkpoint a.check could not be written'],
    [8, `${stopped} --json --checkpoint a.check`, 3, 'The checkpoint a.check could not be written'],
    [2, 'lamport-mutex --mutant reordered --save', 1, 'The counterexample could not be saved'],
    [2, 'lamport-mutex --mutant reordered --save --json', 1, 'The counterexample could not be saved'],
  ]
  test('is told before the search, or the verdict is out by then', { timeout: 300_000 }, async () => {
    const result = await tally(cases, async ([kib, args, code, said]) => {
      const directory = folder({})
      const found = await shellCheck(`ulimit -f ${kib}; $check ${args}`, directory)
      if (found.code !== code || !found.err.includes(said)) return `${found.code} ${found.err}`
      if ((code === 2) !== (found.out.trim() === '')) return `it prints ${found.out}`
      const left = readdirSync(directory, { recursive: true }).filter(name => !String(name).startsWith('counterexamples'))
      return left.length === 0 ? undefined : `it leaves ${left}`
    })
    expect(result).toEqual({ tried: 7, failed: [] })
  })
})

describe('names of specs in paths', () => {
  test.each([
    ['raft', 'raft'],
    ['../../x', 'x'],
    ['/etc/passwd', 'etc-passwd'],
    ['..', 'unnamed'],
    ['', 'unnamed'],
    ['.bashrc', 'bashrc'],
    ['a b\n$(c)', 'a-b-c-'],
    ['日本', '日本'],
    ['-rf', 'rf'],
    ['x'.repeat(300), 'x'.repeat(100)],
    ['a\u001b[2Jb\u202ec', 'a-2Jb-c'],
  ])('%j', (name, expected) => {
    expect(fileName(name)).toBe(expected)
  })

  test('nothing is saved outside of the folder', async () => {
    const directory = folder({
      'spec.ts': `import { Record } from 'immutable'
class Node extends Record({ a: 1 }) {}
export const outside = { name: '../../outside', source: 'none', network: 'reliable', roles: { node: { count: 1, init: () => new Node(), on: {} } }, properties: {} }`,
    })
    const { out } = await run('./spec.ts --save', { ...violated, property: '../up', counterexample: { ...fakeTrace, property: '../up' } }, { directory })
    expect(out).toContain('npx check replay counterexamples/outside/up.json')
    expect(existsSync(join(directory, 'counterexamples/outside/up.json'))).toBe(true)
  })
})
