import { Deadlocks, MOVES, STUCK } from '../search/deadlocks.ts'
import { type Layout, relay } from '../states/layout.ts'
import { hashKey, SeenSet } from '../states/seen-set.ts'
import { CompiledLoop } from '../steps/compiled/loop.ts'
import { Expander } from '../steps/expander.ts'
import { Judge } from '../steps/judge.ts'
import { Recent } from '../steps/recent.ts'
import { requests } from '../tables/journal.ts'
import { GREW } from '../tables/step-tables.ts'
import type { Tuning } from '../tables/tuning.ts'
import { lowestBit } from '../values/bits.ts'
import { Exchange } from './exchange.ts'
import { type Command, keysIn, type LevelPart, type Reply, sharedKeys } from './messages.ts'
import { Owners } from './owners.ts'
import { NOT_KNOWN, ReadOnlyDeadMessages, ReadOnlyRepresentatives, ReadOnlyTables, Requests } from './read-only-tables.ts'
import { Records } from './records.ts'
import type { SharedTables } from './shared-tables.ts'

/** States that may be found before the leader asks again whether there is memory for them. */
const AHEAD = 1 << 18

/** A state is expanded again so often at most, where each time one more thing turns out to be known: there are not so many in one state. */
const AGAIN_MAX = 1 << 20

type Begin = Extract<Command, { type: 'begin' }>

/** One thread of a search: it does what the leader says, one command after the other. Between two of them it rests, and only then the tables change. */
export class WorkerShare {
  #share: Share | undefined

  obey(command: Command): Reply {
    if (command.type === 'begin') this.#share = new Share(command)
    const share = this.#share as Share
    return share.reply(share.obey(command))
  }
}

/**
 * A worker's share of a search: the states that are its own (owners.ts), in the order in which they came, so that its part of a level is a range. It keeps and judges
 * them, and expands them; when it is done with its own part of a level it goes on with what is left of another's.
 *
 * One class with many fields: each command of the leader reads most of them, and none is handed to another while it runs.
 */
class Share {
  readonly #me: number
  readonly #exchange: Exchange
  readonly #options: Pick<Begin, 'components' | 'checkDeadlock' | 'limits' | 'invariants' | 'reachables'>
  readonly #tuning: Tuning
  readonly #requests: Requests
  readonly #recent: Recent
  readonly #seen: SeenSet
  readonly #tables: ReadOnlyTables
  readonly #dead: ReadOnlyDeadMessages | undefined
  readonly #representatives: ReadOnlyRepresentatives
  readonly #expander: Expander
  readonly #judge: Judge
  /** The first state of each level, of those kept here; the last ends at `#end`, and those after it are of the next level. */
  readonly #levels: number[] = []
  #end = 0
  /** From where on the level is to be expanded. */
  #next = 0
  #owners: Owners
  #batchOwners = new Uint16Array(2_048)
  /** What could not be expanded, or judged, before the tables have learnt more. */
  #putOff = new Records()
  #again = new Records()
  #transitions = 0
  #reached = 0
  /** The states of the level that violate an invariant, or from which a step breaks a step property, by its bit. */
  readonly #failed = new Map<number, Records>()
  readonly #stuck = new Records()
  readonly #stuckOnceLost = new Records()
  readonly #deadlocks: Deadlocks
  readonly #compiled: CompiledLoop | undefined

  constructor({ me, memory, shared, layout, keys, count, standing, ...options }: Begin) {
    this.#me = me
    this.#exchange = new Exchange(memory, me)
    this.#options = options
    this.#tuning = shared.tuning
    this.#requests = new Requests(shared.tuning.threadsRequests)
    this.#recent = new Recent(shared.tuning)
    this.#tables = new ReadOnlyTables(shared, this.#requests)
    this.#dead = shared.dead === undefined ? undefined : new ReadOnlyDeadMessages(shared.dead, this.#requests)
    this.#representatives = new ReadOnlyRepresentatives(shared)
    const reducers = { dead: this.#dead, bisimulation: undefined, partialOrder: undefined }
    this.#expander = new Expander(this.#tables, reducers, this.#representatives)
    this.#expander.useLayout(layout)
    this.#deadlocks = new Deadlocks(this.#tables)
    this.#judge = new Judge(this.#tables, this.#expander.successors)
    this.#compiled = CompiledLoop.apply(this.#expander, reducers) ? new CompiledLoop(this.#expander, this.#recent) : undefined
    this.#owners = new Owners(memory.workers, options.components, layout)
    this.#seen = new SeenSet(layout.width, { share: true, tuning: shared.tuning })
    this.#takeShare(keysIn(keys), layout.width, count, standing)
  }

  /** Takes its share of the leader's states. */
  #takeShare(keys: Int32Array, width: number, count: number, { levels, end, next, broken, stuck }: Begin['standing']): void {
    const seen = this.#seen
    const me = this.#me
    const places = new Map<number, number>([...levels, next, end].map(number => [number, 0]))
    for (let number = 0; number <= count; number++) {
      if (places.has(number)) places.set(number, seen.count)
      if (number === count) break
      const at = number * width
      const hash = hashKey(keys, at, width)
      if (this.#owners.ownerOf(keys, at) === me) seen.add(keys, at, hash)
    }
    for (const first of levels) this.#levels.push(places.get(first) as number)
    this.#next = places.get(next) as number
    this.#end = places.get(end) as number
    if (me !== 0) return
    for (const [bit, states] of broken) for (const number of states) this.#fail(bit, keys, number * width)
    for (const number of stuck) this.#stuck.push(keys, number * width, width)
  }

  obey(command: Command): Int32Array | undefined {
    switch (command.type) {
      case 'begin':
        return undefined
      case 'grow':
        this.#grow(command.shared, command.layout)
        return undefined
      case 'expand':
        this.#expandLevel(command.parts)
        return undefined
      case 'close':
        this.#close()
        return undefined
      case 'judge':
        this.#judgeLevel(command.parts)
        return undefined
      case 'stuck':
        this.#lookForDeadlocks(command.parts)
        return undefined
      case 'bad':
        return (command.kind === 'deadlock' ? (command.onceLost ? this.#stuckOnceLost : this.#stuck) : this.#failed.get(command.bit))?.records(this.#seen.width)
      case 'before':
        return this.#before(command.level, command.records)
      case 'level':
        return this.#seen.keys.slice((this.#levels[command.level] as number) * this.#seen.width, this.#endOf(command.level) * this.#seen.width)
    }
  }

  reply(records: Int32Array | undefined): Reply {
    let failed = 0
    for (const [bit, states] of this.#failed) if (states.count > 0) failed |= 1 << bit
    const keys = sharedKeys(this.#seen.keys)
    return {
      putOff: this.#putOff.count,
      requests: this.#requests.drain(),
      states: this.#seen.count,
      transitions: this.#transitions,
      bytes: this.#seen.bytes,
      part: { keys, first: this.#next, end: this.#end },
      level: { keys, first: this.#levels.at(-1) ?? 0, end: this.#end },
      found: this.#seen.count - this.#end,
      reached: this.#reached,
      failed,
      stuck: this.#stuck.count > 0,
      stuckOnceLost: this.#stuckOnceLost.count > 0,
      ...(records !== undefined && { records }),
    }
  }

  #grow(shared: SharedTables, layout: Layout | undefined): void {
    this.#tables.replace(shared)
    if (shared.dead !== undefined) this.#dead?.replace(shared.dead)
    this.#representatives.replace(shared)
    const old = this.#expander.successors.layout
    if (layout === undefined) return
    this.#expander.useLayout(layout)
    this.#requests.forgetAnswered()
    this.#recent.clear()
    this.#seen.rewrite(layout.width, (source, sourceAt, target, targetAt) => relay(old, layout, source, sourceAt, target, targetAt))
    this.#owners = new Owners(this.#exchange.workers, this.#options.components, layout)
    for (const records of [this.#putOff, this.#stuck, this.#stuckOnceLost, ...this.#failed.values()]) records.relay(old, layout)
  }

  #endOf(level: number): number {
    return this.#levels[level + 1] ?? this.#end
  }

  /** What was put off, to be dealt with now. */
  #takePutOff(): Records {
    ;[this.#again, this.#putOff] = [this.#putOff, this.#again]
    this.#putOff.clear()
    return this.#again
  }

  #expandLevel(parts: readonly LevelPart[] | undefined): void {
    const exchange = this.#exchange
    const { width } = this.#seen
    exchange.begin(width)
    this.#expander.successors.count = 0
    if (parts === undefined) {
      const { words, count } = this.#takePutOff()
      this.#expandPiece(words, 0, count)
    } else this.#eachPiece(parts, this.#expandPiece)
    this.#flush()
    exchange.finish()
    for (;;) {
      const bell = exchange.bell
      if (this.#serve()) continue
      if (exchange.isOver || exchange.isStopped) break
      exchange.sleep(bell)
    }
    this.#tell()
  }

  /** What is left of this level, piece by piece: first of its own part, then of those of others. */
  #eachPiece(parts: readonly LevelPart[], work: (words: Int32Array, first: number, end: number) => void): void {
    const exchange = this.#exchange
    const { threadsPieces, threadsPieceMin, threadsPieceMax } = this.#tuning
    for (let i = 0; i < parts.length; i++) {
      const worker = (this.#me + i) % parts.length
      const { first, end, ...part } = parts[worker] as LevelPart
      const keys = keysIn(part.keys)
      const piece = Math.min(threadsPieceMax, Math.max(threadsPieceMin, Math.floor((end - first) / threadsPieces)))
      for (let at = first + exchange.deal(worker, piece); at < end && !exchange.isStopped; at = first + exchange.deal(worker, piece))
        work(keys, at, Math.min(end, at + piece))
    }
  }

  readonly #expandPiece = (words: Int32Array, first: number, end: number): void => {
    const expander = this.#expander
    const compiled = this.#compiled
    const { batch } = this.#tuning
    for (let i = first; i < end; ) {
      i = compiled === undefined ? this.#expandOne(words, i) : this.#expandMany(compiled, words, i, end)
      if (expander.successors.count < batch) continue
      this.#flush()
      this.#serve()
      this.#tell()
      if (this.#isEnough()) return
    }
  }

  #tell(): void {
    const seen = this.#seen
    this.#exchange.tell({
      states: seen.count,
      transitions: this.#transitions,
      bytes: seen.bytes,
      growth: seen.growthBytes(AHEAD),
      frontier: seen.count - this.#end,
    })
  }

  /** Is a limit reached, or was the search ended? */
  #isEnough(): boolean {
    const exchange = this.#exchange
    if (exchange.total.states >= this.#options.limits.states) exchange.stop()
    return exchange.isStopped
  }

  /** Appends the successors of state `i` to the batch, or puts it off; returns which state is next. */
  #expandOne(words: Int32Array, i: number): number {
    const expander = this.#expander
    const at = i * this.#seen.width
    const made = this.#expand(words, at)
    if (made === GREW) this.#putOff.push(words, at, this.#seen.width)
    else {
      this.#transitions += made
      this.#note(words, at, made === 0 && !expander.successors.cut, expander.successors.broken)
    }
    return i + 1
  }

  /** The same for states from `i` on, as many as the batch has room for; when a state is put off, some of its successors may be in the batch already. */
  #expandMany(compiled: CompiledLoop, words: Int32Array, i: number, end: number): number {
    const { width } = this.#seen
    const { asked } = this.#requests
    const next = compiled.run(words, i, end)
    this.#transitions += compiled.transitions
    if (!compiled.grew) {
      if (compiled.stuck || compiled.broken !== 0) this.#note(words, (next - 1) * width, compiled.stuck, compiled.broken)
      return next
    }
    // Nothing was asked: it had only to find out that the tables know more than when it asked last.
    if (this.#requests.asked === asked) return next
    this.#putOff.push(words, next * width, width)
    return next + 1
  }

  /** What an expanded state is to be remembered for. */
  #note(words: Int32Array, at: number, isStuck: boolean, broken: number): void {
    for (let bits = broken; bits !== 0; bits &= bits - 1) this.#fail(lowestBit(bits), words, at)
    if (isStuck && this.#options.checkDeadlock && !this.#tables.fairLoss) this.#noteStuck(words, at, this.#stuck)
  }

  /** Nothing can happen in a state, so it is one of `stuck`, unless the system may rest there. */
  #noteStuck(words: Int32Array, at: number, stuck: Records): void {
    try {
      if (!this.#judge.mayRest(words, at)) stuck.push(words, at, this.#seen.width)
    } catch (error) {
      this.#ask(error, requests.rest, words, at)
    }
  }

  /** Appends the successors of a state, or none; again where it only had to find out that the tables know more than when it asked last. */
  #expand(words: Int32Array, at: number): number {
    const expander = this.#expander
    const before = expander.successors.count
    for (let again = 0; again < AGAIN_MAX; again++) {
      const { asked } = this.#requests
      const made = expander.expand(words, at)
      if (made !== GREW) return made
      expander.successors.count = before
      if (this.#requests.asked !== asked) return GREW
    }
    throw new Error('A worker cannot expand a state, and asks for nothing.')
  }

  #fail(bit: number, words: Int32Array, at: number): void {
    const known = this.#failed.get(bit)
    const states = known ?? new Records()
    states.push(words, at, this.#seen.width)
    if (known === undefined) this.#failed.set(bit, states)
  }

  /** What was to be known of a state is to be asked of the leader; the state is put off. */
  #ask(error: unknown, kind: number, words: Int32Array, at: number): void {
    if (error !== NOT_KNOWN) throw error
    const { width } = this.#seen
    this.#requests.note(kind, ...words.subarray(at, at + width))
    this.#putOff.push(words, at, width)
  }

  /** Sends the successors of the batch that another worker keeps, and looks the others up. */
  #flush(): void {
    const { successors } = this.#expander
    const exchange = this.#exchange
    const n = this.#compiled === undefined ? this.#recent.filter(successors, successors.count, undefined) : successors.count
    const { records, hashes } = successors
    const { width } = successors.layout
    const me = this.#me
    if (n > this.#batchOwners.length) this.#batchOwners = new Uint16Array(n * 2)
    const owners = this.#batchOwners
    this.#owners.ofEach(records, n, owners)
    let left = n
    for (let i = 0; i < left; ) {
      const owner = owners[i] as number
      if (owner === me) {
        i++
        continue
      }
      if (exchange.hasRoom(owner) || this.#waitForRoom(owner)) exchange.send(owner, records, i * width, hashes[i] as number)
      // The last one takes its place: few are another's, so few are moved.
      left--
      for (let w = 0; w < width; w++) records[i * width + w] = records[left * width + w] as number
      hashes[i] = hashes[left] as number
      owners[i] = owners[left] as number
    }
    this.#lookUp(records, hashes, left)
    successors.count = 0
  }

  /** True once a batch for this worker has room; false if the search was ended meanwhile. Answers others meanwhile, so that none waits for another for ever. */
  #waitForRoom(owner: number): boolean {
    const exchange = this.#exchange
    while (!exchange.hasRoom(owner)) {
      const bell = exchange.bell
      if (this.#serve()) continue
      if (exchange.isStopped) return false
      exchange.sleep(bell)
    }
    return true
  }

  /** Looks up what others have sent; whether there was anything. */
  #serve(): boolean {
    let any = false
    while (this.#exchange.receive(this.#lookUp)) any = true
    return any
  }

  /** Adds states to the seen set, if they are new. */
  readonly #lookUp = (records: Int32Array, hashes: Int32Array, count: number): void => {
    this.#seen.addAll(records, hashes, count)
  }

  #close(): void {
    this.#levels.push(this.#end)
    this.#next = this.#end
    this.#end = this.#seen.count
    this.#failed.clear()
  }

  #judgeLevel(parts: readonly LevelPart[] | undefined): void {
    if (parts === undefined) {
      const { words, count } = this.#takePutOff()
      this.#judgePiece(words, 0, count)
    } else this.#eachPiece(parts, this.#judgePiece)
  }

  readonly #judgePiece = (words: Int32Array, first: number, end: number): void => {
    const { invariants, reachables } = this.#options
    const { width } = this.#seen
    const judge = this.#judge
    let i = first
    try {
      i = judge.pass(words, first, end, invariants)
    } catch (error) {
      if (error !== NOT_KNOWN) throw error
    }
    this.#reached |= judge.met & reachables
    for (; i < end; i++) {
      let truth: number
      try {
        truth = judge.truth(words, i * width)
      } catch (error) {
        this.#ask(error, requests.world, words, i * width)
        continue
      }
      this.#reached |= truth & reachables
      for (let bits = ~truth & invariants; bits !== 0; bits &= bits - 1) this.#fail(lowestBit(bits), words, i * width)
    }
  }

  #lookForDeadlocks(parts: readonly LevelPart[] | undefined): void {
    const look = (words: Int32Array, first: number, end: number): void => {
      for (let i = first; i < end; i++) this.#lookForDeadlock(words, i * this.#seen.width)
    }
    if (parts === undefined) {
      const { words, count } = this.#takePutOff()
      look(words, 0, count)
    } else this.#eachPiece(parts, look)
  }

  #lookForDeadlock(words: Int32Array, at: number): void {
    for (;;) {
      const { asked } = this.#requests
      const when = this.#deadlocks.stuckness(words, at, this.#expander.successors.layout)
      if (when === MOVES) return
      if (when !== GREW) {
        this.#noteStuck(words, at, when === STUCK ? this.#stuck : this.#stuckOnceLost)
        return
      }
      if (this.#requests.asked === asked) continue
      this.#putOff.push(words, at, this.#seen.width)
      return
    }
  }

  /** The records of the states of a level with a successor among these. */
  #before(level: number, records: Int32Array): Int32Array {
    const expander = this.#expander
    const { keys, width } = this.#seen
    const target = new SeenSet(width)
    for (let at = 0; at < records.length; at += width) target.add(records, at, hashKey(records, at, width))
    const found = new Records()
    this.#putOff.clear()
    for (let number = this.#levels[level] as number; number < this.#endOf(level); number++) {
      expander.successors.count = 0
      const made = this.#expand(keys, number * width)
      if (made === GREW) this.#putOff.push(keys, number * width, width)
      for (let i = 0; i < made; i++) {
        if (target.find(expander.successors.records, i * width, expander.successors.hashes[i] as number) < 0) continue
        found.push(keys, number * width, width)
        break
      }
    }
    expander.successors.count = 0
    return found.records(width)
  }
}
