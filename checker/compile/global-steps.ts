import { Tuples } from './ints.ts'
import { requests } from './journal.ts'
import type { Locals } from './locals.ts'
import type { Parts } from './parts.ts'
import { Reads, ReadTrie } from './trie.ts'

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
  readonly #ids = new Tuples()

  constructor(parts: Parts) {
    this.#parts = parts
    this.names = Object.keys(parts.system.protocol.steps ?? {})
    this.tries = this.names.map(() => new ReadTrie())
  }

  /** The effects of a global step in this state of the components. */
  effects(step: number, components: Int32Array): number {
    const args = [step, ...components.subarray(0, this.#parts.components.fixed)]
    return this.#parts.journal.record(requests.globalStep, args, () => this.#evaluate(step, components))
  }

  #evaluate(step: number, components: Int32Array): number {
    const { system, symmetry, nodes, observers, flight } = this.#parts
    const name = this.names[step] as string
    const reads = new Reads()
    const list = this.#run(name, components, reads)
    for (const g of symmetry.generators) {
      const image = this.#run(name, this.#parts.components.permuted(g, components), new Reads())
      const expected = this.#intern({
        cut: (this.lists[list] as GlobalList).cut,
        effects: (this.lists[list] as GlobalList).effects.map(effect => ({
          nodes: effect.nodes.map(node => symmetry.nodeImage[g]?.[node] as number),
          locals: effect.locals.map((local, i) => nodes.image(g, effect.nodes[i] as number, local)),
          sends: flight.sendsImage(g, effect.sends),
          emits: observers.emitsImage(g, effect.emits),
          broken: effect.broken,
        })),
      })
      if (image !== expected) symmetry.refuse(`${system.protocol.name}, step ${name}`, g, 'its effects differ.')
    }
    symmetry.confirm()
    this.tries[step]?.add(reads.list, list)
    return list
  }

  #run(name: string, components: Int32Array, reads: Reads): number {
    const { system, predicates, nodes, observers, flight } = this.#parts
    const effects: GlobalEffect[] = []
    let cut = false
    for (const { states, sends, emits } of system.globalStep(name, this.#parts.components.reader(components, reads))) {
      if (states.some(({ node, state }) => !system.within(node, state))) {
        cut = true
        continue
      }
      let broken = 0
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

  #intern({ effects, cut }: GlobalList): number {
    const flat = effects.map(({ nodes, locals, sends, emits, broken }) => {
      const order = nodes.map((_, i) => i).sort((a, b) => (nodes[a] as number) - (nodes[b] as number))
      return { nodes: order.map(i => nodes[i] as number), locals: order.map(i => locals[i] as number), sends, emits, broken }
    })
    const keys = flat.map(({ nodes, locals, sends, emits, broken }) => [nodes.length, ...nodes, ...locals, sends, emits, broken].join())
    const order = keys.map((_, i) => i).sort((a, b) => ((keys[a] as string) < (keys[b] as string) ? -1 : 1))
    const unique = order.filter((k, i) => i === 0 || keys[k] !== keys[order[i - 1] as number])
    const before = this.#ids.size
    const id = this.#ids.intern([cut ? 1 : 0, ...unique.flatMap(k => (keys[k] as string).split(',').map(Number))])
    if (id === before) this.lists.push({ effects: unique.map(k => flat[k] as GlobalEffect), cut })
    return id
  }
}
