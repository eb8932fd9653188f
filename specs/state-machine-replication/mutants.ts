import { Set } from 'immutable'
import { type Id, type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import { Element, stateMachineReplication, type Update } from './protocol.ts'

type Spec = ReturnType<typeof stateMachineReplication>
const once = (spec: Spec): Spec => withRule(spec, 'the request is new', true)

export const mutants = {
  // The table, "replication using causal (and weaker) broadcast": each row with the next weaker broadcast.
  onlyCausal: {
    because: 'Updates are arbitrary, and the broadcast is only causal: replicas apply concurrent updates in different orders.',
    breaks: 'sameState',
    parameters: { nodes: 2, over: 'lamport', requests: 2 },
    length: 6,
    change: () => stateMachineReplication({ nodes: 2, over: 'causal', requests: 2 }),
  },
  onlyReliable: {
    because: 'Only concurrent updates commute, and the broadcast is not causal: an element is removed before it is added.',
    breaks: 'sameState',
    parameters: { nodes: 2, over: 'causal', updates: 'concurrent commute', requests: 2 },
    length: 6,
    change: () => stateMachineReplication({ nodes: 2, over: 'reliable', updates: 'concurrent commute', requests: 2 }),
  },
  onlyBestEffort: {
    because: 'Updates commute, but they are not idempotent, and the broadcast delivers a message twice, or not at all.',
    breaks: 'sameState',
    parameters: { over: 'reliable', updates: 'commute' },
    length: 4,
    change: () => stateMachineReplication({ over: 'best-effort', updates: 'commute' }),
  },
  losesMessages: {
    because: 'Updates commute and are idempotent, but each says only what is new, and the broadcast loses one.',
    breaks: 'sameState',
    parameters: { nodes: 2, over: 'best-effort', updates: 'idempotent', requests: 2 },
    length: 5,
    change: spec =>
      withAction(spec, 'node', 'request', ({ when, do: request }) => ({
        when,
        do(n, here) {
          const onlyNew = (u: Update) => u.set('adds', Set([new Element({ by: u.by, request: u.request })]))
          const send = (to: Id<'node'>[], packet: { readonly type: string; readonly msg: Update }) =>
            here.send(to, { ...packet, msg: onlyNew(packet.msg) } as { readonly type: string })
          return request(n, { ...here, send: send as typeof here.send })
        },
      })),
  },
  notDeterministic: {
    because: 'An update is not deterministic: one replica applies it, another does not.',
    breaks: 'sameState',
    length: 4,
    change: spec =>
      withHandler(spec, 'node', 'Packet', Packet => (n, message, from, here) => {
        const next = Packet(n, message, from, here)
        return here.choose([next, next.set('app', next.app.set('state', n.app.state))])
      }),
  },
  takesAllForOne: {
    because: 'Replicas know a request again by its client alone, and pass over its second one.',
    breaks: 'appliedOnce',
    parameters: { nodes: 2, senders: 1, requests: 2, retries: 1 },
    length: 6,
    change: spec => withRule(spec, 'a client numbers its requests', true),
  },
  // "Retrying state updates", over each total order broadcast.
  appliesTwice: {
    because: 'A client asks again, and replicas apply its request a second time (over a leader).',
    breaks: 'appliedOnce',
    parameters: { nodes: 2, senders: 1, retries: 1 },
    length: 6,
    change: once,
  },
  appliesTwiceOverLamport: {
    because: 'A client asks again, and replicas apply its request a second time (over Lamport clocks).',
    breaks: 'appliedOnce',
    parameters: { nodes: 2, over: 'lamport', retries: 1 },
    length: 6,
    change: once,
  },
  appliesTwiceOverRaft: {
    because: 'A client asks again, and replicas apply its request a second time (over Raft).',
    breaks: 'appliedOnce',
    parameters: { nodes: 2, senders: 1, over: 'raft', retries: 1 },
    length: 7,
    change: once,
  },
} satisfies Mutants<typeof stateMachineReplication>
