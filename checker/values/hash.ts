/** Mixing of 32-bit integers: the finaliser of MurmurHash3 (A. Appleby, 2011), a bijection. */
export const mix = (x: number): number => {
  let h = x | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** An order-dependent combination. */
export const combine = (seed: number, x: number): number => mix(Math.imul(seed, 31) + x + 0x9e3779b9)

export const hashText = (text: string, seed: number): number => {
  let h = seed
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix(h ^ text.length)
}
