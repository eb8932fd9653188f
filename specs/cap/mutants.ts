import { type Mutants, withRule } from '../../checker/index.ts'
import { cap } from './protocol.ts'

export const mutants = {
  answersAlone: {
    because: 'Who is cut off returns what its one replica has: "a potentially stale value".',
    breaks: 'consistent',
    length: 8,
    change: spec => withRule(withRule(spec, 'a quorum is read', true), 'a quorum stores what is read', true),
  },
  waitsForMost: {
    because: 'A store that is to be available waits for a quorum, and a client that is cut off waits for ever.',
    breaks: 'available',
    parameters: { prefers: 'availability' },
    length: 2,
    change: spec => ({ ...spec, roles: cap().roles }),
  },
  waitsForAll: {
    because: 'A set waits for an answer that never comes: no number of replicas is enough.',
    breaks: 'availableToMost',
    parameters: { reads: 0 },
    length: 1,
    change: spec => withRule(spec, 'a quorum stores what is written', false),
  },
} satisfies Mutants<typeof cap>
