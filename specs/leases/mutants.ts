import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import type { leases } from './protocol.ts'

export const mutants = {
  countsFromTheAnswer: {
    because: 'A lease counts from when the client hears of it, though it began when the service gave it.',
    breaks: 'oneHolder',
    length: 11,
    change: spec => withHandler(spec, 'client', 'Granted', granted => (client, message) => granted(client.set('waited', 0), message)),
  },
  neverAsksAgain: {
    because: 'Who is passed over waits for ever. Two clients that ask when the lease has not ended at the service are both passed over.',
    breaks: 'canBeHadAgain',
    length: 6,
    change: spec => withAction(spec, 'client', 'giveUp', ({ when }) => ({ when, do: client => client })),
  },
  unfenced: {
    because: 'The storage does not look at the numbers. A write that was sent under a lease arrives when it has ended, after that of the next.',
    breaks: 'inOrder',
    length: 15,
    change: spec => withRule(spec, 'a write of an older lease is refused', false),
  },
  endsEarly: {
    because: 'The service gives the lock to another a tick before the lease ends.',
    breaks: 'oneHolder',
    length: 10,
    change: spec => withAction(spec, 'service', 'expire', ({ do: expire }) => ({ when: service => service.holder !== null && service.left <= 1, do: expire })),
  },
} satisfies Mutants<typeof leases>
