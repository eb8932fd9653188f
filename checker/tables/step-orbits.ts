import { difference, type Outcome } from '../run/outcome.ts'
import { impure } from '../run/spec-errors.ts'
import { describe } from '../values/encode.ts'
import { Rows } from '../values/ints.ts'
import type { NumberedStates } from './numbered-states.ts'
import type { LocalOutcome, Outcomes } from './outcome-lists.ts'
import type { Parts } from './parts.ts'

/** A kind of step of one node, and where its outcome lists stand. `packet` is -1 for what is no delivery. */
export interface Step {
  /** The list, or -1. */
  known(node: number, local: number, packet: number): number
  /** Runs code of the spec: each run `twice`, or once only (`System.deliver`). */
  raw(node: number, local: number, packet: number, twice: boolean): number
  /** @param list -1 to forget it */
  set(node: number, local: number, packet: number, list: number): void
  place(node: number, packet: number): string
}

/** Evaluates steps of one node, each with its images, which is where handlers are checked for purity and for symmetry. */
export class StepOrbits {
  readonly #parts: Parts
  readonly #outcomes: Outcomes
  /** Images of outcome lists by permutation and role (`NodeStates.row`). */
  readonly #images = new Rows()

  constructor(parts: Parts, outcomes: Outcomes) {
    this.#parts = parts
    this.#outcomes = outcomes
  }

  /**
   * Evaluates a step and, with symmetry, all its images: handler(π(state), π(message)) = π(handler(state, message)) is checked for every
   * generator at every member of the orbit, so it holds for the whole group. All members of an orbit are reachable if one is.
   *
   * The first member is run twice, on inputs that share no object and are filled in opposite orders. The others are run once, on the objects that stand for their
   * values in all runs, so that a handler finds what it noted down at them; that result must be the image of one which two runs agreed on. Where it is not, both
   * are run again, twice, to say which of the two the handler is: impure, or not symmetric.
   */
  close(step: Step, node: number, local: number, packet: number): number {
    const { symmetry, live, nodes: states, flight } = this.#parts
    const { generators } = symmetry
    const nodes = [node]
    const locals = [local]
    const packets = [packet]
    // Members of the orbit, each evaluated when its turn comes; those that were known are not checked again.
    const fresh: boolean[] = []
    try {
      for (let m = 0; m < nodes.length; m++) {
        const [i, s, p] = [nodes[m] as number, locals[m] as number, packets[m] as number]
        fresh[m] = false
        if (step.known(i, s, p) >= 0) continue
        step.set(i, s, p, step.raw(i, s, p, m === 0))
        fresh[m] = true
        for (const g of generators) {
          nodes.push(symmetry.nodeImage[g]?.[i] as number)
          locals.push(states.image(g, i, s))
          packets.push(p < 0 ? p : flight.packetImage(g, p))
        }
      }
      live?.confirm()
      // The images of the k-th fresh member were pushed one after the other, behind the first member and those of the fresh ones before.
      let there = 1
      for (let m = 0; m < nodes.length; m++) {
        if (!fresh[m]) continue
        const list = step.known(nodes[m] as number, locals[m] as number, packets[m] as number)
        for (const g of generators) {
          const expected = this.#image(g, nodes[m] as number, list)
          const found = step.known(nodes[there] as number, locals[there] as number, packets[there] as number)
          if (expected !== found) {
            for (const k of [there, m]) this.#checkAgain(step, nodes[k] as number, locals[k] as number, packets[k] as number)
            this.#refuse(g, nodes[there] as number, step.place(nodes[m] as number, packets[m] as number), expected, found)
          }
          there++
        }
      }
    } catch (error) {
      // What was evaluated and not yet checked is forgotten.
      for (let m = 0; m < fresh.length; m++) if (fresh[m]) step.set(nodes[m] as number, locals[m] as number, packets[m] as number, -1)
      throw error
    }
    return step.known(node, local, packet)
  }

  /** Runs a step once more, now twice. @throws SpecError if the handler is impure. */
  #checkAgain(step: Step, node: number, local: number, packet: number): void {
    const { system } = this.#parts
    const before = step.known(node, local, packet)
    const after = step.raw(node, local, packet, true)
    const found = before === after ? undefined : difference(system, this.#decoded(node, before), this.#decoded(node, after))
    if (found !== undefined) throw impure(`${system.protocol.name}, ${step.place(node, packet)}`, found)
  }

  #decoded(node: number, list: number): readonly Outcome[] {
    const { nodes, observers, flight } = this.#parts
    const { to, message } = flight.packets
    return this.#outcomes.items(list).map(outcome => ({
      state: (nodes.locals[node] as NumberedStates).valueOf(outcome.to),
      sends: flight.sends.items(outcome.sends).map(packet => ({ to: to.data[packet] as number, message: message.data[packet] as number })),
      emits: observers.emits.items(outcome.emits).filter((_, i) => i % 2 === 1),
      choices: [],
    }))
  }

  #refuse(g: number, node: number, place: string, expected: number, found: number): never {
    const { system, symmetry, nodes } = this.#parts
    const locals = nodes.locals[node] as NumberedStates
    const a = this.#outcomes.items(expected)
    const b = this.#outcomes.items(found)
    const i = a.findIndex((o, k) => o.to !== b[k]?.to)
    const show = (o: LocalOutcome | undefined): string => (o === undefined ? 'nothing' : describe(system.values.decode(locals.valueOf(o.to))))
    const what =
      i >= 0
        ? `the next state should be ${show(a[i])}, but is ${show(b[i])}.`
        : a.length === b.length
          ? 'it sends, or emits, something else.'
          : 'it is enabled in one and not in the other.'
    return symmetry.refuse(`${system.protocol.name}, ${place}`, g, what)
  }

  #image(g: number, node: number, list: number): number {
    const { nodes, observers, flight } = this.#parts
    const row = nodes.row(g, node)
    const known = this.#images.get(row, list)
    if (known >= 0) return known
    const { start, to, sends, emits, broken, cut } = this.#outcomes
    const flat: number[] = []
    for (let o = start.data[list] as number; o < (start.data[list + 1] as number); o++)
      flat.push(
        nodes.image(g, node, to.data[o] as number),
        flight.sendsImage(g, sends.data[o] as number),
        observers.emitsImage(g, emits.data[o] as number),
        broken.data[o] as number,
      )
    return this.#images.set(row, list, this.#outcomes.intern(flat, cut.data[list] === 1))
  }
}
