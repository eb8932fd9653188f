import { Map, Record, type RecordOf } from 'immutable'
import type { Id } from '../protocol/id.ts'
import type { AnyProtocol, Place } from '../protocol/protocol.ts'
import type { RoleTypes, Tagged } from '../protocol/roles.ts'
import type { Delay, Timing } from '../protocol/timing.ts'
import type { World } from '../protocol/world.ts'

/** The observer that holds what there is to know about time, if there is anything. */
export const TIME = 'time'

/** The field of a message in flight that says for how many ticks it has been under way. Without it: for none. */
export const AGE = 'age'

interface TimeFields {
  /** Ticks since the beginning: where there is a horizon. */
  readonly now?: number
  /** Do messages arrive in time, from now on? Where it is partially synchronous. */
  readonly isTimely?: boolean
  /** Ticks so far, while they do not: where there is a limit to that. */
  readonly unsettled?: number
  /** How many ticks a clock is ahead of true time; less than none for one that is behind. Of those that are off, where clocks drift. */
  readonly ahead?: Map<Id, number>
}

/** The state of the observer `time`: each field only where the timing has a use for it. */
export type Time = RecordOf<TimeFields>

/** By the names of their fields. */
const classes = new globalThis.Map<string, Record.Factory<TimeFields>>()

/** One way in which a tick of true time passes. */
export interface Passing {
  /** By how many ticks each node's own clock goes on. */
  readonly rates: readonly number[]
  readonly next: Time
}

/** Has a state of the system to say anything about time, besides what nodes keep and how long messages have been under way? */
const hasState = ({ horizon, drift, type }: Timing): boolean => horizon < Infinity || drift > 0 || type === 'partially synchronous'

const firstTime = ({ horizon, drift, type, settlesWithin }: Timing): Time => {
  const fields: TimeFields = {
    ...(horizon < Infinity && { now: 0 }),
    ...(type === 'partially synchronous' && { isTimely: false }),
    ...(type === 'partially synchronous' && settlesWithin < Infinity && { unsettled: 0 }),
    ...(drift > 0 && { ahead: Map<Id, number>() }),
  }
  const key = Object.keys(fields).join()
  const made = classes.get(key) ?? Record(fields)
  classes.set(key, made)
  return made()
}

/** By how many ticks each clock goes on, as a value. */
export const clocksBy = (rates: readonly (readonly [Id, number])[]): Map<Id, number> => Map(rates)

/** Where there is nothing to know. */
export const NO_TIME: Time = Record<TimeFields>({})()

/** That observer hears of nothing else. */
export const hearsNothing = (time: unknown): unknown => time

/**
 * What there is to know about time is a state of the whole, and so of an observer that hears of nothing else. As one it is permuted, shown and kept like all that is observed. The system may rest only where nothing is due;
 * elsewhere time would stand still. Done twice, it is done once; and where somebody has given it another timing in between, it has that one only.
 */
export const withTime = (given: AnyProtocol): AnyProtocol => {
  const protocol = withoutTime(given)
  const { timing, mayRest } = protocol
  if (timing === undefined) return protocol
  const rests = (world: World<RoleTypes, string>): boolean =>
    (typeof mayRest === 'function' ? mayRest(world) : mayRest !== false) && !isSomethingDue(protocol, timing, world)
  restsBefore.set(rests, mayRest)
  return {
    ...protocol,
    ...(hasState(timing) && { observers: { ...protocol.observers, [TIME]: { init: firstTime(timing), on: hearsNothing } } }),
    ...(mayRest !== true && { mayRest: rests }),
  }
}

/** Where a protocol may rest, as it said itself, by what `withTime` made of that. */
const restsBefore = new WeakMap<object, AnyProtocol['mayRest']>()

/** As it was before `withTime`. */
const withoutTime = (protocol: AnyProtocol): AnyProtocol => {
  const { mayRest, observers = {}, ...rest } = protocol
  const { [TIME]: time, ...others } = observers
  const isOurs = time?.on === hearsNothing
  const wasMade = typeof mayRest === 'function' && restsBefore.has(mayRest)
  if (!isOurs && !wasMade) return protocol
  const own = wasMade ? restsBefore.get(mayRest) : mayRest
  const shown = isOurs ? others : observers
  return { ...rest, ...(own !== undefined && { mayRest: own }), ...(Object.keys(shown).length > 0 && { observers: shown }) }
}

const isSomethingDue = ({ network, roles }: AnyProtocol, timing: Timing, world: World<RoleTypes, string>): boolean => {
  const isUp = (id: Id): boolean => !world.crashed(id)
  const placeOf = (self: Id): Place<RoleTypes, string, string> => ({
    self,
    nodes: world.nodes,
    values: world.values,
    others: (world.nodes[self.kind] ?? []).filter(id => id !== self),
    // A world has it, too, so that a rule that is left out is left out here.
    rule: (label, holds) => (world as Partial<Pick<Place<RoleTypes>, 'rule'>>).rule?.(label, holds) ?? holds,
  })
  const isNodeDue = (id: Id): boolean => roles[id.kind]?.due?.(world.get(id), placeOf(id)) === true
  if (
    Object.values(world.nodes)
      .flat()
      .some(id => isUp(id) && isNodeDue(id))
  )
    return true
  if (network === 'fair-loss' || (hasState(timing) && (world.observer(TIME) as Time).isTimely === false)) return false
  return world.inFlight.some(({ to, message }) => isUp(to) && isDue(message, timing))
}

export const delayOf = ({ delay, delays }: Timing, type: string): Delay => (Object.hasOwn(delays, type) ? (delays[type] as Delay) : delay)

export const ageOf = (message: Tagged): number => (message as { readonly [AGE]?: number })[AGE] ?? 0

/** Must it arrive before time goes on? */
export const isDue = (message: Tagged, timing: Timing): boolean => ageOf(message) >= delayOf(timing, message.type).max

/** How long it has been under way after one more tick, as far as that matters. */
export const ageAfter = (message: Tagged, timing: Timing, isTimely: boolean): number => {
  const { min, max } = delayOf(timing, message.type)
  const age = ageOf(message)
  return Math.max(age, Math.min(age + 1, isTimely && max < Infinity ? max : min))
}

/** The same moment, once messages arrive in time. */
export const settledTime = (time: Time): Time => (time.unsettled === undefined ? time : time.set('unsettled', 0)).set('isTimely', true)

/** One tick later. */
const laterTime = (time: Time): Time => {
  const next = time.now === undefined ? time : time.set('now', time.now + 1)
  return time.isTimely === false && time.unsettled !== undefined ? next.set('unsettled', time.unsettled + 1) : next
}

/**
 * All ways in which a tick of true time passes. Each clock goes on by no tick, one, or two, and is never off by more than it may drift. There is none where messages have to arrive in time before.
 */
export const passingsOf = (time: Time, { drift, settlesWithin }: Timing, nodes: readonly Id[]): readonly Passing[] => {
  if (time.isTimely === false && time.unsettled === settlesWithin) return []
  const next = laterTime(time)
  const { ahead } = time
  if (ahead === undefined) return [{ rates: nodes.map(() => 1), next }]
  const ways = (at: number): readonly (readonly number[])[] => {
    const id = nodes[at]
    if (id === undefined) return [[]]
    const by = ahead.get(id, 0)
    const rates = [1, 0, 2].filter(rate => Math.abs(by + rate - 1) <= drift)
    return ways(at + 1).flatMap(others => rates.map(rate => [rate, ...others]))
  }
  return ways(0).map(rates => ({
    rates,
    next: next.set(
      'ahead',
      nodes.reduce((all, id, i) => {
        const by = all.get(id, 0) + (rates[i] as number) - 1
        return by === 0 ? all.delete(id) : all.set(id, by)
      }, ahead),
    ),
  }))
}
