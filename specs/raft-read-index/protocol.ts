/**
 * Raft with reads that are not in the log: a leader answers from what it has delivered, once a quorum has confirmed that it still leads.
 * D. Ongaro, "Consensus: Bridging Theory and Practice", PhD thesis, Stanford 2014, section 6.4, steps 1 to 5; all else are the handlers of the nine slides.
 */
import { Record, Set } from 'immutable'
import {
  family,
  type Here,
  type Id,
  kept,
  linearization,
  Message,
  type OperationEvent,
  observed,
  type Proofs,
  type Protocol,
  type RegisterOperation,
  reachable,
  register,
  some,
} from '../../checker/index.ts'
import { majority, type Packet, raft, raftBounds } from '../raft/protocol.ts'
import { serverFields, slides } from '../raft/variants.ts'

type Node = Id<'node'>

/** A read that waits for its quorum. */
class Read extends Record({ readIndex: 0, confirmedBy: Set<Node>() }) {}

class Server extends Record({
  ...serverFields,
  reads: 0, // asked for at this node
  read: null as Read | null, // the last of these, until it is answered
  writes: false, // its last request is not answered
}) {}

type Roles = { node: { state: Server; inbox: Packet | { readonly type: 'Confirm' | 'Confirmed'; readonly term: number; readonly read: number } } }

/** The state machine is a register: each message overwrites it. */
type Value = Message | null
type Event = OperationEvent<RegisterOperation<Value>, Value | undefined>
type InNode = Here<Roles, 'node', Event>

const isFree = (n: Server) => n.read === null && !n.writes

/** 3. and 5.: "the leader issues a new round of heartbeats and waits for their acknowledgments from a majority of the cluster"; then it answers. */
const answered = (n: Server, { nodes, rule, emit }: InNode) => {
  if (n.read === null || !rule('a quorum has confirmed', n.read.confirmedBy.size >= majority(nodes.node))) return n
  emit({ type: 'return', result: n.log.take(n.read.readIndex).last()?.msg ?? null })
  return n.set('read', null)
}

/** Bounds: those of `raft`, and each node is asked for so many `reads` while it leads. Whoever asks waits for the answer before it asks for more. Of two nodes the next leader may read too early; that one is voted out and reads takes three. */
export const raftReadIndex = family({ ...raftBounds, nodes: 2, crashes: 0, length: 1, reads: 1 }, ({ reads, ...bounds }) => {
  const spec = slides<Roles>(raft(bounds))
  const { on, actions, ...role } = spec.roles.node
  return {
    ...spec,
    name: 'raft-read-index',
    source: 'Ongaro 2014, Consensus: Bridging Theory and Practice, section 6.4',
    roles: {
      node: {
        ...role,
        init: ({ self }) => new Server({ nodeId: self }),

        actions: {
          ...actions,

          request: {
            when: n => actions.request.when(n) && isFree(n),
            do(n, here) {
              here.emit({ type: 'invoke', op: 'write', value: new Message({ by: here.self, number: n.requests }) })
              return actions.request.do(n.set('writes', true), here)
            },
          },

          // 1. "If the leader has not yet marked an entry from its current term committed, it waits until it has done so." 2. "The leader saves its current commit index in readIndex."
          read: {
            when: (n, { rule }) =>
              n.currentRole === 'leader' &&
              n.reads < reads &&
              isFree(n) &&
              rule('an entry of its term is committed', n.log.take(n.commitLength).last()?.term === n.currentTerm),
            do(n, here) {
              here.emit({ type: 'invoke', op: 'read' })
              here.broadcast({ type: 'Confirm', term: n.currentTerm, read: n.reads })
              return answered(n.merge({ reads: n.reads + 1, read: new Read({ readIndex: n.commitLength, confirmedBy: Set([here.self]) }) }), here)
            },
          },
        },

        on: {
          ...on,

          // A node that knows of no later term has elected nobody in one.
          Confirm(n, { term, read }, leaderId, { rule, send }) {
            if (rule('there is no later term', term >= n.currentTerm)) send(leaderId, { type: 'Confirmed', term, read })
            return n
          },

          Confirmed(n, { term, read }, follower, here) {
            if (n.read === null || n.currentRole !== 'leader' || term !== n.currentTerm || !here.rule('it is of this round', read === n.reads - 1)) return n
            return answered(n.set('read', n.read.set('confirmedBy', n.read.confirmedBy.add(follower))), here)
          },

          // A request is answered when the leader has delivered it.
          LogResponse(n, response, follower, here) {
            const after = on.LogResponse(n, response, follower, here)
            const isDelivered = after.log.take(after.commitLength).some(({ msg }) => msg.by === here.self && msg.number === n.requests - 1)
            if (!n.writes || after.currentRole !== 'leader' || !isDelivered) return after
            here.emit({ type: 'return' })
            return after.set('writes', false)
          },
        },
      },
    },

    observers: { clients: linearization(register<Value>(null)) },
    properties: {
      ...spec.properties,

      /** Reads and writes are as if each were done at once, at some moment between its request and its answer. */
      linearizable: observed('clients', kept),

      /** A leader has answered a read, after it delivered an entry. */
      reads: reachable(
        some(
          'node',
          n => n.reads > 0 && n.read === null,
          isAnswered => reads === 0 || isAnswered,
        ),
      ),
    },
  } satisfies Protocol<Roles, Event>
})

export const proofs = [
  {},
  { nodes: 3, slow: true },
  // A leader that was voted out has delivered an entry of its own, and the next leader another.
  { nodes: 3, length: 2, slow: true },
] satisfies Proofs<typeof raftReadIndex>
