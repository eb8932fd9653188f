/** The matchers as a project uses them: what they let pass, and what they say. */
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explore, type Mutants, type SpecError } from 'protocheck'
import { matchers, mutant } from 'protocheck/vitest'
import { describe, expect, it, test } from 'vitest'
import { main } from '../../checker/cli/main.ts'
import { lockServer, mutants } from '../fixtures/stranger.ts'
import { quietTerminal } from '../support/cli-support.ts'
import { claims } from './matcher-types.ts'

/** What a matcher says when it fails. */
const messageOf = async (asked: Promise<void>): Promise<string> => {
  const error: unknown = await asked.then(
    () => 'it passed',
    (error: unknown) => error,
  )
  return error instanceof Error ? error.message : String(error)
}

/** Two clients are enough, and searched faster. */
const few = { duplicates: { ...mutants.duplicates, parameters: { clients: 2 } } } satisfies Mutants<typeof lockServer>

const doubled = () => mutant(lockServer, few, 'duplicates')

describe('what is so passes', () => {
  it('a protocol that holds: a family, one of it, within a depth, one property', async () => {
    await expect(lockServer).toHold()
    await expect(lockServer({ clients: 2 })).toHold({ depth: 4 })
    await expect(lockServer({ clients: 2 })).toHold({ property: 'mutualExclusion' })
  })

  it('a mutant, by its own length or by one that is named', async () => {
    await expect(mutant(lockServer, mutants, 'duplicates')).toViolate('mutualExclusion')
    await expect(doubled()).toViolate(mutants.duplicates.breaks, { steps: 9 })
    expect((await explore(doubled())).property).toBe('mutualExclusion')
  })

  it('a claim that is false', async () => {
    await expect(lockServer).toRefute(claims, 'neverTwoWait')
    await expect(lockServer({ clients: 2 })).toRefute(claims, 'neverTwoWait', { steps: 2 })
  })
})

describe('what is not so fails', () => {
  it('with what was expected, the report, the diagram and the command', async () => {
    const message = await messageOf(expect(doubled()).toHold({ file: './locks.ts' }))
    expect(message.split('\n').slice(0, 20).join('\n')).toMatchInlineSnapshot(`
      "Expected lock-server with the mutant duplicates to hold. It violates mutualExclusion, by a shortest counterexample of 9 steps.

      lock-server with the mutant duplicates
        clients 2

      VIOLATED  mutualExclusion after 9 steps; no shorter execution violates it

        The network may deliver a message again, so an old grant counts once more.

        server      c1          c2
        │           ●           │             1. c1 acquire
        ●◀──────────│           │             2. server receives Acquire from c1
        │──────────▶●           │             3. c1 receives Grant from server
        │           ●           │             4. c1 release
        │──────────▶●           │             5. c1 receives Grant from server
        │           │           ●             6. c2 acquire
        ●◀──────────│           │             7. server receives Release from c1, sent in step 4
        ●◀──────────┼───────────│             8. server receives Acquire from c2
        │───────────┼──────────▶●             9. c2 receives Grant from server
      "
    `)
    expect(message).toContain('c1 and c2 together break it. It read of c1: state; of c2: state.')
    expect(message).toContain('Next: npx check ./locks.ts --mutant duplicates --property all --save')
  })

  it('a mutant that breaks nothing', async () => {
    const harmless = { none: { because: 'Nothing is changed.', breaks: 'mutualExclusion', length: 9, change: spec => spec } } satisfies Mutants<
      typeof lockServer
    >
    const message = await messageOf(expect(mutant(lockServer, harmless, 'none')).toViolate('mutualExclusion'))
    expect(message).toContain('Expected lock-server with the mutant none to violate mutualExclusion, by a shortest counterexample of 9 steps. It holds.')
    expect(message).toContain('Complete: every reachable state within the bounds of the model was seen.')
  })

  it('a counterexample of another length', async () => {
    const message = await messageOf(expect(doubled()).toViolate('mutualExclusion', { steps: 8 }))
    expect(message).toContain('of 8 steps. It violates mutualExclusion, by a shortest counterexample of 9 steps.')
    expect(message).toContain('9. c')
    const other = { duplicates: { ...few.duplicates, length: 10 } }
    expect(await messageOf(expect(mutant(lockServer, other, 'duplicates')).toViolate('mutualExclusion'))).toContain('of 10 steps. It violates')
  })

  it('a claim that is true', async () => {
    const message = await messageOf(expect(lockServer({ clients: 1 })).toRefute(claims, 'neverTwoWait'))
    expect(message).toContain('Expected lock-server to refute neverTwoWait, by a shortest counterexample of 2 steps. It holds.')
    expect(message).toContain('npx check ./FILE.ts --claim neverTwoWait')
    expect(message).toContain('./FILE.ts is the file of the protocol')
  })

  it('and keeps the counterexample where that is asked for', async () => {
    const file = relative(process.cwd(), join(mkdtempSync(join(tmpdir(), 'protocheck-matchers-')), 'kept.json'))
    const protocol = fileURLToPath(new URL('../fixtures/stranger.ts', import.meta.url))
    expect(await messageOf(expect(doubled()).toHold({ save: file, file: protocol }))).toContain(`Next: npx check replay ${file} ${protocol}`)
    expect(existsSync(file)).toBe(true)
    expect(await main(['replay', file, protocol], quietTerminal())).toBe(1)
  })
})

describe('a search that could not tell fails, and says how far it came', () => {
  const large = () => lockServer({ clients: 7 })

  it.each([
    ['states', { states: 10 }, 'ended by'],
    ['a signal', { signal: AbortSignal.abort() }, 'ended by'],
    ['a budget', { seconds: 1e-9 }, 'ended by'],
  ])('%s', async (_, options, said) => {
    const message = await messageOf(expect(large()).toHold(options))
    expect(message).toContain('Expected lock-server to hold. The search could not tell.')
    expect(message).toContain(`Not complete: ${said}`)
    expect(await messageOf(expect(large()).toViolate('mutualExclusion', options))).toContain('The search could not tell.')
  })

  it('the time, and the signal, of the test that runs', async () => {
    const begun = { startTime: Date.now() - 5000 }
    const late = await matchers.toHold.call({ task: { timeout: 5000, result: begun } }, large())
    expect([late.pass, late.message()]).toEqual([false, expect.stringContaining('The time is that of the test: raise its timeout')])
    const aborted = await matchers.toHold.call({ task: { timeout: 0, context: { signal: AbortSignal.abort() } } }, large())
    expect([aborted.pass, aborted.message()]).toEqual([false, expect.stringContaining('Not complete')])
    const inTime = await matchers.toHold.call({ task: { timeout: 0, result: begun } }, lockServer({ clients: 2 }))
    expect(inTime.pass).toBe(true)
  })

  it('which Vitest tells a matcher', async ({ task, signal }) => {
    let told: unknown
    expect.extend({
      tells() {
        told = this.task
        return { pass: true, message: () => '' }
      },
    })
    ;(expect(1) as unknown as { tells(): void }).tells()
    expect(told).toBe(task)
    expect(task).toMatchObject({ timeout: 60_000, result: { startTime: expect.any(Number) } })
    expect(task.context.signal).toBe(signal)
    expect(signal).toBeInstanceOf(AbortSignal)
  })
})

test('what does not say what is expected is refused', async () => {
  const parts = async (asked: Promise<void>) => (await asked.catch((error: unknown) => error as SpecError))?.parts
  expect(await parts(expect(lockServer).not.toHold())).toMatchObject({ title: 'WRONG USE', hint: 'Say what is: expect(…).toViolate(property)' })
  expect(await parts((expect(3) as unknown as { toHold(): Promise<void> }).toHold())).toMatchObject({ title: 'NOT A PROTOCOL' })
  expect(await parts(expect(lockServer).toRefute(claims, 'neverTwoWaits' as 'neverTwoWait'))).toMatchObject({ title: 'NO SUCH CLAIM' })
  expect(() => mutant(lockServer, mutants, 'duplicate' as 'duplicates')).toThrow('Did you mean duplicates?')
})
