import { combine } from '../compile/hash.ts'
import { Ints, PairMap } from '../compile/ints.ts'
import type { Locals } from '../compile/locals.ts'
import { type Tables, UNKNOWN_REACTION } from '../compile/tables.ts'
import { type DeadMessages, has } from './dead-messages.ts'

/** Reactions compared in one refinement, at most: then every state stands for itself. Some seconds. */
const COMPARISONS_MAX = 30_000_000

/** What a state may be asked besides its reaction to a message (a bit, from 0): what its actions, a recovery, a stop lead to, and its image under generator 0, 1… */
const ACT = -1
const RECOVER = -2
const STOP = -3
const IMAGE = -4

/** Answers that are no lists. */
const UNKNOWN = -1
const THREW = -2

/** The group of those that answer as none does whose answer counts. */
const OTHER = -3

/**
 * One partition refinement (Kanellakis & Smolka 1983; from a queue of the classes whose answers may have changed, of which the largest part keeps
 * its number: Hopcroft 1971) over the states of all nodes: see bisimulation.ts for what it is for, and why that is sound.
 *
 * It begins with what the predicates see, and parts a class by an answer to a *stimulus*: its actions, its faults, or a message. Only messages that some member may
 * meet are asked about (`#counts`); but all members must answer them alike. What is not known yet is asked last, where all that is known
 * leaves states together, and at most `budget` times; states that were not asked for want of budget are parted from those that were.
 *
 * Where a state is led to that no search was at, that state is *beyond*: it is parted from all others for now, and takes part from
 * the next refinement on (`grew`).
 * Classes are symmetric: states are parted where their images are.
 */
export class Refinement {
  /** Whether states came up that no refinement has compared: another one may find more classes. */
  grew = false
  /** Members of each class, as vertices; a vertex is a state of a node. */
  readonly #members: number[][] = []
  readonly #tables: Tables
  readonly #dead: DeadMessages
  readonly #beyond: readonly Set<number>[]
  readonly #vertices: readonly Ints[]
  readonly #node = new Ints()
  readonly #local = new Ints()
  readonly #reached = new Ints()
  readonly #class = new Ints()
  /** The list of the actions of each vertex, plus 2; 0 while unknown, 1 if they threw. The same for recoveries. */
  readonly #acts = new Ints()
  readonly #recoveries = new Ints()
  /** The image of each vertex under each generator, plus 1; 0 while unknown. */
  readonly #images: readonly Ints[]
  /** The vertices whose answers lead to a vertex: linked lists. */
  readonly #firstReader = new Ints()
  readonly #nextReader = new Ints()
  readonly #reader = new Ints()
  readonly #read = new PairMap(1024)
  readonly #signatures = new Signatures()
  readonly #queue: number[] = []
  readonly #queued = new Ints()
  /** Classes that agree on all that is known, and what to ask them next. */
  readonly #hungry = new Map<number, readonly number[]>()
  readonly #faults: readonly { readonly recovers: boolean; readonly stops: boolean }[]
  #begun = false
  #budget: number
  #comparisons = 0

  /**
   * @param beyond states of each node that no search was at, but that comparisons got to; more are added
   * @param budget how many questions may be asked of handlers
   */
  constructor(tables: Tables, dead: DeadMessages, beyond: readonly Set<number>[], budget: number) {
    this.#tables = tables
    this.#dead = dead
    this.#beyond = beyond
    this.#budget = budget
    this.#vertices = tables.locals.map(() => new Ints())
    this.#images = tables.symmetry.generators.map(() => new Ints())
    this.#faults = tables.system.nodes.map(({ role }) => {
      const has = (type: string): boolean =>
        tables.system.faults.some(fault => fault.type === type && 'role' in fault && fault.role === role && fault.atMost !== 0)
      return { recovers: has('crash-recovery'), stops: has('crash-stop') }
    })
    dead.place()
    tables.locals.forEach((_, node) => {
      const reached = dead.reached(node)
      for (const local of reached) this.#vertex(node, local, 1)
      for (const local of beyond[node] ?? []) if (!reached.has(local)) this.#vertex(node, local, 0)
    })
    const classes = new Map<string, number>()
    for (let v = 0; v < this.#class.length; v++) this.#put(v, classes, this.#key(v))
    this.#begun = true
    this.#run()
  }

  /** How much of the budget is left. */
  get budget(): number {
    return this.#budget
  }

  /** Are two states of a node in one class? */
  areAlike(node: number, a: number, b: number): boolean {
    const [v, w] = [this.#find(node, a), this.#find(node, b)]
    return v >= 0 && w >= 0 && this.#class.data[v] === this.#class.data[w]
  }

  /** For each state of each node, the first member of its class that a search was at; itself, if there is none. */
  representatives(): Int32Array[] {
    const result = this.#tables.locals.map(({ size }) => Int32Array.from({ length: size }, (_, local) => local))
    for (const members of this.#members) {
      const first = members.reduce((least, v) => ((this.#reached.data[v] as number) === 1 && (least < 0 || this.#before(v, least)) ? v : least), -1)
      if (first < 0) continue
      for (const v of members) (result[this.#node.data[v] as number] as Int32Array)[this.#local.data[v] as number] = this.#local.data[first] as number
    }
    return result
  }

  #before(v: number, w: number): boolean {
    return (this.#local.data[v] as number) < (this.#local.data[w] as number)
  }

  #find(node: number, local: number): number {
    const of = this.#vertices[node] as Ints
    return local < of.length ? (of.data[local] as number) - 1 : -1
  }

  /** The vertex of a state of a node; a new one is beyond, if the refinement has begun. */
  #vertex(node: number, local: number, reached: number): number {
    const known = this.#find(node, local)
    if (known >= 0) return known
    const of = this.#vertices[node] as Ints
    of.reach(local + 1)
    const v = this.#node.push(node)
    of.data[local] = v + 1
    this.#local.push(local)
    this.#reached.push(reached)
    this.#class.push(-1)
    this.#acts.push(0)
    this.#recoveries.push(0)
    this.#firstReader.push(-1)
    if (this.#begun) {
      this.#beyond[node]?.add(local)
      this.grew = true
      this.#class.data[v] = this.#newClass([v])
    }
    return v
  }

  /** What the predicates see. */
  #key(v: number): string {
    const node = this.#node.data[v] as number
    const local = this.#local.data[v] as number
    const locals = this.#tables.locals[node] as Locals
    return `${node} ${locals.crashed(local)} ${locals.bits.data[local]} ${locals.classes.data[local]}`
  }

  #put(v: number, classes: Map<string, number>, key: string): void {
    const known = classes.get(key)
    if (known !== undefined) {
      this.#members[known]?.push(v)
      this.#class.data[v] = known
      return
    }
    const made = this.#newClass([v])
    this.#class.data[v] = made
    classes.set(key, made)
    this.#enqueue(made)
  }

  #newClass(members: number[]): number {
    this.#queued.push(0)
    return this.#members.push(members) - 1
  }

  #enqueue(c: number): void {
    this.#hungry.delete(c)
    if (this.#queued.data[c] === 1) return
    this.#queued.data[c] = 1
    this.#queue.push(c)
  }

  #run(): void {
    for (let next = 0; ; ) {
      if (this.#comparisons > COMPARISONS_MAX) {
        this.#members.splice(0)
        this.#class.data.forEach((_, v, data) => {
          data[v] = v
        })
        return
      }
      if (next < this.#queue.length) {
        const c = this.#queue[next++] as number
        this.#queued.data[c] = 0
        this.#process(c)
        if (next > 10_000) this.#queue.splice(0, next)
        if (next > 10_000) next = 0
        continue
      }
      const hungry = this.#hungry.entries().next()
      if (hungry.done) return
      this.#feed(...hungry.value)
    }
  }

  /** Asks the members of a class for what they do not know, until that parts them. */
  #feed(c: number, stimuli: readonly number[]): void {
    this.#hungry.delete(c)
    const members = this.#members[c] as number[]
    for (const stimulus of stimuli) {
      for (const v of members)
        if (this.#budget > 0 && this.#list(v, stimulus) === UNKNOWN) {
          this.#budget--
          this.#ask(v, stimulus)
        }
      if (this.#part(c, members, stimulus) < 0) return
    }
  }

  /** Parts a class by the first stimulus that its members answer differently; if there is none, notes what is still to be asked. */
  #process(c: number): void {
    const members = this.#members[c] as number[]
    if (members.length < 2 || !members.some(v => this.#reached.data[v] === 1)) return
    const node = this.#node.data[members[0] as number] as number
    const wanted: { readonly stimulus: number; readonly missing: number }[] = []
    /** True if the class was parted. */
    const tries = (stimulus: number): boolean => {
      const missing = this.#part(c, members, stimulus)
      if (missing < 0) return true
      if (missing > 0) wanted.push({ stimulus, missing })
      return false
    }
    const faults = this.#faults[node]
    if (tries(ACT) || (faults?.recovers && tries(RECOVER)) || (faults?.stops && tries(STOP))) return
    for (let g = 0; g < this.#tables.symmetry.generators.length; g++) if (tries(IMAGE - g)) return
    const { words, carried } = this.#dead
    const rows = carried[node] as Int32Array
    for (let w = 0; w < words; w++) {
      let word = 0
      for (const v of members) if (this.#reached.data[v] === 1) word |= rows[(this.#local.data[v] as number) * words + w] ?? 0
      for (; word !== 0; word &= word - 1) {
        const bit = w * 32 + 31 - Math.clz32(word & -word)
        if (this.#tables.bits.copy.data[bit] === 0 && tries(bit)) return
      }
    }
    wanted.sort((a, b) => a.missing - b.missing)
    if (wanted.length > 0)
      this.#hungry.set(
        c,
        wanted.map(({ stimulus }) => stimulus),
      )
  }

  /** Parts a class by its answers to a stimulus: -1 if it did, else how many do not know theirs; 0 too if no answer counts. */
  #part(c: number, members: readonly number[], stimulus: number): number {
    if (!members.some(v => this.#counts(v, stimulus))) return 0
    this.#comparisons += members.length
    const answers = members.map(v => this.#answer(v, stimulus))
    const first = answers[0] as number
    if (answers.every(answer => answer === first) && first !== UNKNOWN) return 0
    const missing = answers.reduce((n, answer) => (answer === UNKNOWN ? n + 1 : n), 0)
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
    this.#split(c, [...groups.values()])
    return -1
  }

  #split(c: number, groups: readonly number[][]): void {
    const largest = groups.reduce((a, b) => (b.length > a.length ? b : a))
    this.#members[c] = largest
    const moved = groups.filter(group => group !== largest)
    for (const group of moved) {
      const made = this.#newClass(group)
      for (const v of group) this.#class.data[v] = made
      this.#enqueue(made)
    }
    this.#enqueue(c)
    for (const group of moved)
      for (const v of group)
        for (let r = this.#firstReader.data[v] as number; r >= 0; r = this.#nextReader.data[r] as number)
          this.#enqueue(this.#class.data[this.#reader.data[r] as number] as number)
  }

  /**
   * Does it matter how a state answers? If a search was at it; and for a message, if it was delivered there, or may have been dropped
   * because it does nothing. (A message that may be in flight there, that does something, and that was never delivered, never was in flight.)
   */
  #counts(v: number, stimulus: number): boolean {
    if (this.#reached.data[v] === 0) return false
    if (stimulus < 0) return true
    const node = this.#node.data[v] as number
    const local = this.#local.data[v] as number
    const { words, carried, delivered } = this.#dead
    if (!has(carried[node] as Int32Array, local, stimulus, words)) return false
    return has(delivered[node] as Int32Array, local, stimulus, words) || this.#isIdle(v, this.#list(v, stimulus))
  }

  /** Does this list leave the class of a state as it is, and do nothing else? */
  #isIdle(v: number, list: number): boolean {
    if (list < 0) return false
    const { start, to, sends, emits, broken } = this.#tables.outcomes
    const node = this.#node.data[v] as number
    const end = start.data[list + 1] as number
    for (let o = start.data[list] as number; o < end; o++) {
      if (sends.data[o] !== 0 || emits.data[o] !== 0 || broken.data[o] !== 0) return false
      const there = this.#find(node, to.data[o] as number)
      if (there < 0) return false
      this.#note(there, v)
      if (this.#class.data[there] !== this.#class.data[v]) return false
    }
    return true
  }

  /** The outcome list of a stimulus, `UNKNOWN` or `THREW`. */
  #list(v: number, stimulus: number): number {
    const node = this.#node.data[v] as number
    const local = this.#local.data[v] as number
    if (stimulus >= 0) {
      const list = this.#tables.knownReaction(node, local, this.#tables.bits.packet.data[stimulus] as number)
      return list === UNKNOWN_REACTION ? UNKNOWN : list < 0 ? THREW : list
    }
    const cell = (stimulus === ACT ? this.#acts : this.#recoveries).data[v] as number
    if (cell !== 0) return cell === 1 ? THREW : cell - 2
    return stimulus === ACT && this.#tables.knowsActions(node, local) ? this.#tables.act(node, local) : UNKNOWN
  }

  #ask(v: number, stimulus: number): void {
    const node = this.#node.data[v] as number
    const local = this.#local.data[v] as number
    if (stimulus >= 0) this.#tables.reaction(node, local, this.#tables.bits.packet.data[stimulus] as number)
    else if (stimulus === ACT) this.#acts.data[v] = this.#tables.foresee(node, local) + 2
    else this.#recoveries.data[v] = this.#tables.tryRecover(node, local) + 2
  }

  /** What a state answers, up to classes: a number; or `UNKNOWN`. */
  #answer(v: number, stimulus: number): number {
    const node = this.#node.data[v] as number
    const local = this.#local.data[v] as number
    if (stimulus === STOP) return this.#classAt(v, node, this.#tables.stop(node, local))
    if (stimulus <= IMAGE) {
      return this.#class.data[this.#image(v, IMAGE - stimulus)] as number
    }
    const list = this.#list(v, stimulus)
    if (list === UNKNOWN) return UNKNOWN
    // Where an action throws, a state is like no other; where a message does, all that throw are alike: the search throws if it gets there.
    if (list === THREW) return stimulus < 0 ? this.#signatures.alone(v) : this.#signatures.alone(-1)
    const { start, to, sends, emits, broken } = this.#tables.outcomes
    const own = this.#class.data[v] as number
    const signatures = this.#signatures
    const end = start.data[list + 1] as number
    signatures.begin()
    for (let o = start.data[list] as number; o < end; o++) {
      const there = this.#classAt(v, node, to.data[o] as number)
      const [sent, emitted, bad] = [sends.data[o] as number, emits.data[o] as number, broken.data[o] as number]
      if (there !== own || sent !== 0 || emitted !== 0 || bad !== 0) signatures.add(there, sent, emitted, bad)
    }
    return signatures.end()
  }

  /** The image of `v` under generator number `i`. */
  #image(v: number, i: number): number {
    const { symmetry } = this.#tables
    const images = this.#images[i] as Ints
    images.reach(v + 1)
    if (images.data[v] === 0) {
      const g = symmetry.generators[i] as number
      const node = this.#node.data[v] as number
      const image = this.#vertex(symmetry.nodeImage[g]?.[node] as number, this.#tables.localImage(g, node, this.#local.data[v] as number), 0)
      this.#note(image, v)
      images.data[v] = image + 1
    }
    return (images.data[v] as number) - 1
  }

  /** The class of a state that `v` leads to. */
  #classAt(v: number, node: number, local: number): number {
    const there = this.#vertex(node, local, 0)
    this.#note(there, v)
    return this.#class.data[there] as number
  }

  /** What `v` answers depends on the class of `there`. */
  #note(there: number, v: number): void {
    if (this.#read.get(there, v) >= 0) return
    this.#read.set(there, v, 1)
    this.#reader.push(v)
    this.#firstReader.data[there] = this.#nextReader.push(this.#firstReader.data[there] as number)
  }
}

/** Integers of a move: class, sends, emits, broken step properties. */
const MOVE = 4

/** Sets of moves, interned: equal sets, and only those, have equal numbers, from 0; 0 is the empty one. */
class Signatures {
  readonly #start = new Ints()
  readonly #data = new Ints(1024)
  readonly #hashes = new Ints()
  #slots = new Int32Array(1024).fill(-1)
  readonly #alone = new Map<number, number>()

  constructor() {
    this.#start.push(0)
    this.end()
  }

  begin(): void {
    this.#data.length = this.#start.data[this.#start.length - 1] as number
  }

  /** One more move, in its place among those added since `begin`, if it is not among them. */
  add(there: number, sends: number, emits: number, broken: number): void {
    const from = this.#start.data[this.#start.length - 1] as number
    let at = this.#data.length
    for (; at > from; at -= MOVE) {
      const order = this.#compare(at - MOVE, there, sends, emits, broken)
      if (order === 0) return
      if (order < 0) break
    }
    for (let i = 0; i < MOVE; i++) this.#data.push(0)
    const { data } = this.#data
    data.copyWithin(at + MOVE, at, this.#data.length - MOVE)
    data[at] = there
    data[at + 1] = sends
    data[at + 2] = emits
    data[at + 3] = broken
  }

  /** The number of the set of moves added since `begin`. */
  end(): number {
    const id = this.#start.length - 1
    const from = this.#start.data[id] as number
    const { data, length } = this.#data
    let hash = 0
    for (let i = from; i < length; i++) hash = combine(hash, data[i] as number)
    if (2 * id >= this.#slots.length) this.#grow()
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const known = this.#slots[slot] as number
      if (known >= 0 && !(this.#hashes.data[known] === hash && this.#equals(known, from))) continue
      if (known >= 0) return known
      this.#slots[slot] = id
      this.#hashes.push(hash)
      this.#start.push(length)
      return id
    }
  }

  /** A number that equals only that of the same `who`. */
  alone(who: number): number {
    const known = this.#alone.get(who)
    if (known !== undefined) return known
    this.begin()
    this.add(-1, this.#alone.size, 0, 0)
    const made = this.end()
    this.#alone.set(who, made)
    return made
  }

  /** The order of the move that begins at `at` and of another. */
  #compare(at: number, there: number, sends: number, emits: number, broken: number): number {
    const { data } = this.#data
    return (data[at] as number) - there || (data[at + 1] as number) - sends || (data[at + 2] as number) - emits || (data[at + 3] as number) - broken
  }

  #equals(known: number, from: number): boolean {
    const { data, length } = this.#data
    const start = this.#start.data[known] as number
    if ((this.#start.data[known + 1] as number) - start !== length - from) return false
    for (let i = from; i < length; i++) if (data[start + i - from] !== data[i]) return false
    return true
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1)
    const mask = this.#slots.length - 1
    for (let id = 0; id < this.#hashes.length; id++) {
      let slot = (this.#hashes.data[id] as number) & mask
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask
      this.#slots[slot] = id
    }
  }
}
