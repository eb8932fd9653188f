/** What `check prove` takes for the same behaviour, and what for another: hashes of what handlers do, whatever they are called and however they are written. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Record } from 'immutable'
import { describe, expect, test } from 'vitest'
import { crashStop } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { Behaviour } from '../../checker/prove/behaved.ts'
import { behaviourOf } from '../../checker/prove/behaviour.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import { replaced, withChange } from '../support/changed-specs.ts'
import { folder, run } from '../support/cli-support.ts'

const small = { nodes: 3, terms: 1, broadcasts: 1, crashes: 0 }
const STATES = 3_000

const raftWith = (from: string, to: string): Promise<Behaviour> =>
  withChange('raft', { does: '', harmless: '', from, to }, spec => behaviourOf(spec.make({ ...spec.defaults, ...small }), undefined, STATES))

/** Every record of functions in another order: the handlers, the actions, the roles. */
const reversed = (protocol: AnyProtocol): AnyProtocol => {
  const turned = <T extends object>(all: T): T => Object.fromEntries(Object.entries(all).reverse()) as T
  const roles = Object.entries(protocol.roles).map(([name, role]) => [
    name,
    { ...role, on: turned(role.on), ...(role.actions && { actions: turned(role.actions) }) },
  ])
  return { ...protocol, roles: Object.fromEntries(roles) }
}

const commit = twoPhaseCommit({ resources: 3 }) as unknown as AnyProtocol

class Prepared extends Record({ state: 'prepared' }) {}

describe('the same behaviour', () => {
  test.each([
    ['a local by another name', 'const suffix = n.log.skip(prefixLen)\n', 'const rest = n.log.skip(prefixLen)\n  const suffix = rest\n'],
    ['a comment', 'const termOfLast = ', '/* of the last entry */ const termOfLast = '],
    ['the same guard otherwise', 'cLogLength >= n.log.size)', '!(cLogLength < n.log.size))'],
  ])('%s', async (_, from, to) => {
    expect(await raftWith(from, to)).toEqual(await behaviourOf(raft(small) as unknown as AnyProtocol, undefined, STATES))
  })

  test.each([
    ['Raft, within some steps', raft(small) as unknown as AnyProtocol],
    ['two-phase commit, everywhere', commit],
  ])('handlers and actions in another order: %s', async (_, protocol) => {
    expect(await behaviourOf(reversed(protocol), undefined, STATES)).toEqual(await behaviourOf(protocol, undefined, STATES))
  })

  test('other properties, and other observers', async () => {
    const other = { ...commit, properties: {}, observers: {} }
    expect(await behaviourOf(other)).toEqual(await behaviourOf(commit))
  })

  test('whether states are merged by symmetry, since a rank is read, or not', async () => {
    const ordered = { ...commit, roles: { ...commit.roles, resource: { ...commit.roles['resource'], within: (_: unknown) => true } } } as AnyProtocol
    const readsRank = {
      ...commit,
      roles: Object.fromEntries(
        Object.entries(commit.roles).map(([name, role]) => [
          name,
          {
            ...role,
            on: Object.fromEntries(
              Object.entries(role.on).map(([type, run]) => [
                type,
                (...given: readonly unknown[]) => ranked(given[2]) && run(...(given as Parameters<typeof run>)),
              ]),
            ),
          },
        ]),
      ),
    } as AnyProtocol
    expect(await behaviourOf(ordered)).toEqual(await behaviourOf(commit))
    expect(await behaviourOf(readsRank)).toEqual(await behaviourOf(commit))
  })
})

/** Reads a rank, to no end. */
const ranked = (id: unknown): boolean => (id as { readonly rank: number }).rank >= 0

describe('another behaviour', () => {
  test.each([
    ['a guard changed by one character', 'cLogLength >= n.log.size)', 'cLogLength > n.log.size)', ['node.VoteRequest']],
    ['a message with another field', 'cLogLength: n.log.size', 'cLogLength: n.log.size + 1', ['node.VoteRequest', 'node.startElection']],
  ])('%s', async (_, from, to, handlers) => {
    const [before, after] = [await behaviourOf(raft(small) as unknown as AnyProtocol, undefined, STATES), await raftWith(from, to)]
    const again = await withChange('raft', { does: '', harmless: '', from, to }, spec => behaviourOf(spec.make({ ...spec.defaults, ...small }), before, STATES))
    expect(after.handlers).not.toEqual(before.handlers)
    const differing = Object.keys(before.handlers).filter(name => before.handlers[name] !== again.handlers[name])
    expect(differing).toEqual(expect.arrayContaining(handlers.filter(name => Object.hasOwn(before.handlers, name))))
    expect(again.covers).toBe(before.covers)
  })

  test.each([
    ['what a node may begin with', { ...commit, roles: { ...commit.roles, resource: { ...commit.roles['resource'], init: () => new Prepared() } } }],
    ['a fault', { ...commit, faults: [crashStop('resource', { atMost: 1 })] }],
    [
      'the bound',
      { ...commit, roles: { ...commit.roles, manager: { ...commit.roles['manager'], within: (m: { prepared: { size: number } }) => m.prepared.size < 2 } } },
    ],
  ])('%s', async (_, changed) => {
    expect(await behaviourOf(changed as unknown as AnyProtocol, undefined, STATES)).not.toEqual(await behaviourOf(commit))
  })
})

test('where all states are too many, those that can do more stand for others, and the handlers are met with the same', async () => {
  const whole = await behaviourOf(commit)
  const fewer = await behaviourOf(commit, { covers: 'everything', states: null })
  expect(fewer).toEqual({ ...whole, states: null })
})

describe('check diff', () => {
  const versions = (from: string, to: string) => {
    const text = readFileSync(new URL('../../specs/transaction-commit/protocol.ts', import.meta.url), 'utf8').replaceAll('../../checker/index.ts', 'protocheck')
    return folder({ 'old.ts': text, 'new.ts': replaced(text, from, to) })
  }

  test('the handler, the node state, what it did and does, and a shortest execution', async () => {
    const directory = versions('m.prepared.size === nodes.resource.length', 'm.prepared.size >= nodes.resource.length - 1')
    const { code, out } = await run('diff ./old.ts ./new.ts --show 1', {}, { directory })
    expect([code, out]).toEqual([1, expect.stringContaining('manager.commit does something else in 3 places; 3 are met by one version only')])
    expect(out).toContain('manager with state: init, prepared: {r1, r2}\n    before: is not enabled\n    now:    state: init → committed, sends Commit to r1')
    expect(out).toContain('An execution that comes to the first, 4 steps')
    expect(out).toContain('Here manager.commit does something else.')
    expect(out).not.toContain('violated')
  })

  test('the other way round', async () => {
    const directory = versions('m.prepared.size === nodes.resource.length', 'm.prepared.size >= nodes.resource.length - 1')
    const { code, out } = await run('diff ./new.ts ./old.ts', {}, { directory })
    expect([code, out]).toEqual([1, expect.stringContaining('now:    is not enabled')])
  })

  test('the same behaviour is said to be so, and where it was compared', async () => {
    const directory = versions("when: m => m.state === 'init',", "when: manager => !(manager.state !== 'init'),")
    expect(await run('diff ./old.ts ./new.ts --resources 2', {}, { directory })).toMatchObject({
      code: 0,
      out: 'Same behaviour. Compared in every node state that is reached.\n',
    })
  })

  test('a version in git; a revision that there is not, and what would be an option of git', async () => {
    const directory = versions("when: m => m.state === 'init',", "when: m => m.state === 'init' && m.prepared.size > 0,")
    const git = (...words: string[]) => execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: directory, stdio: 'pipe' })
    git('init', '-q')
    git('add', 'old.ts')
    git('commit', '-qm', 'old')
    expect((await run('diff git:HEAD:old.ts ./new.ts', {}, { directory })).out).toContain('manager.abort does something else')
    // The same where a proof drifts, if the last commit does what was recorded. Modules are loaded once, so the file of now has another name there.
    expect(await run('prove ./old.ts --update --no-cache --lock lock.json', {}, { directory })).toMatchObject({ code: 0 })
    git('mv', 'old.ts', 'later.ts')
    git('commit', '-qm', 'later')
    const later = readFileSync(join(directory, 'later.ts'), 'utf8')
    writeFileSync(
      join(directory, 'later.ts'),
      replaced(later, "(m.state === 'init' ? m.set('prepared', m.prepared.add(from)) : m)", "m.set('prepared', m.prepared.add(from))"),
    )
    writeFileSync(join(directory, 'lock.json'), readFileSync(join(directory, 'lock.json'), 'utf8').replaceAll('./old.ts', './later.ts'))
    const { code, out } = await run('prove ./later.ts --no-cache --lock lock.json', {}, { directory })
    expect(code).toBe(1)
    expect(out).toMatch(/Since the last commit: manager.Prepared does something else in.*An execution that comes to the first/s)
    expect(await run('diff git:NONE:old.ts ./new.ts', {}, { directory })).toMatchObject({ code: 2, err: expect.stringContaining('NOT IN GIT') })
    expect(await run('diff git:--output=x:old.ts ./new.ts', {}, { directory })).toMatchObject({ code: 2 })
    expect(await run('diff git:HEAD:../../etc/passwd ./new.ts', {}, { directory })).toMatchObject({ code: 2, err: expect.stringContaining('NOT IN GIT') })
  })
})
