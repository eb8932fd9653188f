import { type Claims, eachPair } from '../../checker/index.ts'
import type { signedGenerals } from './protocol.ts'

export const claims = {
  signaturesAreEnough: {
    because: 'The commander signs two orders, one for each lieutenant: without a further round nobody hears of the other.',
    refutes: eachPair(
      'lieutenant',
      ({ decided }) => decided,
      (a, b) => a === null || b === null || a === b,
    ),
    parameters: { rounds: 0 },
    length: 2,
  },
  oneRoundIsEnough: {
    because: 'Two traitors, the commander and a lieutenant, show the second order to one of the others in the last round: "m" rounds are for m traitors.',
    refutes: eachPair(
      'lieutenant',
      ({ decided }) => decided,
      (a, b) => a === null || b === null || a === b,
    ),
    parameters: { generals: 4, traitors: 2 },
    length: 4,
  },
} satisfies Claims<typeof signedGenerals>
