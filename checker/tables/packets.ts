import { Ints, PairMap, type SharedPairMap } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'

/** Messages with their sender and receiver, numbered from 0. */
export class Packets {
  readonly from = new Ints()
  readonly to = new Ints()
  readonly message = new Ints()
  /** The packet's number among those to the same receiver: its column in the receiver's table. */
  readonly column = new Ints()
  readonly #byEnds = new PairMap(64)
  readonly #columns: number[]

  constructor(nodes: number) {
    this.#columns = new Array<number>(nodes).fill(0)
  }

  get size(): number {
    return this.from.length
  }

  /** How many packets to `node` there are. */
  columns(node: number): number {
    return this.#columns[node] as number
  }

  /** The packet's number, or -1. */
  find(from: number, to: number, message: ValueId): number {
    return this.#byEnds.get(this.#ends(from, to), message)
  }

  intern(from: number, to: number, message: ValueId): number {
    const known = this.find(from, to, message)
    if (known >= 0) return known
    const packet = this.from.push(from)
    this.#byEnds.set(this.#ends(from, to), message, packet)
    this.to.push(to)
    this.message.push(message)
    this.column.push(this.#columns[to] as number)
    this.#columns[to] = (this.#columns[to] as number) + 1
    return packet
  }

  #ends(from: number, to: number): number {
    return from * this.#columns.length + to
  }
}

/**
 * The messages in flight as a set of bits. Under `fair-loss` there is one bit for a packet; under `reliable` one for each copy of it,
 * of which the lowest are set: so a multiset is a set of (packet, copy).
 */
export class Bits {
  /** The packet of each bit. */
  readonly packet = new Ints()
  /** The bit of the packet's next copy, or -1. */
  readonly next = new Ints()
  /** Which copy it is, from 0. */
  readonly copy = new Ints()
  /** The bit of each packet's first copy, or -1. */
  readonly first = new Ints()

  get size(): number {
    return this.packet.length
  }

  /** The bit of the first copy. */
  firstOf(packet: number): number {
    this.first.reach(packet + 1, -1)
    const known = this.first.data[packet] as number
    if (known >= 0) return known
    const bit = this.#add(packet, 0)
    this.first.data[packet] = bit
    return bit
  }

  /** The bit of one more copy. */
  after(bit: number): number {
    const known = this.next.data[bit] as number
    if (known >= 0) return known
    const more = this.#add(this.packet.data[bit] as number, (this.copy.data[bit] as number) + 1)
    this.next.data[bit] = more
    return more
  }

  #add(packet: number, copy: number): number {
    this.next.push(-1)
    this.copy.push(copy)
    return this.packet.push(packet)
  }
}

/** How what is in a channel arrives: when it likes (0), in time (1), or in time at a node that is down, where it is lost. */
export const AT_NOBODY = 2

/** The contents that one channel (from, to) of a `fifo` network has been met with, numbered from 0, which is empty. */
export class Queues {
  /** The packet at the head; -1 for the empty queue. */
  readonly head = new Ints()
  /** The queue without its head. */
  readonly rest = new Ints()
  /** How many packets there are. */
  readonly lengths = new Ints()
  readonly items: (readonly number[])[] = []
  readonly #pushed = new PairMap()
  readonly #aged = new PairMap()
  readonly #byKey = new Map<string, number>()

  constructor() {
    this.intern([])
  }

  get size(): number {
    return this.items.length
  }

  /** The number of this content, or -1. */
  find(packets: readonly number[]): number {
    return this.#byKey.get(packets.join()) ?? -1
  }

  intern(packets: readonly number[]): number {
    const key = packets.join()
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const rest = packets.length === 0 ? -1 : this.intern(packets.slice(1))
    const queue = this.items.length
    this.#byKey.set(key, queue)
    this.items.push(packets)
    this.head.push(packets[0] ?? -1)
    this.rest.push(rest)
    this.lengths.push(packets.length)
    return queue
  }

  /** What was asked of `push`, as plain data in memory that threads share. */
  sharePushed(): SharedPairMap {
    return this.#pushed.share()
  }

  /** The queue with one more packet at its end, or -1 if it was never asked of `push`. */
  pushed(queue: number, packet: number): number {
    return this.#pushed.get(queue, packet)
  }

  /** What `age` was asked, as `sharePushed`. */
  shareAged(): SharedPairMap {
    return this.#aged.share()
  }

  /** The queue after a tick, or -1 if it was never asked of `age`. @param arrival `AT_NOBODY`, or whether messages arrive in time */
  aged(queue: number, arrival: number): number {
    return this.#aged.get(queue, arrival)
  }

  /** @param packets those that its packets become */
  age(queue: number, arrival: number, packets: readonly number[]): number {
    const aged = this.intern(packets)
    this.#aged.set(queue, arrival, aged)
    return aged
  }

  push(queue: number, packet: number): number {
    const known = this.#pushed.get(queue, packet)
    if (known >= 0) return known
    const longer = this.intern([...(this.items[queue] as readonly number[]), packet])
    this.#pushed.set(queue, packet, longer)
    return longer
  }
}
