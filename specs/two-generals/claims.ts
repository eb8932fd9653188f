import { type Claim, type Claims, eachPair } from '../../checker/index.ts'
import type { twoGenerals } from './protocol.ts'

/** "Army 1 attacks if and only if army 2 attacks", with so many acknowledgements: to the sender of the last message it is the same whether that arrives. */
const together = (acknowledgements: number, because: string): Claim<typeof twoGenerals> => ({
  because,
  refutes: eachPair(
    'army',
    army => army.fate,
    (a, b) => a === b,
  ),
  parameters: { acknowledgements },
  length: acknowledgements + 2,
})

export const claims = {
  withNone: together(0, 'The plan is lost, and the first army attacks alone: "if all are lost, Juliet does not know about the meeting, so Romeo is alone".'),
  withOne: together(1, 'The acknowledgement is lost, and the second army attacks alone: "now Juliet is in the same situation as Romeo in option 1".'),
  withTwo: together(2, 'The second acknowledgement is lost: the first army has all that it waits for, as if it had arrived.'),
  withThree: together(3, 'The third acknowledgement is lost: the second army has all that it waits for, as if it had arrived.'),
  withFour: together(4, 'The fourth acknowledgement is lost: the first army has all that it waits for, as if it had arrived.'),
  withFive: together(5, 'The fifth acknowledgement is lost: the second army has all that it waits for, as if it had arrived.'),
  withSix: together(6, 'The sixth acknowledgement is lost: the first army has all that it waits for, as if it had arrived.'),
} satisfies Claims<typeof twoGenerals>
