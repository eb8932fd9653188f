import { requests } from '../compile/journal.ts'
import type { Locals } from '../compile/locals.ts'
import type { Tables } from '../compile/tables.ts'
import type { DeadMessages } from './dead-messages.ts'

/** More states of a node than this are not compared with one another. */
const STATES_MAX = 200_000

/** States that no search has been at, but that are compared with others, are followed no further than this many visits. */
const GUESSES_MAX = 100_000

/** More rounds of evaluating what the members of a class lack are not run: the classes are given up. */
const CLOSURE_ROUNDS_MAX = 60

/**
 * Local bisimulation: states of a node that no property tells apart, that react alike to every action and to every message that may reach
 * them, and go to states that are again alike, are one. Partition refinement over the tables (Kanellakis & Smolka 1983), with what the
 * properties see as the first partition; then the search knows only one member of each class.
 *
 * Where it is sound. If s ~ t, then whatever the system does with the node in s it can do with it in t, with the same messages, events and
 * violated step properties at each step; so verdicts and shortest lengths are kept. A delivery that leaves its class as it is and
 * sends and emits nothing is no step of the quotient; it counts as none, and its message as dead (dead-messages.ts), which shortens no path.
 * Where deadlocks are asked for, such a step still is something to do, so explore.ts does not use this reduction then; nor where
 * a property or a global step reads whole node states, since then every state may be told from every other.
 *
 * How it is known. Classes are learnt from the tables as they stand after a search, or a part of one; what was never delivered
 * counts as inert. So they are a guess, and are judged after the next search, which used them: then every member of a class has been asked for
 * its reaction to each message that was carried to any member, the classes are refined anew, and if no state was parted from its representative,
 * the classes were a bisimulation on all that was met, by the same induction as for dead messages. Otherwise the search is run again.
 */
export class Bisimulation {
  readonly #tables: Tables
  readonly #dead: DeadMessages
  /** The representative of each state of each node, in the search that runs; a state that came later stands for itself. */
  representatives: Int32Array[]
  /** Classes with more than one member, for the report. */
  merged = 0

  constructor(tables: Tables, dead: DeadMessages) {
    this.#tables = tables
    this.#dead = dead
    this.representatives = tables.system.nodes.map(() => new Int32Array(0))
    dead.useRepresentatives((node, local) => this.of(node, local))
  }

  of(node: number, local: number): number {
    const known = this.representatives[node] as Int32Array
    return local < known.length ? (known[local] as number) : local
  }

  /**
   * After a search: learns the classes anew. True if those that the search used are confirmed: no state is parted from its representative.
   * `adopt` says to use the new ones from now on.
   */
  learn(): { readonly confirmed: boolean; readonly adopt: () => void } {
    const classes = this.#closedClasses()
    const confirmed = this.representatives.every((of, node) =>
      of.every((representative, local) => representative === local || classes[node]?.[local] === classes[node]?.[representative]),
    )
    return { confirmed, adopt: () => this.#adopt(classes) }
  }

  #adopt(classes: readonly Int32Array[]): void {
    this.useRepresentatives(
      classes.map(of => {
        const first = new Map<number, number>()
        return of.map((c, local) => {
          const known = first.get(c)
          if (known === undefined) first.set(c, local)
          return known ?? local
        })
      }),
    )
  }

  /** From now on these states stand for their classes: one for each state of each node. */
  useRepresentatives(representatives: readonly Int32Array[]): void {
    const args = representatives.flatMap(of => [of.length, ...of])
    this.#tables.journal.record(requests.adopt, args, () => {
      this.representatives = [...representatives]
      this.merged = representatives.reduce((sum, of) => sum + of.reduce((n, representative, local) => n + (representative === local ? 0 : 1), 0), 0)
      this.#dead.useRepresentatives((node, local) => this.of(node, local))
    })
  }

  /** The classes, once every member has been asked for its reaction to whatever any member may meet. */
  #closedClasses(): Int32Array[] {
    for (let round = 0; round < CLOSURE_ROUNDS_MAX; round++) {
      const classes = this.#tables.system.nodes.map(({ index }) => this.#refine(index))
      if (!this.#askMembers(classes)) return classes
    }
    return this.#tables.locals.map(locals => Int32Array.from({ length: locals.size }, (_, local) => local))
  }

  /** Evaluates what members of a class lack; false if nothing was new. */
  #askMembers(classes: readonly Int32Array[]): boolean {
    const dead = this.#dead
    let grew = false
    classes.forEach((of, node) => {
      const members = new Map<number, number[]>()
      of.forEach((c, local) => {
        const list = members.get(c)
        if (list === undefined) members.set(c, [local])
        else list.push(local)
      })
      for (const list of members.values()) if (list.length > 1 && dead.share(node, list)) grew = true
    })
    return grew
  }

  /**
   * Which messages may reach a node in each state that no search has been at, but that a comparison gets to: where s ~ t, and the search went on
   * from s only, what t leads to must be known too. It is guessed that they carry what the state before them does.
   */
  #guesses(node: number): Map<number, Set<number>> {
    const tables = this.#tables
    const guesses = new Map<number, Set<number>>()
    const reached = this.#dead.reached(node)
    const pending = [...reached]
    for (let visits = 0; pending.length > 0 && visits < GUESSES_MAX; visits++) {
      const local = pending.pop() as number
      const packets = this.#packets(node, local, guesses)
      const lists = [tables.tryAct(node, local), ...packets.map(packet => tables.reaction(node, local, packet))]
      for (const list of lists) {
        if (list <= 0) continue
        for (const { to } of tables.outcomes.items(list)) {
          if (reached.has(to)) continue
          const known = guesses.get(to)
          const guess = known ?? new Set<number>()
          const before = guess.size
          for (const packet of packets) guess.add(packet)
          if (known !== undefined && guess.size === before) continue
          guesses.set(to, guess)
          pending.push(to)
        }
      }
    }
    return guesses
  }

  #packets(node: number, local: number, guesses: ReadonlyMap<number, ReadonlySet<number>>): number[] {
    return [...new Set([...this.#dead.carriedPackets(node, local), ...(guesses.get(local) ?? [])])].sort((a, b) => a - b)
  }

  /** The coarsest partition of the states of a node that the tables, as they stand, do not refute. */
  #refine(node: number): Int32Array {
    const tables = this.#tables
    const locals = tables.locals[node] as Locals
    if (locals.size > STATES_MAX) return Int32Array.from({ length: locals.size }, (_, local) => local)
    const guesses = this.#guesses(node)
    const moves: (readonly Move[] | undefined)[] = []
    // Asking what a crash leads to may add states.
    while (moves.length < locals.size) moves.push(this.#tables.knowsActions(node, moves.length) ? this.#moves(node, moves.length, guesses) : undefined)
    const count = moves.length
    const first = (local: number): string =>
      moves[local] === undefined ? `alone ${local}` : `${locals.crashed(local)} ${locals.bits.data[local]} ${locals.classes.data[local]}`
    let classes = number(Array.from({ length: count }, (_, local) => first(local)))
    for (let before = -1, size = classes.size; size !== before; ) {
      before = size
      const of = classes.of
      classes = number(
        Array.from({ length: count }, (_, local) =>
          moves[local] === undefined ? first(local) : `${of[local]} ${signature(moves[local] as readonly Move[], of, local)}`,
        ),
      )
      size = classes.size
    }
    return classes.of
  }

  #moves(node: number, local: number, guesses: ReadonlyMap<number, ReadonlySet<number>>): readonly Move[] {
    const { outcomes } = this.#tables
    const result: Move[] = []
    const add = (stimulus: string, list: number): void => {
      for (const { to, sends, emits, broken } of outcomes.items(list)) result.push({ stimulus, to, effect: `${sends},${emits},${broken}` })
    }
    add('act', this.#tables.act(node, local))
    for (const packet of this.#packets(node, local, guesses)) {
      const list = this.#tables.reaction(node, local, packet)
      if (list < 0) result.push({ stimulus: String(packet), to: local, effect: 'threw' })
      else add(String(packet), list)
    }
    for (const fault of this.#tables.system.faults) {
      if (!('role' in fault) || fault.role !== this.#tables.system.nodes[node]?.role || fault.atMost === 0) continue
      if (fault.type === 'crash-recovery') add('recover', this.#tables.recover(node, local))
      else result.push({ stimulus: 'stop', to: this.#tables.stop(node, local), effect: '' })
    }
    return result
  }
}

interface Move {
  readonly stimulus: string
  readonly to: number
  readonly effect: string
}

/** What a state does, up to classes; a delivery that changes nothing is none. */
const signature = (moves: readonly Move[], of: Int32Array, local: number): string => {
  const parts = new Set<string>()
  for (const { stimulus, to, effect } of moves) if (of[to] !== of[local] || effect !== '0,0,0') parts.add(`${stimulus}>${of[to]}:${effect}`)
  return [...parts].sort().join(' ')
}

const number = (keys: readonly string[]): { readonly of: Int32Array; readonly size: number } => {
  const numbers = new Map<string, number>()
  const of = Int32Array.from(keys, key => {
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, numbers.size)
    return numbers.size - 1
  })
  return { of, size: numbers.size }
}
