import { type Mutants, withAction, withRule } from '../../checker/index.ts'
import { mutexAsSmr } from './protocol.ts'

export const mutants = {
  doesNotWait: {
    because: 'A process applies a command without having seen all with a lower timestamp: each holds the lock on its own request.',
    breaks: 'mutualExclusion',
    parameters: { over: 'lamport' },
    length: 4,
    change: spec => withRule(spec, 'a later message from every node', true),
  },
  releasesTooEarly: {
    because: 'A process that waits for the lock releases it, though another has it: so the queue passes it on.',
    breaks: 'inTurn',
    length: 2,
    change: spec => withAction(spec, 'node', 'release', ({ do: release }) => ({ when: ({ app }) => app.state === 'waiting', do: release })),
  },
  onlyCausal: {
    because: 'The broadcast is only causal: two that request at the same time are in two orders in the queues.',
    breaks: 'sameHolders',
    length: 4,
    change: () => mutexAsSmr({ over: 'causal' }),
  },
  asksTooEarly: {
    because: 'A process requests again before its release is processed, and takes its old request, still the first in the queue, for the new one.',
    breaks: 'mutualExclusion',
    length: 12,
    change: spec =>
      withAction(spec, 'node', 'release', ({ when, do: release }) => ({
        when,
        do(n, here) {
          const next = release(n, here)
          return next.set('app', next.app.set('state', 'idle'))
        },
      })),
  },
  jumpsTheQueue: {
    because: 'Who requests goes to the front of the queue, where somebody has the lock.',
    breaks: 'mutualExclusion',
    length: 7,
    change: spec => withRule(spec, 'who requests goes to the end', false),
  },
} satisfies Mutants<typeof mutexAsSmr>
