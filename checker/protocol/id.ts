import { SpecError } from './errors.ts'

/** Called whenever a protocol reads the rank of an id of this kind: that ends the symmetry of the kind. */
export type RankListener = (kind: string) => void

/**
 * The name of a node, or of an abstract value: opaque, equal only to itself.
 *
 * Ids of one kind are interchangeable unless the protocol says otherwise by reading `rank`, so they
 * have no order: `a < b` throws, and so does arithmetic. As text an id is its label (`p1`).
 *
 * @example
 * ```ts server.on
 * Acquire(server, _, from, { send }) {
 *   if (server.queue.isEmpty()) send(from, { type: 'Grant' })
 *   return server.queue.includes(from) ? server : server.update('queue', queue => queue.push(from))
 * },
 * ```
 */
export class Id<Kind extends string = string> {
  readonly kind: Kind
  readonly #label: string
  readonly #rank: number
  readonly #onRank: RankListener

  /** Made by the checker only; a protocol is handed its ids in the context of a handler. */
  constructor(kind: Kind, rank: number, label: string, onRank: RankListener = () => {}) {
    this.kind = kind
    this.#label = label
    this.#rank = rank
    this.#onRank = onRank
    Object.freeze(this)
  }

  /**
   * This id's place in the total order of its kind, from 0. A protocol that reads it is not symmetric in that kind, and takes more states; except in `init`, where it only says who begins how:
   * nodes that begin alike stay symmetric.
   *
   * @example
   * ```ts client.actions
   * acquire: {
   *   when: (client, { self }) => client.state === 'idle' && self.rank === 0, // only the first client ever asks
   *   do(client, { nodes, send }) {
   *     send(nodes.server, { type: 'Acquire' })
   *     return client.set('state', 'waiting')
   *   },
   * },
   * ```
   */
  get rank(): number {
    this.#onRank(this.kind)
    return this.#rank
  }

  /** The rank, for the checker itself: reading it says nothing about the protocol. */
  static rankOf(id: Id): number {
    return id.#rank
  }

  /** The label, `p1`: for messages to people, never for decisions of a protocol. */
  toString(): string {
    return this.#label
  }

  toJSON(): string {
    return this.#label
  }

  /** @throws SpecError when an id is compared by order or used as a number. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.#label
    throw new SpecError({
      title: 'IDS HAVE NO ORDER',
      what: `${this.#label} is compared by order, or used as a number.`,
      why: 'The checker may rename ids of one kind at will (symmetry), so an order among them would mean nothing.',
      hint: 'Compare with ===, or read .rank to say that this protocol orders its nodes.',
    })
  }
}

export const isId = (value: unknown): value is Id => value instanceof Id
