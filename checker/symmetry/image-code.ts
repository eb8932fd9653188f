import type { Layout } from '../states/layout.ts'
import { standardTuning } from '../tables/tuning.ts'
import type { TermRows } from './terms.ts'

/** Replaces the record that begins at `records[base]` by its image under permutation `g`, given the images of components (`TermRows.componentImages`). */
export type ImageCode = (g: number, records: Int32Array, base: number, images: TermRows['componentImages']) => void

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
 * The image of a record as code without branches. Each component is looked up, and put where it goes. Messages and their images are numbered together, so a permutation moves many of
 * the bits of a word by the same distance. So an image is a few words, rotated and masked: 28 to 48 of them for Raft with 3 nodes, which has 144 messages.
 * Undefined if they are too many, or code may not be made.
 * @param bits where each bit goes, for each permutation
 * @param places where each component goes (`TermRows.places`)
 */
export const imageCode = (bits: readonly Int32Array[], places: ArrayLike<number>, layout: Layout, tuning = standardTuning): ImageCode | undefined => {
  const { components, word, shift, mask, bitsWord, bitsWords } = layout
  if (components > tuning.codeComponentsMax || !mayCompile()) return undefined
  const order = bits.length
  const all = Array.from({ length: components }, (_, c) => c)
  const cases: string[] = []
  let rotations = 0
  for (const [g, image] of bits.entries()) {
    if (g === 0) continue
    const masks = new Map<string, number>()
    for (const [bit, to] of image.entries()) {
      const key = [to >>> 5, bit >>> 5, (to - bit) & 31].join()
      masks.set(key, (masks.get(key) ?? 0) | (1 << (to & 31)))
    }
    rotations += masks.size
    if (masks.size > tuning.rotationsMax || rotations > tuning.allRotationsMax) return undefined
    const parts = Array.from({ length: bitsWord + bitsWords }, (): string[] => [])
    for (const c of all) {
      const to = places[c * order + g] as number
      parts[word[to] as number]?.push(`i${c}[v${c} + ${g}] << ${shift[to]}`)
    }
    for (const [key, bitsOf] of masks) {
      const [to, from, by] = key.split(',').map(Number) as [number, number, number]
      parts[bitsWord + to]?.push(`${by === 0 ? `b${from}` : `(b${from} << ${by} | b${from} >>> ${32 - by})`} & ${bitsOf}`)
    }
    cases.push(`case ${g}: ${parts.map((terms, w) => `records[base + ${w}] = ${terms.join(' | ') || 0}`).join('\n')}\nbreak`)
  }
  const source = `'use strict'
${all.map(c => `const i${c} = images[${c}].data, v${c} = ((records[base + ${word[c]}] >>> ${shift[c]}) & ${mask[c]}) * ${order}`).join('\n')}
${Array.from({ length: bitsWords }, (_, w) => `const b${w} = records[base + ${bitsWord + w}]`).join('\n')}
switch (g) {
${cases.join('\n')}
}`
  return new Function('g', 'records', 'base', 'images', source) as ImageCode
}
