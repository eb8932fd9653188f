/** A check, and what went on in it: which phases ran, the last search, and whether it comes to an end. */

import { explore } from '../../checker/check/explore.ts'
import { Learning } from '../../checker/check/learning.ts'
import type { Options } from '../../checker/check/options.ts'
import type { Report } from '../../checker/check/report.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { BROKEN_OFF } from '../../checker/search/budget.ts'
import { Search } from '../../checker/search/search.ts'

/** What a check may come to, beside the one breadth-first search that it begins with. */
export const phases = [
  'scout',
  'proof',
  'shorter',
  'bounds',
  'bounded',
  'broken off',
  'refuted',
  'reopened',
  'given up',
  'resumed',
  'threads',
  'taken back',
] as const
export type Phase = (typeof phases)[number]

export interface Watched {
  readonly report: Report
  /** The one whose states are counted, if it ran in this thread. */
  readonly last: Search | undefined
  readonly phases: ReadonlySet<Phase>
}

/** A check has done so much that it will hardly come to an end. */
export class DoesNotEnd extends Error {}

const phasesOf = (search: Search, { depth = Infinity }: Options): Phase[] => {
  const { subsumptionMax, order, noted, bounds, limits } = search.options
  const subsumes = search.reducers.subsume === true
  const found: { readonly [phase in Phase]?: boolean } = {
    scout: subsumptionMax !== undefined && subsumptionMax < Infinity,
    proof: order === 'progress' && noted === undefined,
    bounds: noted !== undefined,
    bounded: bounds !== undefined,
    shorter: subsumes && order === 'breadth' && limits.depth < depth,
    reopened: search.reopened > 0,
    'broken off': search.stoppedBy === BROKEN_OFF,
    threads: search.workers > 1,
  }
  return phases.filter(phase => found[phase] === true)
}

/**
 * @param work searches, and pulses of each a thousand times, after which it does not end
 * @throws DoesNotEnd
 */
export const watched = async (protocol: AnyProtocol, options: Options, work = 300): Promise<Watched> => {
  const seen = new Set<Phase>(options.resume === undefined ? [] : ['resumed'])
  let last: Search | undefined
  let [searches, pulses] = [0, 0]
  const { start, end, pulse } = Search.prototype
  const { confirms } = Learning.prototype
  Search.prototype.start = function (this: Search) {
    if (++searches > work) throw new DoesNotEnd(`It has run ${searches} searches.`)
    last = this
    // Whatever comes of it: often it has to begin anew.
    if (this.place.isTakenBack) seen.add('taken back')
    return start.call(this)
  }
  Search.prototype.end = function (this: Search) {
    end.call(this)
    for (const phase of phasesOf(this, options)) seen.add(phase)
  }
  Search.prototype.pulse = function (this: Search) {
    if (++pulses > 1000 * work) throw new DoesNotEnd(`It has pulsed ${pulses} times.`)
    return pulse.call(this)
  }
  Learning.prototype.confirms = async function (this: Learning, brokenOff, isOver) {
    const confirmed = await confirms.call(this, brokenOff, isOver)
    if (!confirmed && !brokenOff) seen.add('refuted')
    return confirmed
  }
  try {
    const report = await explore(protocol, options)
    if (report.notes.some(note => note.includes('given up, since learning'))) seen.add('given up')
    return { report, last: last?.workers === 1 ? last : undefined, phases: seen }
  } finally {
    Object.assign(Search.prototype, { start, end, pulse })
    Object.assign(Learning.prototype, { confirms })
  }
}
