/** Protocols made from others: `withHandler`, `withAction`, `withRule`. */
import { expect, test } from 'vitest'
import { explore, withAction, withHandler, withRule } from '../../checker/index.ts'
import { lockServer } from '../fixtures/reference/lock-server.ts'

const ruled = (label: string) =>
  withHandler(lockServer(), 'server', 'Acquire', acquire => (server, message, from, here) => {
    if (here.rule(label, server.queue.isEmpty())) return acquire(server, message, from, here)
    return acquire(server, message, from, here)
  })

test('a rule that is decided, and that no code asks for, is refused once all states were seen', async () => {
  await expect(explore(withRule(ruled('the lock is free'), 'the lock is fre', true))).rejects.toThrow(
    /NO SUCH RULE[\s\S]*lock-server[\s\S]*decides the rule "the lock is fre", which no code asks for[\s\S]*asked for: the lock is free\./,
  )
  await expect(explore(withRule(lockServer(), 'the lock is free', true))).rejects.toThrow('The protocol asks for no rules.')
  // Of two that are decided, whichever is misspelt; without reductions, too.
  const twice = withRule(withRule(ruled('the lock is free'), 'the lock is free', true), 'x', false)
  await expect(explore(twice, { reduce: [] })).rejects.toThrow('"x"')
  // A mutant that spreads the protocol keeps what was decided.
  await expect(explore({ ...twice, network: 'fifo' })).rejects.toThrow('"x"')
})

test('a rule that is decided and asked for is none, nor is one that a bounded search may not have come to', async () => {
  expect((await explore(withRule(ruled('the lock is free'), 'the lock is free', true))).verdict).toBe('holds')
  expect((await explore(withRule(ruled('the lock is free'), 'x', true), { depth: 1 })).verdict).toBe('holds')
})

test('withHandler and withAction change what they name, and nothing else', async () => {
  const spec = lockServer()
  const changed = withAction(spec, 'client', 'acquire', acquire => ({ ...acquire, when: () => false }))
  expect(changed.roles.server).toBe(spec.roles.server)
  expect(changed.roles.client.on).toBe(spec.roles.client.on)
  expect(changed.roles.client.actions.release).toBe(spec.roles.client.actions.release)
  expect((await explore(changed)).states).toBe(1)
  const grants = withHandler(spec, 'client', 'Grant', () => client => client)
  expect(grants.roles.client.actions).toBe(spec.roles.client.actions)
  expect(Object.keys(grants.roles.client.on)).toEqual(['Grant'])
})

test('what there is not cannot be changed', () => {
  expect(() => withHandler(lockServer(), 'server', 'Grant' as 'Acquire', handler => handler)).toThrow('There is no handler Grant of a role server.')
  expect(() => withAction(lockServer(), 'cleint' as 'client', 'acquire', action => action)).toThrow('There is no action acquire of a role cleint.')
})

test('a rule of a global step is decided without a look at the messages in flight', async () => {
  const step = { when: ({ rule }: { rule(label: string, holds: boolean): boolean }) => rule('it is time', false), do() {} }
  const spec = { ...lockServer(), network: 'fair-loss' as const, steps: { step } }
  for (const decides of [true, false]) expect((await explore(withRule(spec, 'it is time', decides), { depth: 3 })).verdict).toBe('holds')
})
