/** What a look notes of what code of the spec reads and writes; and that it says the same as the state. */
import { is, List, Map, OrderedMap, Record, Seq } from 'immutable'
import { describe, expect, it } from 'vitest'
import { Id } from '../../checker/protocol/id.ts'
import { Look, OTHERS, OWN, realState, WHOLE } from '../../checker/values/tracked-state.ts'

const [self, other] = [0, 1].map(rank => new Id('node', rank, `n${rank + 1}`, () => {})) as [Id, Id]

class Clerk extends Record({ phase: 'early', gossip: 0, notes: Map<unknown, unknown>(), past: List<string>() }) {}

const clerk = new Clerk({
  gossip: 1,
  notes: Map<unknown, unknown>([
    [self, 1],
    [other, 2],
    [null, 3],
    ['me', 4],
  ]),
})

const numbers = new globalThis.Map(['phase', 'gossip', 'notes', 'past'].map((name, i) => [name, i]))

const look = (id: unknown = self): { look: Look; n: Clerk } => {
  const made = new Look(clerk, numbers, id)
  return { look: made, n: made.root as Clerk }
}

/** What was read and written, by field. */
const noted = (of: Look, next: unknown) => {
  const named = <T>(all: ArrayLike<T>) =>
    Object.fromEntries([...numbers].flatMap(([name, i]) => (all[i] === undefined || all[i] === 0 ? [] : [[name, all[i]]])))
  const writes = of.writesOf(next)
  return { reads: named(of.reads), writes: writes && named(writes) }
}

describe('what is merged into a state', () => {
  const sources: { readonly [name: string]: readonly unknown[] } = {
    'a plain object': [{ gossip: 7, phase: 'late' }],
    'one without a prototype': [Object.assign(Object.create(null), { gossip: 7, phase: 'late' })],
    'one with a field that there is not': [{ gossip: 7, phase: 'late', colour: 'red' }],
    'a record': [new (Record({ gossip: 7, phase: 'late' }))()],
    'a map': [Map<string, unknown>({ gossip: 7, phase: 'late' })],
    'a map in order': [OrderedMap(Object.entries({ gossip: 7, phase: 'late' }))],
    'a sequence': [Seq.Keyed(Object.entries({ gossip: 7, phase: 'late' }))],
    'pairs in an array': [
      [
        ['gossip', 7],
        ['phase', 'late'],
      ],
    ],
    'pairs in a list': [
      List([
        ['gossip', 7],
        ['phase', 'late'],
      ]),
    ],
    'pairs in an iterable': [
      new globalThis.Map<string, unknown>([
        ['gossip', 7],
        ['phase', 'late'],
      ]),
    ],
    several: [{ gossip: 3 }, Map({ phase: 'late' }), undefined, null, { gossip: 7 }],
  }
  it.each(Object.entries(sources))('%s', (_, from) => {
    const of = look()
    const merged = (n: Clerk): Clerk => n.merge(...(from as { gossip: number }[]))
    const next = merged(of.n)
    expect(is(realState(next), merged(clerk))).toBe(true)
    expect(is(realState(next), clerk.set('gossip', 7).set('phase', 'late'))).toBe(true)
    expect(noted(of.look, next)).toEqual({ reads: {}, writes: { gossip: WHOLE, phase: WHOLE } })
  })

  it('nothing', () => {
    const of = look()
    for (const next of [of.n.merge(), of.n.merge({}), of.n.merge(Map()), of.n.merge(undefined as never)])
      expect([realState(next), noted(of.look, next)]).toEqual([clerk, { reads: {}, writes: {} }])
  })

  it('a map of the state that entries were written to, whatever it is wrapped in', () => {
    for (const wrap of [(o: object) => o, (o: object) => Map(Object.entries(o)), (o: object) => Object.entries(o)]) {
      const of = look()
      const next = of.n.merge(wrap({ notes: of.n.notes.set(other, 7) }) as Partial<{ gossip: number }>)
      expect(realState(next)).toEqual(clerk.setIn(['notes', other], 7))
      expect(noted(of.look, next)).toEqual({ reads: {}, writes: { notes: new globalThis.Set([other]) } })
    }
  })

  it('a map of another field is read, and is all that is written', () => {
    const of = look()
    const next = of.n.merge({ gossip: of.n.notes as never })
    expect(noted(of.look, next)).toEqual({ reads: { notes: WHOLE }, writes: { gossip: WHOLE } })
  })

  it('what is no source throws as it does with a state', () => {
    for (const source of [7, true, Symbol('s')]) {
      expect(() => clerk.merge(source as never)).toThrow(TypeError)
      expect(() => look().n.merge(source as never)).toThrow(TypeError)
    }
  })
})

describe('entries', () => {
  it.each<[string, unknown, number]>([
    ['of the node itself', self, OWN],
    ['of another', other, OTHERS],
    ['of null', null, OTHERS],
    ['of undefined', undefined, OTHERS],
    ['of a word', 'me', OTHERS],
    ['of an object that may be equal to others', List(), WHOLE],
  ])('%s', (_, key, parts) => {
    for (const read of [(n: Clerk) => n.notes.get(key), (n: Clerk) => n.notes.has(key), (n: Clerk) => n.notes.update(key, () => 7).get(key)]) {
      const of = look()
      expect(read(of.n)).toBe(read(clerk))
      expect(noted(of.look, of.n).reads).toEqual({ notes: parts })
    }
    const of = look()
    const next = of.n.set('notes', of.n.notes.set(key, 7))
    expect(is(realState(next), clerk.setIn(['notes', key], 7))).toBe(true)
    expect(noted(of.look, next)).toEqual(
      parts === WHOLE ? { reads: { notes: WHOLE }, writes: { notes: WHOLE } } : { reads: {}, writes: { notes: new globalThis.Set([key]) } },
    )
  })

  it('are all the own ones of a node that is not known', () => {
    const of = new Look(clerk, numbers, undefined)
    ;(of.root as Clerk).notes.get(other)
    expect(noted(of, of.root).reads).toEqual({ notes: WHOLE })
  })

  it('that were written are not read', () => {
    const of = look()
    expect(of.n.notes.set(other, 7).get(other)).toBe(7)
    expect(noted(of.look, of.n).reads).toEqual({})
    expect(of.n.notes.set(other, 7).size).toBe(4)
    expect(noted(of.look, of.n).reads).toEqual({ notes: WHOLE })
  })
})

it('what was not made from the state has no writes', () => {
  const of = look()
  for (const next of [undefined, null, 0, 'late', true, Symbol('s'), {}, clerk, look().n]) expect(of.look.writesOf(next)).toBe(undefined)
  expect(of.look.writesOf(of.n)).toEqual([])
})
