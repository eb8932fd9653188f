import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Reduction } from '../../checker/check/reductions.ts'
import type { Report } from '../../checker/check/report.ts'
import type { Spec } from '../../checker/protocol/protocol.ts'
import type { Mutant } from '../../checker/protocol/spec.ts'

/** A protocol family with its types erased: its parameters are whatever the table says. */
type AnyFamily = (parameters: never) => Spec

type AnyMutant = Omit<Mutant, 'breaks' | 'parameters' | 'length' | 'change'> & {
  readonly breaks: string
  readonly length: number
  readonly parameters?: object
  change(spec: never): Spec
}

/**
 * Every mutant breaks the property that it names, before any other, by a counterexample of the length that it names; the same with and without symmetry.
 * And the correct protocol keeps all properties as far as that.
 */
export const testMutants = (family: AnyFamily, mutants: { readonly [name: string]: AnyMutant }): void => {
  describe.each(Object.entries(mutants))('mutant %s', (_, { breaks, parameters = {}, length, slow, change }) => {
    if (slow) {
      // Its saved counterexample, which `counterexamples.test.ts` walks, shows each time that it breaks the property.
      test.skipIf(process.env['PROTOCHECK_SLOW'] === undefined)(
        `breaks ${breaks} in at least ${length} steps`,
        async () => {
          const { verdict, property, counterexample, shortest } = await someViolation(change(family(parameters as never) as never))
          expect({ verdict, property, shortest }).toEqual({ verdict: 'violated', property: breaks, shortest: false })
          expect(counterexample?.steps.length).toBeGreaterThanOrEqual(length)
        },
        300_000,
      )
      return
    }
    const cases: { readonly how: string; readonly reduce?: Reduction[] }[] = [
      { how: 'without symmetry', reduce: [] },
      { how: 'with all that is on by default' },
    ]
    test.each(cases)(`breaks ${breaks} in ${length} steps, $how`, async ({ how: _, ...options }) => {
      const report = await explore(change(family(parameters as never) as never), options)
      expect([report.verdict, report.property, report.counterexample?.steps.length]).toEqual(['violated', breaks, length])
    })
    test('is caught by what was changed', async () => {
      const report = await explore(family(parameters as never), { depth: length, reduce: ['symmetry'] })
      expect(report.verdict).toBe('holds')
    })
  })
}

/** The first violation that comes up, without the search for a shortest. */
const someViolation = (spec: Spec): Promise<Report> => {
  const found = new AbortController()
  return explore(spec, { signal: found.signal, onProgress: ({ phase }) => phase.startsWith('violated') && found.abort() })
}

/** Distinct states and depth of a complete search. */
export const counted = async (spec: Spec, reduce: readonly Reduction[]) => {
  const { verdict, property, complete, states, depth } = await explore(spec, { reduce })
  return { verdict, property, complete, states, depth }
}
