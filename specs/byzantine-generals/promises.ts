/** What the generals promise one another, whether they sign what they say or not: L. Lamport, R. Shostak and M. Pease 1982, section 1. */
import { eachPair, eachPairOf, type NodeState, some, type Tagged } from '../../checker/index.ts'

export type Order = 'attack' | 'retreat'

type Roles = {
  commander: { state: NodeState & { readonly order: Order | null }; inbox: Tagged }
  lieutenant: { state: NodeState & { readonly decided: Order | null }; inbox: Tagged }
}

/** IC1: "All loyal lieutenants obey the same order." */
export const agreement = eachPair<Roles, 'lieutenant', Order | null>(
  'lieutenant',
  ({ decided }) => decided,
  (a, b) => a === null || b === null || a === b,
)

/** IC2: "If the commanding general is loyal, then every loyal lieutenant obeys the order he sends." */
export const obedience = eachPairOf<Roles, 'commander', 'lieutenant', Order | null, Order | null>(
  'commander',
  ({ order }) => order,
  'lieutenant',
  ({ decided }) => decided,
  (order, decided) => order === null || decided === null || order === decided,
)

/** Somebody attacks: where it can be met, the promises are not kept by doing nothing. */
export const somebodyAttacks = some<Roles, 'lieutenant', Order | null>(
  'lieutenant',
  ({ decided }) => decided,
  decided => decided === 'attack',
)
