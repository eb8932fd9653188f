/** What random protocols are too small to meet: states whose hashes are equal, and an index that grows many times. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Expander } from '../checker/search/expander.ts'
import { Recent } from '../checker/search/recent.ts'
import { hashKey, SeenSet } from '../checker/search/seen.ts'

const width = 3

const keys = fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(40)), { maxLength: 200 })

/** Numbers in order of discovery, as a Map would give them. */
const numbers = (list: readonly (readonly number[])[]): Map<string, number> => {
  const known = new Map<string, number>()
  for (const key of list) if (!known.has(key.join())) known.set(key.join(), known.size)
  return known
}

describe('the seen set', () => {
  const agrees = (list: readonly (readonly number[])[], hash: (key: Int32Array) => number) => {
    const set = new SeenSet(width)
    const known = new Map<string, number>()
    for (const key of list) {
      const words = Int32Array.from(key)
      expect(set.find(words, 0, hash(words))).toBe(known.get(key.join()) ?? -1)
      expect(set.add(words, 0, hash(words))).toBe(!known.has(key.join()))
      if (!known.has(key.join())) known.set(key.join(), known.size)
    }
    for (const [key, number] of known)
      expect(set.find(Int32Array.from(key.split(',').map(Number)), 0, hash(Int32Array.from(key.split(',').map(Number))))).toBe(number)
    expect(set.count).toBe(numbers(list).size)
  }
  it('tells keys apart by all their words, even if their hashes are equal', () => {
    fc.assert(fc.property(keys, fc.constantFrom(0, -1, 1 << 31, 12_345), (list, hash) => agrees(list, () => hash)))
  })
  it('numbers keys in the order of their discovery, and keeps them while it grows', () => {
    const list = Array.from({ length: 20_000 }, (_, i) => [i % 7, (i * 7919) % 10_007, i % 13])
    agrees(list, words => hashKey(words, 0, width))
  })
})

describe('the filter of what was looked up last', () => {
  /** Successors with these records, all with the hash 7; what the filter keeps of them. */
  const kept = (recent: Recent, list: readonly (readonly number[])[], layoutWidth = width): number[][] => {
    const expander = {
      records: Int32Array.from(list.flat()),
      hashes: new Int32Array(list.length).fill(7),
      layout: { width: layoutWidth },
    } as unknown as Expander
    const parents = Int32Array.from(list.keys())
    const count = recent.filter(expander, list.length, parents)
    const result = Array.from({ length: count }, (_, i) => [...expander.records.subarray(i * layoutWidth, (i + 1) * layoutWidth)])
    expect([...parents.subarray(0, count)].map(parent => list[parent])).toEqual(result)
    return result
  }
  it('drops a record only if it is the one that was there, all of it', () => {
    const recent = new Recent()
    expect(
      kept(recent, [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 4],
        [1, 2, 4],
        [1, 2, 3],
      ]),
    ).toEqual([
      [1, 2, 3],
      [1, 2, 4],
      [1, 2, 3],
    ])
    expect(
      kept(recent, [
        [1, 2, 3],
        [0, 2, 3],
      ]),
    ).toEqual([[0, 2, 3]])
  })
  it('keeps every record that is new', () => {
    fc.assert(
      fc.property(keys, list => {
        const found = new Set(kept(new Recent(), list).map(key => key.join()))
        expect(found).toEqual(new Set(list.map(key => key.join())))
      }),
    )
  })
  it('forgets all when cleared, and when the layout of records changes', () => {
    const recent = new Recent()
    kept(recent, [[1, 2, 3]])
    recent.clear()
    expect(kept(recent, [[1, 2, 3]])).toEqual([[1, 2, 3]])
    expect(kept(recent, [[1, 2]], 2)).toEqual([[1, 2]])
    expect(kept(recent, [[1, 2, 3]])).toEqual([[1, 2, 3]])
  })
})
