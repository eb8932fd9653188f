import { Ints, PairMap, Rows, Tuples } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'
import type { Basis } from './basis.ts'
import { requests } from './journal.ts'
import type { NodeStates } from './node-states.ts'
import type { NumberedStates } from './numbered-states.ts'

/** What is written to a state of a node: all of it; a field; an entry of a map, or that it is taken out; that an element of a set is in, or not. */
export type WrittenPart =
  | { readonly to: 'state'; readonly value: ValueId }
  | { readonly to: 'field'; readonly field: number; readonly value: ValueId }
  | { readonly to: 'entry'; readonly field: number; readonly key: ValueId; readonly value: ValueId | undefined }
  | { readonly to: 'element'; readonly field: number; readonly element: ValueId; readonly isIn: boolean }

const STATE = 0
const FIELD = 1
const ENTRY = 2
const ELEMENT = 3

/** Numbers of one written part: what to, the field, which entry or element, and the value (0 for none), or whether it is in. */
const WIDTH = 4

/** A change that leads out of the bound of the model. */
export const CUT = 1

/**
 * What global steps write to a node, as numbers, and what comes of it in each state of the node: so a step that does the same in many states is one step, and is run once. What comes of a change, whether
 * the state after it is within the bound of the model, and which step properties it breaks, is found out once for each state before.
 */
export class Changes {
  /** For a change and a state of a node the place in `to` and `broken`. */
  readonly places = new PairMap()
  /** The state after a change, plus 2; `CUT` where that is out of bounds. */
  readonly to = new Ints()
  /** The step properties that a change breaks, as bits. */
  readonly broken = new Ints()
  readonly #basis: Basis
  readonly #nodes: NodeStates
  readonly #roles: readonly string[]
  /** The role, then the parts that are written. */
  readonly #changes = new Tuples()
  /** The changes that write whole states, by role and state. */
  readonly #toStates = new PairMap()
  readonly #images = new Rows()
  /** Pairs of states of which it was checked that their images are treated alike. */
  readonly #checked = new PairMap()

  constructor(basis: Basis, nodes: NodeStates) {
    this.#basis = basis
    this.#nodes = nodes
    this.#roles = Object.keys(basis.system.protocol.roles)
  }

  /** The number of a change of a node. */
  change(node: number, parts: readonly WrittenPart[]): number {
    const role = this.#roles.indexOf(this.#nodes.roleOf(node))
    const [first] = parts
    if (first?.to !== 'state') return this.#intern(role, parts.map(flat))
    const known = this.#toStates.get(role, first.value)
    if (known >= 0) return known
    const change = this.#intern(role, [flat(first)])
    this.#toStates.set(role, first.value, change)
    return change
  }

  #intern(role: number, parts: readonly (readonly number[])[]): number {
    const sorted = [...parts].sort((a, b) => (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number) || (a[2] as number) - (b[2] as number))
    return this.#changes.intern([role, ...sorted.flat()])
  }

  #partsOf(change: number): readonly (readonly number[])[] {
    const flat = this.#changes.items[change] as readonly number[]
    return Array.from({ length: (flat.length - 1) / WIDTH }, (_, i) => flat.slice(1 + i * WIDTH, 1 + (i + 1) * WIDTH))
  }

  image(g: number, change: number): number {
    const known = this.#images.get(g, change)
    if (known >= 0) return known
    const { symmetry } = this.#basis
    const renamed = (value: ValueId): ValueId => symmetry.image(g, value)
    const parts = this.#partsOf(change).map(([to, field, what, value]) =>
      to === ELEMENT
        ? [ELEMENT, field as number, renamed(what as number), value as number]
        : [to as number, field as number, to === ENTRY ? renamed(what as number) : 0, value === 0 ? 0 : renamed((value as number) - 1) + 1],
    )
    return this.#images.set(g, change, this.#intern((this.#changes.items[change] as readonly number[])[0] as number, parts))
  }

  /** A state after a change. */
  after(change: number, state: ValueId): ValueId {
    const { values } = this.#basis.system
    let next = state
    for (const [to, field, what, value] of this.#partsOf(change) as [number, number, number, number][]) {
      if (to === STATE) next = value - 1
      else {
        const before = values.entry(next).children[field] as ValueId
        const after =
          to === FIELD
            ? value - 1
            : to === ENTRY
              ? values.withEntry(before, what, value === 0 ? undefined : value - 1)
              : values.withElement(before, what, value === 1)
        if (after !== before) next = values.withField(next, field, after)
      }
    }
    return next
  }

  /** Finds out what comes of a change of a node in a state: its place. */
  apply(node: number, change: number, local: number): number {
    return this.#basis.journal.record(requests.change, [node, change, local], () => this.#apply(node, change, local))
  }

  #apply(node: number, change: number, local: number): number {
    const { system, predicates } = this.#basis
    const locals = this.#nodes.locals[node] as NumberedStates
    const before = locals.valueOf(local)
    const after = this.after(change, before)
    const isIn = system.within(node, after)
    const broken = isIn ? predicates.ofStep(this.#nodes.roleOf(node), before, after) : 0
    this.#checkImages(node, before, after, isIn, broken)
    const place = this.to.push(isIn ? this.#nodes.number(node, after, locals.crashed(local)) + 2 : CUT)
    this.broken.push(broken)
    this.places.set(change, local, place)
    return place
  }

  /** Are the bound and the step properties the same for the images of a step? The images of its states are states of the role themselves. */
  #checkImages(node: number, before: ValueId, after: ValueId, isIn: boolean, broken: number): void {
    const { system, predicates, symmetry } = this.#basis
    const role = this.#nodes.roleOf(node)
    const looksBefore = predicates.steps.some(({ role: of }) => of === role)
    if (symmetry.generators.length === 0 || (!looksBefore && system.protocol.roles[role]?.within === undefined)) return
    const pending: (readonly [ValueId, ValueId])[] = [[looksBefore ? before : after, after]]
    for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
      if (this.#checked.get(...pair) >= 0) continue
      this.#checked.set(...pair, 1)
      for (const g of symmetry.generators) {
        const image = [symmetry.image(g, pair[0]), symmetry.image(g, pair[1])] as const
        const place = `${system.protocol.name}, ${role}`
        if (system.within(node, image[1]) !== isIn) symmetry.refuse(place, g, '`within` tells a state from its image.')
        if (isIn && looksBefore && predicates.ofStep(role, ...image) !== broken) symmetry.refuse(place, g, 'a step property tells a step from its image.')
        pending.push(image)
      }
    }
  }

  /** What each change writes, by content, for a digest. */
  *content(): Generator<number> {
    const { values } = this.#basis.system
    for (const [role] of this.#changes.items) yield role as number
    for (let change = 0; change < this.#changes.size; change++)
      for (const [to, field, what, value] of this.#partsOf(change) as [number, number, number, number][]) {
        yield to
        yield field
        if (to === ENTRY || to === ELEMENT) yield values.hash(what)
        yield to === ELEMENT || value === 0 ? value : values.hash(value - 1)
      }
  }
}

const flat = (part: WrittenPart): readonly number[] =>
  part.to === 'state'
    ? [STATE, 0, 0, part.value + 1]
    : part.to === 'field'
      ? [FIELD, part.field, 0, part.value + 1]
      : part.to === 'entry'
        ? [ENTRY, part.field, part.key, part.value === undefined ? 0 : part.value + 1]
        : [ELEMENT, part.field, part.element, part.isIn ? 1 : 0]
