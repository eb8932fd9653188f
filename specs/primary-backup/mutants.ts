import { is, Map } from 'immutable'
import { type Mutants, withRule } from '../../checker/index.ts'
import { type primaryBackup, rules } from './protocol.ts'

type Spec = ReturnType<typeof primaryBackup>

/** The protocol with other handlers at its servers. */
const withServer = ({ roles, ...spec }: Spec, change: (on: Spec['roles']['server']['on']) => Partial<Spec['roles']['server']['on']>): Spec => ({
  ...spec,
  roles: { ...roles, server: { ...roles.server, on: { ...roles.server.on, ...change(roles.server.on) } } },
})

export const mutants = {
  splitBrain: {
    because: 'W, Split brain (rule 1): an idle server is promoted, while the old primary, which cannot reach the view server, thinks that it leads.',
    breaks: 'linearizable',
    length: 18,
    change: spec => withRule(spec, rules[1], true),
  },
  missingWrites: {
    because: 'W, Missing writes (rule 2): the primary answers a write that its backup, the next primary, has not executed.',
    breaks: 'noAcknowledgedWriteLost',
    length: 12,
    change: spec => withRule(spec, rules[2], true),
  },
  fastReads: {
    because:
      'W, Stale reads (rule 2, for reads): the primary of an old view answers a read without asking its backup, which has become primary and executed a write.',
    breaks: 'linearizable',
    length: 16,
    change: spec => withRule(spec, rules['2r'], true),
  },
  anyView: {
    because: 'Rule 3: a server executes requests that are forwarded in whatever view.',
    breaks: 'linearizable',
    length: 18,
    change: spec => withRule(spec, rules[3], true),
  },
  oldMessages: {
    because:
      'W, Old messages (rule 3): a backup looks at who forwards a request, and not in which view; a request of an earlier view, with the same primary and backup, arrives in this one.',
    breaks: 'replicasAgree',
    length: 18,
    change: spec =>
      withServer(spec, ({ Forward }) => ({
        Forward: (s, message, from, here) => Forward(s, s.view.primary === from ? { ...message, num: s.view.num } : message, from, here),
      })),
  },
  outdatedClient: {
    because: 'W, Inconsistencies (rule 4): an outdated client asks a server that is primary no longer, and it answers.',
    breaks: 'singlePrimaryPerView',
    length: 16,
    change: spec => withRule(spec, rules[4], true),
  },
  nonAtomicTransfer: {
    because:
      'W, Inconsistencies; U, Why Atomic State Transfer? (rule 5): an operation is executed by both during the transfer, and the rest of the transfer overwrites it at the backup.',
    breaks: 'replicasAgree',
    length: 10,
    change: spec => withRule(spec, rules[5], true),
  },
  duplicateWrites: {
    because: 'W, Duplicate writes: the state is transferred without the results of the last requests, so a write that is sent again is executed again.',
    breaks: 'noWriteTwice',
    length: 13,
    change: spec =>
      withServer(spec, ({ Snapshot }) => ({
        Snapshot: (s, { store, ...rest }, from, here) => Snapshot(s, { ...rest, store: store.set('rpcs', Map()) }, from, here),
      })),
  },
  cornerCase: {
    because:
      'W, One more corner case: a client of view 2 asks B, which has not heard of it and, still the backup of view 1, takes the word of the client and answers.',
    breaks: 'linearizable',
    length: 17,
    change: spec =>
      withServer(spec, ({ Request }) => ({
        Request: (s, message, from, here) =>
          Request(s.view.backup === here.self ? s.setIn(['view', 'primary'], here.self).setIn(['view', 'backup'], null) : s, message, from, here).set(
            'view',
            s.view,
          ),
      })),
  },
  hasty: {
    because: 'P, Transitioning between views: the view server moves on before the backup is up to date, and promotes it.',
    breaks: 'noAcknowledgedWriteLost',
    length: 8,
    change: spec => withRule(spec, rules.ack, true),
  },
  twoAtATime: {
    because: 'P, P-B approach: the primary forwards an operation while another is under way; its backup may execute them in the other order.',
    breaks: 'linearizable',
    length: 21,
    change: spec =>
      withServer(spec, ({ Request, Accepted }) => ({
        Request: (s, message, from, here) => Request(s.set('pending', null), message, from, here),
        Accepted: (s, message, from, here) => Accepted(is(s.pending, message.operation) ? s : s.set('pending', message.operation), message, from, here),
      })),
  },
  answersOnce: {
    because: 'A primary does not answer a request that it has executed before: if the answer was lost, the client waits for ever.',
    breaks: 'progress',
    parameters: { clients: 1, views: 2 },
    length: 6,
    change: spec =>
      withServer(spec, ({ Request }) => ({
        Request: (s, message, client, here) => (s.store.rpcs.get(client)?.seq === message.seq ? s : Request(s, message, client, here)),
      })),
  },
} satisfies Mutants<typeof primaryBackup>
