import { BROKEN_OFF } from '../search/budget.ts'
import { LooksInFlight, type Search } from '../search/search.ts'
import type { Standing } from '../search/standing.ts'
import { hashKey, SeenSet } from '../states/seen-set.ts'
import { lowestBit } from '../values/bits.ts'
import { Exchange, exchangeMemory, isTooWide } from './exchange.ts'
import { type Command, keysIn, type LevelPart, type Reply, sharedKeys } from './messages.ts'
import { Owners, type Steps } from './owners.ts'
import type { Port, Workers } from './port.ts'
import { Records } from './records.ts'
import { answer } from './requests.ts'
import { sharedTablesOf } from './shared-tables.ts'

/** Milliseconds between two looks at how far the workers are. */
const LOOK_MS = 50

/** Thrown where several threads met what one may have met in another order, or would have ended at: one thread is to go on from where they took over. */
export class DependsOnOrder extends Error {}

/** Why a search cannot be divided up, if it cannot. */
export const whyAlone = ({ tables, reducers, options, place }: Search): string | undefined => {
  if (options.order === 'depth') return 'a depth-first search'
  if (reducers.subsume) return 'subsumption, which compares states with one another'
  if (reducers.partialOrder !== undefined) return 'partial order, which asks what was seen before'
  if (reducers.bisimulation?.isUsed) return 'bisimulation, whose classes depend on what comes up first'
  if (!tables.symmetry.listed) return 'a symmetry group that is too large to list'
  if (place.isTakenBack) return 'a search that still taught the reductions something, or met an error'
  if (tables.looksInFlight) return 'a property or a step that looks at the messages in flight'
  return undefined
}

type Question = { readonly kind: 'state' | 'step' | 'deadlock'; readonly bit: number; readonly property: string; readonly onceLost?: boolean }

const deadlock = (onceLost: boolean): Question => ({ kind: 'deadlock', bit: 0, property: 'deadlock', onceLost })

/**
 * Goes on with a breadth-first search in several threads, level by level.
 *
 * Each worker keeps the states that are its own by their content (owners.ts), and is sent those that others find (exchange.ts). So a state is kept once, whoever
 * reaches it, and a level is the same set of states for any number of workers. Hence so are the counts and the verdict; and the counterexample, since it is
 * chosen by content from all shortest ones (check/counterexample.ts).
 *
 * Only the leader, this thread, runs code of the spec. Its tables lie in shared memory; workers read them and do not learn. What a worker lacks it asks for, and puts
 * the state off; when all are at rest the leader answers all requests, and the states are taken up again. By then the search proper has gone far enough for that to be rare.
 *
 * What teaches the reductions otherwise than one thread would have been taught is thrown away (`DependsOnOrder`): docs/workers.md says why the rest does not depend on the number of threads.
 */
export class Team {
  readonly #workers: Workers
  #started: Promise<readonly Port[]> | undefined
  #loaded: Promise<void> | undefined
  #ports: readonly Port[] | undefined

  /** Why they could not be started, if that was tried and failed: then the search goes on by itself. */
  failure: string | undefined

  constructor(workers: Workers) {
    this.#workers = workers
  }

  /** Should they take over from a search with so many states, of which so many are to be expanded? Starts them when that comes near. */
  async isReady(search: Search): Promise<boolean> {
    const { frontier, found } = search
    const { seen, expander } = found
    const { tuning } = search.tables
    const { count, waits, isWanted } = this.#workers
    const { from = isWanted ? tuning.threadsFrom : tuning.threadsFromUnasked } = this.#workers
    if (this.failure !== undefined || count < 2 || seen.count < from || whyAlone(search) !== undefined || isTooWide(expander.successors.layout.width))
      return false
    if (this.#started === undefined) {
      this.#started = Promise.resolve().then(() => this.#workers.start())
      this.#loaded = this.#started
        .then(async ports => {
          await Promise.all(ports.map(({ ready }) => ready))
          this.#ports = ports
        })
        .catch(error => {
          this.failure = error instanceof Error ? error.message : String(error)
        })
    }
    if (waits) await this.#loaded
    return this.#ports !== undefined && (waits || frontier >= tuning.threadsFrontier)
  }

  /** Ends the workers. */
  async end(): Promise<void> {
    if (this.#started === undefined) return
    // Where starting them failed, `start` has ended those that it had begun.
    const ports = await this.#started.catch(() => [])
    for (const port of ports) await port.end()
  }

  /**
   * Runs the search to its end, from where it stands.
   * @throws DependsOnOrder, and whatever code of the spec throws in it, or what it does means for what is searched with
   */
  async takeOver(search: Search, standing: Standing): Promise<void> {
    await new ParallelSearch(search, this.#ports as readonly Port[]).run(standing)
    if (search.stoppedBy === BROKEN_OFF) throw new DependsOnOrder()
    search.workers = this.#workers.count
  }
}

/** One search by a team. */
class ParallelSearch {
  readonly #search: Search
  readonly #ports: readonly Port[]
  readonly #exchange: Exchange
  readonly #memory: ReturnType<typeof exchangeMemory>

  /** Transitions that this thread has taken. */
  readonly #transitionsBefore: number

  constructor(search: Search, ports: readonly Port[]) {
    this.#search = search
    this.#transitionsBefore = search.found.transitions
    this.#ports = ports
    this.#memory = exchangeMemory(ports.length)
    this.#exchange = new Exchange(this.#memory, -1)
  }

  async run(standing: Standing): Promise<void> {
    const search = this.#search
    const { predicates } = search.tables
    search.reducers.dead?.settle()
    let { parts } = await this.#begin(standing)
    for (;;) {
      this.#exchange.dealAnew()
      const expanded = await this.#work({ type: 'expand', parts }, { type: 'expand' })
      if (expanded === undefined) return
      if (expanded.stuck) return this.#violation(deadlock(false))
      if (search.losesAll) {
        const looked = await this.#lookForDeadlocks(expanded.levels)
        if (looked === undefined) return
        if (looked.stuck || looked.stuckOnceLost) return this.#violation(deadlock(!looked.stuck))
      }
      if (expanded.failed !== 0) {
        const bit = lowest(expanded.failed)
        return this.#violation({ kind: 'step', bit, property: predicates.steps[bit]?.name ?? '' })
      }
      const closed = totalOf(await this.#each(() => ({ type: 'close' })))
      search.reducers.dead?.settle()
      if (expanded.found === 0) {
        search.complete = true
        search.frontier = 0
        if (predicates.canAlways !== 0) await this.#gather()
        return
      }
      search.depth++
      search.frontier = expanded.found
      this.#exchange.dealAnew()
      const judged = await this.#work({ type: 'judge', parts: closed.parts }, { type: 'judge' })
      if (judged === undefined) return
      search.reached |= judged.reached
      parts = judged.parts
      if (judged.failed !== 0) {
        const bit = lowest(judged.failed)
        return this.#violation({ kind: 'state', bit, property: predicates.list[bit]?.name ?? '' })
      }
      if (search.depth >= search.options.limits.depth) {
        if (search.options.checkDeadlock && (await this.#lookForDeadlocks(judged.levels))?.stuck) await this.#violation(deadlock(false))
        return
      }
    }
  }

  /** Looks through the level for states that are stuck; undefined if the search was ended meanwhile. */
  #lookForDeadlocks(parts: readonly LevelPart[]): Promise<Total | undefined> {
    this.#exchange.dealAnew()
    return this.#work({ type: 'stuck', parts }, { type: 'stuck' })
  }

  /** Hands over the states; this thread keeps none. */
  async #begin(standing: Standing): Promise<Total> {
    const search = this.#search
    const { tables, found, options } = search
    const { expander } = found
    const { checkDeadlock, limits } = options
    // Before the tables are at rest: this may teach them.
    const components = Owners.choose(this.#ports.length, expander.successors.layout, sampleOf(search, standing))
    this.#settle()
    const { width } = search.found.seen
    const { count } = search.found.seen
    const keys = keysIn(new SharedArrayBuffer(count * width * 4))
    keys.set(search.found.seen.keys.subarray(0, count * width))
    search.found.seen = new SeenSet(width)
    search.elsewhere = { states: count, bytes: 0, growth: 0 }

    const begin = {
      type: 'begin',
      memory: this.#memory,
      shared: this.#shared(),
      layout: expander.successors.layout,
      keys: sharedKeys(keys),
      count,
      standing,
      components,
      checkDeadlock,
      invariants: tables.predicates.invariants,
      reachables: tables.predicates.reachables,
      limits: { states: limits.states },
    } as const
    return totalOf(await this.#each(me => ({ ...begin, me })))
  }

  /** After the tables have learnt something. */
  #settle(): void {
    const { tables, reducers } = this.#search
    if (tables.looksInFlight) throw new LooksInFlight()
    if (reducers.dead?.dependsOnOrder) throw new DependsOnOrder()
    this.#search.found.settle()
  }

  #shared() {
    const { tables, found, reducers } = this.#search
    return sharedTablesOf(tables, found.expander.smallGroup?.rows, reducers.dead)
  }

  #each(command: (me: number) => Command): Promise<Reply[]> {
    return Promise.all(this.#ports.map((port, me) => port.ask(command(me))))
  }

  /** Has all workers do something, and then again what they put off; undefined if the search was ended meanwhile. */
  async #work(command: Command, again: Command = command): Promise<Total | undefined> {
    for (let next = command; ; next = again) {
      const total = await this.#all(next)
      if (total === undefined || total.putOff === 0) return total
      await this.#learn(total)
    }
  }

  async #learn({ requests }: Total): Promise<void> {
    const search = this.#search
    const { layout } = search.found.expander.successors
    answer(search, requests)
    this.#settle()
    const grow: Command = {
      type: 'grow',
      shared: this.#shared(),
      layout: search.found.expander.successors.layout === layout ? undefined : search.found.expander.successors.layout,
    }
    await this.#each(() => grow)
  }

  /** Has all workers do something, and meanwhile sees to limits and to the world outside; undefined if that ended the search. */
  async #all(command: Command): Promise<Total | undefined> {
    const search = this.#search
    let isDone = false
    const replies = this.#each(() => command).finally(() => {
      isDone = true
    })
    for (;;) {
      await Promise.race([replies, later(LOOK_MS)])
      if (isDone) break
      const { states, transitions, bytes, growth, frontier } = this.#exchange.total
      if (states > 0) {
        search.elsewhere = { states, bytes, growth }
        search.found.transitions = this.#transitionsBefore + transitions
        search.frontier = frontier
      }
      if (await search.pulse()) this.#exchange.stop()
    }
    const total = totalOf(await replies)
    search.elsewhere = { states: total.states, bytes: total.bytes, growth: this.#exchange.total.growth }
    search.found.transitions = this.#transitionsBefore + total.transitions
    if (this.#exchange.isStopped || (await search.pulse())) {
      this.#exchange.stop()
      await search.pulse()
      return undefined
    }
    return total
  }

  /**
   * Finds all shortest ways to what is violated, backwards, level by level, and leaves nothing in the search but the states on them. The set that is
   * looked for is small next to a level, so every worker is given all of it, and looks among its own states for those that lead into it.
   */
  async #violation({ kind, bit, property, onceLost = false }: Question): Promise<void> {
    const search = this.#search
    const way: Set<number>[] = [this.#added(await this.#collect(() => ({ type: 'bad', kind, bit, onceLost })))]
    for (let level = search.depth - 1; level >= 0; level--)
      way.unshift(this.#added(await this.#collect(() => ({ type: 'before', level, records: this.#records(way[0] as Set<number>) }))))
    search.violation = { property, kind, states: [...(way.at(-1) as Set<number>)], onceLost, corridor: way }
  }

  /** What all workers answer to a question for records; it may be asked again, when tables have grown. */
  async #collect(command: () => Command): Promise<Int32Array> {
    for (;;) {
      const total = totalOf(await this.#each(command))
      if (total.putOff === 0) return total.records
      await this.#learn(total)
    }
  }

  /** Puts new states into the seen set of this thread. */
  #add(records: Int32Array): void {
    const { seen } = this.#search.found
    for (let at = 0; at < records.length; at += seen.width) seen.add(records, at, hashKey(records, at, seen.width))
  }

  /** The same; returns their numbers. */
  #added(records: Int32Array): Set<number> {
    const { seen } = this.#search.found
    const first = seen.count
    this.#add(records)
    return new Set(Array.from({ length: seen.count - first }, (_, i) => first + i))
  }

  #records(numbers: ReadonlySet<number>): Int32Array {
    const { keys, width } = this.#search.found.seen
    const records = new Int32Array(numbers.size * width)
    let at = 0
    for (const number of numbers) {
      records.set(keys.subarray(number * width, (number + 1) * width), at)
      at += width
    }
    return records
  }

  /** Takes all states back, level by level, for what one thread must judge: whether some state can always be reached again. */
  async #gather(): Promise<void> {
    const search = this.#search
    search.found.levels.length = 0
    for (let level = 0; level <= search.depth; level++) {
      search.found.levels.push(search.found.seen.count)
      this.#add(await this.#collect(() => ({ type: 'level', level })))
    }
    search.found.levels.push(search.found.seen.count)
    search.elsewhere = undefined
  }
}

/** Steps from states all over the level that is being expanded: it is the last that is known as a whole. */
const sampleOf = (
  {
    tables,
    found: {
      expander,
      seen: { keys },
    },
  }: Search,
  { levels, end }: Standing,
): Steps => {
  const { width } = expander.successors.layout
  const from = new Records()
  const to = new Records()
  const first = levels.at(-1) as number
  const stride = Math.max(1, (end - first) / tables.tuning.threadsSample)
  for (let at = first; at < end; at += stride) {
    const number = Math.floor(at)
    expander.successors.count = 0
    const made = expander.expand(keys, number * width)
    for (let i = 0; i < made; i++) {
      from.push(keys, number * width, width)
      to.push(expander.successors.records, i * width, width)
    }
  }
  expander.successors.count = 0
  return { from: from.words, to: to.words, count: from.count }
}

type Total = Omit<Reply, 'records' | 'part' | 'level'> & {
  readonly records: Int32Array
  readonly parts: readonly LevelPart[]
  readonly levels: readonly LevelPart[]
}

const totalOf = (replies: readonly Reply[]): Total => {
  const sum = (of: (reply: Reply) => number): number => replies.reduce((total, reply) => total + of(reply), 0)
  const or = (of: (reply: Reply) => number): number => replies.reduce((bits, reply) => bits | of(reply), 0)
  const records = new Int32Array(sum(({ records }) => records?.length ?? 0))
  let at = 0
  for (const reply of replies) {
    if (reply.records === undefined) continue
    records.set(reply.records, at)
    at += reply.records.length
  }
  return {
    putOff: sum(({ putOff }) => putOff),
    requests: replies.flatMap(({ requests }) => requests),
    states: sum(({ states }) => states),
    transitions: sum(({ transitions }) => transitions),
    bytes: sum(({ bytes }) => bytes),
    parts: replies.map(({ part }) => part),
    levels: replies.map(({ level }) => level),
    found: sum(({ found }) => found),
    reached: or(({ reached }) => reached),
    failed: or(({ failed }) => failed),
    stuck: replies.some(({ stuck }) => stuck),
    stuckOnceLost: replies.some(({ stuckOnceLost }) => stuckOnceLost),
    records,
  }
}

const lowest = (bits: number): number => lowestBit(bits)

/** Resolves after so many milliseconds. */
const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
