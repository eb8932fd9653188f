import { describe, type ValueId } from './encode.ts'
import { PairMap, Rows } from './ints.ts'
import { requests } from './journal.ts'
import { Locals } from './locals.ts'
import { Lists } from './outcomes.ts'
import type { Basis } from './parts.ts'

/** Observers as numbers: their states, the lists of events that steps emit, what those make of the states, and the images of all of it under permutations. */
export class Observers {
  readonly names: readonly string[]
  /** The states of each observer. */
  readonly states: readonly Locals[]
  /** Lists of (node, event). */
  readonly emits = new Lists()
  /** For each observer the next state, by state and list of events. */
  readonly observations: readonly PairMap[]
  readonly #basis: Basis
  /** Images of lists, by permutation. */
  readonly #emitImages = new Rows()

  constructor(basis: Basis) {
    this.#basis = basis
    this.names = Object.keys(basis.system.protocol.observers ?? {})
    this.states = this.names.map(() => new Locals())
    this.observations = this.names.map(() => new PairMap())
  }

  /** The numbers of the first states. */
  first(): readonly number[] {
    const { protocol, values } = this.#basis.system
    return this.names.map((name, o) => this.#number(o, values.encode(protocol.observers?.[name]?.init, `the first state of observer ${name}`)))
  }

  /** The number of a state of observer `o`. */
  #number(o: number, value: ValueId): number {
    const states = this.states[o] as Locals
    const known = states.find(value, false)
    if (known >= 0) return known
    const { predicates, symmetry } = this.#basis
    const name = this.names[o] as string
    const bits = predicates.ofObserver(name, value)
    symmetry.checkPredicates(value, bits, image => predicates.ofObserver(name, image), `properties of observer ${name}`)
    const state = states.add(value, false)
    states.bits.push(bits)
    return state
  }

  image(g: number, o: number, state: number): number {
    const { symmetry, journal } = this.#basis
    const states = this.states[o] as Locals
    const value = symmetry.image(g, states.valueOf(state))
    const known = states.find(value, false)
    return known >= 0 ? known : journal.record(requests.observerImage, [g, o, state], () => this.#number(o, value))
  }

  /** The number of a list of (node, event): without observers, nobody hears of it. */
  emitted(list: readonly number[]): number {
    return this.names.length === 0 ? 0 : this.emits.intern(list)
  }

  emitsImage(g: number, emits: number): number {
    if (emits === 0) return 0
    const known = this.#emitImages.get(g, emits)
    if (known >= 0) return known
    const { symmetry } = this.#basis
    const image = symmetry.nodeImage[g] as Int32Array
    const items = this.emits.items(emits).map((x, i) => (i % 2 === 0 ? (image[x] as number) : symmetry.image(g, x)))
    return this.#emitImages.set(g, emits, this.emits.intern(items))
  }

  /** The state of observer `o` after a list of events. */
  observe(o: number, state: number, emits: number): number {
    return this.#basis.journal.record(requests.observe, [o, state, emits], () => this.#evaluate(o, state, emits))
  }

  #evaluate(o: number, state: number, emits: number): number {
    const { system, symmetry } = this.#basis
    const name = this.names[o] as string
    const states = this.states[o] as Locals
    const run = (from: ValueId, list: readonly number[], twice: boolean): ValueId => {
      let value = from
      for (let i = 0; i < list.length; i += 2) value = system.observe(name, value, list[i + 1] as number, list[i] as number, twice)
      return value
    }
    const show = (value: ValueId): string => describe(system.values.decode(value))
    const before = states.valueOf(state)
    const after = run(before, this.emits.items(emits), true)
    for (const g of symmetry.generators) {
      const runImage = (twice: boolean): ValueId => run(symmetry.image(g, before), this.emits.items(this.emitsImage(g, emits)), twice)
      const image = runImage(false)
      if (image === symmetry.image(g, after)) continue
      runImage(true)
      symmetry.refuse(`${system.protocol.name}, observer ${name}`, g, `after ${show(before)} it has ${show(image)}.`)
    }
    const next = this.#number(o, after)
    this.observations[o]?.set(state, emits, next)
    return next
  }
}
