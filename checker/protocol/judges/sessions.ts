import { Map, Record, Set } from 'immutable'
import { SpecError } from '../errors.ts'
import type { Id } from '../id.ts'
import type { Observer } from '../protocol.ts'

/**
 * What the clients of a replicated store emit: what they write, and what a replica had taken of all writes when they read there. A write is any value, and no two are the same.
 * The node that emits is the session.
 */
export type SessionEvent<W = unknown> = { readonly type: 'wrote'; readonly write: W } | { readonly type: 'saw'; readonly writes: Iterable<W> }

/** A read that lacks writes which a guarantee promises: whose read, and which. */
export class Unseen extends Record({ at: null as Id | null, missing: Set<unknown>() }) {}

/** What came before a write in its session: earlier writes, and all that was seen. */
class Before extends Record({ written: Set<unknown>(), seen: Set<unknown>() }) {}

type Guarantee = 'read your writes' | 'monotonic reads' | 'monotonic writes' | 'writes follow reads'

/** What `sessions` remembers. */
export class Sessions extends Record({
  written: Map<Id, Set<unknown>>(),
  seen: Map<Id, Set<unknown>>(),
  before: Map<unknown, Before>(),
  /** The first read that each guarantee was broken by. */
  broken: Map<Guarantee, Unseen>(),
}) {}

/**
 * The session guarantees: D. Terry, A. Demers, K. Petersen, M. Spreitzer, M. Theimer and B. Welch, "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994. They are judged where somebody
 * reads: by the writes that the replica had taken then, whatever their order. Judges: `readYourWrites`, `monotonicReads`, `monotonicWrites`, `writesFollowReads`. All four together are
 * causal consistency (J. Brzezinski, C. Sobaniec and D. Wawrzyniak, "From session causality to causal consistency", PDP 2004).
 * @throws SpecError when a write is seen that nobody wrote, or written twice.
 *
 * @example
 * ```ts code
 * const heard = sessions()
 * if (!readYourWrites(heard.init)) throw new Error('nobody has read anything')
 * ```
 */
export const sessions = <W = unknown>(): Observer<SessionEvent<W>, Sessions> => ({
  init: new Sessions(),
  on(state, event, client) {
    const written = state.written.get(client, Set<unknown>())
    const seen = state.seen.get(client, Set<unknown>())
    if (event.type === 'wrote') {
      if (state.before.has(event.write)) throw notAWrite(`${String(event.write)} is written twice.`)
      return state.merge({
        written: state.written.set(client, written.add(event.write)),
        before: state.before.set(event.write, new Before({ written, seen })),
      })
    }
    if (event.type !== 'saw') return state
    const writes = Set<unknown>(event.writes)
    const before = writes.toList().map(write => state.before.get(write) ?? raise(notAWrite(`${client} sees ${String(write)}, which nobody wrote.`)))
    const all = (of: (one: Before) => Set<unknown>): Set<unknown> => before.reduce((union, one) => union.union(of(one)), Set<unknown>())
    const wanted: readonly (readonly [Guarantee, Set<unknown>])[] = [
      ['read your writes', written],
      ['monotonic reads', seen],
      ['monotonic writes', all(one => one.written)],
      ['writes follow reads', all(one => one.seen)],
    ]
    return state.merge({
      seen: state.seen.set(client, seen.union(writes)),
      broken: wanted.reduce((broken, [guarantee, promised]) => {
        const missing = promised.subtract(writes)
        return missing.isEmpty() || broken.has(guarantee) ? broken : broken.set(guarantee, new Unseen({ at: client, missing }))
      }, state.broken),
    })
  },
})

const raise = (error: SpecError): never => {
  throw error
}

const notAWrite = (what: string): SpecError =>
  new SpecError({ title: 'NOT A WRITE', what, hint: 'Emit one `wrote` for each write, each with a value of its own, before it can be seen.' })

const isKept =
  (guarantee: Guarantee) =>
  ({ broken }: Sessions): boolean =>
    !broken.has(guarantee)

/**
 * Who reads sees all that he has written.
 *
 * @example
 * ```ts code
 * const heard = sessions()
 * if (!readYourWrites(heard.init)) throw new Error('nobody has read anything')
 * ```
 */
export const readYourWrites = isKept('read your writes')

/**
 * Who reads sees all that he has seen before.
 *
 * @example
 * ```ts code
 * const heard = sessions()
 * if (!monotonicReads(heard.init)) throw new Error('nobody has read anything')
 * ```
 */
export const monotonicReads = isKept('monotonic reads')

/**
 * Who sees a write sees all that its writer had written before.
 *
 * @example
 * ```ts code
 * const heard = sessions()
 * if (!monotonicWrites(heard.init)) throw new Error('nobody has read anything')
 * ```
 */
export const monotonicWrites = isKept('monotonic writes')

/**
 * Who sees a write sees all that its writer had seen before.
 *
 * @example
 * ```ts code
 * const heard = sessions()
 * if (!writesFollowReads(heard.init)) throw new Error('nobody has read anything')
 * ```
 */
export const writesFollowReads = isKept('writes follow reads')
