import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { LowerBounds } from '../../checker/search/lower-bounds.ts'
import { Search } from '../../checker/search/search.ts'

/** The lower bounds that a check makes, each with the search that it made them from. */
const boundsOf = async (protocol: AnyProtocol, options: Options): Promise<readonly (readonly [Search, LowerBounds])[]> => {
  const made: [Search, LowerBounds][] = []
  const { lowerBounds } = Search.prototype
  Search.prototype.lowerBounds = function (this: Search, noted) {
    const bounds = lowerBounds.call(this, noted)
    made.push([this, bounds])
    return bounds
  }
  try {
    await explore(protocol, options)
  } finally {
    Search.prototype.lowerBounds = lowerBounds
  }
  return made
}

/** A search over the same tables, with the same reductions but subsumption: it knows every state. */
const unsubsumed = ({ tables, reducers: { dead, bisimulation } }: Search): Search =>
  new Search(
    tables,
    {
      limits: { depth: Infinity, states: Infinity, seconds: Infinity, bytes: Infinity },
      order: 'breadth',
      checkDeadlock: false,
      reducers: { dead, bisimulation, partialOrder: undefined },
      enough: () => false,
      pulse: async () => undefined,
    },
    0,
  )

/** The least number of steps from each state to a violation; beyond those that violate something no state is expanded. */
const distances = async (search: Search): Promise<readonly number[]> => {
  const { found: all, tables, judge } = search
  const { expander, seen } = all
  await all.begin(async () => false)
  const found: number[] = []
  const steps: (readonly [from: number, to: number])[] = []
  for (let number = 0; number < seen.count; number++) {
    if ((~judge.truth(...all.record(number)) & tables.predicates.invariants) !== 0) {
      found[number] = 0
      continue
    }
    const made = all.successorsOf(number)
    found[number] = expander.successors.broken !== 0 ? 1 : Infinity
    for (let i = 0; i < made; i++) {
      const [at, hash] = [i * seen.width, expander.successors.hashes[i] as number]
      seen.add(expander.successors.records, at, hash)
      steps.push([number, seen.find(expander.successors.records, at, hash)])
    }
    expander.successors.count = 0
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const [from, to] of steps) {
      if ((found[to] as number) + 1 >= (found[from] as number)) continue
      found[from] = (found[to] as number) + 1
      changed = true
    }
  }
  return found
}

/** For each state that can be reached, the steps to a violation, and the lower bound on them that a check of `protocol` makes; nothing if it makes none. */
export const boundedDistances = async (protocol: AnyProtocol, options: Options): Promise<readonly { readonly distance: number; readonly bound: number }[]> =>
  (
    await Promise.all(
      (
        await boundsOf(protocol, options)
      ).map(async ([search, bounds]) => {
        const all = unsubsumed(search)
        const found = await distances(all)
        return found.map((distance, number) => ({
          distance,
          bound: bounds.boundOf(all.found.seen.keys, number * all.found.seen.width, all.found.expander.successors.layout),
        }))
      }),
    )
  ).flat()
