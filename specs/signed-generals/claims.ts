import type { Claims } from '../../checker/index.ts'
import { agreement } from '../byzantine-generals/promises.ts'
import type { signedGenerals } from './protocol.ts'

export const claims = {
  signaturesAreEnough: {
    because: 'The commander signs two orders, one for each lieutenant: without a further round nobody hears of the other.',
    refutes: agreement,
    parameters: { rounds: 0 },
    length: 2,
  },
  oneRoundIsEnough: {
    because: 'Two traitors, the commander and a lieutenant, show the second order to one of the others in the last round: "m" rounds are for m traitors.',
    refutes: agreement,
    parameters: { generals: 4, traitors: 2 },
    length: 4,
  },
} satisfies Claims<typeof signedGenerals>
