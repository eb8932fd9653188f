/**
 * The Byzantine generals with signatures: "Cryptography (digital signatures) helps". Then three suffice, of whom one is a traitor.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "The Byzantine generals problem"; which algorithm the slide leaves open:
 * L. Lamport, R. Shostak and M. Pease, "The Byzantine generals problem", ACM TOPLAS 4(3), 1982, section 4: SM(m), with signed messages.
 */
import { Record, Set } from 'immutable'
import { byzantine, family, type Here, type Id, type Proofs, type Protocol, reachable, Signed, some, somePairOf } from '../../checker/index.ts'
import { agreement, type Order, obedience, somebodyAttacks } from '../byzantine-generals/promises.ts'

class Commander extends Record({ order: null as Order | null }) {}

class Lieutenant extends Record({
  /** The set V: each order that has come, with the signatures of all through whom it came. */
  orders: Set<Order>(),
  /** What it has signed and passed on. */
  passedOn: Set<Order>(),
  /** The same, before this round. */
  due: Set<Order>(),
  /** How many signatures a message has that comes now: it came through so many. */
  round: 1,
  decided: null as Order | null,
}) {}

/** What is signed is an order, or an order that another has signed. */
type Inbox = { readonly type: 'Order'; readonly signed: Signed }
export type Roles = {
  commander: { state: Commander; inbox: never }
  lieutenant: { state: Lieutenant; inbox: Inbox }
}

const orders: readonly Order[] = ['attack', 'retreat']

const isOrder = (value: unknown): value is Order => orders.some(order => order === value)

/** Who has signed, the last one first. */
const signers = ({ by, value }: Signed): readonly (Id | null)[] => [by, ...(value instanceof Signed ? signers(value) : [])]

const orderIn = ({ value }: Signed): unknown => (value instanceof Signed ? orderIn(value) : value)

/** "choice(V): if the set V consists of the single element v, then v; retreat if it is empty", or if it has several. */
const choice = (heard: Set<Order>): Order => (heard.size === 1 ? (heard.first() as Order) : 'retreat')

/**
 * A traitor signs each order, which means something if he is the commander; and whatever he hears he signs and passes on. What others have signed he cannot make: the checker refuses it.
 * Messages come in rounds: "the absence of a message can be detected" when the round ends.
 */
export const signedGenerals = family({ generals: 3, traitors: 1, rounds: 1 }, ({ generals, traitors, rounds }) => {
  const accept = (l: Lieutenant, signed: Signed, { self, nodes, rule, send }: Here<Roles, 'lieutenant'>): Lieutenant => {
    const order = orderIn(signed)
    const by = signers(signed)
    const isGenuine = rule(
      'the commander has signed it, and nobody twice',
      by.at(-1) === nodes.commander[0] && new globalThis.Set(by).size === by.length && !by.includes(self),
    )
    if (!isOrder(order) || !isGenuine || l.orders.has(order) || !rule('it comes in its round', by.length === l.round)) return l
    if (rule('a lieutenant signs it and passes it on', by.length <= rounds)) {
      const receivers = nodes.lieutenant.filter(one => one !== self && !by.includes(one))
      send(receivers, { type: 'Order', signed: new Signed({ by: self, value: signed }) })
      return l.merge({ orders: l.orders.add(order), passedOn: l.passedOn.add(order) })
    }
    return l.set('orders', l.orders.add(order))
  }

  return {
    name: 'signed-generals',
    source: 'Kleppmann 2025/26, Distributed Systems, slide The Byzantine generals problem; Lamport, Shostak and Pease 1982, TOPLAS 4(3)',
    network: 'fair-loss',
    faults: [
      byzantine(['commander', 'lieutenant'], {
        atMost: traitors,
        says: ({ self }) => orders.map((order): Inbox => ({ type: 'Order', signed: new Signed({ by: self, value: order }) })),
        passesOn(message, { self }) {
          const { signed } = message as Inbox
          return signers(signed).length > rounds ? [] : [{ type: 'Order', signed: new Signed({ by: self, value: signed }) } satisfies Inbox]
        },
      }),
    ],
    roles: {
      commander: {
        count: 1,
        init: () => new Commander(),
        actions: {
          /** (1) "The commander signs and sends his value to every lieutenant." */
          order: {
            when: ({ order }) => order === null,
            do(c, { choose, nodes, self, send }) {
              const order = choose(orders)
              send(nodes.lieutenant, { type: 'Order', signed: new Signed({ by: self, value: order }) })
              return c.set('order', order)
            },
          },
        },
        on: {},
      },
      lieutenant: {
        count: generals - 1,
        init: () => new Lieutenant(),
        on: {
          /** (2) He puts it into V, and "if k < m", "sends the message v:0:j1:…:jk:i to every lieutenant other than j1, …, jk". */
          Order: (l, { signed }, _from, here) => (l.decided === null ? accept(l, signed, here) : l),
        },
      },
    },
    steps: {
      /** The round ends: what honest generals have sent in it has arrived. (3) "When lieutenant i will receive no more messages, he obeys the order choice(V_i)." */
      roundEnds: {
        when: ({ all, nodes, get, rule }) => {
          const honest = all('lieutenant')
          const [commander] = nodes.commander
          const given = commander === undefined ? [] : [get(commander).order]
          const hasArrived = honest.every(({ round, orders: heard }) =>
            round === 1 ? given.every(order => order !== null && heard.has(order)) : honest.every(other => other.due.isSubset(heard)),
          )
          return honest.every(({ decided }) => decided === null) && rule('all that was sent has arrived', hasArrived)
        },
        do({ nodes, get, set }) {
          for (const one of nodes.lieutenant) {
            const l = get(one)
            set(one, l.round > rounds ? l.set('decided', choice(l.orders)) : l.merge({ round: l.round + 1, due: l.passedOn }))
          }
        },
      },
    },
    properties: {
      agreement,
      obedience,
      attacks: reachable<Roles>(somebodyAttacks),
      /** A commander who is loyal orders an attack, and a lieutenant obeys. */
      obeys: reachable<Roles>(
        somePairOf(
          'commander',
          ({ order }) => order,
          'lieutenant',
          ({ decided }) => decided,
          (order, decided) => order === 'attack' && decided === 'attack',
        ),
      ),
      /** A lieutenant hears from another one what the commander said only to that one. */
      hearsOfAnother: reachable<Roles>(
        some(
          'lieutenant',
          ({ round, orders: heard, passedOn }) => round > 1 && heard.size > passedOn.size,
          isSo => traitors === 0 || isSo,
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { generals: 4, traitors: 2, rounds: 2 }, { traitors: 0 }] satisfies Proofs<typeof signedGenerals>
