import type { Change } from '../support/changed-specs.ts'

/** Bounds of proofs in which most changes are noticed soon. */
const fourNodes = { nodes: 4, broadcasts: 0, crashes: 0 }
const oneTerm = { terms: 1, broadcasts: 2, crashes: 0 }
const twoEntries = { broadcasts: 2, crashes: 0 }
const noCrash = { crashes: 0 }

const majority = 'Math.ceil((nodes.length + 1) / 2)'
const counts = "n.currentRole === 'candidate' && term === n.currentTerm && granted"
const newTerm = "currentTerm: cTerm, currentRole: 'follower', votedFor: null"
const lastOfBoth = 'Math.min(log.size, prefixLen + suffix.size) - 1'
const isReady = 'if (success && ack >= n.ackedLength.get(follower, 0))'
const stepsBack = 'n.sentLength.get(follower, 0) - 1'
const prefixTerm = 'n.log.get(prefixLen - 1)?.term === prefixTerm'

export const changes: readonly Change[] = [
  // Named in the review of the properties.
  {
    does: 'leaderCommit is always 0',
    from: 'leaderCommit: n.commitLength, suffix',
    to: 'leaderCommit: 0, suffix',
    breaks: 'everybodyDelivers',
    at: oneTerm,
    slow: true,
  },
  {
    does: 'only the smallest length that is ready is committed',
    from: 'ready.last() ?? 0',
    to: 'ready.first() ?? 0',
    breaks: 'everybodyDelivers',
    at: oneTerm,
    slow: true,
  },
  {
    does: 'the whole suffix is appended',
    from: 'log.concat(suffix.skip(log.size - prefixLen))',
    to: 'log.concat(suffix)',
    breaks: 'deliversOnce',
    steps: 10,
    at: oneTerm,
  },
  {
    does: 'a follower does not note its leader',
    from: "currentRole: 'follower', currentLeader: leaderId",
    to: "currentRole: 'follower'",
    breaks: 'forwarded',
    at: { terms: 1, length: 1, crashes: 0, forwards: true },
    slow: true,
  },
  // Slide 1.
  {
    does: 'a candidate does not time out',
    slow: true,
    from: "n.currentRole !== 'leader' && n.currentTerm < terms",
    to: "n.currentRole === 'follower' && n.currentTerm < terms",
    breaks: 'everybodyStands',
    at: fourNodes,
  },
  {
    does: 'a leader may time out',
    from: "n.currentRole !== 'leader' && n.currentTerm < terms",
    to: 'n.currentTerm < terms',
    harmless: 'A leader that stands again is one that crashed, recovered and timed out.',
  },
  {
    does: 'a candidate does not vote for itself',
    slow: true,
    from: 'votedFor: self,',
    to: 'votedFor: null,',
    breaks: 'electionSafety',
    steps: 10,
    at: fourNodes,
  },
  {
    does: 'a candidate does not count its own vote',
    from: 'votesReceived: Set([self])',
    to: 'votesReceived: Set()',
    breaks: 'majorityIsEnough',
    at: fourNodes,
  },
  {
    does: 'a candidate keeps the votes of an earlier term',
    from: 'votesReceived: Set([self])',
    to: 'votesReceived: n.votesReceived.add(self)',
    breaks: 'electionSafety',
    steps: 12,
    at: fourNodes,
    slow: true,
  },
  {
    does: 'a candidate does not raise its term',
    from: 'const currentTerm = n.currentTerm + 1',
    to: 'const currentTerm = Math.max(n.currentTerm, 1)',
    breaks: 'twoLeaders',
    at: fourNodes,
  },
  {
    does: 'a candidate gives its own term for that of its last entry',
    from: 'cLogTerm: termOfLast(n.log)',
    to: 'cLogTerm: currentTerm',
    breaks: 'leaderCompleteness',
    steps: 9,
    at: noCrash,
  },
  {
    does: 'a leader that recovers leads on',
    from: "currentRole: 'follower', currentLeader: null,",
    to: 'currentLeader: null,',
    breaks: 'leaderRecovers',
    slow: true,
  },
  // Slide 2.
  {
    does: 'a request of the same term makes it forget its vote',
    slow: true,
    from: 'if (cTerm > n.currentTerm)',
    to: 'if (cTerm >= n.currentTerm)',
    breaks: 'electionSafety',
    steps: 10,
    at: fourNodes,
  },
  { does: 'it keeps its vote in a new term', from: newTerm, to: "currentTerm: cTerm, currentRole: 'follower'", breaks: 'twoLeaders', at: fourNodes },
  {
    does: 'a leader leads on in a new term',
    slow: true,
    from: newTerm,
    to: 'currentTerm: cTerm, votedFor: null',
    breaks: 'electionSafety',
    steps: 10,
    at: fourNodes,
  },
  {
    does: 'the new term is not taken over',
    from: newTerm,
    to: "currentRole: 'follower', votedFor: null",
    breaks: 'majorityIsEnough',
    at: { ...fourNodes, terms: 1 },
  },
  {
    does: 'the length of the log does not count',
    slow: true,
    from: 'cLogTerm > lastTerm ||',
    to: 'cLogTerm >= lastTerm ||',
    breaks: 'leaderCompleteness',
    steps: 11,
    at: twoEntries,
  },
  { does: 'the log of a candidate must be longer', from: 'cLogLength >= n.log.size', to: 'cLogLength > n.log.size', breaks: 'majorityIsEnough', at: fourNodes },
  {
    does: 'whoever has voted for a candidate refuses it when it asks again',
    from: 'n.votedFor === cId || n.votedFor === null',
    to: 'n.votedFor === null',
    harmless: 'The grant is in flight. If it is lost, the candidate tries again in the next term: a matter of liveness, which the bound of terms cuts off.',
  },
  { does: 'it does not note its vote', slow: true, from: "return n.set('votedFor', cId)", to: 'return n', breaks: 'electionSafety', steps: 10, at: fourNodes },
  { does: 'a grant has the term of the candidate', from: 'term: n.currentTerm, granted: true', to: 'term: cTerm, granted: true', harmless: 'It is the same.' },
  {
    does: 'a refusal has the term of the candidate',
    from: 'term: n.currentTerm, granted: false',
    to: 'term: cTerm, granted: false',
    harmless: 'The candidate hears of a later term from whoever leads or stands in it: a matter of liveness.',
  },
  // Slide 3.
  { does: 'half is a majority', from: majority, to: 'Math.ceil(nodes.length / 2)', breaks: 'electionSafety', steps: 6, at: fourNodes },
  { does: 'all are a majority', from: majority, to: 'nodes.length', breaks: 'majorityIsEnough', at: fourNodes },
  {
    does: 'votes of earlier terms count',
    from: counts,
    to: "n.currentRole === 'candidate' && term <= n.currentTerm && granted",
    breaks: 'electionSafety',
    steps: 7,
  },
  {
    does: 'votes of later terms count',
    from: counts,
    to: "n.currentRole === 'candidate' && term >= n.currentTerm && granted",
    harmless: 'A vote is granted in the term of its request, and the candidate has been there.',
  },
  {
    does: 'refusals count',
    slow: true,
    from: counts,
    to: "n.currentRole === 'candidate' && term === n.currentTerm",
    breaks: 'electionSafety',
    steps: 10,
    at: fourNodes,
  },
  {
    does: 'one vote more than a quorum is needed',
    from: 'who.size >= majority',
    to: 'who.size > majority',
    breaks: 'majorityIsEnough',
    at: fourNodes,
  },
  {
    does: 'a leader does not know that it leads',
    from: "currentRole: 'leader', currentLeader: here.self",
    to: "currentRole: 'leader'",
    harmless: 'Only those that do not lead look for the leader; who led before would forward to itself, that is to nobody.',
  },
  {
    does: 'a leader sends its log from the start',
    from: 'sentLength: n.sentLength.set(follower, n.log.size), acked',
    to: 'sentLength: n.sentLength.set(follower, 0), acked',
    harmless: 'As if it had been stepped back as far as that.',
  },
  {
    does: 'a leader takes it that all have its log',
    from: 'ackedLength: n.ackedLength.set(follower, 0)',
    to: 'ackedLength: n.ackedLength.set(follower, n.log.size)',
    harmless: 'It commits nothing before an entry of its own term has been acknowledged, along with all before it.',
  },
  // Slide 4.
  {
    does: 'a leader does not count itself',
    from: 'n.ackedLength.set(here.self, n.log.size)',
    to: 'n.ackedLength',
    breaks: 'majorityIsEnough',
    at: oneTerm,
    slow: true,
  },
  {
    does: 'an entry has the term of the one before',
    from: 'new Entry({ msg, term: n.currentTerm })',
    to: 'new Entry({ msg, term: termOfLast(n.log) })',
    breaks: 'everybodyDelivers',
    at: oneTerm,
    slow: true,
  },
  // Slide 5.
  {
    does: 'one entry is sent at a time',
    from: 'n.log.skip(prefixLen)',
    to: 'n.log.skip(prefixLen).take(1)',
    breaks: 'deliversOnlyWhatWasBroadcast',
    steps: 11,
    at: oneTerm,
  },
  {
    does: 'prefixTerm is that of the last entry',
    from: 'termOfLast(n.log.take(prefixLen))',
    to: 'termOfLast(n.log)',
    harmless:
      'Entries of one term begin at the same position in all logs, so a follower refuses more than it need, and never less; and an empty prefix is never refused.',
  },
  // Slide 6.
  {
    does: 'it keeps its vote when it hears of a leader in a new term',
    from: 'n = n.merge({ currentTerm: term, votedFor: null })',
    to: 'n = n.merge({ currentTerm: term })',
    harmless: 'It votes less, in a term that has its leader.',
  },
  {
    does: 'it forgets its vote when it hears of a leader',
    from: 'if (term > n.currentTerm) n = n.merge({ currentTerm: term, votedFor: null })',
    to: 'if (term >= n.currentTerm) n = n.merge({ currentTerm: term, votedFor: null })',
    breaks: 'electionSafety',
    steps: 7,
  },
  {
    does: 'who hears of the leader of a new term goes on as candidate or leader',
    from: "currentRole: 'follower', currentLeader: leaderId",
    to: 'currentLeader: leaderId',
    breaks: 'electionSafety',
    steps: 7,
  },
  {
    does: 'the size of the log does not count',
    from: 'n.log.size >= prefixLen && (',
    to: '(',
    harmless: 'Where the log is shorter, there is no entry of that term.',
  },
  { does: 'an empty prefix is not special', from: '(prefixLen === 0 || ', to: '(', breaks: 'everybodyDelivers', at: oneTerm },
  {
    does: 'it compares the entry after the prefix',
    from: prefixTerm,
    to: 'n.log.get(prefixLen)?.term === prefixTerm',
    harmless:
      'It refuses more: where the entry after the prefix is of its term, the same leader wrote both, and log matching says that the prefix is the same. A leader that is refused steps back to the start, which is never refused.',
  },
  {
    does: 'it acknowledges its whole log',
    from: 'const ack = prefixLen + suffix.size',
    to: 'const ack = n.log.size',
    breaks: 'leaderCompleteness',
    steps: 13,
    at: { terms: 3, length: 1, crashes: 0 },
    slow: true,
  },
  {
    does: 'it acknowledges the suffix only',
    from: 'const ack = prefixLen + suffix.size',
    to: 'const ack = suffix.size',
    harmless: 'It acknowledges less than it has: the leader steps back, at last to the start, where the suffix is all.',
    at: oneTerm,
  },
  { does: 'an acknowledgement has the term of the request', from: 'term: n.currentTerm, ack, success', to: 'term, ack, success', harmless: 'It is the same.' },
  // Slide 7.
  {
    does: 'the last entry that both may have is looked for past the end of the log',
    from: lastOfBoth,
    to: 'prefixLen + suffix.size - 1',
    harmless: 'A log that is shorter is truncated, and has the whole suffix appended, in one step.',
  },
  {
    does: 'the entry before is compared',
    from: lastOfBoth,
    to: 'Math.min(log.size, prefixLen + suffix.size) - 2',
    breaks: 'deliveredNeverChanges',
    steps: 16,
    slow: true,
  },
  { does: 'an empty suffix conflicts', from: 'suffix.size > 0 && log.size', to: 'log.size', breaks: 'deliveredNeverChanges', steps: 9, at: oneTerm },
  {
    does: 'a log that ends where the suffix begins is looked at',
    from: '&& log.size > prefixLen',
    to: '&& log.size >= prefixLen',
    harmless: 'It is cut off where it ends.',
  },
  {
    does: 'it truncates from the entry that conflicts',
    slow: true,
    from: 'log = log.take(prefixLen)',
    to: 'log = log.take(index)',
    breaks: 'logMatching',
    steps: 11,
    at: twoEntries,
  },
  {
    does: 'it truncates one entry more',
    from: 'log = log.take(prefixLen)',
    to: 'log = log.take(prefixLen - 1)',
    breaks: 'sameOrder',
    steps: 13,
    at: twoEntries,
    slow: true,
  },
  {
    does: 'a suffix without anything new is appended',
    from: 'prefixLen + suffix.size > log.size',
    to: 'prefixLen + suffix.size >= log.size',
    harmless: 'There is nothing to append.',
  },
  {
    does: 'commitLength follows leaderCommit down',
    from: 'if (leaderCommit > commitLength) commit',
    to: 'commit',
    breaks: 'commitLengthNeverFalls',
    steps: 9,
    at: oneTerm,
  },
  {
    does: 'commitLength is at most the length of the log',
    from: 'commitLength = leaderCommit\n',
    to: 'commitLength = Math.min(leaderCommit, log.size)\n',
    harmless: 'The suffix reaches to the end of the log of the leader, which has what it has committed.',
  },
  // Slide 8.
  {
    does: 'acknowledgements of any term count',
    from: "if (term === n.currentTerm && n.currentRole === 'leader')",
    to: "if (n.currentRole === 'leader')",
    survives:
      'An acknowledgement of an old term does harm where the entries that it covers were overwritten, and an entry of the present term stands at its length. An execution of three nodes, two entries and six terms breaks leaderCompleteness after 33 steps. It was written by hand, and walked through the changed code. In five terms a leader commits too early (step 29), but nobody leads after it: leaderCompleteness, sameOrder, deliveredNeverChanges and logMatching are not broken by it. A search of five terms had no answer after 400 seconds.',
  },
  {
    does: 'an acknowledgement that comes late counts',
    from: isReady,
    to: 'if (success)',
    harmless: 'The leader thinks that less is acknowledged, for a while; what it has committed stays.',
  },
  {
    does: 'a follower is not sent what it lacks',
    from: stepsBack,
    to: 'n.sentLength.get(follower, 0)',
    breaks: 'leaderStepsBack',
    at: { length: 1, crashes: 0 },
    slow: true,
  },
  { does: 'a leader steps back to the start at once', from: stepsBack, to: '0', harmless: 'As far as it may have to.' },
  { does: 'a leader does not commit', from: 'n = commitLogEntries(n, isQuorum, here)', to: '', breaks: 'everybodyDelivers', at: oneTerm },
  // Slide 9.
  {
    does: 'acknowledgements of more are needed',
    from: 'n.ackedLength.get(node, 0) >= length',
    to: 'n.ackedLength.get(node, 0) > length',
    breaks: 'everybodyDelivers',
    at: oneTerm,
    slow: true,
  },
  { does: 'what is committed is committed again', from: 'maxReady > n.commitLength', to: 'maxReady >= n.commitLength', harmless: 'It is the same.' },
]
