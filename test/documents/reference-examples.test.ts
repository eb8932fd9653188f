/** The examples of docs/protocol.md, run; `npm run typecheck` compiles them. */
import { expect, test } from 'vitest'
import { explore } from '../../checker/index.ts'
import * as examples from '../fixtures/reference/examples.ts'
import { lockServer } from '../fixtures/reference/lock-server.ts'

test.each(Object.entries(examples.protocols))('the example of %s holds', async (_, make) => {
  const { verdict, states } = await explore(make(), { states: 100_000 })
  expect({ verdict, isSmall: states < 100_000 }).toEqual({ verdict: 'holds', isSmall: true })
})

test.each(Object.entries(examples.mutants))('the mutant %s breaks what it says, in as many steps', async (_, { change, breaks, length }) => {
  const { verdict, property, counterexample } = await explore(change(lockServer()), { property: breaks })
  expect({ verdict, property, length: counterexample?.steps.length }).toEqual({ verdict: 'violated', property: breaks, length })
})

test.each(Object.entries(examples.claims))('the claim %s is false, in as many steps', async (name, { refutes, length }) => {
  const { verdict, counterexample } = await explore({ ...lockServer(), properties: { [name]: refutes } })
  expect({ verdict, length: counterexample?.steps.length }).toEqual({ verdict: 'violated', length })
})

test.each(Object.entries(examples.code))('the code of %s runs', async (_, run) => {
  await run()
})

test('the example of a family makes a protocol', async () => {
  expect((await explore(examples.locks())).verdict).toBe('holds')
})

test.each(examples.proofs.map(bounds => [bounds] as const))('the bounds %o of the example of proofs are those of a protocol that holds', async bounds => {
  expect((await explore(lockServer(bounds))).verdict).toBe('holds')
})
