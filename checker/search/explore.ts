import { RankRead } from '../compile/symmetry.ts'
import { System } from '../compile/system.ts'
import { Tables } from '../compile/tables.ts'
import { SpecError } from '../protocol/errors.ts'
import type { AnyProtocol, Spec } from '../protocol/protocol.ts'
import { buildSteps } from '../trace/build.ts'
import type { Trace } from '../trace/trace.ts'
import { traceOf } from '../trace/trace-of.ts'
import { judgeCanAlways } from './can-always.ts'
import type { Options, Reduction, Report } from './report.ts'
import { Search, type Violation } from './search.ts'
import { simulate } from './simulate.ts'

/** Seconds for which a search may keep the thread to itself at a time. */
const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve))

/**
 * Checks a protocol: explores its states within the bounds of `options`, and reports.
 *
 * @throws SpecError if the protocol is broken: it throws, is impure, is not symmetric, sends what nobody handles…
 */
export const explore = async (spec: Spec, options: Options = {}): Promise<Report> => {
  const protocol = spec as AnyProtocol
  checkOptions(protocol, options)
  const started = performance.now()
  const { tables, notes } = tablesOf(protocol, options)
  for (;;)
    try {
      return await exploreTables(tables(), options, started, notes)
    } catch (error) {
      if (!(error instanceof RankRead)) throw error
    }
}

/** Tables with symmetry where the protocol has it; a kind whose ranks are read is found out while searching, and taken out. */
const tablesOf = (protocol: AnyProtocol, options: Options) => {
  const wanted = options.reduce?.includes('symmetry') ?? true
  const ordered = new Set<string>()
  return {
    notes: [] as string[],
    tables: (): Tables => {
      for (;;) {
        const system = new System(protocol, { without: options.without ?? [] })
        for (const kind of ordered) system.orderedKinds.add(kind)
        try {
          return new Tables(system, { symmetry: wanted, ...(options.property === undefined ? {} : { property: options.property }) })
        } catch (error) {
          if (!(error instanceof RankRead)) throw error
        } finally {
          for (const kind of system.orderedKinds) ordered.add(kind)
          watched.set(protocol, ordered)
        }
      }
    },
  }
}

/** The kinds found to be ordered so far, so that a second try starts with what the first learnt. */
const watched = new WeakMap<AnyProtocol, Set<string>>()

const exploreTables = async (tables: Tables, options: Options, started: number, notes: readonly string[]): Promise<Report> => {
  const { protocol } = tables.system
  const wantsCanAlways = tables.predicates.canAlways !== 0
  const exact = options.exact !== false || wantsCanAlways
  const order = options.order ?? 'breadth'
  const limits = {
    depth: options.depth ?? Infinity,
    states: options.states ?? Infinity,
    seconds: options.seconds ?? Infinity,
    bytes: options.memoryBytes ?? 0.75 * memoryAvailable(),
  }
  const checkDeadlock = protocol.mayRest !== undefined && protocol.mayRest !== true && (options.property === undefined || options.property === 'deadlock')
  const search = new Search(
    tables,
    {
      limits,
      exact,
      order,
      checkDeadlock,
      pulse: async ({ seen, transitions, depth, frontier }) => {
        options.onProgress?.({ phase: 'search', states: seen.count, transitions, depth, frontier, seconds: (performance.now() - started) / 1000 })
        await turn()
        return options.signal?.aborted ? 'interrupt' : undefined
      },
    },
    started,
  )
  try {
    if (options.simulate !== undefined) await simulate(search, options.simulate, options.depth ?? 100, checkDeadlock)
    else await search.run()
  } finally {
    for (const kind of tables.system.orderedKinds) watched.get(protocol)?.add(kind)
  }
  const violation = search.violation ?? (search.complete && wantsCanAlways ? judgeCanAlways(search) : undefined)
  return conclude(search, options, violation, started, [...notes, ...tables.symmetry.notes])
}

const conclude = (search: Search, options: Options, violation: Violation | undefined, started: number, notes: string[]): Report => {
  const { tables, seen } = search
  const { predicates, system } = tables
  const counterexample = violation === undefined ? null : trace(search, violation)
  const missing = predicates.list.filter(({ kind }, i) => kind === 'reachable' && ((search.reached >>> i) & 1) === 0).map(({ name }) => name)
  const vacuous = search.complete ? missing[0] : undefined
  const undecided = !search.complete && violation === undefined && onlyUndecided(search, options, missing)
  const verdict = violation !== undefined || vacuous !== undefined ? 'violated' : search.stoppedBy !== undefined || undecided ? 'inconclusive' : 'holds'
  if (predicates.canAlways !== 0 && !search.complete && violation === undefined)
    notes.push(`${predicates.list.flatMap(({ kind, name }) => (kind === 'canAlways' ? [name] : [])).join(', ')}: not judged, since that takes a complete search.`)
  if (vacuous !== undefined) notes.push(`${vacuous}: no reachable state satisfies it.`)
  const exact = search.expander.exact
  return {
    protocol: system.protocol.name,
    parameters: {},
    mutant: null,
    verdict,
    property: violation?.property ?? vacuous ?? null,
    complete: search.complete,
    states: seen.count,
    transitions: search.transitions,
    depth: search.depth,
    handlerCalls: system.calls,
    seconds: (performance.now() - started) / 1000,
    peakBytes: peakMemory(),
    seenBytes: seen.bytes + (search.parents?.length ?? 0) * 4,
    reductions: tables.symmetry.order > 1 ? (['symmetry'] satisfies Reduction[]) : [],
    exact,
    collisionOdds: exact ? 0 : Math.min(1, seen.count ** 2 / 2 ** 65),
    stoppedBy: search.stoppedBy ?? null,
    unreached: search.complete ? [] : missing,
    notes,
    counterexample,
  }
}

/** Was nothing asked but what a search that was cut off cannot tell? */
const onlyUndecided = ({ tables: { predicates } }: Search, { property }: Options, missing: readonly string[]): boolean =>
  property !== undefined && (missing.includes(property) || predicates.list.some(({ name, kind }) => name === property && kind === 'canAlways'))

const trace = (search: Search, violation: Violation): Trace => {
  const { initial, steps } = buildSteps(search, violation)
  return traceOf(search.tables.system, violation.property, initial, steps)
}

const checkOptions = (protocol: AnyProtocol, { property, order, depth }: Options): void => {
  const known = Object.keys(protocol.properties ?? {})
  if (property !== undefined && property !== 'deadlock' && !known.includes(property))
    throw new SpecError({ title: 'NO SUCH PROPERTY', place: protocol.name, what: `There is no property ${property}.`, hint: `There is: ${[...known, 'deadlock'].join(', ')}.` })
  if (order === 'depth' && depth !== undefined)
    throw new SpecError({
      title: 'DEPTH-FIRST WITH A DEPTH',
      place: protocol.name,
      what: 'A depth-first search meets a state first by a long path, and would miss what a short one still reaches within the depth.',
      hint: 'Leave out one of the two.',
    })
}

type Host = { availableMemory?: () => number; resourceUsage?: () => { maxRSS: number } }

const host = (): Host => (globalThis as { process?: Host }).process ?? {}

const memoryAvailable = (): number => host().availableMemory?.() ?? 4 * 2 ** 30

/** Bytes; 0 where it cannot be told. */
const peakMemory = (): number => (host().resourceUsage?.().maxRSS ?? 0) * 1024
