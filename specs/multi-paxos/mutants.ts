import { Map } from 'immutable'
import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
import type { multiPaxos } from './protocol.ts'

type Spec = ReturnType<typeof multiPaxos>

type Acceptor = ReturnType<Spec['roles']['acceptor']['init']>

/** Multi-Paxos, with acceptors that come back from a crash without some of what was on their disks. */
const losing = ({ roles, ...spec }: Spec, recover: (a: Acceptor) => Acceptor): Spec => ({
  ...spec,
  roles: { ...roles, acceptor: { ...roles.acceptor, recover } as Spec['roles']['acceptor'] },
})

export const mutants = {
  ignoresSlot: {
    because: 'Phase 2(a): a new leader proposes a no-op in a slot, though phase 1 says what has been accepted there.',
    breaks: 'agreement',
    parameters: { slots: 1, commands: 1, asked: 2 },
    length: 19,
    change: spec => withRule(spec, 'phase 1 does not say of the slot', true),
  },
  onePromise: {
    because: 'Phase 2: a leader proposes after one response, so it need not hear of what a majority has accepted.',
    breaks: 'agreement',
    parameters: { slots: 1, commands: 1, asked: 2 },
    length: 16,
    change: spec => withRule(spec, 'a majority has promised', true),
  },
  takesAny: {
    because: 'Phase 2(a): of what was accepted in a slot a leader takes any proposal, which need not be the one that is chosen.',
    breaks: 'agreement',
    parameters: { slots: 1, commands: 1, asked: 2, ballots: 3 },
    length: 26,
    slow: true,
    change: spec => withRule(spec, 'the highest-numbered counts', true),
  },
  breaksPromise: {
    because: 'Phase 2(b): an acceptor accepts a proposal though it has responded to a prepare request with a higher number.',
    breaks: 'agreement',
    parameters: { slots: 1, commands: 1, asked: 2 },
    length: 20,
    change: spec => withRule(spec, 'nothing higher is promised', true),
  },
  promisesLess: {
    because: 'Phase 1(b): an acceptor responds to a prepare request that is late, and forgets that it has promised more.',
    breaks: 'promisesAreKept',
    length: 4,
    change: spec => withRule(spec, 'the number is higher', true),
  },
  forgetsAccepted: {
    because: 'What an acceptor has accepted is not on disk: after a crash it tells the next leader of nothing.',
    breaks: 'agreement',
    parameters: { slots: 1, commands: 1, asked: 2, crashes: 1 },
    length: 21,
    change: spec => losing(spec, a => a.set('accepted', Map())),
  },
  forgetsPromise: {
    because: 'The promise of an acceptor is not on disk: after a crash it accepts what it had promised not to.',
    breaks: 'agreement',
    parameters: { slots: 1, commands: 1, asked: 2, crashes: 1 },
    length: 21,
    change: spec => losing(spec, a => a.set('promised', -1)),
  },
  forgetsNumber: {
    because: 'The number of a leader is not on disk: after a crash it knows of none, and would use the same one again.',
    breaks: 'numbersAreNew',
    parameters: { slots: 1, commands: 1, asked: 2, crashes: 1 },
    length: 2,
    change: spec => ({ ...spec, roles: { ...spec.roles, leader: { ...spec.roles.leader, recover: () => spec.roles.leader.init() } } }),
  },
  appliesEarly: {
    because: 'A command is executed as soon as it is chosen, though one before it is not.',
    breaks: 'appliesInOrder',
    length: 11,
    change: spec => withRule(spec, 'those before are chosen', true),
  },
  proposesForOthers: {
    because: 'Phase 2(a): a leader proposes a command that nobody has given to it.',
    breaks: 'validity',
    length: 7,
    change: spec => ({
      ...spec,
      roles: {
        ...spec.roles,
        leader: {
          ...spec.roles.leader,
          actions: {
            ...spec.roles.leader.actions,
            request: { ...spec.roles.leader.actions.request, do: (l, here) => spec.roles.leader.actions.request.do(l, here).set('requests', l.requests) },
          },
        },
      },
    }),
  },
  fillsWithLast: {
    because: 'A new leader fills a gap with the command of a later slot, which then is executed twice.',
    breaks: 'chosenOnce',
    length: 20,
    change: spec =>
      withHandler(spec, 'leader', 'Promise', Promise => (l, { accepted, ...message }, ...step) => {
        const last = accepted.get(1)
        return Promise(l, { ...message, accepted: last === undefined || accepted.has(0) ? accepted : accepted.set(0, last) }, ...step)
      }),
  },
} satisfies Mutants<typeof multiPaxos>
