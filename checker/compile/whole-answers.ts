import { Tuples } from './ints.ts'
import type { Parts } from './parts.ts'
import { Reads, ReadTrie } from './trie.ts'

/** A state of the system, for code that reads the whole of it. The packets in flight are listed if it asks for them. */
export interface Whole {
  readonly components: Int32Array
  readonly inFlight: () => readonly number[]
}

/** Code of a spec over the whole state; what it answers is a number. */
export interface WholeCode {
  /**
   * Runs it, and notes what it reads.
   * @param copies whether it is given copies, which share no object with what other runs were given
   */
  run(state: Whole, reads: Reads, copies: boolean): number
  /** What it must answer in the image of a state in which it answers this. */
  image(g: number, answer: number): number
  /** @throws SpecError it is impure: two runs in this state had these answers */
  impure(state: Whole, answers: readonly [number, number]): never
  /** @throws SpecError it prefers a node: in the image of this state it should have the first answer, and has the second */
  refuse(g: number, state: Whole, answers: readonly [number, number]): never
}

/**
 * What code over the whole state answers, remembered by what it read, and checked for purity and for symmetry.
 *
 * The check: answer(g(s)) = g(answer(s)), for every generator g, at every state s of an orbit; so it holds for the whole group. It is not enough to ask at the state that
 * the search visits: code that prefers a node by its place may treat that state and its images by generators alike, and not an image further off. Nor is it enough to ask at
 * images of states in which something new was read, since code may read less of a state than of its image (`some` ends early). So all parts of a state that the code
 * was ever seen to read are put together, with their images: its `touched` components. An orbit is checked once for all states that have the same values there, and `trie`, where
 * the search finds answers, asks for all of them: first those that the code reads, in its order, then the others.
 *
 * A leaf of `trie` stays right when more components are touched later: in all images of the state that it was made for, the code read only what was touched by then.
 *
 * Cost: once over the orbit, as far as its states differ in what is touched; code runs only where what it reads is new.
 */
export class WholeAnswers {
  /** The answers by what is touched, for the search. */
  readonly trie = new ReadTrie()
  readonly #parts: Parts
  readonly #code: WholeCode
  /** The answers by what was read. */
  readonly #known: ReadTrie
  readonly #touched: number[] = []
  /** Orbits that were checked: all members, as the values of what is touched. */
  #checked = new Tuples()

  constructor(parts: Parts, code: WholeCode) {
    this.#parts = parts
    this.#code = code
    this.#known = parts.symmetry.generators.length === 0 ? this.trie : new ReadTrie()
  }

  /** A number that rises with whatever is remembered. */
  get size(): number {
    return this.trie.size + this.#known.size + this.#touched.length
  }

  /** The answer in this state. */
  answer(components: Int32Array, inFlight: () => readonly number[]): number {
    const first = { components, inFlight }
    if (this.#parts.symmetry.generators.length === 0) return this.#ask(first, true).answer
    try {
      for (let withFlight = false; ; ) {
        const touched = this.#touched.length
        const { answer, looked } = this.#close(first, withFlight)
        if (this.#touched.length === touched && (withFlight || !looked)) {
          if (!withFlight) this.trie.add(this.#path(components), answer)
          return answer
        }
        // What was checked before is right, but told apart by less.
        if (this.#touched.length !== touched) this.#checked = new Tuples()
        withFlight ||= looked
      }
    } catch (error) {
      this.#checked = new Tuples()
      throw error
    }
  }

  /** Asks in all states of the orbit, and checks their answers; breaks off once something new is touched, or what is in flight is looked at and was to be left out. */
  #close(first: Whole, withFlight: boolean): Asked {
    const { symmetry, tuning } = this.#parts
    const { generators } = symmetry
    const { imagesMax } = tuning
    const answer = this.#ask(first, true)
    const touched = this.#touched.length
    const checked = this.#checked
    const base = checked.size
    if (checked.intern(this.#key(first, withFlight)) < base) return answer
    const members = [first]
    const answers: number[] = []
    // The images of each member, one for each generator, as numbers of members.
    const images: number[] = []
    for (let m = 0; m < members.length; m++) {
      const member = members[m] as Whole
      const asked = this.#ask(member, m === 0)
      if (this.#touched.length !== touched || (asked.looked && !withFlight)) {
        this.#checked = new Tuples()
        return { ...answer, looked: withFlight || asked.looked }
      }
      answers.push(asked.answer)
      for (const g of generators) {
        const image = this.#imageOf(g, member)
        const number = checked.intern(this.#key(image, withFlight)) - base
        if (number === members.length) members.push(image)
        images.push(number)
      }
      if (members.length > imagesMax) symmetry.giveUp(`code over the whole state would have to be checked in more than ${imagesMax} images of one state`)
    }
    members.forEach((member, m) => {
      generators.forEach((g, i) => {
        const there = images[m * generators.length + i] as number
        const expected = this.#code.image(g, answers[m] as number)
        if (expected === answers[there]) return
        for (const k of [m, there]) this.#checkAgain(members[k] as Whole, answers[k] as number)
        this.#code.refuse(g, member, [expected, answers[there] as number])
      })
    })
    return answer
  }

  #imageOf(g: number, { components, inFlight }: Whole): Whole {
    const { components: of, flight } = this.#parts
    return { components: of.permuted(g, components), inFlight: () => inFlight().map(packet => flight.packetImage(g, packet)) }
  }

  #key({ components, inFlight }: Whole, withFlight: boolean): readonly number[] {
    const key = this.#touched.map(c => components[c] as number)
    return withFlight ? [-1, ...key, ...[...inFlight()].sort((a, b) => a - b)] : key
  }

  /** What is to be asked of a state to find its answer: what the code reads, then what else is touched. */
  #path(components: Int32Array): (readonly [component: number, value: number])[] {
    const read = this.#known.reads(components)
    return [...read, ...this.#touched.filter(c => !read.includes(c))].map(c => [c, components[c] as number])
  }

  #ask(state: Whole, twice: boolean): Asked {
    const known = this.#known.find(state.components)
    if (known >= 0) return { answer: known, looked: false }
    const reads = new Reads()
    const answer = this.#code.run(state, reads, false)
    if (twice) {
      const again = this.#code.run(state, new Reads(), true)
      if (again !== answer) this.#code.impure(state, [answer, again])
    }
    this.#touch(reads)
    if (!reads.looked) this.#known.add(reads.list, answer)
    return { answer, looked: reads.looked }
  }

  #touch({ list }: Reads): void {
    const { symmetry, system } = this.#parts
    const pending = list.map(([component]) => component)
    for (let c = pending.pop(); c !== undefined; c = pending.pop()) {
      if (this.#touched.includes(c)) continue
      this.#touched.push(c)
      if (c < system.nodes.length) for (const g of symmetry.generators) pending.push(symmetry.nodeImage[g]?.[c] as number)
    }
  }

  /** Runs the code once more, now twice. @throws SpecError if it is impure */
  #checkAgain(state: Whole, before: number): void {
    for (const copies of [false, true]) {
      const after = this.#code.run(state, new Reads(), copies)
      if (after !== before) this.#code.impure(state, [before, after])
    }
  }
}

interface Asked {
  readonly answer: number
  /** Whether the code looked at what is in flight: then it is not remembered. */
  readonly looked: boolean
}
