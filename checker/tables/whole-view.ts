import { Map as IMap } from 'immutable'
import { NOT_ENABLED } from '../run/choices.ts'
import { type Elementwise, madeFrom, type SetWatch, type Watch, WHOLE, type Write, watched } from '../values/tracked-state.ts'
import type { ValueId } from '../values/value-id.ts'
import type { WrittenPart } from './changes.ts'
import type { NumberedStates } from './numbered-states.ts'
import type { Parts } from './parts.ts'
import type { RunEvent } from './run-tree.ts'
import type { Whole } from './whole.ts'

/** Thrown where code over the whole state cannot be watched by fields: it is watched by whole states then. */
export class NotByFields extends Error {}

/** How a run is shown the states of nodes: as what tells what is read of them; as that, but so that a write which changes nothing shows, as it does without; as they are; or as copies, which share no object with what other runs were given. */
export type Showing = 'watched' | 'watched, as it is' | 'as it is' | 'copies'

/**
 * What one run of code over the whole state is shown, and what it does on its way. What it asks is noted as questions (questions.ts): of a state that is shown as it is, all of it is.
 */
export class WholeView {
  /** What the run asked and chose, in order, from its first choice on if choices are given. */
  events: RunEvent[] = []
  /** Whether what is in flight was looked at. */
  looked = false
  /** What is written to each node: the state, and what made it. */
  readonly writes = new Map<number, { readonly state: ValueId; readonly parts: readonly WrittenPart[] }>()
  readonly #parts: Parts
  readonly #state: Whole
  readonly #showing: Showing
  readonly #values: ReadonlyMap<number, ValueId>
  readonly #choices: readonly ValueId[]
  readonly #asked: Set<number>
  readonly #goesOn: boolean
  readonly #looks = new Map<number, NodeLook | undefined>()
  readonly #shown = new Map<number, unknown>()
  #chosen = 0
  #isOver = false

  /**
   * @param choices what is chosen first
   * @param asked what is known to have been asked before the first choice
   * @param values states of nodes that are shown in place of those that they have
   * @param goesOn whether what it does before the first choice is known
   */
  constructor(
    parts: Parts,
    state: Whole,
    showing: Showing,
    choices: readonly ValueId[] = [],
    asked: readonly number[] = [],
    values: ReadonlyMap<number, ValueId> = new Map(),
    goesOn = choices.length > 0,
  ) {
    this.#parts = parts
    this.#state = state
    this.#showing = showing
    this.#choices = choices
    this.#asked = new Set(asked)
    this.#values = values
    this.#goesOn = goesOn
    if (this.#isWatched) parts.system.values.mayHoldLooks = true
  }

  get #isWatched(): boolean {
    return this.#showing === 'watched' || this.#showing === 'watched, as it is'
  }

  /** The run is over: what is read of its states from now on, nobody notes. */
  end(): void {
    this.#isOver = true
  }

  /** Notes a question, once. @throws NotByFields after the end: by then nobody would hear of it */
  ask(question: number): void {
    if (this.#isOver) throw new NotByFields()
    if (this.#asked.has(question)) return
    this.#asked.add(question)
    const answer = this.#parts.questions.answer(question, this.#state.components, this.#parts.nodes.locals)
    this.events.push({ question, answer })
  }

  /** The state of a node, to be given to the code. */
  state(node: number): unknown {
    if (this.#shown.has(node)) return this.#shown.get(node)
    const shown = this.#show(node)
    this.#shown.set(node, shown)
    return shown
  }

  #show(node: number): unknown {
    const { system, questions } = this.#parts
    const written = this.writes.get(node)?.state
    if (written !== undefined) return this.#showing === 'copies' ? system.values.rebuild(written) : system.values.decode(written)
    if (this.#isWatched) {
      const look = this.#look(node)
      if (look !== undefined) return look.root
    }
    this.ask(questions.whole(node))
    const value = this.valueOf(node)
    return this.#showing === 'copies' ? system.values.rebuild(value) : system.values.decode(value)
  }

  #look(node: number): NodeLook | undefined {
    if (this.#looks.has(node)) return this.#looks.get(node)
    const look = this.#parts.questions.fieldsOf(node) === undefined ? undefined : new NodeLook(this.#parts, this, node, this.#showing === 'watched, as it is')
    this.#looks.set(node, look)
    return look
  }

  /** The state that a node is shown in. */
  valueOf(node: number): ValueId {
    return this.#values.get(node) ?? (this.#parts.nodes.locals[node] as NumberedStates).valueOf(this.#state.components[node] as number)
  }

  crashed(node: number): boolean {
    const { questions, nodes } = this.#parts
    this.ask(this.#isWatched ? questions.crashed(node) : questions.whole(node))
    return (nodes.locals[node] as NumberedStates).crashed(this.#state.components[node] as number)
  }

  observer(name: string): unknown {
    const { observers, system, questions } = this.#parts
    const o = observers.names.indexOf(name)
    const component = system.nodes.length + o
    this.ask(questions.whole(component))
    const value = (observers.states[o] as NumberedStates).valueOf(this.#state.components[component] as number)
    return this.#showing === 'copies' ? system.values.rebuild(value) : system.values.decode(value)
  }

  inFlight(): readonly unknown[] {
    if (this.#isOver) throw new NotByFields()
    this.looked = true
    return this.#state.inFlight().map(packet => this.#parts.flight.show(packet, this.#showing === 'copies'))
  }

  /** The next of the choices that are given, or the first option, which is then the first of several runs. */
  choose(options: Iterable<unknown>): unknown {
    const list = [...options]
    const { values } = this.#parts.system
    const numbers = list.map(option => values.encode(option, 'an option of choose'))
    const unique = [...new Set(numbers)]
    if (this.#chosen === 0 && this.#goesOn) this.events = []
    const taken = this.#chosen < this.#choices.length ? (this.#choices[this.#chosen] as ValueId) : unique[0]
    this.#chosen++
    if (taken === undefined) throw NOT_ENABLED
    if (!unique.includes(taken)) throw new NotByFields()
    this.events.push({ options: unique, taken })
    return list[numbers.indexOf(taken)]
  }

  set(node: number, next: unknown): void {
    const { system } = this.#parts
    const look = this.#looks.get(node)
    const made = look && madeFrom(look, next)
    if (look === undefined || made === undefined) {
      const state = system.stateOf(node, next)
      this.writes.set(node, { state, parts: [{ to: 'state', value: state }] })
      this.#shown.delete(node)
    } else {
      const state = system.stateOf(node, made.real)
      this.writes.set(node, { state, parts: look.partsOf(made.writes, made.elements, system.values.entry(state).children) })
      this.#shown.set(node, next)
    }
  }

  /**
   * States of nodes that the run cannot have told from those that it was shown: ones in which what it wrote, without a look at it, was there before, and which lack the elements of sets that it did
   * not ask for; and ones that have all of these. The first may be what it was shown; nodes that do not differ are left out.
   */
  alternatives(): ReadonlyMap<number, ValueId>[] {
    const most = Math.max(1, ...[...this.#looks.values()].map(look => look?.writesMost ?? 0))
    const all = Array.from({ length: Math.min(most, WRITES_MAX) }, (_, there) => this.#alternative(there))
    const full = this.#alternative(undefined)
    return full.size > 0 ? [...all, full] : all
  }

  #alternative(there: number | undefined): ReadonlyMap<number, ValueId> {
    const found = new Map<number, ValueId>()
    for (const [node, look] of this.#looks) {
      const value = this.valueOf(node)
      const other = look === undefined ? value : look.alternative(value, there)
      if (other !== value) found.set(node, other)
    }
    return found
  }
}

/** If a run writes a field more often, not each of these writes is tried in turn. */
const WRITES_MAX = 4

/** What was written to one field, so that number `first` comes last, and so is what is there. */
const writesFrom = (written: readonly WrittenPart[], first: number): readonly WrittenPart[] =>
  written.length === 0 ? written : [...written.slice((first % written.length) + 1), ...written.slice(0, (first % written.length) + 1)]

/** Watches what a run reads of one node, by fields, entries and elements. */
class NodeLook implements Watch {
  readonly fields: ReadonlyMap<string, number>
  readonly root: unknown
  readonly keeps: boolean
  readonly #parts: Parts
  readonly #view: WholeView
  readonly #node: number
  readonly #whole = new Set<number>()
  /** Of each field the entries that were asked for, and the elements. */
  readonly #entries = new Map<number, Set<ValueId>>()
  readonly #elements = new Map<number, Set<ValueId>>()
  #sets: SetWatch | undefined
  /** What was written in place of what was there, field by field. */
  readonly #written = new Map<number, WrittenPart[]>()

  constructor(parts: Parts, view: WholeView, node: number, keeps: boolean) {
    this.keeps = keeps
    this.#parts = parts
    this.#view = view
    this.#node = node
    this.fields = (parts.questions.fieldsOf(node) as { numbers: ReadonlyMap<string, number> }).numbers
    this.root = watched(this, parts.system.values.decode(view.valueOf(node)) as object)
  }

  get sets(): SetWatch {
    this.#sets ??= this.#setWatch()
    return this.#sets
  }

  #setWatch(): SetWatch {
    const { questions, system, nodes } = this.#parts
    const view = this.#view
    const node = this.#node
    const universe = (field: number): ReadonlySet<ValueId> | undefined => questions.universeOf(node, field, nodes.locals[node] as NumberedStates)
    const ask = (kind: 'which' | 'any' | 'count', field: number, elements: readonly ValueId[]): void => {
      const known = this.#elements.get(field) ?? new Set()
      this.#elements.set(field, known)
      for (const element of elements) known.add(element)
      if (elements.length > 0 && !this.#whole.has(field)) view.ask(questions.elements(node, kind, field, elements))
    }
    return {
      knows: field => universe(field) !== undefined,
      numberOf: value => system.values.encode(value, 'an element'),
      where: (field, holds, except) =>
        [...(universe(field) as ReadonlySet<ValueId>)].filter(element => !except.has(element) && Boolean(holds(system.values.decode(element)))),
      askWhich: (field, elements) => ask('which', field, elements),
      askAny: (field, elements) => ask('any', field, elements),
      askCount: (field, elements) => ask('count', field, elements),
      noteElement: (field, element, isIn) => this.#note({ to: 'element', field, element, isIn }),
    }
  }

  read(field: number): void {
    this.#whole.add(field)
    this.#view.ask(this.#parts.questions.field(this.#node, field))
  }

  readEntry(field: number, key: unknown): void {
    const number = this.#parts.system.values.encode(key, 'a key')
    const known = this.#entries.get(field) ?? new Set()
    this.#entries.set(field, known.add(number))
    if (!this.#whole.has(field)) this.#view.ask(this.#parts.questions.entry(this.#node, field, number))
  }

  noteValue(field: number, value: unknown): void {
    this.#note({ to: 'field', field, value: this.#parts.system.values.encode(value, 'a field') })
  }

  noteEntry(field: number, key: unknown, change: (map: IMap<unknown, unknown>) => IMap<unknown, unknown>): void {
    const { values } = this.#parts.system
    const number = values.encode(key, 'a key')
    const after = change(IMap())
    this.#note({ to: 'entry', field, key: number, value: after.has(key) ? values.encode(after.get(key), 'an entry') : undefined })
  }

  #note(part: Exclude<WrittenPart, { readonly to: 'state' }>): void {
    const known = this.#written.get(part.field)
    if (known === undefined) this.#written.set(part.field, [part])
    else known.push(part)
  }

  /** How often one field was written at most. */
  get writesMost(): number {
    return Math.max(0, ...[...this.#written.values()].map(({ length }) => length))
  }

  /** What was written, where the fields have these values after it. */
  partsOf(writes: readonly (Write | undefined)[], elements: readonly (Elementwise | undefined)[], after: readonly ValueId[]): readonly WrittenPart[] {
    const { values } = this.#parts.system
    const parts: WrittenPart[] = []
    for (const field of this.fields.values()) {
      const write = writes[field]
      const value = after[field] as ValueId
      if (write === WHOLE) parts.push({ to: 'field', field, value })
      else if (write !== undefined)
        for (const written of write) {
          const key = values.encode(written, 'a key')
          parts.push({ to: 'entry', field, key, value: values.entryOf(value, key) })
        }
      else for (const [element, isIn] of elements[field] ?? []) parts.push({ to: 'element', field, element, isIn })
    }
    return parts
  }

  /** See `WholeView.alternatives`. */
  alternative(state: ValueId, there: number | undefined): ValueId {
    const { system, questions, nodes } = this.#parts
    const { values } = system
    let other = state
    for (const field of this.fields.values()) {
      if (this.#whole.has(field)) continue
      const before = values.entry(other).children[field] as ValueId
      let after = before
      const asked = this.#elements.get(field)
      const all = asked && questions.universeOf(this.#node, field, nodes.locals[this.#node] as NumberedStates)
      for (const element of all ?? []) if (asked?.has(element) !== true) after = values.withElement(after, element, there === undefined)
      if (there !== undefined)
        for (const part of writesFrom(this.#written.get(field) ?? [], there)) {
          if (part.to === 'field' && asked === undefined && !this.#entries.has(field) && this.#alike(before, part.value)) after = part.value
          if (part.to === 'entry' && !this.#entries.get(field)?.has(part.key)) after = values.withEntry(after, part.key, part.value)
          // Of an element that was never met, the run did not ask what it says of it.
          if (part.to === 'element' && (asked === undefined || (all?.has(part.element) === true && !asked.has(part.element))))
            after = values.withElement(after, part.element, part.isIn)
        }
      if (after !== before) other = values.withField(other, field, after)
    }
    return other
  }

  /** Are two values the same kind of collection, or none? That may be seen without a question. */
  #alike(a: ValueId, b: ValueId): boolean {
    const { values } = this.#parts.system
    const [left, right] = [values.entry(a).form.shape, values.entry(b).form.shape]
    return left === right || !(['map', 'set'].includes(left) || ['map', 'set'].includes(right))
  }
}
