import { List } from 'immutable'
import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
import type { zab } from './protocol.ts'

type Spec = ReturnType<typeof zab>

type Process = ReturnType<Spec['roles']['node']['recover']>

/** Zab, with a process that comes back from a crash without some of what was on its disk. */
const losing = (spec: Spec, lose: (n: Process) => Process): Spec => ({
  ...spec,
  roles: { node: { ...spec.roles.node, recover: n => lose(spec.roles.node.recover(n)) } },
})

export const mutants = {
  epochFirst: {
    because: 'Step f.2.1 is not atomic, and the epoch is written before the history: after a crash a short history passes for the latest.',
    breaks: 'primaryIntegrity',
    parameters: { epochs: 3, length: 1, crashes: 0, torn: true },
    length: 18,
    slow: true,
    change: spec => withRule(spec, 'the history is written first', false),
  },
  onePromise: {
    because: 'Step l.1.2: a leader begins with its own history, not waiting for a quorum, of which one has each transaction that is delivered.',
    breaks: 'primaryIntegrity',
    parameters: { length: 1, crashes: 0 },
    length: 13,
    change: spec => withRule(spec, 'a quorum has promised', true),
  },
  noSynchronization: {
    because: 'Phase 2 is left out: a leader broadcasts before a quorum has the history of its epoch.',
    breaks: 'primaryIntegrity',
    parameters: { epochs: 3, length: 1, crashes: 0 },
    length: 12,
    slow: true,
    change: spec => withRule(spec, 'a quorum has acknowledged the leader', true),
  },
  anyEpoch: {
    because: 'Step l.1.2: the leader takes any history, in place of one of the latest epoch.',
    breaks: 'primaryIntegrity',
    parameters: { epochs: 3, length: 1, crashes: 0 },
    length: 15,
    slow: true,
    change: spec => withRule(spec, 'the latest epoch counts', true),
  },
  anyHistory: {
    because: 'Step l.1.2: of the histories of one epoch the leader takes any, in place of that with the latest transaction.',
    breaks: 'primaryIntegrity',
    parameters: { length: 1, crashes: 0 },
    length: 18,
    slow: true,
    change: spec => withRule(spec, 'the latest transaction counts', true),
  },
  commitsAlone: {
    because: 'Step l.3.2: a primary commits what it alone has, and the next one does not know of it.',
    breaks: 'primaryIntegrity',
    parameters: { length: 1, crashes: 0 },
    length: 13,
    change: spec => withRule(spec, 'a quorum has accepted', true),
  },
  obeysOld: {
    because: 'Step f.3.2: a follower that has promised a new epoch, and said what it has, accepts a proposal of the old one.',
    breaks: 'primaryIntegrity',
    parameters: { length: 1, crashes: 0 },
    length: 15,
    slow: true,
    change: spec => withRule(spec, 'no other epoch is promised', true),
  },
  promisesAgain: {
    because: 'Step f.1.2: a follower promises an epoch to two leaders.',
    breaks: 'onePrimary',
    parameters: { broadcasts: 0, crashes: 0 },
    length: 12,
    change: spec => withRule(spec, 'the epoch is new', true),
  },
  beginsAgain: {
    because: 'Step f.2.1: NewLeader comes a second time, and the follower goes back to the history with which the epoch began.',
    breaks: 'primaryIntegrity',
    parameters: { length: 1, crashes: 0 },
    length: 16,
    slow: true,
    change: spec => withRule(spec, 'it comes once', true),
  },
  mergesHistories: {
    because: 'Step f.2.1: a follower keeps what it has besides the history of the epoch, behind it.',
    breaks: 'globalPrimaryOrder',
    parameters: { crashes: 0 },
    length: 18,
    slow: true,
    change: spec =>
      withHandler(
        spec,
        'node',
        'NewLeader',
        NewLeader =>
          (n, message, ...step) =>
            NewLeader(n, { ...message, history: message.history.concat(n.history).toOrderedSet().toList() }, ...step),
      ),
  },
  leavesOut: {
    because: 'Step f.3.2: a follower accepts a transaction without the one before, as if channels were not FIFO.',
    breaks: 'localPrimaryOrder',
    parameters: { epochs: 1, broadcasts: 2, crashes: 0 },
    length: 9,
    change: spec => withRule(spec, 'nothing is left out', true),
  },
  deliversAnother: {
    because: 'Step f.3.3: a follower that has left out a transaction delivers the one after it in its place.',
    breaks: 'agreement',
    parameters: { epochs: 1, broadcasts: 2, crashes: 0 },
    length: 12,
    change: spec => withRule(spec, 'nothing is left out', true),
  },
  deliversUnseen: {
    because: 'Step f.3.3: a follower heeds a commit though it lacks the transaction.',
    breaks: 'integrity',
    parameters: { epochs: 1, crashes: 0 },
    length: 13,
    change: spec => withRule(spec, 'it has what it delivers', true),
  },
  forgetsPromise: {
    because: 'f.p is not on disk: after a crash a follower promises the same epoch to another leader.',
    breaks: 'onePrimary',
    parameters: { broadcasts: 0 },
    length: 13,
    change: spec => losing(spec, n => n.set('promised', n.current)),
  },
  forgetsEpoch: {
    because:
      'f.a is not on disk: after a crash NewLeader comes a second time, and the follower begins the epoch again, without what it has acknowledged since.',
    breaks: 'primaryIntegrity',
    parameters: { epochs: 3, length: 1 },
    length: 17,
    slow: true,
    change: spec => losing(spec, n => n.set('current', 0)),
  },
  forgetsHistory: {
    because: 'The history is not on disk: after a crash a follower lacks what it acknowledged, and what is delivered by that.',
    breaks: 'primaryIntegrity',
    parameters: { length: 1 },
    length: 16,
    slow: true,
    change: spec => losing(spec, n => n.set('history', List())),
  },
} satisfies Mutants<typeof zab>
