/**
 * Every pair of options, held against the oracle on small protocols: each search must say what the oracle says, or be refused where the pair means nothing. `npm run soak -- --pairs` memos all,
 * option-pairs.test.ts some.
 */
import fc from 'fast-check'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { Reduction } from '../../checker/check/reductions.ts'
import { SpecError } from '../../checker/protocol/errors.ts'
import type { AnyProtocol, Spec } from '../../checker/protocol/protocol.ts'
import type { Workers } from '../../checker/workers/port.ts'
import { mutants as clockMutants } from '../../specs/lamport-clocks/mutants.ts'
import { lamportClocks } from '../../specs/lamport-clocks/protocol.ts'
import { mutants as mutexMutants } from '../../specs/lamport-mutex/mutants.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'
import { mutants as broadcastMutants } from '../../specs/reliable-broadcast/mutants.ts'
import { reliableBroadcast } from '../../specs/reliable-broadcast/protocol.ts'
import { mutants as commitMutants } from '../../specs/transaction-commit/mutants.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import type { Draw } from './draw.ts'
import type { Judged } from './late-looks.ts'
import { type Findings, oracle } from './oracle.ts'
import { acceptedProtocol } from './random-protocol.ts'
import { agreeOnDrawn, type RandomSearch } from './random-searches.ts'
import { quick } from './tunings.ts'

/** What there is to search: a protocol, and the same with a fault. */
export interface Subject {
  readonly name: string
  readonly protocol: AnyProtocol
  readonly mutant: AnyProtocol | null
}

const subject = (name: string, spec: Spec, { change }: { readonly change: (spec: never) => Spec }): Subject => ({
  name,
  protocol: spec as AnyProtocol,
  mutant: change(spec as never) as AnyProtocol,
})

export const specSubjects: readonly Subject[] = [
  subject('transaction-commit', twoPhaseCommit({ resources: 2 }), commitMutants.impatient),
  subject('lamport-mutex', lamportMutex({ processes: 2, maxClock: 2 }), mutexMutants.pushy),
  subject('reliable-broadcast', reliableBroadcast({ nodes: 2 }), broadcastMutants.doesNotRetry),
  subject('lamport-clocks', lamportClocks({ nodes: 2 }), clockMutants.noMax),
]

/** So many random protocols, the same each time, with few states. */
export const smallSubjects = (count: number): readonly Subject[] =>
  fc
    .sample(acceptedProtocol, { numRuns: 10 * count, seed: 20_261_127 })
    .filter(({ protocol }) => {
      const { complete, states } = oracle(protocol, { statesMax: 60 })
      return complete && states.length > 5
    })
    .slice(0, count)
    .map(({ protocol }, i) => ({ name: `random ${i}`, protocol, mutant: null }))

interface Setting {
  readonly text: string
  /** Of what is searched, with what the oracle says of it. */
  readonly set: (search: RandomSearch, findings: Findings) => RandomSearch
  readonly isMutant?: boolean
}

const options = (text: string, more: Options): Setting => ({ text, set: search => ({ ...search, options: { ...search.options, ...more } }) })

const reductions: readonly (readonly Reduction[])[] = [
  [],
  ['symmetry'],
  ['dead-messages'],
  ['dead-fields'],
  ['dead-messages', 'bisimulation'],
  ['symmetry', 'dead-messages', 'bisimulation'],
  ['subsumption'],
  ['symmetry', 'dead-messages', 'subsumption', 'lower-bounds'],
  ['partial-order'],
  ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation', 'subsumption', 'lower-bounds', 'partial-order'],
]

/** The length of the longest violation, or how far it is to the farthest state. */
const far = ({ properties, depth }: Findings): number => {
  const lengths = Object.values(properties).flatMap(({ length }) => length ?? [])
  return lengths.length === 0 ? depth : Math.max(...lengths)
}

const depthAt = (text: string, more: number): Setting => ({
  text,
  set: (search, findings) => ({ ...search, options: { ...search.options, depth: Math.max(0, far(findings) + more) } }),
})

/** Each option, by what it may be set to. */
export const settings: { readonly [option: string]: readonly Setting[] } = {
  order: [options('depth', { order: 'depth' })],
  simulate: [options('simulate', { simulate: { runs: 3, seed: 1 } })],
  reduce: reductions.map(reduce => options(reduce.join(' + ') || 'none', { reduce })),
  depth: [depthAt('below', -1), depthAt('at', 0), depthAt('above', 1)],
  states: [
    options('1', { states: 1 }),
    { text: 'half', set: (search, { states }) => ({ ...search, options: { ...search.options, states: Math.ceil(states.length / 2) } }) },
  ],
  time: [options('none', { seconds: 1e-9 }), options('enough', { seconds: 1_000 })],
  threads: [{ text: '2', set: search => ({ ...search, threads: true }) }],
  checkpoint: [
    { text: 'in pieces', set: (search, { states }) => ({ ...search, every: Math.max(1, Math.ceil(states.length / 4)) }) },
    { text: 'broken off', set: search => ({ ...search, killedAfter: 2 }) },
  ],
  property: [0, 1].map(i => ({
    text: i === 0 ? 'the first' : 'the last',
    set: search => ({ ...search, asked: search.asked.slice(i === 0 ? 0 : -1).slice(0, 1) }),
  })),
  mutant: [{ text: 'mutant', set: search => search, isMutant: true }],
}

/** What means nothing together. */
const isRefused = ({ options: { order, simulate, depth }, every, killedAfter }: RandomSearch): boolean =>
  (order === 'depth' && depth !== undefined) || (simulate !== undefined && (every ?? killedAfter) !== undefined)

interface Row {
  tried: number
  refused: number
  readonly failed: string[]
}

/** What was tried, by the names of two options. */
export class PairTally {
  readonly rows = new Map<string, Row>()

  row(pair: string): Row {
    const row = this.rows.get(pair) ?? { tried: 0, refused: 0, failed: [] }
    this.rows.set(pair, row)
    return row
  }

  get failed(): readonly string[] {
    return [...this.rows].flatMap(([pair, { failed }]) => failed.map(what => `${pair}: ${what}`))
  }

  get total(): { readonly tried: number; readonly refused: number; readonly failed: number } {
    const sum = (of: (row: Row) => number): number => [...this.rows.values()].reduce((all, row) => all + of(row), 0)
    return { tried: sum(row => row.tried), refused: sum(row => row.refused), failed: this.failed.length }
  }

  toString(): string {
    const { tried, refused, failed } = this.total
    const line = (name: string, ...counts: readonly unknown[]): string => `| ${name} | ${counts.join(' | ')} |`
    return [
      line('options', 'tried', 'refused', 'failed'),
      line('---', '---', '---', '---'),
      ...[...this.rows].map(([pair, row]) => line(pair, row.tried, row.refused, row.failed.length)),
      line('all', tried, refused, failed),
      ...this.failed,
    ].join('\n')
  }
}

/** Small sizes, so that more than the first search runs. */
const tuning = {
  ...quick,
  firstStates: 4,
  shortenStates: 2,
  shortenStatesToDepth: 2,
  batch: 1,
  expandedPerPulse: 1,
  judgedPerPulse: 1,
  pulseMs: 0,
  threadsFrom: 0,
  threadsFrontier: 0,
}

/** Every option with every other one, each setting of both, on each subject. With `draw` so many of them for each pair. @param tally where it counts, to be looked at meanwhile */
export const tryPairs = async (
  subjects: readonly Subject[],
  workers: Workers,
  { draw, each = 3, tally = new PairTally() }: { readonly draw?: Draw; readonly each?: number; readonly tally?: PairTally } = {},
): Promise<PairTally> => {
  const known = new Map<AnyProtocol, Findings>()
  const findingsOf = (protocol: AnyProtocol): Findings => {
    const findings = known.get(protocol) ?? oracle(protocol)
    known.set(protocol, findings)
    return findings
  }
  const names = Object.keys(settings)
  for (const [i, one] of names.entries())
    for (const other of names.slice(i + 1)) {
      const row = tally.row(`${one}, ${other}`)
      const cases = (settings[one] ?? []).flatMap(a => (settings[other] ?? []).flatMap(b => subjects.map(of => [a, b, of] as const)))
      const possible = cases.filter(([a, b, { mutant }]) => mutant !== null || !(a.isMutant ?? b.isMutant))
      for (const [a, b, { name, protocol: correct, mutant }] of draw === undefined ? possible : draw.some(possible, each)) {
        const protocol = (a.isMutant ?? b.isMutant) ? (mutant as AnyProtocol) : correct
        const findings = findingsOf(protocol)
        const judged: Judged = { protocol, properties: findings.properties, late: [] }
        const search = b.set(a.set({ asked: Object.keys(findings.properties), options: { tuning } }, findings), findings)
        row.tried++
        try {
          if (!isRefused(search)) await agreeOnDrawn(judged, findings, search, { workers })
          else {
            await refused(protocol, search)
            row.refused++
          }
        } catch (error) {
          row.failed.push(`${one} ${a.text}, ${other} ${b.text}, ${name}: ${(error as Error).message}`)
        }
      }
    }
  return tally
}

const refused = async (protocol: AnyProtocol, { options, every, killedAfter }: RandomSearch): Promise<void> => {
  const checkpoint = (every ?? killedAfter) === undefined ? {} : { checkpoint: { seconds: 1_000_000, save: async () => {} } }
  try {
    await explore(protocol, { ...options, ...checkpoint })
  } catch (error) {
    if (error instanceof SpecError) return
    throw error
  }
  throw new Error('it should be refused')
}
