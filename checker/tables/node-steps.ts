import { SpecError } from '../protocol/errors.ts'
import type { Outcome } from '../run/outcome.ts'
import { Ints, PairMap } from '../values/ints.ts'
import { Deliveries } from './deliveries.ts'
import { requests } from './journal.ts'
import type { NumberedStates } from './numbered-states.ts'
import { Outcomes } from './outcome-lists.ts'
import type { Parts } from './parts.ts'
import { type Step, StepOrbits } from './step-orbits.ts'
import { TAKEN } from './step-tables.ts'

/** A cell whose handler threw when it was asked ahead of time: it is asked again if the search gets there. */
const THREW = 1 << 29

/** The answer of `knownReaction` where nothing is known. */
export const UNKNOWN_REACTION = -2

/** What the steps of one node do, in each of its states: deliveries, actions, and crashes with recovery or without. */
export class NodeSteps {
  readonly outcomes = new Outcomes()
  /** The outcome list of each delivery, plus 1, and `TAKEN` once the search took it. */
  readonly cells: Deliveries
  /** `acts[node].data[local]`: the outcome list of all actions of a node, plus 1; 0 while unknown. */
  readonly acts: readonly Ints[]
  /** The same for a crash with recovery. */
  readonly recoveries: readonly Ints[]
  /** The state of a node after it has stopped, plus 1; 0 while unknown. */
  readonly stopped: readonly Ints[]
  /** The same as `recoveries` for one tick of the node's own clock, and for two: list 0 where the node is due, so that time stands still. */
  readonly ticks: readonly (readonly Ints[])[]
  readonly #foreseen: readonly Ints[]
  /** For each node, by its state and the action or packet: a list that has what changes nothing, too. */
  readonly #actions: readonly PairMap[]
  readonly #arrivals: readonly PairMap[]
  readonly #parts: Parts
  readonly #orbits: StepOrbits
  readonly #delivery: Step = {
    known: (node, local, packet) => this.#knownDelivery(node, local, packet),
    raw: (node, local, packet, twice) => this.#evaluateDelivery(node, local, packet, twice),
    set: (node, local, packet, list) => this.cells.set(node, local, packet, list + 1),
    place: (node, packet) => {
      const { system, flight } = this.#parts
      return `handler ${system.values.typeOf(flight.packets.message.data[packet] as number)} at ${system.label(node)}`
    },
  }
  readonly #action: Step = {
    known: (node, local) => known(this.acts[node] as Ints, local),
    raw: (node, local, _, twice) => this.#evaluateActions(node, local, twice),
    set: (node, local, _, list) => put(this.acts[node] as Ints, local, list),
    place: node => `actions at ${this.#parts.system.label(node)}`,
  }
  readonly #foresight: Step = {
    known: (node, local) => known(this.#foreseen[node] as Ints, local),
    raw: (node, local, _, twice) => this.#evaluateActions(node, local, twice),
    set: (node, local, _, list) => put(this.#foreseen[node] as Ints, local, list),
    place: node => `actions at ${this.#parts.system.label(node)}`,
  }
  readonly #recovery: Step = {
    known: (node, local) => known(this.recoveries[node] as Ints, local),
    raw: (node, local, _, twice) => this.#evaluateRecovery(node, local, twice),
    set: (node, local, _, list) => put(this.recoveries[node] as Ints, local, list),
    place: node => `recover at ${this.#parts.system.label(node)}`,
  }

  readonly #ticking: readonly Step[] = [1, 2].map(rate => ({
    known: (node, local) => known(this.#ticks(rate, node), local),
    raw: (node, local, _, twice) => this.#evaluateTick(node, local, rate, twice),
    set: (node, local, _, list) => put(this.#ticks(rate, node), local, list),
    place: node => `tick at ${this.#parts.system.label(node)}`,
  }))

  constructor(parts: Parts) {
    this.#parts = parts
    const { nodes } = parts.system
    this.cells = new Deliveries(nodes.length, parts.flight.packets)
    this.acts = nodes.map(() => new Ints())
    this.#foreseen = nodes.map(() => new Ints())
    this.#actions = nodes.map(() => new PairMap())
    this.#arrivals = nodes.map(() => new PairMap())
    this.recoveries = nodes.map(() => new Ints())
    this.stopped = nodes.map(() => new Ints())
    this.ticks = [1, 2].map(() => nodes.map(() => new Ints()))
    this.#orbits = new StepOrbits(parts, this.outcomes)
  }

  /** The outcome list of a delivery, evaluated if it is new (and its images with it). */
  deliver(node: number, local: number, packet: number): number {
    const known = this.#knownDelivery(node, local, packet)
    return known >= 0 ? known : this.#parts.journal.record(requests.deliver, [node, local, packet], () => this.#closeDelivery(node, local, packet))
  }

  #knownDelivery(node: number, local: number, packet: number): number {
    const cell = this.cells.get(node, local, packet)
    return cell === THREW ? -1 : (cell & ~TAKEN) - 1
  }

  #closeDelivery(node: number, local: number, packet: number): number {
    return this.#orbits.close(this.#delivery, node, local, packet)
  }

  /** Marks a delivery as taken: the hot loop need not ask again. */
  markTaken(node: number, local: number, packet: number): void {
    const cell = this.cells.get(node, local, packet)
    if ((cell & TAKEN) === 0) this.#parts.journal.record(requests.take, [node, local, packet], () => this.cells.set(node, local, packet, cell | TAKEN))
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
    if (this.cells.get(node, local, packet) === THREW) return -1
    const known = this.#knownDelivery(node, local, packet)
    if (known >= 0) return known
    return this.#parts.journal.record(requests.react, [node, local, packet], () => {
      const list = attempt(() => this.#closeDelivery(node, local, packet))
      if (list < 0) this.cells.set(node, local, packet, THREW)
      return list
    })
  }

  /** The outcome list of a delivery if it was evaluated, `UNKNOWN_REACTION` if not; -1 if the handler threw. */
  knownReaction(node: number, local: number, packet: number): number {
    return this.cells.get(node, local, packet) === 0 ? UNKNOWN_REACTION : this.#knownDelivery(node, local, packet)
  }

  /**
   * The outcome list of the actions of a node in a state that may never be reached; -1 if they throw there. Kept apart from `acts`, where the
   * search finds out that it takes them for the first time.
   */
  foresee(node: number, local: number): number {
    const list = this.knowsActions(node, local) ? this.act(node, local) : known(this.#foreseen[node] as Ints, local)
    if (list >= 0) return list
    return this.#parts.journal.record(requests.foresee, [node, local], () => attempt(() => this.#orbits.close(this.#foresight, node, local, -1)))
  }

  /** The outcome list of a crash with recovery in a state that may never be reached; -1 if it throws there. */
  tryRecover(node: number, local: number): number {
    return attempt(() => this.recover(node, local))
  }

  /** The state of a node that has stopped, where that may never happen; -1 if a property throws there. */
  tryStop(node: number, local: number): number {
    return attempt(() => this.stop(node, local))
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
    return this.#parts.journal.record(requests.act, [node, local], () => this.#orbits.close(this.#action, node, local, -1))
  }

  /** The outcome list of one action of a node, by its number among those of the role: what changes nothing is among them. Not for searches that are kept. */
  ofAction(node: number, local: number, action: number): number {
    return this.#inFull(this.#actions[node] as PairMap, node, local, action, ({ system }, state) =>
      system.act(node, state, system.actionNames(node)[action] as string),
    )
  }

  /** The same of one delivery, of which the message is to be taken away. */
  ofArrival(node: number, local: number, packet: number): number {
    return this.#inFull(this.#arrivals[node] as PairMap, node, local, packet, ({ system, flight: { packets } }, state) =>
      system.deliver(node, state, packets.message.data[packet] as number, packets.from.data[packet] as number),
    )
  }

  #inFull(known: PairMap, node: number, local: number, what: number, ask: (parts: Parts, state: number) => readonly Outcome[]): number {
    const list = known.get(local, what)
    if (list >= 0) return list
    const locals = this.#parts.nodes.locals[node] as NumberedStates
    const made = locals.crashed(local) ? 0 : this.#intern(node, local, ask(this.#parts, locals.valueOf(local)), false)
    known.set(local, what, made)
    return made
  }

  /** The outcome list of a crash with recovery. */
  recover(node: number, local: number): number {
    const list = known(this.recoveries[node] as Ints, local)
    return list >= 0 ? list : this.#parts.journal.record(requests.recover, [node, local], () => this.#orbits.close(this.#recovery, node, local, -1))
  }

  /** The outcome list of a crash with recovery, if it was ever evaluated; -1 if not. */
  knownRecovery(node: number, local: number): number {
    return known(this.recoveries[node] as Ints, local)
  }

  #ticks(rate: number, node: number): Ints {
    return this.ticks[rate - 1]?.[node] as Ints
  }

  /** The outcome list of one tick of a node's own clock, or of two; 0 if the node is due. */
  tick(node: number, local: number, rate: number): number {
    const list = known(this.#ticks(rate, node), local)
    return list >= 0
      ? list
      : this.#parts.journal.record(requests.tick, [node, local, rate], () => this.#orbits.close(this.#ticking[rate - 1] as Step, node, local, -1))
  }

  /** The state of a node that has stopped. */
  stop(node: number, local: number): number {
    const state = known(this.stopped[node] as Ints, local)
    if (state >= 0) return state
    const { journal, nodes } = this.#parts
    return journal.record(requests.stop, [node, local], () => {
      const locals = nodes.locals[node] as NumberedStates
      const result = locals.crashed(local) ? local : nodes.number(node, locals.valueOf(local), true)
      put(this.stopped[node] as Ints, local, result)
      return result
    })
  }

  #evaluateDelivery(node: number, local: number, packet: number, twice: boolean): number {
    const { system, nodes, flight } = this.#parts
    const locals = nodes.locals[node] as NumberedStates
    if (locals.crashed(local)) return 0
    const { from, message } = flight.packets
    const outcomes = system.deliver(node, locals.valueOf(local), message.data[packet] as number, from.data[packet] as number, twice)
    system.note(node, `handler ${system.values.typeOf(message.data[packet] as number)}`, outcomes)
    return this.#intern(node, local, outcomes, flight.fairLoss)
  }

  #evaluateActions(node: number, local: number, twice: boolean): number {
    const { system, nodes } = this.#parts
    const locals = nodes.locals[node] as NumberedStates
    if (locals.crashed(local)) return 0
    const outcomes = system.actionNames(node).flatMap(action => {
      const made = system.act(node, locals.valueOf(local), action, twice)
      system.note(node, `action ${action}`, made)
      return made
    })
    return this.#intern(node, local, outcomes, true)
  }

  /** That a node goes on as it was is an outcome, too: with a budget, it is a step. */
  #evaluateRecovery(node: number, local: number, twice: boolean): number {
    const { system, nodes } = this.#parts
    const locals = nodes.locals[node] as NumberedStates
    if (locals.crashed(local)) return 0
    return this.#intern(node, local, system.recover(node, locals.valueOf(local), twice), false)
  }

  /** That a node stays as it was is an outcome, too. Where a tick makes nothing of a node, no step property is asked. */
  #evaluateTick(node: number, local: number, rate: number, twice: boolean): number {
    const { system, nodes } = this.#parts
    const locals = nodes.locals[node] as NumberedStates
    if (locals.crashed(local) || system.isNodeDue(node, locals.valueOf(local))) return 0
    if (!system.hasTick(node)) return this.outcomes.intern([local, 0, 0, 0], false)
    return this.#intern(node, local, system.tick(node, locals.valueOf(local), rate, twice), false)
  }

  /** @param dropIdle an outcome that changes nothing is no step (but for a delivery that consumes its message). */
  #intern(node: number, local: number, outcomes: readonly Outcome[], dropIdle: boolean): number {
    const { system, predicates, nodes, observers, flight } = this.#parts
    const role = nodes.roleOf(node)
    const before = (nodes.locals[node] as NumberedStates).valueOf(local)
    const flat: number[] = []
    let cut = false
    for (const { state, sends, emits } of outcomes) {
      if (!system.within(node, state)) {
        cut = true
        continue
      }
      const after = nodes.reset(node, state)
      const to = nodes.number(node, after, false)
      const sent = flight.sentBy(node, sends)
      const emitted = observers.emitted(emits.flatMap(event => [node, event]))
      const broken = predicates.ofStep(role, before, after)
      if (dropIdle && to === local && sent === 0 && emitted === 0 && broken === 0) continue
      flat.push(to, sent, emitted, broken)
    }
    return this.outcomes.intern(flat, cut)
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

const known = (table: Ints, index: number): number => (index < table.length ? (table.data[index] as number) - 1 : -1)

const put = (table: Ints, index: number, value: number): void => {
  table.reach(index + 1)
  table.data[index] = value + 1
}
