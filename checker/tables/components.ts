import type { FaultStep } from '../protocol/faults.ts'
import type { WalkState } from '../trace/walk.ts'
import type { Basis } from './basis.ts'
import type { InFlight } from './in-flight.ts'
import type { NodeStates } from './node-states.ts'
import type { NumberedStates } from './numbered-states.ts'
import type { Observers } from './observers.ts'
import type { Queues } from './packets.ts'

/** What has numbers. */
interface Numbered extends Basis {
  readonly nodes: NodeStates
  readonly observers: Observers
  readonly flight: InFlight
}

/**
 * The components of a state of the system: the state of each node, then of each observer, then what is left of each finite fault budget, then the
 * queue of each channel. The channels come last, as they come up one by one; those before are fixed.
 */
export class Components {
  /** The finite faults, whose budgets are components. */
  readonly budgets: readonly FaultStep[]
  /** Components before the channels. */
  readonly fixed: number
  readonly #parts: Numbered
  readonly #nodeCount: number

  constructor(parts: Numbered) {
    this.#parts = parts
    const { nodes, faults } = parts.system
    this.budgets = faults.filter(({ atMost }) => atMost !== Infinity)
    this.#nodeCount = nodes.length
    this.fixed = nodes.length + parts.observers.names.length + this.budgets.length
  }

  /** How many values component `c` has been met with. */
  size(c: number): number {
    const { nodes, observers, flight } = this.#parts
    if (c < this.#nodeCount) return (nodes.locals[c] as NumberedStates).size
    const observer = c - this.#nodeCount
    if (observer < observers.names.length) return (observers.states[observer] as NumberedStates).size
    const budget = observer - observers.names.length
    if (budget < this.budgets.length) return (this.budgets[budget]?.atMost as number) + 1
    return (flight.queues[budget - this.budgets.length] as Queues).size
  }

  /** Nodes and observers renamed by permutation `g`; the rest as it is. */
  permuted(g: number, components: Int32Array): Int32Array {
    const { nodes, observers, symmetry } = this.#parts
    const permuted = Int32Array.from(components)
    const image = symmetry.nodeImage[g] as Int32Array
    for (let node = 0; node < this.#nodeCount; node++) permuted[image[node] as number] = nodes.image(g, node, components[node] as number)
    observers.names.forEach((_, o) => {
      permuted[this.#nodeCount + o] = observers.image(g, o, components[this.#nodeCount + o] as number)
    })
    return permuted
  }

  /**
   * A state of the system as components and bits; undefined if some part of it has never come up. It is not made to: the order in which parts are
   * numbered is that of the journal.
   */
  find({ nodes, crashed, observers, budgets, flight }: WalkState): { readonly components: readonly number[]; readonly bits: readonly number[] } | undefined {
    const { system, nodes: ofNodes, observers: ofObservers, flight: inFlight } = this.#parts
    const components = [
      ...nodes.map((value, node) => (ofNodes.locals[node] as NumberedStates).find(ofNodes.reset(node, value), crashed[node] as boolean)),
      ...observers.map((value, o) => (ofObservers.states[o] as NumberedStates).find(value, false)),
      ...budgets.filter((_, i) => system.faults[i]?.atMost !== Infinity),
    ]
    const packets = flight.map(({ from, to, message }) => inFlight.packets.find(from, to, message))
    if (packets.includes(-1)) return undefined
    const bits: number[] = []
    if (inFlight.fifo)
      inFlight.queues.forEach((queues, channel) => void components.push(queues.find(packets.filter(p => inFlight.channel.data[p] === channel))))
    else
      for (const packet of packets) {
        let bit = inFlight.bits.firstOf(packet)
        while (bits.includes(bit)) bit = inFlight.copy(bit)
        bits.push(bit)
      }
    return components.includes(-1) ? undefined : { components, bits }
  }
}
