import type { Difference } from '../run/outcome.ts'
import { impure } from '../run/spec-errors.ts'
import { describe } from '../values/encode.ts'
import { Ints, Tuples } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'
import type { Changes } from './changes.ts'
import { requests } from './journal.ts'
import type { Parts } from './parts.ts'
import type { ReadMemo } from './read-memo.ts'
import { WholeAnswers, type WholeCode } from './whole-answers.ts'
import type { WholeView } from './whole-view.ts'

/** What one run of a global step does, as numbers: the nodes that it writes to, and what it writes to each (changes.ts). */
export interface GlobalEffect {
  readonly nodes: readonly number[]
  readonly changes: readonly number[]
  readonly sends: number
  readonly emits: number
}

/** An outcome that is none: the step is not enabled, or a choice of nothing. */
const NONE = 0

/** What global steps do, remembered by what they ask of a state. */
export class GlobalSteps {
  readonly names: readonly string[]
  /** For each step its list in `lists`, by what it asked. */
  readonly memos: readonly ReadMemo[]
  readonly lists: (readonly GlobalEffect[])[] = []
  /** 1 for each step of which a search has met an effect within the bound of the model. */
  readonly taken = new Ints()
  readonly #parts: Parts
  readonly #changes: Changes
  readonly #answers: readonly WholeAnswers[]
  /** Effects, as flat lists; 0 is `NONE`. */
  readonly #effects = new Tuples()
  /** Lists of effects. */
  readonly #ids = new Tuples()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#changes = parts.changes
    this.#effects.intern([])
    this.names = Object.keys(parts.system.protocol.steps ?? {})
    this.taken.reach(this.names.length)
    this.#answers = this.names.map(name => new WholeAnswers(parts, this.#code(name)))
    this.memos = this.#answers.map(({ memo }) => memo)
  }

  /** The list of the effects of a global step in a state. */
  effects(step: number, components: Int32Array, inFlight: () => readonly number[]): number {
    const args = [step, ...components.subarray(0, this.#parts.components.fixed)]
    let looked: readonly number[] | undefined
    const look = (): readonly number[] => {
      if (looked === undefined) {
        looked = inFlight()
        args.push(...looked)
      }
      return looked
    }
    const answers = this.#answers[step] as WholeAnswers
    const before = this.#extent()
    return this.#parts.journal.record(
      requests.globalStep,
      args,
      () => answers.answer(components, look),
      // What looks at the messages in flight is asked for again and again.
      () => !answers.looks || this.#extent() !== before,
    )
  }

  /** A number that rises with whatever a question about global steps may add. */
  #extent(): number {
    const { nodes, observers, flight } = this.#parts
    let extent = flight.packets.size + flight.bits.size + flight.queues.length + flight.sends.start.length + observers.emits.start.length
    for (const { size } of [...nodes.locals, ...observers.states, ...this.#answers]) extent += size
    return extent + this.#effects.size + this.#ids.size
  }

  /** Whether some step was seen to look at the messages in flight. */
  get lookInFlight(): boolean {
    return this.#answers.some(({ looks }) => looks)
  }

  #code(name: string): WholeCode {
    const { system, symmetry } = this.#parts
    const place = `${system.protocol.name}, step ${name}`
    return {
      run: (view, goesOn) => this.#run(name, view, goesOn),
      normal: (outcome, stateOf) => this.#normal(outcome, stateOf),
      all: outcomes => this.#list(outcomes),
      outcomesOf: list => this.#ids.items[list] as readonly number[],
      image: (g, list) => this.#list((this.#ids.items[list] as readonly number[]).map(effect => this.#image(g, effect))),
      impure: ([left, right]) => {
        throw impure(place, this.#difference(left, right))
      },
      refuse: g => symmetry.refuse(place, g, 'its effects differ.'),
    }
  }

  #run(name: string, view: WholeView, goesOn: boolean): number {
    const { system, flight, observers } = this.#parts
    const made = system.runGlobalStep(name, view, goesOn)
    if (made === undefined) return NONE
    system.ran.add(`step ${name}`)
    const nodes = [...view.writes.keys()].sort((a, b) => a - b)
    return this.#intern({
      nodes,
      changes: nodes.map(node => this.#changes.change(node, view.writes.get(node)?.parts ?? [])),
      sends: flight.sent(made.sends.map(({ from, to, message }) => flight.packet(from, to, message))),
      emits: observers.emitted(made.emits.flatMap(({ from, event }) => [from, event])),
    })
  }

  #normal(outcome: number, stateOf: (node: number) => ValueId): number {
    if (outcome === NONE) return NONE
    const { nodes, changes, sends, emits } = this.#effect(outcome)
    const after = nodes
      .map((node, i) => [node, this.#changes.after(changes[i] as number, stateOf(node))] as const)
      .filter(([node, state]) => state !== stateOf(node))
    return this.#intern({
      nodes: after.map(([node]) => node),
      changes: after.map(([node, value]) => this.#changes.change(node, [{ to: 'state', value }])),
      sends,
      emits,
    })
  }

  #image(g: number, effect: number): number {
    const { symmetry, observers, flight } = this.#parts
    const { nodes, changes, sends, emits } = this.#effect(effect)
    const renamed = nodes
      .map((node, i) => [symmetry.nodeImage[g]?.[node] as number, this.#changes.image(g, changes[i] as number)] as const)
      .sort((a, b) => a[0] - b[0])
    return this.#intern({
      nodes: renamed.map(([node]) => node),
      changes: renamed.map(([, change]) => change),
      sends: flight.sendsImage(g, sends),
      emits: observers.emitsImage(g, emits),
    })
  }

  #intern({ nodes, changes, sends, emits }: GlobalEffect): number {
    return this.#effects.intern([sends, emits, ...nodes, ...changes])
  }

  #effect(outcome: number): GlobalEffect {
    const [sends, emits, ...written] = this.#effects.items[outcome] as readonly [number, number, ...number[]]
    const count = written.length / 2
    return { nodes: written.slice(0, count), changes: written.slice(count), sends, emits }
  }

  #list(outcomes: readonly number[]): number {
    const effects = [...new Set(outcomes)].filter(outcome => outcome !== NONE).sort((a, b) => a - b)
    const id = this.#ids.intern(effects)
    if (id === this.lists.length) this.lists.push(effects.map(outcome => this.#effect(outcome)))
    return id
  }

  /** Where two lists of effects, each of whole states, differ, for an error. */
  #difference(left: number, right: number): Difference {
    const { system, flight, observers } = this.#parts
    const [ofLeft, ofRight] = [this.#ids.items[left], this.#ids.items[right]] as [readonly number[], readonly number[]]
    const first = ofLeft.find(effect => !ofRight.includes(effect)) ?? ofLeft[0]
    const second = ofRight.find(effect => !ofLeft.includes(effect)) ?? ofRight[0]
    if (first === undefined || second === undefined) return { field: 'whether it is enabled', left: ofLeft.length > 0, right: ofRight.length > 0 }
    const [a, b] = [this.#effect(first), this.#effect(second)]
    const after = ({ nodes, changes }: GlobalEffect): string =>
      nodes.map((node, i) => `${system.label(node)}: ${describe(system.values.decode(this.#changes.after(changes[i] as number, 0)))}`).join(', ') ||
      'no node changed'
    if (after(a) !== after(b)) return { field: 'the next states', left: after(a), right: after(b) }
    const { from, to, message } = flight.packets
    const sent = ({ sends }: GlobalEffect): string =>
      flight.sends
        .items(sends)
        .map(
          p =>
            `${describe(system.values.decode(message.data[p] as number))} from ${system.label(from.data[p] as number)} to ${system.label(to.data[p] as number)}`,
        )
        .join(', ') || 'nothing'
    if (sent(a) !== sent(b)) return { field: 'what it sends', left: sent(a), right: sent(b) }
    const emitted = ({ emits }: GlobalEffect): string =>
      observers.emits
        .items(emits)
        .map((x, i) => (i % 2 === 0 ? system.label(x) : describe(system.values.decode(x))))
        .join(' ')
    return { field: 'what it emits', left: emitted(a), right: emitted(b) }
  }
}
