/** What is said of a protocol is said within bounds of which there is a proof: mutants, claims and one-line changes break what holds there. */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadSpec, specNames } from '../../checker/cli/load.ts'
import { bundledProofs } from '../../checker/cli/lock-file.ts'
import type { Parameters } from '../../checker/index.ts'
import { tables } from '../one-line-changes/tables.ts'

const specs = await Promise.all(specNames().map(name => loadSpec(name, fileURLToPath(new URL('../..', import.meta.url)))))

/** Bounds are within others if no number is larger; what is no number must be the same. */
const isWithin = (bounds: object, proof: Parameters): boolean =>
  Object.entries(bounds).every(([name, value]) => {
    const proved = proof[name]
    return typeof value === 'number' ? value <= Number(proved) : value === proved
  })

test.each([
  [{ nodes: 3, strict: true }, { nodes: 3, strict: true }, true],
  [{ nodes: 2, strict: true }, { nodes: 3, strict: true }, true],
  [{ nodes: 4, strict: true }, { nodes: 3, strict: true }, false],
  [{ nodes: 3, strict: false }, { nodes: 3, strict: true }, false],
  [{ nodes: 3, requests: Infinity }, { nodes: 3, requests: 'Infinity' }, true],
  [{ nodes: 3, requests: Infinity }, { nodes: 3, requests: 2 }, false],
])('%o within %o: %s', (bounds, proof, expected) => {
  expect(isWithin(bounds, proof)).toBe(expected)
})

describe.each(specs)('$name', ({ name, defaults, mutants, claims }) => {
  const proofs = bundledProofs().filter(({ protocol, verdict, complete }) => protocol === name && verdict === 'holds' && complete)
  const said: readonly (readonly [string, object])[] = [
    ...Object.entries({ ...mutants, ...claims }).map(([variant, { parameters }]) => [variant, parameters ?? {}] as const),
    ...(tables[name] ?? []).map(({ does, at }) => [does, at ?? {}] as const),
  ]
  test.each(said)('%s', (_, bounds) => {
    expect(proofs.filter(({ parameters }) => isWithin({ ...defaults, ...bounds }, parameters))).not.toEqual([])
  })
})
