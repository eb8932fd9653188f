/**
 * Small random protocols for fast-check: a description is plain data (so that it shrinks, prints, and can be pasted into a test),
 * and `protocolOf` makes a protocol of it whose handlers interpret the description.
 */
import { inspect } from 'node:util'
import fc from 'fast-check'
import { List, Map, Record, Set } from 'immutable'
import type { Reduction } from '../../checker/check/reductions.ts'
import {
  always,
  asynchronous,
  byzantine,
  canAlways,
  each,
  eachPairOf,
  type Fault,
  type FlightBound,
  forgery,
  type Id,
  type Network,
  observed,
  type Property,
  partiallySynchronous,
  reachable,
  type StatePredicate,
  type Status,
  some,
  somePairOf,
  step,
  synchronous,
  type Timing,
} from '../../checker/index.ts'
import type { FaultStep, LiarHere } from '../../checker/protocol/faults.ts'
import { isId } from '../../checker/protocol/id.ts'
import type { AnyProtocol, Choosing, GlobalHere, GlobalStep, Here, Observer, Place } from '../../checker/protocol/protocol.ts'
import type { RoleTypes, Tagged } from '../../checker/protocol/roles.ts'
import type { World } from '../../checker/protocol/world.ts'

/** What a node may remember; a protocol uses some of it. */
const fields = ['n', 'members', 'counts', 'last', 'list', 'value'] as const
type Field = (typeof fields)[number]

type Who = 'self' | 'sender' | 'last' | 'mentioned'
type To = 'sender' | 'self' | 'others' | 'everyone' | 'last' | 'members'
type MessageType = 'A' | 'B'

/** Keys of the map: a node's own id, the id of one other node or of all, an abstract value, what is no id. */
type Key = 'self' | 'another' | 'others' | 'a value' | 'a word'

type Phase = 'early' | 'late'

type Guard =
  | { readonly if: 'true' }
  | { readonly if: 'counted'; readonly who: Who; readonly c: number }
  | { readonly if: 'noted'; readonly of: Key; readonly c: number }
  | { readonly if: 'notes' | 'n is' | 'n below' | 'members' | 'listed' | 'payload' | 'marked'; readonly c: number }
  | { readonly if: 'member' | 'last is' | 'before'; readonly who: Who }
  | { readonly if: 'no last' | 'same value' | 'first' }

export type Op =
  | { readonly op: 'add' | 'set' | 'mark'; readonly c: number }
  | {
      readonly op:
        | 'take n'
        | 'forget members'
        | 'forget last'
        | 'list n'
        | 'list payload'
        | 'unlist'
        | 'take value'
        | 'forget value'
        | 'choose value'
        | 'count others anew'
    }
  /** Without a look at what is there. */
  | { readonly op: 'note'; readonly of: Key; readonly c: number }
  | { readonly op: 'join' | 'leave' | 'count' | 'remember'; readonly who: Who }
  | { readonly op: 'choose n' | 'choose mark'; readonly from: readonly number[] }
  | { readonly op: 'choose last'; readonly from: 'others' | 'members' | 'everyone' }
  | { readonly op: 'send'; readonly type: MessageType; readonly to: To; readonly payload: 'n' | 0 | 1; readonly who: Who; readonly value: boolean }
  | { readonly op: 'emit'; readonly type: 'e' | 'f'; readonly who: Who }

/** The first rule whose guard holds is followed; with none the node stays as it is. */
interface Rule {
  readonly when: Guard
  readonly not: boolean
  readonly does: readonly Op[]
  /** It is followed in this phase only. */
  readonly phase?: Phase | null
  /** What phase comes after it. */
  readonly into?: Phase | null
}

/** What a node may begin with: all of its role alike, or the first otherwise than the others. */
type Choice =
  | { readonly choose: 'n' | 'mark'; readonly from: readonly [number, ...number[]]; readonly of?: 'all' | 'the first' }
  | { readonly choose: 'last' | 'members' | 'value' | 'phase'; readonly of?: 'all' | 'the first' }

interface RoleDescription {
  readonly count: number
  readonly modulus: number
  /** `n` grows without end, and the model ends here. */
  readonly nMax: number | null
  readonly initial: 'zero' | 'rank'
  readonly actions: readonly Rule[]
  readonly A: readonly Rule[]
  readonly B: readonly Rule[]
  readonly begins?: readonly Choice[]
  /** What recovery keeps; null for a role without `recover`. */
  readonly keeps: readonly Field[] | null
  /** What it may keep, or lose: each by itself. */
  readonly tears?: readonly Field[]
}

interface StepDescription {
  /** Something about the nodes, or about what is in flight (not over `fair-loss`). */
  readonly when: 'always' | 'somebody' | 'nobody' | 'quiet' | 'awaited'
  readonly c: number
  readonly role: number
  readonly does: 'set all' | 'advance one' | 'advance nth' | 'copy' | 'send' | 'swap' | 'nothing'
  readonly emits: boolean
}

type View = Field | 'node' | 'n if crashed'

const comparisons = {
  'at most': (size: number, c: number): boolean => size <= c,
  'at least': (size: number, c: number): boolean => size >= c,
  not: (size: number, c: number): boolean => size !== c,
}

type Comparison = keyof typeof comparisons

/** `nth` is a node by its place among others. */
type About = 'inFlight' | 'crashed' | 'apart' | 'total' | 'first' | 'nth' | 'observer' | 'everything'

type PredicateDescription =
  | { readonly type: 'each' | 'some'; readonly role: number; readonly view: View; readonly is: Comparison; readonly c: number }
  | {
      readonly type: 'eachPair' | 'somePair'
      readonly roles: readonly [number, number]
      readonly view: View
      readonly same: boolean
      readonly c: number | null
      /** What is compared: ranks of the ids that are seen, in place of sizes. */
      readonly ranks?: boolean
    }
  | { readonly type: 'world'; readonly about: About; readonly is: Comparison; readonly c: number }
  | { readonly type: 'observed'; readonly observer: number; readonly is: Comparison; readonly c: number; readonly by?: 'size' | 'rank' | 'label' }

type PropertyDescription =
  | { readonly is: 'invariant' | 'reachable' | 'canAlways'; readonly predicate: PredicateDescription }
  | { readonly is: 'step'; readonly role: number; readonly ok: keyof typeof stepTests }

/** Nodes that lie: what they may say from the start, and once they have heard something. */
interface LiarsDescription {
  readonly roles: readonly number[]
  readonly atMost: number
  readonly says: readonly { readonly type: MessageType; readonly n: number; readonly who: 'self' | 'each' | null; readonly value: boolean }[]
  readonly passesOn: 'nothing' | 'it' | 'it, as its own' | 'it, with another number'
}

/** What is assumed about time; and for each role what a tick does, and where `n` is such that the node is due. */
interface TimeDescription {
  readonly type: Timing['type']
  readonly min: number
  readonly longer: number
  /** Of messages of type B, in place of that. */
  readonly minB: number | null
  readonly drift: 0 | 1
  readonly settlesWithin: number
  readonly horizon: number
  /** A node may stop for good. */
  readonly stops: boolean
  readonly ticks: readonly { readonly does: 'nothing' | 'up' | 'down' | 'choose' | 'mark' | 'forget'; readonly due: number | null }[]
}

export interface Description {
  readonly network: Network
  /** Abstract values of the one kind `v`. */
  readonly values: number
  /** Only an ordered protocol reads ranks. */
  readonly ordered: boolean
  readonly uses: readonly Field[]
  /** How many sends a node has: `limited` makes no more, `bounded` leaves the model with one more, `free` (`fair-loss`, or with a bound on what is in flight) has no limit. */
  readonly sends: { readonly are: 'free' | 'limited' | 'bounded'; readonly atMost: number }
  readonly roles: readonly RoleDescription[]
  readonly steps: readonly StepDescription[]
  /** Not over `fair-loss`. */
  readonly flight?: FlightBound | null
  readonly faults: readonly { readonly type: FaultStep['type']; readonly role: number; readonly atMost: number }[]
  readonly time?: TimeDescription | null
  /** Over `fair-loss`. */
  readonly liars?: LiarsDescription | null
  /** Over `fair-loss`: what the network makes up. */
  readonly made?: LiarsDescription['says'] | null
  readonly observers: readonly ('count' | 'last' | 'who' | 'recent' | 'lowest' | 'label')[]
  readonly properties: readonly PropertyDescription[]
  readonly mayRest: PredicateDescription | boolean | null
}

class Node extends Record({
  n: 0,
  members: Set<Id>(),
  counts: Map<Id | string, number>(),
  last: null as Id | null,
  list: List<number>(),
  value: null as Id | null,
  /** What no property looks at. */
  phase: 'early' as Phase,
  mark: 0,
  /** Sends so far. */
  sent: 0,
}) {}

class Last extends Record({ type: '', who: null as Id | null, n: 0 }) {}

interface Message extends Tagged {
  readonly n: number
  readonly who: Id | null
  readonly value: Id | null
}

interface Event extends Tagged {
  readonly n: number
  readonly who: Id | null
}

/** A number that tells most node states apart, whichever ids they hold: comparing it with a constant makes a property that breaks late. */
const weightOf = ({ n, members, counts, last, list, value, sent }: Node): number =>
  n + 2 * members.size + 3 * list.size + 5 * counts.size + (last === null ? 0 : 4) + (value === null ? 0 : 7) + 9 * sent

const listSizeMax = 2

const stepTests = {
  'n grows': (before: Node, after: Node): boolean => before.n <= after.n,
  'list grows': (before: Node, after: Node): boolean => before.list.size <= after.list.size,
  'last stays': (before: Node, after: Node): boolean => before.last === null || before.last === after.last,
  changes: (before: Node, after: Node): boolean => !before.equals(after),
  'members grow': (before: Node, after: Node): boolean => before.members.isSubset(after.members),
}

/** Modulo, for references that generated data makes to one of several things: always valid, and small when shrunk. */
const pick = <T>(things: readonly T[], i: number): T => things[i % things.length] as T

export const protocolOf = (description: Description): AnyProtocol => {
  const { network, ordered, sends } = description
  const roleNames = description.roles.map((_, i) => pick(['anna', 'bert', 'carl'], i))
  const uses = (field: Field): boolean => description.uses.includes(field)
  const flight = network === 'fair-loss' ? null : (description.flight ?? null)
  const free = sends.are === 'free' && (network === 'fair-loss' || flight !== null)
  const maySend = (node: Node): boolean => free || sends.are === 'bounded' || node.sent < sends.atMost
  const counted = (node: Node): Node => (free ? node : node.set('sent', node.sent + 1))

  const whoIs = (who: Who, node: Node, self: Id, from: Id, message: Message | null): Id | null =>
    who === 'self' ? self : who === 'sender' ? from : who === 'last' ? node.last : (message?.who ?? null)

  const keysOf = (key: Key, { self, nodes, values }: Place<RoleTypes, string, string>): readonly (Id | string)[] =>
    key === 'self'
      ? [self]
      : key === 'a word'
        ? ['word']
        : key === 'a value'
          ? (values['v'] ?? [])
          : Object.values(nodes)
              .flat()
              .filter(id => id !== self)

  const follow = (
    role: RoleDescription,
    node: Node,
    message: Message | null,
    from: Id,
    here: Here<RoleTypes, string, Tagged, string>,
    ops: readonly Op[],
  ): Node => {
    const everyone = Object.values(here.nodes).flat()
    const targets = (to: To, current: Node): readonly Id[] => {
      const one = to === 'sender' ? from : to === 'self' ? here.self : to === 'last' ? current.last : null
      const lists = { others: here.others.length > 0 ? here.others : everyone.filter(id => id !== here.self), everyone, members: [...current.members] }
      return to === 'others' || to === 'everyone' || to === 'members' ? lists[to] : one === null || !everyone.includes(one) ? [] : [one]
    }
    const apply = (current: Node, op: Op): Node => {
      const who = 'who' in op ? whoIs(op.who, current, here.self, from, message) : null
      const wrap = (n: number) => (role.nMax === null ? n % role.modulus : n)
      switch (op.op) {
        case 'add':
          return uses('n') ? current.set('n', wrap(current.n + op.c)) : current
        case 'set':
          return uses('n') ? current.set('n', op.c % role.modulus) : current
        case 'mark':
          return current.set('mark', op.c)
        case 'choose mark':
          return current.set('mark', here.choose(op.from))
        case 'take n':
          return uses('n') && message !== null ? current.set('n', message.n % role.modulus) : current
        case 'choose n':
          return uses('n') ? current.set('n', here.choose(op.from.map(n => n % role.modulus))) : current
        case 'join':
          return uses('members') && who !== null ? current.set('members', current.members.add(who)) : current
        case 'leave':
          return who !== null ? current.set('members', current.members.delete(who)) : current
        case 'forget members':
          return current.set('members', Set())
        case 'count':
          return uses('counts') && who !== null
            ? current.set(
                'counts',
                current.counts.update(who, 0, count => (count + 1) % role.modulus),
              )
            : current
        case 'count others anew':
          return uses('counts')
            ? current.set(
                'counts',
                everyone.reduce((counts, id) => (id === here.self ? counts : counts.set(id, 1)), current.counts),
              )
            : current
        case 'note': {
          if (!uses('counts')) return current
          const keys = keysOf(op.of, here)
          return current.set(
            'counts',
            (op.of === 'another' || op.of === 'a value' ? [here.choose(keys)] : keys).reduce((counts, key) => counts.set(key, op.c), current.counts),
          )
        }
        case 'remember':
          return uses('last') ? current.set('last', who) : current
        case 'forget last':
          return current.set('last', null)
        case 'choose last':
          return uses('last')
            ? current.set('last', here.choose<Id>(op.from === 'others' ? here.others : op.from === 'members' ? current.members : everyone))
            : current
        case 'list n':
        case 'list payload': {
          const item = op.op === 'list n' ? current.n : message?.n
          return uses('list') && item !== undefined && current.list.size < listSizeMax ? current.set('list', current.list.push(item)) : current
        }
        case 'unlist':
          return current.set('list', current.list.shift())
        case 'take value':
          return message !== null && message.value !== null ? current.set('value', message.value) : current
        case 'choose value':
          return uses('value') && description.values > 0 ? current.set('value', here.choose<Id>(here.values['v'] ?? [])) : current
        case 'forget value':
          return current.set('value', null)
        case 'send': {
          const to = targets(op.to, current)
          if (to.length === 0 || !maySend(current)) return current
          const sent: Message = {
            type: op.type,
            n: op.payload === 'n' ? current.n : op.payload,
            who: uses('last') ? who : null,
            value: op.value ? current.value : null,
          }
          if (op.to === 'others' && here.others.length > 0) here.broadcast(sent)
          else here.send(to, sent)
          return counted(current)
        }
        case 'emit': {
          const event: Event = { type: op.type, who, n: current.n }
          here.emit(event)
          return current
        }
      }
    }
    return ops.reduce(apply, node)
  }

  const phased = (node: Node, { into }: Rule): Node => (into === undefined || into === null ? node : node.set('phase', into))

  const holds = ({ when, not, phase }: Rule, node: Node, message: Message | null, from: Id, here: Place<RoleTypes, string, string>): boolean => {
    const { self } = here
    const who = 'who' in when ? whoIs(when.who, node, self, from, message) : null
    const test = (): boolean => {
      switch (when.if) {
        case 'true':
          return true
        case 'n is':
          return node.n === when.c
        case 'n below':
          return node.n < when.c
        case 'marked':
          return node.mark === when.c
        case 'members':
          return node.members.size >= when.c
        case 'listed':
          return node.list.size === when.c
        case 'payload':
          return message === null || message.n === when.c
        case 'noted':
          return keysOf(when.of, here).some(key => node.counts.get(key) === when.c)
        case 'notes':
          return node.counts.size >= when.c
        case 'counted':
          return who !== null && node.counts.get(who, 0) === when.c
        case 'member':
          return who !== null && node.members.has(who)
        case 'last is':
          return node.last === who
        case 'no last':
          return node.last === null
        case 'same value':
          return message === null || node.value === message.value
        case 'before':
          return !ordered || (who !== null && self.rank < who.rank)
        case 'first':
          return !ordered || self.rank === 0
      }
    }
    return (phase === undefined || phase === null || node.phase === phase) && test() !== not
  }

  const blankOf = (role: RoleDescription, self: Id): Node => new Node(ordered && role.initial === 'rank' && uses('n') ? { n: self.rank % role.modulus } : {})

  const beginWith = (role: RoleDescription, node: Node, one: Choice, { self, nodes, values, choose }: Choosing<RoleTypes, string, string>): Node => {
    if (one.of === 'the first' && self.rank !== 0) return node
    const everyone = Object.values(nodes).flat()
    switch (one.choose) {
      case 'n':
        return uses('n') ? node.set('n', choose(one.from.map(n => n % role.modulus))) : node
      case 'mark':
        return node.set('mark', choose(one.from))
      case 'last':
        return uses('last') ? node.set('last', choose(everyone)) : node
      case 'members':
        return uses('members') && choose([true, false]) ? node.set('members', Set([choose(everyone)])) : node
      case 'value':
        return uses('value') ? node.set('value', choose([null, ...(values['v'] ?? [])])) : node
      case 'phase':
        return node.set('phase', choose(['early', 'late'] as const))
    }
  }

  const recovered = (role: RoleDescription, node: Node, { self, choose }: Choosing<RoleTypes, string, string>): Node => {
    const kept = (role.keeps ?? []).reduce((next: Node, field) => next.set(field, node[field]), blankOf(role, self).set('sent', node.sent))
    return (role.tears ?? []).reduce((next, field) => next.set(field, choose([node[field], kept[field]])), kept)
  }

  const roleOf = (role: RoleDescription, name: string): AnyProtocol['roles'][string] => ({
    count: role.count,
    names: Array.from({ length: role.count }, (_, i) => `${name}${i + 1}`),
    init: here => (role.begins ?? []).reduce((node, one) => beginWith(role, node, one, here), blankOf(role, here.self)),
    actions: Object.fromEntries(
      role.actions.map((rule, i) => [
        `act${i + 1}`,
        {
          when: (node: unknown, here: Place<RoleTypes, string, string>) => holds(rule, node as Node, null, here.self, here),
          do: (node: unknown, here: Here<RoleTypes, string, Tagged, string>) => phased(follow(role, node as Node, null, here.self, here, rule.does), rule),
        },
      ]),
    ),
    on: Object.fromEntries(
      (['A', 'B'] as const).map(type => [
        type,
        (node: unknown, message: Tagged, from: Id, here: Here<RoleTypes, string, Tagged, string>) => {
          const rule = role[type].find(one => holds(one, node as Node, message as Message, from, here))
          return rule === undefined ? (node as Node) : phased(follow(role, node as Node, message as Message, from, here, rule.does), rule)
        },
      ]),
    ),
    ...(role.keeps === null ? {} : { recover: (node: unknown, here: Choosing<RoleTypes, string, string>) => recovered(role, node as Node, here) }),
    ...tickOf(role, description.roles.indexOf(role)),
    within: node =>
      (role.nMax === null || (node as unknown as Node).n <= role.nMax) && (sends.are !== 'bounded' || free || (node as unknown as Node).sent <= sends.atMost),
  })

  const tickOf = (role: RoleDescription, i: number): Pick<AnyProtocol['roles'][string], 'tick' | 'due'> => {
    if (!description.time) return {}
    const { does, due } = pick(description.time.ticks, i)
    const wrap = (n: number) => (role.nMax === null ? n % role.modulus : n)
    const tick = (node: Node, { choose }: Choosing<RoleTypes, string, string>): Node => {
      switch (does) {
        case 'up':
          return node.set('n', wrap(node.n + 1))
        case 'down':
          return node.set('n', Math.max(0, node.n - 1))
        case 'choose':
          return node.set('n', choose([node.n, wrap(node.n + 1)]))
        case 'mark':
          return node.set('mark', (node.mark + 1) % 2)
        default:
          return node.set('last', null)
      }
    }
    return {
      ...(does === 'nothing' ? {} : { tick: (node, here) => tick(node as unknown as Node, here) as never }),
      ...(due === null ? {} : { due: node => (node as unknown as Node).n === due }),
    }
  }

  const stepOf = ({ when, c, role, does, emits }: StepDescription): GlobalStep<RoleTypes, Tagged, string> => {
    const name = pick(roleNames, role)
    const { modulus } = pick(description.roles, role)
    type Seen = Pick<GlobalHere<RoleTypes, Tagged, string>, 'nodes' | 'get' | 'crashed' | 'inFlight'>
    const ids = (world: Seen): readonly Id[] => (world.nodes[name] ?? []).filter(id => !world.crashed(id))
    const nodeOf = (world: Seen, id: Id) => world.get(id) as unknown as Node
    const looks = network !== 'fair-loss' && (when === 'quiet' || when === 'awaited')
    const isQuiet = (world: Seen): boolean => !world.inFlight.some(({ to, message }) => to.kind === name && message.type === 'A')
    return {
      when: world =>
        looks ? isQuiet(world) === (when === 'quiet') : when === 'always' || ids(world).some(id => nodeOf(world, id).n === c) === (when === 'somebody'),
      do(world) {
        const chosen = (among: readonly Id[]): Id => world.choose(among)
        if (emits) world.emit(chosen(Object.values(world.nodes).flat()), { type: 'e', who: null, n: c } as Tagged)
        if (does === 'set all' && uses('n')) for (const id of ids(world)) world.set(id, nodeOf(world, id).set('n', c % modulus) as never)
        if (does === 'advance one' && uses('n')) {
          const id = chosen(ids(world))
          world.set(id, nodeOf(world, id).set('n', (nodeOf(world, id).n + 1) % modulus) as never)
        }
        if (does === 'advance nth' && uses('n')) {
          const id = world.nodes[name]?.at(-1)
          if (id !== undefined && !world.crashed(id)) world.set(id, nodeOf(world, id).set('n', (nodeOf(world, id).n + 1) % modulus) as never)
        }
        if (does === 'copy' || does === 'swap') {
          const a = chosen(ids(world))
          const b = chosen(ids(world).filter(id => id !== a))
          const [before, other] = [nodeOf(world, a), nodeOf(world, b)]
          world.set(b, other.set('n', before.n) as never)
          if (does === 'swap') world.set(a, before.set('n', other.n) as never)
        }
        if (does === 'send') {
          const from = chosen(ids(world))
          if (maySend(nodeOf(world, from))) {
            world.set(from, counted(nodeOf(world, from)) as never)
            world.send(from, chosen(Object.values(world.nodes).flat()), { type: 'A', n: c, who: null, value: null } as Tagged)
          }
        }
      },
    }
  }

  const observerOf = (kind: Description['observers'][number]): Observer<Tagged> => {
    switch (kind) {
      case 'count':
        return { init: 0, on: (count: number) => (count + 1) % 3 }
      case 'last':
        return { init: new Last(), on: (_, event) => new Last(event) }
      case 'who':
        return { init: Set<Id>(), on: (all: Set<Id>, event, from) => all.add((event as Event).who ?? from) }
      case 'lowest':
        return { init: null, on: (lowest: Id | null, _, from) => (lowest === null || from.rank < lowest.rank ? from : lowest) }
      case 'label':
        return { init: '', on: (least: string, _, from) => (least === '' || `${from}` < least ? `${from}` : least) }
      case 'recent':
        return { init: List<string>(), on: (recent: List<string>, event) => recent.push(`${event.type}${(event as Event).n}`).takeLast(2) }
    }
  }
  const sizeOf = (view: unknown): number =>
    typeof view === 'number'
      ? view
      : view === null
        ? 0
        : Set.isSet(view) || List.isList(view) || Map.isMap(view)
          ? view.size
          : view instanceof Node
            ? weightOf(view)
            : view instanceof Last
              ? view.n
              : 1
  const idsIn = (view: unknown): readonly Id[] =>
    isId(view) ? [view] : Set.isSet(view) || List.isList(view) ? [...view].filter(isId) : view instanceof Node && view.last !== null ? [view.last] : []
  const leastRank = (view: unknown): number => Math.min(9, ...idsIn(view).map(id => id.rank))
  const leastNumber = (view: unknown): number =>
    Math.min(9, ...(typeof view === 'string' ? [view] : idsIn(view).map(id => `${id}`)).map(label => Number(label.at(-1))))

  /** @param asks where what may be lost may not be looked at: over `fair-loss` it is left out */
  const predicateOf = (predicate: PredicateDescription, asks: 'what is' | 'what may be' = 'what is'): StatePredicate<RoleTypes> => {
    const seesFlight = asks === 'what is' || network !== 'fair-loss'
    const viewOf =
      (view: View) =>
      (node: unknown, { crashed }: Status): unknown =>
        view === 'node' ? node : view === 'n if crashed' ? (crashed ? (node as Node).n + 1 : null) : (node as Node)[view]
    switch (predicate.type) {
      case 'each':
      case 'some': {
        const make = predicate.type === 'each' ? each<RoleTypes, string, unknown> : some<RoleTypes, string, unknown>
        return make(pick(roleNames, predicate.role), viewOf(predicate.view), view => comparisons[predicate.is](sizeOf(view), predicate.c))
      }
      case 'eachPair':
      case 'somePair': {
        const { same, c, roles, view, ranks } = predicate
        const ok = (a: unknown, b: unknown) =>
          ranks === true ? leastRank(a) < leastRank(b) === same : (c === null ? sizeOf(a) === sizeOf(b) : sizeOf(a) === c && sizeOf(b) === c) === same
        const make =
          predicate.type === 'eachPair' ? eachPairOf<RoleTypes, string, string, unknown, unknown> : somePairOf<RoleTypes, string, string, unknown, unknown>
        return make(pick(roleNames, roles[0]), viewOf(view), pick(roleNames, roles[1]), viewOf(view), ok)
      }
      case 'observed': {
        const { observer, is, c, by } = predicate
        const measured = by === 'rank' ? leastRank : by === 'label' ? leastNumber : sizeOf
        return observer < description.observers.length ? observed(`o${observer}`, state => comparisons[is](measured(state), c)) : always(() => true)
      }
      case 'world':
        return always(world => comparisons[predicate.is](measure(world, predicate.about, seesFlight), predicate.c))
    }
  }
  const measure = (world: World<RoleTypes, string>, about: About, seesFlight: boolean): number => {
    const everyone = Object.values(world.nodes).flat()
    const nOf = (id: Id | undefined): number => (id === undefined ? 0 : (world.get(id) as unknown as Node).n)
    if (about === 'inFlight' && seesFlight) return world.inFlight.length
    if (about === 'crashed') return everyone.filter(id => world.crashed(id)).length
    if (about === 'apart') return mayPart ? sizeOf(world.observer('partition')) : (timing?.horizon ?? Infinity) < Infinity ? world.observer('time').now : 0
    if (about === 'observer') return description.observers.length === 0 ? 0 : sizeOf(world.observer('o0'))
    if (about === 'everything')
      return (
        everyone.reduce((sum, id) => sum + weightOf(world.get(id) as unknown as Node) + (world.crashed(id) ? 1 : 0), seesFlight ? world.inFlight.length : 0) %
        40
      )
    if (about === 'nth') return nOf(world.nodes['anna']?.[0]) + 3 * nOf(everyone.at(-1))
    if (about === 'first' && ordered) return nOf(world.nodes['anna']?.find(id => id.rank === 0))
    return everyone.reduce((sum, id) => sum + nOf(id), 0)
  }
  const propertyOf = (property: PropertyDescription): Property<RoleTypes> => {
    switch (property.is) {
      case 'reachable':
        return reachable(predicateOf(property.predicate))
      case 'canAlways':
        return canAlways(predicateOf(property.predicate, 'what may be'))
      case 'invariant':
        return predicateOf(property.predicate)
      case 'step': {
        const { role, ok } = property
        return step(pick(roleNames, role), (before, after) => stepTests[ok](before as unknown as Node, after as unknown as Node))
      }
    }
  }
  const saying =
    (says: LiarsDescription['says']): ((here: LiarHere) => Iterable<Tagged>) =>
    ({ self, nodes, values }) =>
      says.flatMap(({ type, n, who, value }) =>
        (who === 'each' ? Object.values(nodes).flat() : [who === 'self' ? self : null]).flatMap(mentioned =>
          [null, ...(value ? (values['v'] ?? []) : [])].map((of): Message => ({ type, n, who: mentioned, value: of })),
        ),
      )
  const liarsOf = ({ roles: of, atMost, says, passesOn }: LiarsDescription): Fault =>
    byzantine([...new globalThis.Set(of.map(role => pick(roleNames, role)))], {
      atMost,
      says: saying(says),
      ...(passesOn === 'nothing'
        ? {}
        : {
            passesOn: (heard, { self }) => {
              const message = heard as Message
              return [passesOn === 'it' ? message : passesOn === 'it, as its own' ? { ...message, who: self } : { ...message, n: (message.n + 1) % 3 }]
            },
          }),
    })
  const named = <T>(prefix: string, things: readonly T[]): { readonly [name: string]: T } =>
    Object.fromEntries(things.map((thing, i) => [`${prefix}${i}`, thing]))
  const { mayRest } = description
  const timing = description.time ? timingOf(description.time, network) : undefined
  const everyNode = description.roles.reduce((sum, { count }) => sum + count, 0)
  const faults = description.faults
    .filter(({ type, atMost }) => (type !== 'duplication' || atMost < Infinity) && (type !== 'partition' || (everyNode > 1 && timing === undefined)))
    .map(({ type, role, atMost }): Fault => {
      if (type === 'loss' || type === 'duplication') return { type, atMost }
      if (type !== 'partition') return { type, role: pick(roleNames, role), atMost }
      // One node, or all of its role, or two groups of one node each.
      const { count } = pick(description.roles, role)
      const name = pick(roleNames, role)
      const all = role === 1 && count < everyNode ? count : 1
      return { type, groups: role === 2 && count > 1 ? [{ [name]: 1 }, { [name]: 1 }] : [{ [name]: all }], heals: role !== 0 || atMost !== 1, atMost }
    })
  const mayPart = faults.some(({ type }) => type === 'partition')
  const rest = mayRest === null || typeof mayRest === 'boolean' ? mayRest : predicateOf({ ...mayRest }, 'what may be')

  return {
    name: 'random',
    source: 'fast-check',
    network,
    roles: Object.fromEntries(description.roles.map((role, i) => [roleNames[i], roleOf(role, roleNames[i] as string)])),
    ...(description.values > 0 ? { values: { v: description.values } } : {}),
    steps: named('step', description.steps.map(stepOf)),
    ...(flight === null ? {} : { withinFlight: flight }),
    ...(timing === undefined ? {} : { timing }),
    faults: [
      ...(network === 'fair-loss' && description.liars ? [liarsOf(description.liars)] : []),
      ...(network === 'fair-loss' && description.made ? [forgery({ says: saying(description.made) })] : []),
      ...faults,
    ],
    observers: named('o', description.observers.map(observerOf)),
    properties: named('p', description.properties.map(propertyOf)),
    ...(rest === null ? {} : { mayRest: typeof rest === 'boolean' ? rest : rest.type === 'world' ? rest.ok : true }),
  }
}

const timingOf = ({ type, min, longer, minB, drift, settlesWithin, horizon }: TimeDescription, network: Network): Timing => {
  if (network === 'fair-loss' || type === 'asynchronous') return asynchronous({ drift, horizon, delay: { min: network === 'fair-loss' ? 0 : min } })
  const bounds = { delay: { min, max: min + longer }, delays: minB === null ? {} : { B: { min: minB, max: minB + 1 } }, drift, horizon }
  return type === 'synchronous' ? synchronous(bounds) : partiallySynchronous({ ...bounds, settlesWithin })
}

const record = <T extends object>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model as { [K in keyof T]: fc.Arbitrary<T[K]> }, { noNullPrototype: true }) as fc.Arbitrary<T>

const who = fc.constantFrom<Who>('self', 'sender', 'last', 'mentioned')
const key = fc.constantFrom<Key>('self', 'another', 'others', 'a value', 'a word')
const small = fc.nat(2)
const rarely = fc.nat(3).map(n => n === 3)

const guard: fc.Arbitrary<Guard> = fc.oneof(
  { arbitrary: fc.constant<Guard>({ if: 'true' }), weight: 7 },
  { arbitrary: record({ if: fc.constantFrom('n is', 'n below', 'members', 'listed', 'payload', 'notes'), c: small }), weight: 5 },
  { arbitrary: record({ if: fc.constantFrom('member', 'last is', 'before'), who }), weight: 3 },
  { arbitrary: record({ if: fc.constant('counted'), who, c: small }), weight: 1 },
  { arbitrary: record({ if: fc.constant('noted'), of: key, c: small }), weight: 1 },
  { arbitrary: record({ if: fc.constantFrom('no last', 'same value', 'first') }), weight: 2 },
)

const send: fc.Arbitrary<Op> = record({
  op: fc.constant('send'),
  type: fc.constantFrom('A', 'B'),
  to: fc.constantFrom('sender', 'others', 'others', 'others', 'self', 'everyone', 'last', 'members'),
  payload: fc.constantFrom<'n' | 0 | 1>(0, 1, 'n'),
  who,
  value: fc.boolean(),
})

const op: fc.Arbitrary<Op> = fc.oneof(
  { arbitrary: record({ op: fc.constantFrom('add', 'set'), c: small }), weight: 4 },
  {
    arbitrary: record({
      op: fc.constantFrom(
        'take n',
        'forget members',
        'forget last',
        'list n',
        'list payload',
        'unlist',
        'take value',
        'forget value',
        'choose value',
        'count others anew',
      ),
    }),
    weight: 4,
  },
  { arbitrary: record({ op: fc.constantFrom('join', 'leave', 'count', 'remember'), who }), weight: 4 },
  { arbitrary: record({ op: fc.constant('note'), of: key, c: small }), weight: 1 },
  { arbitrary: record({ op: fc.constant('choose n'), from: fc.array(small, { maxLength: 2 }) }), weight: 1 },
  { arbitrary: record({ op: fc.constant('choose last'), from: fc.constantFrom('others', 'members', 'everyone') }), weight: 1 },
  { arbitrary: send, weight: 6 },
  { arbitrary: record({ op: fc.constant('emit'), type: fc.constantFrom('e', 'f'), who }), weight: 2 },
)

const rule: fc.Arbitrary<Rule> = record({ when: guard, not: rarely, does: fc.array(op, { minLength: 1, maxLength: 3 }) })

/** Holds at first. */
const openGuard = fc.constantFrom<Guard>({ if: 'true' }, { if: 'n below', c: 1 }, { if: 'n below', c: 2 }, { if: 'no last' }, { if: 'listed', c: 0 })

/** An action sends something more often than not: otherwise nothing much happens. */
const action: fc.Arbitrary<Rule> = fc.oneof(
  { arbitrary: rule, weight: 1 },
  { arbitrary: record({ when: openGuard, not: fc.constant(false), does: fc.tuple(op, send) }), weight: 2 },
  { arbitrary: record({ when: openGuard, not: fc.constant(false), does: fc.tuple(op, op) }), weight: 1 },
)

const whose = fc.constantFrom<'all' | 'the first'>('all', 'all', 'the first')

const choice: fc.Arbitrary<Choice> = fc.oneof(
  {
    arbitrary: record({ choose: fc.constantFrom('n', 'n', 'mark'), from: fc.constantFrom<[number, ...number[]]>([0, 1], [1, 0], [2, 1], [1]), of: whose }),
    weight: 3,
  },
  { arbitrary: record({ choose: fc.constantFrom('last', 'members', 'value', 'phase'), of: whose }), weight: 2 },
)

const begins: fc.Arbitrary<readonly Choice[]> = fc.oneof(
  { arbitrary: fc.constant([]), weight: 5 },
  { arbitrary: fc.array(choice, { minLength: 1, maxLength: 2 }), weight: 1 },
)

const role = (countMax: number): fc.Arbitrary<RoleDescription> =>
  record({
    count: fc.oneof({ arbitrary: fc.constant(1), weight: 1 }, { arbitrary: fc.integer({ min: Math.min(2, countMax), max: countMax }), weight: 4 }),
    modulus: fc.constantFrom(2, 3),
    nMax: fc.option(fc.integer({ min: 1, max: 2 }), { freq: 2 }),
    initial: fc.constantFrom('zero', 'rank'),
    actions: fc.array(action, { minLength: 1, maxLength: 2 }),
    A: fc.array(rule, { maxLength: 2 }),
    B: fc.array(rule, { maxLength: 2 }),
    begins,
    keeps: fc.option(fc.subarray([...fields]), { freq: 3 }),
    tears: fc.oneof({ arbitrary: fc.constant([]), weight: 1 }, { arbitrary: fc.subarray([...fields], { minLength: 1, maxLength: 2 }), weight: 1 }),
  })

const view = fc.oneof({ arbitrary: fc.constant<View>('n'), weight: 2 }, { arbitrary: fc.constantFrom<View>(...fields, 'node', 'n if crashed'), weight: 3 })

const size = fc.oneof(fc.nat(3), fc.nat(40))

const comparison = fc.oneof({ arbitrary: fc.constant<Comparison>('at most'), weight: 2 }, fc.constantFrom<Comparison>('not', 'not', 'at least'))

const about = fc.oneof(
  { arbitrary: fc.constantFrom<About>('inFlight', 'crashed', 'total', 'first', 'observer', 'everything'), weight: 10 },
  { arbitrary: fc.constant<About>('nth'), weight: 1 },
)

const predicate: fc.Arbitrary<PredicateDescription> = fc.oneof(
  record({ type: fc.constantFrom('each', 'some'), role: small, view, is: comparison, c: size }),
  record({
    type: fc.constantFrom('eachPair', 'somePair'),
    roles: fc.tuple(small, small),
    view,
    same: fc.boolean(),
    c: fc.option(size),
    ranks: fc.nat(5).map(n => n === 0),
  }),
  record({ type: fc.constant('world'), about, is: comparison, c: size }),
  record({
    type: fc.constant('observed'),
    observer: fc.nat(1),
    is: comparison,
    c: small,
    by: fc.constantFrom('size', 'size', 'size', 'size', 'rank', 'label'),
  }),
)

const property: fc.Arbitrary<PropertyDescription> = fc.oneof(
  { arbitrary: record({ is: fc.constantFrom('invariant', 'invariant', 'invariant', 'reachable', 'canAlways'), predicate }), weight: 4 },
  {
    arbitrary: record({ is: fc.constant('step'), role: small, ok: fc.constantFrom('n grows', 'list grows', 'last stays', 'members grow', 'changes') }),
    weight: 1,
  },
)

const fault = record({
  type: fc.constantFrom<FaultStep['type']>('crash-stop', 'crash-recovery', 'loss', 'duplication'),
  role: small,
  atMost: fc.oneof({ arbitrary: small, weight: 4 }, { arbitrary: fc.constant(Infinity), weight: 1 }),
})

const says: fc.Arbitrary<LiarsDescription['says']> = fc.array(
  record({ type: fc.constantFrom<MessageType>('A', 'B'), n: small, who: fc.constantFrom<'self' | 'each' | null>('self', 'each', null), value: fc.boolean() }),
  { maxLength: 2 },
)

const liars: fc.Arbitrary<LiarsDescription> = record({
  roles: fc.array(small, { minLength: 1, maxLength: 2 }),
  atMost: fc.constantFrom(1, 1, 1, 2, 0),
  says,
  passesOn: fc.constantFrom('nothing', 'nothing', 'it', 'it, as its own', 'it, with another number'),
})

/** Descriptions of small protocols, of at most four nodes. */
export const description: fc.Arbitrary<Description> = record({
  network: fc.constantFrom('fifo', 'reliable', 'fair-loss'),
  values: fc.constantFrom(0, 2, 3),
  ordered: fc.boolean(),
  uses: fc.oneof(
    { arbitrary: fc.subarray([...fields], { minLength: 1, maxLength: 3 }), weight: 1 },
    { arbitrary: fc.subarray([...fields].slice(1), { minLength: 1, maxLength: 3 }).map(some => ['n' as const, ...some]), weight: 3 },
  ),
  sends: record({ are: fc.constantFrom('free', 'limited', 'bounded'), atMost: fc.constantFrom(1, 1, 1, 2) }),
  roles: fc.oneof(
    fc.array(role(3), { minLength: 1, maxLength: 1 }),
    fc.array(role(2), { minLength: 2, maxLength: 2 }),
    fc.array(role(1), { minLength: 3, maxLength: 3 }),
  ),
  steps: fc.oneof(
    { arbitrary: fc.constant([]), weight: 3 },
    {
      arbitrary: fc.array(
        record({
          when: fc.oneof(
            { arbitrary: fc.constantFrom('always', 'somebody', 'nobody'), weight: 5 },
            { arbitrary: fc.constantFrom('quiet', 'awaited'), weight: 1 },
          ),
          c: small,
          role: small,
          does: fc.oneof(
            { arbitrary: fc.constantFrom('nothing', 'set all', 'advance one', 'copy', 'swap', 'send'), weight: 10 },
            { arbitrary: fc.constant('advance nth'), weight: 1 },
          ),
          emits: fc.boolean(),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      weight: 1,
    },
  ),
  flight: fc.oneof(
    { arbitrary: fc.constant(null), weight: 5 },
    { arbitrary: fc.constantFrom<FlightBound>({ total: 1 }, { total: 2 }, { channel: 1 }, { channel: 2, total: 3 }), weight: 1 },
  ),
  faults: fc.oneof({ arbitrary: fc.constant([]), weight: 1 }, { arbitrary: fc.array(fault, { minLength: 1, maxLength: 2 }), weight: 1 }),
  observers: fc.array(
    fc.oneof(
      { arbitrary: fc.constantFrom('count', 'last', 'who', 'recent'), weight: 12 },
      { arbitrary: fc.constant('lowest'), weight: 2 },
      { arbitrary: fc.constant('label'), weight: 1 },
    ),
    { maxLength: 2 },
  ),
  properties: fc.array(property, { minLength: 1, maxLength: 6 }),
  mayRest: fc.oneof(fc.constant(null), fc.boolean(), predicate),
})

/** The same without what partial order cannot do with, so that it gets its share. */
const plain = (one: Description, network: 'fifo' | 'reliable', harmless: boolean): Description => ({
  ...one,
  network,
  steps: [],
  faults: harmless ? [] : one.faults.filter(({ atMost }) => atMost < Infinity),
  observers: harmless ? [] : one.observers,
  properties: one.properties.filter(({ is, ...rest }) => is !== 'canAlways' && !('predicate' in rest && rest.predicate.type === 'world')),
})

type Send = Extract<Op, { readonly op: 'send' }>

export const sendOf = (type: MessageType, to: To): Send => ({ op: 'send', type, to, payload: 0, who: 'self', value: false })

export const ruleOf = (when: Guard, ...does: readonly Op[]): Rule => ({ when, not: false, does })

/** What a step of a node in one state does, and in its twin does not; and the property that tells. */
const differences: readonly (readonly [op: Op, property: PropertyDescription])[] = [
  [
    { op: 'emit', type: 'e', who: 'self' },
    { is: 'invariant', predicate: { type: 'observed', observer: 0, is: 'at most', c: 0 } },
  ],
  [sendOf('A', 'others'), { is: 'invariant', predicate: { type: 'each', role: 0, view: 'members', is: 'at most', c: 0 } }],
  [{ op: 'forget last' }, { is: 'step', role: 0, ok: 'last stays' }],
]

/**
 * Nodes come into twin states, told apart by nothing but a mark that no property looks at; and by one event, one send, or one broken step property of a step
 * from there, or from the state after it, by an action or a delivery. Random protocols have such states once in hundreds.
 */
const withTwins = (one: Description, which: number, later: boolean, byMessage: boolean, marks: readonly number[]): Description => {
  const [op, property] = pick(differences, which)
  const role = one.roles[0] as RoleDescription
  const part: readonly Op[] = [
    { op: 'remember', who: 'self' },
    { op: 'choose mark', from: marks },
    { op: 'set', c: 1 },
  ]
  const ends = byMessage ? [{ op: 'mark', c: 0 } as const] : [{ op: 'mark', c: 0 } as const, { op: 'set', c: 2 } as const]
  const differ: Rule[] = later
    ? [ruleOf({ if: 'marked', c: 1 }, { op: 'mark', c: 2 }), ruleOf({ if: 'marked', c: 2 }, op, ...ends)]
    : [ruleOf({ if: 'marked', c: 1 }, op, ...ends)]
  const begin = ruleOf({ if: 'n is', c: 0 }, ...part, ...(byMessage ? [sendOf('B', 'everyone')] : []))
  return {
    ...one,
    network: one.network === 'fifo' ? 'fair-loss' : one.network,
    ordered: false,
    uses: ['n', 'members', 'last'],
    sends: { are: 'limited', atMost: 2 },
    roles: [
      {
        ...role,
        modulus: 3,
        nMax: null,
        actions: byMessage ? [begin] : [begin, ruleOf({ if: 'n is', c: 1 }, ...ends), ...differ],
        A: [ruleOf({ if: 'true' }, { op: 'join', who: 'sender' })],
        B: byMessage ? differ : role.B,
      },
      ...one.roles.slice(1),
    ],
    steps: [],
    observers: ['count'],
    properties: [property, ...one.properties.slice(0, 1)],
    mayRest: null,
  }
}

/** A message is sent while it does nothing at its receiver, and matters only after so many further steps. */
const withLateUse = (one: Description, by: number): Description => {
  const role = one.roles[0] as RoleDescription
  return {
    ...one,
    network: one.network === 'fifo' ? 'fair-loss' : one.network,
    ordered: false,
    uses: ['n', 'members', 'last'],
    sends: { are: 'limited', atMost: 3 },
    roles: [
      {
        ...role,
        count: Math.max(2, role.count),
        modulus: 3,
        nMax: null,
        actions: [ruleOf({ if: 'no last' }, { op: 'remember', who: 'self' }, sendOf('A', 'others'), sendOf('B', 'others'), sendOf('B', 'others'))],
        A: [ruleOf({ if: 'n is', c: 2 }, { op: 'join', who: 'sender' })],
        B: [ruleOf({ if: 'n below', c: 2 }, { op: 'add', c: by })],
      },
    ],
    steps: [],
    properties: [{ is: 'invariant', predicate: { type: 'each', role: 0, view: 'members', is: 'at most', c: 0 } }, ...one.properties.slice(0, 1)],
    mayRest: null,
  }
}

/** What partial order must not put off: a message to a node that moves on by itself, over a channel not used before; two nodes in one place at a time. */
const withRaces = (one: Description, network: 'fifo' | 'reliable', at: number, movers: number, to: To): Description => {
  const [first, second] = [one.roles[0] as RoleDescription, (one.roles[1] ?? one.roles[0]) as RoleDescription]
  const mover: RoleDescription = {
    ...first,
    count: movers,
    modulus: 3,
    nMax: null,
    initial: 'zero',
    actions: [ruleOf({ if: 'n below', c: 2 }, { op: 'add', c: 1 })],
    A: [ruleOf({ if: 'n is', c: at }, { op: 'join', who: 'sender' })],
    B: [],
  }
  const sender: RoleDescription = { ...second, count: 1, actions: [ruleOf({ if: 'no last' }, { op: 'remember', who: 'self' }, sendOf('A', to))] }
  const bare = plain(one, network, true)
  return {
    ...bare,
    uses: ['n', 'members', 'last'],
    sends: { are: 'limited', atMost: 1 },
    roles: [mover, sender],
    properties: [
      { is: 'invariant', predicate: { type: 'each', role: 0, view: 'members', is: 'at most', c: 0 } },
      { is: 'invariant', predicate: { type: 'eachPair', roles: [0, 0], view: 'n', same: false, c: 1 } },
      { is: 'invariant', predicate: { type: 'some', role: 0, view: 'n', is: 'not', c: 1 } },
      ...bare.properties.slice(0, 1),
    ],
    mayRest: null,
  }
}

/**
 * What nodes send to some that gather it (`reliable`): deliveries that commute, or nearly do. What is gathered may let these take a further step; two nodes may be in
 * one place at a time.
 */
const withGathering = (one: Description, gatherers: number, gathers: readonly Op[], then: readonly Rule[], second: Rule, senders: number): Description => {
  const [first, other] = [one.roles[0] as RoleDescription, (one.roles[1] ?? one.roles[0]) as RoleDescription]
  const bare = plain(one, 'reliable', true)
  return {
    ...bare,
    uses: ['n', 'members', 'counts', 'last', ...one.uses.filter(field => field === 'list')],
    sends: { are: 'limited', atMost: one.sends.atMost },
    roles: [
      { ...first, count: gatherers, modulus: 3, nMax: null, initial: 'zero', actions: then, A: [ruleOf({ if: 'true' }, ...gathers)], B: [second] },
      {
        ...other,
        count: senders,
        nMax: null,
        initial: 'zero',
        actions: [ruleOf({ if: 'no last' }, { op: 'remember', who: 'self' }, sendOf('A', 'everyone')), ruleOf({ if: 'n is', c: 0 }, { op: 'set', c: 1 })],
      },
    ],
    properties: [
      { is: 'invariant', predicate: { type: 'eachPair', roles: [0, 1], view: 'n', same: false, c: 1 } },
      { is: 'invariant', predicate: { type: 'some', role: 0, view: 'n', is: 'not', c: 1 } },
      ...bare.properties.slice(0, 2),
    ],
  }
}

/**
 * Something stays possible by a message that arrives once more, or by a recovery, so only while such faults are left (`reliable`): they can be wasted on a message that does nothing, that only leads to a
 * twin, or that is to a node that has stopped; on a node that has nothing to forget.
 */
const withWaste = (
  one: Description,
  nodes: number,
  wasted: readonly Rule[],
  faults: Description['faults'],
  needs: PredicateDescription,
  tears: readonly Field[],
): Description => {
  const role = one.roles[0] as RoleDescription
  return {
    ...one,
    network: 'reliable',
    ordered: false,
    values: 0,
    uses: ['n', 'last'],
    sends: { are: 'limited', atMost: 2 },
    roles: [
      {
        ...role,
        count: nodes,
        modulus: 3,
        nMax: null,
        actions: [ruleOf({ if: 'no last' }, { op: 'remember', who: 'self' }, sendOf('A', 'self'), sendOf('B', 'everyone'))],
        A: [ruleOf({ if: 'n below', c: 2 }, { op: 'add', c: 1 })],
        B: wasted,
        begins: [],
        keeps: ['last'],
        tears,
      },
    ],
    steps: [],
    faults,
    observers: [],
    properties: [{ is: 'canAlways', predicate: needs }, ...one.properties.slice(0, 1)],
    mayRest: null,
  }
}

/** Only a recovery tells: whether a message that does nothing matters after all, or states apart that are alike until then. */
const withRecovery = (one: Description, tells: 'messages' | 'states', nodes: number, atMost: number, tears: readonly Field[]): Description => {
  const role = one.roles[0] as RoleDescription
  const phased = (phase: Phase, into: Phase | null, rule: Rule): Rule => ({ ...rule, phase, into })
  const begins: readonly Op[] = [{ op: 'remember', who: 'self' }, { op: 'set', c: 1 }, sendOf('B', 'others')]
  return {
    ...one,
    network: one.network === 'fifo' ? 'reliable' : one.network,
    ordered: false,
    values: 0,
    uses: ['n', 'members', 'last'],
    sends: { are: 'limited', atMost: 2 },
    roles: [
      {
        ...role,
        count: nodes,
        modulus: 3,
        nMax: null,
        actions:
          tells === 'messages'
            ? [ruleOf({ if: 'no last' }, ...begins)]
            : [
                phased('early', 'late', ruleOf({ if: 'no last' }, { op: 'choose last', from: 'everyone' })),
                phased('early', null, ruleOf({ if: 'last is', who: 'self' }, { op: 'join', who: 'self' })),
              ],
        A: [ruleOf({ if: 'n is', c: 0 }, { op: 'join', who: 'sender' })],
        B: [ruleOf({ if: 'true' }, sendOf('A', 'sender'))],
        begins: [],
        keeps: ['last'],
        tears,
      },
    ],
    steps: [],
    faults: [{ type: 'crash-recovery', role: 0, atMost }],
    properties: [{ is: 'invariant', predicate: { type: 'each', role: 0, view: 'members', is: 'at most', c: 0 } }, ...one.properties.slice(0, 1)],
    mayRest: null,
  }
}

const twins = fc
  .tuple(description, small, fc.boolean(), fc.boolean(), fc.constantFrom([0, 1], [1, 0]))
  .map(([one, which, later, byMessage, marks]) => withTwins(one, which, later, byMessage, marks))

const lateUse = fc.tuple(description, fc.constantFrom(1, 1, 2)).map(([one, by]) => withLateUse(one, by))

const races = fc
  .tuple(
    description,
    fc.constantFrom<'fifo' | 'reliable'>('fifo', 'reliable'),
    fc.constantFrom(0, 0, 1),
    fc.constantFrom(1, 2),
    fc.constantFrom<To>('everyone', 'self'),
  )
  .map(([one, network, at, movers, to]) => withRaces(one, network, at, movers, to))

const gathering = fc
  .tuple(
    description,
    fc.constantFrom(1, 1, 2),
    fc.constantFrom<readonly Op[]>(
      [{ op: 'join', who: 'sender' }],
      [{ op: 'count', who: 'sender' }],
      [{ op: 'add', c: 1 }],
      [{ op: 'join', who: 'sender' }, sendOf('B', 'sender')],
      [{ op: 'mark', c: 1 }],
    ),
    fc.array(fc.oneof(action, record({ when: guard, not: rarely, does: fc.tuple(op, send) })), { minLength: 0, maxLength: 2 }),
    rule,
    fc.constantFrom(1, 1, 2),
  )
  .map(([one, gatherers, gathers, then, second, senders]) => withGathering(one, gatherers, gathers, then, second, senders))

const wasting = fc
  .tuple(
    description,
    fc.constantFrom(1, 1, 2),
    fc.constantFrom<readonly Rule[]>([], [ruleOf({ if: 'true' }, { op: 'mark', c: 1 })], [ruleOf({ if: 'true' }, { op: 'set', c: 0 })]),
    fc.constantFrom<Description['faults']>(
      [{ type: 'duplication', role: 0, atMost: 1 }],
      [{ type: 'duplication', role: 0, atMost: 2 }],
      [
        { type: 'duplication', role: 0, atMost: 1 },
        { type: 'loss', role: 0, atMost: 1 },
      ],
      [
        { type: 'duplication', role: 0, atMost: 1 },
        { type: 'crash-stop', role: 0, atMost: 1 },
      ],
      [{ type: 'loss', role: 0, atMost: 1 }],
      [{ type: 'crash-recovery', role: 0, atMost: 1 }],
      [
        { type: 'crash-recovery', role: 0, atMost: 2 },
        { type: 'duplication', role: 0, atMost: 1 },
      ],
    ),
    fc.constantFrom<PredicateDescription>(
      { type: 'some', role: 0, view: 'n', is: 'at least', c: 1 },
      { type: 'some', role: 0, view: 'n', is: 'at least', c: 2 },
      { type: 'some', role: 0, view: 'n', is: 'at most', c: 0 },
      { type: 'world', about: 'inFlight', is: 'at most', c: 0 },
    ),
    fc.constantFrom<readonly Field[]>([], ['n'], ['n', 'last']),
  )
  .map(([one, nodes, wasted, faults, needs, tears]) => withWaste(one, nodes, wasted, faults, needs, tears))

const recovering = fc
  .tuple(
    description,
    fc.constantFrom<'messages' | 'states'>('messages', 'states'),
    fc.constantFrom(1, 2, 2),
    fc.constantFrom(1, 2, Infinity),
    fc.constantFrom<readonly Field[]>([], ['n'], ['members']),
  )
  .map(([one, tells, nodes, atMost, tears]) => withRecovery(one, tells, nodes, atMost, tears))

/** Nodes begin in twin states, told apart by a mark that no property looks at, or in a state in which a message to them does nothing, or not yet; nobody comes to the others. */
const withBeginnings = (one: Description, nodes: number, begins: readonly Choice[], later: boolean): Description => {
  const role = one.roles[0] as RoleDescription
  return {
    ...one,
    network: one.network === 'fifo' && later ? 'reliable' : one.network,
    uses: ['n', 'members', 'last'],
    sends: { are: 'limited', atMost: 1 },
    roles: [
      {
        ...role,
        count: nodes,
        modulus: 3,
        nMax: null,
        actions: [
          ruleOf({ if: 'n is', c: 0 }, { op: 'set', c: 1 }, sendOf('A', 'everyone')),
          { ...ruleOf({ if: 'marked', c: 1 }, { op: 'mark', c: 0 }, { op: 'join', who: 'self' }), phase: later ? 'late' : null },
        ],
        A: [ruleOf({ if: 'n is', c: 2 }, { op: 'join', who: 'sender' })],
        B: [],
        begins,
      },
    ],
    steps: [],
    faults: one.faults.slice(0, 1),
    properties: [{ is: 'invariant', predicate: { type: 'each', role: 0, view: 'members', is: 'at most', c: 0 } }, ...one.properties.slice(0, 2)],
    mayRest: null,
  }
}

const beginning = fc
  .tuple(
    description,
    fc.constantFrom(1, 2, 2, 3),
    fc.constantFrom<readonly Choice[]>(
      [{ choose: 'mark', from: [0, 1] }],
      [{ choose: 'mark', from: [1, 0] }, { choose: 'phase' }],
      [{ choose: 'n', from: [0, 2] }],
      [{ choose: 'n', from: [1, 2], of: 'the first' }],
      [
        { choose: 'n', from: [0, 1] },
        { choose: 'mark', from: [0, 1], of: 'the first' },
      ],
      [{ choose: 'last' }],
    ),
    fc.boolean(),
  )
  .map(([one, nodes, begins, later]) => withBeginnings(one, nodes, begins, later))

const plainly = fc
  .tuple(description, fc.constantFrom<'fifo' | 'reliable'>('fifo', 'reliable'), fc.boolean())
  .map(([one, network, harmless]) => plain(one, network, harmless))

/** Nobody counts what was sent, so there are steps that do nothing but send. */
const talking = description.map((one): Description => ({ ...one, network: 'fair-loss', sends: { ...one.sends, are: 'free' }, steps: [] }))

/** Rules are followed in one phase of a node only, and lead to another: what is written in one may be read in the next, or overwritten there first, or read by nobody. */
const withPhases = (one: Description, phases: readonly (readonly [Phase | null, Phase | null])[], network: 'reliable' | 'fair-loss'): Description => {
  let next = 0
  const phased = (rules: readonly Rule[]): readonly Rule[] =>
    rules.map(rule => {
      const [phase, into] = pick(phases, next++)
      return { ...rule, phase, into }
    })
  return {
    ...one,
    network: one.network === 'fifo' ? 'fifo' : network,
    roles: one.roles.map(role => ({ ...role, actions: phased(role.actions), A: phased(role.A), B: phased(role.B) })),
    steps: [],
    properties: one.properties.filter(property => !('predicate' in property) || property.predicate.type !== 'world'),
    mayRest: null,
  }
}

const phase = fc.constantFrom<Phase | null>('early', 'late', null)

const fading = fc
  .tuple(description, fc.array(fc.tuple(phase, phase), { minLength: 3, maxLength: 6 }), fc.constantFrom<'reliable' | 'fair-loss'>('reliable', 'fair-loss'))
  .map(([one, phases, network]) => withPhases(one, phases, network))

/**
 * Something is noted in a map early, something else is noted by the step that ends this, and then it is looked for what was noted. Whether the first is overwritten depends
 * on whose entries they are: of the node, of another, of all others; of what other nodes and values there are.
 */
const withNotes = (one: Description, nodes: number, others: number, keys: readonly [Key, Key, Key], once: boolean, ends: number): Description => {
  const role = one.roles[0] as RoleDescription
  const [first, second, third] = keys
  const phased = (phase: Phase, into: Phase | null, rule: Rule): Rule => ({ ...rule, phase, into })
  const notes: readonly Op[] = once
    ? [
        { op: 'remember', who: 'self' },
        { op: 'note', of: first, c: 2 },
      ]
    : [{ op: 'note', of: first, c: 2 }]
  return {
    ...one,
    network: one.network === 'fifo' ? 'reliable' : one.network,
    values: Math.min(2, one.values),
    ordered: false,
    uses: ['n', 'counts', 'last'],
    roles: [
      {
        ...role,
        count: nodes,
        modulus: 3,
        nMax: null,
        actions: [
          phased('early', null, ruleOf({ if: once ? 'no last' : 'true' }, ...notes)),
          phased('early', 'late', ruleOf({ if: 'true' }, ...(ends === 2 ? [] : [{ op: 'note', of: second, c: ends } as const]))),
          phased('late', null, ruleOf({ if: 'noted', of: third, c: 2 }, { op: 'set', c: 2 })),
        ],
        A: [],
        B: [],
      },
      ...(others === 0 ? [] : [{ ...role, count: others, actions: [], A: [], B: [] }]),
    ],
    steps: [],
    faults: one.faults.slice(0, 1),
    properties: [{ is: 'invariant', predicate: { type: 'each', role: 0, view: 'n', is: 'at most', c: 1 } }, ...one.properties.slice(0, 1)],
    mayRest: null,
  }
}

const noting = fc
  .tuple(
    description,
    fc.constantFrom<readonly [number, number]>([1, 1], [1, 2], [2, 0], [3, 0]),
    key,
    fc.oneof({ arbitrary: fc.constant<Key>('others'), weight: 1 }, { arbitrary: key, weight: 3 }),
    fc.option(key, { freq: 1 }),
    fc.boolean(),
    small,
  )
  .map(([one, [nodes, others], first, second, third, once, ends]) => withNotes(one, nodes, others, [first, second, third ?? first], once, ends))

/** The network falls apart: that somebody hears of it only later, or never, is what the nodes do with what they are told late. */
const parting = fc.tuple(description, small, fc.constantFrom(1, 1, 2, Infinity), fc.constantFrom('invariant', 'reachable', 'canAlways'), comparison, small).map(
  ([one, role, atMost, is, comparison, c]): Description => ({
    ...one,
    faults: [{ type: 'partition', role, atMost }, ...one.faults.slice(0, 1)],
    properties: [...one.properties.slice(0, 2), { is, predicate: { type: 'world', about: 'apart', is: comparison, c } }],
  }),
)

export interface RandomProtocol {
  readonly description: Description
  readonly protocol: AnyProtocol
  /** Its code prefers nodes by their place or label, though it may be that nothing comes of it. */
  readonly mayBeRefused: boolean
}

const prefers = (predicate: PredicateDescription): boolean =>
  (predicate.type === 'world' && predicate.about === 'nth') || (predicate.type === 'observed' && predicate.by === 'label')

const prefersNodes = ({ steps, observers, properties, mayRest }: Description): boolean =>
  steps.some(({ does }) => does === 'advance nth') ||
  observers.includes('label') ||
  properties.some(one => 'predicate' in one && prefers(one.predicate)) ||
  (typeof mayRest === 'object' && mayRest !== null && prefers(mayRest))

/** As an expression that `protocolOf` takes. */
export const show = (one: Description): string => inspect(one, { depth: null, compact: 4, breakLength: 150 })

/** (fast-check's bias towards the smallest values would make most of them trivial.) A failing one is printed as its description. */
const protocolsOf = (descriptions: fc.Arbitrary<Description>): fc.Arbitrary<RandomProtocol> =>
  fc.noBias(descriptions).map(one => ({
    description: one,
    protocol: protocolOf(one),
    mayBeRefused: prefersNodes(one),
    [fc.toStringMethod]: () => show(one),
  }))

const acceptedOf = (descriptions: fc.Arbitrary<Description>): fc.Arbitrary<RandomProtocol> => protocolsOf(descriptions.filter(one => !prefersNodes(one)))

/** Small random protocols. */
export const randomProtocol = protocolsOf(
  fc.oneof(
    { arbitrary: description, weight: 12 },
    { arbitrary: plainly, weight: 4 },
    { arbitrary: twins, weight: 2 },
    { arbitrary: lateUse, weight: 1 },
    { arbitrary: races, weight: 1 },
    { arbitrary: gathering, weight: 1 },
    { arbitrary: talking, weight: 1 },
    { arbitrary: parting, weight: 2 },
    { arbitrary: fading, weight: 3 },
    { arbitrary: noting, weight: 1 },
    { arbitrary: wasting, weight: 1 },
    { arbitrary: recovering, weight: 1 },
    { arbitrary: beginning, weight: 1 },
  ),
)

const time: fc.Arbitrary<TimeDescription> = record({
  type: fc.constantFrom<Timing['type']>('synchronous', 'synchronous', 'partially synchronous', 'asynchronous'),
  min: fc.nat(1),
  longer: fc.nat(1),
  minB: fc.option(fc.nat(1), { freq: 2 }),
  drift: fc.constantFrom(0, 0, 0, 1),
  settlesWithin: fc.constantFrom(Infinity, 0, 1, 2),
  horizon: fc.constantFrom(Infinity, Infinity, 2, 3),
  stops: fc.boolean(),
  ticks: fc.array(record({ does: fc.constantFrom('nothing', 'up', 'down', 'choose', 'mark', 'forget'), due: fc.option(fc.nat(2), { freq: 2 }) }), {
    minLength: 1,
    maxLength: 2,
  }),
})

/** The same in which there is time; over `fair-loss` nodes may lie. */
export const randomProtocolInTime = protocolsOf(
  fc
    .tuple(
      fc.oneof(
        { arbitrary: description, weight: 8 },
        { arbitrary: twins, weight: 1 },
        { arbitrary: beginning, weight: 1 },
        { arbitrary: recovering, weight: 1 },
        { arbitrary: races, weight: 1 },
      ),
      time,
      fc.option(liars, { freq: 2 }),
    )
    .map(
      ([one, some, lying]): Description => ({
        ...one,
        time: some,
        liars: lying,
        faults: some.stops ? [...one.faults.slice(0, 1), { type: 'crash-stop', role: 0, atMost: 1 }] : one.faults,
      }),
    ),
)

/** The same over `fair-loss`, in which nodes may lie. */
export const randomProtocolWithLiars = protocolsOf(
  fc
    .tuple(
      fc.oneof(
        { arbitrary: description, weight: 6 },
        { arbitrary: twins, weight: 1 },
        { arbitrary: lateUse, weight: 1 },
        { arbitrary: beginning, weight: 1 },
        { arbitrary: parting, weight: 1 },
      ),
      liars,
      fc.option(says, { freq: 2 }),
    )
    .map(([one, some, made]): Description => ({ ...one, network: 'fair-loss', flight: null, liars: some, made })),
)

/**
 * The same with more that each node may count up to, with more messages, and with more nodes. What may grow without end has one, and what may be violated is not asked, so that all of it is searched.
 *
 * @param by how much larger: from 0
 */
export const larger = (one: Description, by: number): AnyProtocol =>
  protocolOf({
    ...one,
    properties: one.properties.flatMap(property =>
      property.is === 'invariant' && 'is' in property.predicate ? [{ ...property, predicate: { ...property.predicate, is: 'at most', c: 1_000 } }] : [],
    ),
    roles: one.roles.map(role => ({ ...role, count: role.count + (by >> 2), modulus: role.modulus + by, nMax: role.nMax === null ? 3 + by : role.nMax + by })),
    sends: { are: one.sends.are === 'free' ? 'limited' : one.sends.are, atMost: one.sends.atMost + (by >> 1) },
    faults: one.faults.map(fault => ({ ...fault, atMost: Math.min(fault.atMost, 2) })),
  })

/** Whose network falls apart. */
export const partingProtocol = protocolsOf(parting)

/** None that may be refused. */
export const acceptedProtocol = randomProtocol.filter(({ mayBeRefused }) => !mayBeRefused)

const notFifo = description.filter(({ network }) => network !== 'fifo')

/** Nodes that can be swapped. */
const symmetric = description.filter(({ ordered, roles }) => !ordered && roles.some(({ count }) => count > 1))

/** Those that a reduction may have something to do with. */
export const randomProtocolFor: { readonly [reduction in Reduction]: fc.Arbitrary<RandomProtocol> } = {
  symmetry: acceptedOf(
    fc.oneof({ arbitrary: symmetric, weight: 12 }, { arbitrary: twins, weight: 2 }, { arbitrary: lateUse, weight: 1 }, { arbitrary: beginning, weight: 1 }),
  ),
  'dead-messages': acceptedOf(
    fc.oneof(
      { arbitrary: notFifo, weight: 12 },
      { arbitrary: lateUse, weight: 1 },
      { arbitrary: wasting, weight: 1 },
      { arbitrary: recovering, weight: 1 },
      { arbitrary: beginning.filter(({ network }) => network !== 'fifo'), weight: 1 },
    ),
  ),
  'dead-fields': acceptedOf(
    fc.oneof(
      { arbitrary: fading, weight: 3 },
      { arbitrary: noting, weight: 2 },
      { arbitrary: description.filter(({ steps }) => steps.length === 0), weight: 1 },
    ),
  ),
  bisimulation: acceptedOf(
    fc.oneof(
      { arbitrary: notFifo.filter(({ steps }) => steps.length === 0), weight: 12 },
      { arbitrary: twins, weight: 3 },
      { arbitrary: recovering, weight: 1 },
      { arbitrary: beginning.filter(({ network }) => network !== 'fifo'), weight: 1 },
    ),
  ),
  subsumption: acceptedOf(fc.oneof({ arbitrary: notFifo, weight: 9 }, { arbitrary: lateUse, weight: 1 }, { arbitrary: talking, weight: 3 })),
  'lower-bounds': acceptedOf(fc.oneof({ arbitrary: notFifo, weight: 12 }, { arbitrary: lateUse, weight: 1 })),
  'partial-order': acceptedOf(fc.oneof({ arbitrary: plainly, weight: 3 }, { arbitrary: races, weight: 1 }, { arbitrary: gathering, weight: 1 })),
}
