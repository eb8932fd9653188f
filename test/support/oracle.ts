/**
 * The naive checker: what a protocol means, written to be plainly right rather than fast. It shares no code with the engine
 * but the types of a protocol and `Id`: whole states, breadth-first, every handler called again at every step.
 */
import { List, Map, Record, Set } from 'immutable'
import { Id, isId } from '../../checker/protocol/id.ts'
import { isLiveness, type StatePredicate, type Status } from '../../checker/protocol/properties.ts'
import type { AnyProtocol, GlobalHere, Here } from '../../checker/protocol/protocol.ts'
import type { NodeState, RoleTypes, Tagged } from '../../checker/protocol/roles.ts'
import type { InFlight as InFlightOf, World as WorldOf } from '../../checker/protocol/world.ts'

type InFlight = InFlightOf<RoleTypes>
type World = WorldOf<RoleTypes, string>
type Global = GlobalHere<RoleTypes, Tagged, string>
type Choose = <T>(options: Iterable<T>) => T

/** The whole system at one moment. Messages in flight are kept sorted (under `fifo` by channel only), so that equal states have equal texts. */
export class State extends Record({
  nodes: Map<Id, NodeState>(),
  crashed: Set<Id>(),
  inFlight: List<InFlight>(),
  observers: Map<string, unknown>(),
  /** Who is apart from whom: nothing while all links carry. */
  groups: Set<Set<Id>>(),
  /** Ticks so far, where there is a horizon; whether messages arrive in time, where they once do; and by how many ticks each clock is ahead. */
  now: 0,
  timely: false,
  /** Ticks so far, while they do not, where there is a limit to that. */
  unsettled: 0,
  ahead: Map<Id, number>(),
  /** What is left of each fault, in the order of `faults`. */
  budgets: List<number>(),
}) {}

/** The state of a node that lies, whatever its role. */
class Lying extends Record({ isHonest: false }) {}

/** What one run of a handler did. */
interface Effect {
  readonly writes: Map<Id, NodeState>
  readonly sent: readonly InFlight[]
  readonly events: readonly { readonly event: Tagged; readonly from: Id }[]
}

/** One step: the state after it, or null where the bound of the model cuts it off, and the local steps that it consists of. */
export interface Step {
  readonly next: State | null
  /** What is taken: an action of a node, a message (under `fifo` its channel) that arrives, a global step; null for a fault. */
  readonly by: string | null
  /** The messages that honest nodes send by it, as texts. */
  readonly sent: readonly string[]
  readonly local: readonly { readonly role: string; readonly before: NodeState; readonly after: NodeState }[]
}

export interface Finding {
  readonly verdict: 'holds' | 'violated' | 'inconclusive'
  /** Steps of a shortest counterexample; null without one. */
  readonly length: number | null
}

export interface Findings {
  /** The texts of all reachable states, in the order of discovery. */
  readonly states: readonly string[]
  /** What a predicate can see of each, in the order of discovery, so by depth; and what it cannot: nodes that lie, and what is left of each fault that is a step, in the order of `faults`. */
  readonly worlds: readonly { readonly world: World; readonly whole: World; readonly depth: number; readonly budgets: readonly number[] }[]
  /** Steps that change something, each sequence of choices by itself. */
  readonly transitions: number
  /** Pairs of a state and a next one: as many transitions as an engine has that takes equal results of steps for one. */
  readonly edges: number
  /** Steps to the farthest state. */
  readonly depth: number
  /** No state was left unexpanded. */
  readonly complete: boolean
  /** By property, and under `deadlock` if the protocol says where it may rest. */
  readonly properties: { readonly [name: string]: Finding }
}

/** Texts that equal values share, whatever the order in which they were built. Objects never change, so each is written once. */
export const texts = (nameOf: (id: Id) => string): ((value: unknown) => string) => {
  const written = new WeakMap<object, string>()
  const text = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : String(value)
    const known = written.get(value) ?? textOf(value)
    written.set(value, known)
    return known
  }
  const textOf = (value: object): string => {
    if (isId(value)) return nameOf(value)
    if (Map.isMap(value))
      return `Map{${[...value]
        .map(([key, item]) => `${text(key)}: ${text(item)}`)
        .sort()
        .join(', ')}}`
    if (Set.isSet(value)) return `Set{${[...value].map(text).sort().join(', ')}}`
    if (List.isList(value)) return `[${[...value].map(text).join(', ')}]`
    if (Record.isRecord(value)) return text(value.toObject())
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${text(item)}`)
      .sort()
      .join(', ')}}`
  }
  return text
}

/** A text that tells all values apart. */
export const text = texts(id => `${id.kind}#${Id.rankOf(id)}`)

/** The observers that a property may ask about. */
export const observersOf = ({ observers = {}, faults = [], timing }: AnyProtocol): readonly string[] => [
  ...Object.keys(observers),
  ...(faults.some(({ type }) => type === 'partition') ? ['partition'] : []),
  ...(timing !== undefined && (timing.horizon < Infinity || timing.drift > 0 || timing.type === 'partially synchronous') ? ['time'] : []),
]

/** What a predicate can see of a state, as a text. */
export const textOfWorld = ({ nodes, crashed, observer, inFlight, get }: World, observers: readonly string[]): string => {
  const ids = Object.values(nodes).flat()
  const messages = inFlight.map(text)
  return text({
    nodes: Map(ids.map(id => [id, get(id)])),
    crashed: Set(ids.filter(id => crashed(id))),
    messages: Set(messages.map((message, i) => `${message} ×${messages.slice(0, i).filter(earlier => earlier === message).length}`)),
    observers: Map(observers.map(name => [name, observer(name)])),
  })
}

const notEnabled = new Error('choose was given no options')

/** Runs `body` once for each sequence of answers to its calls of `choose`. */
const everyChoice = <T>(body: (choose: Choose) => T): T[] => {
  const results: T[] = []
  let answers: number[] = []
  do {
    const widths: number[] = []
    const choose: Choose = given => {
      const options = [...given]
      if (options.length === 0) throw notEnabled
      return options[answers[widths.push(options.length) - 1] ?? 0] as (typeof options)[number]
    }
    try {
      results.push(body(choose))
    } catch (error) {
      if (error !== notEnabled) throw error
    }
    const next = widths.map((_, i) => answers[i] ?? 0)
    while (next.length > 0 && (next.at(-1) ?? 0) + 1 === widths[next.length - 1]) next.pop()
    answers = next.map((answer, i) => (i === next.length - 1 ? answer + 1 : answer))
  } while (answers.length > 0)
  return results
}

export interface OracleOptions {
  /** Executions of at most so many steps. */
  readonly depth?: number
  readonly statesMax?: number
  /** What a `fair-loss` network loses in one step, where it matters: all that is in flight, as the engine has it, or any one message. */
  readonly losses?: 'all' | 'each'
}

/** With losses there may be so many times as many states. */
const LOSSY_SHARE = 4

/** What the steps of a protocol are, and what is true of its states. */
export const semanticsOf = (protocol: AnyProtocol) => {
  const { network, roles, steps = {}, timing } = protocol
  const { time: _, ...observers } = protocol.observers ?? {}
  const faults = (protocol.faults ?? []).flatMap(fault => (fault.type === 'byzantine' || fault.type === 'forgery' ? [] : [fault]))
  const forging = (protocol.faults ?? []).flatMap(fault => (fault.type === 'forgery' ? [fault] : []))
  const lying = (protocol.faults ?? []).flatMap(fault => (fault.type === 'byzantine' ? [fault] : []))
  const idsOf = (kind: string, count: number, names?: readonly string[]) =>
    Array.from({ length: count }, (_, i) => new Id(kind, i, names?.[i] ?? `${kind}${i + 1}`))
  const nodes = Object.fromEntries(Object.entries(roles).map(([name, role]) => [name, idsOf(name, role.count, role.names)]))
  const values = Object.fromEntries(Object.entries(protocol.values ?? {}).map(([name, count]) => [name, idsOf(name, count)]))
  const everyNode = Object.values(nodes).flat()
  const roleOf = (id: Id) => roles[id.kind] as (typeof roles)[string]
  const rule = (_: string, holds: boolean) => holds
  const placeOf = (self: Id) => ({ self, nodes, values, rule, others: nodes[self.kind]?.filter(id => id !== self) ?? [] })

  /** Messages of different channels (of any two, unless `fifo`) have no order: sort them. */
  const sortKey = ({ from, to, message }: InFlight) => text(network === 'fifo' ? [from, to].map(text) : { from, to, message })
  const inOrder = (messages: List<InFlight>) => messages.sortBy(sortKey)
  const withSent = (messages: List<InFlight>, sent: readonly InFlight[]) =>
    inOrder(sent.reduce((all, one) => (network === 'fair-loss' && all.some(other => text(other) === text(one)) ? all : all.push(one)), messages))
  /** Places of the messages that may arrive next: each but equal ones once; under `fifo` the head of each channel. */
  const arrivable = (messages: List<InFlight>) =>
    [...messages.keys()].filter(i => messages.findIndex(one => sortKey(one) === sortKey(messages.get(i) as InFlight)) === i)

  const lies = (state: State, id: Id): boolean => state.nodes.get(id) instanceof Lying
  /** @param whole with the nodes that lie, and with what they said */
  const worldOf = (state: State, whole = false): World => {
    const isShown = (id: Id) => whole || !lies(state, id)
    const shown = Object.fromEntries(Object.entries(nodes).map(([role, ids]) => [role, ids.filter(isShown)]))
    return {
      nodes: shown,
      values,
      get: id => state.nodes.get(id) as NodeState,
      all: role => (shown[role] ?? []).map(id => state.nodes.get(id) as NodeState),
      crashed: id => state.crashed.has(id),
      observer: name => (name === 'partition' ? state.groups : name === 'time' ? timeOf(state) : state.observers.get(name)),
      inFlight: [...state.inFlight].filter(({ from }) => isShown(from)),
    }
  }

  const timeOf = ({ now, timely, unsettled, ahead }: State) => ({
    ...(timing !== undefined && timing.horizon < Infinity ? { now } : {}),
    ...(timing?.type === 'partially synchronous' ? { isTimely: timely } : {}),
    ...(timing?.type === 'partially synchronous' && timing.settlesWithin < Infinity ? { unsettled } : {}),
    ...(timing !== undefined && timing.drift > 0 ? { ahead } : {}),
  })
  /** A message as its sender sent it, and for how long it has been under way. */
  const sentAs = (message: Tagged): { readonly message: Tagged; readonly age: number } => {
    if (timing === undefined) return { message, age: 0 }
    const { age = 0, ...rest } = message as Tagged & { readonly age?: number }
    return { message: rest, age }
  }
  const delayOf = ({ type }: Tagged) => timing?.delays[type] ?? timing?.delay ?? { min: 0, max: Infinity }
  const areTimely = ({ timely }: State) => timing?.type === 'synchronous' || (timing?.type === 'partially synchronous' && timely)
  const isSomethingDue = (state: State): boolean =>
    everyNode.some(id => !state.crashed.has(id) && !lies(state, id) && roleOf(id).due?.(state.nodes.get(id) as NodeState, placeOf(id)) === true) ||
    (areTimely(state) && state.inFlight.some(({ to, message }) => !state.crashed.has(to) && sentAs(message).age >= delayOf(message).max))

  const mustSettle = ({ timely, unsettled }: State) => timing?.type === 'partially synchronous' && !timely && unsettled === timing.settlesWithin

  /** A tick: all that the clocks may do, each with all that the nodes may make of it. */
  const ticks = (state: State): Step[] => {
    if (timing === undefined || isSomethingDue(state) || mustSettle(state)) return []
    if (state.now >= timing.horizon) return [{ next: null, by: 'tick', sent: [], local: [] }]
    return everyChoice(choose => {
      let writes = Map<Id, NodeState>()
      let { ahead } = state
      for (const id of everyNode.filter(one => !state.crashed.has(one))) {
        const { tick, within } = roleOf(id)
        const by = ahead.get(id, 0)
        const rate = timing.drift === 0 || tick === undefined ? 1 : choose([0, 1, 2].filter(one => Math.abs(by + one - 1) <= timing.drift))
        ahead = by + rate === 1 ? ahead.delete(id) : ahead.set(id, by + rate - 1)
        if (tick === undefined || lies(state, id)) continue
        for (let i = 0; i < rate; i++) {
          const next = tick(writes.get(id) ?? (state.nodes.get(id) as NodeState), { ...placeOf(id), choose })
          if (within?.(next) === false) return { next: null, by: 'tick', sent: [], local: [] }
          writes = writes.set(id, next)
        }
      }
      const older = (one: InFlight): InFlight => {
        const { message, age } = sentAs(one.message)
        const { min, max } = delayOf(message)
        const most = areTimely(state) && max < Infinity ? max : min
        return network === 'fair-loss' || age >= most ? one : { ...one, message: { ...message, age: age + 1 } as never }
      }
      const isLost = ({ to, message }: InFlight) =>
        network !== 'fair-loss' && areTimely(state) && state.crashed.has(to) && sentAs(message).age >= delayOf(message).max
      const inFlight = inOrder(state.inFlight.filter(one => !isLost(one)).map(older))
      const unsettled = timing.type === 'partially synchronous' && !state.timely && timing.settlesWithin < Infinity ? state.unsettled + 1 : 0
      const passed = state.merge({ ahead, now: timing.horizon < Infinity ? state.now + 1 : 0, unsettled, inFlight })
      return { ...after(passed, { writes, sent: [], events: [] }), by: 'tick', local: localOf(state, writes) }
    })
  }
  const settles = (state: State): Step[] =>
    timing?.type !== 'partially synchronous' || state.timely ? [] : [{ next: state.merge({ timely: true, unsettled: 0 }), by: 'settle', sent: [], local: [] }]

  const hearersOf = (message: Tagged, speaker: Id) => everyNode.filter(id => id !== speaker && roleOf(id).on[message.type] !== undefined)
  const lieOf = (id: Id) => lying.find(fault => fault.roles.includes(id.kind))
  const honestStart = (choose: Choose) =>
    new State({
      nodes: Map(everyNode.map(id => [id, roleOf(id).init({ ...placeOf(id), choose })])),
      observers: Map(Object.entries(observers).map(([name, observer]) => [name, observer.init])),
      budgets: List(faults.map(fault => fault.atMost)),
    })
  /** One run of all `init`s, one after the other, is one initial state. Each node that may lie does, or does not, as long as not too many do; what those say is in flight. */
  const initials = everyChoice(choose => {
    const honest = honestStart(choose)
    const liars = everyNode.filter(id => lieOf(id) !== undefined && choose([false, true]))
    if (lying.some(({ roles: of, atMost }) => liars.filter(id => of.includes(id.kind)).length > atMost)) throw notEnabled
    const said = liars.flatMap(self =>
      [...(lieOf(self)?.says({ self, nodes, values }) ?? [])].flatMap(message => hearersOf(message, self).map(to => ({ from: self, to, message }))),
    )
    const madeUp = forging.flatMap(({ says }) =>
      everyNode.flatMap(self => [...says({ self, nodes, values })].flatMap(message => hearersOf(message, self).map(to => ({ from: self, to, message })))),
    )
    return honest.merge({
      nodes: honest.nodes.map((node, id) => (liars.includes(id) ? new Lying() : node)),
      inFlight: withSent(List(), [...said, ...madeUp] as InFlight[]),
    })
  })

  const { channel = Infinity, total = Infinity } = protocol.withinFlight ?? {}
  /** Null where more messages are in flight than the bound of the model allows. */
  const withinFlight = (state: State): State | null =>
    state.inFlight.size > total || state.inFlight.countBy(({ from, to }) => text([from, to].map(text))).some(count => count > channel) ? null : state

  const localOf = (state: State, writes: Map<Id, NodeState>): Step['local'] =>
    [...writes].filter(([, node]) => !(node instanceof Lying)).map(([id, node]) => ({ role: id.kind, before: state.nodes.get(id) as NodeState, after: node }))

  const after = (state: State, { writes, sent, events }: Effect): Step => ({
    by: null,
    sent: sent.filter(({ from }) => !lies(state, from)).map(text),
    next: [...writes].some(([id, node]) => !(node instanceof Lying) && roleOf(id).within?.(node) === false)
      ? null
      : withinFlight(
          state.merge({
            nodes: state.nodes.merge(writes),
            inFlight: withSent(state.inFlight, sent),
            observers: state.observers.map((heard, name) => events.reduce((s, { event, from }) => observers[name]?.on(s, event, from), heard)),
          }),
        ),
    local: localOf(state, writes),
  })

  const localSteps = (state: State, self: Id, react: (node: NodeState, here: Here<RoleTypes, string, Tagged, string>) => NodeState): Step[] =>
    everyChoice(choose => {
      const sent: InFlight[] = []
      const events: { event: Tagged; from: Id }[] = []
      const place = placeOf(self)
      const send = (to: Id | Iterable<Id>, message: Tagged) => void sent.push(...[...(isId(to) ? [to] : to)].map(one => ({ from: self, to: one, message })))
      const broadcast = (message: Tagged) => send(place.others, message)
      const emit = (event: Tagged) => void events.push({ event, from: self })
      const node = react(state.nodes.get(self) as NodeState, { ...place, send, broadcast, choose, emit })
      return after(state, { writes: Map([[self, node]]), sent, events })
    })

  const globalSteps = (state: State, { when, do: act }: { when?: (world: Global) => boolean; do: (world: Global) => void }): Step[] =>
    everyChoice(choose => {
      let writes = Map<Id, NodeState>()
      const sent: InFlight[] = []
      const events: { event: Tagged; from: Id }[] = []
      const get = (id: Id) => writes.get(id) ?? (state.nodes.get(id) as NodeState)
      const world: Global = {
        ...worldOf(state),
        get,
        all: role => (worldOf(state).nodes[role] ?? []).map(get),
        set: (id, node) => {
          writes = writes.set(id, node)
        },
        send: (from, to, message) => void sent.push(...[...(isId(to) ? [to] : to)].map(one => ({ from, to: one, message }))),
        choose,
        emit: (from, event) => void events.push({ event, from }),
        rule,
      }
      if (when?.(world) === false) throw notEnabled
      act(world)
      return after(state, { writes, sent, events })
    })

  /** Every node in some group, the last of which is for those in no other: all ways with the right numbers in the groups. */
  const splits = (groups: readonly { readonly [role: string]: number | undefined }[]): Set<Set<Id>>[] => {
    const placed = everyNode.reduce<Map<Id, number>[]>((ways, id) => ways.flatMap(way => [...groups, null].map((_, group) => way.set(id, group))), [Map()])
    const fits = (way: Map<Id, number>) =>
      groups.every((group, i) => Object.keys(roles).every(role => way.filter((of, id) => of === i && id.kind === role).size === (group[role] ?? 0)))
    return [
      ...Set(
        placed.filter(fits).map(way =>
          Set(
            way
              .keySeq()
              .groupBy(id => way.get(id))
              .valueSeq()
              .map(ids => ids.toSet()),
          ),
        ),
      ),
    ]
  }
  const isApart = ({ groups }: State, a: Id, b: Id) => !groups.isEmpty() && !groups.some(group => group.has(a) && group.has(b))
  const heals = (state: State): Step[] =>
    !faults.some(fault => fault.type === 'partition' && fault.heals && splits(fault.groups).some(groups => groups.equals(state.groups)))
      ? []
      : [{ next: state.set('groups', Set()), by: null, sent: [], local: [] }]

  const faultSteps = (state: State, i: number): Step[] => {
    const fault = faults[i] as (typeof faults)[number]
    const left = state.budgets.get(i) ?? 0
    if (left === 0) return []
    const spent = state.set('budgets', state.budgets.set(i, left - 1))
    if (fault.type === 'crash-stop' || fault.type === 'crash-recovery') {
      const up = (nodes[fault.role] ?? []).filter(id => !state.crashed.has(id))
      if (fault.type === 'crash-stop') return up.map(id => ({ next: spent.set('crashed', spent.crashed.add(id)), by: null, sent: [], local: [] }))
      return up.flatMap(id => localSteps(spent, id, (node, here) => (lies(state, id) ? node : (roleOf(id).recover?.(node, here) ?? node))))
    }
    if (fault.type === 'partition')
      return state.groups.isEmpty() ? splits(fault.groups).map(groups => ({ next: spent.set('groups', groups), by: null, sent: [], local: [] })) : []
    if (network === 'fair-loss') return []
    return arrivable(state.inFlight).map(place => {
      const messages = fault.type === 'loss' ? state.inFlight.delete(place) : withSent(state.inFlight, [state.inFlight.get(place) as InFlight])
      return { next: withinFlight(spent.set('inFlight', messages)), by: null, sent: [], local: [] }
    })
  }

  const named = (by: string, taken: readonly Step[]): Step[] => taken.map(one => ({ ...one, by }))

  const stepsFrom = (state: State): Step[] => [
    ...arrivable(state.inFlight).flatMap(place => {
      const { from, to, message: underWay } = state.inFlight.get(place) as InFlight
      const { message, age } = sentAs(underWay)
      if (age < delayOf(message).min) return []
      if (state.crashed.has(to) || isApart(state, from, to)) return []
      const taken = network === 'fair-loss' ? state : state.set('inFlight', state.inFlight.delete(place))
      return named(
        `receive ${network === 'fifo' ? text([from, to].map(text)) : text({ from, to, message: underWay })}`,
        localSteps(taken, to, (node, here) => {
          if (!lies(state, to)) return (roleOf(to).on[message.type] as (typeof roles)[string]['on'][string])(node, message, from, here)
          for (const lie of lieOf(to)?.passesOn?.(message, { self: to, nodes, values }) ?? []) here.send(hearersOf(lie, to) as never, lie as never)
          return node
        }),
      )
    }),
    ...everyNode.flatMap(id => {
      const node = state.nodes.get(id) as NodeState
      const enabled = Object.entries(roleOf(id).actions ?? {}).filter(
        ([, action]) => !state.crashed.has(id) && !lies(state, id) && action.when?.(node, placeOf(id)) !== false,
      )
      return enabled.flatMap(([name, action]) =>
        named(
          `action ${text(id)} ${name}`,
          localSteps(state, id, (_, here) => action.do(node, here)),
        ),
      )
    }),
    ...Object.entries(steps).flatMap(([name, one]) => named(`step ${name}`, globalSteps(state, one))),
    ...faults.flatMap((_, i) => faultSteps(state, i)),
    ...heals(state),
    ...ticks(state),
    ...settles(state),
  ]

  const holdsIn = (predicate: StatePredicate<RoleTypes>, state: State): boolean => {
    const viewsOf = (role: string, view: (node: never, status: Status) => unknown) =>
      (nodes[role] ?? [])
        .filter(id => !lies(state, id))
        .map(id => ({ id, view: view(state.nodes.get(id) as never, { crashed: state.crashed.has(id) }) as never }))
    const quantify = (every: boolean, judged: readonly boolean[]) => (every ? !judged.includes(false) : judged.includes(true))
    switch (predicate.type) {
      case 'world':
        return predicate.ok(worldOf(state))
      case 'observed':
        return predicate.ok(worldOf(state).observer(predicate.observer) as never)
      case 'each':
      case 'some':
        return quantify(
          predicate.type === 'each',
          viewsOf(predicate.role, predicate.view).map(({ view }) => predicate.ok(view)),
        )
      case 'eachPair':
      case 'somePair': {
        const [first, second] = [viewsOf(predicate.roles[0], predicate.views[0]), viewsOf(predicate.roles[1], predicate.views[1])]
        const judged = first.flatMap(a => second.filter(b => b.id !== a.id).map(b => predicate.ok(a.view, b.view)))
        return quantify(predicate.type === 'eachPair', judged)
      }
    }
  }

  return { nodes, initials, stepsFrom, holdsIn, worldOf, lies, isSomethingDue }
}

/** Explores `protocol` breadth-first: all executions of at most `depth` steps, or until there are more than `statesMax` states. */
export const oracle = (protocol: AnyProtocol, { depth: depthMax = Infinity, statesMax = Infinity, losses = 'all' }: OracleOptions = {}): Findings => {
  const { network, mayRest } = protocol
  const { initials, stepsFrom, holdsIn, worldOf, isSomethingDue } = semanticsOf(protocol)
  const asksForDeadlocks = mayRest === undefined ? protocol.timing !== undefined : mayRest !== true
  const mayRestIn = (state: State): boolean => (typeof mayRest === 'function' ? mayRest(worldOf(state)) : mayRest !== false) && !isSomethingDue(state)

  /** Nothing can happen. Over `fair-loss` that messages are sent or lost is nothing: it is what they do once they are sent. */
  const isStuck = (state: State, steps: readonly Step[]): boolean => {
    const others = steps.map(one => one.next).filter(next => next === null || text(next) !== text(state))
    const [first] = others
    if (first === undefined) return true
    const only = others.every(next => next !== null && network === 'fair-loss' && text(next.set('inFlight', state.inFlight)) === text(state))
    return only && isStuck(first as State, stepsFrom(first as State))
  }

  /** What a network that loses messages makes of a state. */
  const lossesFrom = (state: State): State[] => {
    const { inFlight } = state
    if (inFlight.isEmpty()) return []
    return losses === 'all' ? [state.set('inFlight', List())] : [...inFlight.keys()].map(place => state.set('inFlight', inFlight.delete(place)))
  }

  /** All states, in order of depth: `found` grows at its end while its states are expanded from its front. With `lossy` the network may lose what is in flight at any time. */
  const search = (lossy: boolean) => {
    const begun = new globalThis.Map(initials.map(state => [text(state), state]))
    const found = [...begun.values()].map(state => ({ state, depth: 0, next: [] as number[], stuck: false }))
    const places = new globalThis.Map([...begun.keys()].map((key, i) => [key, i]))
    const shortest = new globalThis.Map<string, number>()
    let transitions = 0
    let complete = true
    for (const here of found) {
      if (found.length > statesMax * (lossy ? LOSSY_SHARE : 1)) {
        complete = false
        break
      }
      const [taken, same] = [stepsFrom(here.state), text(here.state)]
      here.stuck = asksForDeadlocks && isStuck(here.state, taken)
      if (here.depth >= depthMax) {
        complete = false
        continue
      }
      for (const { next, local } of taken) {
        if (next === null) continue
        for (const [name, property] of Object.entries(protocol.properties))
          if (property.type === 'step' && local.some(one => one.role === property.role && !property.ok(one.before as never, one.after as never)))
            shortest.set(name, Math.min(here.depth + 1, shortest.get(name) ?? Infinity))
      }
      for (const next of [...taken.map(one => one.next), ...(lossy ? lossesFrom(here.state) : [])]) {
        if (next === null) continue
        const key = text(next)
        if (key === same) continue
        transitions++
        const place = places.get(key) ?? found.push({ state: next, depth: here.depth + 1, next: [], stuck: false }) - 1
        places.set(key, place)
        here.next.push(place)
      }
    }
    return { found, places, shortest, transitions, complete }
  }
  const isLossy = network === 'fair-loss' && (asksForDeadlocks || Object.values(protocol.properties).some(({ type }) => type === 'canAlways'))
  const { found, places, shortest, transitions, ...lossless } = search(false)
  // What a message that never arrives has to do with it.
  const lossy = isLossy ? search(true) : { found, complete: true }
  const complete = lossless.complete && lossy.complete

  const nearest = (bad: (index: number) => boolean) => found.find((_, i) => bad(i))?.depth
  const nearestLossy = (bad: (index: number) => boolean) => lossy.found.find((_, i) => bad(i))?.depth
  /** Can each state still reach one that satisfies `predicate`? Backwards along the steps, to a fixpoint. */
  const canReach = (predicate: StatePredicate<RoleTypes>) => {
    const can = lossy.found.map(({ state }) => holdsIn(predicate, state))
    for (let changed = true; changed; ) {
      changed = false
      for (let i = lossy.found.length - 1; i >= 0; i--) if (!can[i] && lossy.found[i]?.next.some(next => can[next])) changed = can[i] = true
    }
    return can
  }
  const findings = Object.entries(protocol.properties).map(([name, property]): [string, Finding] => {
    if (property.type === 'reachable') {
      const seen = found.some(({ state }) => holdsIn(property.predicate, state))
      return [name, { verdict: seen ? 'holds' : complete ? 'violated' : 'inconclusive', length: null }]
    }
    if (property.type === 'canAlways') {
      if (!complete) return [name, { verdict: 'inconclusive', length: null }]
      const can = canReach(property.predicate)
      const length = nearestLossy(i => !can[i])
      return [name, { verdict: length === undefined ? 'holds' : 'violated', length: length ?? null }]
    }
    if (isLiveness(property)) return [name, { verdict: 'inconclusive', length: null }]
    const length = property.type === 'step' ? shortest.get(name) : nearest(i => !holdsIn(property, found[i]?.state as State))
    return [name, { verdict: length === undefined ? 'holds' : 'violated', length: length ?? null }]
  })
  if (asksForDeadlocks) {
    const length = nearestLossy(i => {
      const { stuck, state } = lossy.found[i] as (typeof found)[number]
      return stuck && !mayRestIn(state)
    })
    findings.push(['deadlock', { verdict: length === undefined ? 'holds' : 'violated', length: length ?? null }])
  }
  return {
    states: [...places.keys()],
    worlds: found.map(({ state, depth }) => ({ world: worldOf(state), whole: worldOf(state, true), depth, budgets: [...state.budgets] })),
    transitions,
    edges: found.reduce((sum, { next }) => sum + new globalThis.Set(next).size, 0),
    depth: found.at(-1)?.depth ?? 0,
    complete,
    properties: Object.fromEntries(findings),
  }
}
