/** What searches under large groups remember: images of messages against images swap by swap. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Permutations } from '../../checker/symmetry/permutation-cache.ts'
import { DONE } from '../../checker/tables/step-tables.ts'

/** Bits are the ordered pairs of ids, `a * lanes + b`. */
const pairsUnder = (lanes: number) => {
  const swaps = new Int32Array(lanes * lanes)
  const swapped: (readonly [number, number])[] = [[0, 0]]
  for (let a = 0; a < lanes; a++)
    for (let b = a + 1; b < lanes; b++) {
      swaps[a * lanes + b] = swaps[b * lanes + a] = swapped.length
      swapped.push([a, b])
    }
  const imageOfBit = (bit: number, swap: number): number => {
    const [a, b] = swapped[swap] as readonly [number, number]
    const of = (id: number): number => (id === a ? b : id === b ? a : id)
    return of(Math.floor(bit / lanes)) * lanes + of(bit % lanes)
  }
  return { swaps, imageOfBit }
}

it.each([5, 7])('permutes messages as swap after swap does, %i ids', lanes => {
  const { swaps, imageOfBit } = pairsUnder(lanes)
  const bits = lanes * lanes
  const bitsWords = Math.ceil(bits / 32)
  const permutations = new Permutations(lanes, swaps, imageOfBit)
  permutations.setLayout({ bitsWords })
  const ids = [...Array(lanes).keys()]
  const step = fc.tuple(fc.shuffledSubarray(ids, { minLength: lanes }), fc.uniqueArray(fc.nat(bits - 1)), fc.integer({ min: bits - 3, max: bits }))
  const image = new Int32Array(bitsWords)
  fc.assert(
    fc.property(step, ([target, set, known]) => {
      const source = new Int32Array(bitsWords)
      for (const bit of set) source[bit >>> 5] = (source[bit >>> 5] as number) | (1 << (bit & 31))
      const images = set.map(bit => (target[Math.floor(bit / lanes)] as number) * lanes + (target[bit % lanes] as number))
      const expected = new Int32Array(bitsWords)
      for (const bit of images) expected[bit >>> 5] = (expected[bit >>> 5] as number) | (1 << (bit & 31))
      if (permutations.permute(permutations.placeOf(Int32Array.from(target)), source, 0, image, 0, known) === DONE) expect(image).toEqual(expected)
      else expect(Math.max(...images)).toBeGreaterThanOrEqual(known)
    }),
    { numRuns: 4_000, seed: 20_261_121 },
  )
})
