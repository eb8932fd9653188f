/**
 * The echo algorithm: a wave that reaches every node, and comes back when it has.
 * E. J. H. Chang, "Echo Algorithms: Depth Parallel Operations on General Graphs", IEEE Transactions on Software Engineering 8(4), 1982; here on a complete graph.
 *
 * A benchmark for partial order: who a node's parent is depends on which message comes first; in which order the others come does not matter.
 */
import { Record } from 'immutable'
import { eachPairOf, family, type Id, type Protocol, reachable, some } from '../../checker/index.ts'

class Initiator extends Record({
  started: false,
  /** How many answered. */
  echoes: 0,
  decided: false,
}) {}

class Node extends Record({
  /** Who reached this node first; null while nobody has. */
  parent: null as Id<'initiator' | 'node'> | null,
  /** How many of the others did. */
  tokens: 0,
}) {}

type Token = { readonly type: 'Token' }

type Roles = { initiator: { state: Initiator; inbox: Token }; node: { state: Node; inbox: Token } }

export const echo = family(
  { nodes: 3 },
  ({ nodes: count }) =>
    ({
      name: 'echo',
      source: 'Chang 1982, Echo Algorithms: Depth Parallel Operations on General Graphs, IEEE TSE 8(4)',
      network: 'reliable',
      roles: {
        initiator: {
          count: 1,
          init: () => new Initiator(),
          actions: {
            start: {
              when: node => !node.started,
              do(node, { nodes, send }) {
                send(nodes.node, { type: 'Token' })
                return node.set('started', true)
              },
            },
          },
          on: {
            Token: node => node.merge({ echoes: node.echoes + 1, decided: node.echoes + 1 === count }),
          },
        },
        node: {
          count,
          init: () => new Node(),
          on: {
            Token(before, _, from, { nodes, others, send }) {
              const node = before.parent === null ? before.set('parent', from) : before.set('tokens', before.tokens + 1)
              if (before.parent === null)
                send(
                  [...nodes.initiator, ...others].filter(other => other !== from),
                  { type: 'Token' },
                )
              if (node.tokens === count - 1 && node.parent !== null) send(node.parent, { type: 'Token' })
              return node
            },
          },
        },
      },
      properties: {
        /** Who decides knows that everybody was reached. */
        everybodyWasReached: eachPairOf(
          'initiator',
          initiator => initiator.decided,
          'node',
          node => node.parent !== null,
          (decided, reached) => !decided || reached,
        ),
        canDecide: reachable(
          some(
            'initiator',
            initiator => initiator.decided,
            decided => decided,
          ),
        ),
      },
      mayRest: world => world.all('initiator').every(({ decided }) => decided),
    }) satisfies Protocol<Roles>,
)
