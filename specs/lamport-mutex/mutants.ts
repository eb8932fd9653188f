import { fairDelivery, type Mutants, weaklyFair, withRule } from '../../checker/index.ts'
import type { lamportMutex } from './protocol.ts'

type Spec = ReturnType<typeof lamportMutex>
type Process = Spec['roles']['process']

/** The algorithm with other rules of a process. */
const withProcess = (spec: Spec, change: (process: Process) => Partial<Process>): Spec => ({
  ...spec,
  roles: { process: { ...spec.roles.process, ...change(spec.roles.process) } },
})

export const mutants = {
  reordered: {
    because: 'The network no longer keeps the order of messages between two processes, so an acknowledgement may overtake a request.',
    breaks: 'mutualExclusion',
    parameters: { processes: 2 },
    length: 8,
    change: spec => ({ ...spec, network: 'reliable' }),
  },
  impatient: {
    because: 'Rule 5(ii) is dropped: a process enters without having heard from every other.',
    breaks: 'mutualExclusion',
    length: 4,
    change: spec => withRule(spec, 'everybody acknowledged it', true),
  },
  pushy: {
    because: 'Rule 5(i) is dropped: a process enters though a request in its queue precedes its own.',
    breaks: 'entryInOrder',
    length: 9,
    change: spec => withRule(spec, 'its request is the first', true),
  },
  tied: {
    because: 'Ties are not broken: of two requests with the same stamp each is first.',
    breaks: 'mutualExclusion',
    length: 12,
    change: spec => withRule(spec, 'the lower process goes first', true),
  },
  neverReleases: {
    because: 'Rule 3 is dropped: a process that leaves keeps it to itself, so its request stays at the head of all queues.',
    breaks: 'everyRequestIsGranted',
    parameters: { processes: 2, requests: 1, maxClock: Infinity },
    length: 2,
    change: spec =>
      withProcess(spec, ({ actions }) => ({
        actions: { ...actions, exit: { ...actions.exit, do: (p, here) => actions.exit.do(p, { ...here, broadcast() {} }) } },
      })),
  },
  ignoresRelease: {
    because: 'Rule 4 is dropped: a process does not remove a request that is released.',
    breaks: 'everyRequestIsGranted',
    parameters: { processes: 2, requests: 1, maxClock: Infinity },
    length: 2,
    change: spec => withProcess(spec, ({ on }) => ({ on: { ...on, Release: p => p } })),
  },
  busy: {
    because: 'Rule 2 is dropped for a process that waits itself: it does not acknowledge the request of another.',
    breaks: 'everyRequestIsGranted',
    parameters: { processes: 2, requests: 1, maxClock: Infinity },
    length: 2,
    change: spec =>
      withProcess(spec, ({ on }) => ({
        on: { ...on, Request: (p, message, from, here) => on.Request(p, message, from, p.request === null ? here : { ...here, send() {} }) },
      })),
  },
  staysInside: {
    because: 'Nobody is bound to leave: the one that is inside may stay there for ever.',
    breaks: 'eventuallyGranted',
    parameters: { processes: 2, requests: 1, maxClock: Infinity },
    length: 7,
    change: spec => ({ ...spec, fairness: [fairDelivery(), weaklyFair('process', 'enter')] }),
  },
} satisfies Mutants<typeof lamportMutex>
