import type { Options } from '../check/options.ts'
import type { Report } from '../check/report.ts'
import { SpecError } from '../protocol/errors.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import type { Parameters, ParameterValue } from '../protocol/spec.ts'
import type { Engine } from './engine.ts'
import { showParameters } from './parameters.ts'
import type { Terminal } from './terminal.ts'
import { counted } from './units.ts'
import { watched } from './watch.ts'

/** Each search with smaller parameters ends after so many seconds. */
const SECONDS = 30

/** The smallest parameters that were found at which a property is still violated. */
export interface Shrunk {
  readonly parameters: Parameters
  /** The search there. */
  readonly report: Report
  /** What was done, in a sentence; null if nothing was asked for. */
  readonly note: string | null
}

/**
 * Lowers one parameter after another, for as long as the same property is violated. In the end none of them can be lowered by one.
 *
 * @param found a violation, at `parameters`
 * @param make the protocol, at other parameters
 */
export const shrink = async (
  found: Report,
  parameters: Parameters,
  make: (parameters: Parameters) => AnyProtocol,
  options: Options,
  terminal: Terminal,
  engine: Engine,
): Promise<Shrunk> =>
  watched(terminal, async ({ signal, onProgress }) => {
    const tried = new Map<string, Report | undefined>()
    const violatedAt = async (smaller: Parameters): Promise<Report | undefined> => {
      const key = showParameters(smaller)
      if (tried.has(key)) return undefined
      const seconds = Math.min(SECONDS, options.seconds ?? SECONDS)
      const report = await searchAt(make, smaller, engine, {
        ...options,
        property: found.property as string,
        seconds,
        ...(signal && { signal }),
        ...(onProgress && { onProgress: progress => onProgress({ ...progress, phase: `${key}: ${progress.phase}` }) }),
      })
      tried.set(key, report)
      return report?.verdict === 'violated' && report.counterexample !== null ? report : undefined
    }
    let best = { parameters, report: found }
    for (let lowered = true; lowered && !signal?.aborted; ) {
      lowered = false
      for (const name of Object.keys(parameters))
        for (const value of smallerThan(best.parameters[name] as ParameterValue)) {
          const smaller = { ...best.parameters, [name]: value }
          const report = signal?.aborted ? undefined : await violatedAt(smaller)
          if (report === undefined) continue
          best = { parameters: smaller, report }
          lowered = true
          break
        }
    }
    const undecided = [...tried].filter(([, report]) => report?.verdict === 'inconclusive').map(([key]) => key)
    return { ...best, note: noteOf(parameters, best.parameters, tried.size, undecided, signal?.aborted === true) }
  })

/** Nothing where there is no such protocol: a parameter may not be lowered without end. */
const searchAt = async (
  make: (parameters: Parameters) => AnyProtocol,
  parameters: Parameters,
  engine: Engine,
  options: Options,
): Promise<Report | undefined> => {
  try {
    return await engine.explore(make(parameters), options)
  } catch (error) {
    if (error instanceof SpecError) return undefined
    throw error
  }
}

/** What to try in place of a value, the smallest first where that is cheap to find out. */
const smallerThan = (value: ParameterValue): readonly ParameterValue[] => {
  if (value === true) return [false]
  if (typeof value !== 'number' || value <= 0) return []
  if (value === Infinity) return [0, 1, 2, 4, 8, 16]
  if (!Number.isInteger(value)) return [Math.floor(value)]
  return value > 4 ? [Math.floor(value / 2), value - 1] : [value - 1]
}

const noteOf = (from: Parameters, to: Parameters, searches: number, undecided: readonly string[], isInterrupted: boolean): string => {
  const by = `by ${counted(searches, 'further search', 'further searches')}`
  const isSame = showParameters(from) === showParameters(to)
  const what = isSame ? 'No parameter can be lowered' : `Shrunk from ${showParameters(from)}`
  if (isInterrupted) return `${what}, ${by}, until it was interrupted.`
  const open = undecided.length === 0 ? '' : `, or that is not decided in time (${undecided.join('; ')})`
  return `${what}, ${by}: with any one of them lower by one it is not violated, or there is no such protocol${open}.`
}
