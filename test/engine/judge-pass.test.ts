/** Judging many states at a time, as a level is, against judging one. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eachPair, reachable, somePair } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { run } from '../../checker/search/run.ts'
import { Search } from '../../checker/search/search.ts'
import { Judge } from '../../checker/steps/judge.ts'
import { Tables } from '../../checker/tables/tables.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'
import { acceptedProtocol } from '../support/random-protocol.ts'

/** How many states there were; 0 if too many. */
const compare = async (protocol: AnyProtocol): Promise<number> => {
  const tables = new Tables(new System(protocol, { without: [] }), { symmetry: false })
  const search = new Search(
    tables,
    {
      limits: { depth: Infinity, states: 2_000, seconds: Infinity, bytes: Infinity },
      order: 'breadth',
      checkDeadlock: false,
      reducers: { dead: undefined, bisimulation: undefined, partialOrder: undefined },
      enough: () => false,
      pulse: async () => undefined,
    },
    0,
  )
  await run(search)
  const { seen, expander } = search.found
  const truths = Array.from({ length: seen.count }, (_, number) => new Judge(tables, expander.successors).truth(seen.keys, number * seen.width))
  const judge = new Judge(tables, expander.successors)
  for (let bit = 1; bit < 1 << tables.predicates.list.length; bit *= 2) {
    const stops = truths.flatMap((truth, number) => ((truth & bit) === 0 ? [number] : []))
    let from = 0
    for (const stop of [...stops, seen.count]) {
      judge.met = 0
      expect(judge.pass(seen.keys, from, seen.count, bit)).toBe(stop)
      expect(judge.met).toBe(truths.slice(from, stop).reduce((met, truth) => met | truth, 0))
      from = stop + 1
    }
  }
  return seen.count
}

it('is the same, on random protocols', async () => {
  await fc.assert(
    fc.asyncProperty(acceptedProtocol, async ({ protocol }) => {
      await compare(protocol)
    }),
    { numRuns: 60, seed: 20_261_121 },
  )
}, 120_000)

it('is the same where it matters how many nodes are alike', async () => {
  const mutex = lamportMutex({ processes: 3, maxClock: 3 }) as unknown as AnyProtocol
  const clock = ((p: { clock: number }) => p.clock) as never
  // `reachable`, so that the search goes on where they do not hold.
  const properties = {
    notBoth: reachable(eachPair('process', clock, (a, b) => !(a === 2 && b === 2))),
    twins: reachable(somePair('process', clock, (a, b) => a === 1 && b === 1)),
  }
  expect(await compare({ ...mutex, properties } as unknown as AnyProtocol)).toBeGreaterThan(1)
}, 60_000)
