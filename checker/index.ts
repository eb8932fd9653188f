export { explore } from './check/explore.ts'
export type { Checkpoint, Options, Progress } from './check/options.ts'
export type { Reduction } from './check/reductions.ts'
export type { Report, Verdict } from './check/report.ts'
export type { Snapshot } from './check/snapshot.ts'
export type { RoleSize, TableSizes } from './check/table-sizes.ts'
export { withAction, withHandler } from './protocol/change.ts'
export { SpecError, type SpecErrorParts } from './protocol/errors.ts'
export { type Fairness, fairDelivery, stronglyFair, stronglyFairDelivery, stronglyFairSteps, weaklyFair, weaklyFairSteps } from './protocol/fairness.ts'
export {
  type ByzantineFault,
  byzantine,
  crashRecovery,
  crashStop,
  duplication,
  type Fault,
  forgery,
  type Group,
  type LiarHere,
  type Lies,
  loss,
  partition,
} from './protocol/faults.ts'
export { Id } from './protocol/id.ts'
export type { Json } from './protocol/json.ts'
export { causallyConsistent, sequentiallyConsistent } from './protocol/judges/consistency.ts'
export { agreement, Deliveries, Delivery, deliveries, noCreation, noDuplication, validity } from './protocol/judges/deliveries.ts'
export type { DeliveryEvent } from './protocol/judges/delivery.ts'
export { causalOrder, DeliveryOrder, fifoOrder, TooEarly } from './protocol/judges/delivery-order.ts'
export { type Replication, strongEventualConsistency } from './protocol/judges/eventual-consistency.ts'
export {
  type CausalEvent,
  type Causality,
  type CausalRelation,
  clockCondition,
  eachTwoEvents,
  eventsOf,
  Happening,
  happensBefore,
  relationOf,
  type Stamped,
  someTwoEvents,
  strongClockCondition,
  type TimestampOrder,
  totalOrderOfEvents,
  uniqueTimestamps,
} from './protocol/judges/happens-before.ts'
export { kept } from './protocol/judges/kept.ts'
export { Configuration, Linearization, linearization, Misplaced } from './protocol/judges/linearization.ts'
export { type LinearizeResult, linearizableHistory, linearize, type PlacedOperation } from './protocol/judges/linearize.ts'
export { arePrefixConsistent, isPrefix } from './protocol/judges/logs.ts'
export {
  type CasOperation,
  casRegister,
  type KeyValueOperation,
  keyValue,
  type Operation,
  type RegisterOperation,
  register,
  type SequentialObject,
} from './protocol/judges/objects.ts'
export { type Call, HistoryEvent, type Invoke, type OperationEvent, operations, type Return } from './protocol/judges/operations.ts'
export {
  monotonicReads,
  monotonicWrites,
  readYourWrites,
  type SessionEvent,
  Sessions,
  sessions,
  Unseen,
  writesFollowReads,
} from './protocol/judges/sessions.ts'
export { Disagreement, TotalOrder, totalOrder } from './protocol/judges/total-order.ts'
export {
  type ApplicationBounds,
  ApplicationNode,
  applicationOver,
  type Layer,
  type LayerHere,
  type LayerRoles,
  Message,
  type Packet,
} from './protocol/layers.ts'
export {
  alwaysEventually,
  eachAlwaysEventually,
  eachEventually,
  eachEventuallyAlways,
  eachLeadsTo,
  eventually,
  eventuallyAlways,
  leadsTo,
} from './protocol/liveness.ts'
export {
  always,
  type CanAlwaysProperty,
  canAlways,
  type EachPredicate,
  each,
  eachPair,
  eachPairOf,
  type LivenessProperty,
  type ObservedPredicate,
  observed,
  type PairPredicate,
  type Property,
  type ReachableProperty,
  reachable,
  type StatePredicate,
  type Status,
  type StepProperty,
  some,
  somePair,
  somePairOf,
  step,
  type WorldPredicate,
} from './protocol/properties.ts'
export type { Action, Choosing, FlightBound, From, GlobalHere, GlobalStep, Here, Network, Observer, Place, Protocol, Role, Spec } from './protocol/protocol.ts'
export type { AnyObservers, NodeState, ObserverStates, RoleType, RoleTypes, Tagged } from './protocol/roles.ts'
export { withRule } from './protocol/rules.ts'
export { Signed } from './protocol/signed.ts'
export {
  type Claim,
  type Claims,
  family,
  type Mutant,
  type Mutants,
  type Parameters,
  type ParameterValue,
  type Proofs,
  type ProtocolFamily,
  type Survivors,
  withClaim,
} from './protocol/spec.ts'
export { asynchronous, type Delay, partiallySynchronous, synchronous, type Timing } from './protocol/timing.ts'
export type { InFlight, World } from './protocol/world.ts'
export { renderSteps, renderText, type TextOptions } from './trace/render-text.ts'
export type { EmittedEvent, SentMessage, Trace, TraceStep } from './trace/trace.ts'
export type { Workers } from './workers/port.ts'
export { threads } from './workers/threads.ts'
