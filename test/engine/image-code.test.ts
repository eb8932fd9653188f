/** Images of messages by rotated words, against images bit by bit; and of components, against one by one. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Layout } from '../../checker/states/layout.ts'
import { imageCode } from '../../checker/symmetry/image-code.ts'
import { SmallGroup } from '../../checker/symmetry/small-group.ts'
import { Ints } from '../../checker/values/ints.ts'

/** Some permutations of bits: all of them, or within neighbours, as those of a symmetry are. */
const permutation = (bits: number) =>
  fc.tuple(fc.shuffledSubarray([...Array(bits).keys()], { minLength: bits }), fc.integer({ min: 1, max: 8 })).map(([order, near]) => {
    const sorted = [...order].sort((a, b) => Math.floor(a / near) - Math.floor(b / near) || order.indexOf(a) - order.indexOf(b))
    return Int32Array.from(near === 8 ? order : sorted)
  })

const none = new Int32Array(0)

const layoutOfBits = (bitsWords: number): Layout => ({ width: bitsWords, components: 0, word: none, shift: none, mask: none, bitsWord: 0, bitsWords })

const words = (count: number) => fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: count, maxLength: count })

it('is the image bit by bit', () => {
  let coded = 0
  const cases = fc.integer({ min: 1, max: 100 }).chain(bits => fc.tuple(permutation(bits), permutation(bits), words(4)))
  fc.assert(
    fc.property(cases, ([one, two, source]) => {
      const bitsWords = Math.ceil(one.length / 32)
      const images = [Int32Array.from(one, (_, bit) => bit), one, two]
      const code = imageCode(images, [], layoutOfBits(bitsWords))
      if (code === undefined) return
      coded++
      const known = one.length
      for (const g of [1, 2]) {
        const expected = Int32Array.from([7, ...source.slice(0, bitsWords).map(() => 0), 7])
        const records = Int32Array.from(expected)
        for (let bit = 0; bit < known; bit++) {
          if ((((source[bit >>> 5] as number) >>> (bit & 31)) & 1) === 0) continue
          records[1 + (bit >>> 5)] = (records[1 + (bit >>> 5)] as number) | (1 << (bit & 31))
          const to = images[g]?.[bit] as number
          expected[1 + (to >>> 5)] = (expected[1 + (to >>> 5)] as number) | (1 << (to & 31))
        }
        code(g, records, 1, [])
        expect(records).toEqual(expected)
      }
    }),
    { numRuns: 1_000, seed: 20_261_121 },
  )
  expect(coded).toBeGreaterThan(900)
})

it('takes each component where it goes, as its image there', () => {
  const byte = fc.integer({ min: 0, max: 255 })
  const cases = fc
    .integer({ min: 1, max: 9 })
    .chain(components =>
      fc.tuple(
        fc.shuffledSubarray([...Array(components).keys()], { minLength: components }),
        fc.array(byte, { minLength: components, maxLength: components }),
        fc.array(fc.array(byte, { minLength: 512, maxLength: 512 }), { minLength: components, maxLength: components }),
        fc.integer(),
      ),
    )
  fc.assert(
    fc.property(cases, ([order, values, images, bits]) => {
      const { length } = order
      const fields = [...order.keys()]
      const bitsWord = Math.ceil(length / 4)
      const layout: Layout = {
        width: bitsWord + 1,
        components: length,
        word: Int32Array.from(fields, c => c >>> 2),
        shift: Int32Array.from(fields, c => (c & 3) * 8),
        mask: Int32Array.from(fields, () => 255),
        bitsWord,
        bitsWords: 1,
      }
      const rows = images.map(of => {
        const ints = new Ints()
        for (const [at, image] of of.entries()) ints.push(at % 2 === 0 ? at / 2 : image)
        return ints
      })
      const identity = Int32Array.from({ length: 32 }, (_, bit) => bit)
      const reversed = identity.map(bit => 31 - bit)
      const places = fields.flatMap(c => [c, order[c] as number])
      const recordOf = (of: readonly number[], word: number): Int32Array => {
        const record = new Int32Array(layout.width + 1)
        for (const [c, value] of of.entries()) record[1 + (c >>> 2)] = (record[1 + (c >>> 2)] as number) | (value << ((c & 3) * 8))
        record[1 + bitsWord] = word
        return record
      }
      const record = recordOf(values, bits)
      imageCode([identity, reversed], places, layout)?.(1, record, 1, rows)
      const moved: number[] = []
      for (const [c, value] of values.entries()) moved[order[c] as number] = images[c]?.[2 * value + 1] as number
      const backwards = Array.from({ length: 32 }, (_, bit) => (bits >>> bit) & 1).reduce((word, bit, i) => word | (bit << (31 - i)), 0)
      expect(record).toEqual(recordOf(moved, backwards))
    }),
    { numRuns: 500, seed: 20_261_122 },
  )
})

it('is not made of what has no order', () => {
  const bits = 640
  const image = Int32Array.from({ length: bits }, (_, bit) => (bit * 233) % bits)
  expect(imageCode([image, image], [], layoutOfBits(bits / 32))).toBeUndefined()
})

it('is made anew when there are more messages, after many images or few', () => {
  const bits = (...images: number[]): Int32Array[] => [Int32Array.from(images, (_, bit) => bit), Int32Array.from(images)]
  const terms = { members: 2, components: [], componentImages: [], places: new Ints() }
  const pairs = { first: Int32Array.of(0), count: Int32Array.of(2), sorting: Int32Array.of(0, 1), sums: new Int32Array(2) }
  for (const times of [1, 30_000]) {
    const rows = { terms, nodes: none, own: [], keys: none, compared: none, bits: bits(1, 0), ...pairs }
    const listed = new SmallGroup(rows)
    const layout = layoutOfBits(1)
    const imageOf = (word: number): number => {
      const records = Int32Array.of(word)
      listed.replace(records, 0, layout, 1)
      return records[0] as number
    }
    for (let i = 0; i < times; i++) expect(imageOf(1 + (i % 3))).toBe([2, 1, 3][i % 3])
    rows.bits = bits(1, 0, 3, 2)
    expect([1, 2, 4, 8, 7].map(imageOf)).toEqual([2, 1, 8, 4, 11])
  }
})
