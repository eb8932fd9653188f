import { requests } from './journal.ts'
import type { Parts } from './parts.ts'
import type { Predicates } from './predicates.ts'
import { Reads, ReadTrie } from './trie.ts'

/** What is asked of the system as a whole, predicates over it and whether it may rest, remembered by what they read of a state. */
export class Worlds {
  /** For each predicate over the whole its bits, by what it read. */
  readonly tries: readonly ReadTrie[]
  /** 1 where the system may rest. */
  readonly restTrie = new ReadTrie()
  /** Whether a property has looked at the messages in flight: then none may be dropped. */
  looksInFlight = false
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
    this.tries = parts.predicates.world.map(() => new ReadTrie())
  }

  /** The bits of predicate `k` over the whole state. `inFlight` lists the messages, if the predicate asks. */
  bits(k: number, components: Int32Array, inFlight: () => readonly number[]): number {
    const { predicates } = this.#parts
    const [bit, predicate] = predicates.world[k] as Predicates['world'][number]
    return this.#record(requests.world, k, components, inFlight, flight => {
      const { result, memo } = this.#ask(
        components,
        flight,
        world => predicates.ofWorld(bit, predicate, world),
        `property ${predicates.list[31 - Math.clz32(bit)]?.name}`,
      )
      const bits = result ? 0 : bit
      if (memo !== undefined) this.tries[k]?.add(memo, bits)
      return bits
    })
  }

  /** May the system rest in this state? */
  mayRest(components: Int32Array, inFlight: () => readonly number[]): boolean {
    const { system } = this.#parts
    const { mayRest } = system.protocol
    if (typeof mayRest !== 'function') return mayRest ?? true
    return this.#record(requests.rest, 0, components, inFlight, flight => {
      const { result, memo } = this.#ask(
        components,
        flight,
        world => system.ask(`${system.protocol.name}, mayRest`, 'mayRest', () => mayRest(world as never)),
        'mayRest',
      )
      if (memo !== undefined) this.restTrie.add(memo, result ? 1 : 0)
      return result
    })
  }

  /** What looks at the messages in flight is not remembered, so it is asked again and again: it is written down only where something grew by it. */
  #record<T>(
    request: typeof requests.world | typeof requests.rest,
    k: number,
    components: Int32Array,
    inFlight: () => readonly number[],
    answer: (flight: () => readonly number[]) => T,
  ): T {
    const args = [k, ...components.subarray(0, this.#parts.components.fixed)]
    const before = this.#extent()
    let looked: readonly number[] | undefined
    const look = (): readonly number[] => {
      if (looked === undefined) {
        looked = inFlight()
        args.push(...looked)
      }
      return looked
    }
    return this.#parts.journal.record(
      request,
      args,
      () => answer(look),
      () => this.#extent() !== before,
    )
  }

  /** A number that rises with whatever a question about the whole state may add. */
  #extent(): number {
    const { nodes, observers, flight } = this.#parts
    let extent = flight.packets.size + flight.bits.size + flight.queues.length + this.restTrie.size + (this.looksInFlight ? 1 : 0)
    for (const { size } of nodes.locals) extent += size
    for (const { size } of observers.states) extent += size
    for (const { size } of this.tries) extent += size
    return extent
  }

  #ask(components: Int32Array, inFlight: () => readonly number[], ask: (world: unknown) => boolean, place: string) {
    const { system, symmetry, flight, components: of } = this.#parts
    const askOn = (state: Int32Array, packets: () => readonly number[]) => {
      const reads = new Reads()
      let looked = false
      const world = system.world(of.reader(state, reads), {
        observer: of.observerReader(state, reads),
        inFlight: () => {
          looked = true
          this.looksInFlight = true
          return packets().map(packet => flight.show(packet))
        },
      })
      return { result: ask(world), memo: looked ? undefined : reads.list }
    }
    const answer = askOn(components, inFlight)
    for (const g of symmetry.generators) {
      const image = askOn(of.permuted(g, components), () => inFlight().map(packet => flight.packetImage(g, packet)))
      if (image.result !== answer.result) symmetry.refuse(`${system.protocol.name}, ${place}`, g, 'it tells a state from its image.')
    }
    symmetry.confirm()
    return answer
  }
}
