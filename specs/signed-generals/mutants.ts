import { type Mutants, withRule } from '../../checker/index.ts'
import type { signedGenerals } from './protocol.ts'

export const mutants = {
  heedsLateOrders: {
    because: 'An order counts whenever it comes: so a traitor shows one to a single lieutenant when it is too late to pass it on.',
    breaks: 'agreement',
    length: 3,
    change: spec => withRule(spec, 'it comes in its round', true),
  },
  keepsItToHimself: {
    because: 'A lieutenant does not pass on what he has heard: so a commander who gives two orders is not found out.',
    breaks: 'agreement',
    length: 3,
    change: spec => withRule(spec, 'a lieutenant signs it and passes it on', false),
  },
  heedsAnySignature: {
    because: 'A lieutenant takes an order that another lieutenant alone has signed.',
    breaks: 'obedience',
    length: 5,
    change: spec => withRule(spec, 'the commander has signed it, and nobody twice', true),
  },
  endsTooEarly: {
    because: 'A round ends before all that was sent in it has arrived: that a message is missing says nothing about who sent it.',
    breaks: 'obedience',
    length: 3,
    change: spec => withRule(spec, 'all that was sent has arrived', true),
  },
} satisfies Mutants<typeof signedGenerals>
