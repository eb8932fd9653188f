import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "do: (n, here) => send(n.set('app', n.app.set('state', 'releasing')), new Command({ by: here.self, op: 'release', number: n.app.requests }), here),",
    to: "do: (n, here) => send(n.set('app', n.app.set('state', 'releasing')), new Command({ op: 'release', number: n.app.requests }), here),",
    because: 'A release is of whoever is first in the queue: who says it need not be named.',
  },
] satisfies Survivors
