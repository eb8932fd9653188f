import type { Flight, Send } from '../run/outcome.ts'
import { Ints, Rows } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'
import type { Basis } from './basis.ts'
import { requests } from './journal.ts'
import { Lists } from './outcome-lists.ts'
import { AT_NOBODY, Bits, Packets, Queues } from './packets.ts'

/**
 * The messages in flight as numbers, as the kind of network has them: bits, or (`fifo`) the queues of channels. With the lists that steps send, and the
 * images of all of it under permutations.
 */
export class InFlight {
  readonly fifo: boolean
  readonly fairLoss: boolean
  readonly packets: Packets
  readonly bits = new Bits()
  /** Lists of packets. */
  readonly sends = new Lists()
  /** The channels of a `fifo` network that were ever used. */
  readonly queues: Queues[] = []
  readonly channelFrom: number[] = []
  readonly channelTo: number[] = []
  /** The channel of each packet (`fifo`). */
  readonly channel = new Ints()
  /** The packet that each becomes by a tick, plus 1; 0 while unknown. Where messages arrive when they like, and where they arrive in time. */
  readonly aged: readonly Ints[] = [new Ints(), new Ints()]
  /** 1 for each packet that must arrive before time goes on, where messages arrive in time. */
  readonly due = new Ints()
  readonly #basis: Basis
  readonly #nodeCount: number
  readonly #channelIds = new Map<number, number>()
  /** Images of packets and of lists, by permutation. */
  readonly #packetImages = new Rows()
  readonly #sendImages = new Rows()

  constructor(basis: Basis) {
    this.#basis = basis
    const { protocol, nodes } = basis.system
    this.fifo = protocol.network === 'fifo'
    this.fairLoss = protocol.network === 'fair-loss'
    this.#nodeCount = nodes.length
    this.packets = new Packets(nodes.length)
  }

  packet(from: number, to: number, message: ValueId): number {
    const packet = this.packets.intern(from, to, message)
    if (this.fifo) {
      if (packet === this.channel.length) this.channel.push(this.#channelOf(from, to))
    } else this.bits.firstOf(packet)
    return packet
  }

  #channelOf(from: number, to: number): number {
    const key = this.#channelKey(from, to)
    const known = this.#channelIds.get(key)
    if (known !== undefined) return known
    const channel = this.queues.length
    this.#channelIds.set(key, channel)
    this.queues.push(new Queues())
    this.channelFrom.push(from)
    this.channelTo.push(to)
    return channel
  }

  #channelKey(from: number, to: number): number {
    return from * this.#nodeCount + to
  }

  /** A packet as predicates over the whole state see it. */
  show(packet: number, copies = false): { from: unknown; to: unknown; message: unknown } {
    const { nodes, values } = this.#basis.system
    const { from, to, message } = this.packets
    return {
      from: nodes[from.data[packet] as number]?.id,
      to: nodes[to.data[packet] as number]?.id,
      message: copies ? values.rebuild(message.data[packet] as number) : values.decode(message.data[packet] as number),
    }
  }

  /** The number of the list of what one node sends. */
  sentBy(from: number, sends: readonly Send[]): number {
    return sends.length === 0 ? 0 : this.sent(sends.map(({ to, message }) => this.packet(from, to, message)))
  }

  /** Interns packets in the order that matters to the network: for `fifo` that within a channel, else none. */
  sent(packets: readonly number[]): number {
    if (packets.length < 2) return this.sends.intern(packets)
    if (this.fifo) return this.sends.intern([...packets].sort((a, b) => (this.channel.data[a] as number) - (this.channel.data[b] as number)))
    const sorted = [...packets].sort((a, b) => (this.packets.to.data[a] as number) - (this.packets.to.data[b] as number) || a - b)
    return this.sends.intern(this.fairLoss ? sorted.filter((p, i) => p !== sorted[i - 1]) : sorted)
  }

  /** The bit of one more copy of the message that `bit` stands for (`reliable`). */
  copy(bit: number): number {
    const known = this.bits.next.data[bit] as number
    return known >= 0 ? known : this.#basis.journal.record(requests.copy, [bit], () => this.bits.after(bit))
  }

  /** The content of a channel with one more packet at its end (`fifo`). */
  push(channel: number, queue: number, packet: number): number {
    const queues = this.queues[channel] as Queues
    const known = queues.pushed(queue, packet)
    return known >= 0 ? known : this.#basis.journal.record(requests.push, [channel, queue, packet], () => queues.push(queue, packet))
  }

  /** The packet that one becomes by a tick. */
  age(packet: number, isTimely: number): number {
    const { system, journal } = this.#basis
    const aged = this.aged[isTimely] as Ints
    const known = packet < aged.length ? (aged.data[packet] as number) - 1 : -1
    if (known >= 0) return known
    return journal.record(requests.age, [packet, isTimely], () => {
      const { from, to, message } = this.packets
      const value = message.data[packet] as number
      this.due.reach(packet + 1)
      this.due.data[packet] = system.isMessageDue(value) ? 1 : 0
      const next = this.packet(from.data[packet] as number, to.data[packet] as number, system.aged(value, isTimely === 1))
      aged.reach(packet + 1)
      aged.data[packet] = next + 1
      return next
    })
  }

  /** What the content of a channel becomes by a tick (`fifo`). */
  ageQueue(channel: number, queue: number, arrival: number): number {
    const queues = this.queues[channel] as Queues
    const known = queues.aged(queue, arrival)
    if (known >= 0) return known
    return this.#basis.journal.record(requests.ageQueue, [channel, queue, arrival], () => {
      const packets = queues.items[queue] as readonly number[]
      const aged = packets.map(packet => this.age(packet, Math.min(arrival, 1)))
      return queues.age(queue, arrival, arrival === AT_NOBODY ? aged.filter((_, i) => this.due.data[packets[i] as number] === 0) : aged)
    })
  }

  /** `fifo`: the content of each channel that there is, where these are in flight. */
  queuesOf(flight: readonly Flight[]): readonly number[] {
    if (!this.fifo) return []
    const packets = flight.map(({ from, to, message }) => this.packet(from, to, message))
    return this.queues.map((queues, channel) => packets.filter(p => this.channel.data[p] === channel).reduce((queue, p) => queues.push(queue, p), 0))
  }

  /** Otherwise: the bits of these. */
  bitsOf(flight: readonly Flight[]): readonly number[] {
    const bits: number[] = []
    if (this.fifo) return bits
    for (const { from, to, message } of flight) {
      let bit = this.bits.firstOf(this.packet(from, to, message))
      while (bits.includes(bit)) bit = this.copy(bit)
      bits.push(bit)
    }
    return bits
  }

  packetImage(g: number, packet: number): number {
    const known = this.#packetImages.get(g, packet)
    return known >= 0 ? known : this.#packetImages.set(g, packet, this.#findPacketImage(g, packet))
  }

  #findPacketImage(g: number, packet: number): number {
    const { symmetry, journal } = this.#basis
    const image = symmetry.nodeImage[g] as Int32Array
    const { packets } = this
    const from = image[packets.from.data[packet] as number] as number
    const to = image[packets.to.data[packet] as number] as number
    const message = symmetry.image(g, packets.message.data[packet] as number)
    const known = packets.find(from, to, message)
    return known >= 0 ? known : journal.record(requests.packetImage, [g, packet], () => this.packet(from, to, message))
  }

  bitImage(g: number, bit: number): number {
    let image = this.bits.firstOf(this.packetImage(g, this.bits.packet.data[bit] as number))
    for (let copy = this.bits.copy.data[bit] as number; copy > 0; copy--) image = this.copy(image)
    return image
  }

  channelImage(g: number, channel: number): number {
    const { symmetry, journal } = this.#basis
    const image = symmetry.nodeImage[g] as Int32Array
    const from = image[this.channelFrom[channel] as number] as number
    const to = image[this.channelTo[channel] as number] as number
    return this.#channelIds.get(this.#channelKey(from, to)) ?? journal.record(requests.channelImage, [g, channel], () => this.#channelOf(from, to))
  }

  queueImage(g: number, channel: number, queue: number): number {
    const items = (this.queues[channel] as Queues).items[queue] as readonly number[]
    const there = this.queues[this.channelImage(g, channel)] as Queues
    const image = items.map(packet => this.packetImage(g, packet))
    const known = there.find(image)
    return known >= 0 ? known : this.#basis.journal.record(requests.queueImage, [g, channel, queue], () => there.intern(image))
  }

  sendsImage(g: number, sends: number): number {
    if (sends === 0) return 0
    const known = this.#sendImages.get(g, sends)
    if (known >= 0) return known
    return this.#sendImages.set(g, sends, this.sent(this.sends.items(sends).map(packet => this.packetImage(g, packet))))
  }
}
