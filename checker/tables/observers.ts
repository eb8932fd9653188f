import { PARTITION } from '../run/partitions.ts'
import { TIME } from '../run/time.ts'
import { describe } from '../values/encode.ts'
import { PairMap, Rows } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'
import type { Basis } from './basis.ts'
import { requests } from './journal.ts'
import { NumberedStates } from './numbered-states.ts'
import { Lists } from './outcome-lists.ts'
import { type PartitionTable, partitionTableOf } from './partition-table.ts'
import { type TimeTable, timeTableOf } from './time-table.ts'

/** Observers as numbers: their states, the lists of events that steps emit, what those make of the states, and the images of all of it under permutations. */
export class Observers {
  readonly names: readonly string[]
  /** The states of each observer. */
  readonly states: readonly NumberedStates[]
  /** Lists of (node, event). */
  readonly emits = new Lists()
  /** For each observer the next state, by state and list of events. */
  readonly observations: readonly PairMap[]
  /** What partitions there may be, if any. */
  partition: PartitionTable | undefined
  /** What there is to know about time, if there is any. */
  time: TimeTable | undefined
  readonly #basis: Basis
  /** Images of lists, by permutation. */
  readonly #emitImages = new Rows()

  constructor(basis: Basis) {
    this.#basis = basis
    this.names = Object.keys(basis.system.protocol.observers ?? {})
    this.states = this.names.map(() => new NumberedStates())
    this.observations = this.names.map(() => new PairMap())
  }

  /** The numbers of the states in which the search begins: the first ones, unless others are given. All their images are numbered, too, so that properties are asked of each. */
  first(states?: readonly ValueId[]): readonly number[] {
    const { system, symmetry } = this.#basis
    const { protocol, values } = system
    const at = this.names.indexOf(PARTITION)
    if (system.faults.some(({ type }) => type === 'partition')) this.partition = partitionTableOf(system, at, value => this.#number(at, value))
    const clock = this.names.indexOf(TIME)
    this.time = timeTableOf(system, clock, value => this.#number(clock, value))
    return this.names.map((name, o) => {
      const first = states?.[o] ?? values.encode(protocol.observers?.[name]?.init, `the first state of observer ${name}`)
      const images = new Set([first])
      for (const value of images) for (const g of symmetry.generators) images.add(symmetry.image(g, value))
      for (const value of images) this.#number(o, value)
      return this.#number(o, first)
    })
  }

  /** The number of a state of observer `o`. */
  #number(o: number, value: ValueId): number {
    const states = this.states[o] as NumberedStates
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
    const states = this.states[o] as NumberedStates
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

  /**
   * Evaluates an observer and, with symmetry, all images of what it is asked: observe(π(state), π(events)) = π(observe(state, events)) is checked for every generator at every
   * member of the orbit, so it holds for the whole group, as for handlers (step-orbits.ts). Each image of the next state is numbered meanwhile, and so shown to the properties.
   */
  #evaluate(o: number, state: number, emits: number): number {
    const { symmetry, tuning } = this.#basis
    const { generators } = symmetry
    const observations = this.observations[o] as PairMap
    const numbers = new PairMap()
    numbers.set(state, emits, 0)
    const members: (readonly [state: number, emits: number])[] = [[state, emits]]
    const nexts: number[] = []
    // The images of each member, one for each generator, as numbers of members.
    const images: number[] = []
    for (let m = 0; m < members.length; m++) {
      const [from, list] = members[m] as readonly [number, number]
      nexts.push(this.#run(o, from, list, m === 0))
      for (const g of generators) {
        const image = [this.image(g, o, from), this.emitsImage(g, list)] as const
        const known = numbers.get(...image)
        const number = known < 0 ? members.length : known
        if (known < 0) {
          numbers.set(...image, number)
          members.push(image)
        }
        images.push(number)
      }
      if (members.length > tuning.imagesMax)
        symmetry.giveUp(`observer ${this.names[o]} would have to be checked in more than ${tuning.imagesMax} images of one state`)
    }
    members.forEach((_, m) => {
      generators.forEach((g, i) => {
        const there = images[m * generators.length + i] as number
        if (this.image(g, o, nexts[m] as number) !== nexts[there])
          this.#refuse(g, o, members[m] as readonly [number, number], members[there] as readonly [number, number])
      })
    })
    members.forEach(([from, list], m) => {
      observations.set(from, list, nexts[m] as number)
    })
    return nexts[0] as number
  }

  /** The number of the next state; with `twice`, two runs must agree on it. */
  #run(o: number, state: number, emits: number, twice: boolean): number {
    const { system } = this.#basis
    const name = this.names[o] as string
    const list = this.emits.items(emits)
    let value = (this.states[o] as NumberedStates).valueOf(state)
    for (let i = 0; i < list.length; i += 2) value = system.observe(name, value, list[i + 1] as number, list[i] as number, twice)
    return this.#number(o, value)
  }

  /** @throws SpecError the observer is impure, or prefers a node: the image of what it makes of one is not what it makes of the other */
  #refuse(g: number, o: number, one: readonly [state: number, emits: number], other: readonly [state: number, emits: number]): never {
    const { system, symmetry } = this.#basis
    for (const [state, emits] of [one, other]) this.#run(o, state, emits, true)
    const states = this.states[o] as NumberedStates
    const show = (state: number): string => describe(system.values.decode(states.valueOf(state)))
    return symmetry.refuse(
      `${system.protocol.name}, observer ${this.names[o]}`,
      g,
      `after ${show(one[0])} it has ${show(this.#run(o, ...one, false))}, after ${show(other[0])} it has ${show(this.#run(o, ...other, false))}.`,
    )
  }
}
