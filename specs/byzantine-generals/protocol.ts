/**
 * The Byzantine generals: an order of the commander is to reach all honest lieutenants as one, though some generals are traitors.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "The Byzantine generals problem" and "Generals who might lie"; which algorithm the slides leave open:
 * L. Lamport, R. Shostak and M. Pease, "The Byzantine generals problem", ACM TOPLAS 4(3), 1982, section 3: OM(m), with oral messages.
 */
import { List, Map, Record } from 'immutable'
import { byzantine, family, type Here, type Id, type Proofs, type Protocol, reachable } from '../../checker/index.ts'
import { agreement, type Order, obedience, somebodyAttacks } from './promises.ts'

type General = Id<'commander' | 'lieutenant'>
/** Through whom an order came: the commander, and then lieutenants, each of whom says what the one before him said. */
type Path = List<General>

class Commander extends Record({ order: null as Order | null }) {}

class Lieutenant extends Record({
  /** What came by each path. */
  heard: Map<Path, Order>(),
  decided: null as Order | null,
}) {}

type Inbox = { readonly type: 'Order'; readonly path: Path; readonly order: Order }
export type Roles = {
  commander: { state: Commander; inbox: never }
  lieutenant: { state: Lieutenant; inbox: Inbox }
}

const orders: readonly Order[] = ['attack', 'retreat']

/** "The majority value among the v_i if it exists, otherwise the value RETREAT." */
const majority = (votes: readonly Order[]): Order => (2 * votes.filter(order => order === 'attack').length > votes.length ? 'attack' : 'retreat')

/** Each path that begins so, by other lieutenants than those in it and this one, if one is named, of at most so many generals. */
const pathsFrom = (path: Path, self: General | null, lieutenants: readonly General[], length: number): readonly Path[] =>
  path.size === length ? [path] : [path, ...others(path, self, lieutenants).flatMap(next => pathsFrom(path.push(next), self, lieutenants, length))]

const others = (path: Path, self: General | null, lieutenants: readonly General[]) => lieutenants.filter(one => one !== self && !path.includes(one))

/**
 * A traitor says each order to each lieutenant, whoever he says that he has it from. That he may say nothing at all takes nothing from him: "retreat" is what counts where an order is missing.
 */
export const byzantineGenerals = family({ generals: 4, traitors: 1, rounds: 1 }, ({ generals, traitors, rounds }) => {
  const relay = (l: Lieutenant, path: Path, order: Order, { self, nodes, rule, send }: Here<Roles, 'lieutenant'>): Lieutenant => {
    if (rule('a lieutenant says what he heard', path.size <= rounds))
      for (const other of others(path, self, nodes.lieutenant)) send(other as Id<'lieutenant'>, { type: 'Order', path: path.push(self), order })
    return l.set('heard', l.heard.set(path, order))
  }

  /** OM(m): what counts as said by the last of a path is the majority of what he said to me and of what the others say that he said to them. */
  const valueOf = (heard: Map<Path, Order>, path: Path, self: General, lieutenants: readonly General[]): Order => {
    const said = heard.get(path, 'retreat')
    if (path.size > rounds) return said
    return majority([said, ...others(path, self, lieutenants).map(other => valueOf(heard, path.push(other), self, lieutenants))])
  }

  return {
    name: 'byzantine-generals',
    source: 'Kleppmann 2025/26, Distributed Systems, slides The Byzantine generals problem; Lamport, Shostak and Pease 1982, TOPLAS 4(3)',
    network: 'fair-loss',
    faults: [
      byzantine(['commander', 'lieutenant'], {
        atMost: traitors,
        says: ({ nodes }) => {
          const lieutenants = nodes['lieutenant'] as readonly Id<'lieutenant'>[]
          const paths = pathsFrom(List(nodes['commander'] as readonly Id<'commander'>[]), null, lieutenants, rounds + 1)
          return paths.flatMap(path => orders.map((order): Inbox => ({ type: 'Order', path, order })))
        },
      }),
    ],
    roles: {
      commander: {
        count: 1,
        init: () => new Commander(),
        actions: {
          /** (1) "The commander sends his value to every lieutenant." */
          order: {
            when: ({ order }) => order === null,
            do(c, { choose, nodes, self, send }) {
              const order = choose(orders)
              send(nodes.lieutenant, { type: 'Order', path: List<General>([self]), order })
              return c.set('order', order)
            },
          },
        },
        on: {},
      },
      lieutenant: {
        count: generals - 1,
        init: () => new Lieutenant(),
        actions: {
          /** (3) He "uses the value majority(v_1, …, v_n−1)" once he has heard from everyone, by every path. */
          decide: {
            when: (l, { self, nodes, rule }) => {
              const all = pathsFrom(List(nodes.commander), self, nodes.lieutenant, rounds + 1)
              return (
                l.decided === null &&
                rule(
                  'he has heard by every path',
                  all.every(path => l.heard.has(path)),
                )
              )
            },
            do: (l, { self, nodes }) => l.set('decided', valueOf(l.heard, List<General>(nodes.commander), self, nodes.lieutenant)),
          },
        },
        on: {
          /** (2) "Let v_i be the value lieutenant i receives"; he "acts as the commander in algorithm OM(m−1) to send the value v_i to each of the n−2 other lieutenants". */
          Order(l, { path, order }, from, here) {
            const isFirst = here.rule('what he said first counts', !l.heard.has(path))
            // "The receiver of a message knows who sent it."
            const isHis = here.rule('he knows who says it', path.last() === from)
            return isFirst && isHis && l.decided === null ? relay(l, path, order, here) : l
          },
        },
      },
    },
    properties: { agreement, obedience, attacks: reachable<Roles>(somebodyAttacks) },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { generals: 5 }, { generals: 3, traitors: 0 }] satisfies Proofs<typeof byzantineGenerals>
