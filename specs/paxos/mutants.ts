import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
import { Proposal, type paxos } from './protocol.ts'

type Spec = ReturnType<typeof paxos>

type Acceptor = ReturnType<Spec['roles']['acceptor']['init']>

/** Paxos, with acceptors that come back from a crash without some of what was on their disks. */
const losing = ({ roles, ...spec }: Spec, recover: (a: Acceptor) => Acceptor): Spec => ({
  ...spec,
  roles: { ...roles, acceptor: { ...roles.acceptor, recover } as Spec['roles']['acceptor'] },
})

export const mutants = {
  onePromise: {
    because: 'Phase 2: a proposer proposes after one response, so it need not hear of what a majority has accepted.',
    breaks: 'agreement',
    parameters: { ballots: 2, crashes: 0 },
    length: 14,
    change: spec => withRule(spec, 'a majority has promised', true),
  },
  ignoresAccepted: {
    because: 'Phase 2(a): a proposer proposes its own value, whatever proposals the acceptors have responded with.',
    breaks: 'agreement',
    parameters: { ballots: 2, crashes: 0 },
    length: 18,
    change: spec => withRule(spec, 'an accepted value is kept', true),
  },
  takesAny: {
    because: 'Phase 2(a): of the proposals in the responses a proposer takes the value of any, which need not be the one that is chosen.',
    breaks: 'agreement',
    parameters: { crashes: 0 },
    length: 24,
    change: spec => withRule(spec, 'the highest-numbered counts', true),
  },
  breaksPromise: {
    because: 'Phase 2(b): an acceptor accepts a proposal though it has responded to a prepare request with a higher number.',
    breaks: 'agreement',
    parameters: { ballots: 2, crashes: 0 },
    length: 18,
    change: spec => withRule(spec, 'nothing higher is promised', true),
  },
  acceptsWithoutPromise: {
    because: 'Phase 2(b): an acceptor that accepts n has not promised n, as the paper can be read: it then accepts less, and tells the next proposer of that.',
    breaks: 'agreement',
    parameters: { crashes: 0 },
    length: 24,
    change: spec =>
      withHandler(
        spec,
        'acceptor',
        'Accept',
        Accept =>
          (a, ...step) =>
            Accept(a, ...step).set('promised', a.promised),
      ),
  },
  promisesLess: {
    because: 'Phase 1(b): an acceptor responds to a prepare request that is late, and forgets that it has promised more.',
    breaks: 'promisesAreKept',
    length: 4,
    change: spec => withRule(spec, 'the number is higher', true),
  },
  forgetsPromise: {
    because: 'The promise of an acceptor is not on disk: after a crash it accepts what it had promised not to.',
    breaks: 'agreement',
    parameters: { ballots: 2 },
    length: 19,
    change: spec => losing(spec, a => a.set('promised', -1)),
  },
  forgetsAccepted: {
    because: 'What an acceptor has accepted is not on disk: after a crash it tells the next proposer of nothing.',
    breaks: 'agreement',
    parameters: { ballots: 2 },
    length: 19,
    change: spec => losing(spec, a => a.set('accepted', new Proposal())),
  },
  forgetsNumber: {
    because: 'The number of a proposer is not on disk: after a crash it knows of none, and would use the same one again.',
    breaks: 'numbersAreNew',
    length: 2,
    change: spec => ({ ...spec, roles: { ...spec.roles, proposer: { ...spec.roles.proposer, recover: () => spec.roles.proposer.init() } } }),
  },
  oneAcceptance: {
    because: 'A learner takes a value for chosen that one acceptor has accepted.',
    breaks: 'learnsOnlyWhatIsChosen',
    length: 7,
    change: spec => withRule(spec, 'a majority has accepted', true),
  },
  proposesForOthers: {
    because: 'Phase 2(a): a proposer that is free to choose proposes a value that nobody has proposed.',
    breaks: 'validity',
    length: 6,
    change: spec =>
      withHandler(
        spec,
        'proposer',
        'Promise',
        Promise => (p, message, from, here) => Promise(p, message, from, { ...here, self: here.others[0] ?? here.self }),
      ),
  },
} satisfies Mutants<typeof paxos>
