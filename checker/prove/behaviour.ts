import type { AnyProtocol } from '../protocol/protocol.ts'
import { holdGuard } from '../run/environment.ts'
import { type FieldFacts, LiveFields } from '../run/live-fields.ts'
import { checkShape } from '../run/protocol-shape.ts'
import { System } from '../run/system.ts'
import { run } from '../search/run.ts'
import { Search } from '../search/search.ts'
import { RankRead } from '../tables/symmetry.ts'
import { Tables } from '../tables/tables.ts'
import { Behaved, type Behaviour } from './behaved.ts'

/** How far a protocol was looked at. */
export type Extent = Pick<Behaviour, 'covers' | 'states'>

/** States that are looked at before it is done in another way, or within fewer steps. */
export const BEHAVIOUR_STATES = 150_000

/** Members of the largest symmetry group that is listed: under a larger one states are not hashed. */
const LISTED_MAX = 720

/** As far as it was looked before: no more than so many times the states, if the protocol has grown since. */
const GROWTH_MAX = 4

/**
 * Goes through the executions of a protocol without any property, observer or reduction that depends on one. What comes of it depends on the protocol only, so it can be
 * compared between versions of the checker. Where there are too many states, those that can do more stand for others: so each (node state, message) is still met.
 * @param before what was found before: as far is looked again, where that is possible
 * @throws SpecError if the protocol is broken
 */
export const behaviourOf = async (protocol: AnyProtocol, before?: Extent, statesMax = BEHAVIOUR_STATES): Promise<Behaviour> =>
  (await behaved(protocol, before, statesMax)).behaviour()

/** The same with all that was met, to be compared one by one. */
export const behaved = async (protocol: AnyProtocol, before?: Extent, statesMax = BEHAVIOUR_STATES): Promise<Behaved> => {
  const bare = withoutQuestions(protocol)
  checkShape(bare)
  const release = holdGuard()
  try {
    if (typeof before?.covers === 'number') {
      const again = await searched(bare, { depth: before.covers, states: statesMax * GROWTH_MAX, subsume: false })
      if (again.stoppedBy === undefined) return new Behaved(again, again.complete ? 'everything' : before.covers)
    }
    const subsume = before?.covers === 'everything' && before.states === null && mayHoldMore(bare)
    for (const way of subsume ? [true, false] : mayHoldMore(bare) ? [false, true] : [false]) {
      const whole = await searched(bare, { depth: Infinity, states: statesMax, subsume: way })
      if (whole.complete) return new Behaved(whole, 'everything')
    }
    const { depth } = await searched(bare, { depth: Infinity, states: statesMax, subsume: false })
    // The level that was being expanded is known, the next one is not.
    return new Behaved(await searched(bare, { depth, states: Infinity, subsume: false }), depth)
  } finally {
    release()
  }
}

/** Properties and observers look on: they change nothing. One observer is left where there are some, so that what is emitted is seen. */
const withoutQuestions = (protocol: AnyProtocol): AnyProtocol => {
  const { observers, ...rest } = protocol
  const listens = observers !== undefined && Object.keys(observers).length > 0
  return { ...rest, ...(listens && { observers: { listener: { init: 0, on: (state: number) => state } } }), properties: {}, mayRest: true } as AnyProtocol
}

/** Where more in flight means more steps, a state may stand for those that have less of it. */
export const mayHoldMore = ({ network, withinFlight, steps, timing }: AnyProtocol): boolean =>
  network !== 'fifo' && timing === undefined && withinFlight === undefined && Object.keys(steps ?? {}).length === 0

interface Limits {
  readonly depth: number
  readonly states: number
  readonly subsume: boolean
}

/**
 * A search of a kind that meets what can be met and asks nothing else; once more for each kind of id that turns out to be ordered.
 * @param facts where it is noted which fields code reads
 * @throws Untrackable if that cannot be told
 */
export const searched = async (protocol: AnyProtocol, { depth, states, subsume }: Limits, facts?: FieldFacts): Promise<Search> => {
  const ordered = new Map<string, string>()
  for (;;) {
    const system = new System(protocol)
    for (const [kind, why] of ordered) system.orderedKinds.set(kind, why)
    try {
      const live = facts && new LiveFields(system, facts, false)
      const tables = new Tables(system, { symmetry: true, tuning: { listedMax: LISTED_MAX }, live })
      const search = new Search(
        tables,
        {
          limits: { depth, states, seconds: Infinity, bytes: Infinity },
          order: subsume ? 'depth' : 'breadth',
          checkDeadlock: false,
          reducers: {
            partialOrder: undefined,
            dead: undefined,
            bisimulation: undefined,
            subsume,
            saturate: subsume && tables.fairLoss && tables.partition === undefined,
          },
          enough: () => false,
          pulse: async () => undefined,
        },
        performance.now(),
      )
      await run(search)
      return search
    } catch (error) {
      if (!(error instanceof RankRead)) throw error
      for (const [kind, why] of system.orderedKinds) ordered.set(kind, why)
    } finally {
      system.end()
    }
  }
}
