/** Random liveness properties and random fairness, for a random protocol. */
import fc from 'fast-check'
import { Record, Set } from 'immutable'
import { byzantine, type Fault } from '../../checker/index.ts'
import type { Fairness } from '../../checker/protocol/fairness.ts'
import type { Id } from '../../checker/protocol/id.ts'
import * as liveness from '../../checker/protocol/liveness.ts'
import { each, type LivenessProperty, type Property, type StatePredicate, some } from '../../checker/protocol/properties.ts'
import type { AnyProtocol, Here, Network } from '../../checker/protocol/protocol.ts'
import type { NodeState, RoleTypes, Tagged } from '../../checker/protocol/roles.ts'

/** What random-protocol.ts gives a node. */
interface Seen {
  readonly n: number
  readonly mark: number
  readonly sent: number
  readonly last: unknown
  readonly members: { readonly size: number }
}

const views = {
  n: (node: Seen): number => node.n,
  mark: (node: Seen): number => node.mark,
  sent: (node: Seen): number => node.sent,
  last: (node: Seen): number => (node.last === null ? 0 : 1),
  members: (node: Seen): number => node.members.size,
}

interface Test {
  readonly view: keyof typeof views
  readonly is: 'at most' | 'not'
  readonly c: number
}

const test: fc.Arbitrary<Test> = fc.record({
  view: fc.constantFrom(...(Object.keys(views) as (keyof typeof views)[])),
  is: fc.constantFrom('at most', 'not'),
  c: fc.nat(2),
})

const passes =
  ({ is, c }: Test) =>
  (x: number): boolean =>
    is === 'not' ? x !== c : x <= c

interface Drawn {
  readonly type: LivenessProperty<RoleTypes>['type']
  readonly of: 'each' | 'some' | 'each node'
  readonly role: number
  readonly from: Test
  readonly to: Test
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  type: fc.constantFrom('eventually', 'leadsTo', 'leadsTo', 'alwaysEventually', 'eventuallyAlways'),
  of: fc.constantFrom('each', 'some', 'each node'),
  role: fc.nat(2),
  from: test,
  to: test,
})

const propertyOf = ({ type, of, role, from, to }: Drawn, roles: readonly string[]): Property<RoleTypes> => {
  const name = roles[role % roles.length] as string
  const viewOf = ({ view }: Test) => views[view] as unknown as (node: NodeState) => number
  if (of === 'each node') {
    if (type === 'leadsTo') {
      const both = (node: NodeState): string => `${viewOf(from)(node)} ${viewOf(to)(node)}`
      const part = (i: number, one: Test) => (seen: string) => passes(one)(Number(seen.split(' ')[i]))
      return liveness.eachLeadsTo<RoleTypes, string, string>(name, both, part(0, from), part(1, to))
    }
    const make = { eventually: liveness.eachEventually, alwaysEventually: liveness.eachAlwaysEventually, eventuallyAlways: liveness.eachEventuallyAlways }[type]
    return make<RoleTypes, string, number>(name, viewOf(to), passes(to))
  }
  const predicate = (one: Test): StatePredicate<RoleTypes> => (of === 'each' ? each : some)<RoleTypes, string, number>(name, viewOf(one), passes(one))
  if (type === 'leadsTo') return liveness.leadsTo(predicate(from), predicate(to))
  return { eventually: liveness.eventually, alwaysEventually: liveness.alwaysEventually, eventuallyAlways: liveness.eventuallyAlways }[type](predicate(to))
}

export interface DrawnLiveness {
  readonly properties: readonly Drawn[]
  readonly delivers: 'delivery' | 'strong-delivery' | null
  /** For each role and each of its actions, and for each global step, in turn. */
  readonly strengths: readonly ('weak' | 'strong' | 'none')[]
}

export const drawnLiveness: fc.Arbitrary<DrawnLiveness> = fc.record({
  properties: fc.array(drawn, { minLength: 3, maxLength: 5 }),
  delivers: fc.constantFrom('delivery', 'strong-delivery', null),
  strengths: fc.array(fc.constantFrom('weak', 'weak', 'strong', 'none'), { minLength: 1, maxLength: 6 }),
})

/** The protocol with these properties in place of its own. */
export const withLiveness = (protocol: AnyProtocol, { properties, delivers, strengths }: DrawnLiveness): AnyProtocol => {
  const roles = Object.keys(protocol.roles)
  let next = 0
  const draw = (): 'weak' | 'strong' | 'none' => strengths[next++ % strengths.length] as 'weak' | 'strong' | 'none'
  const ofActions = Object.entries(protocol.roles).flatMap(([role, { actions = {} }]) =>
    Object.keys(actions).flatMap((name): Fairness[] => {
      const type = draw()
      return type === 'none' ? [] : [{ type, role, actions: [name] }]
    }),
  )
  const ofSteps = Object.keys(protocol.steps ?? {}).flatMap((name): Fairness[] => {
    const type = draw()
    return type === 'none' ? [] : [{ type: `${type}-steps`, steps: [name] }]
  })
  const { mayRest: _, ...rest } = protocol
  return {
    ...rest,
    fairness: [...(delivers === null ? [] : [{ type: delivers }]), ...ofActions, ...ofSteps],
    properties: Object.fromEntries(properties.map((one, i) => [`l${i}`, propertyOf(one, roles)])),
  }
}

/** What a step does: in one state or in any, it goes to one of some states, and may send. */
interface Doing {
  readonly inState: number | null
  readonly to: readonly number[]
  readonly sends: 0 | 1 | null
}

/** A protocol that goes round: a few states a node, and messages that lead from one to another. */
export interface Rounds {
  readonly network: Network
  readonly count: number
  readonly states: number
  readonly actions: readonly Doing[]
  readonly on: readonly [Doing, Doing]
  readonly fault: 'crash-stop' | 'crash-recovery' | 'loss' | null
  readonly atMost: 1 | null
  readonly step: Doing | null
  readonly withinStates: number
  /** What a node that lies says from the start, and what once it has heard something. */
  readonly lies?: readonly ['A' | 'B' | null, 'A' | 'B' | null]
}

const doing: fc.Arbitrary<Doing> = fc.record({
  inState: fc.option(fc.nat(2), { freq: 4 }),
  to: fc.array(fc.nat(2), { minLength: 1, maxLength: 2 }),
  sends: fc.constantFrom(null, null, 0, 1),
})

export const rounds: fc.Arbitrary<Rounds> = fc.record({
  network: fc.constantFrom('fifo', 'reliable', 'fair-loss', 'fair-loss', 'fair-loss'),
  count: fc.constantFrom(1, 2),
  states: fc.constantFrom(2, 3),
  actions: fc.array(doing, { minLength: 1, maxLength: 3 }),
  on: fc.tuple(doing, doing),
  fault: fc.option(fc.constantFrom('crash-stop', 'crash-recovery', 'loss')),
  atMost: fc.constantFrom(1, null),
  step: fc.option(doing, { freq: 2 }),
  withinStates: fc.constantFrom(2, 3, 3, 3),
})

const typed = (type: 'A' | 'B' | null): readonly Tagged[] => (type === null ? [] : [{ type }])

class Going extends Record({ n: 0, mark: 0, sent: 0, last: null, members: Set<Id>() }) {}

/** The same over `fair-loss`, in which one of the nodes may lie. */
export const roundsWithLiars: fc.Arbitrary<Rounds> = fc
  .tuple(rounds, fc.tuple(fc.constantFrom('A', 'B', null), fc.constantFrom('A', 'B', null)))
  .map(([one, lies]): Rounds => ({ ...one, network: 'fair-loss', count: 2, lies }))

export const protocolOfRounds = ({ network, count, states, actions, on, fault, atMost, step, withinStates, lies }: Rounds): AnyProtocol => {
  const act = ({ inState, to, sends }: Doing, node: Going, here: Here<RoleTypes, string, Tagged, string>): Going => {
    if (inState !== null && node.n !== inState % states) return node
    if (sends !== null) here.send(here.others.length > 0 ? here.others : here.self, { type: sends === 0 ? 'A' : 'B' })
    return node.set('n', here.choose(to) % states)
  }
  const isEnabled = ({ inState }: Doing, node: Going): boolean => inState === null || node.n === inState % states
  return {
    name: 'rounds',
    network,
    ...(network === 'fair-loss' ? {} : { withinFlight: { channel: 1 } }),
    roles: {
      anna: {
        count,
        init: () => new Going(),
        actions: Object.fromEntries(
          actions.map((one, i) => [
            `a${i}`,
            { when: (node: NodeState) => isEnabled(one, node as Going), do: (node: NodeState, here) => act(one, node as Going, here) },
          ]),
        ),
        on: { A: (node, _, __, here) => act(on[0], node as Going, here), B: (node, _, __, here) => act(on[1], node as Going, here) },
        within: node => (node as Going).n < withinStates,
      },
    },
    ...(step === null
      ? {}
      : {
          steps: {
            s0: {
              when: world => world.all('anna').some(node => isEnabled(step, node as Going)),
              do(world) {
                for (const id of world.nodes['anna'] ?? []) world.set(id, (world.get(id) as Going).set('n', world.choose(step.to) % states))
              },
            },
          },
        }),
    faults: [
      ...(lies === undefined ? [] : [byzantine('anna', { atMost: 1, says: () => typed(lies[0]), passesOn: () => typed(lies[1]) })]),
      ...(fault === null || (fault === 'loss' && network === 'fair-loss')
        ? []
        : ([
            fault === 'loss'
              ? { type: 'loss', atMost: atMost ?? Infinity }
              : { type: fault, role: 'anna', atMost: fault === 'crash-stop' ? 1 : (atMost ?? Infinity) },
          ] satisfies Fault[])),
    ],
    properties: {},
  }
}
