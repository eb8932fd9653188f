/**
 * Raft whose members change: by one server at a time, or by joint consensus.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "… and that was just the basic form of Raft!", names it. As in D. Ongaro, "Consensus: Bridging Theory and
 * Practice", PhD thesis, Stanford 2014, sections 4.1 and 4.3, with the correction of 2015: D. Ongaro, "bug in single-server membership changes", raft-dev, 10 July 2015. All else are the
 * handlers of the nine slides, which ask the log who may decide.
 */
import { List, Record, Set } from 'immutable'
import { family, type Id, type Message, type Proofs, type Protocol, reachable, some } from '../../checker/index.ts'
import { broadcastMsg, type Entry, type IsQuorum, majority, type Packet, raftBounds, raftWith, type Server } from '../raft/protocol.ts'
import { slides } from '../raft/variants.ts'

type Node = Id<'node'>

/** An entry of the log that says who the members are, in place of a message to deliver: one set, or while the consensus is joint the old ones and the new. */
class Configuration extends Record({ by: null as Node | null, number: 0, members: List<Set<Node>>() }) {}

type Roles = { node: { state: Server; inbox: Packet } }

const isConfiguration = ({ msg }: Entry) => (msg as Message | Configuration) instanceof Configuration

/** "A server always uses the latest configuration in its log, regardless of whether the entry is committed." In the first one are all nodes. */
export const members = (log: List<Entry>, all: readonly Node[]): List<Set<Node>> =>
  (log.findLast(isConfiguration)?.msg as unknown as Configuration | undefined)?.members ?? List([Set(all)])

/** A majority of the members decides; while the consensus is joint, "separate majorities from both the old and new configurations". */
const isQuorumOfMembers: IsQuorum = (who, { log }, { nodes, rule }) => {
  const of = members(log, nodes.node)
  return of.every((set, i) =>
    rule(i === of.size - 1 ? 'a majority of the new members' : 'a majority of the old members', who.intersect(set).size >= majority([...set])),
  )
}

/** Every set of nodes but the empty one. */
const sets = (all: readonly Node[]) => all.reduce((of, node) => of.concat(of.map(set => set.add(node))), List([Set<Node>()])).filter(set => !set.isEmpty())

/** Bounds: those of `raft`; and each node is asked for so many `changes`, after its messages. They are of one server at a time, or `joint`. */
export const raftMembership = family({ ...raftBounds, nodes: 2, crashes: 0, changes: 1, joint: false }, ({ changes, joint, ...bounds }) => {
  const spec = slides<Roles>(raftWith(isQuorumOfMembers, bounds))
  const { actions, ...role } = spec.roles.node
  return {
    ...spec,
    name: 'raft-membership',
    source:
      'Kleppmann 2025/26, Distributed Systems, slide … and that was just the basic form of Raft!; Ongaro 2014, Consensus: Bridging Theory and Practice, sections 4.1 and 4.3',
    roles: {
      node: {
        ...role,
        actions: {
          ...actions,
          electionTimeout: {
            when: (n, { self, nodes }) => actions.electionTimeout.when(n) && members(n.log, nodes.node).some(set => set.has(self)),
            do: actions.electionTimeout.do,
          },

          // Section 4.1: a leader adds or removes a server, if the configuration before is committed; and (2015) an entry of its own term.
          // Section 4.3: it changes to any others in two steps, of which the first is joint.
          change: {
            when: (n, { rule }) =>
              n.currentRole === 'leader' &&
              n.requests >= bounds.broadcasts &&
              n.requests < bounds.broadcasts + changes &&
              n.log.size < bounds.length &&
              rule('the last configuration is committed', !n.log.skip(n.commitLength).some(isConfiguration)) &&
              (joint || rule('an entry of its own term is committed', n.log.take(n.commitLength).last()?.term === n.currentTerm)),
            do(n, here) {
              const { self, nodes, choose, rule } = here
              const now = members(n.log, nodes.node)
              const last = now.last() as Set<Node>
              const isOneServer = (set: Set<Node>) => set.subtract(last).size + last.subtract(set).size === 1
              const others = sets(nodes.node).filter(set => !set.equals(last) && (joint || rule('one server is added or removed', isOneServer(set))))
              const next = now.size > 1 ? List([last]) : joint ? List([last, choose(others)]) : List([choose(others)])
              const configuration = new Configuration({ by: self, number: n.requests, members: next }) as unknown as Message
              return broadcastMsg(n.set('requests', n.requests + 1), configuration, here)
            },
          },
        },
      },
    },
    properties: {
      ...spec.properties,

      /** A change is delivered: of more than one, one that is not joint. */
      changes: reachable(
        some(
          'node',
          n => n.log.take(n.commitLength).some(entry => isConfiguration(entry) && (changes < 2 || members(List([entry]), []).size === 1)),
          isChanged => changes === 0 || (!joint && bounds.broadcasts === 0) || isChanged,
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [
  {},
  { nodes: 3, slow: true },
  // The bug of 2015 takes four servers and three terms (`beforeOwnEntry`). No leader has an entry of its own to commit here, so without the bug none changes anything.
  { nodes: 4, terms: 3, broadcasts: 0, length: 1, slow: true },
  { joint: true, broadcasts: 0, changes: 2 },
  { nodes: 3, joint: true, broadcasts: 0, length: 1, slow: true },
] satisfies Proofs<typeof raftMembership>
