import { SpecError } from '../protocol/errors.ts'
import type { Fault } from '../protocol/faults.ts'
import type { WalkState } from '../trace/walk.ts'
import { describe, type ValueId } from './encode.ts'
import { Ints, PairMap, Rows, shared, Tuples, zerosLike } from './ints.ts'
import { Journal, requests } from './journal.ts'
import type { LiveFields } from './live-fields.ts'
import { Locals } from './locals.ts'
import { Lists, type LocalOutcome, Outcomes } from './outcomes.ts'
import { Bits, Packets, Queues } from './packets.ts'
import { Predicates } from './predicates.ts'
import { type StepTables, TAKEN } from './step-tables.ts'
import { Symmetry } from './symmetry.ts'
import { impure, type Outcome, type Reader, type Send, type System } from './system.ts'
import { Reads, ReadTrie } from './trie.ts'

/** A cell whose handler threw when it was asked ahead of time: it is asked again if the search gets there. */
const THREW = 1 << 29

/** The answer of `knownReaction` where nothing is known. */
export const UNKNOWN_REACTION = -2

export interface TableOptions {
  readonly symmetry: boolean
  /** Members of the largest group that is listed; see symmetry.ts. */
  readonly listedMax?: number | undefined
  /** Check this property only. */
  readonly property?: string
  /** Notes what code of the spec reads, and says what to reset; see live-fields.ts. */
  readonly live?: LiveFields | undefined
}

/** What one run of a global step does, as numbers. */
export interface GlobalEffect {
  readonly nodes: readonly number[]
  readonly locals: readonly number[]
  readonly sends: number
  readonly emits: number
  readonly broken: number
}

export interface GlobalList {
  readonly effects: readonly GlobalEffect[]
  readonly cut: boolean
}

/** A kind of step of one node, and where its outcome lists stand. `packet` is -1 for what is no delivery. */
interface Step {
  /** The list, or -1. */
  known(node: number, local: number, packet: number): number
  /** Runs code of the spec: each run `twice`, or once only (`System.deliver`). */
  raw(node: number, local: number, packet: number, twice: boolean): number
  set(node: number, local: number, packet: number, list: number): void
  place(node: number, packet: number): string
}

/**
 * A protocol as tables of integers, filled as the search asks: the only floor where code of the spec runs, once for each distinct
 * (node state, message), and there checked for purity and for symmetry.
 *
 * A state of the system is a vector of *components* (the state of each node, then of each observer, then what is left of each
 * finite fault budget, then the queue of each channel) and, but for `fifo`, a set of bits for the messages in flight.
 */
export class Tables implements StepTables {
  readonly system: System
  /** All that these tables were asked since they were made, as far as they grew by it. */
  readonly journal = new Journal()
  readonly predicates: Predicates
  readonly symmetry: Symmetry
  readonly nodeCount: number
  readonly observerNames: readonly string[]
  /** The finite faults, whose budgets are components. */
  readonly budgets: readonly Fault[]
  /** The states of each node's role; nodes of one role share theirs. */
  readonly locals: readonly Locals[]
  readonly observers: readonly Locals[]
  readonly packets: Packets
  readonly bits = new Bits()
  readonly sends = new Lists()
  readonly emits = new Lists()
  readonly outcomes = new Outcomes()
  /** `cells[node][local * strides[node] + column]`: the outcome list of a delivery, plus 1, and `TAKEN` once the search took it; 0 while unknown. */
  readonly cells: Int32Array[]
  readonly strides: Int32Array
  /** `acts[node].data[local]`: the outcome list of all actions of a node, plus 1; 0 while unknown. */
  readonly acts: readonly Ints[]
  /** The same for a crash with recovery. */
  readonly recoveries: readonly Ints[]
  /** The state of a node after it has stopped, plus 1; 0 while unknown. */
  readonly stopped: readonly Ints[]
  readonly observations: readonly PairMap[]
  /** The channels of a `fifo` network that were ever used. */
  readonly queues: Queues[] = []
  readonly channelFrom: number[] = []
  readonly channelTo: number[] = []
  /** The channel of each packet (`fifo`). */
  readonly channel = new Ints()
  readonly globalNames: readonly string[]
  readonly globalTries: readonly ReadTrie[]
  readonly globalLists: GlobalList[] = []
  readonly worldTries: readonly ReadTrie[]
  readonly restTrie = new ReadTrie()
  readonly initialComponents: Int32Array
  readonly live: LiveFields | undefined
  /** Whether a property has looked at the messages in flight: then none may be dropped. */
  looksInFlight = false
  readonly #delivery: Step = {
    known: (node, local, packet) => this.#knownDelivery(node, local, packet),
    raw: (node, local, packet, twice) => this.#evaluateDelivery(node, local, packet, twice),
    set: (node, local, packet, list) => this.#setCell(node, local, packet, list + 1),
    place: (node, packet) => `handler ${this.system.values.typeOf(this.packets.message.data[packet] as number)} at ${this.system.label(node)}`,
  }
  readonly #action: Step = {
    known: (node, local) => known(this.acts[node] as Ints, local),
    raw: (node, local, _, twice) => this.#evaluateActions(node, local, twice),
    set: (node, local, _, list) => put(this.acts[node] as Ints, local, list),
    place: node => `actions at ${this.system.label(node)}`,
  }
  readonly #foresight: Step = {
    known: (node, local) => known(this.#foreseen[node] as Ints, local),
    raw: (node, local, _, twice) => this.#evaluateActions(node, local, twice),
    set: (node, local, _, list) => put(this.#foreseen[node] as Ints, local, list),
    place: node => `actions at ${this.system.label(node)}`,
  }
  readonly #recovery: Step = {
    known: (node, local) => known(this.recoveries[node] as Ints, local),
    raw: (node, local) => this.#evaluateRecovery(node, local),
    set: (node, local, _, list) => put(this.recoveries[node] as Ints, local, list),
    place: node => `recover at ${this.system.label(node)}`,
  }
  /** The number of each node's role. */
  readonly #roles: readonly number[]
  readonly #roleCount: number
  /** Images of node states and of outcome lists by permutation and role (see `#row`), of packets and lists by permutation. */
  readonly #localImages = new Rows()
  readonly #outcomeImages = new Rows()
  readonly #packetImages = new Rows()
  readonly #sendImages = new Rows()
  readonly #emitImages = new Rows()
  readonly #foreseen: readonly Ints[]
  readonly #globalIds = new Tuples()
  readonly #channelIds = new Map<number, number>()
  /** The first (role, state) that each class of the pair predicates was met with. */
  readonly #classExample = new Map<number, readonly [node: number, local: number]>()

  constructor(system: System, { symmetry, listedMax, property, live }: TableOptions) {
    this.system = system
    this.live = live
    if (live !== undefined) system.track(live)
    const n = system.nodes.length
    this.nodeCount = n
    this.predicates = new Predicates(system, property)
    const initial = system.nodes.map(({ index }) => system.init(index))
    this.symmetry = new Symmetry(system, initial, symmetry, listedMax)
    const byRole = new Map(Object.keys(system.protocol.roles).map(role => [role, new Locals()]))
    this.locals = system.nodes.map(({ role }) => byRole.get(role) as Locals)
    const roles = [...byRole.keys()]
    this.#roles = system.nodes.map(({ role }) => roles.indexOf(role))
    this.#roleCount = roles.length
    this.observerNames = Object.keys(system.protocol.observers ?? {})
    this.observers = this.observerNames.map(() => new Locals())
    this.budgets = system.faults.filter(({ atMost }) => atMost !== Infinity)
    this.packets = new Packets(n)
    this.cells = system.nodes.map(() => new Int32Array(16 * 16))
    this.strides = new Int32Array(n).fill(16)
    this.acts = system.nodes.map(() => new Ints())
    this.#foreseen = system.nodes.map(() => new Ints())
    this.recoveries = system.nodes.map(() => new Ints())
    this.stopped = system.nodes.map(() => new Ints())
    this.observations = this.observerNames.map(() => new PairMap())
    this.globalNames = Object.keys(system.protocol.steps ?? {})
    this.globalTries = this.globalNames.map(() => new ReadTrie())
    this.worldTries = this.predicates.world.map(() => new ReadTrie())
    this.initialComponents = Int32Array.from([
      ...initial.map((value, node) => this.local(node, this.#live(node, value), false)),
      ...this.observerNames.map((name, o) =>
        this.observerState(o, system.values.encode(system.protocol.observers?.[name]?.init, `the first state of observer ${name}`)),
      ),
      ...this.budgets.map(({ atMost }) => atMost),
    ])
    this.#confirm()
  }

  /** The state of a node without what nobody reads. */
  #live(node: number, value: ValueId): ValueId {
    return this.live === undefined ? value : this.live.reset(node, value)
  }

  /** @throws RankRead, DeadFieldRead where code of the spec has seen what nobody thought it would. */
  #confirm(): void {
    this.symmetry.confirm()
    this.live?.confirm()
  }

  /** `cells`, in memory that threads share: they may be read there while this thread does not write. */
  shareCells(): readonly Int32Array[] {
    this.cells.forEach((cells, node) => {
      this.cells[node] = shared(cells)
    })
    return this.cells
  }

  get fifo(): boolean {
    return this.system.protocol.network === 'fifo'
  }

  get fairLoss(): boolean {
    return this.system.protocol.network === 'fair-loss'
  }

  /** Components before the channels. */
  get fixedComponents(): number {
    return this.nodeCount + this.observerNames.length + this.budgets.length
  }

  /** How many values component `c` has been met with. */
  componentSize(c: number): number {
    if (c < this.nodeCount) return (this.locals[c] as Locals).size
    const observer = c - this.nodeCount
    if (observer < this.observerNames.length) return (this.observers[observer] as Locals).size
    const budget = observer - this.observerNames.length
    if (budget < this.budgets.length) return (this.budgets[budget]?.atMost as number) + 1
    return (this.queues[budget - this.budgets.length] as Queues).size
  }

  get componentCount(): number {
    return this.fixedComponents + this.queues.length
  }

  /** The number of a node state; a new one is shown to the predicates, and numbered only if they have an answer: an error may be passed over (`reaction`). */
  local(node: number, value: ValueId, crashed: boolean): number {
    const locals = this.locals[node] as Locals
    const known = locals.find(value, crashed)
    if (known >= 0) return known
    const { role } = this.system.nodes[node] as { role: string }
    const bits = this.predicates.ofNode(role, value)
    const view = this.predicates.hasPairs ? this.predicates.classOf(role, value) : 0
    this.#checkImages(value, bits, image => this.predicates.ofNode(role, image), `properties of ${role}`)
    const local = locals.add(value, crashed)
    locals.bits.push(bits)
    locals.classes.push(view)
    if (!this.#classExample.has(view)) this.#classExample.set(view, [node, local])
    return local
  }

  /** The number of a state of observer `o`. */
  observerState(o: number, value: ValueId): number {
    const states = this.observers[o] as Locals
    const known = states.find(value, false)
    if (known >= 0) return known
    const name = this.observerNames[o] as string
    const bits = this.predicates.ofObserver(name, value)
    this.#checkImages(value, bits, image => this.predicates.ofObserver(name, image), `properties of observer ${name}`)
    const state = states.add(value, false)
    states.bits.push(bits)
    return state
  }

  /** Do the predicates say the same of a value and of its images? */
  #checkImages(value: ValueId, bits: number, ask: (image: ValueId) => number, place: string): void {
    for (const g of this.symmetry.generators) {
      const image = this.symmetry.image(g, value)
      if (image !== value && ask(image) !== bits)
        this.symmetry.refuse(`${this.system.protocol.name}, ${place}`, g, `a property tells ${this.#show(value)} from its image ${this.#show(image)}.`)
    }
  }

  /** The bits of a pair of node states; symmetry is checked when a pair of classes is new. */
  pairBits(a: number, b: number): number {
    const known = this.predicates.knownPair(a, b)
    return known >= 0 ? known : this.journal.record(requests.pair, [a, b], () => this.#evaluatePair(a, b))
  }

  #evaluatePair(a: number, b: number): number {
    const bits = this.predicates.ofPair(a, b)
    const [left, right] = [this.#classExample.get(a), this.#classExample.get(b)]
    if (left !== undefined && right !== undefined)
      for (const g of this.symmetry.generators)
        if (this.predicates.rawPair(this.#imageClass(g, left), this.#imageClass(g, right)) !== bits)
          this.symmetry.refuse(`${this.system.protocol.name}, a property of pairs`, g, 'it tells two states from their images.')
    return bits
  }

  #imageClass(g: number, [node, local]: readonly [number, number]): number {
    const value = this.symmetry.image(g, (this.locals[node] as Locals).valueOf(local))
    return this.predicates.classOf((this.system.nodes[node] as { role: string }).role, value)
  }

  /** The outcome list of a delivery, evaluated if it is new (and its images with it). */
  deliver(node: number, local: number, packet: number): number {
    const known = this.#knownDelivery(node, local, packet)
    return known >= 0 ? known : this.journal.record(requests.deliver, [node, local, packet], () => this.#closeDelivery(node, local, packet))
  }

  #knownDelivery(node: number, local: number, packet: number): number {
    const cell = this.#cell(node, local, packet)
    return cell === THREW ? -1 : (cell & ~TAKEN) - 1
  }

  #closeDelivery(node: number, local: number, packet: number): number {
    return this.#close(this.#delivery, node, local, packet)
  }

  /** Marks a delivery as taken: the hot loop need not ask again. */
  take(node: number, local: number, packet: number): void {
    const cell = this.#cell(node, local, packet)
    if ((cell & TAKEN) === 0) this.journal.record(requests.take, [node, local, packet], () => this.#setCell(node, local, packet, cell | TAKEN))
  }

  /**
   * Would the delivery change anything but what is in flight? `same` says which states count as that of the node. Asked ahead of time: if the handler throws, it does.
   */
  matters(node: number, local: number, packet: number, same: (to: number) => boolean): boolean {
    const list = this.reaction(node, local, packet)
    if (list < 0) return true
    const { start, to, sends, emits, broken } = this.outcomes
    for (let o = start.data[list] as number; o < (start.data[list + 1] as number); o++)
      if (!same(to.data[o] as number) || sends.data[o] !== 0 || emits.data[o] !== 0 || broken.data[o] !== 0) return true
    return false
  }

  /** The outcome list of a delivery that may never happen; -1 if the handler throws, which only matters if it does. */
  reaction(node: number, local: number, packet: number): number {
    if (this.#cell(node, local, packet) === THREW) return -1
    const known = this.#knownDelivery(node, local, packet)
    if (known >= 0) return known
    return this.journal.record(requests.react, [node, local, packet], () => {
      const list = attempt(() => this.#closeDelivery(node, local, packet))
      if (list < 0) this.#setCell(node, local, packet, THREW)
      return list
    })
  }

  /** The outcome list of a delivery if it was evaluated, `UNKNOWN_REACTION` if not; -1 if the handler threw. */
  knownReaction(node: number, local: number, packet: number): number {
    return this.#cell(node, local, packet) === 0 ? UNKNOWN_REACTION : this.#knownDelivery(node, local, packet)
  }

  /**
   * The outcome list of the actions of a node in a state that may never be reached; -1 if they throw there. Kept apart from `acts`, where the
   * search finds out that it takes them for the first time.
   */
  foresee(node: number, local: number): number {
    const list = this.knowsActions(node, local) ? this.act(node, local) : known(this.#foreseen[node] as Ints, local)
    if (list >= 0) return list
    return this.journal.record(requests.foresee, [node, local], () => attempt(() => this.#close(this.#foresight, node, local, -1)))
  }

  /** The outcome list of a crash with recovery in a state that may never be reached; -1 if it throws there. */
  tryRecover(node: number, local: number): number {
    return attempt(() => this.recover(node, local))
  }

  /** Have the actions of a node been evaluated in this state? */
  knowsActions(node: number, local: number): boolean {
    return known(this.acts[node] as Ints, local) >= 0
  }

  /** The outcome list of all actions of a node in this state, if they were ever evaluated, be it ahead of time; -1 if not. */
  knownActions(node: number, local: number): number {
    const list = known(this.acts[node] as Ints, local)
    return list >= 0 ? list : known(this.#foreseen[node] as Ints, local)
  }

  /** The outcome list of all actions of a node in this state. */
  act(node: number, local: number): number {
    if (this.knowsActions(node, local)) return known(this.acts[node] as Ints, local)
    return this.journal.record(requests.act, [node, local], () => this.#close(this.#action, node, local, -1))
  }

  /** The outcome list of a crash with recovery. */
  recover(node: number, local: number): number {
    const list = known(this.recoveries[node] as Ints, local)
    return list >= 0 ? list : this.journal.record(requests.recover, [node, local], () => this.#close(this.#recovery, node, local, -1))
  }

  /** The outcome list of a crash with recovery, if it was ever evaluated; -1 if not. */
  knownRecovery(node: number, local: number): number {
    return known(this.recoveries[node] as Ints, local)
  }

  /** The state of a node that has stopped. */
  stop(node: number, local: number): number {
    const state = known(this.stopped[node] as Ints, local)
    if (state >= 0) return state
    return this.journal.record(requests.stop, [node, local], () => {
      const locals = this.locals[node] as Locals
      const result = locals.crashed(local) ? local : this.local(node, locals.valueOf(local), true)
      put(this.stopped[node] as Ints, local, result)
      return result
    })
  }

  /** The state of observer `o` after a list of events. */
  observe(o: number, state: number, emits: number): number {
    return this.journal.record(requests.observe, [o, state, emits], () => this.#evaluateObservation(o, state, emits))
  }

  #evaluateObservation(o: number, state: number, emits: number): number {
    const name = this.observerNames[o] as string
    const states = this.observers[o] as Locals
    const run = (from: ValueId, list: readonly number[], twice: boolean): ValueId => {
      let value = from
      for (let i = 0; i < list.length; i += 2) value = this.system.observe(name, value, list[i + 1] as number, list[i] as number, twice)
      return value
    }
    const before = states.valueOf(state)
    const after = run(before, this.emits.items(emits), true)
    for (const g of this.symmetry.generators) {
      const runImage = (twice: boolean): ValueId => run(this.symmetry.image(g, before), this.emits.items(this.#emitsImage(g, emits)), twice)
      const image = runImage(false)
      if (image === this.symmetry.image(g, after)) continue
      runImage(true)
      this.symmetry.refuse(`${this.system.protocol.name}, observer ${name}`, g, `after ${this.#show(before)} it has ${this.#show(image)}.`)
    }
    this.symmetry.confirm()
    const next = this.observerState(o, after)
    this.observations[o]?.set(state, emits, next)
    return next
  }

  /** The effects of a global step in this state of the components. */
  globalStep(step: number, components: Int32Array): number {
    const args = [step, ...components.subarray(0, this.fixedComponents)]
    return this.journal.record(requests.globalStep, args, () => this.#evaluateGlobalStep(step, components))
  }

  #evaluateGlobalStep(step: number, components: Int32Array): number {
    const name = this.globalNames[step] as string
    const reads = new Reads()
    const list = this.#globalList(name, this.reader(components, reads), components)
    for (const g of this.symmetry.generators) {
      const permuted = this.#permutedComponents(g, components)
      const image = this.#globalList(name, this.reader(permuted, new Reads()), permuted)
      const expected = this.#internGlobal({
        cut: (this.globalLists[list] as GlobalList).cut,
        effects: (this.globalLists[list] as GlobalList).effects.map(({ nodes, locals, sends, emits, broken }) => ({
          nodes: nodes.map(node => this.symmetry.nodeImage[g]?.[node] as number),
          locals: locals.map((local, i) => this.localImage(g, nodes[i] as number, local)),
          sends: this.#sendsImage(g, sends),
          emits: this.#emitsImage(g, emits),
          broken,
        })),
      })
      if (image !== expected) this.symmetry.refuse(`${this.system.protocol.name}, step ${name}`, g, 'its effects differ.')
    }
    this.symmetry.confirm()
    this.globalTries[step]?.add(reads.list, list)
    return list
  }

  /** The bits of predicate `k` over the whole state. `inFlight` lists the messages, if the predicate asks. */
  worldBits(k: number, components: Int32Array, inFlight: () => readonly number[]): number {
    const [bit, predicate] = this.predicates.world[k] as Predicates['world'][number]
    return this.#recordWorld(requests.world, k, components, inFlight, flight => {
      const { result, memo } = this.#askWorld(
        components,
        flight,
        world => this.predicates.ofWorld(bit, predicate, world),
        `property ${this.predicates.list[31 - Math.clz32(bit)]?.name}`,
      )
      const bits = result ? 0 : bit
      if (memo !== undefined) this.worldTries[k]?.add(memo, bits)
      return bits
    })
  }

  /** May the system rest in this state? */
  mayRest(components: Int32Array, inFlight: () => readonly number[]): boolean {
    const { mayRest } = this.system.protocol
    if (typeof mayRest !== 'function') return mayRest ?? true
    return this.#recordWorld(requests.rest, 0, components, inFlight, flight => {
      const { result, memo } = this.#askWorld(components, flight, world => mayRest(world as never), 'mayRest')
      if (memo !== undefined) this.restTrie.add(memo, result ? 1 : 0)
      return result
    })
  }

  /** What looks at the messages in flight is not remembered, so it is asked again and again: it is written down only where something grew by it. */
  #recordWorld<T>(
    request: typeof requests.world | typeof requests.rest,
    k: number,
    components: Int32Array,
    inFlight: () => readonly number[],
    answer: (flight: () => readonly number[]) => T,
  ): T {
    const args = [k, ...components.subarray(0, this.fixedComponents)]
    const before = this.#extent()
    let looked: readonly number[] | undefined
    const look = (): readonly number[] => {
      if (looked === undefined) {
        looked = inFlight()
        args.push(...looked)
      }
      return looked
    }
    return this.journal.record(
      request,
      args,
      () => answer(look),
      () => this.#extent() !== before,
    )
  }

  /** A number that rises with whatever a question about the whole state may add. */
  #extent(): number {
    let extent = this.packets.size + this.bits.size + this.queues.length + this.restTrie.size + (this.looksInFlight ? 1 : 0)
    for (const { size } of this.locals) extent += size
    for (const { size } of this.observers) extent += size
    for (const { size } of this.worldTries) extent += size
    return extent
  }

  #askWorld(components: Int32Array, inFlight: () => readonly number[], ask: (world: unknown) => boolean, place: string) {
    const askOn = (state: Int32Array, flight: () => readonly number[]) => {
      const reads = new Reads()
      let looked = false
      const world = this.system.world(this.reader(state, reads), {
        observer: name => {
          const o = this.observerNames.indexOf(name)
          const component = this.nodeCount + o
          reads.note(component, state[component] as number)
          return (this.observers[o] as Locals).valueOf(state[component] as number)
        },
        inFlight: () => {
          looked = true
          this.looksInFlight = true
          return flight().map(packet => this.showPacket(packet))
        },
      })
      return { result: ask(world), memo: looked ? undefined : reads.list }
    }
    const answer = askOn(components, inFlight)
    for (const g of this.symmetry.generators) {
      const image = askOn(this.#permutedComponents(g, components), () => inFlight().map(packet => this.packetImage(g, packet)))
      if (image.result !== answer.result) this.symmetry.refuse(`${this.system.protocol.name}, ${place}`, g, 'it tells a state from its image.')
    }
    this.symmetry.confirm()
    return answer
  }

  /**
   * A state of the system as components and bits; undefined if some part of it has never come up. It is not made to: the order in which parts are
   * numbered is that of the journal.
   */
  encode({ nodes, crashed, observers, budgets, flight }: WalkState): { readonly components: readonly number[]; readonly bits: readonly number[] } | undefined {
    const components = [
      ...nodes.map((value, node) => (this.locals[node] as Locals).find(this.#live(node, value), crashed[node] as boolean)),
      ...observers.map((value, o) => (this.observers[o] as Locals).find(value, false)),
      ...budgets.filter((_, i) => this.system.faults[i]?.atMost !== Infinity),
    ]
    const packets = flight.map(({ from, to, message }) => this.packets.find(from, to, message))
    if (packets.includes(-1)) return undefined
    const bits: number[] = []
    if (this.fifo) this.queues.forEach((queues, channel) => void components.push(queues.find(packets.filter(p => this.channel.data[p] === channel))))
    else
      for (const packet of packets) {
        let bit = this.bits.of(packet)
        while (bits.includes(bit)) bit = this.copy(bit)
        bits.push(bit)
      }
    return components.includes(-1) ? undefined : { components, bits }
  }

  showPacket(packet: number): { from: unknown; to: unknown; message: unknown } {
    return {
      from: this.system.nodes[this.packets.from.data[packet] as number]?.id,
      to: this.system.nodes[this.packets.to.data[packet] as number]?.id,
      message: this.system.values.decode(this.packets.message.data[packet] as number),
    }
  }

  reader(components: Int32Array, reads: Reads): Reader {
    const local = (node: number): number => {
      reads.note(node, components[node] as number)
      return components[node] as number
    }
    return {
      state: node => (this.locals[node] as Locals).valueOf(local(node)),
      crashed: node => (this.locals[node] as Locals).crashed(local(node)),
    }
  }

  /** The image of a node state under permutation `g`. */
  localImage(g: number, node: number, local: number): number {
    const row = this.#row(g, node)
    const known = this.#localImages.get(row, local)
    return known >= 0 ? known : this.#localImages.set(row, local, this.#findLocalImage(g, node, local))
  }

  #findLocalImage(g: number, node: number, local: number): number {
    const locals = this.locals[node] as Locals
    const value = this.symmetry.image(g, locals.valueOf(local))
    if (value === locals.valueOf(local)) return local
    const known = locals.find(value, locals.crashed(local))
    return known >= 0 ? known : this.journal.record(requests.localImage, [g, node, local], () => this.local(node, value, locals.crashed(local)))
  }

  #row(g: number, node: number): number {
    return g * this.#roleCount + (this.#roles[node] as number)
  }

  observerImage(g: number, o: number, state: number): number {
    const states = this.observers[o] as Locals
    const value = this.symmetry.image(g, states.valueOf(state))
    const known = states.find(value, false)
    return known >= 0 ? known : this.journal.record(requests.observerImage, [g, o, state], () => this.observerState(o, value))
  }

  packetImage(g: number, packet: number): number {
    const known = this.#packetImages.get(g, packet)
    return known >= 0 ? known : this.#packetImages.set(g, packet, this.#findPacketImage(g, packet))
  }

  #findPacketImage(g: number, packet: number): number {
    const image = this.symmetry.nodeImage[g] as Int32Array
    const { packets } = this
    const from = image[packets.from.data[packet] as number] as number
    const to = image[packets.to.data[packet] as number] as number
    const message = this.symmetry.image(g, packets.message.data[packet] as number)
    const known = packets.find(from, to, message)
    return known >= 0 ? known : this.journal.record(requests.packetImage, [g, packet], () => this.packet(from, to, message))
  }

  bitImage(g: number, bit: number): number {
    let image = this.bits.of(this.packetImage(g, this.bits.packet.data[bit] as number))
    for (let copy = this.bits.copy.data[bit] as number; copy > 0; copy--) image = this.copy(image)
    return image
  }

  /** The bit of one more copy of the message that `bit` stands for (`reliable`). */
  copy(bit: number): number {
    const known = this.bits.next.data[bit] as number
    return known >= 0 ? known : this.journal.record(requests.copy, [bit], () => this.bits.after(bit))
  }

  /** The content of a channel with one more packet at its end (`fifo`). */
  push(channel: number, queue: number, packet: number): number {
    const queues = this.queues[channel] as Queues
    const known = queues.pushed(queue, packet)
    return known >= 0 ? known : this.journal.record(requests.push, [channel, queue, packet], () => queues.push(queue, packet))
  }

  channelImage(g: number, channel: number): number {
    const image = this.symmetry.nodeImage[g] as Int32Array
    const from = image[this.channelFrom[channel] as number] as number
    const to = image[this.channelTo[channel] as number] as number
    return this.#channelIds.get(this.#channelKey(from, to)) ?? this.journal.record(requests.channelImage, [g, channel], () => this.channelOf(from, to))
  }

  queueImage(g: number, channel: number, queue: number): number {
    const items = (this.queues[channel] as Queues).items[queue] as readonly number[]
    const there = this.queues[this.channelImage(g, channel)] as Queues
    const image = items.map(packet => this.packetImage(g, packet))
    const known = there.find(image)
    return known >= 0 ? known : this.journal.record(requests.queueImage, [g, channel, queue], () => there.intern(image))
  }

  packet(from: number, to: number, message: ValueId): number {
    const packet = this.packets.intern(from, to, message)
    if (this.fifo) {
      if (packet === this.channel.length) this.channel.push(this.channelOf(from, to))
    } else this.bits.of(packet)
    return packet
  }

  channelOf(from: number, to: number): number {
    const key = this.#channelKey(from, to)
    const known = this.#channelIds.get(key)
    if (known !== undefined) return known
    const channel = this.queues.length
    this.#channelIds.set(key, channel)
    this.queues.push(new Queues())
    this.channelFrom.push(from)
    this.channelTo.push(to)
    return channel
  }

  #channelKey(from: number, to: number): number {
    return from * this.nodeCount + to
  }

  /** Interns sends in the order that matters to the network: for `fifo` that within a channel, else none. */
  internSends(from: number, sends: readonly Send[]): number {
    return sends.length === 0 ? 0 : this.#internPackets(sends.map(({ to, message }) => this.packet(from, to, message)))
  }

  #internPackets(packets: readonly number[]): number {
    if (packets.length < 2) return this.sends.intern(packets)
    if (this.fifo) return this.sends.intern([...packets].sort((a, b) => (this.channel.data[a] as number) - (this.channel.data[b] as number)))
    const sorted = [...packets].sort((a, b) => (this.packets.to.data[a] as number) - (this.packets.to.data[b] as number) || a - b)
    return this.sends.intern(this.fairLoss ? sorted.filter((p, i) => p !== sorted[i - 1]) : sorted)
  }

  #sendsImage(g: number, sends: number): number {
    if (sends === 0) return 0
    const known = this.#sendImages.get(g, sends)
    if (known >= 0) return known
    return this.#sendImages.set(g, sends, this.#internPackets(this.sends.items(sends).map(packet => this.packetImage(g, packet))))
  }

  #emitsImage(g: number, emits: number): number {
    if (emits === 0) return 0
    const known = this.#emitImages.get(g, emits)
    if (known >= 0) return known
    const image = this.symmetry.nodeImage[g] as Int32Array
    const items = this.emits.items(emits).map((x, i) => (i % 2 === 0 ? (image[x] as number) : this.symmetry.image(g, x)))
    return this.#emitImages.set(g, emits, this.emits.intern(items))
  }

  #permutedComponents(g: number, components: Int32Array): Int32Array {
    const permuted = Int32Array.from(components)
    const image = this.symmetry.nodeImage[g] as Int32Array
    for (let node = 0; node < this.nodeCount; node++) permuted[image[node] as number] = this.localImage(g, node, components[node] as number)
    this.observerNames.forEach((_, o) => {
      permuted[this.nodeCount + o] = this.observerImage(g, o, components[this.nodeCount + o] as number)
    })
    return permuted
  }

  /**
   * Evaluates a step and, with symmetry, all its images: handler(π(state), π(message)) = π(handler(state, message)) is checked for every
   * generator at every member of the orbit, so it holds for the whole group. All members of an orbit are reachable if one is.
   *
   * The first member is run twice, on inputs that share no object and are filled in opposite orders. The others are run once, on the objects that stand for their
   * values in all runs, so that a handler finds what it noted down at them; that result must be the image of one which two runs agreed on. Where it is not, both
   * are run again, twice, to say which of the two the handler is: impure, or not symmetric.
   */
  #close(step: Step, node: number, local: number, packet: number): number {
    const { generators } = this.symmetry
    const nodes = [node]
    const locals = [local]
    const packets = [packet]
    // Members of the orbit, each evaluated when its turn comes; those that were known are not checked again.
    const fresh: boolean[] = []
    try {
      for (let m = 0; m < nodes.length; m++) {
        const [i, s, p] = [nodes[m] as number, locals[m] as number, packets[m] as number]
        fresh[m] = false
        if (step.known(i, s, p) >= 0) continue
        step.set(i, s, p, step.raw(i, s, p, m === 0))
        fresh[m] = true
        for (const g of generators) {
          nodes.push(this.symmetry.nodeImage[g]?.[i] as number)
          locals.push(this.localImage(g, i, s))
          packets.push(p < 0 ? p : this.packetImage(g, p))
        }
      }
      this.#confirm()
      // The images of the k-th fresh member were pushed one after the other, behind the first member and those of the fresh ones before.
      let there = 1
      for (let m = 0; m < nodes.length; m++) {
        if (!fresh[m]) continue
        const list = step.known(nodes[m] as number, locals[m] as number, packets[m] as number)
        for (const g of generators) {
          const expected = this.#outcomesImage(g, nodes[m] as number, list)
          const found = step.known(nodes[there] as number, locals[there] as number, packets[there] as number)
          if (expected !== found) {
            for (const k of [there, m]) this.#checkAgain(step, nodes[k] as number, locals[k] as number, packets[k] as number)
            this.#refuseStep(g, nodes[there] as number, step.place(nodes[m] as number, packets[m] as number), expected, found)
          }
          there++
        }
      }
    } catch (error) {
      // What was evaluated and not yet checked is forgotten.
      for (let m = 0; m < fresh.length; m++) if (fresh[m]) step.set(nodes[m] as number, locals[m] as number, packets[m] as number, -1)
      throw error
    }
    return step.known(node, local, packet)
  }

  /** Runs a step once more, now twice. @throws SpecError if the handler is impure. */
  #checkAgain(step: Step, node: number, local: number, packet: number): void {
    const before = step.known(node, local, packet)
    const after = step.raw(node, local, packet, true)
    const difference = before === after ? undefined : this.system.difference(this.#decoded(node, before), this.#decoded(node, after))
    if (difference !== undefined) throw impure(`${this.system.protocol.name}, ${step.place(node, packet)}`, difference.field, difference.left, difference.right)
  }

  #decoded(node: number, list: number): readonly Outcome[] {
    const { to, message } = this.packets
    return this.outcomes.items(list).map(outcome => ({
      state: (this.locals[node] as Locals).valueOf(outcome.to),
      sends: this.sends.items(outcome.sends).map(packet => ({ to: to.data[packet] as number, message: message.data[packet] as number })),
      emits: this.emits.items(outcome.emits).filter((_, i) => i % 2 === 1),
      choices: [],
    }))
  }

  #refuseStep(g: number, node: number, place: string, expected: number, found: number): never {
    const locals = this.locals[node] as Locals
    const a = this.outcomes.items(expected)
    const b = this.outcomes.items(found)
    const i = a.findIndex((o, k) => o.to !== b[k]?.to)
    const show = (o: LocalOutcome | undefined): string => (o === undefined ? 'nothing' : this.#show(locals.valueOf(o.to)))
    const what =
      i >= 0
        ? `the next state should be ${show(a[i])}, but is ${show(b[i])}.`
        : a.length === b.length
          ? 'it sends, or emits, something else.'
          : 'it is enabled in one and not in the other.'
    return this.symmetry.refuse(`${this.system.protocol.name}, ${place}`, g, what)
  }

  #outcomesImage(g: number, node: number, list: number): number {
    const row = this.#row(g, node)
    const known = this.#outcomeImages.get(row, list)
    if (known >= 0) return known
    const { start, to, sends, emits, broken, cut } = this.outcomes
    const flat: number[] = []
    for (let o = start.data[list] as number; o < (start.data[list + 1] as number); o++)
      flat.push(
        this.localImage(g, node, to.data[o] as number),
        this.#sendsImage(g, sends.data[o] as number),
        this.#emitsImage(g, emits.data[o] as number),
        broken.data[o] as number,
      )
    return this.#outcomeImages.set(row, list, this.outcomes.intern(flat, cut.data[list] === 1))
  }

  #evaluateDelivery(node: number, local: number, packet: number, twice: boolean): number {
    const locals = this.locals[node] as Locals
    if (locals.crashed(local)) return 0
    const { from, message } = this.packets
    const outcomes = this.system.deliver(node, locals.valueOf(local), message.data[packet] as number, from.data[packet] as number, twice)
    return this.#internOutcomes(node, local, outcomes, this.fairLoss)
  }

  #evaluateActions(node: number, local: number, twice: boolean): number {
    const locals = this.locals[node] as Locals
    if (locals.crashed(local)) return 0
    const outcomes = this.system.actionNames(node).flatMap(action => this.system.act(node, locals.valueOf(local), action, twice))
    return this.#internOutcomes(node, local, outcomes, true)
  }

  #evaluateRecovery(node: number, local: number): number {
    const locals = this.locals[node] as Locals
    if (locals.crashed(local)) return 0
    const state = this.system.recover(node, locals.valueOf(local))
    return this.#internOutcomes(node, local, [{ state, sends: [], emits: [], choices: [] }], true)
  }

  /** @param dropIdle an outcome that changes nothing is no step (but for a delivery that consumes its message). */
  #internOutcomes(node: number, local: number, outcomes: readonly Outcome[], dropIdle: boolean): number {
    const { role } = this.system.nodes[node] as { role: string }
    const before = (this.locals[node] as Locals).valueOf(local)
    const flat: number[] = []
    let cut = false
    for (const { state, sends, emits } of outcomes) {
      if (!this.system.within(node, state)) {
        cut = true
        continue
      }
      const after = this.#live(node, state)
      const to = this.local(node, after, false)
      const sent = this.internSends(node, sends)
      const emitted = this.observerNames.length === 0 || emits.length === 0 ? 0 : this.emits.intern(emits.flatMap(event => [node, event]))
      const broken = this.predicates.ofStep(role, before, after)
      if (dropIdle && to === local && sent === 0 && emitted === 0 && broken === 0) continue
      flat.push(to, sent, emitted, broken)
    }
    return this.outcomes.intern(flat, cut)
  }

  #globalList(name: string, reader: Reader, components: Int32Array): number {
    const effects: GlobalEffect[] = []
    let cut = false
    for (const { states, sends, emits } of this.system.globalStep(name, reader)) {
      if (states.some(({ node, state }) => !this.system.within(node, state))) {
        cut = true
        continue
      }
      let broken = 0
      for (const { node, state } of states)
        broken |= this.predicates.ofStep(
          (this.system.nodes[node] as { role: string }).role,
          (this.locals[node] as Locals).valueOf(components[node] as number),
          state,
        )
      const sorted = [...states].sort((a, b) => a.node - b.node)
      effects.push({
        nodes: sorted.map(({ node }) => node),
        locals: sorted.map(({ node, state }) => this.local(node, state, (this.locals[node] as Locals).crashed(components[node] as number))),
        sends: this.#internPackets(sends.map(({ from, to, message }) => this.packet(from, to, message))),
        emits: this.observerNames.length === 0 ? 0 : this.emits.intern(emits.flatMap(({ from, event }) => [from, event])),
        broken,
      })
    }
    return this.#internGlobal({ effects, cut })
  }

  #internGlobal({ effects, cut }: GlobalList): number {
    const flat = effects.map(({ nodes, locals, sends, emits, broken }) => {
      const order = nodes.map((_, i) => i).sort((a, b) => (nodes[a] as number) - (nodes[b] as number))
      return { nodes: order.map(i => nodes[i] as number), locals: order.map(i => locals[i] as number), sends, emits, broken }
    })
    const keys = flat.map(({ nodes, locals, sends, emits, broken }) => [nodes.length, ...nodes, ...locals, sends, emits, broken].join())
    const order = keys.map((_, i) => i).sort((a, b) => ((keys[a] as string) < (keys[b] as string) ? -1 : 1))
    const unique = order.filter((k, i) => i === 0 || keys[k] !== keys[order[i - 1] as number])
    const before = this.#globalIds.size
    const id = this.#globalIds.intern([cut ? 1 : 0, ...unique.flatMap(k => (keys[k] as string).split(',').map(Number))])
    if (id === before) this.globalLists.push({ effects: unique.map(k => flat[k] as GlobalEffect), cut })
    return id
  }

  #cell(node: number, local: number, packet: number): number {
    const stride = this.strides[node] as number
    const column = this.packets.column.data[packet] as number
    if (column >= stride) return 0
    return this.cells[node]?.[local * stride + column] ?? 0
  }

  #setCell(node: number, local: number, packet: number, value: number): void {
    const column = this.packets.column.data[packet] as number
    const stride = this.strides[node] as number
    const cells = this.cells[node] as Int32Array
    if (column >= stride || (local + 1) * stride > cells.length) {
      const wide = column >= stride ? Math.max(stride * 2, nextPowerOfTwo(column + 1)) : stride
      const rows = Math.max(cells.length / stride, nextPowerOfTwo(local + 1))
      const larger = zerosLike(cells, rows * wide)
      for (let row = 0; row < cells.length / stride; row++) larger.set(cells.subarray(row * stride, (row + 1) * stride), row * wide)
      this.cells[node] = larger
      this.strides[node] = wide
    }
    const target = this.cells[node] as Int32Array
    target[local * (this.strides[node] as number) + column] = value
  }

  #show(value: ValueId): string {
    return describe(this.system.values.decode(value))
  }
}

/** -1 if a handler throws. */
const attempt = (ask: () => number): number => {
  try {
    return ask()
  } catch (error) {
    if (!(error instanceof SpecError)) throw error
    return -1
  }
}

const nextPowerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, n)))

const known = (table: Ints, index: number): number => (index < table.length ? (table.data[index] as number) - 1 : -1)

const put = (table: Ints, index: number, value: number): void => {
  table.reach(index + 1)
  table.data[index] = value + 1
}
