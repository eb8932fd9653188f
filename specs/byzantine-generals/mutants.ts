import { List } from 'immutable'
import { type Mutants, withAction, withRule } from '../../checker/index.ts'
import type { byzantineGenerals } from './protocol.ts'

export const mutants = {
  believesEveryone: {
    because: 'A lieutenant does not look at who says it: so a traitor speaks for others, too.',
    breaks: 'obedience',
    length: 5,
    change: spec => withRule(spec, 'he knows who says it', true),
  },
  changesHisMind: {
    because: 'What is said again replaces what was said before: the others have heard the first word, and he goes by the last.',
    breaks: 'agreement',
    length: 10,
    change: spec => withRule(spec, 'what he said first counts', true),
  },
  doesNotWait: {
    because: 'A lieutenant decides before he has heard by every path: what is still under way counts as "retreat" for him.',
    breaks: 'obedience',
    length: 2,
    change: spec => withRule(spec, 'he has heard by every path', true),
  },
  obeysTheCommander: {
    because: 'A lieutenant does what the commander told him, whatever the others say that they were told.',
    breaks: 'agreement',
    length: 9,
    change: spec =>
      withAction(spec, 'lieutenant', 'decide', ({ when }) => ({
        when,
        do: (l, { nodes }) => l.set('decided', l.heard.get(List(nodes.commander)) ?? null),
      })),
  },
} satisfies Mutants<typeof byzantineGenerals>
