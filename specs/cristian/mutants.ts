import { type Mutants, withHandler } from '../../checker/index.ts'
import type { cristian } from './protocol.ts'

export const mutants = {
  asItWasSent: {
    because: 'The answer is taken for the time at which it arrives, though it was under way for a while.',
    breaks: 'withinHalfTheDelay',
    length: 5,
    change: spec => withHandler(spec, 'client', 'Response', response => (client, message) => response(client, message).set('clock', message.t3)),
  },
  oneTimestamp: {
    because: 'The server says only when it answers. So the client takes the time that it took for time on the way.',
    breaks: 'withinHalfTheDifference',
    length: 7,
    change: spec => withHandler(spec, 'client', 'Response', response => (client, message) => response(client, { ...message, t2: message.t3 })),
  },
  byItsReceipt: {
    because: 'The client sets its clock by T2, from before the server took its time.',
    breaks: 'withinHalfTheDelay',
    length: 5,
    change: spec =>
      withHandler(
        spec,
        'client',
        'Response',
        response => (client, message) => response(client, message).update('clock', clock => clock - message.t3 + message.t2),
      ),
  },
} satisfies Mutants<typeof cristian>
