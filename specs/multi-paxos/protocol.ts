/**
 * Multi-Paxos: a log, of which each slot is an instance of Paxos; a leader executes phase 1 once for all of them.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "Consensus and total order broadcast", names Paxos. As in L. Lamport, "Paxos Made Simple",
 * SIGACT News 32(4), 2001, section 3, whose "command number" is a slot here; phases and letters are those of section 2.2.
 */
import { List, Map, Range, Record, Set } from 'immutable'
import { always, crashRecovery, each, type From, family, type Id, type Proofs, type Protocol, reachable, some, step, type World } from '../../checker/index.ts'

/** A command of a client, by the leader that it was given to and how many were before it there; or the "special 'no-op' command that leaves the state unchanged", which is by nobody. */
class Command extends Record({ by: null as Id<'leader'> | null, number: -1 }) {}

const noOp = new Command()

/** A proposal: a number and a value. Number -1 stands for "none so far". */
export class Proposal extends Record({ n: -1, value: noOp }) {}

/** The highest-numbered proposal that was accepted in each slot. */
type Accepted = Map<number, Proposal>

class Leader extends Record({
  // on disk
  n: -1, // the highest-numbered proposal it has attempted to issue
  requests: 0, // how many commands it was given
  // in memory
  promises: null as Map<Id<'acceptor'>, Accepted> | null, // who has responded in phase 1; null when it does not wait for any
  next: null as number | null, // once it has executed phase 1: the first slot in which it has proposed nothing
}) {}

/** On disk. */
class Acceptor extends Record({
  promised: -1, // of all slots
  accepted: Map<number, Proposal>(),
}) {}

class Learner extends Record({
  accepted: Map<number, Map<Proposal, Set<Id<'acceptor'>>>>(), // who has accepted what, in the slots where nothing is chosen
  chosen: Map<number, Set<Command>>(), // of each slot
  applied: List<Command>(), // what the state machine has executed, no-ops too
}) {}

type Roles = {
  leader: { state: Leader; inbox: From<'acceptor', { readonly type: 'Promise'; readonly n: number; readonly accepted: Accepted }> }
  acceptor: {
    state: Acceptor
    inbox: From<'leader', { readonly type: 'Prepare'; readonly n: number } | { readonly type: 'Accept'; readonly slot: number; readonly proposal: Proposal }>
  }
  learner: { state: Learner; inbox: From<'acceptor', { readonly type: 'Accepted'; readonly slot: number; readonly proposal: Proposal }> }
}

const isMajority = (size: number, acceptors: readonly unknown[]) => size > acceptors.length / 2

/** What was chosen, as far as nothing is missing. */
const applicable = (chosen: Map<number, Set<Command>>): List<Command> =>
  Range(0, chosen.size)
    .takeWhile(slot => chosen.has(slot))
    .map(slot => (chosen.get(slot) as Set<Command>).first() as Command)
    .toList()

/**
 * Bounds: `ballots` numbers in all, which the leaders have in turn, `commands` for each of the first `asked` leaders, `slots`, and `crashes` of acceptors and of leaders, as many of each.
 * A leader that is not asked proposes what it finds, and no-ops. A leader may propose in every slot before anything is chosen: α of the paper is the number of slots.
 */
export const multiPaxos = family(
  { leaders: 2, acceptors: 3, ballots: 2, slots: 2, commands: 2, asked: 1, crashes: 0 },
  ({ leaders, acceptors, ballots, slots, commands, asked, crashes }) => {
    const numberAfter = ({ n }: Leader, self: Id<'leader'>) => (n < 0 ? self.rank : n + leaders)
    return {
      name: 'multi-paxos',
      source: 'Kleppmann 2025/26, Distributed Systems, slide Consensus and total order broadcast; Lamport 2001, Paxos Made Simple, section 3',
      network: 'fair-loss',
      faults: [crashRecovery('acceptor', { atMost: crashes }), crashRecovery('leader', { atMost: crashes })],
      roles: {
        leader: {
          count: leaders,
          init: () => new Leader(),
          recover: l => new Leader({ n: l.n, requests: l.requests }),
          actions: {
            // Phase 1(a), "for infinitely many instances": one message for all slots.
            prepare: {
              when: (l, { self }) => numberAfter(l, self) < ballots,
              do(l, { self, nodes, send }) {
                const n = numberAfter(l, self)
                send(nodes.acceptor, { type: 'Prepare', n })
                return l.merge({ n, promises: Map(), next: null })
              },
            },
            // Phase 2(a) for a command of a client, in the next slot, though those before may not be chosen yet.
            request: {
              when: (l, { self }) => l.next !== null && l.next < slots && self.rank < asked && l.requests < commands,
              do(l, { self, nodes, send }) {
                const slot = l.next as number
                const value = new Command({ by: self, number: l.requests })
                send(nodes.acceptor, { type: 'Accept', slot, proposal: new Proposal({ n: l.n, value }) })
                return l.merge({ next: slot + 1, requests: l.requests + 1 })
              },
            },
          },
          on: {
            // Phase 2(a) for every slot of which some acceptor has told; where none has, but of a later slot, a no-op.
            Promise(l, { n, accepted }, from, { nodes, choose, rule, send }) {
              if (l.promises === null || n !== l.n) return l
              const promises = l.promises.set(from, accepted)
              if (!rule('a majority has promised', isMajority(promises.size, nodes.acceptor))) return l.set('promises', promises)
              const reported = promises.toList().flatMap(one => one.keySeq())
              const next = reported.isEmpty() ? 0 : Math.max(...reported) + 1
              for (let slot = 0; slot < next; slot++) {
                const proposals = promises
                  .toSet()
                  .map(one => one.get(slot, new Proposal()))
                  .filter(proposal => proposal.n >= 0)
                const highest = proposals.filter(one => proposals.every(other => rule('the highest-numbered counts', one.n >= other.n)))
                const isFree = proposals.isEmpty() || rule('phase 1 does not say of the slot', false)
                send(nodes.acceptor, { type: 'Accept', slot, proposal: new Proposal({ n, value: isFree ? noOp : choose(highest).value }) })
              }
              return l.merge({ promises: null, next })
            },
          },
        },

        acceptor: {
          count: acceptors,
          init: () => new Acceptor(),
          on: {
            // Phase 1(b): "a single reasonably short message" for all slots.
            Prepare(a, { n }, from, { rule, send }) {
              if (!rule('the number is higher', n >= a.promised)) return a
              send(from, { type: 'Promise', n, accepted: a.accepted })
              return a.set('promised', n)
            },
            // Phase 2(b).
            Accept(a, { slot, proposal }, _, { nodes, rule, send }) {
              if (!rule('nothing higher is promised', proposal.n >= a.promised)) return a
              send(nodes.learner, { type: 'Accepted', slot, proposal })
              return a.merge({ promised: proposal.n, accepted: a.accepted.set(slot, proposal) })
            },
          },
        },

        learner: {
          count: 1,
          init: () => new Learner(),
          on: {
            // "A server can execute a command if it has learned all those before." One learner is enough, if it goes on listening.
            Accepted(l, { slot, proposal }, from, { nodes, rule }) {
              const chosen = l.chosen.get(slot, Set<Command>())
              if (chosen.has(proposal.value)) return l
              const inSlot = l.accepted.get(slot, Map<Proposal, Set<Id<'acceptor'>>>())
              const who = inSlot.get(proposal, Set<Id<'acceptor'>>()).add(from)
              if (!rule('a majority has accepted', isMajority(who.size, nodes.acceptor)))
                return l.set('accepted', l.accepted.set(slot, inSlot.set(proposal, who)))
              const rest = inSlot.filter((_, { value }) => !value.equals(proposal.value))
              const next = l.merge({
                accepted: rest.isEmpty() ? l.accepted.delete(slot) : l.accepted.set(slot, rest),
                chosen: l.chosen.set(slot, chosen.add(proposal.value)),
              })
              const applied = applicable(next.chosen)
              return next.set(
                'applied',
                rule('those before are chosen', false) ? l.applied.push(proposal.value) : applied.size > l.applied.size ? applied : l.applied,
              )
            },
          },
        },
      },

      properties: {
        /** In each slot a single value is chosen. */
        agreement: each(
          'learner',
          l => l.chosen,
          chosen => chosen.every(values => values.size <= 1),
        ),

        /** What is applied is what is chosen in the slots from the first, in this order. */
        appliesInOrder: each(
          'learner',
          l => l,
          ({ applied, chosen }) => applied.every((value, slot) => chosen.get(slot, Set<Command>()).has(value)),
        ),

        /** A command that is accepted was given to a leader, or is the no-op. */
        validity: always(({ all, get }: World<Roles, string>) =>
          all('acceptor').every(({ accepted }) => accepted.every(({ value: { by, number } }) => by === null || get(by).requests > number)),
        ),

        /** No command is in two slots. */
        chosenOnce: each(
          'learner',
          l => l.chosen.toList().flatMap(values => values.filter(({ by }) => by !== null)),
          values => values.toSet().size === values.size,
        ),

        /** An acceptor keeps its promises in every slot, also after a crash. */
        promisesAreKept: step(
          'acceptor',
          (before, after) => before.promised <= after.promised && before.accepted.every(({ n }, slot) => n <= after.accepted.get(slot, new Proposal()).n),
        ),

        /** A leader uses no number again. */
        numbersAreNew: step('leader', (before, after) => before.n <= after.n),

        /** A command is applied in every slot. */
        appliesAll: reachable(
          some(
            'learner',
            l => l.applied,
            applied => applied.size === slots && applied.every(({ by }) => by !== null),
          ),
        ),

        /** A command is applied after a no-op, with which the next leader has filled a gap. */
        gapIsFilled: reachable(
          some(
            'learner',
            l => l.applied,
            applied => ballots < 2 || slots < 2 || commands < 2 || (applied.first()?.by === null && (applied.get(1)?.by ?? null) !== null),
          ),
        ),

        /** Something is chosen in a slot before anything is in the first: it waits. */
        waits: reachable(
          some(
            'learner',
            l => l,
            ({ chosen, applied }) => slots < 2 || commands < 2 || (!chosen.isEmpty() && applied.isEmpty()),
          ),
        ),

        /** Two leaders think that they lead. */
        twoLeaders: reachable(
          always(({ all }: World<Roles, string>) => leaders < 2 || ballots < 2 || all('leader').filter(({ next }) => next !== null).length > 1),
        ),
      },
    } satisfies Protocol<Roles>
  },
)

export const proofs = [
  {},
  { slots: 1, commands: 1, asked: 2, crashes: 1 },
  // The second leader has commands of its own, in two slots.
  { asked: 2, slow: true },
  // A leader that finds two proposals in a slot.
  { slots: 1, commands: 1, asked: 2, ballots: 3, slow: true },
  { asked: 2, crashes: 1, slow: true },
] satisfies Proofs<typeof multiPaxos>
