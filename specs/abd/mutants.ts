import { type Mutants, withRule } from '../../checker/index.ts'
import type { abd } from './protocol.ts'

export const mutants = {
  noWriteBack: {
    because: 'A get returns without waiting for its read repair, so the next one may not find the value on the quorum that it reads.',
    breaks: 'linearizable',
    length: 12,
    change: spec => withRule(spec, 'a quorum stores what is read', true),
  },
  writesOne: {
    because: 'A set returns with the first acknowledgement, and a quorum that is then read need not have that replica in it.',
    breaks: 'linearizable',
    length: 8,
    change: spec => withRule(spec, 'a quorum stores what is written', true),
  },
  readsOne: {
    because: 'A get takes the first answer, and that replica need not be in the quorum that stores the value.',
    breaks: 'linearizable',
    length: 10,
    change: spec => withRule(spec, 'a quorum is read', true),
  },
  takesOlder: {
    because: 'A replica takes an update though it has a more recent one, which is then no longer stored on a quorum.',
    breaks: 'linearizable',
    length: 16,
    change: spec => withRule(spec, 'the update is more recent', true),
  },
} satisfies Mutants<typeof abd>
