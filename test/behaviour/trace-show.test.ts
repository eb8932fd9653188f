import { describe, expect, test } from 'vitest'
import type { Json } from '../../checker/protocol/json.ts'
import { diff, show, showFields, showTagged } from '../../checker/trace/show.ts'

const id = (label: string): Json => ({ $id: label })
const set = (...elements: Json[]): Json => ({ $set: elements })
const map = (...entries: [Json, Json][]): Json => ({ $map: entries })

const values: readonly (readonly [Json, string])[] = [
  [3, '3'],
  [null, 'null'],
  [true, 'true'],
  ['follower', 'follower'],
  ['two words', '"two words"'],
  ['', '""'],
  ['null', '"null"'],
  ['3', '"3"'],
  [id('p1'), 'p1'],
  [{ $undefined: true }, 'undefined'],
  [{ $number: '-Infinity' }, '-∞'],
  [[1, [2]], '[1, [2]]'],
  [set(), '{}'],
  [set(id('p1'), id('p2')), '{p1, p2}'],
  [map([id('p1'), 1], [id('p2'), set(1)]), '{p1 → 1, p2 → {1}}'],
  [{ clock: 2, acks: set(id('p1')) }, '{clock: 2, acks: {p1}}'],
  [{ $set: [1], other: 2 }, '{$set: [1], other: 2}'],
]

describe('a value as text', () => {
  test.each(values)('%j is %s', (value, text) => {
    expect(show(value)).toBe(text)
  })

  test('a message by its type', () => {
    expect(showTagged({ clock: 1, type: 'Request' })).toBe('Request(clock: 1)')
    expect(showTagged({ type: 'Ack' })).toBe('Ack')
  })

  test('the state of a node without braces', () => {
    expect(showFields({ clock: 2, acks: set() })).toBe('clock: 2, acks: {}')
  })
})

const differences: readonly (readonly [Json, Json, readonly string[]])[] = [
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
  [{ clock: 1, same: 0 }, { clock: 2, same: 0 }, ['clock: 1 → 2']],
  [{ acks: set(1, 2) }, { acks: set(2, 3) }, ['acks: − 1 + 3']],
  [{ acks: set() }, { acks: set(id('p2')) }, ['acks: + p2']],
  [{ m: map([1, 1], [2, 2], [3, 3]) }, { m: map([1, 1], [2, 4], [5, 5]) }, ['m: − 3 → 3 + 5 → 5', 'm[2]: 2 → 4']],
  [{ log: [1] }, { log: [1, 2, 3] }, ['log: + 2, 3']],
  [{ log: [1, 2] }, { log: [1] }, ['log: − 2']],
  [{ log: [1, 2] }, { log: [2] }, ['log: [1, 2] → [2]']],
  [{ inner: { x: 1, y: 2 } }, { inner: { x: 1, y: 3 } }, ['inner.y: 2 → 3']],
  [{ leader: null }, { leader: id('p1') }, ['leader: null → p1']],
  [{ a: 1 }, { b: 1 }, ['a: 1 → undefined', 'b: undefined → 1']],
  [[1], [1, 2], ['+ 2']],
  [1, 2, ['1 → 2']],
]

test.each(differences)('the difference between %j and %j is %j', (before, after, texts) => {
  expect(diff(before, after)).toEqual(texts)
})
