import type { Tables } from '../tables/tables.ts'

/** The state that stands for a state of a node, itself where nothing else does (bisimulation). */
export type StandIn = (node: number, local: number) => number

/** The images of the parts of a state under the permutations that the tables list: all members of a small group, of a large one the swaps. */
export class Images {
  readonly #tables: Tables
  readonly #standIn: StandIn

  constructor(tables: Tables, standIn: StandIn) {
    this.#tables = tables
    this.#standIn = standIn
  }

  /** How much there is that may have an image: more as soon as the tables have learnt anything. */
  get size(): number {
    const { bits, componentCount } = this.#tables
    let size = bits.size + componentCount
    for (let c = 0; c < componentCount; c++) size += this.#tables.componentSize(c)
    return size
  }

  /** Which component `c` becomes under permutation `g`. */
  placeOf(c: number, g: number): number {
    const { symmetry, nodeCount, fixedComponents } = this.#tables
    if (c < nodeCount) return symmetry.nodeImage[g]?.[c] as number
    return c < fixedComponents ? c : fixedComponents + this.#tables.channelImage(g, c - fixedComponents)
  }

  /** What its value becomes; the tables learn it where they did not have it. */
  imageOf(c: number, value: number, g: number): number {
    const tables = this.#tables
    const { nodeCount, observerNames, fixedComponents } = tables
    if (c < nodeCount) return this.#standIn(this.placeOf(c, g), tables.localImage(g, c, value))
    if (c < nodeCount + observerNames.length) return tables.observerImage(g, c - nodeCount, value)
    return c < fixedComponents ? value : tables.queueImage(g, c - fixedComponents, value)
  }
}
