import { SpecError } from '../protocol/errors.ts'
import { Id } from '../protocol/id.ts'
import type { System } from '../run/system.ts'
import { describe } from '../values/encode.ts'
import { PairMap } from '../values/ints.ts'
import { allPermutations, groupOrder, type Permutation } from '../values/permutation.ts'
import type { ValueId } from '../values/value-id.ts'

/** The title of an error that is about two executions, not one. */
export const NOT_SYMMETRIC = 'NODES ARE NOT SYMMETRIC'

/** Thrown when a protocol reads the rank of an id whose kind was taken for unordered, or is not checked to take it so: start again without it. */
export class RankRead extends Error {}

/** Ids of one kind, given by their ranks, of which any two may be swapped. */
export interface Block {
  readonly kind: string
  readonly ranks: readonly number[]
}

/**
 * The symmetry group of a protocol: the ids of a kind may be renamed freely, unless the protocol orders them (`rank`) or they do not
 * start alike. The group is a product of symmetric groups, one for each block of ids that may be swapped in the initial states, taken together.
 * That the handlers commute with it is checked where they run (step-orbits.ts), not assumed.
 */
export class Symmetry {
  readonly #system: System
  /** The ids that may be permuted with one another. */
  readonly blocks: readonly Block[]
  /** Members of the group. */
  readonly groupSize: number
  /** Whether `permutations` are all members. */
  readonly listed: boolean
  /** The identity, then all other members, or, if the group is not listed, all swaps of two ids of a block. */
  readonly permutations: readonly Permutation[]
  /** Indices of transpositions that generate the group. */
  readonly generators: readonly number[]
  /** Where each node goes: `nodeImage[g][node]`. */
  readonly nodeImage: readonly Int32Array[]
  /**
   * For each node the first that it may be swapped with, itself included, and the index of that swap (0: itself): what holds for the first
   * holds for the image of the other.
   */
  readonly firstAlike: readonly { readonly node: number; readonly swap: number }[]
  /** The kinds that are permuted, for the report. */
  readonly kinds: readonly string[]
  /** Why a kind is not, for the report. */
  readonly notes: readonly string[]
  readonly #valueImage = new PairMap(64)

  /** @param listedMax members of the largest group that is listed */
  constructor(system: System, initial: readonly (readonly ValueId[])[], wanted: boolean, listedMax: number) {
    this.#system = system
    const notes: string[] = []
    const blocks: Block[] = []
    if (wanted)
      for (const [kind, count] of system.kinds) {
        if (count < 2) continue
        if (system.orderedKinds.has(kind)) {
          notes.push(`The ids of ${kind} are not permuted: ${system.orderedKinds.get(kind)}.`)
          continue
        }
        for (const block of interchangeable(kind, count, swap => this.#fixes(initial, swap))) if (block.length > 1) blocks.push({ kind, ranks: block })
      }
    this.blocks = blocks
    this.groupSize = groupOrder(blocks.map(({ kind, ranks }) => [kind, ranks.length]))
    this.listed = this.groupSize <= listedMax
    this.permutations = this.listed ? onBlocks(blocks, system.kinds) : [new Map(), ...swaps(blocks, system.kinds)]
    this.generators = this.permutations.flatMap((p, g) => (isNeighbourSwap(p, blocks) ? [g] : []))
    this.nodeImage = this.permutations.map(p => Int32Array.from(system.nodes, node => system.permuteNode(node.index, p)))
    const swapsOfTwo = this.permutations.flatMap((p, g) => (movedBy(p).length === 2 ? [g] : []))
    this.firstAlike = system.nodes.map(({ index }) => {
      for (let node = 0; node < index; node++) {
        const swap = swapsOfTwo.find(g => this.nodeImage[g]?.[node] === index)
        if (swap !== undefined) return { node, swap }
      }
      return { node: index, swap: 0 }
    })
    this.kinds = [...new Set(blocks.map(({ kind }) => kind))]
    this.notes = notes
  }

  /** Indices of swaps that generate the members of the group that leave a node where it is. */
  fixing(node: number): readonly number[] {
    const { role, id } = this.#system.nodes[node] as { readonly role: string; readonly id: Id<string> }
    const others = this.blocks.map(({ kind, ranks }) => ({ kind, ranks: kind === role ? ranks.filter(rank => rank !== Id.rankOf(id)) : ranks }))
    return this.permutations.flatMap((p, g) => (isNeighbourSwap(p, others) ? [g] : []))
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

  /** The kinds that are permuted are to be permuted no more. @throws RankRead */
  giveUp(why: string): never {
    for (const kind of this.kinds) if (!this.#system.orderedKinds.has(kind)) this.#system.orderedKinds.set(kind, why)
    throw new RankRead()
  }

  /** Do the predicates say the same of a value and of its images? */
  checkPredicates(value: ValueId, bits: number, ask: (image: ValueId) => number, place: string): void {
    const { protocol, values } = this.#system
    const show = (of: ValueId): string => describe(values.decode(of))
    for (const g of this.generators) {
      const image = this.image(g, value)
      if (image !== value && ask(image) !== bits) this.refuse(`${protocol.name}, ${place}`, g, `a property tells ${show(value)} from its image ${show(image)}.`)
    }
  }

  refuse(place: string, g: number, what: string): never {
    this.confirm()
    const swap = this.#system.describePermutation(this.permutations[g] as Permutation)
    throw new SpecError({
      title: NOT_SYMMETRIC,
      place,
      what: `Swapping ${swap} in its input does not swap them in its output: ${what}`,
      why: 'So renaming nodes changes what the protocol does, and states that differ only in names may not be taken for one.',
      hint: 'If the order of the nodes is meant, read .rank, which says so; else use choose, every, some instead of positions in `nodes`. --no-symmetry checks it as it is.',
    })
  }

  /** Does a swap make an initial state of each initial state? That is so if it does of the states that each node may begin in, as they go together in any way. */
  #fixes(initial: readonly (readonly ValueId[])[], swap: Permutation): boolean {
    return initial.every((states, node) => {
      const there = initial[this.#system.permuteNode(node, swap)] as readonly ValueId[]
      return there.length === states.length && states.every(state => there.includes(this.#system.values.permute(state, swap)))
    })
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

/** Every swap of two ids of a block. */
const swaps = (blocks: readonly Block[], kinds: readonly (readonly [string, number])[]): Permutation[] =>
  blocks.flatMap(({ kind, ranks }) =>
    ranks.flatMap((a, i) => ranks.slice(i + 1).map(b => transposition(kind, kinds.find(([name]) => name === kind)?.[1] as number, a, b))),
  )

const transposition = (kind: string, count: number, a: number, b: number): Permutation => {
  const ranks = Array.from({ length: count }, (_, rank) => rank)
  ranks[a] = b
  ranks[b] = a
  return new Map([[kind, ranks]])
}

/** The product of the symmetric groups of the blocks, as permutations of whole kinds. */
const onBlocks = (blocks: readonly Block[], kinds: readonly (readonly [string, number])[]): Permutation[] =>
  allPermutations(blocks.map(({ ranks }, i) => [String(i), ranks.length])).map(choice => {
    const result = new Map<string, number[]>()
    blocks.forEach(({ kind, ranks: block }, i) => {
      const count = kinds.find(([name]) => name === kind)?.[1] as number
      const ranks = result.get(kind) ?? Array.from({ length: count }, (_, rank) => rank)
      choice.get(String(i))?.forEach((to, from) => {
        ranks[block[from] as number] = block[to] as number
      })
      result.set(kind, ranks)
    })
    return result
  })

/** The ids that a permutation moves. */
const movedBy = (permutation: Permutation): (readonly [kind: string, rank: number])[] =>
  [...permutation].flatMap(([kind, ranks]) => ranks.flatMap((to, from) => (to === from ? [] : [[kind, from] as const])))

/** Does it swap two neighbours of a block and nothing else? */
const isNeighbourSwap = (permutation: Permutation, blocks: readonly Block[]): boolean => {
  const moved = movedBy(permutation)
  const [a, b] = moved
  if (moved.length !== 2 || a === undefined || b === undefined) return false
  return blocks.some(({ kind, ranks }) => kind === a[0] && kind === b[0] && ranks.includes(a[1]) && ranks.indexOf(b[1]) - ranks.indexOf(a[1]) === 1)
}
