import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'if (service.holder !== null || service.token === count) return service',
    to: 'if (service.holder !== null || false) return service',
    because: '`count` is the bound of the model: without it leases are given for ever.',
  },
  {
    from: 'when: client => client.waited === null && client.left === 0,',
    to: 'when: client => client.waited === null && true,',
    because: 'Who asks while it has a lease is passed over, or has the next one counted from when it asked.',
  },
  {
    from: 'Granted: (client, { token }) => client.merge({ waited: null, left: Math.max(0, duration - margin - (client.waited ?? 0)), token }),',
    to: 'Granted: (client, { token }) => client.merge({ left: Math.max(0, duration - margin - (client.waited ?? 0)), token }),',
    because: 'Who has been answered waits on until it gives up, and asks later.',
  },
  {
    from: 'when: client => client.waited !== null && client.waited > duration,',
    to: 'when: client => client.waited !== null && client.waited >= duration,',
    because: 'An answer takes twice the delay at most, which is less than the duration.',
  },
  {
    from: 'waited: client.waited === null ? null : Math.min(client.waited + 1, duration + 1),',
    to: 'waited: client.waited === null ? null : Math.min(client.waited + 1, duration + 2),',
    because: 'It counts one tick more than anybody looks at.',
  },
  {
    from: 'left: Math.max(0, client.left - 1),',
    to: 'left: Math.max(0, client.left - 2),',
    because: 'A clock that runs twice as fast ends the lease early for its holder alone.',
  },
  {
    from: 'timing: synchronous({ delay: { max: delay }, drift }),',
    to: 'timing: synchronous({ delay: { max: (delay) + 1 }, drift }),',
    because: 'A lease is counted from when it was asked for, however long the answer takes; and an answer still comes before the client gives up.',
  },
] satisfies Survivors
