import { isPlainRecord } from '../run/live-fields.ts'
import { Ints, Tuples } from '../values/ints.ts'
import type { Form } from '../values/shapes.ts'
import type { ValueId } from '../values/value-id.ts'
import type { Basis } from './basis.ts'
import type { NumberedStates } from './numbered-states.ts'

/** What is asked of a state of a node of one role. */
const kinds = { crashed: 0, field: 1, entry: 2, which: 3, any: 4, count: 5 } as const

/** The questions as plain data: of each the component that it is about and, if it is not about all of that, the row of its answers, plus 1, by the component's value. */
export interface SharedQuestions {
  readonly component: Ints
  readonly aspect: Ints
  readonly rows: readonly Ints[]
}

/** How the fields of one role's states may be asked about, one by one. */
interface Fields {
  readonly form: Form
  readonly numbers: ReadonlyMap<string, number>
  /** Of each field what it holds in all states that were met: a map, a set, or anything. */
  readonly shapes: ('map' | 'set' | 'any')[]
  /** Of a set that was asked about its elements: all elements that were met, with their images. */
  readonly universes: (Universe | undefined)[]
}

interface Universe {
  readonly elements: Set<ValueId>
  grown: number
}

/** Whose answers rest on how fields may be asked: it forgets them when that changes. */
export interface Asker {
  forget(): void
}

/**
 * What code over the whole state asks of it, as numbers: of a node its whole state, whether it has stopped, one field, one entry of a map, or which, whether any, or how many of some elements are in a
 * set; of an observer its state. Code that asks for less is run less often, since its answer is remembered by what it asked.
 *
 * A role is asked about by fields while all its states are records of the one class that its nodes begin with; a field is asked about by entries or elements while it holds a plain map or set in all of them. A
 * set's elements can be told apart by what a function says of each while there are few different ones: the function is asked about all that were ever met (its *universe*), so it is known which of them
 * matter. When a state comes up that breaks one of these, what rested on it is forgotten (`Asker`), and learnt anew.
 */
export class Questions {
  readonly component = new Ints()
  readonly aspect = new Ints()
  readonly rows: Ints[] = []
  readonly #basis: Basis
  readonly #ids = new Tuples()
  /** (role, kind, field, what) */
  readonly #aspects = new Tuples()
  /** Sets of elements, sorted. */
  readonly #sets = new Tuples()
  readonly #roles: readonly string[]
  readonly #roleOf: readonly number[]
  /** For each role; undefined for one that is asked about as a whole. */
  readonly #fields: (Fields | undefined)[]
  readonly #askers: Asker[] = []
  readonly #images = new Map<number, number[]>()

  constructor(basis: Basis, initial: readonly (readonly ValueId[])[]) {
    this.#basis = basis
    const { system } = basis
    const { values } = system
    this.#roles = Object.keys(system.protocol.roles)
    this.#roleOf = system.nodes.map(({ role }) => this.#roles.indexOf(role))
    this.#fields = this.#roles.map(role => {
      const states = system.nodes.flatMap((node, i) => (node.role === role ? (initial[i] as readonly ValueId[]) : []))
      const { form, children } = values.entry(states[0] as ValueId)
      if (form.shape !== 'record' || !isPlainRecord(values.decode(states[0] as ValueId) as object)) return undefined
      return {
        form,
        numbers: new Map(form.names.map((name, i) => [name, i])),
        shapes: children.map(child => shapeOf(values.entry(child).form)),
        universes: form.names.map(() => undefined),
      }
    })
  }

  addAsker(asker: Asker): void {
    this.#askers.push(asker)
  }

  /** How the fields of a node's states may be asked about; undefined if it may only be asked for a state as a whole. */
  fieldsOf(node: number): Fields | undefined {
    return this.#fields[this.#roleOf[node] as number]
  }

  /** A state of a node of this role comes up for the first time. */
  meet(node: number, state: ValueId): void {
    const role = this.#roleOf[node] as number
    const fields = this.#fields[role]
    if (fields === undefined) return
    const { values } = this.#basis.system
    const { form, children } = values.entry(state)
    let changes = form !== fields.form
    if (changes) this.#fields[role] = undefined
    else
      fields.shapes.forEach((shape, field) => {
        const entry = values.entry(children[field] as ValueId)
        if (shape !== 'any' && shapeOf(entry.form) !== shape) {
          fields.shapes[field] = 'any'
          fields.universes[field] = undefined
          changes = true
        }
        const universe = fields.universes[field]
        if (universe !== undefined && this.#grow(fields, field, universe, entry.children)) changes = true
      })
    if (changes) for (const asker of this.#askers) asker.forget()
  }

  /** All elements that the set in this field may have; undefined if there are too many. */
  universeOf(node: number, field: number, locals: NumberedStates): ReadonlySet<ValueId> | undefined {
    const fields = this.fieldsOf(node)
    if (fields?.shapes[field] !== 'set') return undefined
    const known = fields.universes[field]
    if (known !== undefined) return known.elements
    const { values } = this.#basis.system
    const made = { elements: new Set<ValueId>(), grown: 0 }
    fields.universes[field] = made
    for (let local = 0; local < locals.size; local++) {
      const { children } = values.entry(locals.valueOf(local))
      this.#grow(fields, field, made, values.entry(children[field] as ValueId).children)
    }
    made.grown = 0
    return fields.universes[field]?.elements
  }

  /** Takes in elements that are new, with their images. */
  #grow(fields: Fields, field: number, universe: Universe, elements: readonly ValueId[]): boolean {
    const { symmetry, tuning } = this.#basis
    if (elements.every(element => universe.elements.has(element))) return false
    const pending = [...elements]
    for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
      if (universe.elements.has(element)) continue
      universe.elements.add(element)
      for (const g of symmetry.generators) pending.push(symmetry.image(g, element))
    }
    universe.grown++
    if (universe.elements.size > tuning.universeMax || universe.grown > tuning.universeGrownMax) {
      fields.shapes[field] = 'any'
      fields.universes[field] = undefined
    }
    return true
  }

  /** The question for the whole value of a component. */
  whole(component: number): number {
    return this.#question(component, -1)
  }

  crashed(node: number): number {
    return this.#question(node, this.#aspect(node, kinds.crashed, 0, 0))
  }

  field(node: number, field: number): number {
    return this.#question(node, this.#aspect(node, kinds.field, field, 0))
  }

  entry(node: number, field: number, key: ValueId): number {
    return this.#question(node, this.#aspect(node, kinds.entry, field, key))
  }

  /** Of these elements, which, whether any, or how many are in the set. */
  elements(node: number, kind: 'which' | 'any' | 'count', field: number, elements: readonly ValueId[]): number {
    return this.#question(node, this.#aspect(node, kinds[kind], field, this.#setOf(elements)))
  }

  #setOf(elements: readonly ValueId[]): number {
    return this.#sets.intern([...elements].sort((a, b) => a - b))
  }

  #question(component: number, aspect: number): number {
    const number = this.#ids.intern([component, aspect])
    if (number === this.component.length) {
      this.component.push(component)
      this.aspect.push(aspect)
    }
    return number
  }

  #aspect(node: number, kind: number, field: number, what: number): number {
    const number = this.#aspects.intern([this.#roleOf[node] as number, kind, field, what])
    if (number === this.rows.length) this.rows.push(new Ints())
    return number
  }

  /** The answer where the components have these values; `locals` are the states of each node. */
  answer(question: number, components: ArrayLike<number>, locals: readonly NumberedStates[]): number {
    const component = this.component.data[question] as number
    const aspect = this.aspect.data[question] as number
    const value = components[component] as number
    if (aspect < 0) return value
    const row = this.rows[aspect] as Ints
    const known = value < row.length ? (row.data[value] as number) : 0
    if (known > 0) return known - 1
    const answer = this.#evaluate(aspect, value, locals[component] as NumberedStates)
    row.reach(value + 1)
    row.data[value] = answer + 1
    return answer
  }

  #evaluate(aspect: number, local: number, locals: NumberedStates): number {
    const [, kind, field, what] = this.#aspects.items[aspect] as readonly [number, number, number, number]
    const { values } = this.#basis.system
    if (kind === kinds.crashed) return locals.crashed(local) ? 1 : 0
    const value = values.entry(locals.valueOf(local)).children[field] as ValueId
    if (kind === kinds.field) return value
    if (kind === kinds.entry) return (values.entryOf(value, what) ?? -1) + 1
    const { children } = values.entry(value)
    const there = (this.#sets.items[what] as readonly number[]).filter(element => children.includes(element))
    return kind === kinds.which ? this.#sets.intern(there) : kind === kinds.any ? Math.min(1, there.length) : there.length
  }

  /** The question that permutation `g` makes of this one. */
  image(g: number, question: number): number {
    const known = this.#images.get(g)?.[question]
    if (known !== undefined) return known
    const { symmetry, system } = this.#basis
    const component = this.component.data[question] as number
    const aspect = this.aspect.data[question] as number
    const to = component < system.nodes.length ? (symmetry.nodeImage[g]?.[component] as number) : component
    let image = question
    if (aspect < 0) image = this.#question(to, -1)
    else {
      const [, kind, field, what] = this.#aspects.items[aspect] as readonly [number, number, number, number]
      const renamed = kind === kinds.entry ? symmetry.image(g, what) : kind >= kinds.which ? this.#setImage(g, what) : what
      image = this.#question(to, this.#aspect(to, kind, field, renamed))
    }
    const images = this.#images.get(g) ?? []
    images[question] = image
    this.#images.set(g, images)
    return image
  }

  #setImage(g: number, set: number): number {
    return this.#setOf((this.#sets.items[set] as readonly number[]).map(element => this.#basis.symmetry.image(g, element)))
  }

  /** The answer to the image of a question in the image of a state. `whole`: the image of a component's value. */
  answerImage(g: number, question: number, answer: number, whole: (component: number, value: number) => number): number {
    const aspect = this.aspect.data[question] as number
    if (aspect < 0) return whole(this.component.data[question] as number, answer)
    const kind = (this.#aspects.items[aspect] as readonly number[])[1] as number
    const { symmetry } = this.#basis
    if (kind === kinds.field) return symmetry.image(g, answer)
    if (kind === kinds.entry) return answer === 0 ? 0 : symmetry.image(g, answer - 1) + 1
    return kind === kinds.which ? this.#setImage(g, answer) : answer
  }

  /** What each question is about, by content, for a digest: its component and, of an aspect, its kind, its field and hashes of its values. */
  *content(): Generator<number> {
    const { values } = this.#basis.system
    for (let question = 0; question < this.component.length; question++) {
      yield this.component.data[question] as number
      const aspect = this.aspect.data[question] as number
      if (aspect < 0) continue
      const [, kind, field, what] = this.#aspects.items[aspect] as readonly [number, number, number, number]
      yield kind
      yield field
      if (kind === kinds.entry) yield values.hash(what)
      // How they are sorted goes by numbers that other tables need not give them.
      if (kind >= kinds.which) yield (this.#sets.items[what] as readonly number[]).reduce((sum, element) => (sum + values.hash(element)) | 0, 0)
    }
  }

  /** The questions as plain data, in memory that threads share. */
  share(): SharedQuestions {
    return { component: this.component.share(), aspect: this.aspect.share(), rows: this.rows.map(row => row.share()) }
  }
}

const shapeOf = ({ shape }: Form): 'map' | 'set' | 'any' => (shape === 'map' || shape === 'set' ? shape : 'any')
