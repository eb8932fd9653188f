import type { Claims } from '../../checker/index.ts'
import { agreement, obedience } from './promises.ts'
import type { byzantineGenerals } from './protocol.ts'

export const claims = {
  threeAreEnough: {
    because: 'Of three generals one lies: "from general 3\'s point of view" it is the same whether the commander or the other lieutenant does.',
    refutes: obedience,
    parameters: { generals: 3 },
    length: 4,
  },
  nobodyHasToAsk: {
    because: 'The commander tells one to attack and another to retreat, and the lieutenants do not ask one another.',
    refutes: agreement,
    parameters: { rounds: 0 },
    length: 4,
  },
  twoOfFiveMayLie: {
    because: 'More than a third of them lie: two traitors say that they were told to retreat, and so there is no majority for what the commander said.',
    refutes: obedience,
    parameters: { generals: 5 },
    length: 7,
    assuming: spec => ({ ...spec, faults: spec.faults.map(fault => ({ ...fault, atMost: 2 })) }),
  },
} satisfies Claims<typeof byzantineGenerals>
