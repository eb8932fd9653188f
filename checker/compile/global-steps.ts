import { describe } from './encode.ts'
import { Tuples } from './ints.ts'
import { requests } from './journal.ts'
import type { Locals } from './locals.ts'
import type { Parts } from './parts.ts'
import type { Difference } from './runs.ts'
import { impure } from './spec-errors.ts'
import type { Reads, ReadTrie } from './trie.ts'
import { WholeAnswers } from './whole-answers.ts'

/** What one run of a global step does, as numbers. */
export interface GlobalEffect {
  readonly nodes: readonly number[]
  readonly locals: readonly number[]
  readonly sends: number
  readonly emits: number
  readonly broken: number
}

export interface GlobalList {
  readonly effects: readonly GlobalEffect[]
  readonly cut: boolean
}

/** What global steps do, remembered by what they read of a state. */
export class GlobalSteps {
  readonly names: readonly string[]
  /** For each step its list in `lists`, by what it read. */
  readonly tries: readonly ReadTrie[]
  readonly lists: GlobalList[] = []
  readonly #parts: Parts
  readonly #answers: readonly WholeAnswers[]
  readonly #ids = new Tuples()

  constructor(parts: Parts) {
    this.#parts = parts
    this.names = Object.keys(parts.system.protocol.steps ?? {})
    this.#answers = this.names.map(name => this.#answersOf(name))
    this.tries = this.#answers.map(({ trie }) => trie)
  }

  /** The effects of a global step in this state of the components. */
  effects(step: number, components: Int32Array): number {
    const args = [step, ...components.subarray(0, this.#parts.components.fixed)]
    return this.#parts.journal.record(requests.globalStep, args, () => (this.#answers[step] as WholeAnswers).answer(components, NOTHING_IN_FLIGHT))
  }

  #answersOf(name: string): WholeAnswers {
    const { system, symmetry } = this.#parts
    const place = `${system.protocol.name}, step ${name}`
    return new WholeAnswers(this.#parts, {
      run: ({ components }, reads, copies) => this.#run(name, components, reads, copies),
      image: (g, list) => this.#image(g, list),
      impure: (_, [left, right]) => {
        throw impure(place, this.#difference(left, right))
      },
      refuse: g => symmetry.refuse(place, g, 'its effects differ.'),
    })
  }

  /** Where two lists of effects differ, for an error. */
  #difference(left: number, right: number): Difference {
    const { system, nodes, flight, observers } = this.#parts
    const [ofLeft, ofRight] = [left, right].map(list => (this.lists[list] as GlobalList).effects) as [readonly GlobalEffect[], readonly GlobalEffect[]]
    const other = (effect: GlobalEffect, effects: readonly GlobalEffect[]): boolean => !effects.some(one => keyOf(one) === keyOf(effect))
    const a = ofLeft.find(effect => other(effect, ofRight)) ?? ofLeft[0]
    const b = ofRight.find(effect => other(effect, ofLeft)) ?? ofRight[0]
    if (a === undefined || b === undefined) return { field: 'whether it is enabled', left: ofLeft.length > 0, right: ofRight.length > 0 }
    const after = ({ nodes: changed, locals }: GlobalEffect): string =>
      changed
        .map((node, i) => `${system.label(node)}: ${describe(system.values.decode((nodes.locals[node] as Locals).valueOf(locals[i] as number)))}`)
        .join(', ') || 'no node changed'
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

  #image(g: number, list: number): number {
    const { symmetry, nodes, observers, flight } = this.#parts
    const { cut, effects } = this.lists[list] as GlobalList
    return this.#intern({
      cut,
      effects: effects.map(effect => ({
        nodes: effect.nodes.map(node => symmetry.nodeImage[g]?.[node] as number),
        locals: effect.locals.map((local, i) => nodes.image(g, effect.nodes[i] as number, local)),
        sends: flight.sendsImage(g, effect.sends),
        emits: observers.emitsImage(g, effect.emits),
        broken: effect.broken,
      })),
    })
  }

  #run(name: string, components: Int32Array, reads: Reads, copies: boolean): number {
    const { system, predicates, nodes, observers, flight } = this.#parts
    const effects: GlobalEffect[] = []
    let cut = false
    const { calls } = system
    const outcomes = system.globalStep(name, this.#parts.components.reader(components, reads), copies)
    if (copies) system.calls = calls
    if (outcomes.length > 0) system.ran.add(`step ${name}`)
    for (const { states, sends, emits } of outcomes) {
      if (states.some(({ node, state }) => !system.within(node, state))) {
        cut = true
        continue
      }
      system.taken.add(`step ${name}`)
      let broken = 0
      for (const { node } of states) this.#noteBefore(node, components, reads)
      for (const { node, state } of states)
        broken |= predicates.ofStep(nodes.roleOf(node), (nodes.locals[node] as Locals).valueOf(components[node] as number), state)
      const sorted = [...states].sort((a, b) => a.node - b.node)
      effects.push({
        nodes: sorted.map(({ node }) => node),
        locals: sorted.map(({ node, state }) => nodes.number(node, state, (nodes.locals[node] as Locals).crashed(components[node] as number))),
        sends: flight.sent(sends.map(({ from, to, message }) => flight.packet(from, to, message))),
        emits: observers.emitted(emits.flatMap(({ from, event }) => [from, event])),
        broken,
      })
    }
    return this.#intern({ effects, cut })
  }

  /** What a node was before counts where step properties look at it, and where it may have stopped, though the step never looked. */
  #noteBefore(node: number, components: Int32Array, reads: Reads): void {
    const { system, predicates, nodes } = this.#parts
    const role = nodes.roleOf(node)
    if (predicates.steps.some(({ role: of }) => of === role) || system.faults.some(fault => fault.type === 'crash-stop' && fault.role === role))
      reads.note(node, components[node] as number)
  }

  #intern({ effects, cut }: GlobalList): number {
    const flat = effects.map(({ nodes, locals, sends, emits, broken }) => {
      const order = nodes.map((_, i) => i).sort((a, b) => (nodes[a] as number) - (nodes[b] as number))
      return { nodes: order.map(i => nodes[i] as number), locals: order.map(i => locals[i] as number), sends, emits, broken }
    })
    const keys = flat.map(keyOf)
    const order = keys.map((_, i) => i).sort((a, b) => ((keys[a] as string) < (keys[b] as string) ? -1 : 1))
    const unique = order.filter((k, i) => i === 0 || keys[k] !== keys[order[i - 1] as number])
    const before = this.#ids.size
    const id = this.#ids.intern([cut ? 1 : 0, ...unique.flatMap(k => (keys[k] as string).split(',').map(Number))])
    if (id === before) this.lists.push({ effects: unique.map(k => flat[k] as GlobalEffect), cut })
    return id
  }
}

const NOTHING_IN_FLIGHT = (): readonly number[] => []

const keyOf = ({ nodes, locals, sends, emits, broken }: GlobalEffect): string => [nodes.length, ...nodes, ...locals, sends, emits, broken].join()
