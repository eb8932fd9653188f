import { type Mutants, withRule } from '../../checker/index.ts'
import type { twoGenerals } from './protocol.ts'

export const mutants = {
  doesNotWait: {
    because: 'Each attacks as soon as it knows of the plan: Romeo\'s first choice, "always goes into the forest, even if no response is received".',
    breaks: 'onlyTheLastMatters',
    length: 2,
    change: spec => withRule(spec, 'it has heard all that it waits for', true),
  },
  knowsNothing: {
    because: 'Each attacks at dawn, whatever it knows.',
    breaks: 'planned',
    length: 1,
    change: spec => withRule(withRule(spec, 'it knows of the plan', true), 'it has heard all that it waits for', true),
  },
  hearsTooLate: {
    because: 'A messenger who arrives after dawn counts: what an army has heard is no longer what it decided by.',
    breaks: 'onlyTheLastMatters',
    length: 5,
    change: spec => withRule(spec, 'it comes before dawn', true),
  },
} satisfies Mutants<typeof twoGenerals>
