import { List, Map, Range, Set } from 'immutable'
import { describe, expect, it } from 'vitest'
import { hashKey, SeenSet } from '../../checker/states/seen-set.ts'
import { Deliveries } from '../../checker/tables/deliveries.ts'
import { Lists } from '../../checker/tables/outcome-lists.ts'
import { Packets } from '../../checker/tables/packets.ts'
import { Values } from '../../checker/values/encode.ts'
import { capacityFor, Ints, PairMap, Rows, Tuples } from '../../checker/values/ints.ts'

// A table that grows by a fixed amount, or that doubles once, has no room for what comes at once, and looks for a free place for ever (so did `Values`, from 2,047 primitives on).

const values = (): Values => new Values(() => undefined as never)

describe('values, however many come at once', () => {
  it.each([2_046, 2_047, 2_048, 5_000, 100_000])('a list of %i different numbers', size => {
    const all = values()
    const list = all.encode(List(Range(0, size)))
    expect(all.encode(List(Range(0, size)))).toBe(list)
    expect(all.encode(List([List([1])]))).not.toBe(list)
    expect(all.size).toBe(size + 3)
  })

  it('sets and maps of many primitives, one within the other', () => {
    const all = values()
    const text = (i: number): string => `text ${i}`
    const of = (from: number, to: number) => Map(Range(from, to).map(i => [text(i), Set([i, -i - 1, text(i)])] as const))
    expect(all.encode(of(0, 3_000))).toBe(all.encode(of(0, 3_000).reverse()))
    expect(all.encode(of(0, 3_000))).not.toBe(all.encode(of(1, 3_000)))
  })
})

describe('sets and maps are sorted by content, also where they are large', () => {
  it.each([63, 64, 65, 1_000, 20_000])('%i elements', size => {
    const all = values()
    const numbers = Range(0, size).map(i => (i * 7_919) % size)
    const set = all.encode(Set(numbers))
    expect(all.entry(set).children.map(child => all.decode(child))).toEqual([...Range(0, size)])
    const map = all.encode(Map(numbers.map(i => [i, -i] as const)))
    expect(all.toJson(map)).toEqual({ $map: [...Range(0, size)].map(i => [i, i === 0 ? 0 : -i]) })
  })
})

describe('each table holds what is put where it has no place yet', () => {
  const far = 1_000_003
  it('Ints', () => {
    for (const capacity of [0, 1, 16]) {
      const ints = new Ints(capacity)
      for (let i = 0; i < 100; i++) ints.push(i)
      ints.reach(far + 1, -1)
      expect([ints.data[99], ints.data[100], ints.data[far], ints.push(7)]).toEqual([99, -1, -1, far + 1])
    }
  })

  it('Rows', () => {
    const rows = new Rows()
    rows.set(1_000, far, 5)
    expect([rows.get(1_000, far), rows.get(999, far), rows.get(far, 0)]).toEqual([5, -1, -1])
  })

  it('PairMap', () => {
    const map = new PairMap(2)
    for (let i = 0; i < 10_000; i++) map.set(i * 65_537, far - i, i)
    for (let i = 0; i < 10_000; i++) expect(map.get(i * 65_537, far - i)).toBe(i)
    expect(map.get(far, far)).toBe(-1)
  })

  it('Tuples and Lists', () => {
    const [tuples, lists] = [new Tuples(), new Lists()]
    for (let i = 0; i < 10_000; i++) expect([tuples.intern([i, i % 3]), lists.intern([i + 1, i % 3])]).toEqual([i, i + 1])
    for (let i = 0; i < 10_000; i++) expect([tuples.intern([i, i % 3]), lists.intern([i + 1, i % 3])]).toEqual([i, i + 1])
  })

  it('Cells', () => {
    const packets = new Packets(1)
    for (let message = 0; message < 5_000; message++) packets.intern(0, 0, message)
    const cells = new Deliveries(1, packets)
    cells.set(0, 1_000, 4_999, 3)
    cells.set(0, 0, 0, 2)
    expect([cells.get(0, 1_000, 4_999), cells.get(0, 0, 0), cells.get(0, 1_000, 4_998)]).toEqual([3, 2, 0])
  })

  it('SeenSet', () => {
    const seen = new SeenSet(1)
    const keys = Int32Array.from({ length: 300_000 }, (_, i) => i)
    const hashes = keys.map((_, i) => hashKey(keys, i, 1))
    expect(seen.addAll(keys, hashes, keys.length)).toBe(keys.length)
    expect(seen.addAll(keys, hashes, keys.length)).toBe(0)
  })

  it('a hash table is at most half full', () => {
    for (const entries of [0, 1, 31, 32, 33, 1_000, 1_048_576]) {
      const capacity = capacityFor(entries)
      expect(capacity > 2 * entries && (capacity & (capacity - 1)) === 0).toBe(true)
    }
  })
})
