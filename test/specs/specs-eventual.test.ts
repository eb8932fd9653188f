import fc from 'fast-check'
import { is, List, Set } from 'immutable'
import { describe, expect, test } from 'vitest'
import { each, explore, type Id } from '../../checker/index.ts'
import { mutants as mapOpMutants } from '../../specs/crdt-map-op/mutants.ts'
import { crdtMapOp, type Triple } from '../../specs/crdt-map-op/protocol.ts'
import { mutants as mapStateMutants } from '../../specs/crdt-map-state/mutants.ts'
import { crdtMapState, merge, type Replica } from '../../specs/crdt-map-state/protocol.ts'
import { mutants as textMutants } from '../../specs/crdt-text/mutants.ts'
import { crdtText } from '../../specs/crdt-text/protocol.ts'
import { mutants as gossipMutants } from '../../specs/gossip/mutants.ts'
import { gossipProtocol } from '../../specs/gossip/protocol.ts'
import { mutants as mutexMutants } from '../../specs/mutex-as-smr/mutants.ts'
import { mutexAsSmr } from '../../specs/mutex-as-smr/protocol.ts'
import { mutants as transformationMutants } from '../../specs/operational-transformation/mutants.ts'
import { apply, Operation, operationalTransformation, transform } from '../../specs/operational-transformation/protocol.ts'
import { mutants as registerMutants } from '../../specs/registers/mutants.ts'
import { registers } from '../../specs/registers/protocol.ts'
import { mutants as sessionMutants } from '../../specs/session-guarantees/mutants.ts'
import { sessionGuarantees } from '../../specs/session-guarantees/protocol.ts'
import { mutants as tombstoneMutants } from '../../specs/tombstones/mutants.ts'
import { tombstones } from '../../specs/tombstones/protocol.ts'
import { idsOf } from '../support/judges-support.ts'
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

describe('operational transformation', () => {
  testTeeth(operationalTransformation(), transformationMutants)

  const [c1, c2, c3] = idsOf('client', 3) as [Id<'client'>, Id<'client'>, Id<'client'>]
  const text = List('ab')
  const all = (by: Id<'client'>, v: string): readonly Operation[] => [
    ...[0, 1, 2].map(index => new Operation({ op: 'insert', index, v, by })),
    ...[0, 1].map(index => new Operation({ op: 'delete', index, v: text.get(index) as string, by })),
  ]
  const done = (...ops: readonly Operation[]) => ops.reduce(apply, text).join('')
  const [as, bs, cs] = [all(c1, 'x'), all(c2, 'y'), all(c3, 'z')]

  test('TP1: of two operations either may be done first', () => {
    for (const a of as) for (const b of bs) expect(done(a, transform(b, a)), `${a}, ${b}`).toBe(done(b, transform(a, b)))
  })

  test('TP2: what a third becomes depends on which of two is done first, where a letter is deleted between two that are inserted', () => {
    const afterBoth = (c: Operation, a: Operation, b: Operation) => transform(transform(c, a), transform(b, a))
    const broken = as.flatMap(a => bs.flatMap(b => cs.filter(c => !is(afterBoth(c, a, b), afterBoth(c, b, a))).map(c => [a, b, c])))
    expect(broken.length).toBeGreaterThan(0)
    for (const ops of broken) expect(ops.map(({ op }) => op).sort()).toEqual(['delete', 'insert', 'insert'])
  })
})

describe('session guarantees', () => testTeeth(sessionGuarantees(), sessionMutants))
describe('gossip', () => testTeeth(gossipProtocol(), gossipMutants))
describe('timestamps and tombstones', () => testTeeth(tombstones(), tombstoneMutants))
describe('registers', () => testTeeth(registers(), registerMutants))
describe('mutual exclusion as state machine replication', () => testTeeth(mutexAsSmr(), mutexMutants))
