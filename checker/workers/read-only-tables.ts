import type { Representatives } from '../symmetry/representative.ts'
import { SmallGroup } from '../symmetry/small-group.ts'
import { requests } from '../tables/journal.ts'
import { ReadMemo } from '../tables/read-memo.ts'
import { type StepDeadMessages, type StepTables, TAKEN } from '../tables/step-tables.ts'
import type { Tuning } from '../tables/tuning.ts'
import { PairMap } from '../values/ints.ts'
import type { Request } from './requests.ts'
import type { SharedTables } from './shared-tables.ts'

/** Thrown where a predicate over states is not known yet. */
export const NOT_KNOWN = Symbol('not known')

/** What is to be asked of the leader, each request once. */
export class Requests {
  #noted = new Map<string, Request>()
  /** Those that the leader has answered since; whoever asks for one of them again would do so for ever. */
  #answered: ReadonlyMap<string, Request> = new Map()
  /** How often something was asked for, noted anew or not. */
  asked = 0
  readonly #max: number

  /** @param max more are not noted before the leader has answered; the states that need more wait for the next time */
  constructor(max: number) {
    this.#max = max
  }

  /**
   * @returns -1, "not known"
   * @throws Error if it was noted before the last answers: the leader's answer is not what is asked for
   */
  note(...request: number[]): number {
    this.asked++
    const key = request.join()
    if (this.#answered.has(key)) throw new Error(`A worker asks twice for ${key}.`)
    if (!this.isFull) this.#noted.set(key, request)
    return -1
  }

  get isFull(): boolean {
    return this.#noted.size >= this.#max
  }

  /** Records have another layout: the same words may be another state, which nobody has asked about. */
  forgetAnswered(): void {
    this.#answered = new Map()
  }

  /** All of them, to be answered; then there are none. */
  drain(): Request[] {
    if (this.#noted.size === 0) return []
    this.#answered = this.#noted
    this.#noted = new Map()
    return [...this.#answered.values()]
  }
}

/**
 * The leader's tables as a worker sees them. They do not learn: what is not known is noted as a request, and answered by no more than that it is not known
 * (the expander then says `GREW`, and the state is put off until there are new ones). Its fields are those of `StepTables`.
 */
export class ReadOnlyTables implements StepTables {
  readonly #requests: Requests
  #componentSizes: readonly number[] = []
  readonly tuning: Tuning
  nodeCount!: number
  fifo!: boolean
  fairLoss!: boolean
  fixedComponents!: number
  symmetry!: StepTables['symmetry']
  system!: StepTables['system']
  predicates!: StepTables['predicates']
  observerNames!: StepTables['observerNames']
  globalNames!: StepTables['globalNames']
  locals!: StepTables['locals']
  observers!: StepTables['observers']
  packets!: StepTables['packets']
  bits!: StepTables['bits']
  sends!: StepTables['sends']
  outcomes!: StepTables['outcomes']
  cells!: StepTables['cells']
  strides!: Int32Array
  acts!: StepTables['acts']
  recoveries!: StepTables['recoveries']
  stopped!: StepTables['stopped']
  ticks!: StepTables['ticks']
  observations!: StepTables['observations']
  queues!: StepTables['queues']
  channel!: StepTables['channel']
  aged!: StepTables['aged']
  duePackets!: StepTables['duePackets']
  partition!: StepTables['partition']
  time!: StepTables['time']
  globalMemos!: StepTables['globalMemos']
  globalLists!: StepTables['globalLists']
  globalTaken!: StepTables['globalTaken']
  changes!: StepTables['changes']
  worldMemos!: StepTables['worldMemos']
  restMemo!: StepTables['restMemo']
  #pairs!: PairMap

  constructor(shared: SharedTables, requests: Requests) {
    this.#requests = requests
    this.tuning = shared.tuning
    this.replace(shared)
  }

  /** Goes on with what the leader knows now. */
  replace(shared: SharedTables): void {
    const { failing, hasPairs } = shared
    this.#componentSizes = shared.componentSizes
    this.nodeCount = shared.nodeCount
    this.fifo = shared.fifo
    this.fairLoss = shared.fairLoss
    this.fixedComponents = shared.fixedComponents
    this.symmetry = { groupSize: shared.groupSize }
    this.system = { nodes: shared.nodes, faults: shared.faults, flightBound: shared.flightBound }
    this.predicates = { hasPairs, failing, truth: bits => bits ^ failing, world: shared.worldMemos }
    this.observerNames = shared.observers
    this.globalNames = shared.globalMemos
    this.locals = shared.locals.map(({ size, bits, classes, stopped }) => ({ size, bits, classes, crashed: local => stopped.data[local] === 1 }))
    this.observers = shared.observers
    this.packets = shared.packets
    const { packet, next, copy, first } = shared.bits
    this.bits = { packet, next, copy, first, size: packet.length, firstOf: p => first.data[p] as number }
    const { start, data } = shared.sends
    this.sends = { start, data, items: list => [...data.data.subarray(start.data[list], start.data[list + 1])] }
    this.outcomes = shared.outcomes
    this.cells = shared.cells
    this.strides = shared.strides
    this.acts = shared.acts
    this.recoveries = shared.recoveries
    this.stopped = shared.stopped
    this.ticks = shared.ticks
    this.observations = shared.observations.map(PairMap.of)
    this.queues = shared.queues.map(({ head, rest, lengths, pushed, aged }) => {
      const known = PairMap.of(pushed)
      const ofTicks = PairMap.of(aged)
      return {
        head,
        rest,
        lengths,
        pushed: (queue: number, packet: number) => known.get(queue, packet),
        aged: (queue: number, arrival: number) => ofTicks.get(queue, arrival),
      }
    })
    this.channel = shared.channel
    this.aged = shared.aged
    this.duePackets = shared.duePackets
    this.partition = shared.partition
    this.time = shared.time
    this.globalMemos = shared.globalMemos.map(memo => ReadMemo.of(memo, shared.questions))
    this.globalLists = shared.globalLists
    this.globalTaken = shared.globalTaken
    const { places, to, broken } = shared.changes
    this.changes = { places: PairMap.of(places), to, broken }
    this.worldMemos = shared.worldMemos.map(memo => ReadMemo.of(memo, shared.questions))
    this.restMemo = ReadMemo.of(shared.restMemo, shared.questions)
    this.#pairs = PairMap.of(shared.pairs)
  }

  get componentCount(): number {
    return this.#componentSizes.length
  }

  componentSize(c: number): number {
    return this.#componentSizes[c] as number
  }

  act(node: number, local: number): number {
    return this.#requests.note(requests.act, node, local)
  }

  /** Whoever asks may have made up its mind by older tables. */
  deliver(node: number, local: number, packet: number): number {
    const stride = this.strides[node] as number
    const column = this.packets.column.data[packet] as number
    const cell = column < stride ? (this.cells[node]?.[local * stride + column] ?? 0) : 0
    return cell >= TAKEN ? cell - TAKEN - 1 : this.#requests.note(requests.take, node, local, packet)
  }

  /** Asked for by `deliver`. */
  markTaken(): void {}

  copy(bit: number): number {
    return this.#requests.note(requests.copy, bit)
  }

  push(channel: number, queue: number, packet: number): number {
    return this.#requests.note(requests.push, channel, queue, packet)
  }

  recover(node: number, local: number): number {
    return this.#requests.note(requests.recover, node, local)
  }

  stop(node: number, local: number): number {
    return this.#requests.note(requests.stop, node, local)
  }

  tick(node: number, local: number, rate: number): number {
    return this.#requests.note(requests.tick, node, local, rate)
  }

  age(packet: number, isTimely: number): number {
    return this.#requests.note(requests.age, packet, isTimely)
  }

  ageQueue(channel: number, queue: number, arrival: number): number {
    return this.#requests.note(requests.ageQueue, channel, queue, arrival)
  }

  observe(o: number, state: number, emits: number): number {
    return this.#requests.note(requests.observe, o, state, emits)
  }

  globalStep(step: number, components: Int32Array): number {
    return this.#requests.note(requests.globalStep, step, ...components)
  }

  change(node: number, change: number, local: number): number {
    return this.#requests.note(requests.change, node, change, local)
  }

  pairBits(a: number, b: number): number {
    const known = this.#pairs.get(a, b)
    if (known < 0) throw NOT_KNOWN
    return known
  }

  worldBits(): number {
    throw NOT_KNOWN
  }

  mayRest(): boolean {
    throw NOT_KNOWN
  }
}

/** The leader's dead messages as a worker sees them. */
export class ReadOnlyDeadMessages implements StepDeadMessages {
  readonly #requests: Requests
  /** The edges that this worker has asked the leader to note; by the time it has new tables they are. */
  readonly #edges = new Set<string>()
  words = 0
  carried: readonly Int32Array[] = []
  alive: readonly Int32Array[] = []
  inbox: readonly Int32Array[] = []

  constructor(shared: NonNullable<SharedTables['dead']>, requests: Requests) {
    this.#requests = requests
    this.replace(shared)
  }

  replace({ words, carried, alive, inbox }: NonNullable<SharedTables['dead']>): void {
    this.words = words
    this.carried = carried
    this.alive = alive
    this.inbox = inbox
  }

  /** The leader makes room whenever a state was put off. */
  place(): void {
    this.#requests.asked++
  }

  /** The leader notes them with the actions that were asked for. */
  edges(): void {}

  deliver(node: number, local: number, packet: number): void {
    this.#requests.note(requests.take, node, local, packet)
  }

  knows(node: number, from: number, to: number): boolean {
    return from === to || this.#edges.has(`${node} ${from} ${to}`)
  }

  edge(node: number, from: number, to: number): void {
    if (!this.#requests.isFull) this.#edges.add(`${node} ${from} ${to}`)
    this.#requests.note(requests.deadEdge, node, from, to)
  }

  carry(items: readonly (readonly [node: number, local: number, bit: number])[]): void {
    for (const item of items) this.#requests.note(requests.deadCarry, ...item)
  }
}

/** The leader's choice of representatives: it keeps the rows complete. */
export class ReadOnlyRepresentatives implements Representatives {
  readonly group: SmallGroup | undefined

  constructor({ smallGroup, tuning }: SharedTables) {
    // The rows are replaced in `replace`: `SmallGroup` keeps this object.
    this.group = smallGroup && new SmallGroup({ ...smallGroup }, tuning)
  }

  replace({ smallGroup }: SharedTables): void {
    if (this.group !== undefined) Object.assign(this.group.rows, smallGroup)
  }

  sync(): void {}
}
