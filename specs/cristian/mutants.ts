import { type Mutants, withHandler } from '../../checker/index.ts'
import type { cristian } from './protocol.ts'

export const mutants = {
  asItWasSent: {
    because: 'The answer is taken for the time at which it arrives, though it was under way for a while.',
    breaks: 'withinHalfTheDelay',
    length: 5,
    change: spec => withHandler(spec, 'client', 'Response', response => (client, message) => response(client, message).set('clock', message.t3)),
  },
  countsTheServer: {
    because: 'The time that the server takes to answer counts as time on the way: T3 − T2 is not taken away.',
    breaks: 'withinHalfTheDelay',
    length: 5,
    change: spec =>
      withHandler(
        spec,
        'client',
        'Response',
        response => (client, message) => response(client, message).set('clock', message.t3 + (client.clock - (client.asked ?? 0)) / 2),
      ),
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
