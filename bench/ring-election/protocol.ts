/**
 * Leader election on a ring of one direction, with O(n log n) messages.
 * D. Dolev, M. Klawe, M. Rodeh, "An O(n log n) Unidirectional Distributed Algorithm for Extrema Finding in a Circle", J. Algorithms 3(3), 1982:
 * algorithm A; then the winner's number goes once around the ring.
 *
 * A benchmark for partial order: whatever the interleaving, every node does the same. bench/spin/leader.pml has the same distinct states:
 * 35, 272, 7,121 for 3, 5, 8 nodes. It has fewer transitions, since there a node cannot receive before it has started, and here a message wakes it.
 */
import { Record } from 'immutable'
import { each, family, type Here, type Protocol, reachable } from '../../checker/index.ts'

type Message =
  /** To the next competing node: the number that its predecessor stands for. */
  | { readonly type: 'M1'; readonly number: number }
  /** And the number that the predecessor's predecessor stands for. */
  | { readonly type: 'M2'; readonly number: number }
  | { readonly type: 'Leader'; readonly number: number }

class Node extends Record({
  started: false,
  /** Out of the contest, a node only passes messages on. */
  competes: true,
  /** The number that this node stands for in this phase; at first its own. */
  max: 0,
  /** The number of the next competing node upstream, in this phase. */
  left: 0,
  /** The number of the leader; 0 while unknown. */
  leader: 0,
}) {}

type Roles = { node: { state: Node; inbox: Message } }

/** To the next node of the ring. */
const pass = ({ self, nodes, send }: Here<Roles, 'node'>, message: Message): void => {
  send(
    nodes.node.filter(node => node.rank === (self.rank + 1) % nodes.node.length),
    message,
  )
}

const start = (node: Node, here: Here<Roles, 'node'>): Node => {
  if (node.started) return node
  pass(here, { type: 'M1', number: node.max })
  return node.set('started', true)
}

const learn = (node: Node, number: number, here: Here<Roles, 'node'>): Node => {
  if (node.leader !== 0) return node
  pass(here, { type: 'Leader', number })
  return node.set('leader', number)
}

/** `stride`, which has no divisor in common with `nodes`, numbers the ring: node i (from 0) has number (i · stride) mod nodes + 1. By default downwards. */
export const ringElection = family({ nodes: 8, stride: -1 }, ({ nodes, stride }) => {
  const numberOf = (rank: number) => ((((rank * stride) % nodes) + nodes) % nodes) + 1
  return {
    name: 'ring-election',
    source: 'Dolev, Klawe & Rodeh 1982, An O(n log n) Unidirectional Distributed Algorithm for Extrema Finding in a Circle, J. Algorithms 3(3)',
    network: 'fifo',
    roles: {
      node: {
        count: nodes,
        init: ({ self }) => new Node({ max: numberOf(self.rank) }),
        actions: {
          start: { when: node => !node.started, do: start },
        },
        on: {
          M1(asleep, { number }, _, here) {
            const node = start(asleep, here)
            if (node.competes && number === node.max) return learn(node, number, here)
            pass(here, { type: node.competes ? 'M2' : 'M1', number })
            return node.competes ? node.set('left', number) : node
          },
          M2(node, { number }, _, here) {
            if (node.competes && node.left > number && node.left > node.max) {
              pass(here, { type: 'M1', number: node.left })
              return node.set('max', node.left)
            }
            if (!node.competes) pass(here, { type: 'M2', number })
            return node.set('competes', false)
          },
          Leader: (node, { number }, _, here) => learn(node, number, here),
        },
      },
    },
    properties: {
      greatestWins: each(
        'node',
        node => node.leader,
        leader => leader === 0 || leader === nodes,
      ),
      everyNodeKnows: reachable(
        each(
          'node',
          node => node.leader,
          leader => leader === nodes,
        ),
      ),
    },
    mayRest: world => world.all('node').every(node => node.leader === nodes),
  } satisfies Protocol<Roles>
})
