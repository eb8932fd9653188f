import { type Claims, eachPair, eachPairOf } from '../../checker/index.ts'
import type { byzantineGenerals } from './protocol.ts'

export const claims = {
  threeAreEnough: {
    because: 'Of three generals one lies: "from general 3\'s point of view" it is the same whether the commander or the other lieutenant does.',
    refutes: eachPairOf(
      'commander',
      ({ order }) => order,
      'lieutenant',
      ({ decided }) => decided,
      (order, decided) => order === null || decided === null || order === decided,
    ),
    parameters: { generals: 3 },
    length: 4,
  },
  nobodyHasToAsk: {
    because: 'The commander tells one to attack and another to retreat, and the lieutenants do not ask one another.',
    refutes: eachPair(
      'lieutenant',
      ({ decided }) => decided,
      (a, b) => a === null || b === null || a === b,
    ),
    parameters: { rounds: 0 },
    length: 4,
  },
  twoOfFiveMayLie: {
    because: 'More than a third of them lie: two traitors say that they were told to retreat, and so there is no majority for what the commander said.',
    refutes: eachPairOf(
      'commander',
      ({ order }) => order,
      'lieutenant',
      ({ decided }) => decided,
      (order, decided) => order === null || decided === null || order === decided,
    ),
    parameters: { generals: 5 },
    length: 7,
    assuming: spec => ({ ...spec, faults: spec.faults.map(fault => ({ ...fault, atMost: 2 })) }),
  },
} satisfies Claims<typeof byzantineGenerals>
