/** The compiled loop against the plain expander: random protocols are too small to have their nodes grouped, so here the limits are small as well. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { run } from '../../checker/search/run.ts'
import { Search } from '../../checker/search/search.ts'
import { CompiledLoop } from '../../checker/steps/compiled/loop.ts'
import { Expander } from '../../checker/steps/expander.ts'
import { Recent } from '../../checker/steps/recent.ts'
import { representativesOf } from '../../checker/symmetry/representative.ts'
import { RankRead } from '../../checker/tables/symmetry.ts'
import { Tables } from '../../checker/tables/tables.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import { acceptedProtocol } from '../support/random-protocol.ts'

const reducers = { dead: undefined, bisimulation: undefined, partialOrder: undefined }

const options = {
  limits: { depth: Infinity, states: 2_000, seconds: Infinity, bytes: Infinity },
  checkDeadlock: false,
  reducers,
  enough: () => false,
  pulse: async () => undefined,
} as const

const bare = ({ mayRest: _, withinFlight: __, ...protocol }: AnyProtocol): AnyProtocol => ({
  ...protocol,
  properties: {},
  faults: [],
  observers: {},
  steps: {},
})

const tuning = { stepCacheKeysMax: 6, stepCacheTrial: 4, stepCacheWords: 64 }

/** Protocols compared with symmetry. */
let symmetric = 0

/** How often a group was made or parted. */
let grouped = 0

/** Each state's steps by the plain expander, and by a sweep over all states that groups nodes as early and often as it can; false if there is no sweep for it, or too many. */
const compare = async (protocol: AnyProtocol, symmetry: boolean): Promise<boolean> => {
  const tables = new Tables(new System(protocol, { without: [] }), { symmetry, tuning })
  if (symmetry && (tables.symmetry.groupSize === 1 || !tables.symmetry.listed)) return false
  const search = new Search(tables, { ...options, order: 'depth' }, 0)
  await run(search)
  const { seen, expander } = search.found
  if (!search.complete || !CompiledLoop.apply(expander, reducers)) return false
  const swept = new Expander(tables, reducers, representativesOf(tables, undefined))
  swept.useLayout(expander.successors.layout)
  const { width } = expander.successors.layout
  const records = ({ successors: { records, count } }: Expander) => Array.from({ length: count }, (_, i) => records.subarray(i * width, (i + 1) * width).join())
  const sweep = new CompiledLoop(swept, new Recent())
  for (let number = 0; number < seen.count; number++) {
    const made = search.found.successorsOf(number)
    const expected = {
      transitions: made,
      broken: expander.successors.broken,
      stuck: made === 0 && !expander.successors.cut,
      records: [...new Set(records(expander))].sort(),
    }
    const groups = sweep.cache.count
    swept.successors.count = 0
    sweep.recent.clear()
    expect(sweep.run(seen.keys, number, number + 1)).toBe(number + 1)
    const { transitions, broken, stuck } = sweep
    expect({ transitions, broken, stuck, records: records(swept).sort() }).toEqual(expected)
    if (sweep.cache.count !== groups) grouped++
  }
  await learns(protocol, search, symmetry)
  if (symmetry) symmetric++
  return true
}

/** The same states when the tables grow while it sweeps. */
const learns = async (protocol: AnyProtocol, found: Search, symmetry: boolean): Promise<void> => {
  const search = new Search(new Tables(new System(protocol, { without: [] }), { symmetry, tuning }), { ...options, order: 'breadth' }, 0)
  await run(search)
  expect([search.complete, search.found.seen.count, search.transitions]).toEqual([true, found.found.seen.count, found.transitions])
}

it('makes the steps of the plain expander', async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(acceptedProtocol, async ({ protocol }) => {
      const spec = bare({ ...protocol, network: 'fair-loss' })
      if (await compare(spec, false)) compared++
      // Where ranks are read, the tables are to be made again without symmetry.
      await compare(spec, true).catch(error => expect(error).toBeInstanceOf(RankRead))
    }),
    { numRuns: 100, seed: 20_261_121 },
  )
  expect(await compare(twoPhaseCommit({ resources: 4 }) as unknown as AnyProtocol, false)).toBe(true)
  expect(await compare(twoPhaseCommit({ resources: 3 }) as unknown as AnyProtocol, true)).toBe(true)
  expect(symmetric).toBeGreaterThan(30)
  expect(compared).toBeGreaterThan(50)
  expect(grouped).toBeGreaterThan(compared)
}, 120_000)
