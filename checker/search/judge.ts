import { PairMap } from '../compile/ints.ts'
import type { Locals } from '../compile/locals.ts'
import type { Tables } from '../compile/tables.ts'
import type { Expander } from './expander.ts'

/** Classes that a set of bits can hold; the sign bit stays free. */
const CLASSES_MAX = 31

/** Evaluates the predicates over states, by table look-up; see predicates.ts. */
export class Judge {
  readonly #tables: Tables
  readonly #expander: Expander
  readonly #pairs: boolean
  readonly #world: number
  readonly #ofSets = new PairMap()

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
    if (this.#pairs) bits |= this.#pairBits(components)
    for (let k = 0; k < this.#world; k++) {
      const known = tables.worldTries[k]?.find(components) as number
      bits |= known >= 0 ? known : tables.worldBits(k, Int32Array.from(components), () => this.#expander.packetsOf(source, at))
    }
    return tables.predicates.truth(bits)
  }

  /**
   * The bits of all pairs. They depend only on which classes some node is in, and which two are: while there are few classes, those are
   * two sets of bits, and one look-up tells.
   */
  #pairBits(components: Int32Array): number {
    const { locals, nodeCount } = this.#tables
    let once = 0
    let twice = 0
    let highest = 0
    for (let node = 0; node < nodeCount; node++) {
      const of = (locals[node] as Locals).classes.data[components[node] as number] as number
      highest = Math.max(highest, of)
      twice |= once & (1 << of)
      once |= 1 << of
    }
    if (highest >= CLASSES_MAX) return this.#eachPairBits(components)
    const known = this.#ofSets.get(once, twice)
    if (known >= 0) return known
    const bits = this.#eachPairBits(components)
    this.#ofSets.set(once, twice, bits)
    return bits
  }

  #eachPairBits(components: Int32Array): number {
    const { locals, nodeCount } = this.#tables
    let bits = 0
    for (let a = 1; a < nodeCount; a++) {
      const classA = (locals[a] as Locals).classes.data[components[a] as number] as number
      for (let b = 0; b < a; b++) bits |= this.#tables.pairBits(classA, (locals[b] as Locals).classes.data[components[b] as number] as number)
    }
    return bits
  }

  /** May the system rest in this state? */
  mayRest(source: Int32Array, at: number): boolean {
    const components = this.#expander.components(source, at)
    const known = this.#tables.restTrie.find(components)
    return known >= 0 ? known === 1 : this.#tables.mayRest(Int32Array.from(components), () => this.#expander.packetsOf(source, at))
  }
}
