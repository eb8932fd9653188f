/**
 * Update ordering on social media: block the boss, then tweet about her. No read may see the second without the first.
 * T. Anderson and D. Woos, "Lamport Clocks", slide "Update Ordering": "Tweets and block/mute lists sharded across many servers. Copies on many replicas, caches, across
 * data centers. How do you guarantee that no read sees the updates in the wrong order?" By causal broadcast of the updates.
 */
import { Record } from 'immutable'
import { always, canAlways, each, family, type Proofs, type Protocol, reachable, step, type World } from '../../checker/index.ts'
import { broadcastOf, type Stacked, type StackedRoles, stack } from '../state-machine-replication/over.ts'

/** "Silently block boss on twitter. Tweet: 'My boss is the worst, I need a new job!'" */
export class Update extends Record({ does: 'block' as 'block' | 'tweet', number: 0 }) {} // the first of its node

/** What a read of this replica shows, and whether the user has done it here. */
export class Copy extends Record({ blocked: false, tweeted: false, asked: false }) {}

type Roles = StackedRoles<Copy>
export type Replica = Stacked<Copy>

/**
 * The first replica takes changes of block lists, the second takes tweets. The user goes on to the second once it shows that the boss is blocked, or with `waits: false` at
 * any time. Others read at any replica: a read is a look at its state. `over` is the broadcast by which replicas hear of updates.
 */
export const updateOrder = family({ nodes: 3, over: 'causal', waits: true }, ({ nodes, over, waits }) => {
  const { role, send } = stack<Copy, never>(broadcastOf(over, 1), {
    init: new Copy(),
    deliver: (copy, { does }: Update) => copy.set(does === 'block' ? 'blocked' : 'tweeted', true),
  })

  return {
    name: 'update-order',
    source: 'Anderson & Woos, Lamport Clocks, slide Update Ordering',
    network: 'reliable',
    roles: {
      node: {
        ...role,
        count: nodes,
        actions: {
          ...role.actions,
          block: {
            when: ({ app }, { self }) => self.rank === 0 && !app.asked,
            do: (n, here) => send(n.set('app', n.app.set('asked', true)), new Update({ does: 'block' }), here),
          },
          tweet: {
            when: ({ app }, { self, rule }) => self.rank === 1 && !app.asked && rule('where the block is shown', app.blocked || !waits),
            do: (n, here) => send(n.set('app', n.app.set('asked', true)), new Update({ does: 'tweet' }), here),
          },
        },
      },
    },
    properties: {
      /** "No read sees the updates in the wrong order", at whichever replica. */
      inOrder: each(
        'node',
        ({ app }: Replica) => app,
        ({ blocked, tweeted }) => blocked || !tweeted,
      ),

      /** What a read showed, no later read at that replica takes back. */
      stays: step('node', ({ app: before }: Replica, { app: after }: Replica) => (after.blocked || !before.blocked) && (after.tweeted || !before.tweeted)),

      /** What a replica shows is what the user did: she blocks at the first one, and tweets at the second. */
      didIt: always(({ nodes, get, all }: World<Roles>) => {
        const [first, second, ...others] = nodes.node.map(id => get(id).app.asked)
        return (first || all('node').every(({ app }) => !app.blocked)) && (second || all('node').every(({ app }) => !app.tweeted)) && !others.includes(true)
      }),

      /** The updates can still arrive everywhere. */
      arrives: canAlways(
        each(
          'node',
          ({ app }: Replica) => app,
          ({ blocked, tweeted }) => blocked && tweeted,
        ),
      ),

      /** Some replica shows one update and not yet the other. */
      between: reachable(
        each(
          'node',
          ({ app }: Replica) => app,
          ({ blocked, tweeted }) => blocked && !tweeted,
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { nodes: 2, over: 'leader' }] satisfies Proofs<typeof updateOrder>
