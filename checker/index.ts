export { SpecError } from './protocol/errors.ts'
export { crashRecovery, crashStop, duplication, type Fault, loss } from './protocol/faults.ts'
export { Id } from './protocol/id.ts'
export {
  always,
  canAlways,
  each,
  eachPair,
  eachPairOf,
  observed,
  type Property,
  reachable,
  type StatePredicate,
  some,
  somePair,
  somePairOf,
  step,
} from './protocol/properties.ts'
export type {
  Action,
  GlobalHere,
  GlobalStep,
  Here,
  InFlight,
  Network,
  NodeState,
  Observer,
  Place,
  Protocol,
  Role,
  RoleType,
  RoleTypes,
  Tagged,
  World,
} from './protocol/protocol.ts'
export { family, type Mutant, type Mutants, type Parameters, type ProtocolFamily } from './protocol/spec.ts'
