import type { Fairness } from './fairness.ts'
import type { Fault } from './faults.ts'
import type { Id } from './id.ts'
import type { Property } from './properties.ts'
import type { AnyObservers, Key, ObserverStates, RoleTypes, Tagged } from './roles.ts'
import type { Timing } from './timing.ts'
import type { World } from './world.ts'

declare const sender: unique symbol

/*
 * All that a protocol may say, in one long file: the types name one another, and a third is doc comments, of which docs/protocol.md is made.
 */

/**
 * Messages that only nodes of the roles `K` send. Their handler then knows whom it answers, and an answer for which that role has no handler is a compile error;
 * so is sending them from another role. Without it, `from` may be of any role.
 *
 * @example
 * ```ts code
 * type Inboxes = {
 *   server: { state: Server; inbox: From<'client', { readonly type: 'Acquire' | 'Release' }> }
 *   client: { state: Client; inbox: From<'server', { readonly type: 'Grant' }> }
 * }
 * const { client } = lockServer().roles satisfies Protocol<Inboxes, Event, 'color'>['roles']
 * if (client.count !== 2) throw new Error('there are two')
 * ```
 */
export type From<K extends string, M extends Tagged> = M & { readonly [sender]?: K }

/** Who may send a message: the roles that `From` names. */
type SenderOf<M, Otherwise> = typeof sender extends keyof M ? Exclude<M[typeof sender], undefined> : Otherwise

/** Those messages of `M` that a node of role `Self` may send. */
type SentBy<M, Self> = M extends unknown ? (Self extends SenderOf<M, Self> ? M : never) : never

type IsOne<Names, Each = Names> = Each extends unknown ? ([Names] extends [Each] ? true : false) : never

/** A node of which is known only that its role is among `K` may be sent what all of these handle. Where there is but one role, that asks for nothing. */
type HandledByAll<R extends RoleTypes, K extends Key<R>> =
  IsOne<Key<R>> extends true ? unknown : (K extends unknown ? (message: R[K]['inbox']) => void : never) extends (message: infer M) => void ? M : never

/** What a node of role `Self` may send to a node of each role. */
type Outbox<R extends RoleTypes, Self> = { readonly [K in Key<R>]: SentBy<R[K]['inbox'], Self> }

/** The message of an inbox with this type. */
type MessageOf<M, T> = M extends { readonly type: infer U } ? (T extends U ? (U extends T ? M : M & { readonly type: T }) : never) : never

/** How messages travel; see docs/semantics.md. */
export type Network =
  /** At most once, in the order of its channel (from, to): in flight is a queue per channel. */
  | 'fifo'
  /** At most once, in any order: in flight is a multiset. */
  | 'reliable'
  /**
   * Never, once, or again and again, in any order: in flight is a set that only grows. For deadlocks and `canAlways` the network may lose all of it, in one step: what is to stay possible has to be
   * sent again.
   */
  | 'fair-loss'

/** Where a handler runs: which node, and who the others are. It is the last parameter of `init`, `when`, `do`, `recover` and every handler. */
export interface Place<R extends RoleTypes, Self extends Key<R> = Key<R>, V extends string = never> {
  /**
   * The node whose code runs.
   *
   * @example
   * ```ts client.actions
   * paintFirst: {
   *   when: (client, { self, nodes }) => client.color === null && self === nodes.client.find(id => id.rank === 0),
   *   do: (client, { choose, values }) => client.set('color', choose(values.color)),
   * },
   * ```
   */
  readonly self: Id<Self>
  /**
   * Every node of each role, `self` included. Their order means nothing.
   *
   * @example
   * ```ts client.on
   * Grant(client, _, _from, { nodes, send }) {
   *   send(nodes.server, { type: 'Release' }) // every server, here the one that there is
   *   return client.set('state', 'idle')
   * },
   * ```
   */
  readonly nodes: { readonly [K in Key<R>]: readonly Id<K>[] }
  /**
   * The other nodes of this role.
   *
   * @example
   * ```ts node.actions
   * send: {
   *   do(node, { choose, others, send }) {
   *     send(choose(others), { type: 'Tick', t: node.t + 1 })
   *     return node.set('t', node.t + 1)
   *   },
   * },
   * ```
   */
  readonly others: readonly Id<Self>[]
  /**
   * The abstract values of each kind, which the protocol may only compare with `===`; how many there are says `Protocol.values`.
   *
   * @example
   * ```ts client.actions
   * paint: {
   *   do: (client, { choose, values }) => client.set('color', choose(values.color)),
   * },
   * ```
   */
  readonly values: { readonly [K in V]: readonly Id<K>[] }
  /**
   * A labelled guard: `holds`, unless the checker was asked to leave this rule out (`--rules`), and then true.
   * So a rule says what must hold for the step to be taken ("the sender is the primary of my view").
   *
   * @example
   * ```ts server.on
   * Acquire(server, _, from, { rule, send }) {
   *   if (rule('the lock is free', server.queue.isEmpty())) send(from, { type: 'Grant' })
   *   return server.update('queue', queue => queue.push(from))
   * },
   * ```
   */
  rule(label: string, holds: boolean): boolean
}

/** A place where code may choose: what `init` and `recover` are given. It lives for one call. */
export interface Choosing<R extends RoleTypes, Self extends Key<R> = Key<R>, V extends string = never> extends Place<R, Self, V> {
  /**
   * One of `options`: every choice is explored. With no options at all, a step is not enabled; in `init` and `recover` it is an error, since a node has to go on from some state.
   *
   * @example
   * ```ts client.on
   * Grant(client, _, _from, { choose }) {
   *   return client.set('state', choose(['holding', 'idle'] as const)) // it takes the lock, or forgets that it asked
   * },
   * ```
   */
  choose<T>(options: Iterable<T>): T
}

/** What a handler may do besides returning the node's next state. It lives for one call. */
export interface Here<R extends RoleTypes, Self extends Key<R> = Key<R>, E extends Tagged = never, V extends string = never> extends Choosing<R, Self, V> {
  /**
   * Sends to one node or to each of several. A message for which the receiver has no handler is a compile error, and refused when it is sent.
   *
   * @example
   * ```ts client.actions
   * acquire: {
   *   when: client => client.state === 'idle',
   *   do(client, { nodes, send }) {
   *     send(nodes.server, { type: 'Acquire' })
   *     return client.set('state', 'waiting')
   *   },
   * },
   * ```
   */
  send<K extends Key<R>>(to: Id<K> | Iterable<Id<K>>, message: Outbox<R, Self>[K] & HandledByAll<R, K>): void
  /**
   * Sends to the other nodes of this role.
   *
   * @example
   * ```ts node.actions
   * send: {
   *   do(node, { broadcast }) {
   *     broadcast({ type: 'Tick', t: node.t + 1 })
   *     return node.set('t', node.t + 1)
   *   },
   * },
   * ```
   */
  broadcast(message: Outbox<R, Self>[Self]): void
  /**
   * Tells every observer (`Protocol.observers`), within the same step.
   *
   * @example
   * ```ts client.on
   * Grant(client, _, _from, { emit }) {
   *   emit({ type: 'acquired' })
   *   return client.set('state', 'holding')
   * },
   * ```
   */
  emit(event: E): void
}

/** A step that a node takes by itself: a timeout, a client's request. It may be taken whenever `when` holds. */
export interface Action<R extends RoleTypes, K extends Key<R>, E extends Tagged = never, V extends string = never> {
  /**
   * Whether it may be taken now. Without it, always.
   *
   * @example
   * ```ts client.actions
   * paint: {
   *   when: client => client.state === 'holding' && client.color === null,
   *   do: (client, { choose, values }) => client.set('color', choose(values.color)),
   * },
   * ```
   */
  when?(node: R[K]['state'], here: Place<R, K, V>): boolean
  /**
   * The node's next state. What is to happen besides goes through `here`: `send`, `broadcast`, `choose`, `emit`.
   *
   * @example
   * ```ts client.actions
   * bleach: {
   *   when: client => client.color !== null,
   *   do: client => client.set('color', null),
   * },
   * ```
   */
  do(node: R[K]['state'], here: Here<R, K, E, V>): R[K]['state']
}

/** The nodes of one kind, and what they do. */
export interface Role<R extends RoleTypes, K extends Key<R>, E extends Tagged = never, V extends string = never> {
  /**
   * How many nodes of this role there are.
   *
   * @example
   * ```ts client
   * count: 3,
   * ```
   */
  readonly count: number
  /**
   * Names for people, one a node. Without it a node is called by the role's initial and a number (`c1`), or by the role's name if there is but one.
   *
   * @example
   * ```ts client
   * names: ['A', 'B'],
   * ```
   */
  readonly names?: readonly string[]
  /**
   * The state in which a node begins, or one of several: each state that `choose` leads to, of each node, together with each of the others. It may tell the nodes of its role by their ranks (two of four are
   * members, the others join): those that begin alike, or may, are still symmetric.
   *
   * @example
   * ```ts client
   * init: ({ self, choose }) => new Client({ state: self.rank < 2 ? 'idle' : choose(['idle', 'waiting']) }), // all but two may wait from the start
   * ```
   */
  init(here: Choosing<R, K, V>): R[K]['state']
  /**
   * The reaction to each message: a pure function to the node's next state. A handler for each message of the role's `inbox`, no more and no fewer.
   *
   * @example
   * ```ts client.on
   * Grant: (client, _message, _from, _here) => client.set('state', 'holding'),
   * ```
   */
  readonly on: {
    readonly [T in R[K]['inbox']['type']]: (
      node: R[K]['state'],
      message: MessageOf<R[K]['inbox'], T>,
      // biome-ignore lint/suspicious/noExplicitAny: without `From` it is not in the type who may send it; a spec may narrow it to the role that does.
      from: Id<SenderOf<MessageOf<R[K]['inbox'], T>, any> & string>,
      here: Here<R, K, E, V>,
    ) => R[K]['state']
  }
  /**
   * What a node does by itself, by name.
   *
   * @example
   * ```ts client
   * actions: {
   *   paint: { do: (client, { choose, values }) => client.set('color', choose(values.color)) },
   *   bleach: { do: client => client.set('color', null) },
   * },
   * ```
   */
  readonly actions?: { readonly [name: string]: Action<R, K, E, V> }
  /**
   * The state after a crash and a recovery: what was on disk is kept. Used by the fault `crashRecovery`; without it everything is kept. A write that the crash may have torn is a choice.
   *
   * @example
   * ```ts client
   * recover: (client, { choose }) => new Client({ color: choose([client.color, null]) }), // the color was on disk, unless the crash came before it was written
   * ```
   */
  recover?(node: R[K]['state'], here: Choosing<R, K, V>): R[K]['state']
  /**
   * What a tick of its own clock does to a node: a clock that it keeps goes on, timers run down. Only with `Protocol.timing`; without it a tick changes nothing of the node.
   *
   * @example
   * ```ts code
   * const { roles, ...rest } = lockServer()
   * const client = { ...roles.client, tick: (node: Client) => node.set('color', null) } // paint that fades
   * const { verdict } = await explore({ ...rest, roles: { ...roles, client }, timing: synchronous({ delay: { max: 1 } }) })
   * if (verdict !== 'holds') throw new Error(verdict)
   * ```
   */
  tick?(node: R[K]['state'], here: Choosing<R, K, V>): R[K]['state']
  /**
   * Whether the node has something to do at once: time stands still until it has done it. A timer has run out, say.
   *
   * @example
   * ```ts code
   * const { roles, ...rest } = lockServer()
   * const client = { ...roles.client, due: (node: Client) => node.state === 'holding' } // it lets go at once
   * const { verdict } = await explore({ ...rest, roles: { ...roles, client }, timing: synchronous({ delay: { max: 1 } }) })
   * if (verdict !== 'holds') throw new Error(verdict)
   * ```
   */
  due?(node: R[K]['state'], here: Place<R, K, V>): boolean
  /**
   * The bound of the model: a step that would take a node outside it is not part of the model. Bound what a node asks for rather than what it may end up with,
   * or the bound hides what goes wrong.
   *
   * @example
   * ```ts server
   * within: server => server.queue.size <= 1,
   * ```
   */
  within?(node: R[K]['state']): boolean
}

/** A bound on the messages in flight: how many there may be, in one channel (from one node to another) or in all. */
export interface FlightBound {
  readonly channel?: number
  readonly total?: number
}

/** What a global step may do: read and write several nodes at once. */
export interface GlobalHere<R extends RoleTypes, E extends Tagged = never, V extends string = never>
  extends Pick<World<R, V>, 'nodes' | 'values' | 'get' | 'all' | 'crashed' | 'inFlight'> {
  /**
   * Sets the state of a node.
   *
   * @example
   * ```ts steps
   * bleach: {
   *   do(world) {
   *     for (const id of world.nodes.client) world.set(id, world.get(id).set('color', null))
   *   },
   * },
   * ```
   */
  set<K extends Key<R>>(node: Id<K>, state: R[K]['state']): void
  /**
   * Sends in the name of a node.
   *
   * @example
   * ```ts steps
   * acquireAll: {
   *   when: world => world.all('client').every(({ state }) => state === 'idle'),
   *   do(world) {
   *     for (const id of world.nodes.client) {
   *       world.send(id, world.nodes.server, { type: 'Acquire' })
   *       world.set(id, world.get(id).set('state', 'waiting'))
   *     }
   *   },
   * },
   * ```
   */
  send<K extends Key<R>>(from: Id<Key<R>>, to: Id<K> | Iterable<Id<K>>, message: R[K]['inbox']): void
  /**
   * One of `options`: every choice is explored. With no options at all, this step is not enabled.
   *
   * @example
   * ```ts steps
   * paint: {
   *   do(world) {
   *     const client = world.choose(world.nodes.client)
   *     world.set(client, world.get(client).set('color', world.choose(world.values.color)))
   *   },
   * },
   * ```
   */
  choose<T>(options: Iterable<T>): T
  /**
   * Tells the observers, in the name of a node.
   *
   * @example
   * ```ts steps
   * revoke: {
   *   do(world) {
   *     const holder = world.choose(world.nodes.client.filter(id => world.get(id).state === 'holding'))
   *     world.emit(holder, { type: 'released' })
   *     world.send(holder, world.nodes.server, { type: 'Release' })
   *     world.set(holder, world.get(holder).set('state', 'idle'))
   *   },
   * },
   * ```
   */
  emit(from: Id<Key<R>>, event: E): void
  /**
   * A labelled guard, as `Place.rule`.
   *
   * @example
   * ```ts steps
   * bleach: {
   *   when: world => world.rule('nobody holds the lock', world.all('client').every(({ state }) => state !== 'holding')),
   *   do(world) {
   *     for (const id of world.nodes.client) world.set(id, world.get(id).set('color', null))
   *   },
   * },
   * ```
   */
  rule(label: string, holds: boolean): boolean
}

/** A step that is not one node's own: a shared memory, a clock that all nodes see, an adversary. */
export interface GlobalStep<R extends RoleTypes, E extends Tagged = never, V extends string = never> {
  /**
   * Whether it may be taken now. Without it, always.
   *
   * @example
   * ```ts steps
   * bleach: {
   *   when: world => world.all('server').every(server => server.queue.isEmpty()),
   *   do(world) {
   *     for (const id of world.nodes.client) world.set(id, world.get(id).set('color', null))
   *   },
   * },
   * ```
   */
  when?(world: Pick<GlobalHere<R, E, V>, 'nodes' | 'values' | 'get' | 'all' | 'crashed' | 'inFlight' | 'rule'>): boolean
  /**
   * Changes the state of any nodes, by `world.set`. It returns nothing.
   *
   * @example
   * ```ts steps
   * paintAll: {
   *   do(world) {
   *     const color = world.choose(world.values.color)
   *     for (const id of world.nodes.client) world.set(id, world.get(id).set('color', color))
   *   },
   * },
   * ```
   */
  do(world: GlobalHere<R, E, V>): void
}

/** A small pure automaton outside the nodes, which hears every `emit` in order: a history. */
// biome-ignore lint/suspicious/noExplicitAny: the state of an observer is inferred at its definition and erased here.
export interface Observer<E extends Tagged, S = any> {
  /**
   * The state in which it begins: a value.
   *
   * @example
   * ```ts observers
   * everAcquired: { init: false, on: (ever, event) => ever || event.type === 'acquired' },
   * ```
   */
  readonly init: S
  /**
   * Its state after an event that the node `from` emitted: a pure function.
   *
   * @example
   * ```ts observers
   * lastHolder: { init: null as Id | null, on: (last, event, from) => (event.type === 'acquired' ? from : last) },
   * ```
   */
  on(state: S, event: E, from: Id): S
}

/**
 * A protocol: a plain value, with no hidden state. `R` names its roles, `E` the events that its nodes emit,
 * `V` the kinds of abstract values that it is indifferent to, `O` the states of its observers by name, for the properties that ask about them.
 */
export interface Protocol<R extends RoleTypes, E extends Tagged = never, V extends string = never, O extends ObserverStates = AnyObservers> {
  /**
   * What it is called, in reports and files.
   *
   * @example
   * ```ts protocol
   * name: 'lock-server',
   * ```
   */
  readonly name: string
  /**
   * Where it is from, if it is from somewhere: author, title, venue, year; or lecture and slide.
   *
   * @example
   * ```ts protocol
   * source: 'Lamport 1978, CACM 21(7)',
   * ```
   */
  readonly source?: string
  /**
   * How messages travel: `fifo` (the order of each channel is kept), `reliable` (each arrives once, in any order) or `fair-loss` (never, once or again and again).
   *
   * @example
   * ```ts protocol
   * network: 'fifo',
   * ```
   */
  readonly network: Network
  /**
   * Each kind of node, by the names of the type `R`: how many there are, how they begin, and what they do.
   *
   * @example
   * ```ts protocol
   * roles: {
   *   server: { count: 1, init: () => new Server(), on: { Acquire: server => server, Release: server => server } },
   *   client: { count: 2, init: () => new Client(), on: { Grant: client => client } },
   * },
   * ```
   */
  readonly roles: { readonly [K in Key<R>]: Role<R, K, E, V> }
  /**
   * How many abstract values there are of each kind: what the protocol handles but does not look into. The checker takes states that differ only in their names for one.
   *
   * @example
   * ```ts protocol
   * values: { color: 3 },
   * ```
   */
  readonly values?: { readonly [K in V]: number }
  /**
   * Steps that are not one node's own, by name: a shared memory, a clock that all nodes see, an adversary.
   *
   * @example
   * ```ts protocol
   * steps: {
   *   bleach: {
   *     do(world) {
   *       for (const id of world.nodes.client) world.set(id, world.get(id).set('color', null))
   *     },
   *   },
   * },
   * ```
   */
  readonly steps?: { readonly [name: string]: GlobalStep<R, E, V> }
  /**
   * What is assumed about time: `synchronous`, `partiallySynchronous` or `asynchronous`. Without it there is none: a step may come at any time.
   *
   * @example
   * ```ts protocol
   * timing: synchronous({ delay: { min: 1, max: 2 } }),
   * ```
   */
  readonly timing?: Timing
  /**
   * What may go wrong, and how often in one execution.
   *
   * @example
   * ```ts protocol
   * faults: [crashStop('client', { atMost: 1 })],
   * ```
   */
  readonly faults?: readonly Fault<Key<R>>[]
  /**
   * What is not put off for ever: for the liveness properties (`eventually`, `leadsTo`…), which are asked of fair executions only. Without it nothing is fair.
   *
   * @example
   * ```ts protocol
   * fairness: [fairDelivery(), weaklyFair('client', 'release')],
   * ```
   */
  readonly fairness?: readonly Fairness<Key<R>>[]
  /**
   * The bound of the model for what is in flight: a step after which there were more messages, in one channel or in all, is not part of the model. For what is sent again without end, over `fifo` and
   * `reliable`; over `fair-loss`, where what was sent stays, it is refused. It takes away from the network what a longer queue could do, and switches off the reductions that leave out messages.
   *
   * @example
   * ```ts protocol
   * withinFlight: { channel: 2 },
   * ```
   */
  readonly withinFlight?: FlightBound | undefined
  /**
   * Small automata that hear what the nodes emit, by name: for properties of histories.
   *
   * @example
   * ```ts protocol
   * observers: {
   *   holders: { init: Set<Id>(), on: (all, event, from) => (event.type === 'acquired' ? all.add(from) : all.delete(from)) },
   * },
   * ```
   */
  readonly observers?: { readonly [N in keyof O & string]: Observer<E, O[N]> }
  /**
   * What must hold, by name: state predicates (`each`, `eachPair`, `always`, `observed`…), which hold in every reachable state, and `step`, `reachable`, `canAlways`;
   * and what must happen in every fair execution: `eventually`, `leadsTo`, `alwaysEventually`, `eventuallyAlways`.
   *
   * @example
   * ```ts protocol
   * properties: {
   *   mutualExclusion: eachPair('client', client => client.state === 'holding', (a, b) => !(a && b)),
   * },
   * ```
   */
  readonly properties: { readonly [name: string]: Property<R, O> }
  /**
   * Where the system may come to rest: a state in which nothing more can happen is a deadlock unless this is true of it.
   * Without it deadlocks are not a question (`mayRest: true`). A step that only the bound cuts off counts as something to do.
   * Over `fair-loss` it must not look at the messages in flight; that some are sent or lost is nothing to do.
   *
   * @example
   * ```ts protocol
   * mayRest: world => world.all('client').every(({ state }) => state !== 'waiting'),
   * ```
   */
  readonly mayRest?: boolean | ((world: World<R, V, O>) => boolean)
}

/** A protocol with its types erased, as the engine sees it. */
export type AnyProtocol = Protocol<RoleTypes, Tagged, string>

/** What any protocol looks like from outside, whatever its types: what `explore` and the command line take. */
export interface Spec {
  readonly name: string
  readonly source?: string
  readonly network: Network
  readonly roles: object
  readonly values?: object
  readonly steps?: object
  readonly timing?: Timing
  readonly faults?: readonly Fault[]
  readonly fairness?: readonly Fairness[]
  readonly withinFlight?: FlightBound | undefined
  readonly observers?: object
  readonly properties: object
  readonly mayRest?: unknown
}
