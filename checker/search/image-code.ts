import type { Layout } from './layout.ts'

/** Replaces the messages in flight, which begin at `records[at]`, by their image under permutation `g`. */
export type ImageCode = (g: number, records: Int32Array, at: number) => void

/** Rotations for a permutation, beyond which code is no faster than a look at each message that changed; and for all together. */
const ROTATIONS_MAX = 128
const ALL_ROTATIONS_MAX = 768

/** Code may not be made everywhere (a page may forbid it). */
export const mayCompile = (): boolean => {
  try {
    new Function('')
    return true
  } catch {
    return false
  }
}

/**
 * The image of a set of messages as code without branches. Messages and their images are numbered together, so a permutation moves many of the bits of a word by the same
 * distance, and an image is a few words rotated and masked: for Raft with 3 nodes 28 to 48 of them, where a state has some 18 messages, of 144. Undefined if they are too many, or
 * code may not be made.
 * @param images where each bit goes, for each permutation
 */
export const imageCode = (images: readonly Int32Array[], { bitsWords }: Layout): ImageCode | undefined => {
  const cases: string[] = []
  let rotations = 0
  for (const [g, image] of images.entries()) {
    if (g === 0) continue
    const masks = new Map<string, number>()
    for (const [bit, to] of image.entries()) {
      const key = [to >>> 5, bit >>> 5, (to - bit) & 31].join()
      masks.set(key, (masks.get(key) ?? 0) | (1 << (to & 31)))
    }
    rotations += masks.size
    if (masks.size > ROTATIONS_MAX || rotations > ALL_ROTATIONS_MAX) return undefined
    const parts = Array.from({ length: bitsWords }, (): string[] => [])
    for (const [key, mask] of masks) {
      const [to, from, by] = key.split(',').map(Number) as [number, number, number]
      parts[to]?.push(`${by === 0 ? `b${from}` : `(b${from} << ${by} | b${from} >>> ${32 - by})`} & ${mask}`)
    }
    cases.push(`case ${g}: ${parts.map((terms, w) => `records[at + ${w}] = ${terms.join(' | ') || 0}`).join('\n')}\nbreak`)
  }
  const words = Array.from({ length: bitsWords }, (_, w) => `const b${w} = records[at + ${w}]`).join('\n')
  return mayCompile() ? (new Function('g', 'records', 'at', `'use strict'\n${words}\nswitch (g) {\n${cases.join('\n')}\n}`) as ImageCode) : undefined
}
