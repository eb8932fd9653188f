import type { Locals } from '../compile/locals.ts'
import type { Tables } from '../compile/tables.ts'

/**
 * Partial order, for `fifo`: where the steps of one node commute with all that the others may do first, only that node's steps are
 * explored (ample sets: Peled 1993; stubborn sets: Valmari 1990; Godefroid 1996), derived from the tables, without annotations.
 *
 * The steps of node i are its actions and the deliveries of the heads of the channels to it. They may stand alone in a state if
 * 1. *no other step can add to them*: every channel to i that is ever used has a message in it. Then what others send to i comes behind, and neither takes
 *    a step of i away nor gives it a new one; what i sends comes behind what others take. So steps of i commute with all that others do without it;
 * 2. *nobody sees them*: none changes what a predicate sees of the node, breaks a step property, or emits an event;
 * 3. *nothing is put off for ever*: one of them leads to a state that the search will yet expand (its number is higher, or it is new). Along
 *    such steps numbers rise, so sooner or later a state is expanded in full (breadth-first proviso: Bošnački & Holzmann 2005).
 * Which channels are ever used is learnt: if the round that concludes met a new one, it is run again.
 *
 * Verdicts of safety and `reachable` are kept, and deadlocks; lengths are not, so explore.ts searches once more, without this, below the length of a
 * counterexample. It is not used with faults, global steps, predicates over the whole state, `canAlways`, or a depth.
 */
export class PartialOrder {
  readonly #tables: Tables
  /** The channels to each node that were ever used. */
  #channels: number[][] = []
  #known = 0
  /** Channels that came up since `begin`: what was assumed of them may have been wrong. */
  refuted = false
  /** States in which one node's steps stood for all. */
  reducedStates = 0

  constructor(tables: Tables) {
    this.#tables = tables
    this.begin()
  }

  begin(): void {
    this.refuted = false
    this.reducedStates = 0
    this.#note()
  }

  /** Where a round stands, to go on with it elsewhere. */
  get places(): PlacesOfPartialOrder {
    return { known: this.#known, refuted: this.refuted, reducedStates: this.reducedStates }
  }

  set places({ known, refuted, reducedStates }: PlacesOfPartialOrder) {
    this.#note(known)
    this.refuted = refuted
    this.reducedStates = reducedStates
  }

  /** The nodes whose steps might stand alone, by condition 1. */
  candidates(components: Int32Array): readonly number[] {
    const tables = this.#tables
    if (tables.queues.length !== this.#known) {
      this.refuted = true
      this.#note()
    }
    const result: number[] = []
    for (let node = 0; node < tables.nodeCount; node++)
      if (this.#channels[node]?.every(channel => tables.fixedComponents + channel < components.length && components[tables.fixedComponents + channel] !== 0))
        result.push(node)
    return result
  }

  /** Is a step of a node, by outcome `o`, invisible? */
  invisible(node: number, local: number, o: number): boolean {
    const { outcomes, locals } = this.#tables
    if (outcomes.broken.data[o] !== 0 || outcomes.emits.data[o] !== 0) return false
    const { bits, classes } = locals[node] as Locals
    const to = outcomes.to.data[o] as number
    return bits.data[to] === bits.data[local] && classes.data[to] === classes.data[local]
  }

  #note(known = this.#tables.queues.length): void {
    const { channelTo, nodeCount } = this.#tables
    this.#known = known
    const used = channelTo.slice(0, known)
    this.#channels = Array.from({ length: nodeCount }, (_, node) => used.flatMap((to, channel) => (to === node ? [channel] : [])))
  }
}

export interface PlacesOfPartialOrder {
  /** Channels that are taken to be all. */
  readonly known: number
  readonly refuted: boolean
  readonly reducedStates: number
}

/** May it be used for what is asked? */
export const allowsPartialOrder = ({ fifo, system, globalNames, predicates, observerNames }: Tables): boolean =>
  fifo &&
  system.faults.every(({ atMost }) => atMost === 0) &&
  globalNames.length === 0 &&
  observerNames.length === 0 &&
  predicates.world.length === 0 &&
  predicates.canAlways === 0
