import { describe, expect, test } from 'vitest'

/** Each property has a mutant that breaks it, except those that only say that something happens. */
export const testTeeth = (
  spec: { readonly properties: { readonly [name: string]: { readonly type: string } } },
  mutants: { readonly [name: string]: { readonly breaks: string } },
): void => {
  describe('has a mutant', () => {
    const asked = Object.entries(spec.properties).flatMap(([name, { type }]) => (type === 'reachable' ? [] : [name]))
    test.each(asked)('%s', property => expect(Object.values(mutants).map(({ breaks }) => breaks)).toContain(property))
  })
}
