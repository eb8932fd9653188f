import fc from 'fast-check'
import { is, Set } from 'immutable'
import { describe, expect, test } from 'vitest'
import { each, explore } from '../../checker/index.ts'
import { mutants as mapOpMutants } from '../../specs/crdt-map-op/mutants.ts'
import { crdtMapOp, type Triple } from '../../specs/crdt-map-op/protocol.ts'
import { mutants as mapStateMutants } from '../../specs/crdt-map-state/mutants.ts'
import { crdtMapState, merge, type Replica } from '../../specs/crdt-map-state/protocol.ts'
import { mutants as textMutants } from '../../specs/crdt-text/mutants.ts'
import { crdtText } from '../../specs/crdt-text/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

describe('an operation-based map', () => testTeeth(crdtMapOp(), mapOpMutants))

describe('a state-based map', async () => {
  testTeeth(crdtMapState(), mapStateMutants)

  type Values = Set<Triple>
  let reached = Set<Values>()
  const seen = each(
    'node',
    n => (n as Replica).values,
    values => {
      reached = reached.add(values)
      return true
    },
  )
  await explore({ ...crdtMapState({ nodes: 3, sets: 1, keys: 2 }), properties: { seen } })

  type Merge = (s1: Values, s2: Values) => Values
  const laws: { readonly [law: string]: (m: Merge) => (s1: Values, s2: Values, s3: Values) => boolean } = {
    commutative: m => (s1, s2) => is(m(s1, s2), m(s2, s1)),
    associative: m => (s1, s2, s3) => is(m(m(s1, s2), s3), m(s1, m(s2, s3))),
    idempotent: m => s1 => is(m(s1, s1), s1),
  }
  const state = fc.constantFrom(...reached)
  const holds = (law: string, m: Merge): boolean => !fc.check(fc.property(state, state, state, laws[law]?.(m) as never), { seed: 1 }).failed

  // "Merge operator ⊔ must satisfy: ∀ s₁, s₂, s₃…"
  test.each(Object.keys(laws))('⊔ is %s', law => expect(holds(law, merge)).toBe(true))

  test.each(Object.keys(laws))('what is left of s₁ without s₂ is not %s', law => expect(holds(law, (s1, s2) => s1.subtract(s2))).toBe(false))
})

describe('a text', () => testTeeth(crdtText(), textMutants))
