/** The engine against the oracle, on one protocol: what is compared, in which ways, and in how many protocols each reduction had something to do. */
import { isDeepStrictEqual } from 'node:util'
import type { Tuning } from '../checker/compile/tuning.ts'
import { always } from '../checker/index.ts'
import type { AnyProtocol, RoleTypes } from '../checker/protocol/protocol.ts'
import { explore } from '../checker/search/explore.ts'
import { defaultReductions, type Options, type Reduction, type Report, reductionNames } from '../checker/search/report.ts'
import type { Workers } from '../checker/search/workers/team.ts'
import { type Judged, likeOf, withLate } from './late-looks.ts'
import { boundedDistances } from './lower-bounds-support.ts'
import { type Finding, type Findings, oracle, textOfWorld } from './oracle.ts'
import { byPosition, byRank } from './positions.ts'
import { agreeOnDrawn, drawnSearches } from './random-searches.ts'
import { proofAfter } from './tunings.ts'
import { type Phase, phases } from './watched.ts'
import { found } from './workers-support.ts'

/** Of images by rows, some; of images by code, most. */
const byCode: Partial<Tuning> = { imageCodeAfter: 4 }

/** Each reduction alone, where it works alone, those that meet in one search together, and all; whole states and fingerprints. */
const ways: readonly Options[] = [
  { reduce: [] },
  { reduce: [], exact: false },
  { reduce: ['symmetry'] },
  { reduce: ['symmetry'], exact: false },
  { reduce: ['symmetry'], tuning: { listedMax: 1 } },
  { reduce: ['symmetry'], tuning: { listedMax: 1 }, exact: false },
  { reduce: ['dead-messages'] },
  { reduce: ['dead-fields'] },
  { reduce: ['symmetry', 'dead-fields'] },
  { reduce: ['symmetry', 'dead-fields'], tuning: { listedMax: 1 }, exact: false },
  { reduce: ['dead-messages', 'dead-fields'] },
  { reduce: ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation'] },
  { reduce: ['symmetry', 'dead-fields', 'subsumption', 'lower-bounds'], tuning: proofAfter(0) },
  { reduce: ['symmetry', 'dead-fields', 'partial-order'] },
  { reduce: ['dead-messages', 'bisimulation'] },
  { reduce: ['symmetry', 'dead-messages'] },
  { reduce: ['symmetry', 'dead-messages'], tuning: { listedMax: 1 } },
  { reduce: ['symmetry', 'dead-messages', 'bisimulation'], tuning: { listedMax: 1 } },
  { reduce: ['symmetry', 'dead-messages', 'bisimulation'] },
  { reduce: ['subsumption'] },
  { reduce: ['subsumption'], tuning: proofAfter(0) },
  { reduce: ['symmetry', 'subsumption'], tuning: proofAfter(0) },
  { reduce: ['dead-messages', 'subsumption'], tuning: proofAfter(0) },
  { reduce: ['symmetry', 'dead-messages', 'bisimulation', 'subsumption'], tuning: proofAfter(0) },
  { reduce: ['symmetry', 'subsumption'], tuning: { ...proofAfter(0), listedMax: 1 } },
  { reduce: ['symmetry', 'dead-messages', 'bisimulation', 'subsumption'], tuning: { ...proofAfter(0), listedMax: 1 } },
  { reduce: ['subsumption', 'lower-bounds'], tuning: proofAfter(0) },
  { reduce: ['symmetry', 'dead-messages', 'subsumption', 'lower-bounds'], tuning: { ...proofAfter(0), listedMax: 1 } },
  { reduce: ['symmetry', 'dead-messages', 'subsumption', 'lower-bounds'], tuning: proofAfter(0) },
  { tuning: proofAfter(0) },
  { tuning: { ...proofAfter(0), listedMax: 1 } },
  { reduce: ['partial-order'] },
  { reduce: ['partial-order'], exact: false },
  { reduce: ['symmetry', 'partial-order'] },
  { reduce: ['dead-messages', 'partial-order'] },
  { reduce: ['symmetry', 'dead-messages', 'partial-order'] },
  { reduce: reductionNames, tuning: proofAfter(0) },
  {},
  { exact: false },
]

/** In how many protocols what was compared had something to compare. */
export interface Count {
  /** Protocols in which the reductions were in force, all of them, for some property. */
  inForce: number
  /** … and left fewer states to search than there are without: without any, for a way; without this one, for a reduction. */
  fewer: number
}

/** What was compared so far. */
export class Tally {
  protocols = 0
  searches = 0
  readonly ways = new Map(ways.map(options => [textOf(options), { inForce: 0, fewer: 0 } as Count]))
  readonly reductions = new Map(reductionNames.map(name => [name, { inForce: 0, fewer: 0 } as Count]))
  /** In how many searches that were drawn at random each phase ran. */
  readonly phases = new Map<Phase, number>(phases.map(phase => [phase, 0]))
  drawn = 0

  toString(): string {
    const row = (name: string, inForce: unknown, fewer: unknown): string => `| ${name.padEnd(78)} | ${`${inForce}`.padStart(8)} | ${`${fewer}`.padStart(12)} |`
    const rows = (counts: Iterable<readonly [string, Count]>): string[] =>
      [...counts].filter(([, { inForce }]) => inForce > 0).map(([name, { inForce, fewer }]) => row(name, inForce, fewer))
    const head = (name: string): string[] => [row(name, 'in force', 'fewer states'), row('---', '---', '---')]
    const ran = [...this.phases].map(([phase, count]) => row(phase, count, ''))
    const drawn = [row(`phase, of ${this.drawn} searches with random options`, 'ran', ''), row('---', '---', '---'), ...ran]
    return [...head('reduction'), ...rows(this.reductions), '', ...drawn, '', ...head('way'), ...rows(this.ways)].join('\n')
  }
}

function textOf({ reduce, ...others }: Options): string {
  const more = Object.entries(others).map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
  return [
    reduce === undefined ? 'as by default' : reduce.length === 0 ? 'none' : reduce.length === reductionNames.length ? 'all' : reduce.join(' + '),
    ...more,
  ].join(', ')
}

/** The engine and the oracle say different things. */
export class Disagreement extends Error {}

const agree = (what: string, engine: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(engine, expected)) return
  throw new Disagreement(`${what}: the engine says ${JSON.stringify(engine)}, where it should say ${JSON.stringify(expected)}.`)
}

/** One property, searched for by itself. */
const searchFor = async (protocol: AnyProtocol, property: string, options: Options): Promise<Report> => {
  const what = `${textOf(options)}, ${property}`
  const report = await explore(protocol, { ...options, property, tuning: { ...byCode, ...options.tuning } }).catch((error: Error) => {
    throw new Disagreement(`${what}: ${error.message}`, { cause: error })
  })
  agree(`${what}: the property that is violated`, report.property, report.verdict === 'violated' ? property : null)
  return report
}

const findingOf = ({ verdict, counterexample }: Report): Finding => ({ verdict, length: counterexample?.steps.length ?? null })

const agreeOn = async (protocol: AnyProtocol, properties: Findings['properties'], options: Options): Promise<void> => {
  for (const [name, expected] of Object.entries(properties)) agree(`${textOf(options)}, ${name}`, findingOf(await searchFor(protocol, name, options)), expected)
}

/** What `options` come to where only the reductions that `apply` do: two ways with the same are the same search. */
const searchOf = ({ reduce: named, tuning = {}, ...others }: Options, applies: ReadonlySet<Reduction>): string => {
  const reduce = (named ?? defaultReductions).filter(reduction => applies.has(reduction))
  const has = (reduction: Reduction): boolean => (reduce as readonly string[]).includes(reduction)
  // Where nobody names them, bisimulation and dead fields wait until a search is large.
  const waits = named === undefined && (has('bisimulation') || has('dead-fields'))
  return JSON.stringify([reduce, others, has('symmetry') && tuning.listedMax, has('subsumption') && tuning.nearStates, waits])
}

/** What a reduction that is looked at by itself needs beside it. */
const alone = (reduction: Reduction): Options =>
  reduction === 'lower-bounds'
    ? { reduce: ['subsumption', 'lower-bounds'], tuning: proofAfter(0) }
    : { reduce: reduction === 'bisimulation' ? ['dead-messages', 'bisimulation'] : [reduction] }

/** Of the invariants that forbid what is found late, so many are asked in each way, in turn; all of them in one or other way. */
const LATE_EACH = 2

/**
 * Verdict and shortest length of each property, each searched for by itself, in each way. A reduction that by itself is not in force for a property, or not
 * even for `sure`, is not in force beside others: ways that differ in such only are run once.
 */
const agreeInAllWays = async ({ protocol, properties, late }: Judged, { tally, only, lateEach = LATE_EACH }: CompareOptions): Promise<void> => {
  const [inForce, fewer] = [new Set<Count>(), new Set<Count>()]
  const applicable = new Map<string, ReadonlySet<Reduction>>()
  for (const name of Object.keys(properties)) {
    const searches = new Map<string, Report>()
    const search = async (options: Options, applies: ReadonlySet<Reduction>): Promise<Report> => {
      const key = searchOf(options, applies)
      const known = searches.get(key)
      if (known !== undefined) return known
      const report = await searchFor(protocol, name, options)
      tally.searches++
      agree(`${textOf(options)}, ${name}`, findingOf(report), properties[name])
      searches.set(key, report)
      return report
    }
    const applyingByThemselves = async (): Promise<ReadonlySet<Reduction>> => {
      const applies = new Set(applicable.get('sure') ?? reductionNames)
      for (const reduction of applies) {
        const { reductions, verdict } = await search(alone(reduction), applies)
        // The search that finds a shortest counterexample is one without partial order, after one with it.
        // Lower bounds are in force where something is violated, if subsumption is.
        if (!reductions.includes(reduction === 'lower-bounds' ? 'subsumption' : reduction) && !(reduction === 'partial-order' && verdict === 'violated'))
          applies.delete(reduction)
      }
      return applies
    }
    const applies = applicable.get(likeOf[name] ?? name) ?? (await applyingByThemselves())
    applicable.set(name, applies)
    const isLate = late.includes(name)
    for (const [i, options] of ways.entries()) {
      const { reduce = defaultReductions } = options
      if (only !== undefined && !(reduce as readonly string[]).includes(only)) continue
      if (isLate && (tally.protocols + i + late.indexOf(name)) % late.length >= lateEach) continue
      const report = await search(options, applies)
      if (isLate) continue
      if (options.reduce === undefined ? report.reductions.length === 0 : !reduce.every(one => report.reductions.includes(one))) continue
      const count = tally.ways.get(textOf(options)) as Count
      inForce.add(count)
      if (report.states < (await search({ reduce: [] }, applies)).states) fewer.add(count)
      for (const reduction of options.reduce ?? []) {
        const ofReduction = tally.reductions.get(reduction) as Count
        inForce.add(ofReduction)
        const without = textOf({ ...options, reduce: reduce.filter(other => other !== reduction) })
        const other = ways.find(one => textOf(one) === without)
        if (other !== undefined && report.states < (await search(other, applies)).states) fewer.add(ofReduction)
      }
    }
  }
  for (const count of inForce) count.inForce++
  for (const count of fewer) count.fewer++
}

/** States of a protocol to which a step by position was added; with more it is left out. */
const STATES_MORE_MAX = 400

const bare = ({ mayRest: _, ...protocol }: AnyProtocol): AnyProtocol => ({ ...protocol, properties: {} })

/** What else the engine must agree with the oracle on. */
const checks: { readonly [name: string]: (protocol: AnyProtocol, found: Findings, workers: Workers | undefined) => Promise<void> } = {
  async 'unreduced, the same states'(protocol, { states, transitions, edges, depth }) {
    for (const exact of [true, false]) {
      const report = await explore(bare(protocol), { reduce: [], exact })
      agree('figures', [report.verdict, report.complete, report.exact, report.states, report.depth], ['holds', true, exact, states.length, depth])
      // The engine takes equal results of one delivery, or of a node's actions, for one transition.
      agree(`between ${edges} and ${transitions} transitions`, report.transitions, Math.min(transitions, Math.max(edges, report.transitions)))
    }
  },

  async 'predicates see the same worlds'(protocol, { worlds }) {
    const seen = new Set<string>()
    const observers = Object.keys(protocol.observers ?? {})
    const look = always<RoleTypes>(world => seen.add(textOfWorld(world, observers)).size > 0)
    await explore({ ...bare(protocol), properties: { look } }, { reduce: [] })
    agree('worlds', [...seen].sort(), [...new Set(worlds.map(({ world }) => textOfWorld(world, observers)))].sort())
  },

  async 'no lower bound is larger than the distance'(unbroken, findings) {
    const { protocol } = withLate(unbroken, findings)
    for (const property of Object.keys(protocol.properties))
      for (const options of [
        { tuning: proofAfter(0) },
        { reduce: ['symmetry', 'subsumption', 'lower-bounds'], tuning: proofAfter(0) },
        { tuning: { ...proofAfter(0), listedMax: 1 } },
      ] as const)
        for (const { distance, bound } of await boundedDistances(protocol, { ...options, property }))
          agree(`${textOf(options)}, ${property}: a bound`, bound, Math.min(bound, distance))
  },

  async 'a group that is listed and one that is not: as many orbits'(protocol) {
    const count = async (options: Options) => (await explore(bare(protocol), { reduce: ['symmetry'], ...options })).states
    const listed = await count({ tuning: { listedMax: Infinity } })
    for (const exact of [true, false]) agree('orbits', await count({ tuning: { listedMax: 1 }, exact }), listed)
  },

  async 'within a depth, the same states and verdicts'(protocol, { depth: depthMax }) {
    const depth = Math.floor(depthMax / 2)
    const { states, depth: depthFound, properties } = oracle(protocol, { depth })
    const report = await explore(bare(protocol), { reduce: [], depth })
    agree('figures', [report.verdict, report.states, report.depth], ['holds', states.length, depthFound])
    const judged = Object.entries(properties).filter(([name]) => !['reachable', 'canAlways'].includes(protocol.properties[name]?.type ?? ''))
    for (const options of [{ depth }, { depth, reduce: [] }, { depth, tuning: proofAfter(0) }]) await agreeOn(protocol, Object.fromEntries(judged), options)
  },

  async 'code by position is refused, or judged as without symmetry'(protocol, findings) {
    for (const [way, positioned] of Object.entries(byPosition(protocol, findings))) {
      const { complete, properties } = oracle(positioned, { statesMax: STATES_MORE_MAX })
      if (!complete) continue
      for (const options of [{ reduce: ['symmetry'] }, { reduce: ['symmetry'], tuning: { listedMax: 1 } }, {}] as const)
        for (const [property, expected] of Object.entries(properties)) {
          const said = await explore(positioned, { ...options, property }).then(findingOf, (error: Error) => error)
          if (said instanceof Error) agree(`${way}, ${textOf(options)}: the error`, said.message.includes('NODES ARE NOT SYMMETRIC') || said.message, true)
          else agree(`${way}, ${textOf(options)}, ${property}`, said, expected)
        }
    }
  },

  async 'ranks that properties read'(protocol, findings) {
    const ranked = byRank(protocol, findings)
    if (Object.keys(ranked.properties).length === 0) return
    const { properties } = oracle(ranked)
    for (const options of [{ reduce: ['symmetry'] }, {}] as const) await agreeOn(ranked, properties, options)
  },

  async 'in two threads, the same as in one'(unbroken, findings, workers) {
    if (workers === undefined) return
    const { protocol } = withLate(unbroken, findings)
    for (const options of [{ reduce: [] }, { reduce: ['symmetry'] }, { reduce: ['symmetry', 'dead-messages'] }, {}] as const)
      agree(textOf(options), found(await explore(protocol, { ...options, workers })), found(await explore(protocol, options)))
  },

  async 'depth-first, the same states and verdicts'(unbroken, findings) {
    agree('states', (await explore(bare(unbroken), { reduce: [], order: 'depth' })).states, findings.states.length)
    const { protocol, properties } = withLate(unbroken, findings)
    const several = ['dead-messages', 'symmetry', 'bisimulation'] as const
    for (const reduce of [undefined, [], ['subsumption'], ['subsumption', 'dead-messages'], ['subsumption', ...several]] as const) {
      const options: Options = reduce === undefined ? { order: 'depth' } : { order: 'depth', reduce }
      for (const [name, { verdict }] of Object.entries(properties))
        agree(`${textOf(options)}, ${name}`, (await searchFor(protocol, name, options)).verdict, verdict)
    }
  },
}

/** What is about one reduction only. */
const checkOf: { readonly [reduction in Reduction]?: string } = {
  'lower-bounds': 'no lower bound is larger than the distance',
  'dead-messages': 'depth-first, the same states and verdicts',
  subsumption: 'depth-first, the same states and verdicts',
}

export interface CompareOptions {
  readonly tally: Tally
  /** Compare this reduction only, in every way that uses it. */
  readonly only?: Reduction | undefined
  /** See `LATE_EACH`. */
  readonly lateEach?: number
  /** Searches with options drawn at random: how many, and by which seed. */
  readonly drawn?: { readonly count: number; readonly seed: number } | undefined
  /** Threads to compare with one; without, that is left out. */
  readonly workers?: Workers | undefined
}

/** @throws Disagreement */
export const compare = async (protocol: AnyProtocol, findings: Findings, options: CompareOptions): Promise<void> => {
  const { tally, only, workers, drawn } = options
  const named = async (name: string, body: () => Promise<void>): Promise<void> => {
    try {
      await body()
    } catch (error) {
      throw new Disagreement(`${name}: ${(error as Error).message}`, { cause: error })
    }
  }
  await named('with each reduction, every two, and all, the same verdicts and shortest lengths', () => agreeInAllWays(withLate(protocol, findings), options))
  for (const [name, check] of Object.entries(checks))
    if (only === undefined || checkOf[only] === name) await named(name, () => check(protocol, findings, workers))
  if (drawn !== undefined)
    await named('a search with random options', async () => {
      const judged = withLate(protocol, findings)
      for (const search of drawnSearches(drawn.seed, drawn.count, judged, findings)) {
        for (const phase of await agreeOnDrawn(judged, findings, search, workers)) tally.phases.set(phase, (tally.phases.get(phase) ?? 0) + 1)
        tally.drawn++
      }
    })
  tally.protocols++
}
