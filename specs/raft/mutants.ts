import { List } from 'immutable'
import { type Mutants, withRule } from '../../checker/index.ts'
import type { raft } from './protocol.ts'

type Raft = ReturnType<typeof raft>

type Server = ReturnType<Raft['roles']['node']['recover']>

/** Raft, with a node that comes back from a crash without some of what was on its disk. */
const losing = (spec: Raft, lose: (n: Server) => Server): Raft => ({
  ...spec,
  roles: { node: { ...spec.roles.node, recover: n => lose(spec.roles.node.recover(n)) } },
})

export const mutants = {
  votesTwice: {
    because: 'Slide 2: a node grants its vote without looking at votedFor, and so to two candidates of one term.',
    breaks: 'electionSafety',
    length: 6,
    change: spec => withRule(spec, 'one vote a term', true),
  },
  twoOfFour: {
    because: 'Slide 3: two votes of four elect a leader; there may be two such halves.',
    breaks: 'electionSafety',
    parameters: { nodes: 4, terms: 1, broadcasts: 0, crashes: 0 },
    length: 6,
    change: spec => withRule(spec, 'a quorum voted', true),
  },
  forgetsVote: {
    because: 'Slide 1: votedFor is not on disk, so a node that recovers may vote again in the same term.',
    breaks: 'electionSafety',
    length: 7,
    change: spec => losing(spec, n => n.set('votedFor', null)),
  },
  forgetsTerm: {
    because: 'Slide 1: currentTerm is not on disk, so a node that recovers takes its old term for a new one, in which it may vote.',
    breaks: 'electionSafety',
    length: 7,
    change: spec => losing(spec, n => n.set('currentTerm', 0)),
  },
  forgetsLog: {
    because: 'Slide 1: the log is not on disk, so a node that recovers has lost what it acknowledged and delivered.',
    breaks: 'deliveredNeverChanges',
    length: 7,
    change: spec => losing(spec, n => n.set('log', List())),
  },
  forgetsCommitLength: {
    because: 'Slide 1: commitLength is not on disk, so a node that recovers delivers its log a second time.',
    breaks: 'commitLengthNeverFalls',
    length: 7,
    change: spec => losing(spec, n => n.set('commitLength', 0)),
  },
  appendsRetries: {
    because: 'Slide 4: the link to the leader does not deduplicate, so a request that arrives a second time is appended a second time.',
    breaks: 'deliversOnce',
    parameters: { terms: 1, length: 1, crashes: 0, forwards: true },
    length: 9,
    change: spec => withRule(spec, 'the link deduplicates', true),
  },
  staleCandidate: {
    because: 'Slide 2: a vote is granted though the log of the candidate lacks entries of the voter, which may be committed.',
    breaks: 'leaderCompleteness',
    parameters: { crashes: 0 },
    length: 9,
    change: spec => withRule(spec, 'the log of the candidate is up to date', true),
  },
  commitsAlone: {
    because: 'Slide 9: the leader commits what it alone has, so a leader elected by the others lacks it.',
    breaks: 'leaderCompleteness',
    parameters: { crashes: 0 },
    length: 9,
    change: spec => withRule(spec, 'a quorum has the entry', true),
  },
  figure8: {
    because: 'Slide 9: the leader commits an entry of an old term by counting, which a leader of a term between may still overwrite (Figure 8 of the paper).',
    breaks: 'leaderCompleteness',
    parameters: { terms: 4, length: 1, crashes: 0 },
    length: 20,
    slow: true,
    change: spec => withRule(spec, 'the entry is of the current term', true),
  },
  obeysOldLeader: {
    because: 'Slide 6: a LogRequest of an old term is obeyed, even by the leader of a new one.',
    breaks: 'leaderAppendOnly',
    parameters: { crashes: 0 },
    length: 9,
    change: spec => withRule(spec, 'the request is of the current term', true),
  },
  skipsLogCheck: {
    because: 'Slide 6: a follower takes the suffix without having the prefix, so entries end up at other positions.',
    breaks: 'logMatching',
    parameters: { crashes: 0 },
    length: 11,
    change: spec => withRule(spec, 'the logs agree up to the prefix', true),
  },
  deliversUnseen: {
    because: 'Slide 6: a follower that lacks the prefix heeds leaderCommit all the same, and delivers entries that it does not have.',
    breaks: 'deliversOnlyWhatWasBroadcast',
    parameters: { crashes: 0, length: 1 },
    length: 12,
    change: spec => withRule(spec, 'the logs agree up to the prefix', true),
  },
  truncatesOnStale: {
    because: 'Slide 7: a follower truncates its log at every LogRequest, also at a late one, whose entries agree with its own.',
    breaks: 'deliveredNeverChanges',
    parameters: { terms: 1, broadcasts: 2, crashes: 0 },
    length: 10,
    change: spec => withRule(spec, 'the entries conflict', true),
  },
  keepsConflicts: {
    because: 'Slide 7: a follower keeps the entries of its own that conflict with those of the leader, and delivers them.',
    breaks: 'sameOrder',
    parameters: { crashes: 0 },
    length: 12,
    change: spec => withRule(spec, 'the entries conflict', false),
  },
} satisfies Mutants<typeof raft>
