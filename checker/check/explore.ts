import type { AnyProtocol, Spec } from '../protocol/protocol.ts'
import { holdGuard } from '../run/environment.ts'
import { checkShape } from '../run/protocol-shape.ts'
import { withTime } from '../run/time.ts'
import { Heap } from '../states/heap.ts'
import { Team } from '../workers/team.ts'
import { Check } from './check.ts'
import { checkOptions } from './check-options.ts'
import { checkLiveness, livenessAsked, notWith, refuseLiveness, withoutLiveness } from './liveness.ts'
import type { Options } from './options.ts'
import type { Report } from './report.ts'

/**
 * Checks a protocol: explores its states within the bounds of `options`, and reports.
 *
 * @throws SpecError if the protocol is broken: it throws, is impure, is not symmetric, sends what nobody handles…
 *
 * @example
 * ```ts code
 * const { verdict, counterexample } = await explore(lockServer({ clients: 3 }), { depth: 10 })
 * if (counterexample !== null) console.log(renderText(counterexample))
 * if (verdict !== 'holds') throw new Error(verdict)
 * ```
 */
export const explore = async (given: Spec, options: Options = {}): Promise<Report> => {
  checkShape(given as AnyProtocol)
  const spec: Spec = withTime(given as AnyProtocol)
  checkOptions(spec as AnyProtocol, options)
  refuseLiveness(spec as AnyProtocol, options)
  const team = options.workers === undefined || options.checkpoint !== undefined || options.after !== undefined ? undefined : new Team(options.workers)
  const release = holdGuard()
  const heap = new Heap()
  try {
    const asked = livenessAsked(spec as AnyProtocol, options)
    if (options.property !== undefined && asked.length > 0) return await checkLiveness(spec as AnyProtocol, options, heap, undefined)
    const report = withFailure(await new Check(spec as AnyProtocol, options, team, heap).run(), team)
    if (asked.length === 0 || report.verdict === 'violated') return report
    const why = notWith(options)
    if (why !== undefined) return withoutLiveness(report, asked, `it takes a complete search, and does not go with ${why}`)
    if (!report.complete || report.verdict !== 'holds') return withoutLiveness(report, asked, 'that takes a complete search')
    return await checkLiveness(spec as AnyProtocol, options, heap, report)
  } finally {
    heap.end()
    release()
    await team?.end()
  }
}

const withFailure = (report: Report, team: Team | undefined): Report =>
  team?.failure === undefined ? report : { ...report, notes: [...report.notes, `One worker: several could not be started (${team.failure}).`] }
