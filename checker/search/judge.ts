import type { Locals } from '../compile/locals.ts'
import type { Tables } from '../compile/tables.ts'
import type { Expander } from './expander.ts'

/** Evaluates the predicates over states, by table look-up; see predicates.ts. */
export class Judge {
  readonly #tables: Tables
  readonly #expander: Expander
  readonly #pairs: boolean
  readonly #world: number

  constructor(tables: Tables, expander: Expander) {
    this.#tables = tables
    this.#expander = expander
    this.#pairs = tables.predicates.hasPairs
    this.#world = tables.predicates.world.length
  }

  /** Which predicates hold in the state at `source[at] …`, as bits. */
  truth(source: Int32Array, at: number): number {
    const tables = this.#tables
    const components = this.#expander.components(source, at)
    const { nodeCount, locals } = tables
    let bits = 0
    for (let node = 0; node < nodeCount; node++) bits |= (locals[node] as Locals).bits.data[components[node] as number] as number
    for (let o = 0; o < tables.observers.length; o++) bits |= (tables.observers[o] as Locals).bits.data[components[nodeCount + o] as number] as number
    if (this.#pairs)
      for (let a = 1; a < nodeCount; a++) {
        const classA = (locals[a] as Locals).classes.data[components[a] as number] as number
        for (let b = 0; b < a; b++) bits |= tables.pairBits(classA, (locals[b] as Locals).classes.data[components[b] as number] as number)
      }
    for (let k = 0; k < this.#world; k++) {
      const known = tables.worldTries[k]?.find(components) as number
      bits |= known >= 0 ? known : tables.worldBits(k, Int32Array.from(components), () => this.#expander.packetsOf(source, at))
    }
    return tables.predicates.truth(bits)
  }

  /** May the system rest in this state? */
  mayRest(source: Int32Array, at: number): boolean {
    const components = this.#expander.components(source, at)
    const known = this.#tables.restTrie.find(components)
    return known >= 0 ? known === 1 : this.#tables.mayRest(Int32Array.from(components), () => this.#expander.packetsOf(source, at))
  }
}
