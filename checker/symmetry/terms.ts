import type { Queues } from '../tables/packets.ts'
import type { TermRows } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import { combine, mix } from '../values/hash.ts'
import { Ints } from '../values/ints.ts'

/**
 * What symmetry and fingerprints need of each part of a state, as rows of integers.
 *
 * The fingerprint of a state is a *sum* of one well-mixed term for each component (its place and its content) and each message in
 * flight, so a step, which changes few of them, updates it (Zobrist 1970; Bellare & Micciancio 1997; Nguyen & Ruys 2008). Under a
 * permutation every term has its image, so the sum of an image is known before there is an image: a row has one integer (or two, for 64 bits) for each
 * member of the group. Terms come from content, never from the order of discovery.
 */
export class Terms implements TermRows {
  readonly #tables: Tables
  /** Integers in a row: members times words of a sum. */
  readonly lanes: number
  /** The members of the group that have a lane: the first so many. */
  readonly members: number
  /** Words of a sum: 1 to choose a representative, 2 for a fingerprint. */
  readonly words: 1 | 2
  /** A row for each value of each component. */
  readonly components: Ints[] = []
  /** A row for each bit; none where there are images, as those of messages are made, not summed up. */
  readonly bits = new Ints()
  /** The images themselves, `value * members + g`: for exact symmetry. */
  readonly componentImages: Ints[] = []
  readonly bitImages = new Ints()
  /** Where each component goes, `component * members + g`. */
  readonly places = new Ints()

  readonly #representative: (node: number, local: number) => number

  /**
   * @param members how many of the group have a lane: all (a listed group), or the identity only
   * @param representative the state that stands for a state of a node (bisimulation)
   */
  constructor(tables: Tables, words: 1 | 2, members: number, representative: (node: number, local: number) => number) {
    this.#tables = tables
    this.#representative = representative
    this.words = words
    this.members = members
    this.lanes = this.members * words
  }

  /** Adds the rows of what the tables have learnt; with `images`, that of the images too, which are then themselves learnt. */
  sync(images: boolean): void {
    for (let before = -1; before !== this.#size(); ) {
      before = this.#size()
      this.#components(images)
      this.#bits(images)
    }
  }

  #size(): number {
    const { bits, componentCount } = this.#tables
    let size = bits.size + componentCount
    for (let c = 0; c < componentCount; c++) size += this.#tables.componentSize(c)
    return size
  }

  #components(images: boolean): void {
    const tables = this.#tables
    const order = this.members
    for (let c = 0; c < tables.componentCount; c++) {
      if (this.components.length <= c) {
        this.components.push(new Ints())
        this.componentImages.push(new Ints())
        for (let g = 0; g < order; g++) this.places.push(this.#place(c, g))
      }
      const rows = this.components[c] as Ints
      for (let value = rows.length / this.lanes; value < tables.componentSize(c); value++)
        for (let g = 0; g < order; g++) for (let k = 0; k < this.words; k++) rows.push(this.#term(c, value, g, k as 0 | 1))
      if (!images) continue
      const of = this.componentImages[c] as Ints
      for (let value = of.length / order; value < tables.componentSize(c); value++) for (let g = 0; g < order; g++) of.push(this.#image(c, value, g))
    }
  }

  #bits(images: boolean): void {
    const tables = this.#tables
    const order = this.members
    if (!images)
      for (let bit = this.bits.length / this.lanes; bit < tables.bits.size; bit++)
        for (let g = 0; g < order; g++)
          for (let k = 0; k < this.words; k++)
            this.bits.push(this.#packetTerm(tables.bits.packet.data[bit] as number, g, k as 0 | 1, tables.bits.copy.data[bit] as number))
    if (images)
      for (let bit = this.bitImages.length / order; bit < tables.bits.size; bit++) for (let g = 0; g < order; g++) this.bitImages.push(tables.bitImage(g, bit))
  }

  /** Which component `c` becomes under `g`. */
  #place(c: number, g: number): number {
    const { symmetry, nodeCount, fixedComponents } = this.#tables
    if (c < nodeCount) return symmetry.nodeImage[g]?.[c] as number
    return c < fixedComponents ? c : fixedComponents + this.#tables.channelImage(g, c - fixedComponents)
  }

  #image(c: number, value: number, g: number): number {
    const { nodeCount, observerNames, fixedComponents } = this.#tables
    if (c < nodeCount) return this.#localImage(c, value, g)
    if (c < nodeCount + observerNames.length) return this.#tables.observerImage(g, c - nodeCount, value)
    return c < fixedComponents ? value : this.#tables.queueImage(g, c - fixedComponents, value)
  }

  #localImage(node: number, local: number, g: number): number {
    return this.#representative(this.#tables.symmetry.nodeImage[g]?.[node] as number, this.#tables.localImage(g, node, local))
  }

  #term(c: number, value: number, g: number, k: 0 | 1): number {
    const { system, symmetry, locals, observers, nodeCount, observerNames, fixedComponents } = this.#tables
    if (c < nodeCount) {
      const of = locals[c] as (typeof locals)[number]
      const image = this.#localImage(c, value, g)
      return seal(combine((symmetry.nodeImage[g]?.[c] as number) * 2 + (of.crashed(image) ? 1 : 0), system.values.hash(of.valueOf(image), k)), k)
    }
    if (c < nodeCount + observerNames.length) {
      const of = observers[c - nodeCount] as (typeof observers)[number]
      return seal(combine(1_000 + c, system.values.hash(symmetry.image(g, of.valueOf(value)), k)), k)
    }
    if (c < fixedComponents) return seal(combine(2_000 + c, value), k)
    const items = (this.#tables.queues[c - fixedComponents] as Queues).items[value] as readonly number[]
    return items.reduce((sum, packet, i) => (sum + this.#packetTerm(packet, g, k, i)) | 0, 0)
  }

  #packetTerm(packet: number, g: number, k: 0 | 1, place: number): number {
    const { system, symmetry, packets } = this.#tables
    const image = symmetry.nodeImage[g] as Int32Array
    const ends = 4_096 * (1 + (image[packets.from.data[packet] as number] as number)) + 64 * (image[packets.to.data[packet] as number] as number)
    return seal(combine(combine(ends, place), system.values.hash(symmetry.image(g, packets.message.data[packet] as number), k)), k)
  }
}

const seal = (x: number, k: 0 | 1): number => mix(x ^ (k === 0 ? 0x3c6ef372 : 0x5be0cd19))
