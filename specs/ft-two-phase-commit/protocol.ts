/**
 * Fault-tolerant two-phase commit: the replicas vote by total order broadcast, and each counts for itself.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Fault-tolerant two-phase commit (1/2)" and "(2/2)", line by line; for one transaction T.
 */
import { Record, Set } from 'immutable'
import {
  always,
  canAlways,
  crashStop,
  each,
  eachPair,
  family,
  type Id,
  type Proofs,
  type Protocol,
  reachable,
  some,
  step,
  type Tagged,
  type World,
} from '../../checker/index.ts'
import { broadcastOf, type Stacked, stack } from '../state-machine-replication/over.ts'

type Replica = Id<'node'>

/** (Vote, T, replicaId, ok). That it goes to replicas[T], who takes part, it says as well: `number` says which broadcast of its sender it is. */
export class Vote extends Record({ replicaId: null as Replica | null, ok: false, by: null as Replica | null, number: 0, to: Set<Replica>() }) {}

// on initialisation for transaction T
export class Participant extends Record({
  commitVotes: Set<Replica>(),
  replicas: Set<Replica>(),
  decided: null as 'commit' | 'abort' | null,
  // of the replica and its broadcast
  voted: null as boolean | null,
  suspects: 0, // how often it has suspected another
}) {}

class Coordinator extends Record({ asked: Set<Replica>() }) {}

export type Roles = {
  coordinator: { state: Coordinator; inbox: never }
  node: { state: Stacked<Participant>; inbox: Tagged & { readonly R?: Set<Replica> } }
}

/**
 * Bounds: any replica may vote either way, and suspect others `suspicions` times, with reason or without. The coordinator may crash while it asks. `over` is the total order broadcast: `leader`, `lamport` or `raft`
 * (of these only the last bears crashes of replicas). `links` that are `fifo` lose nothing, so that progress can be judged, since nobody sends again; over `fair-loss` more nodes are searched.
 */
export const ftTwoPhaseCommit = family(
  { nodes: 2, suspicions: 1, crashes: 1, over: 'leader', links: 'fifo', terms: 1 },
  ({ nodes, suspicions, crashes, over, links, terms }) => {
    const { role, send, isReady } = stack<Participant, never>(broadcastOf(over, terms), {
      init: new Participant(),

      // on delivering (Vote, T, replicaId, ok) by total order broadcast
      deliver(node, { replicaId, ok, to }: Vote, { rule }) {
        // The slide sets replicas[T] where Prepare is received, and so takes no vote that is delivered before. See the mutant asOnTheSlide.
        const n = rule('Prepare was received before', false) ? node : node.set('replicas', to)
        if (
          replicaId === null ||
          !rule('the first vote counts', !n.commitVotes.has(replicaId)) ||
          !n.replicas.has(replicaId) ||
          !rule('it has not decided', n.decided === null)
        )
          return n
        if (!ok) return n.set('decided', 'abort')
        const commitVotes = n.commitVotes.add(replicaId)
        return n.merge({ commitVotes, decided: rule('all have voted to commit', commitVotes.size === n.replicas.size) ? 'commit' : null })
      },
    })

    return {
      name: 'ft-two-phase-commit',
      source: 'Kleppmann 2025/26, Distributed Systems, slides Fault-tolerant two-phase commit (1/2), (2/2)',
      network: links === 'fifo' ? 'fifo' : 'fair-loss',
      faults: [crashStop('coordinator', { atMost: crashes })],
      roles: {
        coordinator: {
          count: 1,
          init: () => new Coordinator(),
          on: {},
          actions: {
            // on request to commit transaction T with participating nodes R: send to each, and it may crash in between.
            prepare: {
              do(c, { nodes, choose, send: sendTo }) {
                const r = choose(nodes.node.filter(node => !c.asked.has(node)))
                sendTo(r, { type: 'Prepare', R: Set(nodes.node) })
                return c.set('asked', c.asked.add(r))
              },
            },
          },
        },
        node: {
          ...role,
          count: nodes,
          on: {
            ...role.on,
            // on receiving (Prepare, T, R) at node replicaId
            Prepare(n, { R = Set<Replica>() }, _, here) {
              if (n.app.voted !== null) return n // that the request may come again over lossy links, the slide does not say
              const ok = here.choose([true, false])
              const vote = new Vote({ replicaId: here.self, ok, by: here.self, number: n.app.suspects, to: R })
              return send(n.set('app', n.app.merge({ replicas: R, voted: ok })), vote, here as never)
            },
          },
          actions: {
            ...role.actions,
            // on a node suspects node replicaId to have crashed: it votes no for it, in each transaction that both take part in.
            suspect: {
              when: n => n.app.suspects < suspicions && !n.app.replicas.isEmpty() && isReady(n),
              do(n, here) {
                const replicaId = here.choose(here.others.filter(other => n.app.replicas.has(other)))
                const number = n.app.suspects + (n.app.voted === null ? 0 : 1)
                const vote = new Vote({ replicaId, ok: false, by: here.self, number, to: n.app.replicas })
                return send(n.set('app', n.app.set('suspects', n.app.suspects + 1)), vote, here as never)
              },
            },
          },
        },
      },
      properties: {
        /** All that decide agree: the first vote that is delivered counts, for all the same. */
        agreement: eachPair(
          'node',
          n => n.app.decided,
          (a, b) => a === null || b === null || a === b,
        ),

        /** The decision is to commit only if all have voted so. */
        allVoted: always(({ all }: World<Roles, string>) =>
          all('node').every(({ app }) => app.decided !== 'commit' || all('node').every(n => n.app.voted === true)),
        ),

        /** It stays with the decision. */
        irrevocable: step('node', (before, after) => before.app.decided === null || before.app.decided === after.app.decided),

        /** "This is not the first vote": it aborts for a replica that has voted to abort, or that another suspects, and of which no vote to commit was delivered before. */
        firstVoteCounts: always(({ nodes: { node }, get }: World<Roles, string>) =>
          node.every(id => {
            const { decided, commitVotes } = get(id).app
            const isSuspected = (replica: Replica) => node.some(other => other !== replica && get(other).app.suspects > 0)
            return decided !== 'abort' || node.some(replica => !commitVotes.has(replica) && (get(replica).app.voted === false || isSuspected(replica)))
          }),
        ),

        /** "Fault-tolerant": whoever knows of the transaction can come to a decision, whatever becomes of the coordinator. */
        decides: canAlways(
          each(
            'node',
            n => links !== 'fifo' || n.app.replicas.isEmpty() || n.app.decided !== null,
            isDone => isDone,
          ),
        ),

        commits: reachable(
          each(
            'node',
            n => n.app.decided,
            decided => decided === 'commit',
          ),
        ),

        /** A replica is suspected that has voted to commit, and all abort. */
        suspected: reachable(
          some(
            'node',
            n => n.app,
            ({ voted, decided, commitVotes }) => suspicions === 0 || (voted === true && decided === 'abort' && commitVotes.isEmpty()),
          ),
        ),
      },
    } satisfies Protocol<Roles>
  },
)

export const proofs = [
  {},
  { nodes: 3, crashes: 0, suspicions: 0, links: 'fair-loss' },
  { over: 'lamport', links: 'fair-loss' },
  { over: 'raft', links: 'fair-loss', suspicions: 0 },
] satisfies Proofs<typeof ftTwoPhaseCommit>
