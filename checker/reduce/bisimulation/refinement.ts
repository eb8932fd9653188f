import { UNKNOWN_REACTION } from '../../tables/node-steps.ts'
import type { NumberedStates } from '../../tables/numbered-states.ts'
import type { Tables } from '../../tables/tables.ts'
import { lowestBit } from '../../values/bits.ts'
import { Ints } from '../../values/ints.ts'
import { type DeadMessages, has } from '../dead-messages.ts'
import { Signatures } from './signatures.ts'
import type { StateGraph } from './state-graph.ts'

/** What a state may be asked besides its reaction to a message (a bit, from 0): what its actions, a recovery, a stop lead to, and its image under swap 0, 1… */
const ACT = -1
const RECOVER = -2
const STOP = -3
const IMAGE = -4

/** Answers that are no lists. */
const UNKNOWN = -1
const THREW = -2

/** The group of those that answer as none does whose answer counts. */
const OTHER = -3

/** What a class agrees on where nobody's answer counts. None will later: as classes are parted, fewer messages do nothing. */
const NOBODY = -4

/** What a question costs, in comparisons: it runs a handler. */
const QUESTION = 100

/** A set of states of one node that are alike as far as is known: the vertices `#order[begin] … #order[end - 1]`. */
interface Class {
  readonly begin: number
  end: number
  /** What the members are to be asked: all, if there is no list, or those whose answers may have changed since classes were parted. */
  readonly pending: Map<number, number[] | undefined>
  /** What all members answered, or `NOBODY`: so they still do, but for those that are to be asked again. */
  readonly agreed: Map<number, number>
  /** What some members do not know their answer to, and how many. */
  readonly wanted: Map<number, number>
  isQueued: boolean
}

/**
 * One partition refinement over the states of nodes (Kanellakis & Smolka 1983): see bisimulation.ts for what it is for, and why that is sound.
 * Only answers that may have changed are compared again; a queue holds them. Of the parts of a class the largest keeps its number, and is not walked
 * through (Hopcroft 1971; Paige & Tarjan 1987).
 *
 * It begins with what the predicates see, and parts a class by an answer to a *stimulus*: its actions, its faults, or a message. Only messages that some member may
 * meet are asked about (`#counts`); but all members must answer them alike. What is not known yet is asked last, where all that is known
 * leaves states together, and at most `budget` times; states that were not asked for want of budget are parted from those that were.
 *
 * Where a state is led to that no search was at, that state is *beyond*: it is parted from all others for now, and takes part from
 * the next refinement on (`grew`).
 *
 * Of nodes that symmetry swaps only the first is looked at: handlers commute with the group, and what was learnt was learnt for all images, so the classes of
 * another node are the images of its. And two states of the first are parted where a member of the group that leaves this node where it is parts their images.
 *
 * One long class with many fields: the partition, its queue and what the answers were change together.
 */
export class Refinement {
  /** Whether states came up that no refinement has compared: another one may find more classes. */
  grew = false
  readonly #classes: Class[] = []
  readonly #tables: Tables
  readonly #dead: DeadMessages
  readonly #graph: StateGraph
  /** The class of each vertex. */
  readonly #class = new Ints()
  /** All vertices, class by class, and the place of each among them. */
  readonly #order = new Ints()
  readonly #place = new Ints()
  /** For each node the members of the group that fix it, by what generates them. */
  readonly #fixing: readonly (readonly number[])[]
  readonly #signatures = new Signatures()
  readonly #queue: number[] = []
  /** Classes that agree on all that is known, and want to know more. */
  readonly #hungry = new Set<number>()
  readonly #faults: readonly { readonly recovers: boolean; readonly spends: boolean; readonly stops: boolean }[]
  #budget: number
  #comparisons = 0
  /** The comparisons at which the world outside has its turn. */
  #pauseAt = 0
  /** How much of the queue is done. */
  #next = 0

  /**
   * It is done when `goOn` says so.
   * @param budget how many questions may be asked of handlers
   */
  constructor(tables: Tables, dead: DeadMessages, graph: StateGraph, budget: number) {
    this.#tables = tables
    this.#dead = dead
    this.#graph = graph
    this.#budget = budget
    this.#fixing = tables.system.nodes.map(({ index }) => tables.symmetry.fixing(index))
    this.#faults = tables.system.nodes.map(({ role }) => {
      const has = (type: string, isBounded = false): boolean =>
        tables.system.faults.some(
          fault => fault.type === type && 'role' in fault && fault.role === role && fault.atMost !== 0 && !(isBounded && fault.atMost === Infinity),
        )
      return { recovers: has('crash-recovery'), spends: has('crash-recovery', true), stops: has('crash-stop') }
    })
    dead.place()
    graph.sync()
    const classes = new Map<string, number[]>()
    for (let v = 0; v < graph.size; v++) {
      this.#class.push(-1)
      const key = this.#key(v)
      const members = classes.get(key)
      if (members === undefined) classes.set(key, [v])
      else members.push(v)
    }
    this.#place.reach(graph.size)
    for (const members of classes.values()) {
      const begin = this.#order.length
      for (const v of members) this.#place.data[v] = this.#order.push(v)
      this.#newClass(begin, this.#order.length, true)
    }
  }

  /** Goes on for about so many comparisons; whether it is done. */
  goOn(comparisons = Infinity): boolean {
    this.#pauseAt = this.#comparisons + comparisons
    while (this.#comparisons < this.#pauseAt) if (this.#step()) return true
    return false
  }

  /** How many members' answers were compared. */
  get comparisons(): number {
    return this.#comparisons
  }

  /** How much of the budget is left. */
  get budget(): number {
    return this.#budget
  }

  /** Are two states of a node in one class? */
  areAlike(node: number, a: number, b: number): boolean {
    const first = this.#tables.symmetry.firstAlike[node] as { readonly node: number; readonly swap: number }
    const find = (local: number): number => this.#graph.find(first.node, this.#tables.localImage(first.swap, node, local))
    const [v, w] = [find(a), find(b)]
    return v >= 0 && w >= 0 && this.#class.data[v] === this.#class.data[w]
  }

  /** For each state of each node, the first member of its class that a search was at; itself, if there is none. */
  representatives(): Int32Array[] {
    const { symmetry, locals } = this.#tables
    const images = symmetry.firstAlike.flatMap((first, node) => {
      const merged: { readonly node: number; readonly local: number; readonly by: number }[] = []
      for (const of of this.#classes) {
        const members = this.#members(of)
        if (members.length < 2 || this.#graph.node.data[members[0] as number] !== first.node) continue
        const by = members.reduce(
          (least: number, v) => ((this.#graph.reached.data[v] as number) === 1 && (least < 0 || this.#before(v, least)) ? v : least),
          -1,
        )
        if (by < 0) continue
        const image = (v: number): number => this.#tables.localImage(first.swap, first.node, this.#graph.local.data[v] as number)
        for (const v of members) if (v !== by) merged.push({ node, local: image(v), by: image(by) })
      }
      return merged
    })
    const result = locals.map(({ size }) => Int32Array.from({ length: size }, (_, local) => local))
    for (const { node, local, by } of images) (result[node] as Int32Array)[local] = by
    return result
  }

  #before(v: number, w: number): boolean {
    return (this.#graph.local.data[v] as number) < (this.#graph.local.data[w] as number)
  }

  /** What the predicates see. */
  #key(v: number): string {
    const node = this.#graph.node.data[v] as number
    const local = this.#graph.local.data[v] as number
    const locals = this.#tables.locals[node] as NumberedStates
    return `${node} ${locals.crashed(local)} ${locals.bits.data[local]} ${locals.classes.data[local]}`
  }

  #members({ begin, end }: Class): Int32Array {
    return this.#order.data.subarray(begin, end)
  }

  /** @param asks whether the members are to be asked all that they may be asked */
  #newClass(begin: number, end: number, asks: boolean): void {
    const of: Class = { begin, end, pending: new Map(), agreed: new Map(), wanted: new Map(), isQueued: false }
    const c = this.#classes.push(of) - 1
    const members = this.#members(of)
    for (const v of members) this.#class.data[v] = c
    if (!asks) return
    for (const stimulus of this.#stimuli(members)) of.pending.set(stimulus, undefined)
    this.#enqueue(c)
  }

  /** What some member is to be asked: nothing, where there is nothing to be compared. */
  #stimuli(members: Int32Array): number[] {
    const reached = members.filter(v => this.#graph.reached.data[v] === 1)
    if (members.length < 2 || reached.length === 0) return []
    const node = this.#graph.node.data[members[0] as number] as number
    const faults = this.#faults[node]
    const stimuli = [ACT]
    if (faults?.recovers) stimuli.push(RECOVER)
    if (faults?.stops) stimuli.push(STOP)
    this.#fixing[node]?.forEach((_, i) => {
      stimuli.push(IMAGE - i)
    })
    const { words, carried } = this.#dead
    const rows = carried[node] as Int32Array
    for (let w = 0; w < words; w++) {
      let word = 0
      for (const v of reached) word |= rows[(this.#graph.local.data[v] as number) * words + w] ?? 0
      for (; word !== 0; word &= word - 1) {
        const bit = w * 32 + lowestBit(word)
        if (this.#tables.bits.copy.data[bit] === 0) stimuli.push(bit)
      }
    }
    return stimuli
  }

  #enqueue(c: number): void {
    const of = this.#classes[c] as Class
    this.#hungry.delete(c)
    if (of.isQueued) return
    of.isQueued = true
    this.#queue.push(c)
  }

  /** Parts the next class, or asks for what it does not know; true if there is nothing left to do. */
  #step(): boolean {
    if (this.#comparisons > this.#tables.tuning.comparisonsMax) {
      this.#classes.splice(0)
      this.#class.data.forEach((_, v, data) => {
        data[v] = v
      })
      return true
    }
    if (this.#next < this.#queue.length) {
      const c = this.#queue[this.#next++] as number
      ;(this.#classes[c] as Class).isQueued = false
      this.#comparisons++
      this.#process(c)
      if (this.#next > 10_000) {
        this.#queue.splice(0, this.#next)
        this.#next = 0
      }
      return false
    }
    const hungry = this.#hungry.values().next()
    if (hungry.done) return true
    this.#feed(hungry.value)
    return false
  }

  /** Asks the members of a class for what they do not know, until that parts them, or it is time for a pause. */
  #feed(c: number): void {
    const of = this.#classes[c] as Class
    for (const [stimulus] of [...of.wanted].sort(([, a], [, b]) => a - b)) {
      for (const v of this.#members(of))
        if (this.#budget > 0 && this.#list(v, stimulus) === UNKNOWN) {
          if (this.#comparisons >= this.#pauseAt) return
          this.#budget--
          this.#comparisons += QUESTION
          this.#ask(v, stimulus)
        }
      of.wanted.delete(stimulus)
      if (this.#part(c, stimulus, undefined) < 0) break
    }
    this.#hungry.delete(c)
  }

  /** Parts a class by the first stimulus that its members answer differently; if there is none, notes what is still to be asked. */
  #process(c: number): void {
    const { pending, wanted } = this.#classes[c] as Class
    for (const [stimulus, changed] of pending) {
      pending.delete(stimulus)
      const missing = this.#part(c, stimulus, changed)
      if (missing < 0) return
      if (missing > 0) wanted.set(stimulus, missing)
      else wanted.delete(stimulus)
    }
    if (wanted.size > 0) this.#hungry.add(c)
  }

  /**
   * Parts a class by its answers to a stimulus: -1 if it did, else how many do not know theirs; 0 too if no answer counts.
   * @param changed the members whose answers may have changed since all agreed, if that is known
   */
  #part(c: number, stimulus: number, changed: readonly number[] | undefined): number {
    const { begin, end, agreed } = this.#classes[c] as Class
    if (end - begin < 2) return 0
    const answer = agreed.get(stimulus)
    if (answer === NOBODY) return 0
    return (changed !== undefined && answer !== undefined ? this.#partChanged(c, stimulus, changed, answer) : undefined) ?? this.#partAll(c, stimulus)
  }

  /** The same where all members but those that changed have one answer; undefined if it takes a look at all. */
  #partChanged(c: number, stimulus: number, changed: readonly number[], agreed: number): number | undefined {
    const of = this.#classes[c] as Class
    this.#comparisons += changed.length
    const groups = new Map<number, Set<number>>()
    const differing = new Set<number>()
    for (const v of changed) {
      if (this.#class.data[v] !== c || differing.has(v)) continue
      const answer = this.#answer(v, stimulus)
      if (answer === UNKNOWN) return undefined
      if (answer === agreed) continue
      differing.add(v)
      groups.set(answer, (groups.get(answer) ?? new Set()).add(v))
    }
    if (differing.size === 0) return 0
    if (2 * differing.size >= of.end - of.begin) return undefined
    const counts = this.#members(of).some(v => {
      this.#comparisons++
      return !differing.has(v) && this.#counts(v, stimulus)
    })
    if (!counts) return undefined
    const moved: number[][] = []
    const others: number[] = []
    for (const group of groups.values())
      if ([...group].some(v => this.#counts(v, stimulus))) moved.push([...group])
      else others.push(...group)
    this.#split(c, others.length > 0 ? [...moved, others] : moved)
    return -1
  }

  #partAll(c: number, stimulus: number): number {
    const of = this.#classes[c] as Class
    const members = this.#members(of).slice()
    this.#comparisons += members.length
    of.agreed.delete(stimulus)
    if (!members.some(v => this.#counts(v, stimulus))) {
      of.agreed.set(stimulus, NOBODY)
      return 0
    }
    const answers = members.map(v => this.#answer(v, stimulus))
    const first = answers[0] as number
    if (answers.every(answer => answer === first) && first !== UNKNOWN) {
      of.agreed.set(stimulus, first)
      return 0
    }
    const missing = answers.reduce((n: number, answer) => (answer === UNKNOWN ? n + 1 : n), 0)
    if (missing > 0 && this.#budget > 0) return missing
    const groups = new Map<number, number[]>()
    members.forEach((v, i) => {
      if (answers[i] !== UNKNOWN && this.#counts(v, stimulus)) groups.set(answers[i] as number, [])
    })
    members.forEach((v, i) => {
      const group = groups.get(answers[i] as number) ?? groups.get(OTHER)
      if (group === undefined) groups.set(OTHER, [v])
      else group.push(v)
    })
    if (groups.size < 2) return 0
    const [answer, largest] = [...groups].reduce((a, b) => (b[1].length > a[1].length ? b : a))
    // Those that answer as none does whose answer counts need not agree.
    if (answer === OTHER) of.pending.set(stimulus, undefined)
    else of.agreed.set(stimulus, answer)
    this.#split(
      c,
      [...groups.values()].filter(group => group !== largest),
    )
    return -1
  }

  /**
   * These parts of a class, all but the largest, leave it. They are asked anew whatever may be asked, since what led to the class itself now leads out of theirs.
   * What leads to one of them is asked again.
   */
  #split(c: number, moved: readonly (readonly number[])[]): void {
    const of = this.#classes[c] as Class
    this.#enqueue(c)
    for (const group of moved) {
      const { end } = of
      for (const v of group) this.#swap(this.#place.data[v] as number, --of.end)
      this.#newClass(of.end, end, true)
    }
    for (const group of moved)
      for (const there of group)
        this.#graph.eachReader(there, (v, read) => {
          const reader = this.#class.data[v] as number
          const { begin, end, pending } = this.#classes[reader] as Class
          if (end - begin < 2) return
          if (!pending.has(read)) pending.set(read, [v])
          else pending.get(read)?.push(v)
          this.#enqueue(reader)
        })
  }

  /** Two vertices change places. */
  #swap(at: number, other: number): void {
    const { data } = this.#order
    const [v, w] = [data[at] as number, data[other] as number]
    data[at] = w
    data[other] = v
    this.#place.data[v] = other
    this.#place.data[w] = at
  }

  /**
   * Does it matter how a state answers? If a search was at it; and for a message, if it was delivered there, or may have been dropped
   * because it does nothing. (A message that may be in flight there, that does something, and that was never delivered, never was in flight.)
   */
  #counts(v: number, stimulus: number): boolean {
    if (this.#graph.reached.data[v] === 0) return false
    if (stimulus < 0) return true
    const node = this.#graph.node.data[v] as number
    const local = this.#graph.local.data[v] as number
    const { words, carried, delivered } = this.#dead
    if (!has(carried[node] as Int32Array, local, stimulus, words)) return false
    return has(delivered[node] as Int32Array, local, stimulus, words) || this.#isIdle(v, stimulus)
  }

  /** Does a message leave the class of a state as it is, and do nothing else? */
  #isIdle(v: number, stimulus: number): boolean {
    const list = this.#list(v, stimulus)
    if (list < 0) return false
    const { start, to, sends, emits, broken } = this.#tables.outcomes
    const node = this.#graph.node.data[v] as number
    const end = start.data[list + 1] as number
    // A state that is no vertex yet is parted from all others.
    for (let o = start.data[list] as number; o < end; o++)
      if (sends.data[o] !== 0 || emits.data[o] !== 0 || broken.data[o] !== 0 || this.#graph.find(node, to.data[o] as number) < 0) return false
    this.#noteList(v, stimulus, list)
    for (let o = start.data[list] as number; o < end; o++) if (this.#classOf(node, to.data[o] as number) !== this.#class.data[v]) return false
    return true
  }

  /** The outcome list of a stimulus, `UNKNOWN` or `THREW`. */
  #list(v: number, stimulus: number): number {
    const node = this.#graph.node.data[v] as number
    const local = this.#graph.local.data[v] as number
    if (stimulus >= 0) {
      const list = this.#tables.knownReaction(node, local, this.#tables.bits.packet.data[stimulus] as number)
      return list === UNKNOWN_REACTION ? UNKNOWN : list < 0 ? THREW : list
    }
    const cell = (stimulus === ACT ? this.#graph.acts : this.#graph.recoveries).data[v] as number
    if (cell !== 0) return cell === 1 ? THREW : cell - 2
    if (stimulus === ACT) return this.#tables.knowsActions(node, local) ? this.#tables.act(node, local) : UNKNOWN
    const recovery = this.#tables.knownRecovery(node, local)
    return recovery < 0 ? UNKNOWN : recovery
  }

  #ask(v: number, stimulus: number): void {
    const node = this.#graph.node.data[v] as number
    const local = this.#graph.local.data[v] as number
    if (stimulus >= 0) this.#tables.reaction(node, local, this.#tables.bits.packet.data[stimulus] as number)
    else if (stimulus === ACT) this.#graph.acts.data[v] = this.#tables.foresee(node, local) + 2
    else this.#graph.recoveries.data[v] = this.#tables.tryRecover(node, local) + 2
  }

  /** What a state answers, up to classes: a number; or `UNKNOWN`. */
  #answer(v: number, stimulus: number): number {
    const node = this.#graph.node.data[v] as number
    const local = this.#graph.local.data[v] as number
    if (stimulus === STOP || stimulus <= IMAGE) {
      const to = stimulus === STOP ? this.#tables.tryStop(node, local) : this.#tables.localImage(this.#fixing[node]?.[IMAGE - stimulus] as number, node, local)
      if (to < 0) return this.#signatures.alone(v)
      if (this.#graph.isFirst(v, stimulus)) this.#note(to, v, stimulus)
      return this.#classOf(node, to)
    }
    const list = this.#list(v, stimulus)
    if (list === UNKNOWN) return UNKNOWN
    // Where an action throws, a state is like no other; where a message does, all that throw are alike: the search throws if it gets there.
    if (list === THREW) return stimulus < 0 ? this.#signatures.alone(v) : this.#signatures.alone(-1)
    this.#noteList(v, stimulus, list)
    const { start, to, sends, emits, broken } = this.#tables.outcomes
    const own = this.#class.data[v] as number
    const signatures = this.#signatures
    const end = start.data[list + 1] as number
    // A recovery that leaves its class as it is spends its budget, which may be missing later.
    const spends = stimulus === RECOVER && this.#faults[node]?.spends === true
    signatures.begin()
    for (let o = start.data[list] as number; o < end; o++) {
      const there = this.#classOf(node, to.data[o] as number)
      const [sent, emitted, bad] = [sends.data[o] as number, emits.data[o] as number, broken.data[o] as number]
      if (there !== own || sent !== 0 || emitted !== 0 || bad !== 0 || spends) signatures.add(there, sent, emitted, bad)
    }
    return signatures.end()
  }

  /** The class of a state that something leads to: one that was noted. */
  #classOf(node: number, local: number): number {
    return this.#class.data[this.#graph.find(node, local)] as number
  }

  #noteList(v: number, stimulus: number, list: number): void {
    if (!this.#graph.isFirst(v, stimulus)) return
    const { start, to } = this.#tables.outcomes
    const end = start.data[list + 1] as number
    for (let o = start.data[list] as number; o < end; o++) this.#note(to.data[o] as number, v, stimulus)
  }

  /** Notes where an answer leads. What comes up by that lies beyond, and is alone in its class. */
  #note(local: number, v: number, stimulus: number): void {
    this.#graph.note(local, v, stimulus)
    for (let made = this.#class.length; made < this.#graph.size; made++) {
      this.grew = true
      this.#class.push(-1)
      this.#place.push(this.#order.push(made))
      this.#newClass(made, made + 1, false)
    }
  }
}
