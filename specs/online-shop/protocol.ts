/**
 * An online shop charges a card and dispatches goods: it looks like the two generals problem, and is not, as a payment can be undone.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "The two generals problem applied" and "Two generals ≠ online shopping".
 */
import { Record } from 'immutable'
import { canAlways, each, eachPairOf, type From, family, type Protocol, reachable, some, somePairOf, step } from '../../checker/index.ts'

class Shop extends Record({ state: 'open' as 'open' | 'charging' | 'charged' | 'declined' | 'dispatched' | 'refunding' | 'refunded' }) {}

/** The payments service remembers what it did for the order, so that a request which comes again does nothing again. */
class Payments extends Record({ state: 'none' as 'none' | 'charged' | 'declined' | 'refunded', taken: 0 }) {}

type Roles = {
  shop: { state: Shop; inbox: From<'payments', { readonly type: 'Charged' | 'Declined' | 'Refunded' }> }
  payments: { state: Payments; inbox: From<'shop', { readonly type: 'Charge' | 'Refund' }> }
}

/** One order; others are as if by themselves. The links lose messages, as those of the generals do. */
export const onlineShop = family(
  {},
  () =>
    ({
      name: 'online-shop',
      source: 'Kleppmann 2025/26, Distributed Systems, slide Two generals ≠ online shopping',
      network: 'fair-loss',
      roles: {
        shop: {
          count: 1,
          init: () => new Shop(),
          actions: {
            // 1. "Try to charge customer's credit card."
            charge: {
              when: s => s.state === 'open',
              do(s, { nodes, send }) {
                send(nodes.payments, { type: 'Charge' })
                return s.set('state', 'charging')
              },
            },
            // 2. "If charge was successful, try dispatching goods." 3. "If dispatch was unsuccessful (e.g. out of stock): refund the credit card payment."
            dispatch: {
              when: (s, { rule }) => rule('the charge was successful', s.state === 'charged'),
              do(s, { choose, nodes, send }) {
                if (choose(['in stock', 'out of stock']) === 'in stock') return s.set('state', 'dispatched')
                send(nodes.payments, { type: 'Refund' })
                return s.set('state', 'refunding')
              },
            },
            // Each request is repeated until it is answered.
            repeat: {
              when: s => s.state === 'charging' || s.state === 'refunding',
              do(s, { nodes, send }) {
                send(nodes.payments, { type: s.state === 'charging' ? 'Charge' : 'Refund' })
                return s
              },
            },
          },
          on: {
            Charged: (s, _, _from, { rule }) => (rule('it waits for the answer', s.state === 'charging') ? s.set('state', 'charged') : s),
            Declined: s => (s.state === 'charging' ? s.set('state', 'declined') : s),
            Refunded: s => (s.state === 'refunding' ? s.set('state', 'refunded') : s),
          },
        },
        payments: {
          count: 1,
          init: () => new Payments(),
          on: {
            Charge(p, _, from, { choose, rule, send }) {
              const isFirst = rule('it comes for the first time', p.state === 'none')
              const state = isFirst ? choose(['charged', 'declined'] as const) : p.state
              if (state === 'charged' || state === 'declined') send(from, { type: state === 'charged' ? 'Charged' : 'Declined' })
              return p.merge({ state, taken: isFirst && state === 'charged' ? p.taken + 1 : p.taken })
            },
            Refund(p, _, from, { send }) {
              send(from, { type: 'Refunded' })
              return p.state === 'charged' ? p.merge({ state: 'refunded', taken: p.taken - 1 }) : p
            },
          },
        },
      },
      properties: {
        /** "Shop loses money": it dispatches, and the payments service has not charged. */
        neverDispatchedUncharged: eachPairOf(
          'shop',
          s => s.state,
          'payments',
          p => p.state,
          (shop, payments) => shop !== 'dispatched' || payments === 'charged',
        ),

        /** "Customer complaint": charged, and the shop can neither dispatch nor have it refunded any more. */
        neverChargedInVain: canAlways(
          eachPairOf(
            'shop',
            s => s.state,
            'payments',
            p => p.state,
            (shop, payments) => payments !== 'charged' || shop === 'dispatched',
          ),
        ),

        /** The customer has paid once while it is charged, and nothing before, or after a refund. */
        paidOnce: each(
          'payments',
          p => p,
          ({ state, taken }) => taken === (state === 'charged' ? 1 : 0),
        ),

        /** "Dispatching goods cannot be undone." */
        dispatchedForGood: step('shop', (before, after) => before.state !== 'dispatched' || after.state === 'dispatched'),

        everyoneHappy: reachable(
          somePairOf(
            'shop',
            s => s.state,
            'payments',
            p => p.state,
            (shop, payments) => shop === 'dispatched' && payments === 'charged',
          ),
        ),

        refunded: reachable(
          some(
            'shop',
            s => s.state,
            state => state === 'refunded',
          ),
        ),

        declined: reachable(
          some(
            'shop',
            s => s.state,
            state => state === 'declined',
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)
