import { describe, expect, test } from 'vitest'
import type { Spec } from '../checker/protocol/protocol.ts'
import type { Mutant } from '../checker/protocol/spec.ts'
import { explore } from '../checker/search/explore.ts'
import type { Reduction } from '../checker/search/report.ts'

/** A protocol family with its types erased: its parameters are whatever the table says. */
type AnyFamily = (parameters: never) => Spec

type AnyMutant = Omit<Mutant, 'breaks' | 'parameters' | 'change'> & { readonly breaks: string; readonly parameters?: object; change(spec: never): Spec }

/**
 * Every mutant breaks the property that it names, before any other, by a counterexample of the length that it names; the same with and without symmetry.
 * And the correct protocol keeps all properties as far as that.
 */
export const testMutants = (family: AnyFamily, mutants: { readonly [name: string]: AnyMutant }): void => {
  describe.each(Object.entries(mutants))('mutant %s', (_, { breaks, parameters = {}, length, waitsFor, change }) => {
    const known = waitsFor === undefined ? test : test.skip
    const waits = waitsFor === undefined ? '' : ` (waits for ${waitsFor})`
    const cases: { readonly how: string; readonly reduce: Reduction[] }[] = [
      { how: 'without symmetry', reduce: [] },
      { how: 'with symmetry', reduce: ['symmetry'] },
    ]
    known.each(cases)(`breaks ${breaks} in ${length} steps${waits}, $how`, async ({ reduce }) => {
      const report = await explore(change(family(parameters as never) as never), { reduce })
      expect([report.verdict, report.property, report.counterexample?.steps.length]).toEqual(['violated', breaks, length])
    })
    known(`is caught by what was changed${waits}`, async () => {
      const report = await explore(family(parameters as never), { depth: length, reduce: ['symmetry'] })
      expect(report.verdict).toBe('holds')
    })
  })
}

/** Distinct states and depth of a complete search. */
export const counted = async (spec: Spec, reduce: readonly Reduction[]) => {
  const { verdict, property, complete, states, depth } = await explore(spec, { reduce })
  return { verdict, property, complete, states, depth }
}
