/** What the types of the matchers must refuse: checked by `npm run typecheck`, where a line under `@ts-expect-error` that does compile is an error. */
import { type Claims, eachPair, type Mutants } from 'protocheck'
import { mutant } from 'protocheck/vitest'
import { expect } from 'vitest'
import { lockServer, mutants } from '../fixtures/stranger.ts'

export const claims = {
  neverTwoWait: {
    because: 'Any number of clients may wait.',
    refutes: eachPair(
      'client',
      client => client.state === 'waiting',
      (a, b) => !(a && b),
    ),
    length: 2,
  },
} satisfies Claims<typeof lockServer>

const annotated: Mutants<typeof lockServer> = mutants

export const uses = async (): Promise<void> => {
  await expect(lockServer).toHold()
  await expect(lockServer({ clients: 2 })).toHold({ depth: 20, property: 'mutualExclusion', signal: new AbortController().signal, seconds: 5 })
  await expect(lockServer).toHold({ property: 'deadlock' })
  await expect(mutant(lockServer, mutants, 'duplicates')).toViolate('mutualExclusion', { steps: 9 })
  await expect(mutant(lockServer, annotated, 'duplicates')).toViolate(mutants.duplicates.breaks, { steps: undefined })
  await expect(lockServer).toRefute(claims, 'neverTwoWait')

  // @ts-expect-error: no such property
  await expect(lockServer).toHold({ property: 'mutualExcusion' })
  // @ts-expect-error: no such property of a mutant
  await expect(mutant(lockServer, mutants, 'duplicates')).toViolate('mutualExcusion')
  // @ts-expect-error: no such mutant
  mutant(lockServer, mutants, 'duplicate')
  // @ts-expect-error: no such claim
  await expect(lockServer).toRefute(claims, 'neverTwoWaits')
  // @ts-expect-error: no such option
  await expect(lockServer).toHold({ dept: 20 })
  // @ts-expect-error: no protocol
  await expect('lock-server').toHold()
}
