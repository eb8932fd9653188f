import type { FaultStep } from '../protocol/faults.ts'
import type { Json } from '../protocol/json.ts'
import type { SystemNode } from '../run/node.ts'
import type { Flight, Outcome } from '../run/outcome.ts'
import { PARTITION } from '../run/partitions.ts'
import type { GlobalReader, System } from '../run/system.ts'
import { clocksBy, TIME } from '../run/time.ts'
import type { ValueId } from '../values/value-id.ts'
import { showTagged } from './show.ts'
import type { SentMessage, TraceStep } from './trace.ts'

/** A state of the system as it is: nothing dropped, merged or renamed. */
export interface WalkState {
  readonly nodes: readonly ValueId[]
  readonly crashed: readonly boolean[]
  readonly observers: readonly ValueId[]
  /** What is left of each fault's budget, in the order of the protocol's list; `Infinity` for no limit. */
  readonly budgets: readonly number[]
  /** In the order of sending. */
  readonly flight: readonly Flight[]
}

/** What a step is called, by numbers of values. */
interface Label extends Pick<TraceStep, 'kind' | 'node' | 'name' | 'from'> {
  readonly message: ValueId | null
  readonly choices: readonly ValueId[]
}

export interface WalkStep {
  readonly kind: TraceStep['kind']
  /** Written out anew each time: few of the steps that are walked are shown. */
  readonly step: TraceStep
  readonly next: WalkState
  /** What happened by it. */
  readonly chance: Chance
  readonly sends: readonly Flight[]
  /** The node that takes the step; -1 for a global step or a fault of the network. */
  readonly actor: number
  /** For step properties: what nodes stepped, with the states before and after. */
  readonly local: readonly { readonly node: number; readonly before: ValueId; readonly after: ValueId }[]
}

/** What may happen: an action of a node, the arrival of a message, a global step, what time does, or a fault. */
export type Chance =
  | { readonly kind: 'action'; readonly node: number; readonly name: string }
  | { readonly kind: 'receive'; readonly packet: Flight }
  | { readonly kind: 'step'; readonly name: string }
  | { readonly kind: 'fault' | 'tick' | 'settle' }

/** Something that may happen: in words, and what comes of it. */
export interface Attempt {
  readonly chance: Chance
  what(): string
  take(): WalkStep[]
  /** Does the bound of the model cut off something that may come of it? */
  isCut(): boolean
}

/**
 * Executes a protocol by its definition: labelled steps over whole states, one at a time, through the handlers.
 * What the search found in numbers is told, and checked once more, in these terms.
 */
export class Walker {
  readonly system: System
  /** The number of the observer that holds which nodes are apart, -1 if they never are; and its state where none are. */
  readonly #partition: number
  readonly #whole: ValueId
  /** The number of the observer that holds what there is to know about time; -1 without one. */
  readonly #clock: number

  constructor(system: System) {
    this.system = system
    const { observers = {} } = system.protocol
    this.#partition = system.faults.some(({ type }) => type === 'partition') ? Object.keys(observers).indexOf(PARTITION) : -1
    this.#clock = system.timing === undefined ? -1 : Object.keys(observers).indexOf(TIME)
    this.#whole = this.#partition < 0 ? -1 : system.values.encode(observers[PARTITION]?.init, `the first state of observer ${PARTITION}`)
  }

  /** The initial state in which nodes begin so; if that is not said, each in the first of its states. */
  initial(nodes: readonly ValueId[] = this.system.nodes.map(({ index }) => this.system.init(index)[0] as ValueId)): WalkState {
    const { system } = this
    return {
      nodes,
      crashed: system.nodes.map(() => false),
      observers: Object.entries(system.protocol.observers ?? {}).map(([name, { init }]) => system.values.encode(init, `the first state of observer ${name}`)),
      budgets: system.faults.map(({ atMost }) => atMost),
      flight: system.flightOf(nodes),
    }
  }

  /** All initial states: each node begins in any of its states, together with any of the others, as long as not too many lie. */
  *initials(): Generator<WalkState> {
    const choices = this.system.nodes.map(({ index }) => this.system.init(index))
    const ofFirst = function* (count: number): Generator<readonly ValueId[]> {
      if (count === 0) yield []
      else for (const before of ofFirst(count - 1)) for (const state of choices[count - 1] as readonly ValueId[]) yield [...before, state]
    }
    for (const nodes of ofFirst(choices.length)) if (this.system.mayBegin(nodes)) yield this.initial(nodes)
  }

  /**
   * All steps from a state, those that change nothing left out, except where `idle` asks for them (a step property may judge them). That a `fair-loss` network loses what is in flight is
   * among them only where `losses` asks for it: it matters for deadlocks and `canAlways` only.
   */
  successors(state: WalkState, { idle = false, losses = false } = {}): WalkStep[] {
    const steps = [...this.attempts(state).flatMap(({ take }) => take()), ...(losses ? this.losses(state) : [])]
    if (idle) return steps
    const here = this.keyOf(state)
    return steps.filter(({ next }) => this.keyOf(next) !== here)
  }

  /** What may happen in a state, each by itself, since code of the spec may throw. */
  attempts(state: WalkState): readonly Attempt[] {
    const all = [
      ...this.#actions(state),
      ...this.#deliveries(state),
      ...this.#globalSteps(state),
      ...this.#faults(state),
      ...this.#heals(state),
      ...this.#passing(state),
    ]
    if (this.system.flightBound === undefined) return all
    return all.map(attempt => ({
      ...attempt,
      take: () => attempt.take().filter(({ next }) => !this.#overflows(next)),
      isCut: () => attempt.isCut() || attempt.take().some(({ next }) => this.#overflows(next)),
    }))
  }

  #overflows({ flight }: WalkState): boolean {
    const bound = this.system.flightBound
    if (bound === undefined) return false
    return flight.length > bound.total || flight.some(one => flight.filter(({ from, to }) => from === one.from && to === one.to).length > bound.channel)
  }

  /** `fair-loss`: the network loses all that is in flight, if something is. */
  losses(state: WalkState): WalkStep[] {
    if (this.system.protocol.network !== 'fair-loss' || state.flight.length === 0) return []
    const label = { kind: 'lose-all', node: null, name: 'lose-all', from: null, message: null, choices: [] } as const
    return [this.#step(state, [], [], [], [], label, -1)]
  }

  /** Does the bound of the model cut off a step here? Then the state is no deadlock. */
  isCut(state: WalkState): boolean {
    return this.attempts(state).some(({ isCut }) => isCut())
  }

  /** Equal for equal states, and only for those. */
  keyOf({ nodes, crashed, observers, budgets, flight }: WalkState): string {
    const packets = flight.map(({ from, to, message }) => `${from}>${to}:${message}`)
    const inFlight = this.system.protocol.network === 'fifo' ? packets.sort((a, b) => channelOf(a).localeCompare(channelOf(b))) : packets.sort()
    return [nodes, crashed.map(Number), observers, budgets, inFlight].join('|')
  }

  #actions(state: WalkState): Attempt[] {
    return this.system.nodes.flatMap(({ index: node, label }) => {
      if (state.crashed[node]) return []
      return this.system.actionNames(node).map(name => {
        const outcomes = () => this.system.act(node, state.nodes[node] as ValueId, name)
        const called = { kind: 'action', node: label, name, from: null, message: null } as const
        return {
          chance: { kind: 'action', node, name } as const,
          what: () => `${label} ${name}`,
          take: () => outcomes().flatMap(outcome => this.#local(state, node, outcome, state.flight, called)),
          isCut: () => outcomes().some(outcome => !this.system.within(node, outcome.state)),
        }
      })
    })
  }

  #deliveries(state: WalkState): Attempt[] {
    return this.#deliverable(state).flatMap(packet => {
      const { from, to, message } = packet
      if (state.crashed[to] || this.isDown(state, from, to)) return []
      const flight = this.system.protocol.network === 'fair-loss' ? state.flight : without(state.flight, packet)
      const label = {
        kind: 'receive',
        node: this.system.label(to),
        name: this.system.values.typeOf(message),
        from: this.system.label(from),
        message,
      } as const
      const outcomes = () => this.system.deliver(to, state.nodes[to] as ValueId, message, from)
      return [
        {
          chance: { kind: 'receive', packet } as const,
          what: () => `${label.node} receives ${showTagged(this.#json(message))} from ${from === to ? 'itself' : label.from}`,
          take: () => outcomes().flatMap(outcome => this.#local(state, to, outcome, flight, label)),
          isCut: () => outcomes().some(outcome => !this.system.within(to, outcome.state)),
        },
      ]
    })
  }

  /** Is the link between two nodes one that a partition has taken down? */
  isDown(state: WalkState, from: number, to: number): boolean {
    if (this.#partition < 0) return false
    const sides = this.system.sides(state.observers[this.#partition] as ValueId)
    return sides[from] !== sides[to]
  }

  /** Each message that may be delivered next, once. */
  #deliverable(state: WalkState): Flight[] {
    const seen = new Set<string>()
    const { network } = this.system.protocol
    return state.flight.filter(({ from, to, message }) => {
      const key = network === 'fifo' ? `${from}>${to}` : `${from}>${to}:${message}`
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
  }

  #local(state: WalkState, node: number, outcome: Outcome, flight: readonly Flight[], label: Omit<Label, 'choices'>): WalkStep[] {
    if (!this.system.within(node, outcome.state)) return []
    const sends = outcome.sends.map(({ to, message }) => ({ from: node, to, message }))
    const emits = outcome.emits.map(event => ({ from: node, event }))
    return [this.#step(state, [{ node, state: outcome.state }], flight, sends, emits, { ...label, choices: outcome.choices }, node)]
  }

  #globalSteps(state: WalkState): Attempt[] {
    const leadsOut = (states: readonly { readonly node: number; readonly state: ValueId }[]) =>
      states.some(({ node, state }) => !this.system.within(node, state))
    return Object.keys(this.system.protocol.steps ?? {}).map(name => {
      const outcomes = () => this.system.globalStep(name, reader(this.system, state))
      return {
        chance: { kind: 'step', name } as const,
        what: () => name,
        take: () =>
          outcomes().flatMap(({ states, sends, emits, choices }) => {
            if (leadsOut(states)) return []
            const label = { kind: 'step', node: null, name, from: null, message: null, choices } as const
            return [this.#step(state, states, state.flight, sends, emits, label, -1)]
          }),
        isCut: () => outcomes().some(({ states }) => leadsOut(states)),
      }
    })
  }

  #faults(state: WalkState): Attempt[] {
    return this.system.faults.map((fault, i) => ({
      chance: { kind: 'fault' } as const,
      what: () => ('role' in fault ? `${fault.type} of ${fault.role}` : fault.type),
      take: () => this.#fault(state, fault, i),
      isCut: () => this.#isRecoveryCut(state, fault, i),
    }))
  }

  #fault(state: WalkState, fault: FaultStep, i: number): WalkStep[] {
    const { system } = this
    if ((state.budgets[i] as number) === 0) return []
    const budgets = state.budgets.map((left, k) => (k === i ? left - 1 : left))
    if (fault.type === 'crash-stop' || fault.type === 'crash-recovery')
      return system.nodes
        .filter(({ role, index }) => role === fault.role && !state.crashed[index])
        .flatMap(({ index: node, label }) => {
          const before = state.nodes[node] as ValueId
          const spent = { ...state, budgets }
          const called = { node: label, from: null, message: null } as const
          if (fault.type === 'crash-recovery')
            return system
              .recover(node, before)
              .flatMap(outcome => this.#local(spent, node, outcome, state.flight, { ...called, kind: 'restart', name: 'restart' }))
          const made = this.#step(spent, [], state.flight, [], [], { ...called, kind: 'crash', name: 'crash', choices: [] }, node)
          return [{ ...made, next: { ...made.next, crashed: state.crashed.map((c, k) => c || k === node) } }]
        })
    if (fault.type === 'partition')
      return this.#isWhole(state) ? system.splits(fault).map(split => this.#parted({ ...state, budgets }, 'partition', split)) : []
    if (system.protocol.network === 'fair-loss') return []
    return this.#deliverable(state).map(packet => {
      const flight = fault.type === 'loss' ? without(state.flight, packet) : [...state.flight, packet]
      const kind = fault.type === 'loss' ? 'lose' : 'duplicate'
      const name = system.values.typeOf(packet.message)
      const label = { kind, node: system.label(packet.to), name, from: system.label(packet.from), message: packet.message, choices: [] } as const
      return this.#step({ ...state, budgets }, [], flight, [], [], label, -1)
    })
  }

  #heals(state: WalkState): Attempt[] {
    if (this.#isWhole(state) || !this.system.heals(state.observers[this.#partition] as ValueId)) return []
    return [{ chance: { kind: 'fault' }, what: () => 'the network heals', take: () => [this.#parted(state, 'heal', this.#whole)], isCut: () => false }]
  }

  #isWhole({ observers }: WalkState): boolean {
    return this.#partition < 0 || observers[this.#partition] === this.#whole
  }

  /** What time does: it goes on by a tick, or messages arrive in time from now on. */
  #passing(state: WalkState): Attempt[] {
    const { system } = this
    if (system.timing === undefined) return []
    const settled = system.settled(this.#timeIn(state))
    const tick: Attempt = {
      chance: { kind: 'tick' },
      what: () => 'a tick',
      take: () => this.#ticks(state).flatMap(({ step }) => step ?? []),
      isCut: () => this.#ticks(state).some(({ step }) => step === undefined),
    }
    if (settled === undefined) return [tick]
    const label = { kind: 'settle', node: null, name: 'settle', from: null, message: null, choices: [] } as const
    const take = (): WalkStep[] => [this.#observed(this.#step(state, [], state.flight, [], [], label, -1), this.#clock, settled)]
    return [{ chance: { kind: 'settle' }, what: () => 'from now on messages arrive in time', take, isCut: () => false }, tick]
  }

  #timeIn({ observers }: WalkState): ValueId {
    return this.#clock < 0 ? -1 : (observers[this.#clock] as ValueId)
  }

  /** Each way in which a tick may pass; without a step where it would leave the bound of the model. None if something is due. */
  #ticks(state: WalkState): readonly { readonly step?: WalkStep }[] {
    const { system } = this
    const now = this.#timeIn(state)
    const isTimely = system.isTimely(now)
    const up = system.nodes.map(({ index }) => index).filter(node => !state.crashed[node])
    if (up.some(node => system.isNodeDue(node, state.nodes[node] as ValueId))) return []
    const ages = system.protocol.network !== 'fair-loss'
    const arrives = state.flight.filter(({ message }) => ages && isTimely && system.isMessageDue(message))
    if (arrives.some(({ to }) => !state.crashed[to])) return []
    if (system.isLast(now)) return [{}]
    // What had to arrive at a node that is down is lost.
    const flight = ages
      ? state.flight.filter(packet => !arrives.includes(packet)).map(packet => ({ ...packet, message: system.aged(packet.message, isTimely) }))
      : state.flight
    const drifts = (system.timing?.drift ?? 0) > 0
    const passings = system.passings(now).filter(({ rates }) => state.crashed.every((crashed, node) => !crashed || rates[node] === 1))
    return passings.flatMap(({ rates, next }) => {
      const clocks = up.flatMap(node => (system.hasTick(node) ? [[(system.nodes[node] as SystemNode).id, rates[node] as number] as const] : []))
      const drift = drifts ? [system.values.encode(clocksBy(clocks), 'how clocks go on')] : []
      const ways = up.reduce<readonly (readonly { readonly node: number; readonly state: ValueId; readonly choices: readonly ValueId[] }[])[]>(
        (before, node) =>
          before.flatMap(taken => {
            const rate = rates[node] as number
            const was = state.nodes[node] as ValueId
            if (rate === 0) return [[...taken, { node, state: was, choices: [] }]]
            return system.tick(node, was, rate).map(outcome => [...taken, { node, state: outcome.state, choices: outcome.choices }])
          }),
        [[]],
      )
      return ways.map(way => {
        const ticking = way.filter(({ node }) => rates[node] !== 0 && system.hasTick(node))
        if (ticking.some(({ node, state: after }) => !system.within(node, after))) return {}
        const choices = [...drift, ...way.flatMap(outcome => outcome.choices)]
        const label = { kind: 'tick', node: null, name: 'tick', from: null, message: null, choices } as const
        const step = this.#step(state, ticking, flight, [], [], label, -1)
        return { step: this.#clock < 0 ? step : this.#observed(step, this.#clock, next) }
      })
    })
  }

  /** The network falls apart so, or is whole again. */
  #parted(state: WalkState, kind: 'partition' | 'heal', groups: ValueId): WalkStep {
    const choices = kind === 'heal' ? [] : [groups]
    const made = this.#step(state, [], state.flight, [], [], { kind, node: null, name: kind, from: null, message: null, choices }, -1)
    return this.#observed(made, this.#partition, groups)
  }

  /** The step with another state of an observer after it. */
  #observed(made: WalkStep, observer: number, value: ValueId): WalkStep {
    const name = Object.keys(this.system.protocol.observers ?? {})[observer] as string
    const isNew = made.next.observers[observer] !== value
    return {
      ...made,
      step: isNew ? { ...made.step, observers: { ...made.step.observers, [name]: this.#json(value) } } : made.step,
      next: { ...made.next, observers: made.next.observers.map((before, o) => (o === observer ? value : before)) },
    }
  }

  #isRecoveryCut(state: WalkState, fault: FaultStep, i: number): boolean {
    const { system } = this
    if (fault.type !== 'crash-recovery' || (state.budgets[i] as number) === 0) return false
    return system.nodes.some(
      ({ role, index: node }) =>
        role === fault.role && !state.crashed[node] && system.recover(node, state.nodes[node] as ValueId).some(outcome => !system.within(node, outcome.state)),
    )
  }

  #step(
    state: WalkState,
    states: readonly { readonly node: number; readonly state: ValueId }[],
    flight: readonly Flight[],
    sends: readonly Flight[],
    emits: readonly { readonly from: number; readonly event: ValueId }[],
    { message, choices, ...label }: Label,
    actor: number,
  ): WalkStep {
    const { system } = this
    const nodes = [...state.nodes]
    for (const { node, state: next } of states) nodes[node] = next
    const names = Object.keys(system.protocol.observers ?? {})
    const observers = state.observers.map((value, o) => emits.reduce((v, { from, event }) => system.observe(names[o] as string, v, event, from), value))
    const next: WalkState = { ...state, nodes, observers, flight: this.#sent(flight, sends) }
    // Always in this order: two files differ only where their steps do.
    const written = (): TraceStep => ({
      kind: label.kind,
      node: label.node,
      name: label.name,
      from: label.from,
      message: message === null ? null : this.#json(message),
      choices: choices.map(choice => this.#json(choice)),
      sent: sends.map(({ from, to, message }): SentMessage => ({ from: system.label(from), to: system.label(to), message: this.#json(message) })),
      emitted: emits.map(({ from, event }) => ({ from: system.label(from), event: this.#json(event) })),
      nodes: Object.fromEntries(nodes.flatMap((value, node) => (value === state.nodes[node] ? [] : [[system.label(node), this.#json(value)]]))),
      observers: Object.fromEntries(observers.flatMap((value, o) => (value === state.observers[o] ? [] : [[names[o] as string, this.#json(value)]]))),
    })
    const chanceOf = (): Chance => {
      if (label.kind === 'action') return { kind: 'action', node: actor, name: label.name }
      if (label.kind === 'step') return { kind: 'step', name: label.name }
      const from = system.nodes.findIndex(node => node.label === label.from)
      if (label.kind === 'tick' || label.kind === 'settle') return { kind: label.kind }
      return label.kind === 'receive' ? { kind: 'receive', packet: { from, to: actor, message: message as ValueId } } : { kind: 'fault' }
    }
    return {
      kind: label.kind,
      get step() {
        return written()
      },
      next,
      get chance() {
        return chanceOf()
      },
      sends,
      actor,
      local: states.map(({ node, state: after }) => ({ node, before: state.nodes[node] as ValueId, after })),
    }
  }

  #sent(flight: readonly Flight[], sends: readonly Flight[]): readonly Flight[] {
    if (this.system.protocol.network !== 'fair-loss') return [...flight, ...sends]
    const result = [...flight]
    for (const packet of sends) if (!result.some(p => same(p, packet))) result.push(packet)
    return result
  }

  #json(value: ValueId): Json {
    return this.system.values.toJson(value)
  }
}

const same = (a: Flight, b: Flight): boolean => a.from === b.from && a.to === b.to && a.message === b.message

/** Without the first of the messages that equal this one. */
const without = (flight: readonly Flight[], packet: Flight): readonly Flight[] => {
  const at = flight.findIndex(p => same(p, packet))
  return flight.filter((_, i) => i !== at)
}

const channelOf = (packet: string): string => packet.slice(0, packet.indexOf(':'))

/** The messages in flight, as code of the spec sees them. */
export const shownFlight = ({ nodes, values }: System, { flight }: WalkState, copies = false): readonly unknown[] =>
  flight.map(({ from, to, message }) => ({ from: nodes[from]?.id, to: nodes[to]?.id, message: copies ? values.rebuild(message) : values.decode(message) }))

const reader = (system: System, state: WalkState): GlobalReader => ({
  state: node => state.nodes[node] as ValueId,
  crashed: node => state.crashed[node] as boolean,
  inFlight: copies => shownFlight(system, state, copies),
})
