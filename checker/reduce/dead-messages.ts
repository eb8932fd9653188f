import { requests } from '../tables/journal.ts'
import { UNKNOWN_REACTION } from '../tables/node-steps.ts'
import type { NumberedStates } from '../tables/numbered-states.ts'
import type { StepDeadMessages } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import { hasBit, lowestBit } from '../values/bits.ts'
import { bitCount, shared, zerosLike } from '../values/ints.ts'

/** A message, as a bit, that may be in flight while a node is in this state. */
type Pair = readonly [node: number, local: number, bit: number]

/** The same, as a step leads there from a state in which the message is dead so far; -1 if not. */
type Demand = readonly [node: number, local: number, bit: number, from: number]

/**
 * Dead messages: a message that changes nothing at its receiver, in the receiver's state now and in every later one, is dropped.
 *
 * Where it is sound. Under `fair-loss` a delivery leaves the message in flight, so one that changes nothing is no step at all: a state
 * and the same state without its dead messages are bisimilar, step for step. Under `reliable` a delivery consumes the message. So
 * delivering a dead one is a step, after which only the dead message is gone. What is dropped are steps that nobody needs:
 * verdicts of safety and shortest lengths are kept. Under `fifo` a dead message still keeps those behind it waiting, so it cannot be
 * dropped: the reduction does not apply. Nor with a bound on the messages in flight, in which dead ones count. Nor where deadlocks are asked for: sending a message that is dead on arrival changes the state, and so is
 * something to do, but nothing in the state without it (check/sound-for.ts sees to both).
 *
 * How it is known. What may happen to a node later is learnt, then confirmed. For each node and each of its states s that was reached:
 * - `next(s)`: the states that steps taken so far led to;
 * - `carried(s)`: messages to the node that may be in flight while it is in s, dropped or not: those that were met in flight or sent, and
 *   those that are dead in a state before it along `next`;
 * - `alive(s)`: the carried messages that change something in s, or in a state that `next` leads to. The others are dead in s.
 * At each (s, dead message) the handler has been evaluated, and the message is carried and dead in each state of `next(s)`. A message that is alive
 * in s is not looked for in `next(s)`: it stays in flight, so the search meets it there if it gets there. (A server with 7 clients in a
 * queue has 95,901 states. To ask for all 14 messages in each were 1.3 million evaluations; a search meets 191,807.)
 * A search uses these sets as they stand, which is a guess: a later step may show that a message was dropped too soon (`refutations`).
 * Then the search is run again with all that was learnt. A round without a refutation is a proof. For take an execution of the
 * protocol, and follow it in the reduced search, step by step, with the same node states and with all messages but those dropped. A
 * step of a node is an action, the delivery of a message that is there, or that of one that was dropped. In the first two cases the
 * search took it too, so its edge is in `next`. In the last the message was dropped in some earlier state s0 of its receiver, so it is
 * dead in s0, hence carried and dead along every edge to the receiver's state now, and evaluated there: the step
 * changes nothing. So the search meets every node state that the execution does.
 *
 * With symmetry a learnt fact is learnt for all its images, since the search goes on from the image of a state.
 * With bisimulation, what is carried in a state is carried in the one that stands for it, too. For a message may be dropped before an image of the system's state is chosen;
 * the search then goes on with the member that stands for the image.
 * A handler may throw for a message that is carried but was never delivered in that state. That is no error: the message counts as alive there,
 * so if it can be delivered at all, the search will deliver it and fail then.
 */
export class DeadMessages implements StepDeadMessages {
  readonly #tables: Tables
  /** Words in a row of bits. */
  words = 1
  /** `carried[node][local * words + w]`, and so for the others. */
  readonly carried: Int32Array[]
  readonly alive: Int32Array[]
  /** The messages that some search has delivered in this state. */
  readonly delivered: Int32Array[]
  /** The bits of the messages to each node. */
  readonly inbox: Int32Array[]
  /** How often a message turned out to be alive where it may have been dropped before, */
  refutations = 0
  /** and in which states of which nodes, since `forgive`. */
  readonly #refuted: Set<number>[]
  /** The steps that were learnt since `settle`, where it is asked what depends on the order; else none. */
  #young: Set<string> | undefined
  #dependsOnOrder = false
  /** The steps that were taken: the states they led to, and (in `#next`) those that stood for them too. */
  readonly #steps: Map<number, Set<number>>[]
  readonly #next: Map<number, Set<number>>[]
  readonly #previous: Map<number, Set<number>>[]
  #bitsPlaced = 0
  /** With bisimulation: the state that stands for a state; see reduce/bisimulation/bisimulation.ts. */
  #representative: (node: number, local: number) => number = (_, local) => local

  constructor(tables: Tables) {
    this.#tables = tables
    const nodes = tables.system.nodes
    this.carried = nodes.map(() => new Int32Array(16))
    this.alive = nodes.map(() => new Int32Array(16))
    this.delivered = nodes.map(() => new Int32Array(16))
    this.inbox = nodes.map(() => new Int32Array(1))
    this.#refuted = nodes.map(() => new Set())
    this.#steps = nodes.map(() => new Map())
    this.#next = nodes.map(() => new Map())
    this.#previous = nodes.map(() => new Map())
  }

  /** A delivery is taken for the first time: notes where it leads. */
  deliver(node: number, local: number, packet: number): void {
    this.#tables.journal.record(requests.deadDeliver, [node, local, packet], () => {
      const list = this.#tables.deliver(node, local, packet)
      this.#tables.markTaken(node, local, packet)
      this.#noteDelivery(node, local, packet)
      this.edges(node, local, list)
    })
  }

  #noteDelivery(node: number, local: number, packet: number): void {
    const tables = this.#tables
    const pending: (readonly [number, number, number])[] = [[node, local, packet]]
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
      const [i, s, p] = item
      const bit = tables.bits.firstOf(p)
      this.place()
      if (has(this.delivered[i] as Int32Array, s, bit, this.words)) continue
      set(this.delivered[i] as Int32Array, s, bit, this.words)
      for (const g of tables.symmetry.generators) pending.push([this.#image(g, i), tables.localImage(g, i, s), tables.packetImage(g, p)])
    }
  }

  /** The outcomes of a list lead a node on. */
  edges(node: number, local: number, list: number): void {
    this.#tables.journal.record(requests.deadEdges, [node, local, list], () => {
      for (const { to } of this.#tables.outcomes.items(list)) this.#step(node, local, to)
    })
  }

  /** Before another round: what was learnt stays, and is counted as refuting nothing. */
  forgive(): void {
    this.#tables.journal.record(requests.deadForgive, [], () => {
      this.refutations = 0
      for (const refuted of this.#refuted) refuted.clear()
    })
  }

  /**
   * For each node, the states of it from which steps may have dropped what turned out to be alive since `forgive`: the states in which it is alive (another
   * node may have sent it to them), and those that steps lead from to them.
   */
  get touched(): readonly ReadonlySet<number>[] {
    return this.#refuted.map((refuted, node) => new Set([...refuted].flatMap(local => [local, ...(this.#previous[node]?.get(local) ?? [])])))
  }

  /** The search takes a step, or will take an image of it: the tables have the images of all actions, so nobody will ask again. */
  #step(node: number, from: number, to: number): void {
    const pending: [node: number, from: number, to: number][] = [[node, from, to]]
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
      const [i, s, t] = item
      const targets = reach(this.#steps[i] as Map<number, Set<number>>, s)
      if (targets.has(t)) continue
      targets.add(t)
      this.#learnEdge(i, s, t)
      this.#learnEdge(i, s, this.#representative(i, t))
      for (const g of this.#tables.symmetry.generators) pending.push([this.#image(g, i), this.#tables.localImage(g, i, s), this.#tables.localImage(g, i, t)])
    }
  }

  /** From now on the search goes on from representatives: where steps lead, and what is alive, is judged anew, up to their classes. */
  useRepresentatives(representative: (node: number, local: number) => number): void {
    this.#representative = representative
    for (const alive of this.alive) alive.fill(0)
    for (const sets of [...this.#next, ...this.#previous]) sets.clear()
    this.#steps.forEach((steps, node) => {
      for (const [from, targets] of [...steps])
        for (const to of [...targets]) {
          this.#addEdge(node, from, to)
          this.#addEdge(node, from, representative(node, to))
        }
    })
    const carried = this.#carriedPairs()
    // What is known to matter comes first: what leads there need not be asked about.
    for (const [node, local, bit] of carried)
      if (this.#tables.knownReaction(node, local, this.#packetOf(bit)) !== UNKNOWN_REACTION && this.#matters(node, local, bit)) this.#enliven(node, local, bit)
    this.#learnCarried(carried.map(([node, local, bit]) => [node, representative(node, local), bit]))
    for (const [node, local, bit] of carried)
      this.#learnCarried(
        this.#judge(node, local, bit).map(to => [node, to, bit]),
        local,
      )
    this.refutations = 0
    for (const refuted of this.#refuted) refuted.clear()
  }

  /**
   * From now on it is noted whether what is learnt depends on the order of requests between two calls: whether a message counts as alive only by a step that was learnt since.
   * Asked for before that step, it might have been dropped first, and refuted then. What is dead stays dead with fewer steps, and what changes something at once does so in any order.
   */
  settle(): void {
    this.#young = new Set()
  }

  /** Might other messages have been dropped, or any be found to be alive too late, had the requests since `settle` come in another order? */
  get dependsOnOrder(): boolean {
    return this.#dependsOnOrder || this.refutations > 0
  }

  #carriedPairs(): Pair[] {
    return this.carried.flatMap((rows, node) =>
      Array.from({ length: (this.#tables.locals[node] as NumberedStates).size }, (_, local) =>
        bitsIn(rows, local, this.words).map((bit): Pair => [node, local, bit]),
      ).flat(),
    )
  }

  /** The states of a node that steps of some search have led to. */
  reached(node: number): ReadonlySet<number> {
    return new Set([...(this.#tables.initialLocals[node] as Int32Array), ...(this.#previous[node]?.keys() ?? [])])
  }

  #packetOf(bit: number): number {
    return this.#tables.bits.packet.data[bit] as number
  }

  /** Does a delivery change more than which member of its class the node is in? */
  #matters(node: number, local: number, bit: number): boolean {
    return this.#tables.matters(node, local, this.#packetOf(bit), to => this.#representative(node, to) === this.#representative(node, local))
  }

  knows(node: number, from: number, to: number): boolean {
    return from === to || this.#next[node]?.get(from)?.has(to) === true
  }

  /** A step leads a node from one state to another. */
  edge(node: number, from: number, to: number): void {
    this.#tables.journal.record(requests.deadEdge, [node, from, to], () => this.#step(node, from, to))
  }

  #learnEdge(node: number, from: number, to: number): void {
    for (const [i, s, t] of this.#addEdge(node, from, to)) {
      this.place()
      const dead = bitsIn(this.carried[i] as Int32Array, s, this.words, this.alive[i] as Int32Array)
      const missing = dead.filter(bit => !has(this.carried[i] as Int32Array, t, bit, this.words))
      for (const bit of dead) if (has(this.alive[i] as Int32Array, t, bit, this.words)) this.#enliven(i, s, bit)
      if (missing.length > 0)
        this.#learnCarried(
          missing.map(bit => [i, t, bit]),
          s,
        )
    }
  }

  /** Notes an edge and its images; those that are new. */
  #addEdge(node: number, from: number, to: number): readonly (readonly [node: number, from: number, to: number])[] {
    const added: [node: number, from: number, to: number][] = []
    const pending: [node: number, from: number, to: number][] = [[node, from, to]]
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
      const [i, s, t] = item
      if (this.knows(i, s, t)) continue
      reach(this.#next[i] as Map<number, Set<number>>, s).add(t)
      reach(this.#previous[i] as Map<number, Set<number>>, t).add(s)
      this.#young?.add(`${i},${s},${t}`)
      added.push(item)
      for (const g of this.#tables.symmetry.generators) pending.push([this.#image(g, i), this.#tables.localImage(g, i, s), this.#tables.localImage(g, i, t)])
    }
    return added
  }

  /** These messages may be in flight while their receivers are in these states. */
  carry(items: readonly Pair[]): void {
    this.#tables.journal.record(requests.deadCarry, items.flat(), () => this.#learnCarried(items))
  }

  /** @param before the state in which they are dead so far, and that a step leads from to these; -1 if they were met */
  #learnCarried(items: readonly Pair[], before = -1): void {
    const tables = this.#tables
    const pending = items.map(([node, local, bit]): Demand => [node, local, bit, before])
    const fresh = new Set<string>()
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
      const [i, s, bit, from] = item
      this.place()
      const carried = this.carried[i] as Int32Array
      if (has(carried, s, bit, this.words)) continue
      // Meanwhile it turned out to be alive there, so it is not dropped, and the search will meet it here if it gets here.
      if (from >= 0 && has(this.alive[i] as Int32Array, from, bit, this.words)) continue
      set(carried, s, bit, this.words)
      fresh.add(`${i},${s},${bit}`)
      for (const g of tables.symmetry.generators) pending.push([this.#image(g, i), tables.localImage(g, i, s), tables.bitImage(g, bit), -1])
      pending.push([i, this.#representative(i, s), bit, -1])
      for (const t of this.#judge(i, s, bit, fresh)) pending.push([i, t, bit, s])
    }
  }

  /**
   * Is a carried message alive in this state, as far as is known? If not, these are the states that steps lead to from here in which it is not known yet
   * whether it is carried.
   */
  #judge(i: number, s: number, bit: number, fresh?: ReadonlySet<string>): readonly number[] {
    if (has(this.alive[i] as Int32Array, s, bit, this.words)) return []
    const matters = this.#matters(i, s, bit)
    this.place()
    const next = [...(this.#next[i]?.get(s) ?? [])]
    const toAlive = matters ? [] : next.filter(t => has(this.alive[i] as Int32Array, t, bit, this.words))
    if (matters || toAlive.length > 0) {
      if (!matters && toAlive.every(t => this.#young?.has(`${i},${s},${t}`))) this.#dependsOnOrder = true
      this.#enliven(i, s, bit, fresh)
      return []
    }
    return next.filter(t => !has(this.carried[i] as Int32Array, t, bit, this.words))
  }

  /** The message is alive in this state, so in all from which it leads here and in which it is carried. Where it was carried before, it may have been dropped: a refutation. */
  #enliven(node: number, local: number, bit: number, fresh?: ReadonlySet<string>): void {
    const alive = this.alive[node] as Int32Array
    const carried = this.carried[node] as Int32Array
    const pending = [local]
    for (let s = pending.pop(); s !== undefined; s = pending.pop()) {
      if (has(alive, s, bit, this.words) || !has(carried, s, bit, this.words)) continue
      set(alive, s, bit, this.words)
      if (!fresh?.has(`${node},${s},${bit}`)) {
        this.refutations++
        this.#refuted[node]?.add(s)
      }
      for (const p of this.#previous[node]?.get(s) ?? []) {
        if (this.#young?.has(`${node},${p},${s}`) && has(carried, p, bit, this.words) && !has(alive, p, bit, this.words)) this.#dependsOnOrder = true
        pending.push(p)
      }
    }
  }

  /** Makes room for all states and bits that the tables have. */
  place(): void {
    const { bits, packets, locals } = this.#tables
    if (bits.size > this.words * 32) {
      const words = Math.max(this.words * 2, Math.ceil(bits.size / 32))
      for (const rows of [this.carried, this.alive, this.delivered, this.inbox])
        rows.splice(0, rows.length, ...rows.map(row => widened(row, this.words, words)))
      this.words = words
    }
    for (; this.#bitsPlaced < bits.size; this.#bitsPlaced++)
      set(this.inbox[packets.to.data[bits.packet.data[this.#bitsPlaced] as number] as number] as Int32Array, 0, this.#bitsPlaced, this.words)
    for (const rows of [this.carried, this.alive, this.delivered])
      rows.forEach((row, i) => {
        const needed = (locals[i] as NumberedStates).size * this.words
        if (needed <= row.length) return
        const larger = zerosLike(row, needed * 2)
        larger.set(row)
        rows[i] = larger
      })
  }

  /** The rows, in memory that threads share: they may be read there while this thread does not write. */
  shareRows(): Pick<StepDeadMessages, 'words' | 'carried' | 'alive' | 'inbox'> {
    const { words, carried, alive, inbox } = this
    for (const rows of [carried, alive, inbox]) rows.splice(0, rows.length, ...rows.map(shared))
    return { words, carried, alive, inbox }
  }

  /** How much was learnt, for the report: states of nodes reached, and (state, message) pairs carried and alive in them. */
  get size(): { readonly carried: number; readonly alive: number } {
    const count = (rows: readonly Int32Array[]): number => rows.reduce((sum, row) => sum + row.reduce((n, word) => n + bitCount(word), 0), 0)
    return { carried: count(this.carried), alive: count(this.alive) }
  }

  #image(g: number, node: number): number {
    return this.#tables.symmetry.nodeImage[g]?.[node] as number
  }
}

const reach = (sets: Map<number, Set<number>>, key: number): Set<number> => {
  const known = sets.get(key)
  if (known !== undefined) return known
  const made = new Set<number>()
  sets.set(key, made)
  return made
}

export const has = (rows: Int32Array, row: number, bit: number, words: number): boolean => hasBit(rows, row * words, bit)

const set = (rows: Int32Array, row: number, bit: number, words: number): void => {
  const index = row * words + (bit >>> 5)
  rows[index] = (rows[index] as number) | (1 << (bit & 31))
}

/** The bits in a row; but not those in the same row of others, if there are any. */
const bitsIn = (rows: Int32Array, row: number, words: number, without?: Int32Array): number[] => {
  const result: number[] = []
  for (let w = 0; w < words; w++)
    for (let bits = (rows[row * words + w] as number) & ~(without?.[row * words + w] ?? 0); bits !== 0; bits &= bits - 1) result.push(w * 32 + lowestBit(bits))
  return result
}

const widened = (rows: Int32Array, words: number, wide: number): Int32Array => {
  const count = rows.length / words
  const result = zerosLike(rows, count * wide)
  for (let row = 0; row < count; row++) for (let w = 0; w < words; w++) result[row * wide + w] = rows[row * words + w] as number
  return result
}
