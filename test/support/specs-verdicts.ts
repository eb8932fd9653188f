import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Spec } from '../../checker/protocol/protocol.ts'
import { withClaim } from '../../checker/protocol/spec.ts'

type AnyFamily = (parameters: never) => Spec

interface AnyMutant {
  readonly because: string
  readonly breaks: string
  readonly parameters?: object
  readonly length: number
  change(spec: never): Spec
}

type AnyClaim = Parameters<typeof withClaim>[2]

/** The shortest counterexample to the property that each mutant names has the length that it records, and the correct protocol has none as short. */
export const testMutantsByProperty = (family: AnyFamily, mutants: { readonly [name: string]: AnyMutant }): void => {
  test.each(Object.entries(mutants))('mutant %s', async (_, { breaks: property, parameters = {}, length, change }) => {
    const correct = family(parameters as never)
    // Counterexamples are short: symmetry alone finds them before the other reductions have learnt what they need.
    const reduce = ['symmetry'] as const
    const report = await explore(change(correct as never), { property, reduce })
    expect([report.verdict, report.property, report.counterexample?.steps.length]).toEqual(['violated', property, length])
    // What takes a complete search to judge was judged by the search of the protocol itself, at these parameters or larger ones.
    const { verdict } = await explore(correct, { property, depth: length, reduce })
    expect(verdict).not.toBe('violated')
  })
}

/** The same with all reductions, for protocols in which counterexamples are long. That the correct protocol has none within these bounds is proved: `within-proofs.test.ts`. */
export const testMutantsWithinProofs = (family: AnyFamily, mutants: { readonly [name: string]: AnyMutant }): void => {
  test.each(Object.entries(mutants))('mutant %s', async (_, { breaks: property, parameters = {}, length, change }) => {
    const report = await explore(change(family(parameters as never) as never), { property })
    expect([report.verdict, report.property, report.counterexample?.steps.length]).toEqual(['violated', property, length])
  })
}

/** Every claim is refuted by a counterexample of the length that it records. */
export const testClaims = (family: AnyFamily, claims: { readonly [name: string]: AnyClaim }): void => {
  test.each(Object.entries(claims))('claim %s is refuted', async (name, claim) => {
    const report = await explore(withClaim(family, name, claim))
    expect([report.verdict, report.property, report.counterexample?.steps.length]).toEqual(['violated', name, claim.length])
  })
}

/** Each property has a mutant that breaks it, except those that only say that something happens. */
export const testTeeth = (
  spec: { readonly properties: { readonly [name: string]: { readonly type: string } } },
  mutants: { readonly [name: string]: AnyMutant },
): void => {
  describe('has a mutant', () => {
    const asked = Object.entries(spec.properties).flatMap(([name, { type }]) => (type === 'reachable' ? [] : [name]))
    test.each(asked)('%s', property => expect(Object.values(mutants).map(({ breaks }) => breaks)).toContain(property))
  })
}
