import type { Queues } from '../tables/packets.ts'
import type { Tables } from '../tables/tables.ts'
import { combine, mix } from '../values/hash.ts'
import { Ints } from '../values/ints.ts'
import { Images, type StandIn } from './images.ts'

/** What `Terms` has learnt, as plain data. A row has an integer for each member of the group, `row * members + g`. */
export interface TermRows {
  readonly members: number
  /** A row for each value of each component: its term under each member. */
  readonly components: readonly Ints[]
  /** And its image. */
  readonly componentImages: readonly Ints[]
  /** A row for each component: where it goes. */
  readonly places: Ints
}

/**
 * What a listed group needs of each part of a state.
 *
 * A state has a sum of one well-mixed term for each component, of its place and its content. Under a permutation every term has its image,
 * so the sum of an image is known before there is an image (Nguyen & Ruys 2008). Terms come from content, never from the order of discovery.
 */
export class Terms implements TermRows {
  readonly #tables: Tables
  readonly #images: Images
  readonly members: number
  readonly components: Ints[] = []
  readonly componentImages: Ints[] = []
  /** A row for each bit: its image. */
  readonly bitImages = new Ints()
  readonly places = new Ints()

  constructor(tables: Tables, standIn: StandIn) {
    this.#tables = tables
    this.#images = new Images(tables, standIn)
    this.members = tables.symmetry.groupSize
  }

  /** Adds the rows of what the tables have learnt, and makes them learn all images. */
  sync(): void {
    for (let before = -1; before !== this.#images.size; ) {
      before = this.#images.size
      for (let c = 0; c < this.#tables.componentCount; c++) this.#syncComponent(c)
      const { bits } = this.#tables
      for (let bit = this.bitImages.length / this.members; bit < bits.size; bit++)
        for (let g = 0; g < this.members; g++) this.bitImages.push(this.#tables.bitImage(g, bit))
    }
  }

  #syncComponent(c: number): void {
    const { members } = this
    if (this.components.length <= c) {
      this.components.push(new Ints())
      this.componentImages.push(new Ints())
      for (let g = 0; g < members; g++) this.places.push(this.#images.placeOf(c, g))
    }
    const size = this.#tables.componentSize(c)
    const terms = this.components[c] as Ints
    for (let value = terms.length / members; value < size; value++) for (let g = 0; g < members; g++) terms.push(this.#term(c, value, g))
    const images = this.componentImages[c] as Ints
    for (let value = images.length / members; value < size; value++) for (let g = 0; g < members; g++) images.push(this.#images.imageOf(c, value, g))
  }

  #term(c: number, value: number, g: number): number {
    const { system, symmetry, locals, observers, nodeCount, observerNames, fixedComponents } = this.#tables
    if (c < nodeCount) {
      const of = locals[c] as (typeof locals)[number]
      const image = this.#images.imageOf(c, value, g)
      return seal(combine((symmetry.nodeImage[g]?.[c] as number) * 2 + (of.crashed(image) ? 1 : 0), system.values.hash(of.valueOf(image))))
    }
    if (c < nodeCount + observerNames.length) {
      const of = observers[c - nodeCount] as (typeof observers)[number]
      return seal(combine(1_000 + c, system.values.hash(symmetry.image(g, of.valueOf(value)))))
    }
    if (c < fixedComponents) return seal(combine(2_000 + c, value))
    const items = (this.#tables.queues[c - fixedComponents] as Queues).items[value] as readonly number[]
    return items.reduce((sum, packet, i) => (sum + this.#packetTerm(packet, g, i)) | 0, 0)
  }

  #packetTerm(packet: number, g: number, place: number): number {
    const { system, symmetry, packets } = this.#tables
    const image = symmetry.nodeImage[g] as Int32Array
    const ends = 4_096 * (1 + (image[packets.from.data[packet] as number] as number)) + 64 * (image[packets.to.data[packet] as number] as number)
    return seal(combine(combine(ends, place), system.values.hash(symmetry.image(g, packets.message.data[packet] as number))))
  }
}

const seal = (x: number): number => mix(x ^ 0x3c6ef372)
