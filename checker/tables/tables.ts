import type { LiveFields } from '../run/live-fields.ts'
import type { System } from '../run/system.ts'
import type { WalkState } from '../trace/walk.ts'
import type { Ints, PairMap } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'
import { Changes } from './changes.ts'
import { Components } from './components.ts'
import { type GlobalEffect, GlobalSteps } from './global-steps.ts'
import { InFlight } from './in-flight.ts'
import { Journal } from './journal.ts'
import { NodeStates } from './node-states.ts'
import { NodeSteps } from './node-steps.ts'
import type { NumberedStates } from './numbered-states.ts'
import { Observers } from './observers.ts'
import type { Lists, Outcomes } from './outcome-lists.ts'
import type { Bits, Packets, Queues } from './packets.ts'
import type { PartitionTable } from './partition-table.ts'
import type { Parts } from './parts.ts'
import { Predicates } from './predicates.ts'
import { Questions } from './questions.ts'
import type { ReadMemo } from './read-memo.ts'
import type { StepTables } from './step-tables.ts'
import { Symmetry } from './symmetry.ts'
import type { TimeTable } from './time-table.ts'
import { standardTuning, type Tuning } from './tuning.ts'
import { GlobalPredicates } from './whole-predicates.ts'

export interface TableOptions {
  readonly symmetry: boolean
  readonly tuning?: Partial<Tuning> | undefined
  /** Check this property only. */
  readonly property?: string
  /** Judge the liveness properties, in place of all others. */
  readonly liveness?: true
  /** Where the search begins, in values of this system; the first state unless it is given. */
  readonly start?: WalkState | undefined
  /** Notes what code of the spec reads, and says what to reset; see run/live-fields.ts. */
  readonly live?: LiveFields | undefined
}

/**
 * A protocol as tables of integers, filled as the search asks: the only floor where code of the spec runs, once for each distinct
 * (node state, message), and there checked for purity and for symmetry.
 *
 * A state of the system is a vector of *components* (the state of each node, then of each observer, then what is left of each
 * finite fault budget, then the queue of each channel) and, but for `fifo`, a set of bits for the messages in flight.
 *
 * Each part of the tables has a file of its own, which says how it grows; here they stand side by side. What the search reads by the million are fields
 * of this one object, though a part owns them too: its loop takes no step from part to part.
 */
export class Tables implements StepTables {
  readonly tuning: Tuning
  readonly system: System
  /** All that these tables were asked since they were made, as far as they grew by it. */
  readonly journal = new Journal()
  readonly predicates: Predicates
  readonly symmetry: Symmetry
  readonly live: LiveFields | undefined
  readonly nodeCount: number
  readonly fifo: boolean
  readonly fairLoss: boolean
  /** Components before the channels. */
  readonly fixedComponents: number
  /** Where the search begins, if that is no initial state. */
  readonly start: WalkState | undefined
  /** The states that each node may begin in; and what begins in one way: observers, budgets and messages. */
  readonly initialLocals: readonly Int32Array[]
  readonly initialRest: Int32Array
  readonly #initialBits: readonly number[]
  /** Of each node that may lie from the start the state in which it does, and what is then in flight. */
  readonly #liars: readonly (Lying | undefined)[]
  // NodeStates:
  readonly locals: readonly NumberedStates[]
  // Observers:
  readonly observerNames: readonly string[]
  readonly observers: readonly NumberedStates[]
  readonly emits: Lists
  readonly observations: readonly PairMap[]
  readonly partition: PartitionTable | undefined
  // InFlight:
  readonly packets: Packets
  readonly bits: Bits
  readonly sends: Lists
  readonly queues: readonly Queues[]
  readonly channelFrom: readonly number[]
  readonly channelTo: readonly number[]
  readonly channel: Ints
  // NodeSteps, and its Cells:
  readonly outcomes: Outcomes
  readonly cells: readonly Int32Array[]
  readonly strides: Int32Array
  readonly acts: readonly Ints[]
  readonly recoveries: readonly Ints[]
  readonly stopped: readonly Ints[]
  // GlobalSteps:
  readonly globalNames: readonly string[]
  readonly globalMemos: readonly ReadMemo[]
  readonly globalLists: readonly (readonly GlobalEffect[])[]
  readonly globalTaken: Ints
  readonly changes: Changes
  readonly questions: Questions
  // Worlds:
  readonly worldMemos: readonly ReadMemo[]
  readonly restMemo: ReadMemo
  readonly #components: Components
  readonly #nodes: NodeStates
  readonly #observers: Observers
  readonly #flight: InFlight
  readonly #steps: NodeSteps
  readonly #globals: GlobalSteps
  readonly #worlds: GlobalPredicates

  constructor(system: System, { symmetry, tuning, property, liveness, start, live }: TableOptions) {
    this.tuning = { ...standardTuning, ...tuning }
    this.system = system
    this.start = start
    this.live = live
    if (live !== undefined) system.track(live)
    this.nodeCount = system.nodes.length
    this.predicates = new Predicates(system, property, liveness)
    const initial = system.nodes.map(({ index }) => system.init(index))
    this.symmetry = new Symmetry(system, initial, symmetry, this.tuning.listedMax)

    const basis = { system, journal: this.journal, tuning: this.tuning, predicates: this.predicates, symmetry: this.symmetry, live }
    const nodes = new NodeStates(basis)
    const observers = new Observers(basis)
    const flight = new InFlight(basis)
    const components = new Components({ ...basis, nodes, observers, flight })
    const questions = new Questions(basis, initial)
    nodes.questions = questions
    const changes = new Changes(basis, nodes)
    const parts: Parts = { ...basis, nodes, observers, flight, components, questions, changes }
    const steps = new NodeSteps(parts)
    const globals = new GlobalSteps(parts)
    const worlds = new GlobalPredicates(parts)
    this.#nodes = nodes
    this.#observers = observers
    this.#flight = flight
    this.#components = components
    this.#steps = steps
    this.#globals = globals
    this.#worlds = worlds
    this.questions = questions
    this.changes = changes

    this.locals = nodes.locals
    this.observerNames = observers.names
    this.observers = observers.states
    this.emits = observers.emits
    this.observations = observers.observations
    this.fifo = flight.fifo
    this.fairLoss = flight.fairLoss
    this.packets = flight.packets
    this.bits = flight.bits
    this.sends = flight.sends
    this.queues = flight.queues
    this.channelFrom = flight.channelFrom
    this.channelTo = flight.channelTo
    this.channel = flight.channel
    this.outcomes = steps.outcomes
    this.cells = steps.cells.data
    this.strides = steps.cells.strides
    this.acts = steps.acts
    this.recoveries = steps.recoveries
    this.stopped = steps.stopped
    this.globalNames = globals.names
    this.globalMemos = globals.memos
    this.globalLists = globals.lists
    this.globalTaken = globals.taken
    this.worldMemos = worlds.memos
    this.restMemo = worlds.restMemo

    this.fixedComponents = components.fixed
    this.initialLocals = firstLocals(parts, initial, start)
    this.initialRest = firstRest(parts, start)
    this.partition = observers.partition
    this.#initialBits = flight.bitsOf(start?.flight ?? system.forged)
    this.#liars = start === undefined ? liarsAmong(parts, initial) : []
    this.symmetry.confirm()
    live?.confirm()
    this.journal.confirm = () => {
      this.symmetry.confirm()
      live?.confirm()
    }
  }

  get time(): TimeTable | undefined {
    return this.#observers.time
  }

  get ticks(): readonly (readonly Ints[])[] {
    return this.#steps.ticks
  }

  get aged(): readonly Ints[] {
    return this.#flight.aged
  }

  get duePackets(): Ints {
    return this.#flight.due
  }

  get componentCount(): number {
    return this.fixedComponents + this.queues.length
  }

  /** Does a node lie that is in this state? Of what it says nothing is owed. */
  lies(node: number, local: number): boolean {
    return this.system.lies((this.locals[node] as NumberedStates).valueOf(local))
  }

  /** What is in flight where nodes begin in these states, of those in `initialLocals`; undefined if they may not, together. */
  initialBits(components: Int32Array): readonly number[] | undefined {
    const lying = this.#liars.flatMap((liar, node) => (liar !== undefined && components[node] === liar.local ? [liar] : []))
    if (lying.length === 0) return this.#initialBits
    const { locals, system } = this
    if (!system.mayBegin(system.nodes.map(({ index }) => (locals[index] as (typeof locals)[number]).valueOf(components[index] as number)))) return undefined
    return [...this.#initialBits, ...lying.flatMap(({ bits }) => bits)]
  }

  get looksInFlight(): boolean {
    return this.#worlds.looksInFlight || this.#globals.lookInFlight
  }

  componentSize(c: number): number {
    return this.#components.size(c)
  }

  /** A state of the system as numbers, see `Components.find`. */
  encode(state: WalkState): { readonly components: readonly number[]; readonly bits: readonly number[] } | undefined {
    return this.#components.find(state)
  }

  // What the parts answer; what it means, and what it costs, stands there. NodeStates and Observers:

  pairBits(a: number, b: number): number {
    return this.#nodes.pairBits(a, b)
  }

  observe(o: number, state: number, emits: number): number {
    return this.#observers.observe(o, state, emits)
  }

  // InFlight:

  packet(from: number, to: number, message: ValueId): number {
    return this.#flight.packet(from, to, message)
  }

  copy(bit: number): number {
    return this.#flight.copy(bit)
  }

  push(channel: number, queue: number, packet: number): number {
    return this.#flight.push(channel, queue, packet)
  }

  age(packet: number, isTimely: number): number {
    return this.#flight.age(packet, isTimely)
  }

  ageQueue(channel: number, queue: number, arrival: number): number {
    return this.#flight.ageQueue(channel, queue, arrival)
  }

  // The images of all these under the permutations of `symmetry`:

  localImage(g: number, node: number, local: number): number {
    return this.#nodes.image(g, node, local)
  }

  observerImage(g: number, o: number, state: number): number {
    return this.#observers.image(g, o, state)
  }

  packetImage(g: number, packet: number): number {
    return this.#flight.packetImage(g, packet)
  }

  bitImage(g: number, bit: number): number {
    return this.#flight.bitImage(g, bit)
  }

  channelImage(g: number, channel: number): number {
    return this.#flight.channelImage(g, channel)
  }

  queueImage(g: number, channel: number, queue: number): number {
    return this.#flight.queueImage(g, channel, queue)
  }

  // NodeSteps:

  deliver(node: number, local: number, packet: number): number {
    return this.#steps.deliver(node, local, packet)
  }

  markTaken(node: number, local: number, packet: number): void {
    this.#steps.markTaken(node, local, packet)
  }

  matters(node: number, local: number, packet: number, same: (to: number) => boolean): boolean {
    return this.#steps.matters(node, local, packet, same)
  }

  reaction(node: number, local: number, packet: number): number {
    return this.#steps.reaction(node, local, packet)
  }

  knownReaction(node: number, local: number, packet: number): number {
    return this.#steps.knownReaction(node, local, packet)
  }

  foresee(node: number, local: number): number {
    return this.#steps.foresee(node, local)
  }

  knowsActions(node: number, local: number): boolean {
    return this.#steps.knowsActions(node, local)
  }

  knownActions(node: number, local: number): number {
    return this.#steps.knownActions(node, local)
  }

  act(node: number, local: number): number {
    return this.#steps.act(node, local)
  }

  recover(node: number, local: number): number {
    return this.#steps.recover(node, local)
  }

  tryRecover(node: number, local: number): number {
    return this.#steps.tryRecover(node, local)
  }

  knownRecovery(node: number, local: number): number {
    return this.#steps.knownRecovery(node, local)
  }

  ofAction(node: number, local: number, action: number): number {
    return this.#steps.ofAction(node, local, action)
  }

  ofArrival(node: number, local: number, packet: number): number {
    return this.#steps.ofArrival(node, local, packet)
  }

  tryStop(node: number, local: number): number {
    return this.#steps.tryStop(node, local)
  }

  stop(node: number, local: number): number {
    return this.#steps.stop(node, local)
  }

  tick(node: number, local: number, rate: number): number {
    return this.#steps.tick(node, local, rate)
  }

  shareCells(): readonly Int32Array[] {
    return this.#steps.cells.share()
  }

  // GlobalSteps and Worlds:

  globalStep(step: number, components: Int32Array, inFlight: () => readonly number[]): number {
    return this.#globals.effects(step, components, inFlight)
  }

  change(node: number, change: number, local: number): number {
    return this.changes.apply(node, change, local)
  }

  worldBits(k: number, components: Int32Array, inFlight: () => readonly number[]): number {
    return this.#worlds.bits(k, components, inFlight)
  }

  mayRest(components: Int32Array, inFlight: () => readonly number[]): boolean {
    return this.#worlds.mayRest(components, inFlight)
  }
}

/** A node that lies from the start, and what is in flight from it. */
interface Lying {
  readonly local: number
  readonly bits: readonly number[]
}

/** The states that each node may begin in. */
const firstLocals = ({ nodes }: Parts, initial: readonly (readonly ValueId[])[], start: WalkState | undefined): readonly Int32Array[] =>
  initial.map((values, node) => {
    const begins = start === undefined ? values : [start.nodes[node] as ValueId]
    return Int32Array.from(new Set(begins.map(value => nodes.number(node, nodes.reset(node, value), start?.crashed[node] === true))))
  })

/** For each node whether it may lie from the start, and what it says. */
const liarsAmong = ({ system, nodes, flight }: Parts, initial: readonly (readonly ValueId[])[]): readonly (Lying | undefined)[] =>
  initial.map((values, from) => {
    const lying = values.find(value => system.lies(value))
    if (lying === undefined) return undefined
    const bits = flight.bitsOf(system.liesOf(from).map(({ to, message }) => ({ from, to, message })))
    return { local: nodes.number(from, nodes.reset(from, lying), false), bits }
  })

/** What begins in one way. */
const firstRest = ({ system, observers, components, flight }: Parts, start: WalkState | undefined): Int32Array =>
  Int32Array.from([
    ...observers.first(start?.observers),
    ...components.budgets.map(fault => start?.budgets[system.faults.indexOf(fault)] ?? fault.atMost),
    ...flight.queuesOf(start?.flight ?? []),
  ])
