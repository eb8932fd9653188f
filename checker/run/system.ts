import { forgeriesOf, honestly, Liar, type Lie, liarsIn, liesOf, TO_LIE } from '../protocol/byzantine.ts'
import { SpecError } from '../protocol/errors.ts'
import type { ByzantineFault, FaultStep, ForgeryFault, LiarHere } from '../protocol/faults.ts'
import { Id } from '../protocol/id.ts'
import { suggest } from '../protocol/nearest.ts'
import type { AnyProtocol, FlightBound, Role } from '../protocol/protocol.ts'
import type { NodeState, RoleTypes, Tagged } from '../protocol/roles.ts'
import type { Timing } from '../protocol/timing.ts'
import { describe, Values } from '../values/encode.ts'
import { Ints } from '../values/ints.ts'
import { describePermutation, type Permutation } from '../values/permutation.ts'
import type { Form } from '../values/shapes.ts'
import type { ValueId } from '../values/value-id.ts'
import { Choices, NOT_ENABLED } from './choices.ts'
import { Context, type ErasedHere, GlobalContext, type GlobalView, type Surroundings } from './context.ts'
import { placeOfSpec, refuseSpec, runSpec } from './environment.ts'
import type { LiveFields } from './live-fields.ts'
import type { SystemNode } from './node.ts'
import { nodeNames } from './node-names.ts'
import { type Beginning, difference, type Flight, type GlobalOutcome, type Outcome, type Send, sameRuns } from './outcome.ts'
import { type Groups, PARTITION, splitsOf, withPartition } from './partitions.ts'
import { ShownStates } from './shown-states.ts'
import { explained, givenTo, impure, isThenable, notBoolean, returnsPromise } from './spec-errors.ts'
import { AGE, ageAfter, ageOf, delayOf, isDue, NO_TIME, passingsOf, settledTime, TIME, type Time, withTime } from './time.ts'
import { Untrackable } from './untrackable.ts'

type ErasedRole = Role<RoleTypes, string, Tagged, string>

/** What a state of the system is, for code that is given the values as they are. */
export interface GlobalReader {
  state(node: number): ValueId
  crashed(node: number): boolean
  /** The messages in flight. `copies`: as copies */
  inFlight(copies: boolean): readonly unknown[]
}

/** A state of the system for a predicate, asked for bit by bit, so that the caller knows what was read. */
export interface WorldView extends Pick<GlobalView, 'state' | 'crashed' | 'inFlight'> {
  observer(name: string): unknown
}

/**
 * A protocol made concrete: its nodes and ids, and its handlers as functions of interned values.
 * This is where the code of a spec runs, and where its errors get their place.
 *
 * One long file and many fields: every way to run that code goes by the same guards, which nobody outside may leave out.
 */
export class System {
  readonly protocol: AnyProtocol
  readonly nodes: readonly SystemNode[]
  readonly values: Values
  /** Every kind of id with how many there are: roles, then abstract values. */
  readonly kinds: readonly (readonly [kind: string, count: number])[]
  readonly faults: readonly FaultStep[]
  readonly timing: Timing | undefined
  readonly #liars: readonly ByzantineFault[]
  readonly #lies: (readonly Send[] | undefined)[] = []
  readonly #forgeries: readonly ForgeryFault[]
  #forged: readonly Flight[] | undefined
  /** How many messages may be in flight, if that is bounded: Infinity where it is not. */
  readonly flightBound: Required<FlightBound> | undefined
  /** The kinds that are not to be permuted, and why: most often since the protocol has read their ranks. */
  readonly orderedKinds = new Map<string, string>()
  /** The labels of the rules met so far. */
  readonly rules = new Set<string>()
  /** What each said so far: bit 0 for false, bit 1 for true. */
  readonly rulesSaid = new Map<string, number>()
  /** How often code of the spec ran for a step. */
  calls = 0
  /** What of the spec gave an outcome in some state: `role action name`, `role handler type`, `step name`; and where the bound of the model left one. */
  readonly ran = new Set<string>()
  readonly taken = new Set<string>()
  /** The same in systems that this one takes the place of. */
  callsBefore = 0
  readonly #ids = new Map<string, readonly Id[]>()
  readonly #without: ReadonlySet<string>
  readonly #indices = new Map<unknown, number>()
  readonly #around: Surroundings
  /** The reactions and actions of each node that were asked for, by message type or name. */
  readonly #reactions: readonly Map<string, Reaction>[]
  readonly #actions: readonly (readonly NodeAction[])[]
  readonly #recoveries: readonly (Reaction | undefined)[]
  readonly #ticks: readonly (Reaction | undefined)[]
  readonly #dues: readonly (Pick<Reaction, 'place' | 'context'> | undefined)[]
  /** Messages that have been under way for some ticks, as they were sent. */
  readonly #sent = new Map<ValueId, { readonly message: ValueId; readonly isReady: boolean }>()
  readonly #beginnings: (readonly Beginning[] | undefined)[] = []
  readonly #globalSteps = new Map<string, { readonly place: string; readonly context: GlobalContext }>()
  readonly #nodesByRole: Readonly<Record<string, readonly Id[]>>
  readonly #valuesByKind: Readonly<Record<string, readonly Id[]>>
  /** For each role: 1 for a state outside the bound, 2 for one within. */
  readonly #within = new Map<string, Ints>()
  readonly #choices: Choices
  readonly #states: ShownStates
  /** The classes of Record that the nodes of each role begin with. */
  readonly #forms = new Map<string, Set<Form>>()
  /** What code of the spec did after it had returned. */
  #late: SpecError | undefined
  /** An `init` runs: it may tell nodes by their ranks, since which may be swapped is said by the states that they begin with (tables/symmetry.ts). */
  #begins = false
  /** Nobody asks any more what it did late. */
  #isOver = false

  constructor(given: AnyProtocol, { without = [] }: { readonly without?: readonly string[] } = {}) {
    this.#liars = liarsIn(given)
    const protocol = honestly(given)
    this.protocol = withTime(withPartition(protocol))
    this.timing = protocol.timing
    this.#without = new Set(without)
    this.faults = (protocol.faults ?? []).flatMap(fault => (fault.type === 'byzantine' || fault.type === 'forgery' ? [] : [fault]))
    this.#forgeries = (protocol.faults ?? []).flatMap(fault => (fault.type === 'forgery' ? [fault] : []))
    this.flightBound = protocol.withinFlight && { channel: Infinity, total: Infinity, ...protocol.withinFlight }
    const onRank = (kind: string): void => {
      if (!this.#begins && !this.orderedKinds.has(kind)) this.orderedKinds.set(kind, 'they are ordered, since their rank is read')
    }
    const nodes: SystemNode[] = []
    for (const [role, labels] of nodeNames(protocol.roles)) {
      const ids = labels.map((label, rank) => new Id(role, rank, label, onRank))
      this.#ids.set(role, Object.freeze(ids))
      ids.forEach((id, rank) => void nodes.push({ index: nodes.length, role, id, label: labels[rank] as string }))
    }
    for (const [kind, count] of Object.entries(protocol.values ?? {}))
      this.#ids.set(kind, Object.freeze(Array.from({ length: count }, (_, rank) => new Id(kind, rank, `${kind}${rank + 1}`, onRank))))
    this.nodes = nodes
    for (const { id, index } of nodes) this.#indices.set(id, index)
    this.kinds = [...this.#ids].map(([kind, ids]) => [kind, ids.length])
    this.values = new Values((kind, rank) => this.idOf(kind, rank))
    this.#choices = new Choices(this.values)
    this.#states = new ShownStates(this.values, this.#choices)
    this.#nodesByRole = this.#idsBy(protocol.roles)
    this.#valuesByKind = this.#idsBy(protocol.values)
    this.#around = {
      nodes: this.#nodesByRole,
      values: this.#valuesByKind,
      isFairLoss: protocol.network === 'fair-loss',
      rule: (label: string, holds: boolean) => this.#rule(label, holds),
      choose: (options: Iterable<unknown>) => this.#choices.choose(options),
      send: (to: unknown, message: unknown) => this.#send(to, message),
      emit: (event: unknown) => this.values.encodeTagged(event, 'the event'),
      target: (id: unknown, place?: string) => this.#target(id, place),
      refuse: (error: SpecError) => this.#refuse(error),
    }
    this.#reactions = nodes.map(() => new Map())
    this.#actions = nodes.map(({ index }) =>
      Object.entries(this.roleOf(index).actions ?? {}).map(([name, { when, do: run }]) => ({
        name,
        ...this.#placed(index, `action ${name}`),
        when,
        run: (state: unknown, _: unknown, __: Id, here: unknown) => run(state as NodeState, here as ErasedHere),
        may: 'all',
      })),
    )
    this.#recoveries = nodes.map(({ index }) => {
      const { recover } = this.roleOf(index)
      if (recover === undefined) return undefined
      const run = (state: unknown, _: unknown, __: Id, here: unknown) => recover(state as NodeState, here as ErasedHere)
      return { ...this.#placed(index, 'recover'), run, may: 'choose' }
    })
    this.#ticks = nodes.map(({ index }) => {
      const { tick } = this.roleOf(index)
      if (tick === undefined) return undefined
      const run = (state: unknown, _: unknown, __: Id, here: unknown) => tick(state as NodeState, here as ErasedHere)
      return { ...this.#placed(index, 'tick'), run, may: 'choose' }
    })
    this.#dues = nodes.map(({ index }) => (this.roleOf(index).due === undefined ? undefined : this.#placed(index, 'due')))
    for (const role of Object.keys(protocol.roles)) this.#within.set(role, new Ints())
  }

  /** From now on it is noted which fields code of the spec reads. */
  track(live: LiveFields): void {
    this.#states.track(live)
  }

  /** Runs something without noting what it reads. */
  untracked<T>(run: () => T): T {
    return this.#states.untracked(run)
  }

  /** Shows a state of this role to code of the spec that makes no state of it. What it answers is no object. */
  show<T>(role: string, state: ValueId, run: (state: unknown) => T, self?: Id): T {
    return this.#states.show(role, state, run, self)
  }

  idOf(kind: string, rank: number): Id {
    return this.#ids.get(kind)?.[rank] as Id
  }

  roleOf(node: number): ErasedRole {
    return this.protocol.roles[(this.nodes[node] as SystemNode).role] as ErasedRole
  }

  /** Every way in which a fault may part the nodes, as states of the observer `partition`. */
  splits(fault: FaultStep): readonly ValueId[] {
    if (fault.type !== 'partition') return []
    return splitsOf(
      fault,
      this.nodes.map(({ id }) => id),
    ).map(groups => this.values.encode(groups, `a state of observer ${PARTITION}`))
  }

  /** May links carry again that are down in such a state? */
  heals(partition: ValueId): boolean {
    return this.faults.some(fault => fault.type === 'partition' && fault.heals && this.splits(fault).includes(partition))
  }

  /** Of each node the number of its group in such a state: all 0 where nothing is apart. */
  sides(partition: ValueId): readonly number[] {
    const groups = [...(this.values.decode(partition) as Groups)]
    return this.nodes.map(({ id }) =>
      Math.max(
        0,
        groups.findIndex(group => group.has(id)),
      ),
    )
  }

  /** The number of the node with this id. */
  indexOf(id: Id): number {
    return this.#indices.get(id) ?? -1
  }

  #firstOf(role: string): number {
    return this.nodes.findIndex(node => node.role === role)
  }

  /** Node `index` renamed. */
  permuteNode(index: number, permutation: Permutation): number {
    const { role, id } = this.nodes[index] as SystemNode
    const ranks = permutation.get(role)
    return ranks === undefined ? index : this.#firstOf(role) + (ranks[Id.rankOf(id)] as number)
  }

  /** The states that a node may begin in, each once, in the order of its choices. */
  init(node: number): readonly ValueId[] {
    return [...new Set(this.beginnings(node).map(({ state }) => state))]
  }

  /** The same, for each sequence of choices. */
  beginnings(node: number): readonly Beginning[] {
    const known = this.#beginnings[node]
    if (known !== undefined) return known
    const { place, context } = this.#placed(node, 'init')
    const { init } = this.roleOf(node)
    const all = (): readonly Beginning[] =>
      this.#chooseAll(place, choices => {
        context.begin('choose')
        try {
          return { state: this.#states.encode(init(context.here)), choices }
        } finally {
          context.end()
        }
      })
    this.#begins = true
    let [made, again]: (readonly Beginning[])[] = []
    try {
      ;[made, again] = [all(), all()]
    } finally {
      this.#begins = false
    }
    const shown = (of: readonly Beginning[], i: number): unknown => (of[i] === undefined ? 'nothing' : this.values.decode(of[i].state))
    for (let i = 0; i < Math.max(made.length, again.length); i++)
      if (made[i]?.state !== again[i]?.state) throw impure(place, { field: 'the first state', left: shown(made, i), right: shown(again, i) })
    const lying = this.#byzantine(node) !== undefined ? [{ state: this.#states.encode(new Liar()), choices: [this.values.encode(TO_LIE, 'a choice')] }] : []
    const beginnings = [...made, ...lying]
    // At once, before ids are swapped: it may say something by its rank.
    if (lying.length > 0) this.liesOf(node)
    for (const { state } of beginnings) this.#formsOf((this.nodes[node] as SystemNode).role).add(this.values.entry(state).form)
    this.#beginnings[node] = beginnings
    return beginnings
  }

  /** The fault by which a node may lie. */
  #byzantine(node: number): ByzantineFault | undefined {
    const { role } = this.nodes[node] as SystemNode
    return this.#liars.find(({ roles }) => roles.includes(role))
  }

  /** Does a node that begins so lie? */
  lies(state: ValueId): boolean {
    return this.#liars.length > 0 && this.values.decode(state) instanceof Liar
  }

  /** May nodes begin in these states, each in its own? Of those that may lie, no more may than the fault says. */
  mayBegin(states: readonly ValueId[]): boolean {
    return this.#liars.every(
      ({ roles, atMost }) => this.nodes.filter(({ index, role }) => roles.includes(role) && this.lies(states[index] as ValueId)).length <= atMost,
    )
  }

  /** What is in flight from the start where a node lies: all that it may say at any time. */
  liesOf(node: number): readonly Send[] {
    const known = this.#lies[node]
    if (known !== undefined) return known
    const fault = this.#byzantine(node) as ByzantineFault
    const once = this.#madeUp(node, 'byzantine', here => liesOf(this.protocol.roles, fault, here))
    this.#lies[node] = once
    return once
  }

  /** What is in flight from the start whatever nodes do: all that the network may make up at any time. */
  get forged(): readonly Flight[] {
    if (this.#forgeries.length === 0) return []
    this.#forged ??= this.nodes.flatMap(({ index }) =>
      this.#madeUp(index, 'forgery', here => forgeriesOf(this.protocol.roles, this.#forgeries, here)).map(({ to, message }) => ({ from: index, to, message })),
    )
    return this.#forged
  }

  /** What is in flight where nodes begin in these states. */
  flightOf(states: readonly ValueId[]): readonly Flight[] {
    const lies = states.flatMap((state, from) => (this.lies(state) ? this.liesOf(from).map(({ to, message }) => ({ from, to, message })) : []))
    const isNew = (one: Flight): boolean => !lies.some(({ from, to, message }) => from === one.from && to === one.to && message === one.message)
    return [...lies, ...this.forged.filter(isNew)]
  }

  /** What code says that is in flight from the start, in the name of a node: each message once. */
  #madeUp(node: number, what: string, code: (here: LiarHere) => readonly Lie[]): readonly Send[] {
    const { id } = this.nodes[node] as SystemNode
    const place = this.#place(node, what)
    const here = Object.freeze({ self: id, nodes: this.#nodesByRole, values: this.#valuesByKind })
    const all = (): readonly Send[] => this.run(place, () => code(here).map(({ to, message }) => this.#send(to, message)))
    const [lies, again] = [all(), all()]
    const told = (sends: readonly Send[]): string => sends.map(({ to, message }) => `${to}: ${message}`).join()
    if (told(lies) !== told(again))
      throw impure(place, { field: 'what it says', left: `${lies.length} messages`, right: `${again.length} messages, or others` })
    return lies.filter(({ to, message }, i) => lies.findIndex(other => other.to === to && other.message === message) === i)
  }

  /** Refuses a state that is the Record of another role. One that no role begins with may be a further state of this one. */
  #own(node: number, state: ValueId): ValueId {
    const { form } = this.values.entry(state)
    const { role } = this.nodes[node] as SystemNode
    if (this.#formsOf(role).has(form)) return state
    for (const [other, forms] of this.#forms)
      if (other !== role && forms.has(form))
        throw new SpecError({
          title: "ANOTHER ROLE'S STATE",
          what: `The next state of ${this.label(node)}, of role ${role}, is ${describe(this.values.decode(state))}, which is the Record of role ${other}.`,
          hint: `Return the Record of ${role}: the first argument, or what its \`set\` and \`merge\` make of it.`,
        })
    return state
  }

  #formsOf(role: string): Set<Form> {
    const known = this.#forms.get(role) ?? new Set()
    this.#forms.set(role, known)
    return known
  }

  /** All outcomes of the delivery of `message` from node `from`. `twice`: see `#run`; so it is for `act` and `observe`. */
  deliver(node: number, state: ValueId, message: ValueId, from: number, twice = true): readonly Outcome[] {
    const { message: sent, isReady } = this.#asSent(message)
    return isReady ? this.#run(this.#reaction(node, sent), state, sent, node, from, twice) : []
  }

  /** A message in flight as its sender sent it; and whether it has been under way for long enough. */
  #asSent(message: ValueId): { readonly message: ValueId; readonly isReady: boolean } {
    const { timing } = this
    if (timing === undefined) return { message, isReady: true }
    const known = this.#sent.get(message)
    if (known !== undefined) return known
    const shown = this.values.decode(message) as Tagged
    const { [AGE]: age = 0, ...sent } = shown as Tagged & { readonly [AGE]?: number }
    const made = { message: age === 0 ? message : this.values.encodeTagged(sent, 'the message'), isReady: age >= delayOf(timing, shown.type).min }
    this.#sent.set(message, made)
    return made
  }

  /** A message after one more tick in flight. */
  aged(message: ValueId, isTimely: boolean): ValueId {
    const { timing } = this
    const shown = this.values.decode(message) as Tagged
    const age = timing === undefined ? 0 : ageAfter(shown, timing, isTimely)
    return age === ageOf(shown) ? message : this.values.encodeTagged({ ...shown, [AGE]: age }, 'the message')
  }

  /** Must this message arrive before time goes on, where messages arrive in time? */
  isMessageDue(message: ValueId): boolean {
    return this.timing !== undefined && isDue(this.values.decode(message) as Tagged, this.timing)
  }

  /** Has a node something to do before time goes on? */
  isNodeDue(node: number, state: ValueId): boolean {
    const due = this.#dues[node]
    if (due === undefined) return false
    const { role, id } = this.nodes[node] as SystemNode
    const code = this.roleOf(node).due as NonNullable<ErasedRole['due']>
    const ask = (of: unknown): unknown => code(of as NodeState, due.context.here)
    const answer = this.run(due.place, () => this.show(role, state, ask, id), state)
    if (typeof answer !== 'boolean') throw notBoolean(due.place, 'due', answer)
    this.#confirmPure(due.place, '`due`', answer, state, () => ask(this.values.rebuild(state)))
    return answer
  }

  /** Does a tick make anything of a node? */
  hasTick(node: number): boolean {
    return this.#ticks[node] !== undefined
  }

  /** All that so many ticks of its own clock, one or two, make of a node: at least one outcome. */
  tick(node: number, state: ValueId, rate: number, twice = true): readonly Outcome[] {
    const tick = this.#ticks[node]
    if (tick === undefined) return [{ state, sends: [], emits: [], choices: [] }]
    const once = this.#run(tick, state, undefined, node, node, twice)
    if (rate === 1) return once
    return once.flatMap(first =>
      this.within(node, first.state)
        ? this.#run(tick, first.state, undefined, node, node, twice).map(second => ({ ...second, choices: [...first.choices, ...second.choices] }))
        : [first],
    )
  }

  #timeOf(time: ValueId): Time {
    return time < 0 ? NO_TIME : (this.values.decode(time) as Time)
  }

  #timeId(time: Time): ValueId {
    return this.values.encode(time, `a state of observer ${TIME}`)
  }

  /** All ways in which a tick passes; none beyond the horizon, nor before messages arrive in time where they must. Of the state of the observer `time`, here and below; -1 where there is none. */
  passings(time: ValueId): readonly { readonly rates: readonly number[]; readonly next: ValueId }[] {
    if (this.timing === undefined || this.isLast(time)) return []
    // Where a tick makes nothing of a node, its clock is nobody's concern.
    const clocks = this.nodes.filter(({ index }) => this.hasTick(index))
    return passingsOf(
      this.#timeOf(time),
      this.timing,
      clocks.map(({ id }) => id),
    ).map(({ rates, next }) => {
      const all = this.nodes.map(() => 1)
      clocks.forEach(({ index }, i) => {
        all[index] = rates[i] as number
      })
      return { rates: all, next: time < 0 ? time : this.#timeId(next) }
    })
  }

  /** Do messages arrive in time now? */
  isTimely(time: ValueId): boolean {
    return this.timing !== undefined && this.timing.type !== 'asynchronous' && this.#timeOf(time).isTimely !== false
  }

  /** The state once messages arrive in time; undefined where they do already. */
  settled(time: ValueId): ValueId | undefined {
    const shown = this.#timeOf(time)
    return shown.isTimely === false ? this.#timeId(settledTime(shown)) : undefined
  }

  /** Is the horizon reached? */
  isLast(time: ValueId): boolean {
    return this.timing !== undefined && (this.#timeOf(time).now ?? -1) >= this.timing.horizon
  }

  /** Notes what gave outcomes, for the warnings of a search that has ended. */
  note(node: number, what: string, outcomes: readonly Outcome[]): void {
    if (outcomes.length === 0) return
    const key = `${(this.nodes[node] as SystemNode).role} ${what}`
    this.ran.add(key)
    if (!this.taken.has(key) && outcomes.some(({ state, sends }) => this.within(node, state) && this.#fits(sends))) this.taken.add(key)
  }

  /** May all of these be in flight at once, if nothing else is? */
  #fits(sends: readonly Send[]): boolean {
    if (this.flightBound === undefined) return true
    const { channel, total } = this.flightBound
    return sends.length <= total && sends.every(({ to }) => sends.filter(other => other.to === to).length <= channel)
  }

  actionNames(node: number): readonly string[] {
    return (this.#actions[node] as readonly NodeAction[]).map(({ name }) => name)
  }

  /** All outcomes of an action; none if it is not enabled. */
  act(node: number, state: ValueId, action: string, twice = true): readonly Outcome[] {
    const actions = this.#actions[node] as readonly NodeAction[]
    const known = actions.find(({ name }) => name === action) as NodeAction
    const { when, place, context } = known
    if (when !== undefined) {
      const { role, id } = this.nodes[node] as SystemNode
      const ask = (of: unknown): unknown => when(of as NodeState, context.here)
      const enabled = this.run(place, () => this.show(role, state, ask, id), state)
      if (typeof enabled !== 'boolean') throw notBoolean(place, 'when', enabled)
      if (twice) {
        this.values.forgetCopies()
        const again = this.run(place, () => ask(this.values.rebuild(state)), state)
        if (enabled !== again) throw impure(place, { field: '`when`', left: enabled, right: again })
      }
      if (!enabled) return []
    }
    return this.#run(known, state, undefined, node, node, twice)
  }

  #reaction(node: number, message: ValueId): Reaction {
    const type = this.values.typeOf(message)
    const known = this.#reactions[node]?.get(type)
    if (known !== undefined) return known
    const { on } = this.roleOf(node)
    const run = on[type]
    const { place, context } = this.#placed(node, `handler ${type}`)
    if (typeof run !== 'function')
      throw new SpecError({
        title: 'NO HANDLER',
        place,
        what: `${this.label(node)} received ${describe(this.values.decode(message))}, but role ${this.nodes[node]?.role} has no handler for ${type}.`,
        hint: `Add ${type}(node, message, from, here) to its \`on\`, or send it to another role. It has: ${Object.keys(on).join(', ') || 'none'}.`,
      })
    const reaction: Reaction = { place, context, run: run as Handler, may: 'all' }
    this.#reactions[node]?.set(type, reaction)
    return reaction
  }

  /** All outcomes of a crash and a recovery: at least one. */
  recover(node: number, state: ValueId, twice = true): readonly Outcome[] {
    const recovery = this.#recoveries[node]
    return recovery === undefined ? [{ state, sends: [], emits: [], choices: [] }] : this.#run(recovery, state, undefined, node, node, twice)
  }

  within(node: number, state: ValueId): boolean {
    const { within } = this.roleOf(node)
    if (within === undefined) return true
    const { role } = this.nodes[node] as SystemNode
    const answers = this.#within.get(role) as Ints
    const known = state < answers.length ? (answers.data[state] as number) : 0
    if (known > 0) return known === 2
    const place = this.#place(node, 'within')
    const inside = this.run(place, () => this.show(role, state, of => within(of as NodeState)), state)
    if (typeof inside !== 'boolean') throw notBoolean(place, 'within', inside)
    this.#confirmPure(place, 'whether the state is within', inside, state, () => within(this.values.rebuild(state) as NodeState))
    answers.reach(state + 1)
    answers.data[state] = inside ? 2 : 1
    return inside
  }

  /** All outcomes of a global step; none if it is not enabled. `copies`: it is given copies of all states. */
  globalStep(name: string, { state, crashed, inFlight }: GlobalReader, copies = false): readonly GlobalOutcome[] {
    this.values.forgetCopies()
    const states = new Map<number, ValueId>()
    const view: GlobalView = {
      state: node => this.#given(states.get(node) ?? state(node), copies),
      crashed,
      inFlight: () => inFlight(copies),
      choose: options => this.#choices.choose(options),
      set: (node, next) => void states.set(node, this.stateOf(node, next)),
    }
    const { place } = this.#globalStep(name)
    if (!this.#isEnabled(name, view)) return []
    return this.#chooseAll(place, choices => {
      states.clear()
      const { sends, emits } = this.#doStep(name, view)
      return { states: [...states].map(([node, state]) => ({ node, state })), sends, emits, choices }
    })
  }

  /**
   * Runs a global step once, with the choices that `view` makes; undefined if it is not enabled.
   * @param goesOn whether it is known to be enabled
   */
  runGlobalStep(name: string, view: GlobalView, goesOn: boolean): Pick<GlobalOutcome, 'sends' | 'emits'> | undefined {
    const { place } = this.#globalStep(name)
    this.refuseLate()
    if (!goesOn && !this.#isEnabled(name, view)) return undefined
    return this.run(place, () => {
      try {
        return this.#doStep(name, view)
      } catch (error) {
        if (error === NOT_ENABLED) return undefined
        throw error
      }
    })
  }

  #globalStep(name: string): { readonly place: string; readonly context: GlobalContext } {
    const known = this.#globalSteps.get(name)
    if (known !== undefined) return known
    const place = `${this.protocol.name}, step ${name}`
    const made = { place, context: new GlobalContext(this.#around, place, this.protocol.name) }
    this.#globalSteps.set(name, made)
    return made
  }

  #isEnabled(name: string, view: GlobalView): boolean {
    const definition = this.protocol.steps?.[name] as NonNullable<AnyProtocol['steps']>[string]
    const { when } = definition
    if (when === undefined) return true
    const { place, context } = this.#globalStep(name)
    return this.ask(place, 'when', () => context.run(view, false, world => when(world)))
  }

  #doStep(name: string, view: GlobalView): Pick<GlobalOutcome, 'sends' | 'emits'> {
    this.calls++
    const definition = this.protocol.steps?.[name] as NonNullable<AnyProtocol['steps']>[string]
    const { context } = this.#globalStep(name)
    const returned: unknown = context.run(view, true, world => definition.do(world))
    if (isThenable(returned)) throw returnsPromise()
    return { sends: context.sends, emits: context.emits }
  }

  /** The number of a state that code of the spec gives a node. @throws SpecError if it is none, or another role's */
  stateOf(node: number, state: unknown): ValueId {
    return this.#own(node, this.#states.encode(state))
  }

  /** The next state of an observer. */
  observe(name: string, state: ValueId, event: ValueId, from: number, twice = true): ValueId {
    const place = `${this.protocol.name}, observer ${name}`
    const observer = this.protocol.observers?.[name]
    return this.run(place, () => {
      this.values.forgetCopies()
      const next = this.values.encode(observer?.on(this.values.decode(state), this.values.decode(event) as Tagged, this.nodes[from]?.id as Id), 'its state')
      if (!twice) return next
      const again = this.values.encode(observer?.on(this.values.rebuild(state), this.values.rebuild(event) as Tagged, this.nodes[from]?.id as Id), 'its state')
      if (next !== again) throw impure(place, { field: 'its state', left: this.values.decode(next), right: this.values.decode(again) })
      return next
    })
  }

  /** The whole system for a predicate: see `World`. */
  world(view: WorldView): unknown {
    const get = (id: Id): unknown => view.state(this.#target(id, this.protocol.name))
    return {
      nodes: this.#nodesByRole,
      values: this.#valuesByKind,
      get,
      all: (role: string): unknown[] => (this.#ids.get(role) ?? []).map(get),
      crashed: (id: Id): boolean => view.crashed(this.#target(id, this.protocol.name)),
      rule: (label: string, holds: boolean): boolean => this.#rule(label, holds),
      observer: (name: string): unknown => view.observer(name),
      get inFlight() {
        return view.inFlight()
      },
    }
  }

  /** May the system rest, says the protocol, in this world? */
  mayRest(world: unknown): boolean {
    const { mayRest = true } = this.protocol
    if (typeof mayRest === 'boolean') return mayRest
    const place = `${this.protocol.name}, mayRest`
    return this.ask(place, 'mayRest', () => mayRest(world as never))
  }

  /** What code of the spec is given for a value: the object that stands for it in all runs, or a copy. */
  #given(value: ValueId, copies: boolean): unknown {
    return copies ? this.values.rebuild(value) : this.values.decode(value)
  }

  label(node: number): string {
    return (this.nodes[node] as SystemNode).label
  }

  describePermutation(permutation: Permutation): string {
    return describePermutation(permutation, (kind, rank) => String(this.idOf(kind, rank)))
  }

  #place(node: number, what: string): string {
    return `${this.protocol.name}, ${what} at ${this.label(node)}`
  }

  /**
   * Runs a handler for each sequence of choices, and, if `twice`, each run a second time on a rebuilt input: an impure handler is an error. Once is enough
   * where the result is compared with that of a renamed input, for which there were two runs (`StepOrbits.close`).
   */
  #run(reaction: Reaction, state: ValueId, message: ValueId | undefined, node: number, from: number, twice: boolean): readonly Outcome[] {
    this.values.forgetCopies()
    this.#states.begin()
    const outcomes = this.#runOn(reaction, state, message, node, from, false)
    if (!twice) return outcomes
    const { calls } = this
    this.#states.confirmOthers(outcomes, of => this.#runOn(reaction, state, message, node, from, false, of))
    this.calls = calls
    const again = this.#states.plainly(() => this.#runOn(reaction, state, message, node, from, true))
    const found = sameRuns(outcomes, again) ? undefined : difference(this, outcomes, again)
    if (found === undefined) return outcomes
    if (
      this.#states.tracks &&
      sameRuns(
        again,
        this.untracked(() => this.#runOn(reaction, state, message, node, from, false)),
      )
    )
      throw new Untrackable()
    throw impure(reaction.place, found)
  }

  /** @param rebuilt whether the handler is given copies, and nobody notes what it reads of them @param other a state to give it in place of `state` */
  #runOn(
    { place, context, run, may }: Reaction,
    state: ValueId,
    message: ValueId | undefined,
    node: number,
    from: number,
    rebuilt: boolean,
    other?: object,
  ): readonly Outcome[] {
    const { id } = this.nodes[from] as SystemNode
    const { values } = this
    return this.#chooseAll(
      place,
      choices => {
        this.calls++
        context.begin(may)
        const given = message === undefined || rebuilt ? undefined : values.decode(message)
        try {
          const next =
            other !== undefined
              ? this.#states.encode(run(other, given, id, context.here))
              : rebuilt
                ? this.#states.encode(run(values.rebuild(state), message === undefined ? undefined : values.rebuild(message), id, context.here))
                : this.#states.next(this.nodes[node] as SystemNode, state, of => run(of, given, id, context.here))
          return { state: this.#own(node, next), sends: context.sends, emits: context.emits, choices }
        } finally {
          context.end()
        }
      },
      state,
      message,
    )
  }

  /** Runs code of the spec once for each sequence of answers to `choose`; its errors as by `run`. */
  #chooseAll<T>(place: string, run: (choices: readonly ValueId[]) => T, state?: ValueId, message?: ValueId): readonly T[] {
    this.refuseLate()
    try {
      return runSpec(
        place,
        () => this.#choices.all(run),
        () => this.#inWords(state, message),
      )
    } catch (error) {
      throw explained(error, place, this.values, state, message)
    }
  }

  #rule(label: string, holds: boolean): boolean {
    this.rules.add(label)
    this.rulesSaid.set(label, (this.rulesSaid.get(label) ?? 0) | (holds ? 2 : 1))
    return this.#without.has(label) || holds
  }

  /** @throws SpecError if code of the spec did something after it had returned */
  refuseLate(): void {
    if (this.#late !== undefined) throw this.#late
  }

  /** Nobody asks `refuseLate` any more: what code of the spec does late is an error where it does it. */
  end(): void {
    this.#isOver = true
  }

  /** Code of the spec did something outside of a run: its own error if some runs, else the error of what comes next. */
  #refuse(error: SpecError): void {
    if (placeOfSpec() !== undefined || this.#isOver) refuseSpec(error)
    this.#late ??= error
  }

  #placed(node: number, what: string): Pick<Reaction, 'place' | 'context'> {
    const place = this.#place(node, what)
    return { place, context: new Context(this.nodes[node] as SystemNode, this.#around, place) }
  }

  #idsBy(names: object = {}): Readonly<Record<string, readonly Id[]>> {
    return Object.freeze(Object.fromEntries(Object.keys(names).map(name => [name, this.#ids.get(name) ?? []])))
  }

  #target(id: unknown, place?: string): number {
    const index = this.#indices.get(id)
    if (index !== undefined) return index
    throw new SpecError({
      title: 'NOT A NODE',
      ...(place === undefined ? {} : { place }),
      what: `${describe(id)} is named as a node.`,
      hint: 'Nodes are the ids that the context of a handler offers: self, from, others, nodes.',
    })
  }

  #send(id: unknown, message: unknown): Send {
    const to = this.#target(id)
    const target = this.nodes[to] as SystemNode
    const encoded = this.values.encodeTagged(message, `the message to ${target.label}`)
    if (this.timing !== undefined && Object.hasOwn(message as object, AGE))
      throw new SpecError({
        title: 'NOT ITS OWN FIELD',
        what: `It sends ${describe(message)} to ${target.label}. In a protocol with \`timing\`, the field ${AGE} of a message in flight says for how many ticks it has been under way.`,
        hint: 'Give the field another name.',
      })
    const { on } = this.protocol.roles[target.role] as ErasedRole
    const type = this.values.typeOf(encoded)
    if (typeof on[type] !== 'function')
      throw new SpecError({
        title: 'NO HANDLER',
        what: `It sends ${describe(message)} to ${target.label}, but role ${target.role} has no handler for ${type}.`,
        hint: `${suggest(type, Object.keys(on), 'It has none.')} Else add ${type}(node, message, from, here) to the \`on\` of ${target.role}, or send it to another role.`,
      })
    return { to, message: encoded }
  }

  /** Runs code of the spec a second time, on a copy of what it was given. @throws SpecError if the answer is another one */
  #confirmPure(place: string, field: string, answer: unknown, state: ValueId, again: () => unknown): void {
    this.values.forgetCopies()
    const second = this.run(place, again, state)
    if (second !== answer) throw impure(place, { field, left: answer, right: second })
  }

  /** Runs code of the spec; what it throws becomes an error that names the place and the state. */
  run<T>(place: string, run: () => T, state?: ValueId, message?: ValueId): T {
    try {
      return runSpec(place, run, () => this.#inWords(state, message))
    } catch (error) {
      throw explained(error, place, this.values, state, message)
    }
  }

  #inWords(state?: ValueId, message?: ValueId): string | undefined {
    return state === undefined ? undefined : givenTo(this.values, state, message)
  }

  /** What a question to the spec is answered. @throws SpecError if that is no boolean */
  ask(place: string, what: string, question: () => unknown, state?: ValueId): boolean {
    const answer = this.run(place, question, state)
    if (typeof answer !== 'boolean') throw notBoolean(place, what, answer)
    return answer
  }
}

type Handler = (state: unknown, message: unknown, from: Id, here: unknown) => unknown

/** A piece of a spec that may run at a node, and how errors call it. */
interface Reaction {
  readonly place: string
  readonly context: Context
  readonly run: Handler
  /** What it may do. */
  readonly may: 'choose' | 'all'
}

interface NodeAction extends Reaction {
  readonly name: string
  readonly when: NonNullable<NonNullable<ErasedRole['actions']>[string]['when']> | undefined
}
