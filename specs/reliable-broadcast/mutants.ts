import { fairDelivery, type Message, type Mutants, withRule } from '../../checker/index.ts'
import type { reliableBroadcast } from './protocol.ts'

type Spec = ReturnType<typeof reliableBroadcast>

type Transmit = Spec['roles']['node']['actions']['transmit']

/** The same, with other actions of the node. */
const withActions = (spec: Spec, change: (transmit: Transmit) => { readonly [name: string]: Transmit }) => ({
  ...spec,
  roles: { node: { ...spec.roles.node, actions: { ...spec.roles.node.actions, ...change(spec.roles.node.actions.transmit) } } },
})

export const mutants = {
  bestEffort: {
    because: 'Slide Broadcast algorithms, first attempt: nobody re-broadcasts, and the sender crashes before all messages are delivered.',
    breaks: 'agreement',
    length: 4,
    change: spec => withRule(spec, 're-broadcasts the first time', false),
  },
  noDeduplication: {
    because: 'A node delivers a message each time that it receives it: from its sender, and from whoever re-broadcasts it.',
    breaks: 'noDuplication',
    length: 7,
    change: spec => withRule(spec, 'delivers the first time', true),
  },
  doesNotRetry: {
    because: 'A link may give up: what it holds is then lost though nobody crashed.',
    breaks: 'validity',
    parameters: { crashes: 0 },
    length: 4,
    change: spec => withActions(spec, transmit => ({ transmit, giveUp: { ...transmit, do: (n, here) => transmit.do(n, { ...here, send() {} }) } })),
  },
  forwardsAsItsOwn: {
    because: 'Whoever forwards a message puts its own name on it, so a message is delivered that its sender has not broadcast.',
    breaks: 'noCreation',
    length: 5,
    change: spec =>
      withActions(spec, ({ when, do: transmit }) => ({
        transmit: {
          when,
          do: (n, here) => transmit(n, { ...here, send: (to, { type, msg }) => here.send(to, { type, msg: (msg as Message).set('by', here.self) }) }),
        },
      })),
  },
  losesItsSender: {
    because: 'Nobody re-broadcasts: a sender crashes before all its packets are sent, and whoever lacks the message waits for it for ever.',
    breaks: 'agreementInTheEnd',
    length: 4,
    change: spec => withRule(spec, 're-broadcasts the first time', false),
  },
  mayStopRetrying: {
    because: 'Nobody is bound to retry: a link may hold a packet for ever, and its node be up.',
    breaks: 'validityInTheEnd',
    length: 1,
    change: spec => ({ ...spec, fairness: [fairDelivery()] }),
  },
} satisfies Mutants<typeof reliableBroadcast>
