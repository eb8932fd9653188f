import { type Mutants, withRule } from '../../checker/index.ts'
import type { lamportMutex } from './protocol.ts'

export const mutants = {
  reordered: {
    because: 'The network no longer keeps the order of messages between two processes, so an acknowledgement may overtake a request.',
    breaks: 'mutualExclusion',
    parameters: { processes: 2 },
    length: 8,
    change: spec => ({ ...spec, network: 'reliable' }),
  },
  impatient: {
    because: 'Rule 5(ii) is dropped: a process enters without having heard from every other.',
    breaks: 'mutualExclusion',
    length: 4,
    change: spec => withRule(spec, 'everybody acknowledged it', true),
  },
  pushy: {
    because: 'Rule 5(i) is dropped: a process enters though a request in its queue precedes its own.',
    breaks: 'entryInOrder',
    length: 9,
    change: spec => withRule(spec, 'its request is the first', true),
  },
  tied: {
    because: 'Ties are not broken: of two requests with the same stamp each is first.',
    breaks: 'mutualExclusion',
    length: 12,
    change: spec => withRule(spec, 'the lower process goes first', true),
  },
} satisfies Mutants<typeof lamportMutex>
