import { requests } from '../../tables/journal.ts'
import type { Tables } from '../../tables/tables.ts'
import type { DeadMessages } from '../dead-messages.ts'
import type { Spending } from '../spending.ts'
import { Refinement } from './refinement.ts'
import { StateGraph } from './state-graph.ts'

/** Is there no time or memory left, or was the check interrupted? It also lets others have their turn. Asked every now and then, by counts of what was done. */
export type IsOver = () => Promise<boolean>

/**
 * Local bisimulation: states of a node that no property tells apart, that react alike to every action and to every message that may reach
 * them, and go to states that are again alike, are one. Partition refinement over the tables (refinement.ts), with what the
 * properties see as the first partition; then the search knows only one member of each class.
 *
 * Where it is sound. If s ~ t, then whatever the system does with the node in s it can do with it in t, with the same messages, events and
 * violated step properties at each step; so verdicts and shortest lengths are kept. A delivery that leaves its class as it is and
 * sends and emits nothing is no step of the quotient; it counts as none, and its message as dead (reduce/dead-messages.ts), which shortens no path.
 * Where deadlocks are asked for, such a step still is something to do, so check/attempt.ts does not use this reduction then; nor where
 * a property or a global step reads whole node states, since then every state may be told from every other.
 *
 * How it is known. Classes are learnt from the tables as they stand after a search, or a part of one. They are a guess, and are judged after the
 * next search, which used them: the classes are learnt anew, and if no state was parted from its representative, they were a
 * bisimulation on all that was met. For follow an execution of the protocol in the reduced search, where some t stands for each node's s.
 * A message that reaches s was in flight there too, with t, or was dropped before. If it was in flight, the search delivered it to t; if it was dropped, it
 * is carried at t and does nothing there (by the induction for dead messages). Both kinds are what members of a class are asked about, so
 * s answers as t does. And where it leads s to is alike to where t is led to, a state that a search was at. Otherwise the search is run again.
 *
 * A state that comes up in the search that confirms them, and is alike to one that stands for itself, stands for itself there, too: then two states that are kept may stand for the same.
 *
 * With symmetry the search goes on from images, so alike states must have alike images; the refinement sees to it.
 */
export class Bisimulation {
  readonly #tables: Tables
  readonly #dead: DeadMessages
  /** The representative of each state of each node, in the search that runs; a state that came later stands for itself. */
  representatives: Int32Array[]
  /** States that another stands for, for the report. */
  merged = 0
  /** What is known of which states of nodes lead to which. */
  readonly graph: StateGraph
  /** How often a search did not confirm the classes that it used. */
  refuted = 0
  /** Not given up. */
  isUsed = true

  constructor(tables: Tables, dead: DeadMessages) {
    this.#tables = tables
    this.#dead = dead
    this.graph = new StateGraph(tables, dead)
    this.representatives = tables.system.nodes.map(() => new Int32Array(0))
    dead.useRepresentatives((node, local) => this.standInOf(node, local))
  }

  standInOf(node: number, local: number): number {
    const known = this.representatives[node] as Int32Array
    return local < known.length ? (known[local] as number) : local
  }

  /**
   * After a search: learns the classes anew. True if those that the search used are confirmed: no state is parted from its representative.
   * `adopt` says to use the new ones from now on. Undefined if the check was over before they were known, or learning had taken its share.
   */
  async learn(isOver: IsOver, spending: Spending): Promise<{ readonly confirmed: boolean; readonly adopt: () => void } | undefined> {
    const refinement = await this.#refine(isOver, spending)
    if (refinement === undefined) return undefined
    const confirmed = this.representatives.every((of, node) =>
      of.every((representative, local) => representative === local || refinement.areAlike(node, local, representative)),
    )
    if (!confirmed) this.refuted++
    return {
      confirmed,
      adopt: () =>
        this.useRepresentatives(
          this.refuted < this.#tables.tuning.classesRefutedMax ? refinement.representatives() : this.representatives.map(() => new Int32Array(0)),
        ),
    }
  }

  /**
   * Learns the classes anew, and uses them from now on; whether they are others. Classes that confirm a search may be larger than those that it used: where s and its representative t are led to
   * s' and t', these are alike, but it may have taken s' to stand for itself. It is right all the same; but an execution that comes to s' does not meet what the search saw there.
   */
  async relearn(isOver: IsOver, spending: Spending): Promise<boolean> {
    const before = this.representatives
    this.refuted++
    const classes = await this.learn(isOver, spending)
    if (classes === undefined) return false
    classes.adopt()
    return this.representatives.some(
      (of, node) => of.length !== before[node]?.length || of.some((representative, local) => representative !== before[node]?.[local]),
    )
  }

  /** From now on every state stands for itself. */
  giveUp(): void {
    this.isUsed = false
    this.useRepresentatives(this.representatives.map(() => new Int32Array(0)))
  }

  /** From now on these states stand for their classes: one for each state of each node. */
  useRepresentatives(representatives: readonly Int32Array[]): void {
    const args = representatives.flatMap(of => [of.length, ...of])
    this.#tables.journal.record(requests.adopt, args, () => {
      this.representatives = [...representatives]
      this.merged = representatives.reduce((sum, of) => sum + of.reduce((n, representative, local) => n + (representative === local ? 0 : 1), 0), 0)
      this.#dead.useRepresentatives((node, local) => this.standInOf(node, local))
    })
  }

  async #refine(isOver: IsOver, spending: Spending): Promise<Refinement | undefined> {
    const { askedMin, askedShare, refinementsMax, comparisonsPerPulse } = this.#tables.tuning
    let budget = Math.max(askedMin, askedShare * this.#dead.size.carried)
    for (let round = 0; ; round++) {
      const refinement = new Refinement(this.#tables, this.#dead, this.graph, budget)
      for (let [before, done] = [0, false]; !done; before = refinement.comparisons) {
        if (await isOver()) return undefined
        done = refinement.goOn(comparisonsPerPulse)
        spending.compared(refinement.comparisons - before)
        if (spending.isSpent) return undefined
      }
      budget = refinement.budget
      if (!refinement.grew || round === refinementsMax) return refinement
    }
  }
}
