/** Searches with options drawn at random, all of them together, held against the oracle: sizes as they are and tiny, so that every phase runs on a small protocol. */
import { isDeepStrictEqual } from 'node:util'
import type { Options } from '../../checker/check/options.ts'
import { defaultReductions, type Reduction, reductionNames } from '../../checker/check/reductions.ts'
import type { Report } from '../../checker/check/report.ts'
import type { Snapshot } from '../../checker/check/snapshot.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { Workers } from '../../checker/workers/port.ts'
import type { Draw } from './draw.ts'
import { keptStates } from './kept-states.ts'
import type { Judged } from './late-looks.ts'
import type { Findings } from './oracle.ts'
import { quick, randomTuning } from './tunings.ts'
import { DoesNotEnd, type Phase, watched } from './watched.ts'
import { found } from './workers-support.ts'

/** What is searched, and how. As JSON it says how to do it again: `agreeOnDrawn`. */
export interface RandomSearch {
  /** The properties that are asked for, `deadlock` among them. */
  readonly asked: readonly string[]
  readonly options: Options
  /** It is stopped at each so many states, and gone on with. */
  readonly every?: number
  /** It is broken off when it has written its checkpoint so often, and gone on with. */
  readonly killedAfter?: number
  /** The same in two threads. */
  readonly threads?: boolean
}

/** Those with which a search may go on in threads. */
const inThreads: readonly Reduction[] = ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation']

/** @param threads whether there are threads to draw searches for */
export const drawnSearch = ({ below }: Draw, { properties }: Judged, { states, depth }: Findings, threads: boolean): RandomSearch => {
  const oneOf = <T>(things: readonly T[]): T => things[below(things.length)] as T
  // Those that look at the whole state go with few reductions.
  const hindering = below(3) === 0 ? [] : ['last', 'halfway', 'later']
  const names = Object.keys(properties).filter(name => !hindering.includes(name))
  const asked = Array.from({ length: oneOf([1, 1, 1, 2, 3]) }, () => oneOf(names))
  const lengths = asked.flatMap(name => properties[name]?.length ?? [])
  const tuning = {
    ...(below(4) === 0 ? {} : quick),
    ...randomTuning(below),
    // Half of those that may go on in threads notice late that a field is read, and may have spent too much by then.
    ...(threads && below(2) === 0
      ? {
          fieldsStates: 1 + below(3),
          fieldsVisits: 1,
          fieldsRefutedMax: 1 + below(4),
          learnShare: 0,
          learnSteps: 10 * 2 ** below(9),
          callSteps: oneOf([0, 1, 20]),
        }
      : {}),
    // Half of them leave the first search as early as can be.
    ...(below(2) === 0
      ? { firstStates: below(4), shortenStates: below(4), shortenStatesToDepth: below(4), batch: 1 + below(2), expandedPerPulse: 1, pulseMs: 0 }
      : {}),
  }
  const way = threads && below(2) === 0 ? 'threads' : oneOf(['depth-first', 'walks', 'limit', 'pieces', 'pieces', 'killed', 'whole', 'whole'] as const)
  const order = way === 'depth-first' ? 'depth' : undefined
  const near = oneOf(lengths.length > 0 ? lengths : [depth]) + oneOf([-1, 0, 1])
  const reduce = below(2) === 0 && way !== 'threads' ? undefined : (way === 'threads' ? inThreads : reductionNames).filter(() => below(2) === 0)
  const options: Options = {
    tuning: way === 'threads' ? { ...tuning, threadsFrom: 0, threadsFrontier: 0 } : tuning,
    ...(reduce === undefined ? {} : { reduce }),
    ...(order === undefined ? {} : { order }),
    ...(way === 'walks' ? { simulate: { runs: 3, seed: below(1_000) } } : {}),
    ...(order === undefined && below(3) === 0 ? { depth: Math.max(0, near) } : {}),
    ...(way === 'limit' || (way === 'pieces' && below(3) === 0) ? { states: 1 + below(states.length) } : {}),
  }
  return {
    asked: [...new Set(asked)],
    options,
    ...(way === 'pieces' ? { every: 1 + below(Math.max(2, states.length / 3)) } : {}),
    ...(way === 'killed' ? { killedAfter: 1 + below(8) } : {}),
    ...(way === 'threads' ? { threads: true } : {}),
  }
}

const textOfSearch = (search: RandomSearch): string => JSON.stringify(search)

/** A checkpoint as it is read from a file. */
const kept = ({ facts, arrays }: Snapshot): Snapshot => ({
  facts: JSON.parse(JSON.stringify(facts)) as Snapshot['facts'],
  arrays: Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()])) as unknown as Snapshot['arrays'],
})

class Killed extends Error {}

/** Runs of a search one after the other, each from the checkpoint of the one before; the last one. */
const inPieces = async (protocol: AnyProtocol, options: Options, { every, killedAfter }: RandomSearch, ran: Set<Phase>) => {
  let [limit, saves] = [every ?? Infinity, 0]
  let snapshot: Snapshot | undefined
  for (;;) {
    const from = snapshot
    const save = async (one: Snapshot): Promise<void> => {
      snapshot = kept(one)
      if (++saves === killedAfter) throw new Killed()
    }
    try {
      const result = await watched(protocol, {
        ...options,
        states: Math.min(limit, options.states ?? Infinity),
        checkpoint: { seconds: killedAfter === undefined ? 1_000_000 : 0, save },
        ...(from === undefined ? {} : { resume: () => from }),
      })
      for (const phase of result.phases) ran.add(phase)
      if (limit === Infinity || result.report.stoppedBy !== 'states') return result
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
    limit = limit < (options.states ?? 0) ? limit + Math.ceil(limit / 2) : Infinity
  }
}

const lengthOf = ({ counterexample }: Report): number | null => counterexample?.steps.length ?? null

/** Why a report is wrong, if it is. */
const wrong = (report: Report, { asked, options }: RandomSearch, { protocol, properties }: Judged, isStopped: boolean): string | undefined => {
  const { verdict, property, complete, unreached } = report
  const length = lengthOf(report)
  const depth = options.depth ?? (options.simulate === undefined ? Infinity : 100)
  const kindOf = (name: string): string => protocol.properties[name]?.type ?? name
  const isLate = (name: string): boolean => kindOf(name) === 'reachable' || kindOf(name) === 'canAlways'
  const isViolated = (name: string): boolean => properties[name]?.verdict === 'violated'
  const lengthFor = (name: string): number => properties[name]?.length ?? 0
  const least = Math.min(...asked.filter(name => isViolated(name) && !isLate(name)).map(lengthFor))
  const leastLater = Math.min(...asked.filter(name => isViolated(name) && kindOf(name) === 'canAlways').map(lengthFor))
  const isBreadth = options.order === undefined && options.simulate === undefined
  if (verdict === 'violated') {
    if (property === null || !asked.includes(property) || !isViolated(property)) return `${property} is not violated`
    if (kindOf(property) === 'reachable') return (least === Infinity || least > depth) && complete ? undefined : `${property} was not the first to be violated`
    if (length === null || length < lengthFor(property) || length > depth) return `its length is ${lengthFor(property)}`
    const shortest = isLate(property) ? leastLater : least
    if ((report.shortest || (isBreadth && !isStopped)) && length !== shortest) return `the shortest has length ${shortest}`
    return undefined
  }
  if (verdict === 'inconclusive') {
    if (isStopped || options.simulate !== undefined) return undefined
    return depth < Infinity && (least === Infinity || least > depth) ? undefined : 'it should come to a verdict'
  }
  if (options.simulate !== undefined) return 'random executions prove nothing'
  if (least < Infinity && least <= depth) return 'it is violated'
  if (complete && asked.some(isViolated)) return 'all states were seen, and it is violated'
  if (!complete && depth === Infinity) return 'it is not complete'
  if (complete && unreached.length > 0) return 'all states were seen, and some are said not to be'
  return undefined
}

/** May nodes be swapped? */
export const swaps = ({ reduce = defaultReductions }: Options): boolean => (reduce as readonly Reduction[]).includes('symmetry')

/** Is a protocol refused because its code prefers nodes? */
export const isAsymmetric = (error: unknown): boolean => (error as Error).message.includes('NODES ARE NOT SYMMETRIC')

export interface AgreeOptions {
  /** Threads for the searches that are drawn with some. */
  readonly workers?: Workers | undefined
  /** See `CompareOptions`. */
  readonly mayBeRefused?: boolean | undefined
}

/**
 * @returns the phases that ran, nothing where the protocol is refused and may be
 * @throws Error with the search that was drawn if it says something else than the oracle, does not end, or keeps a state that cannot be reached
 */
export const agreeOnDrawn = async (
  judged: Judged,
  findings: Findings,
  search: RandomSearch,
  { workers, mayBeRefused }: AgreeOptions = {},
): Promise<ReadonlySet<Phase>> => {
  const { asked, options } = search
  const { mayRest, ...whole } = judged.protocol
  const only = asked.length === 1 ? asked[0] : undefined
  const protocol: AnyProtocol = {
    ...whole,
    properties: Object.fromEntries(Object.entries(whole.properties).filter(([name]) => asked.includes(name))),
    ...(asked.includes('deadlock') ? (mayRest === undefined ? {} : { mayRest }) : { mayRest: true }),
  }
  const fail = (what: string): never => {
    throw new Error(`${textOfSearch(search)}: ${what}.`)
  }
  const states = options.states ?? 50 * findings.states.length + 1_000
  const bounded: Options = { ...options, states, ...(only === undefined ? {} : { property: only }) }
  const ran = new Set<Phase>()
  const searched = async (more: Options): Promise<Awaited<ReturnType<typeof watched>>> => {
    const result = await watched(protocol, { ...bounded, ...more })
    for (const phase of result.phases) ran.add(phase)
    return result
  }
  const isInPieces = (search.every ?? search.killedAfter) !== undefined && options.simulate === undefined
  // With checkpoints there are no lower bounds.
  const asInPieces: Options = isInPieces ? { checkpoint: { seconds: 1_000_000, save: async () => {} } } : {}
  try {
    const { report, last } = await searched({
      ...(search.threads && workers !== undefined ? { workers } : {}),
      ...asInPieces,
    })
    if (options.states === undefined && report.stoppedBy === 'states')
      fail(`it does not end: ${report.states} states where there are ${findings.states.length}`)
    const isStopped = (options.states ?? options.seconds) !== undefined && report.stoppedBy !== null
    const error = wrong(report, search, judged, isStopped)
    if (error !== undefined) fail(`it says ${report.verdict} ${report.property} ${lengthOf(report)}, but ${error}`)
    if (last !== undefined && options.simulate === undefined && report.complete) {
      const { strangers, distinct } = keptStates(judged.protocol, findings, last)
      if (strangers.length > 0) fail(`it keeps a state that cannot be reached: ${strangers[0]}`)
      if (distinct > findings.states.length) fail(`it keeps ${distinct} states, and there are ${findings.states.length}`)
    }
    if (search.threads && workers !== undefined && !isStopped) {
      // Rounds, too: what was learnt on the way, and when, must be the same.
      const [several, alone] = [report, (await searched(asInPieces)).report].map(one => ({ ...found(one), rounds: one.rounds }))
      if (!isDeepStrictEqual(several, alone)) fail(`in two threads ${JSON.stringify(several)}, in one ${JSON.stringify(alone)}`)
    }
    if (isInPieces && options.seconds === undefined) {
      const inAll = found((await inPieces(protocol, bounded, search, ran)).report)
      const whole = found(report)
      if (!isDeepStrictEqual(inAll, whole)) fail(`in pieces ${JSON.stringify(inAll)}, whole ${JSON.stringify(whole)}`)
    }
  } catch (error) {
    if (error instanceof DoesNotEnd) fail(`it does not end: ${error.message}`)
    if ((error as Error).message.startsWith(textOfSearch(search))) throw error
    if (mayBeRefused === true && swaps(options) && isAsymmetric(error)) return new Set()
    fail((error as Error).stack ?? String(error))
  }
  return ran
}
