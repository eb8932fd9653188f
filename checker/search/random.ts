/** A small seeded generator (mulberry32, T. Ettinger 2017): the same numbers for the same seed, everywhere. */
export const randomFrom = (seed: number): ((below: number) => number) => {
  let a = seed | 0
  return below => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
