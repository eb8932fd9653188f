import { type Claims, each } from '../../checker/index.ts'
import type { multiPaxos } from './protocol.ts'

export const claims = {
  primaryOrder: {
    because:
      'The commands of one leader are executed in its order, none without those before. But the next leader may find only the second, and fill the gap with a no-op: so Zab is not Paxos. (F. Junqueira, B. Reed and M. Serafini, "Zab", DSN 2011, section II.)',
    refutes: each(
      'learner',
      l => l.applied,
      applied =>
        applied.every(({ by, number }, i) => by === null || number === 0 || applied.take(i).some(before => before.by === by && before.number === number - 1)),
    ),
    length: 20,
  },
  appliedOnce: {
    because:
      'A client hears nothing and asks again, and its command is chosen in two slots. Paxos does not tell: the state machine has to know a command that it has executed.',
    refutes: each(
      'learner',
      l => l.applied.filter(({ by }) => by !== null),
      applied => applied.toSet().size === applied.size,
    ),
    length: 15,
    assuming: spec => {
      const { request } = spec.roles.leader.actions
      const before = (l: Parameters<typeof request.do>[0]) => l.set('requests', l.requests - 1)
      const retry: typeof request = { when: (l, here) => l.requests > 0 && request.when(before(l), here), do: (l, here) => request.do(before(l), here) }
      const leader = { ...spec.roles.leader, actions: { ...spec.roles.leader.actions, retry } }
      return { ...spec, roles: { ...spec.roles, leader } }
    },
  },
} satisfies Claims<typeof multiPaxos>
