import type { StepTables } from '../tables/step-tables.ts'

/**
 * How a state lies in a record of 32-bit words: each component in a field of just so many bits as its values need so far, no field
 * across two words, then the bits of the messages in flight. A record is the whole state: two are equal if and only if the states are.
 */
export interface Layout {
  /** Words in a record. */
  readonly width: number
  readonly components: number
  readonly word: Int32Array
  readonly shift: Int32Array
  readonly mask: Int32Array
  /** The first word of the bits, and how many words they take. */
  readonly bitsWord: number
  readonly bitsWords: number
}

/** The layout for what the tables hold now; the spare bits of a word go to the fields that outgrew `old`, since they will grow again. */
export const layoutOf = (tables: StepTables, old?: Layout): Layout => {
  const components = tables.componentCount
  const word = new Int32Array(components)
  const width = new Int32Array(components)
  let at = 0
  let used = 0
  for (let c = 0; c < components; c++) {
    const bits = fieldBits(tables.componentSize(c))
    if (used + bits > 32) {
      at++
      used = 0
    }
    word[c] = at
    width[c] = bits
    used += bits
  }
  const outgrown = Array.from(width, (_, c) => c).filter(
    c => old !== undefined && c < old.components && tables.componentSize(c) - 1 > (old.mask[c] as number) >>> 0,
  )
  for (let w = 0; w <= at; w++)
    share(
      width,
      Array.from(word, (of, c) => (of === w ? c : -1)).filter(c => c >= 0),
      outgrown,
    )
  const shift = new Int32Array(components)
  for (let c = 1; c < components; c++) shift[c] = word[c] === word[c - 1] ? (shift[c - 1] as number) + (width[c - 1] as number) : 0
  const mask = width.map(bits => (bits === 32 ? -1 : (1 << bits) - 1))
  const bitsWord = components === 0 ? 0 : at + 1
  const bitsWords = Math.ceil(tables.bits.size / 32)
  return { width: bitsWord + bitsWords, components, word, shift, mask, bitsWord, bitsWords }
}

/** Gives what is left of a word to those of its fields that are `growing`, bit by bit. */
const share = (width: Int32Array, fields: readonly number[], growing: readonly number[]): void => {
  const takers = fields.filter(c => growing.includes(c))
  let spare = 32 - fields.reduce((sum, c) => sum + (width[c] as number), 0)
  for (let i = 0; takers.length > 0 && spare > 0; i++, spare--) {
    const c = takers[i % takers.length] as number
    width[c] = (width[c] as number) + 1
  }
}

/** A component of the record at `records[at] …`. V8 makes the same instructions of a call as of its text. */
export const componentAt = ({ word, shift, mask }: Layout, c: number, records: Int32Array, at: number): number =>
  ((records[at + (word[c] as number)] as number) >>> (shift[c] as number)) & (mask[c] as number)

/** Do all values that the tables hold now have a place? */
export const fits = (layout: Layout, tables: StepTables): boolean => {
  if (tables.componentCount !== layout.components || tables.bits.size > layout.bitsWords * 32) return false
  for (let c = 0; c < layout.components; c++) if (tables.componentSize(c) - 1 > (layout.mask[c] as number) >>> 0) return false
  return true
}

/** Moves a record from one layout to a roomier one; `to` must be zero where it is written. */
export const relay = (from: Layout, to: Layout, source: Int32Array, sourceAt: number, target: Int32Array, targetAt: number): void => {
  for (let c = 0; c < from.components; c++) {
    const value = componentAt(from, c, source, sourceAt)
    const index = targetAt + (to.word[c] as number)
    target[index] = (target[index] as number) | (value << (to.shift[c] as number))
  }
  for (let w = 0; w < from.bitsWords; w++) target[targetAt + to.bitsWord + w] = source[sourceAt + from.bitsWord + w] as number
}

/** Bits for values 0 … size-1, and for one more as soon as three quarters are taken. */
const fieldBits = (size: number): number => {
  const bits = Math.max(1, Math.ceil(Math.log2(Math.max(2, size))))
  return size > 4 && size > 0.75 * 2 ** bits ? bits + 1 : bits
}
