/** A renaming of ids: for each kind, the rank that each rank goes to. */
export type Permutation = ReadonlyMap<string, readonly number[]>

/** The group that permutes each of `kinds` freely: the product of the symmetric groups; the identity comes first. */
export const allPermutations = (kinds: readonly (readonly [kind: string, count: number])[]): Permutation[] =>
  kinds.reduce<Permutation[]>((group, [kind, count]) => group.flatMap(g => permutationsOf(count).map(ranks => new Map([...g, [kind, ranks]]))), [new Map()])

/** Transpositions of neighbours: they generate the group. */
export const generators = (kinds: readonly (readonly [kind: string, count: number])[]): Permutation[] =>
  kinds.flatMap(([kind, count]) =>
    Array.from({ length: count - 1 }, (_, i) => {
      const ranks = Array.from({ length: count }, (_, rank) => rank)
      ranks[i] = i + 1
      ranks[i + 1] = i
      return new Map([[kind, ranks]])
    }),
  )

/** Members of the group that `allPermutations` lists. */
export const groupOrder = (kinds: readonly (readonly [kind: string, count: number])[]): number =>
  kinds.reduce((order, [, count]) => {
    let product = order
    for (let i = 2; i <= count; i++) product *= i
    return product
  }, 1)

/** All orders of 0 … n-1, lexicographically; O(n!). */
export const permutationsOf = (n: number): number[][] => {
  if (n === 0) return [[]]
  const result: number[][] = []
  const visit = (prefix: number[], rest: number[]): void => {
    if (rest.length === 0) result.push(prefix)
    for (const x of rest)
      visit(
        [...prefix, x],
        rest.filter(y => y !== x),
      )
  }
  visit(
    [],
    Array.from({ length: n }, (_, i) => i),
  )
  return result
}

/** `p1 ↔ p2` for people. */
export const describePermutation = (permutation: Permutation, labelOf: (kind: string, rank: number) => string): string => {
  const moves: string[] = []
  for (const [kind, ranks] of permutation) {
    ranks.forEach((to, from) => {
      if (to === from || (ranks[to] === from && to < from)) return
      moves.push(ranks[to] === from ? `${labelOf(kind, from)} ↔ ${labelOf(kind, to)}` : `${labelOf(kind, from)} → ${labelOf(kind, to)}`)
    })
  }
  return moves.join(', ')
}
