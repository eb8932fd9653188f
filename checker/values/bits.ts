/** The place of the lowest bit of a word that is not 0: 0 to 31. V8 makes a few instructions of a call. */
export const lowestBit = (word: number): number => 31 - Math.clz32(word & -word)

/** Is bit `bit` of the set that begins at `words[at]` in it? */
export const hasBit = (words: Int32Array, at: number, bit: number): boolean => (((words[at + (bit >>> 5)] as number) >>> (bit & 31)) & 1) === 1

/** How many bits of a word are set. */
export const bitCount = (word: number): number => {
  let count = 0
  for (let left = word; left !== 0; left &= left - 1) count++
  return count
}
