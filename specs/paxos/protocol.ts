/**
 * Paxos: processes agree on a single value, though some of them fail and messages are lost.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Consensus and total order broadcast", names it. As in L. Lamport, "Paxos Made Simple",
 * SIGACT News 32(4), 2001, section 2: phases and letters are the paper's.
 */
import { Map, Record, Set } from 'immutable'
import {
  always,
  crashRecovery,
  each,
  type From,
  family,
  type Id,
  type Proofs,
  type Protocol,
  reachable,
  some,
  somePair,
  step,
  type World,
} from '../../checker/index.ts'

/** Each proposer has one value to propose, which goes by its name. */
type Value = Id<'proposer'>

/** A proposal: a number and a value. Number -1 and no value stand for "none so far". */
export class Proposal extends Record({ n: -1, value: null as Value | null }) {}

class Proposer extends Record({
  // on disk
  n: -1, // "the highest-numbered proposal it has attempted to issue"
  // in memory
  promises: null as Map<Id<'acceptor'>, Proposal> | null, // who has responded to its prepare request, and with which proposal; null once it has proposed
}) {}

/** On disk: "an acceptor needs to remember only" these two. */
class Acceptor extends Record({
  promised: -1, // "the number of the highest-numbered prepare request to which it has responded", or which it has accepted
  accepted: new Proposal(), // "the highest-numbered proposal that it has ever accepted"
}) {}

class Learner extends Record({
  accepted: Map<Proposal, Set<Id<'acceptor'>>>(), // who has accepted which proposal, of those that are not chosen
  chosen: Set<Value>(), // the values that it has learned
}) {}

type Roles = {
  proposer: { state: Proposer; inbox: From<'acceptor', { readonly type: 'Promise'; readonly n: number; readonly accepted: Proposal }> }
  acceptor: {
    state: Acceptor
    inbox: From<'proposer', { readonly type: 'Prepare'; readonly n: number } | { readonly type: 'Accept'; readonly proposal: Proposal }>
  }
  learner: { state: Learner; inbox: From<'acceptor', { readonly type: 'Accepted'; readonly proposal: Proposal }> }
}

const isMajority = (size: number, acceptors: readonly unknown[]) => size > acceptors.length / 2

/**
 * Bounds: `ballots` numbers in all, which the proposers have in turn. Two ballots are enough for two values to be chosen; with a third a proposer finds two different ones
 * accepted. `crashes` of acceptors, and as many of proposers.
 */
export const paxos = family({ proposers: 2, acceptors: 3, ballots: 3, crashes: 1 }, ({ proposers, acceptors, ballots, crashes }) => {
  const next = ({ n }: Proposer, self: Id<'proposer'>) => (n < 0 ? self.rank : n + proposers)
  return {
    name: 'paxos',
    source: 'Kleppmann 2025/26, Distributed Systems, slide Consensus and total order broadcast; Lamport 2001, Paxos Made Simple',
    network: 'fair-loss',
    faults: [crashRecovery('acceptor', { atMost: crashes }), crashRecovery('proposer', { atMost: crashes })],
    roles: {
      proposer: {
        count: proposers,
        init: () => new Proposer(),
        recover: p => new Proposer({ n: p.n }),
        actions: {
          // Phase 1(a). "Different proposers choose their numbers from disjoint sets of numbers", and each "a higher-numbered proposal than any it has already used".
          prepare: {
            when: (p, { self }) => next(p, self) < ballots,
            do(p, { self, nodes, send }) {
              const n = next(p, self)
              send(nodes.acceptor, { type: 'Prepare', n })
              return p.merge({ n, promises: Map() })
            },
          },
        },
        on: {
          // Phase 2(a).
          Promise(p, { n, accepted }, from, { self, nodes, choose, rule, send }) {
            if (p.promises === null || n !== p.n) return p
            const promises = p.promises.set(from, accepted)
            if (!rule('a majority has promised', isMajority(promises.size, nodes.acceptor))) return p.set('promises', promises)
            const reported = promises.toSet().filter(proposal => proposal.value !== null)
            const highest = reported.filter(one => reported.every(other => rule('the highest-numbered counts', one.n >= other.n)))
            const value = rule('an accepted value is kept', reported.isEmpty()) ? self : choose(highest).value
            send(nodes.acceptor, { type: 'Accept', proposal: new Proposal({ n, value }) })
            return p.set('promises', null)
          },
        },
      },

      acceptor: {
        count: acceptors,
        init: () => new Acceptor(),
        on: {
          // Phase 1(b). A request that comes again is answered again: the first response may be lost.
          Prepare(a, { n }, from, { rule, send }) {
            if (!rule('the number is higher', n >= a.promised)) return a
            send(from, { type: 'Promise', n, accepted: a.accepted })
            return a.set('promised', n)
          },
          // Phase 2(b). "It accepts the proposal unless it has already responded to a prepare request having a number greater than n."
          Accept(a, { proposal }, _, { nodes, rule, send }) {
            if (!rule('nothing higher is promised', proposal.n >= a.promised)) return a
            send(nodes.learner, { type: 'Accepted', proposal })
            return a.merge({ promised: proposal.n, accepted: proposal })
          },
        },
      },

      learner: {
        count: 1,
        init: () => new Learner(),
        on: {
          // Section 2.3: "each acceptor, whenever it accepts a proposal, respond to all learners". One learner is enough, if it goes on listening.
          Accepted(l, { proposal }, from, { nodes, rule }) {
            if (proposal.value === null || l.chosen.has(proposal.value)) return l
            const who = l.accepted.get(proposal, Set<Id<'acceptor'>>()).add(from)
            if (!rule('a majority has accepted', isMajority(who.size, nodes.acceptor))) return l.setIn(['accepted', proposal], who)
            return l.merge({ chosen: l.chosen.add(proposal.value), accepted: l.accepted.filter((_, { value }) => value !== proposal.value) })
          },
        },
      },
    },

    properties: {
      /** "Only a single value is chosen." */
      agreement: each(
        'learner',
        l => l.chosen.size,
        size => size <= 1,
      ),

      /** "Only a value that has been proposed may be chosen": its proposer has issued a proposal. */
      validity: always(({ all, get }: World<Roles, string>) => all('acceptor').every(({ accepted: { value } }) => value === null || get(value).n >= 0)),

      /**
       * "A process never learns that a value has been chosen unless it actually has been": and then a majority has accepted it, and whatever any of them
       * accepts later has the same value (P2).
       */
      learnsOnlyWhatIsChosen: always(({ all }: World<Roles, string>) =>
        all('learner').every(({ chosen }) => chosen.every(v => isMajority(all('acceptor').filter(a => a.accepted.value === v).length, all('acceptor')))),
      ),

      /** An acceptor keeps its promises, also after a crash. */
      promisesAreKept: step('acceptor', (before, after) => before.promised <= after.promised && before.accepted.n <= after.accepted.n),

      /** "Each proposer remembers the highest-numbered proposal it has attempted to issue", and uses no number again: once it has proposed, or crashed, it collects no promises for that one. */
      numbersAreNew: step('proposer', (before, after) => before.n < after.n || (before.n === after.n && (before.promises !== null || after.promises === null))),

      learns: reachable(
        some(
          'learner',
          l => l.chosen.size,
          size => size > 0,
        ),
      ),

      /** Two acceptors have accepted different values: neither is chosen yet. */
      valuesDiffer: reachable(
        somePair(
          'acceptor',
          a => a.accepted.value,
          (a, b) => proposers < 2 || ballots < 2 || (a !== null && b !== null && a !== b),
        ),
      ),

      /** A proposal has a number of one proposer and the value of another, which was accepted before. */
      valueIsKept: reachable(
        some(
          'acceptor',
          ({ accepted }) => accepted,
          ({ n, value }) => proposers < 2 || ballots < 2 || (value !== null && n % proposers !== value.rank),
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { acceptors: 4, ballots: 2, crashes: 0 }] satisfies Proofs<typeof paxos>
