import type { NumberedStates } from '../../tables/numbered-states.ts'
import { GREW } from '../../tables/step-tables.ts'
import type { Tables } from '../../tables/tables.ts'
import { hasBit, lowestBit } from '../../values/bits.ts'
import { Ints } from '../../values/ints.ts'
import type { DeadMessages } from '../dead-messages.ts'
import { ACTIONS, Commuting } from './commuting.ts'
import { ReachableSends } from './reachable-sends.ts'

/** What `next` answers where there are no more. */
export const NONE = -2

/** What may be known of the steps of a node: there is none; nobody sees one; somebody does. */
const [NO_STEPS, UNSEEN, SEEN] = [0, 1, 2]

/**
 * Partial order, for `fifo` and `reliable`: where some steps commute with all that may happen before one of them is taken, only they are explored. Which do is
 * derived from the tables, without annotations (ample sets: Peled 1993; stubborn sets: Valmari 1990; Godefroid 1996).
 *
 * Steps of one node only read and write that node, take from the messages to it, and add to those to others. So steps of different nodes commute, and some
 * steps of node i may stand for all if
 * 1. *whatever goes before one of them could as well come after*:
 *    - one delivery (`fifo`: of the head of a channel), or all actions of i: it commutes with every other step that i may take before, there and in all states
 *      that those lead to (commuting.ts);
 *    - all steps of i: while it stands still, the others can send it nothing that would be a step there, but what is behind another message (`fifo`), or dead
 *      (reachable-sends.ts). So i has no other steps until it takes one of these;
 *    - `fifo`, all steps of i, the same told at once: every channel to i that is ever used has a message in it;
 * 2. *nobody sees them*: none changes what a predicate sees of the node, breaks a step property, or emits an event; the first kind not in those later states,
 *    either;
 * 3. *nothing is put off for ever*: one of them leads to a state that the search will yet expand (its number is higher, or it is new). Along such steps numbers
 *    rise, so sooner or later a state is expanded in full (breadth-first proviso: Bošnački & Holzmann 2005).
 *
 * What may happen later is guessed from what the tables know by now, and confirmed: if they grew after a guess was first relied on (`refuted`), the round is
 * run again. Why a round in which they did not is right: let an execution w begin in a state s of the reduced search. *Every step of a node in w is known to the
 * tables*, and w has a counterpart in the search with the same things to see, in the same order. By induction on the length of w, and then on how soon a state as in 3
 * is expanded in full:
 * - If s is, its first step is known, and the rest is shorter.
 * - Some steps T stand for all, and w = u t v, with t the first of T. Since u is shorter than w, its steps are known. So 1 took them into account, and t could come first.
 *   The search took t, so it is known; and u' v after it is shorter (u' is u, or what it becomes after t).
 * - If w has none of T, take the t of 3. A step of another node, or of i after t, is possible after t, too. So w' can be taken from there, from a state that is
 *   nearer to a full expansion. The same t would be possible after w: a deadlock comes of no such w.
 *
 * Outcomes of `choose` belong to one step, and are all in T or none. A step that `within` cuts off is none; one that stays is there, so nothing is a deadlock
 * that was not. A fault of a node is a step of that node, and shares its budget with others. So a node that may still crash is left alone; where messages may
 * still be lost or doubled, all are. Once a budget is spent, it does not matter. Recoveries of others are steps of theirs.
 *
 * With symmetry: the tables hold all images of what they hold, so what was said of s holds of its image, from which the search goes on. With dead messages:
 * dropping is part of the step, by the state of the receiver alone, and what is dead stays dead, so steps commute as before; each reduction confirms its
 * guesses by itself. Not with bisimulation or subsumption, which go first: what stands for a state there may not be expanded itself.
 *
 * Verdicts of safety and `reachable` are kept, and deadlocks; lengths are not, so check/attempt.ts searches once more, without this, below the length of a
 * counterexample. It is not used with global steps, predicates over the whole state, `canAlways`, a depth, or a bound on the messages in flight: there a step
 * that sends may be cut off before a delivery and not after it.
 *
 * Cost: a look-up for each message in flight and each node, then, for each node with steps that nobody sees, what reachable-sends.ts says.
 */
export class PartialOrder {
  readonly #tables: Tables
  /** `fifo`: the channels to each node that were ever used, as far as `#known`. */
  readonly #channels: readonly number[][]
  #known = 0
  readonly #commuting: Commuting
  readonly #reachableSends: ReachableSends
  /** How long the journal was when a guess was first relied on, in this round; -1 before. */
  #since = -1
  #refuted = false
  /** States in which some steps stood for all. */
  reducedStates = 0
  // What `next` goes through: the state, all packets in flight, and, of those that may be delivered next, where each is (its bit, or its channel) and what.
  #components: Int32Array = new Int32Array(0)
  readonly #flight = new Ints()
  readonly #ready = new Ints()
  #next = 0
  /** Whether each node may still crash; and whether the network may still lose or double a message. */
  readonly #mayCrash: Uint8Array
  #mayLose = false
  /** What is known of the steps of each node. */
  readonly #looks: Uint8Array

  constructor(tables: Tables, dead: DeadMessages | undefined) {
    this.#tables = tables
    this.#channels = Array.from({ length: tables.nodeCount }, () => [])
    this.#commuting = new Commuting(tables)
    this.#reachableSends = new ReachableSends(tables, dead)
    this.#mayCrash = new Uint8Array(tables.nodeCount)
    this.#looks = new Uint8Array(tables.nodeCount)
    this.begin()
  }

  begin(): void {
    this.#refuted = false
    this.#since = -1
    this.reducedStates = 0
    this.#commuting.begin()
  }

  /** What was assumed of later steps may have been wrong: the tables have grown since, and the round is to be run again. */
  get refuted(): boolean {
    return this.#refuted || (this.#since >= 0 && this.#since !== this.#tables.journal.entries.length)
  }

  /** Where a round stands, to go on with it elsewhere. */
  get places(): PlacesOfPartialOrder {
    return { since: this.#since, refuted: this.refuted, reducedStates: this.reducedStates }
  }

  set places({ since, refuted, reducedStates }: PlacesOfPartialOrder) {
    this.#since = since
    this.#refuted = refuted
    this.reducedStates = reducedStates
  }

  /** Turns to a state: its components (read until the next), and the messages in flight as bits, `words[from] …`, `count` words. */
  setState(components: Int32Array, words: Int32Array, from: number, count: number): void {
    this.#components = components
    this.#next = 0
    this.#flight.length = 0
    this.#ready.length = 0
    this.#lookAtFaults()
    if (this.#tables.fifo) this.#lookAtQueues()
    else this.#lookAtBits(words, from, count)
  }

  #lookAtQueues(): void {
    const { queues, fixedComponents, channelTo } = this.#tables
    for (; this.#known < queues.length; this.#known++) this.#channels[channelTo[this.#known] as number]?.push(this.#known)
    for (let channel = 0; channel < this.#components.length - fixedComponents; channel++) {
      const { head, rest } = queues[channel] as (typeof queues)[number]
      let queue = this.#components[fixedComponents + channel] as number
      if (queue === 0) continue
      this.#ready.push(channel)
      this.#ready.push(head.data[queue] as number)
      for (; queue !== 0; queue = rest.data[queue] as number) this.#flight.push(head.data[queue] as number)
    }
  }

  #lookAtBits(words: Int32Array, from: number, count: number): void {
    const { bits } = this.#tables
    for (let w = 0; w < count; w++)
      for (let word = words[from + w] as number; word !== 0; word &= word - 1) {
        const bit = w * 32 + lowestBit(word)
        const packet = bits.packet.data[bit] as number
        this.#flight.push(packet)
        const next = bits.next.data[bit] as number
        if (next >= 0 && next >>> 5 < count && hasBit(words, from, next)) continue
        this.#ready.push(bit)
        this.#ready.push(packet)
      }
  }

  /**
   * The next steps that might stand for all: all of node i have number i; its actions, i plus the number of nodes; a delivery, the bit of the message (`fifo`: its
   * channel) plus twice that number.
   */
  next(): number {
    const { nodeCount, journal, packets } = this.#tables
    if (this.#mayLose) return NONE
    const deliveries = this.#ready.length / 2
    while (this.#next < 2 * nodeCount + deliveries) {
      const at = this.#next++
      const delivery = at - nodeCount
      const node = delivery - deliveries
      if (node === 0) this.#lookAtSteps()
      const extent = journal.entries.length
      let may: boolean
      if (node >= 0) may = this.#mayCrash[node] === 0 && (this.#hasAllHeads(node) || this.#isLeftAlone(node))
      else if (delivery < 0) may = this.#isEarly(at, ACTIONS)
      else {
        const packet = this.#ready.data[2 * delivery + 1] as number
        may = this.#isEarly(packets.to.data[packet] as number, packet)
      }
      if (journal.entries.length !== extent) return GREW
      if (!may) continue
      if (this.#since < 0) this.#since = extent
      return node >= 0 ? node : delivery < 0 ? nodeCount + at : 2 * nodeCount + (this.#ready.data[2 * delivery] as number)
    }
    return NONE
  }

  #isEarly(node: number, step: number): boolean {
    return this.#mayCrash[node] === 0 && this.#commuting.isEarly(node, this.#components[node] as number, step)
  }

  #hasAllHeads(node: number): boolean {
    const { fifo, fixedComponents: first } = this.#tables
    if (!fifo) return false
    for (const channel of this.#channels[node] as number[])
      if (first + channel >= this.#components.length || this.#components[first + channel] === 0) return false
    return true
  }

  #isLeftAlone(node: number): boolean {
    return this.#looks[node] === UNSEEN && !this.#reachableSends.maySendTo(node, this.#components, this.#flight)
  }

  /** Sees which nodes have steps, and whether some are seen; of those that are not known yet it is not said. */
  #lookAtSteps(): void {
    const tables = this.#tables
    const looks = this.#looks.fill(NO_STEPS)
    for (let node = 0; node < tables.nodeCount; node++) this.#lookAtList(node, tables.knownActions(node, this.#components[node] as number))
    for (let i = 1; i < this.#ready.length; i += 2) {
      const packet = this.#ready.data[i] as number
      const node = tables.packets.to.data[packet] as number
      if (looks[node] !== SEEN) this.#lookAtList(node, tables.knownReaction(node, this.#components[node] as number, packet))
    }
  }

  #lookAtList(node: number, list: number): void {
    const { start } = this.#tables.outcomes
    if (list < 0) this.#looks[node] = UNSEEN
    else
      for (let o = start.data[list] as number; o < (start.data[list + 1] as number); o++)
        if (this.#looks[node] !== SEEN) this.#looks[node] = this.invisible(node, this.#components[node] as number, o) ? UNSEEN : SEEN
  }

  /** Is a step of a node, by outcome `o`, invisible? */
  invisible(node: number, local: number, o: number): boolean {
    const { outcomes, locals } = this.#tables
    if (outcomes.broken.data[o] !== 0 || outcomes.emits.data[o] !== 0) return false
    const { bits, classes } = locals[node] as NumberedStates
    const to = outcomes.to.data[o] as number
    return bits.data[to] === bits.data[local] && classes.data[to] === classes.data[local]
  }

  #lookAtFaults(): void {
    const { system, nodeCount, observerNames } = this.#tables
    if (system.faults.length === 0) return
    this.#mayCrash.fill(0)
    this.#mayLose = false
    let budget = nodeCount + observerNames.length
    for (const fault of system.faults) {
      const left = fault.atMost === Infinity ? 1 : (this.#components[budget++] as number)
      // That it heals is a step, too, when no more of them are left.
      if (fault.type === 'partition') this.#mayLose = true
      if (left === 0) continue
      if (fault.type === 'loss' || fault.type === 'duplication') this.#mayLose = true
      else if (fault.type !== 'partition') for (const { index, role } of system.nodes) if (role === fault.role) this.#mayCrash[index] = 1
    }
  }
}

export interface PlacesOfPartialOrder {
  /** How long the journal was when a guess was first relied on; -1 before. */
  readonly since: number
  readonly refuted: boolean
  readonly reducedStates: number
}

/** May it be used for what is asked? */
export const allowsPartialOrder = ({ fairLoss, globalNames, predicates, system, time }: Tables): boolean =>
  !fairLoss && time === undefined && system.flightBound === undefined && globalNames.length === 0 && predicates.world.length === 0 && predicates.canAlways === 0
