import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import {
  type EachPredicate,
  isLiveness,
  type LivenessProperty,
  type ObservedPredicate,
  type PairPredicate,
  type Property,
  type StatePredicate,
  type Status,
  type WorldPredicate,
} from '../protocol/properties.ts'
import type { RoleTypes } from '../protocol/roles.ts'
import { impure, notBoolean } from '../run/spec-errors.ts'
import type { System } from '../run/system.ts'
import { lowestBit } from '../values/bits.ts'
import { describe } from '../values/encode.ts'
import { Ints, PairMap, type SharedPairMap, Tuples } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'

type Predicate = StatePredicate<RoleTypes>

export interface NamedPredicate {
  readonly name: string
  readonly kind: 'invariant' | 'reachable' | 'canAlways' | 'liveness'
  readonly predicate: Predicate
}

/** A liveness property, with the bits of its predicates. */
export interface NamedLiveness extends Pick<LivenessProperty<RoleTypes>, 'type'> {
  readonly name: string
  /** 0 where there is none. */
  readonly from: number
  readonly to: number
  /** Of each node of this role by itself; else of the whole. */
  readonly role: string | undefined
}

export interface NamedStep {
  readonly name: string
  readonly role: string
  readonly ok: (before: unknown, after: unknown) => unknown
}

/** What views are told of a node, by whether it has stopped. */
const up: Status = Object.freeze({ crashed: false })
const down: Status = Object.freeze({ crashed: true })

/** A state of a node, and whether it has stopped, as a number. */
const keyOf = (state: ValueId, crashed: boolean): number => state * 2 + (crashed ? 1 : 0)

/** Bits of a mask; the sign bit stays free. */
const PREDICATES_MAX = 30

/**
 * The properties of a protocol, each a bit. The bits of a state are the OR of the bits of its nodes, of its pairs of nodes, of its
 * observers and of the predicates over the whole: for an `each` the bit says that it fails, for a `some` that it is satisfied.
 */
export class Predicates {
  readonly #system: System
  readonly list: readonly NamedPredicate[]
  readonly steps: readonly NamedStep[]
  /** The bits that say "fails". */
  readonly failing: number
  readonly invariants: number
  readonly reachables: number
  readonly canAlways: number
  readonly liveness: readonly NamedLiveness[]
  readonly world: readonly (readonly [bit: number, WorldPredicate<RoleTypes>])[]
  readonly #each: readonly (readonly [number, EachPredicate<RoleTypes>])[]
  readonly #pairs: readonly (readonly [number, PairPredicate<RoleTypes>])[]
  readonly #observed: readonly (readonly [number, ObservedPredicate<RoleTypes>])[]
  /** The views of a node that pair predicates look at, as a number. */
  readonly #classes = new Tuples()
  /** The same by role and `keyOf`: it is asked for a state and for its images, which are states of the role themselves. */
  readonly #classOfState = new Map<string, Map<number, number>>()
  readonly #pairMasks = new PairMap()
  /** The bits of the states of each role by `keyOf`, plus 1: they are asked for a state and for its images, which are states of the role themselves. */
  readonly #nodeMasks = new Map<string, Ints>()
  /** What a step from one state to another breaks, for each role with step properties. */
  readonly #stepMasks = new Map<string, PairMap>()

  /**
   * @param only check this property only
   * @param ofLiveness of the liveness properties; else of all others
   */
  constructor(system: System, only?: string, ofLiveness = false) {
    this.#system = system
    const all = (Object.entries(system.protocol.properties) as [string, Property<RoleTypes>][]).filter(([, property]) => isLiveness(property) === ofLiveness)
    const chosen = only === undefined || only === 'deadlock' ? all : all.filter(([name]) => name === only)
    const wanted = only === 'deadlock' ? [] : chosen
    this.steps = wanted.flatMap(([name, p]) => (p.type === 'step' ? [{ name, role: p.role, ok: p.ok as NamedStep['ok'] }] : []))
    const list: NamedPredicate[] = []
    const bitOf = (name: string, predicate: Predicate | undefined): number =>
      predicate === undefined ? 0 : 1 << (list.push({ name, kind: 'liveness', predicate }) - 1)
    const liveness: NamedLiveness[] = []
    for (const [name, p] of wanted) {
      if (p.type === 'step') continue
      if (isLiveness(p)) {
        const role = p.ofEachNode && p.to.type === 'each' ? p.to.role : undefined
        liveness.push({ name, type: p.type, from: bitOf(name, p.from), to: bitOf(name, p.to), role })
        continue
      }
      const kind = p.type === 'reachable' || p.type === 'canAlways' ? p.type : 'invariant'
      list.push({ name, kind, predicate: p.type === 'reachable' || p.type === 'canAlways' ? p.predicate : p })
    }
    this.list = list
    this.liveness = liveness
    if (list.length > PREDICATES_MAX || this.steps.length > PREDICATES_MAX)
      throw new SpecError({
        title: 'TOO MANY PROPERTIES',
        place: system.protocol.name,
        what: `It has more than ${PREDICATES_MAX}.`,
        hint: 'Check some of them at a time, with --property.',
      })
    const bits = (has: (p: NamedPredicate) => boolean): number => list.reduce((mask, p, i) => (has(p) ? mask | (1 << i) : mask), 0)
    this.failing = bits(({ predicate: { type } }) => type !== 'some' && type !== 'somePair')
    this.invariants = bits(({ kind }) => kind === 'invariant')
    this.reachables = bits(({ kind }) => kind === 'reachable')
    this.canAlways = bits(({ kind }) => kind === 'canAlways')
    const ofType = <T extends Predicate>(...types: Predicate['type'][]) =>
      list.flatMap(({ predicate }, i) => (types.includes(predicate.type) ? [[1 << i, predicate as T] as const] : []))
    this.#each = ofType<EachPredicate<RoleTypes>>('each', 'some')
    this.#pairs = ofType<PairPredicate<RoleTypes>>('eachPair', 'somePair')
    this.#observed = ofType<ObservedPredicate<RoleTypes>>('observed')
    this.world = ofType<WorldPredicate<RoleTypes>>('world')
    for (const role of Object.keys(system.protocol.roles)) this.#nodeMasks.set(role, new Ints())
    for (const [, { role }] of this.#each) this.#checkRole(role)
    for (const { role } of this.steps) {
      this.#checkRole(role)
      this.#stepMasks.set(role, new PairMap())
    }
    for (const [, { roles }] of this.#pairs) for (const role of roles) this.#checkRole(role)
    for (const [, { observer }] of this.#observed)
      if (!(observer in (system.protocol.observers ?? {}))) throw noSuch(system, 'observer', observer, Object.keys(system.protocol.observers ?? {}))
  }

  get hasPairs(): boolean {
    return this.#pairs.length > 0
  }

  /** Which predicates hold, given the bits of a state. */
  truth(bits: number): number {
    return bits ^ this.failing
  }

  /** The bits of one node. */
  ofNode(role: string, state: ValueId, crashed: boolean): number {
    const masks = this.#nodeMasks.get(role) as Ints
    const key = keyOf(state, crashed)
    const known = key < masks.length ? (masks.data[key] as number) : 0
    if (known > 0) return known - 1
    let mask = 0
    for (const [bit, { type, role: of, view, ok }] of this.#each)
      if (of === role) {
        const run = (value: unknown): boolean => ok(view(value as never, crashed ? down : up) as never)
        const again = (): boolean => run(this.#system.values.rebuild(state))
        if (this.#ask(bit, () => this.#system.show(role, state, run), again, state) === (type === 'some')) mask |= bit
      }
    masks.reach(key + 1)
    masks.data[key] = mask + 1
    return mask
  }

  /** The pair predicates whose views were false, in every state that was met, and nothing else. */
  pairsNeverTrue(): readonly string[] {
    const no = this.#system.values.encode(false)
    return this.#pairs.flatMap(([bit], i) => {
      const seen = this.#classes.items.flatMap(views => [views[2 * i] as number, views[2 * i + 1] as number]).filter(view => view >= 0)
      return seen.length > 0 && seen.every(view => view === no) ? [this.list[lowestBit(bit)]?.name ?? ''] : []
    })
  }

  /** What the pair predicates see of a node. */
  classOf(role: string, state: ValueId, crashed: boolean): number {
    const key = keyOf(state, crashed)
    const known = this.#classOfState.get(role)?.get(key)
    if (known !== undefined) return known
    const views = this.#pairs.flatMap(([bit, { roles, views }]) =>
      roles.map((of, side) => (of === role ? this.#value(bit, role, of => views[side as 0 | 1](of as never, crashed ? down : up), state) : -1)),
    )
    const view = this.#classes.intern(views)
    const ofRole = this.#classOfState.get(role)
    if (ofRole === undefined) this.#classOfState.set(role, new Map([[key, view]]))
    else ofRole.set(key, view)
    return view
  }

  /** The bits of a pair of classes, if they were evaluated before; else -1. */
  knownPair(a: number, b: number): number {
    return this.#pairMasks.get(a, b)
  }

  /** All that `knownPair` knows. */
  get pairs(): PairMap {
    return this.#pairMasks
  }

  /** What `knownPair` knows, as plain data in memory that threads share. */
  sharePairs(): SharedPairMap {
    return this.#pairMasks.share()
  }

  /** The bits of a pair of different nodes, in both orders. */
  ofPair(a: number, b: number): number {
    const mask = this.#rawPair(a, b)
    this.#pairMasks.set(a, b, mask)
    this.#pairMasks.set(b, a, mask)
    return mask
  }

  #rawPair(a: number, b: number): number {
    const left = this.#classes.items[a] as readonly number[]
    const right = this.#classes.items[b] as readonly number[]
    let mask = 0
    this.#pairs.forEach(([bit, { type, ok }], i) => {
      for (const [x, y] of [
        [left[2 * i], right[2 * i + 1]],
        [right[2 * i], left[2 * i + 1]],
      ] as [number, number][]) {
        if (x < 0 || y < 0) continue
        const { values } = this.#system
        const run = (given: (value: ValueId) => unknown): boolean => ok(given(x) as never, given(y) as never)
        const holds = this.#ask(
          bit,
          () => run(value => values.decode(value)),
          () => run(value => values.rebuild(value)),
        )
        if (holds === (type === 'somePair')) mask |= bit
      }
    })
    return mask
  }

  /** The bits of an observer's state. */
  ofObserver(observer: string, state: ValueId): number {
    let mask = 0
    const { values } = this.#system
    for (const [bit, { observer: of, ok }] of this.#observed) {
      if (of !== observer) continue
      const holds = this.#ask(
        bit,
        () => ok(values.decode(state) as never),
        () => ok(values.rebuild(state) as never),
        state,
      )
      if (!holds) mask |= bit
    }
    return mask
  }

  /** Does this predicate over the whole state hold? Run once: who asks runs it again, on a world of copies. */
  ofWorld(bit: number, predicate: WorldPredicate<RoleTypes>, world: unknown): boolean {
    return this.#askOnce(bit, () => predicate.ok(world as never))
  }

  /** The step properties that a step of a node breaks, as bits. */
  ofStep(role: string, before: ValueId, after: ValueId): number {
    const masks = this.#stepMasks.get(role)
    if (masks === undefined) return 0
    const known = masks.get(before, after)
    if (known >= 0) return known
    let mask = 0
    this.steps.forEach(({ name, role: of, ok }, i) => {
      if (of !== role) return
      const result = this.#system.run(this.#place(name), () => this.#system.show(role, before, b => this.#system.show(role, after, a => ok(b, a))), before)
      if (typeof result !== 'boolean') throw notBoolean(this.#place(name), 'ok', result)
      const { values } = this.#system
      values.forgetCopies()
      // A step that changes nothing shows one and the same state twice, in a copy, too.
      const copy = values.rebuild(before)
      const again = this.#system.run(this.#place(name), () => ok(copy, after === before ? copy : values.rebuild(after)), before)
      if (again !== result) throw impure(this.#place(name), { field: 'whether it holds', left: result, right: again })
      if (!result) mask |= 1 << i
    })
    masks.set(before, after, mask)
    return mask
  }

  #checkRole(role: string): void {
    if (!(role in this.#system.protocol.roles)) throw noSuch(this.#system, 'role', role, Object.keys(this.#system.protocol.roles))
  }

  /** Asks twice: `again` on copies. @throws SpecError if the answers differ */
  #ask(bit: number, run: () => unknown, again: () => unknown, state?: ValueId): boolean {
    const holds = this.#askOnce(bit, run, state)
    this.#system.values.forgetCopies()
    const second = this.#askOnce(bit, again, state)
    if (second !== holds) throw impure(this.#place(this.#nameOf(bit)), { field: 'whether it holds', left: holds, right: second })
    return holds
  }

  #nameOf(bit: number): string {
    return this.list[lowestBit(bit)]?.name ?? ''
  }

  #askOnce(bit: number, run: () => unknown, state?: ValueId): boolean {
    return this.#system.ask(this.#place(this.#nameOf(bit)), 'ok', run, state)
  }

  #value(bit: number, role: string, view: (state: unknown) => unknown, state: ValueId): ValueId {
    const name = this.#nameOf(bit)
    const { values } = this.#system
    const run = (value: unknown): ValueId => values.encodeView(view(value))
    const seen = this.#system.run(this.#place(name), () => this.#system.show(role, state, run), state)
    values.forgetCopies()
    const again = this.#system.run(this.#place(name), () => run(values.rebuild(state)), state)
    if (again !== seen) throw impure(this.#place(name), { field: 'its view', left: values.decode(seen), right: values.decode(again) })
    return seen
  }

  #place(name: string): string {
    return `${this.#system.protocol.name}, property ${name}`
  }
}

const noSuch = (system: System, what: string, name: string, known: readonly string[]): SpecError =>
  new SpecError({
    title: 'NOT A PROTOCOL',
    place: system.protocol.name,
    what: `A property names ${what} ${describe(name)}, which there is not.`,
    hint: suggest(name, known),
  })
