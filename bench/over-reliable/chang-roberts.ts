/**
 * Leader election on a ring of one direction: every node sends its number around, and passes on only what is greater.
 * E. Chang, R. Roberts, "An improved algorithm for decentralized extrema-finding in circular configurations of processes", CACM 22(5), 1979.
 *
 * Messages may overtake one another. A benchmark for partial order: what a node does with a number does not depend on what it did with others.
 */
import { Record } from 'immutable'
import { each, family, type Here, type Protocol, reachable } from '../../checker/index.ts'

type Message = { readonly type: 'Candidate'; readonly number: number } | { readonly type: 'Leader'; readonly number: number }

class Node extends Record({
  number: 0,
  started: false,
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

/** `stride`, which has no divisor in common with `nodes`, numbers the ring: node i (from 0) has number (i · stride) mod nodes + 1. By default downwards, the worst case. */
export const changRoberts = family(
  { nodes: 5, stride: -1 },
  ({ nodes, stride }) =>
    ({
      name: 'chang-roberts',
      source: 'Chang & Roberts 1979, An improved algorithm for decentralized extrema-finding in circular configurations of processes, CACM 22(5)',
      network: 'reliable',
      roles: {
        node: {
          count: nodes,
          init: ({ self }) => new Node({ number: ((((self.rank * stride) % nodes) + nodes) % nodes) + 1 }),
          actions: {
            start: {
              when: node => !node.started,
              do(node, here) {
                pass(here, { type: 'Candidate', number: node.number })
                return node.set('started', true)
              },
            },
          },
          on: {
            Candidate(node, { number }, _, here) {
              if (number > node.number) pass(here, { type: 'Candidate', number })
              if (number !== node.number) return node
              pass(here, { type: 'Leader', number })
              return node.set('leader', number)
            },
            Leader(node, { number }, _, here) {
              if (node.leader !== 0) return node
              pass(here, { type: 'Leader', number })
              return node.set('leader', number)
            },
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
    }) satisfies Protocol<Roles>,
)
