import type { Id } from './id.ts'
import type { Tagged } from './roles.ts'

/** What may go wrong, and how often in one execution (`atMost`; `Infinity` for no limit). */
export type Fault<K extends string = string> =
  /** A node stops for good: it takes no more steps, and messages to it wait. */
  | { readonly type: 'crash-stop'; readonly role: K; readonly atMost: number }
  /** A node crashes and recovers, in one step: it goes on from `recover(state)`. While down it is but slow. */
  | { readonly type: 'crash-recovery'; readonly role: K; readonly atMost: number }
  /** A message in flight is lost. (Needless under `fair-loss`, where any message may never arrive, whatever the budget.) */
  | { readonly type: 'loss'; readonly atMost: number }
  /** A message in flight is doubled; under `fifo` at the end of its channel. (Needless under `fair-loss`.) */
  | { readonly type: 'duplication'; readonly atMost: number }
  /** The network falls apart into groups: what is sent from one to another waits until it heals. */
  | { readonly type: 'partition'; readonly groups: readonly Group<K>[]; readonly heals: boolean; readonly atMost: number }
  /** Some nodes of these roles lie from the start: they say what they like to whom they like, and do nothing of what the protocol tells them to. See docs/byzantine.md. */
  | ByzantineFault<K>
  /** Links are arbitrary: the network makes up messages, in the name of any node. See docs/byzantine.md. */
  | ForgeryFault

/** A fault that is a step: nodes that lie, and networks that do, do so from the start. */
export type FaultStep = Exclude<Fault, ByzantineFault | ForgeryFault>

/** What `forgery` makes. */
export interface ForgeryFault {
  readonly type: 'forgery'
  /** What it may say at any time in the name of the node `self`, to each other node that has a handler for it. */
  says(here: LiarHere): Iterable<Tagged>
}

/** What `byzantine` makes. */
export interface ByzantineFault<K extends string = string> extends Lies {
  readonly type: 'byzantine'
  readonly roles: readonly K[]
  readonly atMost: number
}

/** Where a liar is: what its code may look at. */
export interface LiarHere {
  readonly self: Id
  readonly nodes: { readonly [role: string]: readonly Id[] }
  readonly values: { readonly [kind: string]: readonly Id[] }
}

/** What a liar may say. */
export interface Lies {
  /** What it may say at any time, to each node that has a handler for it: to one node this, to another that, or nothing. */
  says(here: LiarHere): Iterable<Tagged>
  /** What it may say besides as soon as it has heard a message: it can pass on what another has signed, and cannot make it. */
  passesOn?(message: Tagged, here: LiarHere): Iterable<Tagged>
}

/** How many nodes of each role a group of a partition has. */
export type Group<K extends string = string> = { readonly [role in K]?: number }

interface Budget {
  readonly atMost?: number
}

/**
 * Nodes of this role may stop for good: at most so many of them, or any number.
 *
 * @example
 * ```ts protocol
 * faults: [crashStop('client', { atMost: 1 })],
 * ```
 */
export const crashStop = <K extends string>(role: K, { atMost = Infinity }: Budget = {}): Fault<K> => ({
  type: 'crash-stop',
  role,
  atMost,
})

/**
 * Nodes of this role may crash and recover, in one step, to what `Role.recover` keeps.
 *
 * @example
 * ```ts protocol
 * faults: [crashRecovery('client', { atMost: 2 })],
 * ```
 */
export const crashRecovery = <K extends string>(role: K, { atMost = Infinity }: Budget = {}): Fault<K> => ({
  type: 'crash-recovery',
  role,
  atMost,
})

/**
 * Messages may be lost. Needless under `fair-loss`.
 *
 * @example
 * ```ts protocol
 * faults: [loss({ atMost: 1 })],
 * ```
 */
export const loss = ({ atMost = Infinity }: Budget = {}): Fault<never> => ({ type: 'loss', atMost })

/**
 * Messages may be doubled. Needless under `fair-loss`.
 *
 * @example
 * ```ts broadcast
 * faults: [duplication({ atMost: 1 })],
 * ```
 */
export const duplication = ({ atMost = Infinity }: Budget = {}): Fault<never> => ({ type: 'duplication', atMost })

/**
 * Byzantine nodes: up to so many nodes of these roles, whichever the adversary likes, lie from the start. A liar says what `says` allows at any time, as often as it likes, and different things to different nodes. The network is `fair-loss`.
 * Properties are asked of the honest nodes only.
 *
 * @example
 * ```ts code
 * const faults = [byzantine('client', { atMost: 1, says: () => [{ type: 'Acquire' }, { type: 'Release' }] })]
 * const { property } = await explore({ ...lockServer(), network: 'fair-loss', faults })
 * if (property !== 'mutualExclusion') throw new Error('it bears liars')
 * ```
 */
export const byzantine = <K extends string>(roles: K | readonly K[], { atMost, ...lies }: { readonly atMost: number } & Lies): Fault<K> => ({
  type: 'byzantine',
  roles: typeof roles === 'string' ? [roles] : roles,
  atMost,
  ...lies,
})

/**
 * Arbitrary links, on which an active adversary is: in the name of each node it says what `says` allows, at any time, as often as it likes, to whom it likes. What is signed it cannot make (`Signed`). The network is `fair-loss`:
 * so messages may be late, lost, doubled and replayed as well.
 *
 * @example
 * ```ts code
 * const faults = [forgery({ says: () => [{ type: 'Release' }] })]
 * const { property } = await explore({ ...lockServer(), network: 'fair-loss', faults })
 * if (property !== 'mutualExclusion') throw new Error('it bears what is made up')
 * ```
 */
export const forgery = ({ says }: Pick<ForgeryFault, 'says'>): Fault<never> => ({ type: 'forgery', says })

/**
 * The network may fall apart: links between the groups carry nothing until it heals. A group is said by how many nodes it has of each role, whichever they are; nodes that no group takes are one more group. One
 * partition ends before the next begins. It heals at any time; with `heals: false` never, to ask what stays possible meanwhile. Which groups are apart is the state of the observer `partition`: a Set of Sets of ids,
 * empty while all links carry. Not together with liveness properties: that it heals is owed to nobody.
 *
 * @example
 * ```ts protocol
 * faults: [partition([{ client: 1 }], { atMost: 1 })], // one client, apart from all others
 * ```
 */
export const partition = <K extends string>(
  groups: readonly Group<K>[],
  { heals = true, atMost = Infinity }: Budget & { readonly heals?: boolean } = {},
): Fault<K> => ({
  type: 'partition',
  groups,
  heals,
  atMost,
})
