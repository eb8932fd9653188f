import { impure, looksAtWhatMayBeLost } from '../run/spec-errors.ts'
import { lowestBit } from '../values/bits.ts'
import { requests } from './journal.ts'
import type { Parts } from './parts.ts'
import type { ReadMemo } from './read-memo.ts'
import { WholeAnswers, type WholeCode } from './whole-answers.ts'

/** What is asked of the system as a whole, predicates over it and whether it may rest, remembered by what they read of a state. */
export class GlobalPredicates {
  /** For each predicate over the whole its bits, by what it read. */
  readonly memos: readonly ReadMemo[]
  /** 1 where the system may rest. */
  readonly restMemo: ReadMemo
  /** Whether a property has looked at the messages in flight: then none may be dropped. */
  looksInFlight = false
  readonly #parts: Parts
  readonly #predicates: readonly WholeAnswers[]
  readonly #rest: WholeAnswers

  constructor(parts: Parts) {
    this.#parts = parts
    const { predicates, system } = parts
    this.#predicates = predicates.world.map(([bit, predicate]) => {
      const { name, kind } = predicates.list[lowestBit(bit)] as (typeof predicates.list)[number]
      return new WholeAnswers(
        parts,
        this.#code(
          `property ${name}`,
          world => (predicates.ofWorld(bit, predicate, world) ? 0 : bit),
          kind === 'canAlways' ? 'what stays possible' : kind === 'liveness' ? 'what is to come' : undefined,
        ),
      )
    })
    const { mayRest = true } = system.protocol
    this.#rest = new WholeAnswers(
      parts,
      this.#code('mayRest', world => (system.mayRest(world) ? 1 : 0), 'where the system may rest'),
    )
    this.memos = this.#predicates.map(({ memo }) => memo)
    this.restMemo = this.#rest.memo
    // It reads nothing, so it is known in all states: a worker has nothing to ask.
    if (typeof mayRest === 'boolean') this.restMemo.add([], mayRest ? 1 : 0)
  }

  /** The bits of predicate `k` over the whole state. `inFlight` lists the messages, if the predicate asks. */
  bits(k: number, components: Int32Array, inFlight: () => readonly number[]): number {
    return this.#record(requests.world, k, components, inFlight, this.#predicates[k] as WholeAnswers)
  }

  /** May the system rest in this state? */
  mayRest(components: Int32Array, inFlight: () => readonly number[]): boolean {
    const known = this.restMemo.find(components)
    return (known >= 0 ? known : this.#record(requests.rest, 0, components, inFlight, this.#rest)) === 1
  }

  /** What looks at the messages in flight is not remembered, so it is asked again and again: it is written down only where something grew by it. */
  #record(
    request: typeof requests.world | typeof requests.rest,
    k: number,
    components: Int32Array,
    inFlight: () => readonly number[],
    answers: WholeAnswers,
  ): number {
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
      () => answers.answer(components, look),
      () => this.#extent() !== before,
    )
  }

  /** A number that rises with whatever a question about the whole state may add. */
  #extent(): number {
    const { nodes, observers, flight } = this.#parts
    let extent = flight.packets.size + flight.bits.size + flight.queues.length + (this.looksInFlight ? 1 : 0)
    for (const { size } of nodes.locals) extent += size
    for (const { size } of observers.states) extent += size
    for (const { size } of [...this.#predicates, this.#rest]) extent += size
    return extent
  }

  /** @param lossy what it is asked about, if that depends on which messages are lost */
  #code(place: string, ask: (world: unknown) => number, lossy?: string): WholeCode {
    const { system, symmetry, flight } = this.#parts
    const where = `${system.protocol.name}, ${place}`
    return {
      run: view => {
        return ask(
          system.world({
            state: node => view.state(node),
            crashed: node => view.crashed(node),
            observer: name => view.observer(name),
            inFlight: () => {
              if (lossy !== undefined && flight.fairLoss) throw looksAtWhatMayBeLost(where, lossy)
              this.looksInFlight = true
              return view.inFlight()
            },
          }),
        )
      },
      normal: answer => answer,
      all: ([answer]) => answer as number,
      outcomesOf: answer => [answer],
      image: (_, answer) => answer,
      impure: ([left, right]) => {
        const said = (answer: number): boolean => (place === 'mayRest' ? answer === 1 : answer === 0)
        throw impure(where, { field: 'whether it holds', left: said(left), right: said(right) })
      },
      refuse: g => symmetry.refuse(where, g, 'it tells a state from its image.'),
    }
  }
}
