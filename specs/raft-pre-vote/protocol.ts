/**
 * Raft with pre-vote: whoever is cut off does not begin one term after another, nor depose a leader that the others hear.
 * D. Ongaro, "Consensus: Bridging Theory and Practice", PhD thesis, Stanford 2014, section 9.6, "Preventing disruptions when a server rejoins the cluster"; all else are the handlers of
 * the nine slides.
 */
import { Record, Set } from 'immutable'
import { always, family, type Id, type Proofs, type Protocol, reachable, some, step, type World } from '../../checker/index.ts'
import { majority, type Packet, raft, raftBounds } from '../raft/protocol.ts'
import { serverFields, slides } from '../raft/variants.ts'

type Node = Id<'node'>

class Server extends Record({
  ...serverFields,
  preVotes: Set<Node>(), // who would vote for it, in the term after its own
  wouldVoteIn: 0, // the latest term in which it said that it would vote, for itself too: only properties ask
}) {}

type Log = Pick<Extract<Packet, { type: 'VoteRequest' }>, 'cTerm' | 'cLogLength' | 'cLogTerm'>

export type Roles = {
  node: { state: Server; inbox: Packet | ({ readonly type: 'PreVoteRequest' } & Log) | { readonly type: 'PreVoteResponse'; readonly term: number } }
}

const wouldVote = (n: Server, term: number) => n.set('wouldVoteIn', Math.max(n.wouldVoteIn, term))

/** Bounds: those of `raft`. */
export const raftPreVote = family({ ...raftBounds, broadcasts: 0, crashes: 0 }, bounds => {
  const spec = slides<Roles>(raft(bounds))
  const { on, actions, recover, ...role } = spec.roles.node
  return {
    ...spec,
    name: 'raft-pre-vote',
    source: 'Ongaro 2014, Consensus: Bridging Theory and Practice, section 9.6',
    roles: {
      node: {
        ...role,
        init: ({ self }) => new Server({ nodeId: self }),
        recover: n => recover(n).set('preVotes', Set()),

        actions: {
          ...actions,
          // A node that times out hears no leader. It asks who would vote for it in the next term, but does not begin that yet.
          electionTimeout: {
            when: actions.electionTimeout.when,
            do(n, { self, broadcast }) {
              broadcast({ type: 'PreVoteRequest', cTerm: n.currentTerm + 1, cLogLength: n.log.size, cLogTerm: n.log.last()?.term ?? 0 })
              return wouldVote(n, n.currentTerm + 1).merge({ currentLeader: null, preVotes: Set([self]) })
            },
          },
        },

        on: {
          ...on,

          // It would vote if it hears no leader, and votes for such a request (slide 2/9). It keeps nothing of that vote. Its refusal is that of a vote, with its term.
          PreVoteRequest(n, { cTerm, cLogLength, cLogTerm }, cId, here) {
            let votes = false
            const send = (_: unknown, answer: Packet) => {
              votes = answer.type === 'VoteResponse' && answer.granted
            }
            on.VoteRequest(n, { type: 'VoteRequest', cTerm, cLogLength, cLogTerm }, cId, { ...here, send })
            if (votes && here.rule('it hears no leader', n.currentLeader === null)) {
              here.send(cId, { type: 'PreVoteResponse', term: cTerm })
              return wouldVote(n, cTerm)
            }
            here.send(cId, { type: 'VoteResponse', term: n.currentTerm, granted: false })
            return n
          },

          // "A candidate would only increment its term if it first learned from a majority of the cluster that they would be willing to grant the candidate their votes." Then it times out as on slide 1/9.
          PreVoteResponse(n, { term }, voterId, here) {
            if (term !== n.currentTerm + 1 || n.currentLeader !== null || n.preVotes.isEmpty()) return n
            const preVotes = n.preVotes.add(voterId)
            if (!here.rule('a quorum would vote', preVotes.size >= majority(here.nodes.node))) return n.set('preVotes', preVotes)
            return actions.electionTimeout.do(n.set('preVotes', Set()), here)
          },
        },
      },
    },

    properties: {
      ...spec.properties,

      /** A term begins only if a majority would vote in it. */
      majorityBeginsTerm: always(({ all }: World<Roles, string>) => {
        const nodes = all('node')
        return nodes.every(({ currentTerm }) => currentTerm === 0 || nodes.filter(({ wouldVoteIn }) => wouldVoteIn >= currentTerm).length > nodes.length / 2)
      }),

      /** Who hears a leader would vote for nobody else, and does not stand. */
      keepsItsLeader: step(
        'node',
        (before, after) =>
          before.currentLeader === null ||
          after.currentLeader === null ||
          (before.wouldVoteIn === after.wouldVoteIn && (before.currentTerm === after.currentTerm || after.currentRole !== 'candidate')),
      ),

      /** A node that hears its leader again goes on in that term, though it has timed out. */
      comesBack: reachable(
        some(
          'node',
          n => n.currentLeader !== null && n.wouldVoteIn > n.currentTerm,
          isBack => bounds.terms < 2 || isBack,
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { nodes: 4, terms: 1 }] satisfies Proofs<typeof raftPreVote>
