import type { Id } from '../protocol/id.ts'
import type { Queues } from '../tables/packets.ts'
import type { Tables } from '../tables/tables.ts'
import { combine, hashText, mix } from '../values/hash.ts'
import { Ints } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'
import type { StandIn } from './images.ts'

/** What an id is called in a hash: the one that is looked at (and in a pair the other), whose state it is, from and to whom a message is; from 16 on: just one of its block. */
const MARKED = 1
const OTHER = 2
const OWN = 3
const SENDER = 4
const RECEIVER = 5
const OF_BLOCK = 16

/** A part of a state: nodes that say where it stands (-1 beside them: the node is not permuted), and what stands there. */
interface Part {
  readonly salt: number
  readonly at: readonly (readonly [node: number, name: number])[]
  readonly contents: readonly ValueId[]
}

/** The terms of values as they are, whatever stands for them: for each node those of `own`, for each component a row for each value. Many searches use the same. */
interface Raw {
  readonly own: readonly Ints[]
  readonly components: Ints[]
}

const raws = new WeakMap<Tables, Raw>()

/**
 * The colours of ids. The colour of an id in a state is the sum, over all components and messages in flight in which it occurs, of a term of (place,
 * content) where it is marked and all others of its block are called the same. So the colour of π(id) in π(state) is that of id in the state,
 * whatever the permutation π: ids are told apart by what they are, not by their names. Terms come from content, and a part in which an id does
 * not occur gives it nothing. A row has an integer for each id, where one of terms.ts has one for each member of the group.
 *
 * With bisimulation a state of a node stands for a class, and its terms are the sums over the members, since the image of a representative need not be one.
 */
export class Colours {
  /** Ids that are permuted, numbered block by block. */
  readonly lanes: number
  /** The block of each id. */
  readonly blockOf: Int32Array
  /** The node that each id is, or -1. */
  readonly nodeOf: Int32Array
  /** For each state of each node what it is like by itself: a term where the id of the node is called its own, and all others of a block the same. */
  readonly own: Ints[]
  /** A row for each value of each component. */
  readonly components: Ints[] = []
  /** A row for each bit. */
  readonly bits = new Ints()
  readonly #tables: Tables
  readonly #raw: Raw
  readonly #standIn: StandIn
  readonly #numberOf = new Map<Id, number>()
  /** The id of each node, or -1 if it is not permuted. */
  readonly #idOfNode: Int32Array
  readonly #names: Int32Array
  readonly #nameOf = (id: Id): number | undefined => {
    const number = this.#numberOf.get(id)
    return number === undefined ? undefined : (this.#names[number] as number)
  }
  /** With bisimulation: the members of the class of a state of a node, without itself. */
  readonly #others: Map<number, number[]>[]
  readonly #componentPairs: (readonly number[] | undefined)[][] = []
  readonly #bitPairs: (readonly number[] | undefined)[] = []

  /** @param standIn does not change */
  constructor(tables: Tables, standIn: StandIn) {
    this.#tables = tables
    this.#standIn = standIn
    const { system, symmetry } = tables
    const blocks: number[] = []
    symmetry.blocks.forEach(({ kind, ranks }, block) => {
      for (const rank of ranks) {
        this.#numberOf.set(system.idOf(kind, rank), blocks.length)
        blocks.push(block)
      }
    })
    this.lanes = blocks.length
    this.blockOf = Int32Array.from(blocks)
    this.#idOfNode = Int32Array.from(system.nodes, ({ id }) => this.#numberOf.get(id) ?? -1)
    this.nodeOf = new Int32Array(this.lanes).fill(-1)
    this.#idOfNode.forEach((id, node) => {
      if (id >= 0) this.nodeOf[id] = node
    })
    this.own = system.nodes.map(() => new Ints())
    this.#raw = raws.get(tables) ?? { own: system.nodes.map(() => new Ints()), components: [] }
    raws.set(tables, this.#raw)
    this.#names = new Int32Array(this.lanes)
    this.#others = system.nodes.map(() => new Map())
  }

  /** Adds what the tables have learnt to `own`. */
  syncOwn(): void {
    this.own.forEach((own, node) => {
      const known = own.length
      own.reach(this.#tables.componentSize(node))
      const raw = this.#raw.own[node] as Ints
      while (raw.length < own.length) raw.push(this.#term(this.#partOf(node, raw.length), -1, -1))
      for (let local = known; local < own.length; local++) {
        const stands = this.#standIn(node, local)
        own.data[stands] = ((own.data[stands] as number) + (raw.data[local] as number)) | 0
      }
    })
  }

  /** Adds what the tables have learnt to all rows. */
  sync(): void {
    this.syncOwn()
    const tables = this.#tables
    for (let c = 0; c < tables.componentCount; c++) {
      if (this.components.length <= c) {
        this.components.push(new Ints())
        this.#componentPairs.push([])
      }
      const raw = this.#rawRows(c)
      const rows = this.components[c] as Ints
      const known = rows.length / this.lanes
      const size = tables.componentSize(c)
      rows.reach(size * this.lanes)
      for (let value = known; value < size; value++) {
        const stands = c < tables.nodeCount ? this.#standIn(c, value) : value
        if (stands !== value) {
          const others = this.#others[c] as Map<number, number[]>
          others.set(stands, [...(others.get(stands) ?? []), value])
        }
        const row = stands * this.lanes
        for (let id = 0; id < this.lanes; id++) rows.data[row + id] = ((rows.data[row + id] as number) + (raw.data[value * this.lanes + id] as number)) | 0
      }
    }
    const known = this.bits.length / this.lanes
    this.bits.reach(tables.bits.size * this.lanes)
    for (let bit = known; bit < tables.bits.size; bit++) this.#addRow(this.bits.data, bit * this.lanes, this.#partOfBit(bit))
  }

  /** Adds to the colour of each id what the components of a state give it. */
  addComponents(keys: Int32Array, values: Int32Array): void {
    const { lanes } = this
    for (let c = 0; c < values.length; c++) {
      const rows = (this.components[c] as Ints).data
      const row = (values[c] as number) * lanes
      for (let id = 0; id < lanes; id++) keys[id] = ((keys[id] as number) + (rows[row + id] as number)) | 0
    }
  }

  #rawRows(c: number): Ints {
    const { components } = this.#raw
    if (components.length <= c) components.push(new Ints())
    const raw = components[c] as Ints
    const known = raw.length / this.lanes
    const size = this.#tables.componentSize(c)
    raw.reach(size * this.lanes)
    for (let value = known; value < size; value++) this.#addRow(raw.data, value * this.lanes, this.#partOf(c, value))
    return raw
  }

  /** Where two ids occur together in a value of a component, `a * lanes + b, term, …`: the same with `a` marked, and `b` marked otherwise. */
  pairsOf(c: number, value: number): readonly number[] {
    const of = this.#componentPairs[c] as (readonly number[] | undefined)[]
    const known = of[value]
    if (known !== undefined) return known
    const members = c < this.#tables.nodeCount ? [value, ...(this.#others[c]?.get(value) ?? [])] : [value]
    const made = members.flatMap(member => this.#pairs(this.#partOf(c, member)))
    of[value] = made
    return made
  }

  pairsOfBit(bit: number): readonly number[] {
    const known = this.#bitPairs[bit]
    if (known !== undefined) return known
    const made = this.#pairs(this.#partOfBit(bit))
    this.#bitPairs[bit] = made
    return made
  }

  #partOf(c: number, value: number): Part {
    const { locals, observers, observerNames, nodeCount, fixedComponents, queues, channelFrom, channelTo, packets } = this.#tables
    if (c < nodeCount) {
      const of = locals[c] as (typeof locals)[number]
      return { salt: of.crashed(value) ? 2 : 1, at: [[c, OWN]], contents: [of.valueOf(value)] }
    }
    if (c < nodeCount + observerNames.length)
      return { salt: 1_000 + c, at: [], contents: [(observers[c - nodeCount] as (typeof observers)[number]).valueOf(value)] }
    if (c < fixedComponents) return { salt: 0, at: [], contents: [] }
    const channel = c - fixedComponents
    const items = (queues[channel] as Queues).items[value] as readonly number[]
    if (items.length === 0) return { salt: 0, at: [], contents: [] }
    return {
      salt: 3,
      at: [
        [channelFrom[channel] as number, SENDER],
        [channelTo[channel] as number, RECEIVER],
      ],
      contents: items.map(packet => packets.message.data[packet] as number),
    }
  }

  #partOfBit(bit: number): Part {
    const { bits, packets } = this.#tables
    const packet = bits.packet.data[bit] as number
    return {
      salt: 4 + (bits.copy.data[bit] as number),
      at: [
        [packets.from.data[packet] as number, SENDER],
        [packets.to.data[packet] as number, RECEIVER],
      ],
      contents: [packets.message.data[packet] as number],
    }
  }

  /** The ids that occur in a part. */
  #idsIn({ at, contents }: Part): number[] {
    const found = new Set<Id>()
    for (const value of contents) this.#tables.system.values.addIdsOf(value, found)
    const ids = new Set([...found].map(id => this.#numberOf.get(id) ?? -1))
    for (const [node] of at) ids.add(this.#idOfNode[node] as number)
    ids.delete(-1)
    return [...ids]
  }

  #addRow(rows: Int32Array, row: number, part: Part): void {
    for (const id of this.#idsIn(part)) rows[row + id] = ((rows[row + id] as number) + this.#term(part, id, -1)) | 0
  }

  #pairs(part: Part): number[] {
    const ids = this.#idsIn(part)
    return ids.flatMap(a => ids.flatMap(b => (a === b ? [] : [a * this.lanes + b, this.#term(part, a, b)])))
  }

  #term({ salt, at, contents }: Part, marked: number, other: number): number {
    const names = this.#names
    for (let id = 0; id < names.length; id++) names[id] = OF_BLOCK + (this.blockOf[id] as number)
    for (const [node, name] of at) if ((this.#idOfNode[node] as number) >= 0) names[this.#idOfNode[node] as number] = name
    if (marked >= 0) names[marked] = MARKED
    if (other >= 0) names[other] = OTHER
    let term = hashText('part', salt)
    for (const [node] of at) {
      const id = this.#idOfNode[node] as number
      term = combine(term, id < 0 ? ~node : (names[id] as number) * 64 + (this.blockOf[id] as number))
    }
    for (const value of contents) term = combine(term, this.#tables.system.values.hashUnder(value, this.#nameOf))
    return mix(term ^ 0x3c6ef372)
  }
}

/** Adds terms as `pairsOf` has them. */
export const addTerms = (sums: Int32Array, terms: readonly number[]): void => {
  for (let i = 0; i < terms.length; i += 2) sums[terms[i] as number] = ((sums[terms[i] as number] as number) + (terms[i + 1] as number)) | 0
}
