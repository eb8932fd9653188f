/** What random protocols are too small to meet: states whose hashes are equal, and an index that grows many times. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashKey, hashSource, roomFor, SeenSet } from '../../checker/states/seen-set.ts'
import { Recent } from '../../checker/steps/recent.ts'
import type { Successors } from '../../checker/steps/successors.ts'

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
  it('takes many keys at a time as it takes them one by one', () => {
    const many = fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(400)), { maxLength: 1_000, size: 'max' })
    fc.assert(
      fc.property(fc.oneof(keys, many), fc.constantFrom(undefined, 0, -1, 12_345), (list, hash) => {
        const set = new SeenSet(width)
        const words = Int32Array.from(list.flat())
        const hashes = Int32Array.from(list, (_, i) => hash ?? hashKey(words, i * width, width))
        const added = set.addAll(words, hashes, list.length)
        const known = [...numbers(list).keys()]
        expect(added).toBe(known.length)
        expect([...set.fresh.subarray(0, added)].map(i => list[i]?.join())).toEqual(known)
        expect(set.count).toBe(known.length)
        expect(known).toEqual(known.map((_, i) => set.keys.subarray(i * width, (i + 1) * width).join()))
        for (let i = 0; i < list.length; i++) expect(set.find(words, i * width, hashes[i] as number)).toBe(known.indexOf((list[i] as readonly number[]).join()))
      }),
      { endOnFailure: true },
    )
  })
  it('numbers keys in the order of their discovery, and keeps them while it grows', () => {
    const list = Array.from({ length: 20_000 }, (_, i) => [i % 7, (i * 7919) % 10_007, i % 13])
    agrees(list, words => hashKey(words, 0, width))
  })
})

describe('a seen set of millions', () => {
  const size = 6_000_000
  /** Adds keys `first …` and says how many were new. */
  const adder = (set: SeenSet): ((first: number, count: number) => number) => {
    const batch = 1_000
    const words = new Int32Array(batch)
    const hashes = new Int32Array(batch)
    return (first, count) => {
      let added = 0
      for (let i = first; i < first + count; i += batch) {
        for (let k = 0; k < batch; k++) {
          words[k] = Math.imul(i + k, 0x9e3779b1)
          hashes[k] = hashKey(words, k, 1)
        }
        added += set.addAll(words, hashes, batch)
      }
      return added
    }
  }
  it('has each key once, while keys and index grow in place and out of it', () => {
    const set = new SeenSet(1)
    const add = adder(set)
    expect(add(0, size)).toBe(size)
    expect(add(0, size)).toBe(0)
    expect(set.count).toBe(size)
    const word = Int32Array.of(Math.imul(4_567_890, 0x9e3779b1))
    expect(set.find(word, 0, hashKey(word, 0, 1))).toBe(4_567_890)
    expect(set.bytes).toBeLessThan(size * 4 * (1 + 7 / 3))
  })
})

describe('room to grow', () => {
  it('is much where it is promised, and else what is needed', () => {
    const asked: number[] = []
    const make =
      (most: number) =>
      (words: number): Int32Array => {
        asked.push(words)
        if (words > most) throw new RangeError('Array buffer allocation failed')
        return new Int32Array(8)
      }
    roomFor(make(Infinity), 1_000, 2_000)
    roomFor(make(Infinity), 1 << 23, 1 << 24)
    roomFor(make(1 << 28), 1 << 23, 1 << 24)
    roomFor(make(Infinity), 2 ** 31, 2 ** 32)
    expect(asked).toEqual([2_000, 1 << 29, 1 << 29, 1 << 24, 2 ** 32 - 8])
    expect(() => roomFor(make(1 << 10), 1 << 23, 1 << 24)).toThrow('allocation failed')
  })
  it('is none beyond what an array can hold, and the search is told so', () => {
    const set = new SeenSet(1 << 20)
    expect(set.growthBytes(1_000)).toBeLessThan(Infinity)
    expect(set.growthBytes(5_000)).toBe(Infinity)
    const narrow = new SeenSet(1)
    expect(narrow.growthBytes(2 ** 32)).toBe(Infinity)
  })
})

describe('the hash', () => {
  it('is the same as compiled code', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 6 }), key => {
        const words = key.map((_, w) => `key[${w}]`)
        expect(new Function('key', `${hashSource(words)}\nreturn hash`)(key)).toBe(hashKey(Int32Array.from(key), 0, key.length))
      }),
    )
  })

  it.each([3, 4, 7, 2])('keeps its keys when they become %i words wide', next => {
    const set = new SeenSet(width)
    const list = Array.from({ length: 3_000 }, (_, i) => [i, i * 7, 0])
    for (const key of list) set.add(Int32Array.from(key), 0, hashKey(Int32Array.from(key), 0, width))
    const words = (key: readonly number[]): Int32Array => Int32Array.from({ length: next }, (_, w) => key[w] ?? 0)
    set.rewrite(next, (source, from, target, to) => {
      for (let w = 0; w < Math.min(width, next); w++) target[to + w] = source[from + w] as number
    })
    expect(list.map(key => set.find(words(key), 0, hashKey(words(key), 0, next)))).toEqual([...list.keys()])
  })

  it('is the same set when its keys are put into another', () => {
    const set = new SeenSet(width)
    const list = Array.from({ length: 5_000 }, (_, i) => Int32Array.of(i % 7, i, 3))
    for (const key of list) set.add(key, 0, hashKey(key, 0, width))
    const other = new SeenSet(width)
    other.restore(width, set.count, set.keys.slice(0, set.count * width))
    for (const key of list) expect(other.add(key, 0, hashKey(key, 0, width))).toBe(false)
    const more = Int32Array.of(9, 9, 9)
    expect([other.add(more, 0, hashKey(more, 0, width)), other.find(more, 0, hashKey(more, 0, width))]).toEqual([true, 5_000])
  })
})

describe('the filter of what was looked up last', () => {
  /** What the filter keeps of successors with these records. */
  const kept = (recent: Recent, list: readonly (readonly number[])[], layoutWidth = width): number[][] => {
    const records = Int32Array.from(list.flat())
    const successors = {
      records,
      hashes: Int32Array.from(list, (_, i) => hashKey(records, i * layoutWidth, layoutWidth)),
      layout: { width: layoutWidth },
    } as unknown as Successors
    const parents = Int32Array.from(list.keys())
    const count = recent.filter(successors, list.length, parents)
    const result = Array.from({ length: count }, (_, i) => [...successors.records.subarray(i * layoutWidth, (i + 1) * layoutWidth)])
    expect([...parents.subarray(0, count)].map(parent => list[parent])).toEqual(result)
    return result
  }
  it('drops a record that was there', () => {
    const recent = new Recent()
    const [a, b] = [
      [1, 2, 3],
      [1, 2, 4],
    ] as const
    expect(kept(recent, [a, a, b, b, a])).toEqual([a, b])
    expect(kept(recent, [b, [0, 2, 3]])).toEqual([[0, 2, 3]])
  })
  it('keeps every record that is new', () => {
    fc.assert(
      fc.property(keys, list => {
        const found = new Set(kept(new Recent(), list).map(key => key.join()))
        expect(found).toEqual(new Set(list.map(key => key.join())))
      }),
    )
  })
  it('keeps every record that is new, though many have one place and are equal in all words but one', () => {
    for (const varied of [0, 2]) {
      const list = Array.from({ length: 100_000 }, (_, i) => Array.from({ length: width }, (_, w) => (w === varied ? i : 7)))
      expect(kept(new Recent(), list).length).toBe(list.length)
    }
  })
  it('keeps what is new, and drops what is not, once it was asked so often that it became larger', () => {
    const recent = new Recent()
    for (let i = 0; i < 10_000; i++) {
      const record = [i, 1, 2]
      if (kept(recent, [record, record]).length !== 1) throw new Error(`record ${i}`)
    }
    const other = new Recent()
    other.slotsFor(width)
    expect(recent.mask).toBeGreaterThan(other.mask)
  })
  it('keeps the record that is all zeros, whatever the width', () => {
    for (let words = 1; words < 20; words++) expect(kept(new Recent(), [new Array<number>(words).fill(0)], words)).toEqual([new Array<number>(words).fill(0)])
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
