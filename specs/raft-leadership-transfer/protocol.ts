/**
 * Raft with leadership transfer: a leader hands over to a server that has all of its log.
 * D. Ongaro, "Consensus: Bridging Theory and Practice", PhD thesis, Stanford 2014, section 3.10, steps 1 to 3; all else are the handlers of the nine slides.
 */
import { is, Record } from 'immutable'
import { always, family, type Id, type Proofs, type Protocol, reachable, some, step, type World } from '../../checker/index.ts'
import { type Packet, raft, raftBounds } from '../raft/protocol.ts'
import { serverFields, slides } from '../raft/variants.ts'

type Node = Id<'node'>

class Server extends Record({
  ...serverFields,
  target: null as Node | null, // to whom it hands over, in this term
}) {}

type Roles = { node: { state: Server; inbox: Packet | { readonly type: 'TimeoutNow'; readonly term: number } } }

/** The target, of a leader that hands over. */
const handsOverTo = (n: Server) => (n.currentRole === 'leader' ? n.target : null)

/** Bounds: those of `raft`; no leader of the last term hands over. To hand over takes two nodes; that others elect another leader meanwhile takes three. */
export const raftLeadershipTransfer = family({ ...raftBounds, nodes: 2, crashes: 0, length: 1 }, bounds => {
  const spec = slides<Roles>(raft(bounds))
  const { on, actions, ...role } = spec.roles.node
  return {
    ...spec,
    name: 'raft-leadership-transfer',
    source: 'Ongaro 2014, Consensus: Bridging Theory and Practice, section 3.10',
    roles: {
      node: {
        ...role,
        init: ({ self }) => new Server({ nodeId: self }),

        actions: {
          ...actions,

          // Who has heard a leader does not time out.
          electionTimeout: { when: n => actions.electionTimeout.when(n) && n.currentLeader === null, do: actions.electionTimeout.do },

          // 1. "The prior leader stops accepting new client requests."
          request: {
            when: (n, here) => actions.request.when(n) && here.rule('it does not hand over', handsOverTo(n) === null),
            do: actions.request.do,
          },

          // 2. "The prior leader fully updates the target server's log to match its own." 3. Then it "sends a TimeoutNow request to the target server".
          transfer: {
            when: n => n.currentRole === 'leader' && n.target === null && n.currentTerm < bounds.terms,
            do(n, { others, choose, rule, send }) {
              const target = choose(others.filter(node => rule('the target has the whole log', n.ackedLength.get(node, 0) === n.log.size)))
              send(target, { type: 'TimeoutNow', term: n.currentTerm })
              return n.set('target', target)
            },
          },

          // "If leadership transfer does not complete after about an election timeout, the prior leader aborts the transfer and resumes accepting client requests."
          resume: {
            when: n => handsOverTo(n) !== null,
            do: n => n.set('target', null),
          },
        },

        on: {
          ...on,

          // "This request has the same effect as the target server's election timer firing."
          TimeoutNow(n, { term }, _, here) {
            return term === n.currentTerm && actions.electionTimeout.when(n) ? actions.electionTimeout.do(n, here) : n
          },

          // Who is elected hands over to nobody yet.
          VoteResponse(n, response, voterId, here) {
            const after = on.VoteResponse(n, response, voterId, here)
            return n.currentRole === 'candidate' && after.currentRole === 'leader' ? after.set('target', null) : after
          },
        },
      },
    },

    properties: {
      ...spec.properties,

      /** The target has all that the leader has, so that it can win, until it begins the next term. */
      targetIsUpToDate: always(({ nodes, get }: World<Roles, string>) =>
        nodes.node.every(id => {
          const leader = get(id)
          const target = handsOverTo(leader)
          if (target === null) return true
          const { currentTerm, log } = get(target)
          return currentTerm > leader.currentTerm || is(leader.log, log.take(leader.log.size))
        }),
      ),

      /** Only a leader hands over. */
      leaderHandsOver: step('node', (before, after) => after.target === null || before.target === after.target || before.currentRole === 'leader'),

      /** A leader that hands over appends nothing. */
      acceptsNothing: step(
        'node',
        (before, after) => handsOverTo(before) === null || handsOverTo(after) === null || before.currentTerm !== after.currentTerm || is(before.log, after.log),
      ),

      /** A leader knows that it hands over, and so accepts nothing. */
      isHandingOver: reachable(some('node', handsOverTo, target => bounds.terms < 2 || target !== null)),

      /** The target leads, and has the entry of the leader before. It has heard that one, so it did not time out. */
      handsOver: reachable(
        some(
          'node',
          n => n.currentRole === 'leader' && n.currentTerm === 2 && n.log.first()?.term === 1,
          leads => bounds.terms < 2 || leads,
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { nodes: 3, slow: true }] satisfies Proofs<typeof raftLeadershipTransfer>
