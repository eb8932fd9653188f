import { isLiveness, predicatesIn } from '../protocol/properties.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { allowsPartialOrder } from '../reduce/partial-order/partial-order.ts'
import type { Tables } from '../tables/tables.ts'
import type { Options } from './options.ts'

// Which reductions are sound for a protocol and what is asked about it.

/** See the argument in reduce/partial-order/partial-order.ts. */
export const usesPartialOrder = (tables: Tables, { reduce, simulate, depth, order }: Options): boolean =>
  reduce?.includes('partial-order') === true && simulate === undefined && depth === undefined && order !== 'depth' && allowsPartialOrder(tables)

/** See the argument in run/live-fields.ts. */
export const allowsDeadFields = ({ steps, mayRest, properties, timing }: AnyProtocol, { property, simulate, after }: Options): boolean =>
  simulate === undefined &&
  after === undefined &&
  timing === undefined &&
  Object.keys(steps ?? {}).length === 0 &&
  (mayRest === undefined || mayRest === true || (property !== undefined && property !== 'deadlock')) &&
  !Object.entries(properties).some(
    ([name, of]) => !isLiveness(of) && predicatesIn(of).some(({ type }) => type === 'world') && (property === undefined || property === name),
  )

/** See the argument in search/subsumption.ts. */
export const usesSubsumption = (tables: Tables, options: Options, checkDeadlock: boolean): boolean =>
  options.simulate === undefined &&
  !tables.fifo &&
  tables.time === undefined &&
  tables.system.flightBound === undefined &&
  !checkDeadlock &&
  tables.predicates.canAlways === 0

/** See the argument in reduce/dead-messages.ts. */
export const usesDeadMessages = (tables: Tables, options: Options, checkDeadlock: boolean): boolean =>
  options.simulate === undefined &&
  !tables.fifo &&
  tables.time === undefined &&
  tables.system.flightBound === undefined &&
  !checkDeadlock &&
  !(tables.predicates.canAlways !== 0 && wastesDuplications(tables))

/**
 * May a duplication be wasted on a dead message? Then it is missing where something stays possible only by one, and without dead messages nothing shows that. A loss that is wasted is not
 * missing: with more messages in flight, nothing is possible less.
 */
const wastesDuplications = ({ fairLoss, system }: Tables): boolean =>
  !fairLoss && system.faults.some(({ type, atMost }) => type === 'duplication' && atMost > 0 && atMost < Infinity)
