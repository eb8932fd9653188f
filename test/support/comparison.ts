/**
 * The engine against the oracle, on one protocol: what is compared, in which ways, and in how many searches each reduction had something to do. Of all that could be compared of a protocol some is
 * drawn: searches of one protocol mostly agree or disagree together, so another protocol tells more than another search.
 */
import { isDeepStrictEqual } from 'node:util'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import { defaultReductions, type Reduction, reductionNames } from '../../checker/check/reductions.ts'
import type { Report } from '../../checker/check/report.ts'
import { always } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { RoleTypes } from '../../checker/protocol/roles.ts'
import type { Workers } from '../../checker/workers/port.ts'
import { Draw } from './draw.ts'
import { type Judged, withLate } from './late-looks.ts'
import { boundedDistances } from './lower-bounds-support.ts'
import { type Finding, type Findings, observersOf, oracle, textOfWorld } from './oracle.ts'
import { byPosition, byRank } from './positions.ts'
import { agreeOnDrawn, drawnSearch, isAsymmetric, type RandomSearch, swaps } from './random-searches.ts'
import { proofAfter, quick } from './tunings.ts'
import { type Phase, phases } from './watched.ts'
import { found } from './workers-support.ts'

/** Each reduction alone, where it works alone, those that meet in one search together, and all. */
const ways: readonly Options[] = [
  { reduce: [] },
  { reduce: ['symmetry'] },
  { reduce: ['symmetry'], tuning: { listedMax: 1 } },
  { reduce: ['dead-messages'] },
  { reduce: ['dead-fields'] },
  { reduce: ['symmetry', 'dead-fields'] },
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
  { reduce: ['symmetry', 'partial-order'] },
  { reduce: ['dead-messages', 'partial-order'] },
  { reduce: ['symmetry', 'dead-messages', 'partial-order'] },
  { reduce: reductionNames, tuning: proofAfter(0) },
  {},
]

/** In how many searches what was compared had something to compare. */
export interface Count {
  /** Searches in which the reductions were in force, all of them. */
  inForce: number
  /** … of those that could tell, how many left fewer states than there are without: without any, for a way; without this one, for a reduction. */
  fewer: number
}

const noCount = (): Count => ({ inForce: 0, fewer: 0 })

/** What was compared so far. */
export class Tally {
  protocols = 0
  /** For a property, in one of the ways. */
  searches = 0
  readonly ways = new Map(ways.map(options => [textOf(options), noCount()]))
  readonly reductions = new Map(reductionNames.map(name => [name, noCount()]))
  /** In how many searches that were drawn at random each phase ran. */
  readonly phases = new Map<Phase, number>(phases.map(phase => [phase, 0]))
  drawn = 0
  /** Protocols with code that prefers nodes by their place: how often that was refused. */
  refused = 0

  toString(): string {
    const row = (name: string, inForce: unknown, fewer: unknown): string => `| ${name.padEnd(78)} | ${`${inForce}`.padStart(8)} | ${`${fewer}`.padStart(12)} |`
    const rows = (counts: Iterable<readonly [string, Count]>): string[] =>
      [...counts].filter(([, { inForce }]) => inForce > 0).map(([name, { inForce, fewer }]) => row(name, inForce, fewer))
    const head = (name: string): string[] => [row(name, 'in force', 'fewer states'), row('---', '---', '---')]
    const ran = [...this.phases].map(([phase, count]) => row(phase, count, ''))
    const drawn = [row(`phase, of ${this.drawn} searches with random options`, 'ran', ''), row('---', '---', '---'), ...ran]
    return [...head('reduction, in so many searches'), ...rows(this.reductions), '', ...drawn, '', ...head('way'), ...rows(this.ways)].join('\n')
  }
}

function textOf({ reduce, ...others }: Options): string {
  const more = Object.entries(others).map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
  return [
    reduce === undefined ? 'as by default' : reduce.length === 0 ? 'none' : reduce.length === reductionNames.length ? 'all' : reduce.join(' + '),
    ...more,
  ].join(', ')
}

/** What disagreed, so that it can be compared again: on a smaller protocol. */
export interface Compared {
  readonly check: string
  /** A search that was drawn, with all its options. */
  readonly search?: RandomSearch
}

/** The engine and the oracle say different things. */
export class Disagreement extends Error {
  readonly compared: Compared

  constructor(compared: Compared, cause: Error) {
    super(`${compared.check}: ${cause.message}`, { cause })
    this.compared = compared
  }
}

const agree = (what: string, engine: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(engine, expected)) return
  throw new Error(`${what}: the engine says ${JSON.stringify(engine)}, where it should say ${JSON.stringify(expected)}.`)
}

export interface CompareOptions {
  readonly tally: Tally
  /** What is compared is drawn by it. */
  readonly seed: number
  /** Searches for a property in one of the ways. */
  readonly ways?: number
  /** Searches with random options. */
  readonly drawn?: number
  /** Compare this reduction only, in ways that use it. */
  readonly only?: Reduction | undefined
  /** Threads to compare with one; without, that is left out. */
  readonly workers?: Workers | undefined
  /** Code of the protocol prefers nodes by their place: with symmetry it is refused, or judged as without. */
  readonly mayBeRefused?: boolean | undefined
  /** Nothing but this, and all of it. */
  readonly again?: Compared | undefined
}

/** What a check compares of, and with. */
interface Context extends CompareOptions {
  readonly protocol: AnyProtocol
  readonly findings: Findings
  /** With invariants that forbid what is found late. */
  readonly judged: Judged
  readonly draw: Draw
}

/** @returns nothing where the protocol is refused, and may be */
const explored = async ({ mayBeRefused, tally }: Context, protocol: AnyProtocol, options: Options): Promise<Report | undefined> => {
  try {
    return await explore(protocol, { ...options, tuning: { ...quick, ...options.tuning } })
  } catch (error) {
    if (!(mayBeRefused === true && swaps(options) && isAsymmetric(error))) throw new Error(`${textOf(options)}, ${options.property}: ${(error as Error).stack}`)
    tally.refused++
    return undefined
  }
}

/** One property, searched for by itself: what was found is compared. */
const searchFor = async (context: Context, protocol: AnyProtocol, name: string, options: Options, expected: Finding): Promise<Report | undefined> => {
  const report = await explored(context, protocol, { ...options, property: name })
  if (report === undefined) return undefined
  const { verdict, property, counterexample } = report
  const what = `${textOf(options)}, ${name}`
  // What is found depth-first has another length.
  const isShortest = options.order !== 'depth'
  agree(
    what,
    { verdict, length: isShortest ? (counterexample?.steps.length ?? null) : null },
    { verdict: expected.verdict, length: isShortest ? expected.length : null },
  )
  agree(`${what}: the property that is violated`, property, verdict === 'violated' ? name : null)
  return report
}

const bare = (protocol: AnyProtocol): AnyProtocol => ({ ...protocol, properties: {}, mayRest: true })

/** What cannot be in force, whatever else is: only to draw no search twice. */
const excludedFor = ({ network, properties, steps = {} }: AnyProtocol, name: string): ReadonlySet<Reduction> => {
  const property = properties[name]
  const asked = property?.type === 'reachable' || property?.type === 'canAlways' ? property.predicate.type : (property?.type ?? 'deadlock')
  const keepsMessages = network === 'fifo' || asked === 'deadlock'
  const keepsFields = Object.keys(steps).length > 0 || asked === 'world' || asked === 'deadlock'
  return new Set<Reduction>([
    ...(keepsMessages ? (['dead-messages', 'bisimulation', 'subsumption', 'lower-bounds'] as const) : []),
    ...(keepsFields ? (['dead-fields', 'bisimulation'] as const) : []),
    ...(property?.type === 'canAlways' ? (['subsumption', 'lower-bounds', 'partial-order'] as const) : []),
  ])
}

/** What `options` come to where some reductions are not in force: two ways with the same are the same search. */
const searchOf = ({ reduce: named, tuning = {}, ...others }: Options, excluded: ReadonlySet<Reduction>): string => {
  const reduce = (named ?? defaultReductions).filter(reduction => !excluded.has(reduction))
  const has = (reduction: Reduction): boolean => (reduce as readonly string[]).includes(reduction)
  // Where nobody names them, bisimulation and dead fields wait until a search is large.
  const waits = named === undefined && (has('bisimulation') || has('dead-fields'))
  return JSON.stringify([reduce, others, has('symmetry') && tuning.listedMax, has('subsumption') && tuning.firstStates, waits])
}

const isOwn = ({ protocol }: Context, name: string): boolean => name === 'deadlock' || protocol.properties[name] !== undefined

/** Is it one of the searches by which it is told whether `reduction` leaves fewer states? So is one in four. */
const COUNTED_ONE_IN = 4

/** Verdict and shortest length of a property, searched for by itself, in some way: so many pairs of a property and a way. */
const inWays = async (context: Context): Promise<void> => {
  const { judged, tally, draw, only, findings } = context
  const pairs = Object.keys(judged.properties).flatMap(name => {
    const excluded = excludedFor(judged.protocol, name)
    const named = ways.filter(({ reduce = defaultReductions }) => only === undefined || (reduce as readonly string[]).includes(only))
    return [...new Map(named.map(options => [searchOf(options, excluded), options])).values()].map(options => [name, options] as const)
  })
  const search = async (name: string, options: Options): Promise<Report | undefined> => {
    tally.searches++
    return searchFor(context, judged.protocol, name, options, judged.properties[name] as Finding)
  }
  const count = context.ways ?? WAYS
  // A protocol is often made for what its own properties tell: half of what is drawn is about them.
  const own = draw.some(
    pairs.filter(([name]) => isOwn(context, name)),
    Math.ceil(count / 2),
  )
  const others = draw.some(
    pairs.filter(([name]) => !isOwn(context, name)),
    Math.floor(count / 2),
  )
  for (const [name, options] of [...own, ...others]) {
    const report = await search(name, options)
    if (report === undefined) continue
    const { reduce = defaultReductions } = options
    for (const reduction of report.reductions) (tally.reductions.get(reduction) as Count).inForce++
    if (options.reduce === undefined ? report.reductions.length === 0 : !reduce.every(one => report.reductions.includes(one))) continue
    const count = tally.ways.get(textOf(options)) as Count
    count.inForce++
    if (report.complete && report.states < findings.states.length) count.fewer++
    if (options.reduce === undefined || reduce.length === 0 || draw.all || !draw.oneIn(COUNTED_ONE_IN)) continue
    const [reduction] = draw.some(reduce, 1) as readonly [Reduction]
    const without = textOf({ ...options, reduce: reduce.filter(other => other !== reduction) })
    const other = ways.find(one => textOf(one) === without)
    if (other === undefined) continue
    const more = await search(name, other)
    if (more !== undefined && report.states < more.states) (tally.reductions.get(reduction) as Count).fewer++
  }
}

/** States of a protocol to which a step by position was added; with more it is left out. */
const STATES_MORE_MAX = 400

/** Searches for a property in one of the ways, and with random options, of one protocol. */
const [WAYS, DRAWN] = [10, 4]

/** What the engine must agree with the oracle on: one in so many times, some of it. */
const checks: { readonly [name: string]: { readonly oneIn: number; compare(context: Context): Promise<void> } } = {
  'with some reductions, the same verdicts and shortest lengths': { oneIn: 1, compare: inWays },

  'unreduced, the same states': {
    oneIn: 2,
    async compare(context) {
      const { protocol, findings } = context
      const { states, transitions, edges, depth } = findings
      const report = (await explored(context, bare(protocol), { reduce: [] })) as Report
      agree('figures', [report.verdict, report.complete, report.states, report.depth], ['holds', true, states.length, depth])
      // The engine takes equal results of one delivery, or of a node's actions, for one transition.
      agree(`between ${edges} and ${transitions} transitions`, report.transitions, Math.min(transitions, Math.max(edges, report.transitions)))
    },
  },

  'predicates see the same worlds': {
    oneIn: 3,
    async compare(context) {
      const { protocol, findings } = context
      const seen = new Set<string>()
      const observers = observersOf(protocol)
      const look = always<RoleTypes>(world => seen.add(textOfWorld(world, observers)).size > 0)
      await explored(context, { ...bare(protocol), properties: { look } }, { reduce: [] })
      agree('worlds', [...seen].sort(), [...new Set(findings.worlds.map(({ world }) => textOfWorld(world, observers)))].sort())
    },
  },

  'no lower bound is larger than the distance': {
    oneIn: 3,
    async compare({ judged: { protocol }, draw, mayBeRefused }) {
      if (protocol.network === 'fifo' || mayBeRefused) return
      const pairs = Object.keys(protocol.properties).flatMap(property =>
        (
          [
            { tuning: proofAfter(0) },
            { reduce: ['symmetry', 'subsumption', 'lower-bounds'], tuning: proofAfter(0) },
            { tuning: { ...proofAfter(0), listedMax: 1 } },
          ] as readonly Options[]
        ).map(options => [property, options] as const),
      )
      for (const [property, options] of draw.some(pairs, 2))
        for (const { distance, bound } of await boundedDistances(protocol, { ...options, property, tuning: { ...quick, ...options.tuning } }))
          agree(`${textOf(options)}, ${property}: a bound`, bound, Math.min(bound, distance))
    },
  },

  'a group that is listed and one that is not: as many orbits': {
    oneIn: 3,
    async compare(context) {
      const { protocol } = context
      const count = async (options: Options) => (await explored(context, bare(protocol), { reduce: ['symmetry'], ...options }))?.states
      const listed = await count({ tuning: { listedMax: Infinity } })
      agree('orbits', await count({ tuning: { listedMax: 1 } }), listed)
    },
  },

  'within a depth, the same states and verdicts': {
    oneIn: 2,
    async compare(context) {
      const { protocol, findings, draw, judged } = context
      const depth = draw.below(findings.depth + 1)
      const report = (await explored(context, bare(protocol), { reduce: [], depth })) as Report
      const within = findings.worlds.filter(world => world.depth <= depth)
      agree('figures', [report.verdict, report.states, report.depth], ['holds', within.length, depth])
      const pairs = Object.entries(judged.properties).flatMap(([name, { length }]) =>
        ['reachable', 'canAlways'].includes(protocol.properties[name]?.type ?? '')
          ? []
          : ([{ depth }, { depth, reduce: [] }, { depth, tuning: proofAfter(0) }] as const).map(options => {
              const expected: Finding = length !== null && length <= depth ? { verdict: 'violated', length } : { verdict: 'holds', length: null }
              return [name, options, expected] as const
            }),
      )
      for (const [name, options, expected] of draw.some(pairs, 2)) await searchFor(context, judged.protocol, name, options, expected)
    },
  },

  'code by position is refused, or judged as without symmetry': {
    oneIn: 4,
    async compare(context) {
      const { protocol, findings, draw } = context
      for (const [way, positioned] of draw.some(Object.entries(byPosition(protocol, findings)), 1)) {
        const { complete, properties } = oracle(positioned, { statesMax: STATES_MORE_MAX })
        if (!complete) continue
        const pairs = Object.entries(properties).flatMap(([name, expected]) =>
          ([{ reduce: ['symmetry'] }, { reduce: ['symmetry'], tuning: { listedMax: 1 } }, {}] as const).map(options => [name, expected, options] as const),
        )
        for (const [name, expected, options] of draw.some(pairs, 2)) {
          await searchFor({ ...context, mayBeRefused: true }, positioned, name, options, expected).catch(error => {
            throw new Error(`${way}: ${(error as Error).message}`, { cause: error })
          })
        }
      }
    },
  },

  'ranks that properties read': {
    oneIn: 4,
    async compare(context) {
      const { protocol, findings, draw } = context
      const ranked = byRank(protocol, findings)
      if (Object.keys(ranked.properties).length === 0) return
      const pairs = Object.entries(oracle(ranked).properties).flatMap(([name, expected]) =>
        ([{ reduce: ['symmetry'] }, {}] as const).map(options => [name, expected, options] as const),
      )
      for (const [name, expected, options] of draw.some(pairs, 2)) await searchFor(context, ranked, name, options, expected)
    },
  },

  'in two threads, the same as in one': {
    oneIn: 1,
    async compare(context) {
      const { judged, draw, workers } = context
      if (workers === undefined) return
      const merged = ['symmetry', 'dead-messages', 'bisimulation'] as const
      const lists: readonly (readonly Reduction[])[] = [[], ['symmetry'], ['symmetry', 'dead-messages'], merged, ['dead-fields', ...merged]]
      const all: readonly Options[] = [{}, ...lists.map(reduce => ({ reduce }))]
      for (const options of draw.some(all, 2)) {
        const [several, one] = [await explored(context, judged.protocol, { ...options, workers }), await explored(context, judged.protocol, options)]
        agree(textOf(options), several && found(several), one && found(one))
      }
    },
  },

  'depth-first, the same states and verdicts': {
    oneIn: 2,
    async compare(context) {
      const { protocol, findings, judged, draw } = context
      if (draw.oneIn(3)) agree('states', (await explored(context, bare(protocol), { reduce: [], order: 'depth' }))?.states, findings.states.length)
      const several = ['dead-messages', 'symmetry', 'bisimulation'] as const
      const all = [undefined, [], ['subsumption'], ['subsumption', 'dead-messages'], ['subsumption', ...several]] as const
      const pairs = Object.entries(judged.properties).flatMap(([name, expected]) =>
        all.map(reduce => [name, expected, { order: 'depth', ...(reduce === undefined ? {} : { reduce }) } as Options] as const),
      )
      for (const [name, expected, options] of draw.some(pairs, 2)) await searchFor(context, judged.protocol, name, options, expected)
    },
  },
}

/** What is about one reduction only. */
const checkOf: { readonly [reduction in Reduction]?: string } = {
  'lower-bounds': 'no lower bound is larger than the distance',
  'dead-messages': 'depth-first, the same states and verdicts',
  subsumption: 'depth-first, the same states and verdicts',
}

const [IN_WAYS] = Object.keys(checks)

/** @throws Disagreement */
export const compare = async (protocol: AnyProtocol, findings: Findings, options: CompareOptions): Promise<void> => {
  const { tally, only, workers, seed, again, mayBeRefused } = options
  const draw = new Draw(seed, again !== undefined)
  const judged = withLate(protocol, findings)
  const context: Context = { ...options, protocol, findings, judged, draw }
  const named = async (compared: Compared, body: () => Promise<void>): Promise<void> => {
    try {
      await body()
    } catch (error) {
      throw new Disagreement(compared, error as Error)
    }
  }
  for (const [check, { oneIn, compare: compared }] of Object.entries(checks)) {
    const isDue = draw.oneIn(oneIn)
    const isAsked = again === undefined ? only === undefined || check === IN_WAYS || checkOf[only] === check : again.check === check
    if (isDue && isAsked) await named({ check }, () => compared(context))
  }
  const known = (names: readonly string[]): readonly string[] => names.filter(name => judged.properties[name] !== undefined)
  const searches =
    again === undefined
      ? Array.from({ length: options.drawn ?? DRAWN }, () => drawnSearch(draw, judged, findings, workers !== undefined))
      : again.search === undefined || known(again.search.asked).length === 0
        ? []
        : [{ ...again.search, asked: known(again.search.asked) }]
  for (const search of searches) {
    await named({ check: 'a search with random options', search }, async () => {
      for (const phase of await agreeOnDrawn(judged, findings, search, { workers, mayBeRefused })) tally.phases.set(phase, (tally.phases.get(phase) ?? 0) + 1)
    })
    tally.drawn++
  }
  tally.protocols++
}
