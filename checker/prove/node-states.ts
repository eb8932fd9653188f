import type { AnyProtocol } from '../protocol/protocol.ts'
import { holdGuard } from '../run/environment.ts'
import { checkShape } from '../run/protocol-shape.ts'
import type { Search } from '../search/search.ts'
import { componentAt } from '../states/layout.ts'
import { Expander } from '../steps/expander.ts'
import type { NumberedStates } from '../tables/numbered-states.ts'
import { GREW } from '../tables/step-tables.ts'
import { combine, mix } from '../values/hash.ts'
import { BEHAVIOUR_STATES, mayHoldMore, searched } from './behaviour.ts'
import { Sum } from './sum.ts'

/**
 * A hash of all that nodes and observers are in together, in any state that is reached, and of all steps that lead from one to another (one that changes none of it is none); of what is in flight, and of what is left of budgets,
 * nothing. Where two protocols have the same, each property of states or steps that looks at nodes and observers holds in both or in neither. Null where not all states could be looked at.
 * @throws SpecError if the protocol is broken
 */
export const nodeStatesOf = async (protocol: AnyProtocol, statesMax = BEHAVIOUR_STATES): Promise<string | null> => {
  const bare = { ...protocol, properties: {}, mayRest: true } as AnyProtocol
  checkShape(bare)
  const release = holdGuard()
  try {
    // A state that can do more has the same nodes as those that it stands for.
    for (const subsume of mayHoldMore(bare) ? [true, false] : [false]) {
      const search = await searched(bare, { depth: Infinity, states: statesMax, subsume })
      if (search.complete) return search.tables.symmetry.listed && search.tables.partition === undefined ? hashOf(search) : null
    }
    return null
  } finally {
    release()
  }
}

/** No state stands for another: so a step is seen with the same names before and after. */
const asTheyAre = { group: undefined, forms: undefined, sync: () => undefined }

const hashOf = (search: Search): string => {
  const { tables, found } = search
  const { nodeCount, observerNames } = tables
  const count = nodeCount + observerNames.length
  const sums = new Sums(search)
  found.settle()
  const plain = new Expander(tables, { dead: undefined, bisimulation: undefined }, asTheyAre)
  plain.useLayout(found.expander.successors.layout)
  const [before, after] = [new Int32Array(count), new Int32Array(count)]
  for (let number = 0; number < found.seen.count; number++) {
    const steps = found.subsumption?.isSubsumed(number) === true ? 0 : expandPlainly(search, plain, number)
    const { layout } = found.expander.successors
    const [records, at] = found.record(number)
    for (let c = 0; c < count; c++) before[c] = componentAt(layout, c, records, at)
    sums.add(before, before)
    for (let step = 0; step < steps; step++) {
      for (let c = 0; c < count; c++) after[c] = componentAt(layout, c, plain.successors.records, step * layout.width)
      if (after.some((component, c) => component !== before[c])) sums.add(before, after)
    }
  }
  return sums.text
}

const expandPlainly = (search: Search, plain: Expander, number: number): number => {
  for (;;) {
    plain.successors.count = 0
    const made = plain.expand(...search.found.record(number))
    if (made !== GREW) return made
    search.found.settle()
    plain.useLayout(search.found.expander.successors.layout)
  }
}

/** Sums the hashes of different pairs, each taken for all its images. */
class Sums {
  readonly #sum = new Sum()
  readonly #met = new Set<string>()
  readonly #seen = new Set<number>()
  readonly #search: Search

  constructor(search: Search) {
    this.#search = search
  }

  get text(): string {
    return this.#sum.text
  }

  add(before: Int32Array, after: Int32Array): void {
    const numbers = `${before.join()} ${after === before ? '' : after.join()}`
    if (this.#met.size === this.#met.add(numbers).size) return
    let [low, high] = [0, 0]
    // Which image a search keeps is its own business: that of least hash stands for all.
    for (let g = 0; g < this.#search.tables.symmetry.permutations.length; g++) {
      const [a, b] = [this.#pairHash(g, before, after, 0), this.#pairHash(g, before, after, 1)]
      if (g === 0 || a < low || (a === low && b < high)) [low, high] = [a, b]
    }
    // Of 53 bits, as many as a number has.
    const key = (low >>> 0) * 2 ** 21 + (high >>> 11)
    if (this.#seen.size !== this.#seen.add(key).size) this.#sum.add(low, high)
  }

  #pairHash(g: number, before: Int32Array, after: Int32Array, lane: 0 | 1): number {
    return combine(imageHash(this.#search, before, g, lane), after === before ? 0 : imageHash(this.#search, after, g, lane))
  }
}

const imageHash = ({ tables }: Search, components: Int32Array, g: number, lane: 0 | 1): number => {
  const { nodeCount, symmetry, observers, locals, system } = tables
  const { values } = system
  const image = symmetry.nodeImage[g] as Int32Array
  let hash = 0
  for (let node = 0; node < nodeCount; node++) {
    const states = locals[node] as NumberedStates
    const local = tables.localImage(g, node, components[node] as number)
    const content = combine(values.hash(states.valueOf(local), lane), states.crashed(local) ? 1 : 0)
    hash = (hash + mix(combine(image[node] as number, content))) | 0
  }
  observers.forEach((states, o) => {
    const state = tables.observerImage(g, o, components[nodeCount + o] as number)
    hash = (hash + mix(combine(1_000 + o, values.hash(states.valueOf(state), lane)))) | 0
  })
  return hash
}
