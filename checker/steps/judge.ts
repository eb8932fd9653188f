import { componentAt } from '../states/layout.ts'
import type { StepTables } from '../tables/step-tables.ts'
import { PairMap } from '../values/ints.ts'
import type { Successors } from './successors.ts'

/** Evaluates the predicates over states, by table look-up; see tables/predicates.ts. */
export class Judge {
  readonly #tables: StepTables
  readonly #successors: Successors
  /** What held in the states that `pass` passed over. */
  met = 0
  readonly #pairs: boolean
  readonly #world: number
  readonly #ofSets = new PairMap()
  /** `pass`: for each state of each node and observer its bits, and its class as a bit; where those of a component begin; how many states there were. */
  #flat = new Int32Array(0)
  #begins = new Int32Array(0)
  #known = 0
  #fewClasses = true
  readonly #classesMax: number

  constructor(tables: StepTables, successors: Successors) {
    this.#tables = tables
    this.#classesMax = tables.tuning.judgedClassesMax
    this.#successors = successors
    this.#pairs = tables.predicates.hasPairs
    this.#world = tables.predicates.world.length
  }

  /** Which predicates hold in the state at `source[at] …`, as bits. */
  truth(source: Int32Array, at: number): number {
    const tables = this.#tables
    const components = this.#successors.unpack(source, at)
    const { nodeCount, locals } = tables
    let bits = 0
    for (let node = 0; node < nodeCount; node++) bits |= (locals[node] as (typeof locals)[number]).bits.data[components[node] as number] as number
    for (let o = 0; o < tables.observers.length; o++)
      bits |= (tables.observers[o] as (typeof tables.observers)[number]).bits.data[components[nodeCount + o] as number] as number
    if (this.#pairs) bits |= this.#pairBits(components)
    for (let k = 0; k < this.#world; k++) {
      const known = tables.worldMemos[k]?.find(components) as number
      bits |= known >= 0 ? known : tables.worldBits(k, Int32Array.from(components), () => this.#successors.packetsOf(source, at))
    }
    return tables.predicates.truth(bits)
  }

  /**
   * Passes over the states `first` up to `end`, records of `source`, as long as `wanted` hold; returns where it stopped. `met` gains the predicates that held in some state
   * passed over. The same as `truth` for each, but for many states at a time.
   */
  pass(source: Int32Array, first: number, end: number, wanted: number): number {
    const { layout } = this.#successors
    const { width } = layout
    if (!this.#flatten()) {
      for (let number = first; number < end; number++) {
        const truth = this.truth(source, number * width)
        if ((~truth & wanted) !== 0) return number
        this.met |= truth
      }
      return end
    }
    const { failing } = this.#tables.predicates
    const flat = this.#flat
    const begins = this.#begins
    const components = begins.length
    let lastOnce = 0
    let lastTwice = 0
    let lastBits = 0
    let met = 0
    for (let number = first; number < end; number++) {
      const at = number * width
      let bits = 0
      let once = 0
      let twice = 0
      for (let c = 0; c < components; c++) {
        const value = componentAt(layout, c, source, at)
        const i = (begins[c] as number) + 2 * value
        const of = flat[i + 1] as number
        bits |= flat[i] as number
        twice |= once & of
        once |= of
      }
      if (once !== lastOnce || twice !== lastTwice) {
        lastBits = this.#bitsOfSets(once, twice, source, at)
        lastOnce = once
        lastTwice = twice
      }
      const truth = (bits | lastBits) ^ failing
      if ((~truth & wanted) !== 0) {
        this.met |= met
        return number
      }
      met |= truth
    }
    this.met |= met
    return end
  }

  /** Brings the tables of `pass` up to date; false if there is more to judge than they tell. */
  #flatten(): boolean {
    if (this.#world > 0 || !this.#fewClasses) return false
    const { locals, observers } = this.#tables
    const all = [...locals, ...observers]
    const known = all.reduce((sum, { size }) => sum + size, 0)
    if (known === this.#known) return true
    const flat = new Int32Array(known * 2)
    this.#begins = new Int32Array(all.length)
    let at = 0
    for (const [c, { bits, classes, size }] of all.entries()) {
      this.#begins[c] = at
      for (let i = 0; i < size; i++) {
        flat[at++] = bits.data[i] as number
        const of = this.#pairs && c < locals.length ? (classes.data[i] as number) : -1
        if (of >= this.#classesMax) this.#fewClasses = false
        flat[at++] = of < 0 ? 0 : 1 << of
      }
    }
    this.#flat = flat
    this.#known = known
    return this.#fewClasses
  }

  #bitsOfSets(once: number, twice: number, source: Int32Array, at: number): number {
    if (!this.#pairs) return 0
    const known = this.#ofSets.get(once, twice)
    return known >= 0 ? known : this.#evaluate(once, twice, this.#successors.unpack(source, at))
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
      const of = (locals[node] as (typeof locals)[number]).classes.data[components[node] as number] as number
      highest = Math.max(highest, of)
      twice |= once & (1 << of)
      once |= 1 << of
    }
    if (highest >= this.#classesMax) return this.#eachPairBits(components)
    const known = this.#ofSets.get(once, twice)
    return known >= 0 ? known : this.#evaluate(once, twice, components)
  }

  #evaluate(once: number, twice: number, components: Int32Array): number {
    const bits = this.#eachPairBits(components)
    this.#ofSets.set(once, twice, bits)
    return bits
  }

  #eachPairBits(components: Int32Array): number {
    const { locals, nodeCount } = this.#tables
    let bits = 0
    for (let a = 1; a < nodeCount; a++) {
      const classA = (locals[a] as (typeof locals)[number]).classes.data[components[a] as number] as number
      for (let b = 0; b < a; b++) bits |= this.#tables.pairBits(classA, (locals[b] as (typeof locals)[number]).classes.data[components[b] as number] as number)
    }
    return bits
  }

  /** May the system rest in this state? */
  mayRest(source: Int32Array, at: number): boolean {
    const components = this.#successors.unpack(source, at)
    const known = this.#tables.restMemo.find(components)
    return known >= 0 ? known === 1 : this.#tables.mayRest(Int32Array.from(components), () => this.#successors.packetsOf(source, at))
  }
}
