/** The journal of a search, replayed: the same tables, number by number. PROTOCHECK_RUNS says on how many random protocols. */
import fc from 'fast-check'
import { Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import type { Options } from '../../checker/check/options.ts'
import { each } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { Bisimulation } from '../../checker/reduce/bisimulation/bisimulation.ts'
import { DeadMessages } from '../../checker/reduce/dead-messages.ts'
import { JournalDiffers, type Replica, replayJournal } from '../../checker/reduce/replay-journal.ts'
import { System } from '../../checker/run/system.ts'
import type { Search } from '../../checker/search/search.ts'
import { Tables } from '../../checker/tables/tables.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import { acceptedProtocol } from '../support/random-protocol.ts'
import { lastSearch } from '../support/search-support.ts'
import { contentOf } from '../support/tables-content.ts'

const runs = Number(process.env['PROTOCHECK_RUNS'] ?? 15)
const seed = Number(process.env['PROTOCHECK_SEED'] ?? 20_261_121)

/** Tables like those of a search, as they were before it began. */
const fresh = ({ tables: { system, symmetry }, reducers: { dead, bisimulation } }: Search, protocol: AnyProtocol, { property, tuning }: Options): Replica => {
  const again = new System(protocol)
  for (const [kind, why] of system.orderedKinds) again.orderedKinds.set(kind, why)
  const tables = new Tables(again, { symmetry: symmetry.groupSize > 1, tuning, ...(property === undefined ? {} : { property }) })
  const deadAgain = dead && new DeadMessages(tables)
  return { tables, dead: deadAgain, bisimulation: bisimulation && deadAgain && new Bisimulation(tables, deadAgain) }
}

const replaysTheSame = async (protocol: AnyProtocol, options: Options): Promise<void> => {
  const search = await lastSearch(protocol, options)
  const replica = fresh(search, protocol, options)
  const { data, length } = search.tables.journal.entries
  // Bit by bit, as another thread would: at any entry.
  for (let end = 0, at = 0; at < length; end++) {
    at += 2 + (data[at + 1] as number)
    if (end % 7 === 0 || at === length) replayJournal(data, at, replica)
  }
  const [again, before] = [contentOf(replica), contentOf({ tables: search.tables, dead: search.reducers.dead, bisimulation: search.reducers.bisimulation })]
  // As text first, which is much faster, as long as they are equal.
  if (JSON.stringify(again) !== JSON.stringify(before)) expect(again).toEqual(before)
}

const ways: readonly Options[] = [
  {},
  { reduce: [] },
  { reduce: ['symmetry'] },
  { reduce: ['symmetry'], tuning: { listedMax: 1 } },
  { reduce: ['symmetry', 'dead-messages', 'bisimulation'] },
  { reduce: ['symmetry', 'partial-order'] },
  { order: 'depth', reduce: [] },
  { simulate: { runs: 5, seed: 1 } },
]

describe('the journal, replayed into fresh tables', () => {
  it(
    `gives the same tables, for ${runs} random protocols`,
    async () => {
      await fc.assert(
        fc.asyncProperty(acceptedProtocol, async ({ protocol }) => {
          for (const options of ways) await replaysTheSame(protocol, { ...options, states: 3_000 })
        }),
        { numRuns: runs, seed },
      )
    },
    60_000 + runs * 10_000,
  )

  it.each([
    ['raft', raft({ length: 1, crashes: 0 }), {}],
    ['raft, up to bisimulation', raft({ terms: 1, length: 1, crashes: 0 }), { reduce: ['symmetry', 'dead-messages', 'bisimulation'] }],
    ['lamport-mutex', lamportMutex(), {}],
    ['two-phase-commit', twoPhaseCommit(), {}],
  ] as const)('gives the same tables: %s', async (_, protocol, options) => {
    await replaysTheSame(protocol as unknown as AnyProtocol, { states: 20_000, ...options })
  })

  it('is refused by another protocol', async () => {
    const search = await lastSearch(lamportMutex({ processes: 2 }) as unknown as AnyProtocol, {})
    const other = fresh(search, lamportMutex({ processes: 3 }) as unknown as AnyProtocol, {})
    const { data, length } = search.tables.journal.entries
    expect(() => replayJournal(data, length, other)).toThrow()
    const same = fresh(search, lamportMutex({ processes: 2 }) as unknown as AnyProtocol, {})
    const damaged = data.slice(0, length)
    damaged[0] = 99
    expect(() => replayJournal(damaged, length, same)).toThrow(JournalDiffers)
  })
})

describe('a request that throws', () => {
  class Node extends Record({ n: 0 }) {}

  it('leaves no state of a node behind that the properties have no answer for', () => {
    const tables = new Tables(
      new System({
        name: 'thrower',
        source: 'test',
        network: 'reliable',
        roles: { node: { count: 1, init: () => new Node(), on: { Bad: () => new Node({ n: 1 }), Good: () => new Node({ n: 2 }) } } },
        properties: {
          small: each(
            'node',
            node => (node as Node).n,
            (n: number) => {
              if (n === 1) throw new Error('no answer')
              return n < 2
            },
          ),
        },
      } as unknown as AnyProtocol),
      { symmetry: false },
    )
    const { values } = tables.system
    const packet = (type: string): number => tables.packet(0, 0, values.encodeTagged({ type }, type))
    expect(tables.reaction(0, 0, packet('Bad'))).toBe(-1)
    const { to } = tables.outcomes.items(tables.reaction(0, 0, packet('Good')))[0] as { to: number }
    expect([0, to].map(local => tables.locals[0]?.bits.data[local])).toEqual([0, 1])
  })
})
