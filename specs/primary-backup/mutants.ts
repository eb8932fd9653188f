import { is, Map } from 'immutable'
import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import { type primaryBackup, rules } from './protocol.ts'

type Spec = ReturnType<typeof primaryBackup>

/** Circumstances of a slide, in which nothing is broken: each view ends since its primary is thought dead, and its backup takes over. */
const eachPrimaryIsGivenUp = (spec: Spec): Spec =>
  withAction(spec, 'viewServer', 'newView', ({ when, do: newView }) => ({
    when,
    do: (v, here) =>
      newView(v, {
        ...here,
        choose: <T>(options: Iterable<T>): T => {
          const all = [...options]
          const next = all.filter(option => option === v.view.backup)
          return here.choose(v.view.backup === null || next.length === 0 ? all : next)
        },
      }),
  }))

export const mutants = {
  splitBrain: {
    because: 'W, Split brain (rule 1): an idle server is promoted, while the old primary, which cannot reach the view server, thinks that it leads.',
    breaks: 'linearizable',
    parameters: { views: 3 },
    length: 19,
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
    length: 17,
    change: spec => withRule(spec, rules['2r'], true),
  },
  anyView: {
    because: 'Rule 3: a server executes requests that are forwarded in whatever view.',
    breaks: 'linearizable',
    length: 19,
    change: spec => withRule(spec, rules[3], true),
  },
  oldMessages: {
    because:
      'W, Old messages (rule 3): in view 1 A forwards a request to B; views 2: B, C and 3: C, A pass; in view 4 it arrives at B, the backup of A again, which looks at who forwards it and not in which view.',
    breaks: 'replicasAgree',
    parameters: { clients: 1, views: 4, alone: false },
    length: 31,
    change: spec =>
      withHandler(
        eachPrimaryIsGivenUp(spec),
        'server',
        'Forward',
        Forward => (s, message, from, here) => Forward(s, s.view.primary === from ? { ...message, num: s.view.num } : message, from, here),
      ),
  },
  outdatedClient: {
    because:
      'W, Inconsistencies (rule 4): a client that knows no later view than 1: A, B asks A, which knows that in view 3 B leads and A is its backup; and A answers.',
    breaks: 'singlePrimaryPerView',
    parameters: { clients: 1, views: 3 },
    length: 20,
    change: spec =>
      withHandler(
        spec,
        'server',
        'Request',
        Request => (s, message, client, here) =>
          Request(s, message, client, s.view.num === 3 ? { ...here, rule: (label, holds) => label === rules[4] || here.rule(label, holds) } : here),
      ),
  },
  nonAtomicTransfer: {
    because:
      'W, Inconsistencies; U, Why Atomic State Transfer? (rule 5): an operation is executed by both during the transfer, and the rest of the transfer overwrites it at the backup.',
    breaks: 'replicasAgree',
    length: 11,
    change: spec => withRule(spec, rules[5], true),
  },
  duplicateWrites: {
    because:
      'W, Duplicate writes: no reply to a write of view 1 arrives; in view 2 B transfers the state to C without the results of the last requests; so in view 3 C executes the write, sent again, a second time.',
    breaks: 'linearizable',
    parameters: { clients: 1, views: 3, alone: false },
    length: 29,
    change: spec =>
      withHandler(
        eachPrimaryIsGivenUp(spec),
        'server',
        'Snapshot',
        Snapshot =>
          (s, { store, ...rest }, from, here) =>
            Snapshot(s, { ...rest, store: store.set('rpcs', Map()) }, from, here),
      ),
  },
  executesAgain: {
    because: 'P, State transfer via snapshot ("at most once" RPC): a backup does not look whether it has executed a request before.',
    breaks: 'noWriteTwice',
    length: 11,
    change: spec =>
      withHandler(spec, 'server', 'Forward', Forward => (s, message, from, here) => Forward(s.setIn(['store', 'rpcs'], Map()), message, from, here)),
  },
  cornerCase: {
    because:
      'W, One more corner case: a client of view 2 asks B, which has not heard of it and, still the backup of view 1, takes the word of the client and answers.',
    breaks: 'linearizable',
    length: 18,
    change: spec =>
      withHandler(
        spec,
        'server',
        'Request',
        Request => (s, message, from, here) =>
          Request(s.view.backup === here.self ? s.setIn(['view', 'primary'], here.self).setIn(['view', 'backup'], null) : s, message, from, here).set(
            'view',
            s.view,
          ),
      ),
  },
  hasty: {
    because:
      'P, Transitioning between views: the view server moves on before the new backup is up to date, and promotes it, which lacks a write that was acknowledged.',
    breaks: 'noAcknowledgedWriteLost',
    parameters: { clients: 1, views: 3 },
    length: 8,
    change: spec => withRule(spec, rules.ack, true),
  },
  backsItself: {
    because: 'P, View server: the view server makes a primary its own backup where no other server is left.',
    breaks: 'primaryIsNotBackup',
    length: 1,
    change: spec =>
      withAction(spec, 'viewServer', 'newView', ({ when, do: newView }) => ({
        when,
        do(v, here) {
          const next = newView(v, { ...here, send() {} })
          const view = next.view.backup === null ? next.view.set('backup', next.view.primary) : next.view
          here.send(here.nodes.server, { type: 'ViewChange', view })
          here.send(here.nodes.client, { type: 'ViewChange', view })
          return next.merge({ view })
        },
      })),
  },
  twoAtATime: {
    because: 'P, P-B approach: the primary forwards an operation while another is under way; its backup may execute them in the other order.',
    breaks: 'linearizable',
    length: 22,
    change: spec =>
      withHandler(
        withHandler(
          spec,
          'server',
          'Request',
          Request =>
            (s, ...step) =>
              Request(s.set('pending', null), ...step),
        ),
        'server',
        'Accepted',
        Accepted => (s, message, from, here) => Accepted(is(s.pending, message.operation) ? s : s.set('pending', message.operation), message, from, here),
      ),
  },
  answersOnce: {
    because: 'A primary does not answer a request that it has executed before: if the answer was lost, the client waits for ever.',
    breaks: 'progress',
    parameters: { clients: 1, views: 2 },
    length: 6,
    change: spec =>
      withHandler(
        spec,
        'server',
        'Request',
        Request => (s, message, client, here) => (s.store.rpcs.get(client)?.seq === message.seq ? s : Request(s, message, client, here)),
      ),
  },
  takesAnyReply: {
    because: 'A client takes any reply for one to its present request: also that to an earlier one, which comes late or again.',
    breaks: 'linearizable',
    parameters: { clients: 1, requests: 2 },
    length: 8,
    change: spec =>
      withHandler(
        spec,
        'client',
        'Reply',
        Reply =>
          (c, { type, result }, ...step) =>
            Reply(c, { type, seq: c.seq, result }, ...step),
      ),
  },
  asksOnce: {
    because: 'Primary and backup send nothing again. What one sends the other is lost, and the client is not answered as long as the view stays.',
    breaks: 'progressInTheEnd',
    parameters: { servers: 2, clients: 1, views: 2 },
    length: 5,
    change: spec => withAction(spec, 'server', 'repeat', repeat => ({ ...repeat, when: () => false })),
  },
} satisfies Mutants<typeof primaryBackup>
