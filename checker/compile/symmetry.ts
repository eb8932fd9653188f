import { SpecError } from '../protocol/errors.ts'
import type { ValueId } from './encode.ts'
import { PairMap } from './ints.ts'
import { allPermutations, groupOrder, type Permutation } from './permutation.ts'
import type { System } from './system.ts'

/** Larger groups are not used: every permutation has its column in the tables. */
const GROUP_ORDER_MAX = 5_040

/** Thrown when a protocol reads the rank of an id whose kind was taken for unordered: start again without it. */
export class RankRead extends Error {}

/**
 * The symmetry group of a protocol: the ids of a kind may be renamed freely, unless the protocol orders them (`rank`) or they do not
 * start alike. The group is a product of symmetric groups, one for each block of ids that may be swapped in the initial state.
 * That the handlers commute with it is checked where they run (`Symmetric` in tables.ts), not assumed.
 */
export class Symmetry {
  readonly #system: System
  /** All members, the identity first. */
  readonly permutations: readonly Permutation[]
  /** Indices of transpositions that generate the group. */
  readonly generators: readonly number[]
  /** Where each node goes: `nodeImage[g][node]`. */
  readonly nodeImage: readonly Int32Array[]
  /** The kinds that are permuted, for the report. */
  readonly kinds: readonly string[]
  /** Why a kind is not, for the report. */
  readonly notes: readonly string[]
  readonly #valueImage = new PairMap(64)

  constructor(system: System, initial: readonly ValueId[], wanted: boolean) {
    this.#system = system
    const notes: string[] = []
    const blocks: [kind: string, ranks: number[]][] = []
    if (wanted)
      for (const [kind, count] of system.kinds) {
        if (count < 2) continue
        if (system.orderedKinds.has(kind)) {
          notes.push(`The ids of ${kind} are ordered (their rank is read), so they are not permuted.`)
          continue
        }
        for (const block of interchangeable(kind, count, swap => this.#fixes(initial, swap))) if (block.length > 1) blocks.push([kind, block])
      }
    const order = groupOrder(blocks.map(([kind, block]) => [kind, block.length]))
    if (order > GROUP_ORDER_MAX) {
      notes.push(`The symmetry group has ${order} members; more than ${GROUP_ORDER_MAX} are not used.`)
      blocks.length = 0
    }
    this.permutations = onBlocks(blocks, system.kinds)
    this.generators = this.permutations.flatMap((p, g) => (isNeighbourSwap(p, blocks) ? [g] : []))
    this.nodeImage = this.permutations.map(p => Int32Array.from(system.nodes, node => system.permuteNode(node.index, p)))
    this.kinds = [...new Set(blocks.map(([kind]) => kind))]
    this.notes = notes
  }

  get order(): number {
    return this.permutations.length
  }

  /** The value with its ids renamed by permutation `g`. */
  image(g: number, value: ValueId): ValueId {
    if (g === 0 || !this.#system.values.hasIds(value)) return value
    const known = this.#valueImage.get(g, value)
    if (known >= 0) return known
    const image = this.#system.values.permute(value, this.permutations[g] as Permutation)
    this.#valueImage.set(g, value, image)
    return image
  }

  /** @throws RankRead if a kind that is permuted turns out to be ordered. */
  confirm(): void {
    if (this.kinds.some(kind => this.#system.orderedKinds.has(kind))) throw new RankRead()
  }

  refuse(place: string, g: number, what: string): never {
    this.confirm()
    const swap = this.#system.describePermutation(this.permutations[g] as Permutation)
    throw new SpecError({
      title: 'NODES ARE NOT SYMMETRIC',
      place,
      what: `Swapping ${swap} in its input does not swap them in its output: ${what}`,
      why: 'So renaming nodes changes what the protocol does, and states that differ only in names may not be taken for one.',
      hint: 'If the order of the nodes is meant, read .rank, which says so; else use choose, every, some instead of positions in `nodes`. --no-symmetry checks it as it is.',
    })
  }

  #fixes(initial: readonly ValueId[], swap: Permutation): boolean {
    return initial.every((value, node) => this.#system.values.permute(value, swap) === initial[this.#system.permuteNode(node, swap)])
  }
}

/** The blocks of ids of which any two may be swapped; `fixes` is transitive over swaps, as they generate a group. */
const interchangeable = (kind: string, count: number, fixes: (swap: Permutation) => boolean): number[][] => {
  const blocks: number[][] = []
  for (let rank = 0; rank < count; rank++) {
    const block = blocks.find(b => fixes(transposition(kind, count, b[0] as number, rank)))
    if (block === undefined) blocks.push([rank])
    else block.push(rank)
  }
  return blocks
}

const transposition = (kind: string, count: number, a: number, b: number): Permutation => {
  const ranks = Array.from({ length: count }, (_, rank) => rank)
  ranks[a] = b
  ranks[b] = a
  return new Map([[kind, ranks]])
}

/** The product of the symmetric groups of the blocks, as permutations of whole kinds. */
const onBlocks = (blocks: readonly (readonly [string, readonly number[]])[], kinds: readonly (readonly [string, number])[]): Permutation[] =>
  allPermutations(blocks.map(([, block], i) => [String(i), block.length])).map(choice => {
    const result = new Map<string, number[]>()
    blocks.forEach(([kind, block], i) => {
      const count = kinds.find(([name]) => name === kind)?.[1] as number
      const ranks = result.get(kind) ?? Array.from({ length: count }, (_, rank) => rank)
      choice.get(String(i))?.forEach((to, from) => {
        ranks[block[from] as number] = block[to] as number
      })
      result.set(kind, ranks)
    })
    return result
  })

/** Does it swap two neighbours of a block and nothing else? */
const isNeighbourSwap = (permutation: Permutation, blocks: readonly (readonly [string, readonly number[]])[]): boolean => {
  const moved = [...permutation].flatMap(([kind, ranks]) => ranks.flatMap((to, from) => (to === from ? [] : [[kind, from] as const])))
  const [a, b] = moved
  if (moved.length !== 2 || a === undefined || b === undefined) return false
  return blocks.some(([kind, block]) => kind === a[0] && kind === b[0] && block.indexOf(b[1]) - block.indexOf(a[1]) === 1)
}
