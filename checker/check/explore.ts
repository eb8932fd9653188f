import type { AnyProtocol, Spec } from '../protocol/protocol.ts'
import { holdGuard } from '../run/environment.ts'
import { checkShape } from '../run/protocol-shape.ts'
import { Heap } from '../states/heap.ts'
import { Team } from '../workers/team.ts'
import { Check } from './check.ts'
import { checkOptions } from './check-options.ts'
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
export const explore = async (spec: Spec, options: Options = {}): Promise<Report> => {
  checkShape(spec as AnyProtocol)
  checkOptions(spec as AnyProtocol, options)
  const team = options.workers === undefined || options.checkpoint !== undefined || options.after !== undefined ? undefined : new Team(options.workers)
  const release = holdGuard()
  const heap = new Heap()
  try {
    const report = await new Check(spec as AnyProtocol, options, team, heap).run()
    return team?.failure === undefined ? report : { ...report, notes: [...report.notes, `One worker: several could not be started (${team.failure}).`] }
  } finally {
    heap.end()
    release()
    await team?.end()
  }
}
