// Customers pay in a shop, over a network that loses, repeats and reorders messages. Nobody is charged twice.
//
//   npx check ./protocols/payment.ts                          it holds: every execution was looked at
//   npx check ./protocols/payment.ts --customers 3            a parameter is an option
//   npx check ./protocols/payment.ts --mutant chargesAgain    the counterexample of a variant that is broken on purpose

import { Map, Record } from 'immutable'
import { always, each, type From, family, type Id, type Mutants, type Protocol, reachable, withHandler } from 'protocheck'

// The state of a node is an immutable record. What it remembers is in it, and nothing else is.
class Shop extends Record({ charges: Map<Id<'customer'>, number>() }) {}
class Customer extends Record({ state: 'idle' as 'idle' | 'waiting' | 'served' }) {}

// Who is there, and which messages each of them receives, from whom.
type Roles = {
  shop: { state: Shop; inbox: From<'customer', { readonly type: 'Pay' }> }
  customer: { state: Customer; inbox: From<'shop', { readonly type: 'Receipt' }> }
}

export const payment = family(
  { customers: 2 },
  ({ customers }) =>
    ({
      name: 'payment',
      // A message may arrive never, once, or again and again. Others: 'reliable' (once, in any order), 'fifo' (in order, too).
      network: 'fair-loss',
      roles: {
        shop: {
          count: 1,
          init: () => new Shop(),
          on: {
            // A pure function to the next state. A message that is here for the second time is answered, and not charged.
            Pay(shop, _, from, { send }) {
              send(from, { type: 'Receipt' })
              return shop.charges.has(from) ? shop : shop.update('charges', charges => charges.set(from, 1))
            },
          },
        },
        customer: {
          count: customers,
          init: () => new Customer(),
          // What a node may do by itself, at any time at which `when` holds.
          actions: {
            pay: {
              when: customer => customer.state === 'idle',
              do(customer, { nodes, send }) {
                send(nodes.shop, { type: 'Pay' })
                return customer.set('state', 'waiting')
              },
            },
          },
          on: { Receipt: customer => customer.set('state', 'served') },
        },
      },
      properties: {
        // In every state that can be reached.
        chargedOnce: each(
          'shop',
          shop => shop.charges,
          charges => charges.every(count => count === 1),
        ),
        servedForMoney: always(({ nodes, get, all }) =>
          all('shop').every(({ charges }) => nodes.customer.every(id => get(id).state !== 'served' || charges.has(id))),
        ),
        // A model in which nothing happens violates nothing: so say what is to be possible.
        everybodyIsServed: reachable(always(({ all }) => all('customer').every(({ state }) => state === 'served'))),
      },
    }) satisfies Protocol<Roles>,
)

// A protocol that passes proves little until a broken one fails. Each mutant says what it breaks, and in how many steps.
export const mutants = {
  chargesAgain: {
    because: 'The shop does not look whether it has charged this customer: a message that arrives again is charged again.',
    breaks: 'chargedOnce',
    length: 3,
    change: spec =>
      withHandler(spec, 'shop', 'Pay', () => (shop, _, from, { send }) => {
        send(from, { type: 'Receipt' })
        return shop.update('charges', charges => charges.update(from, 0, count => count + 1))
      }),
  },
} satisfies Mutants<typeof payment>
