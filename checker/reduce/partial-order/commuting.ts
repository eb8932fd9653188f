import type { NumberedStates } from '../../tables/numbered-states.ts'
import type { Tables } from '../../tables/tables.ts'
import { PairMap } from '../../values/ints.ts'

/** In place of a packet: the actions of a node, all of them. */
export const ACTIONS = -1

/**
 * Steps of a node that may as well come first (used by partial-order.ts). The delivery of one message, or all actions of a node, is *early* in state s if
 * whatever else the node does before, it could do after, to the same end. Acks that are counted are of that kind, votes that fill a set, and the action that
 * starts a node.
 *
 * Let e be what is to be early, with its outcomes. Walked are the states t that the node may come to without e, s first. Of each is asked that
 * - e has outcomes at t, and nobody sees them: predicates see the same of the node before and after, nothing is emitted, no step property broken;
 * - for each other step x from t (a delivery; an action, if e is none): for each outcome of e at t there is one of e after x, and the other way round, so that
 *   x and then e makes what e and then x makes: the same state, the same messages all told (`fifo`: in this order, channel by channel), the same events, and
 *   what x breaks it breaks after e, too. An action that is as good as done by e may also be left out.
 * The states after x are walked next.
 *
 * Which deliveries there are: those that the tables know of in the states *after* e. What they do at t is evaluated for this, ahead of time, and is known from
 * then on, though a search that takes e first may never come to t. A copy of the message needs no look: one of them is the first to be delivered. A handler
 * that throws ahead of time does not commute.
 *
 * No is for good, since what is known only grows. Yes is a guess, good for one round of the search: if the tables grew meanwhile, there is another.
 *
 * Cost: at most `commutingStates` times what is known of a state, once for each state and message, and round.
 */
export class Commuting {
  readonly #tables: Tables
  /** For each node, by state and packet (plus 1): 0 for no, else the round of the yes. */
  readonly #known: readonly PairMap[]
  #round = 0
  /** By node, the packets to it, as far as `#placed`. */
  readonly #inboxes: readonly number[][]
  #placed = 0

  constructor(tables: Tables) {
    this.#tables = tables
    this.#known = tables.system.nodes.map(() => new PairMap())
    this.#inboxes = tables.system.nodes.map(() => [])
  }

  /** Another round begins. */
  begin(): void {
    this.#round++
  }

  /** May the delivery of this message, or the actions, stand for all steps? May run code of the spec, and make the tables grow. */
  isEarly(node: number, local: number, early: number): boolean {
    const known = this.#known[node] as PairMap
    const round = known.get(local, early + 1)
    if (round === this.#round) return true
    if (round === 0) return false
    const walked = this.#walk(node, local, early)
    if (walked === undefined) known.set(local, early + 1, 0)
    else for (const one of walked) known.set(one, early + 1, this.#round)
    return walked !== undefined
  }

  /** The states that the node may come to without `early`, if that commutes with all that leads there. */
  #walk(node: number, first: number, early: number): ReadonlySet<number> | undefined {
    const tables = this.#tables
    const { to } = tables.outcomes
    const met = new Set([first])
    for (const local of met) {
      if (met.size > tables.tuning.commutingStates) return undefined
      const taken = this.#unseen(node, local, early)
      if (taken === undefined) return undefined
      const commute = (other: number): boolean => {
        const steps = this.#list(node, local, other)
        if (steps < 0) return false
        for (const x of this.#outcomes(steps)) {
          const then = this.#unseen(node, to.data[x] as number, early)
          if (then === undefined) return false
          const agree = (a: number, y: number): boolean =>
            (other === ACTIONS && this.#isDone(a, x, y)) || this.#outcomes(this.#list(node, to.data[a] as number, other)).some(z => this.#makeSame(a, z, x, y))
          if (!taken.every(a => then.some(y => agree(a, y))) || !then.every(y => taken.some(a => agree(a, y)))) return false
          met.add(to.data[x] as number)
        }
        return true
      }
      if (early !== ACTIONS && !commute(ACTIONS)) return undefined
      for (const other of this.#inbox(node))
        if (other !== early && taken.some(a => tables.knownReaction(node, to.data[a] as number, other) >= 0) && !commute(other)) return undefined
    }
    return met
  }

  /** The outcome list of a step, evaluated if need be; -1 if a handler throws. */
  #list(node: number, local: number, step: number): number {
    return step === ACTIONS ? this.#tables.foresee(node, local) : this.#tables.reaction(node, local, step)
  }

  #outcomes(list: number): readonly number[] {
    if (list < 0) return []
    const { start } = this.#tables.outcomes
    const first = start.data[list] as number
    return Array.from({ length: (start.data[list + 1] as number) - first }, (_, i) => first + i)
  }

  /** The outcomes of a step, if there are any and nobody sees them. */
  #unseen(node: number, local: number, step: number): readonly number[] | undefined {
    const tables = this.#tables
    const { emits, broken, to } = tables.outcomes
    const { bits, classes } = tables.locals[node] as NumberedStates
    const outcomes = this.#outcomes(this.#list(node, local, step))
    const isUnseen = (o: number): boolean => {
      const after = to.data[o] as number
      return emits.data[o] === 0 && broken.data[o] === 0 && bits.data[after] === bits.data[local] && classes.data[after] === classes.data[local]
    }
    return outcomes.length > 0 && outcomes.every(isUnseen) ? outcomes : undefined
  }

  /** Do outcomes `x` and then `y` make what `a` alone does? */
  #isDone(a: number, x: number, y: number): boolean {
    const { to, sends, emits, broken } = this.#tables.outcomes
    return (
      to.data[y] === to.data[a] &&
      emits.data[x] === 0 &&
      broken.data[x] === 0 &&
      this.#sendSame(sends.data[x] as number, sends.data[y] as number, sends.data[a] as number, 0)
    )
  }

  /** Do outcomes `x` and then `y` make what `a` and then `z` do? */
  #makeSame(a: number, z: number, x: number, y: number): boolean {
    const { to, sends, emits, broken } = this.#tables.outcomes
    return (
      to.data[y] === to.data[z] &&
      emits.data[x] === emits.data[z] &&
      ((broken.data[x] as number) & ~(broken.data[z] as number)) === 0 &&
      this.#sendSame(sends.data[x] as number, sends.data[y] as number, sends.data[a] as number, sends.data[z] as number)
    )
  }

  /** Does sending the first two lists, one after the other, come to the same as sending the other two? Under `fifo` channel by channel, in this order. */
  #sendSame(a: number, b: number, c: number, d: number): boolean {
    if (a === c && b === d) return true
    const { sends, fifo, channel } = this.#tables
    const sent = (first: number, second: number): number[] =>
      [...sends.items(first), ...sends.items(second)].sort((p, q) => (fifo ? (channel.data[p] as number) - (channel.data[q] as number) : p - q))
    const [left, right] = [sent(a, b), sent(c, d)]
    return left.length === right.length && left.every((packet, i) => packet === right[i])
  }

  #inbox(node: number): readonly number[] {
    const { packets } = this.#tables
    for (; this.#placed < packets.size; this.#placed++) this.#inboxes[packets.to.data[this.#placed] as number]?.push(this.#placed)
    return this.#inboxes[node] as readonly number[]
  }
}
