import { type Map as IMap, type Record as ImmutableRecord, type Set as ISet, isMap, isOrdered, isSet, Seq } from 'immutable'
import { isId } from '../protocol/id.ts'

/** The parts of a field: in a map the entry of the node itself, and all others. A field that holds no map is read and written whole. */
export const OWN = 1
export const OTHERS = 2
export const WHOLE = 3

type State = ImmutableRecord<{ [field: string]: unknown }>

type Entries = IMap<unknown, unknown>

type Elements = ISet<unknown>

/** What was written to a field: all of it, or these keys of the map that it held. */
export type Write = typeof WHOLE | ReadonlySet<unknown>

const NOTHING: ReadonlySet<unknown> = new Set()

/** Elements of a set that were added (true) or taken out, by the number of their value. */
export type Elementwise = ReadonlyMap<number, boolean>

const NO_ELEMENTS: Elementwise = new Map()

/** Who is told what code of the spec reads of a state of a node, and what it writes. */
export interface Watch {
  /** The number of each field. */
  readonly fields: ReadonlyMap<string, number>
  read(field: number, parts: number): void
  readEntry(field: number, key: unknown): void
  noteValue(field: number, value: unknown): void
  noteEntry(field: number, key: unknown, change: (map: Entries) => Entries): void
  /** Whether what was not changed by a write is the same object as before, as without a look. Else it is a new one each time. */
  readonly keeps?: boolean
  /** Who is asked about the elements of sets. Without it, a set is read and written whole. */
  readonly sets?: SetWatch
}

/** What may be asked of a set without reading all of it. Elements are given by the numbers of their values; of those in `except` it is known whether they are there. */
export interface SetWatch {
  /** Whether the set in this field may be asked: one of few different elements, which are all known. */
  knows(field: number): boolean
  numberOf(value: unknown): number
  /** All elements that the set may have of which this holds. */
  where(field: number, holds: (value: unknown) => unknown, except: Elementwise): readonly number[]
  /** It is asked which of these are in the set. */
  askWhich(field: number, elements: readonly number[]): void
  /** It is asked whether any of these is. */
  askAny(field: number, elements: readonly number[]): void
  /** It is asked how many of these are. */
  askCount(field: number, elements: readonly number[]): void
  /** An element is added, or taken out, without a look at whether it is there. */
  noteElement(field: number, element: number, isIn: boolean): void
}

/**
 * One look of code of the spec at a state of a node: which parts of which fields it reads. The code is given `root`, which is like the state in all but that; what it
 * makes of it by `set` and `merge` is like it too, and knows what was written. Everything that gets at the contents in another way
 * (`toJS`, `equals`, an iteration) reads all.
 *
 * This file is long: records, maps and sets that are looked at hold one another, so they cannot stand in files that know only those before them.
 *
 * To make a new state, or a new map in it, is to make a new object, also where nothing changes by it: so `===` on what is returned tells nothing about what was there before.
 */
export class Look implements Watch {
  /** For each field the parts that were read. */
  readonly reads: Uint8Array
  readonly root: unknown
  /** The number of each field. */
  readonly fields: ReadonlyMap<string, number>
  readonly #self: unknown
  readonly #state: State
  /** What was written in place of what was there before: by field the value, and by field and key what makes the entry. */
  readonly #values = new Map<number, unknown>()
  readonly #entries = new Map<number, Map<unknown, (map: Entries) => Entries>>()

  /** @param self the id of the node; if it is not known, each entry of a map may be its own */
  constructor(state: object, fields: ReadonlyMap<string, number>, self: unknown) {
    this.fields = fields
    this.#self = self
    this.#state = state as State
    this.reads = new Uint8Array(fields.size)
    this.root = watched(this, state)
  }

  read(field: number, parts: number): void {
    this.reads[field] = (this.reads[field] as number) | parts
  }

  readEntry(field: number, key: unknown): void {
    this.read(field, this.#partOf(key))
  }

  #partOf(key: unknown): number {
    return this.#self === undefined ? WHOLE : key === this.#self ? OWN : OTHERS
  }

  noteValue(field: number, value: unknown): void {
    this.#values.set(field, value)
  }

  noteEntry(field: number, key: unknown, change: (map: Entries) => Entries): void {
    const entries = this.#entries.get(field)
    if (entries === undefined) this.#entries.set(field, new Map([[key, change]]))
    else entries.set(key, change)
  }

  /**
   * The state as it may be for all that was read of it, if it had been in its dead parts already what was written there: there `set` returns what it was given, and
   * code that compares with `===` shows. `next` is what it should make of it, where it made `made` of the state. Undefined if there is no such part.
   */
  written(dead: readonly number[], made?: unknown): { readonly state: object; readonly next: unknown } | undefined {
    const state = this.#with(this.#state, dead, undefined)
    if (state === this.#state) return undefined
    const writes = this.writesOf(made)
    return { state, next: writes === undefined ? made : this.#with(realState(made) as State, dead, writes) }
  }

  #with(state: State, dead: readonly number[], writes: readonly (Write | undefined)[] | undefined): State {
    let next = state
    for (const [name, field] of this.fields) {
      const parts = (dead[field] as number) & ~(this.reads[field] as number)
      const entries = this.#entries.get(field)
      const write = writes?.[field]
      if (parts === 0 || write === WHOLE || (entries !== undefined && this.#values.has(field))) continue
      if (parts === WHOLE && this.#values.has(field)) next = next.set(name, this.#values.get(field))
      for (const [key, change] of entries ?? [])
        if ((this.#partOf(key) & ~parts) === 0 && write?.has(key) !== true) next = next.set(name, change(next.get(name) as Entries))
    }
    return next
  }

  /** What was written on the way from the state to this one, field by field; undefined if it was not made from the state. */
  writesOf(next: unknown): readonly (Write | undefined)[] | undefined {
    const made = recordLook(next)
    return made?.look === this ? made.writes : undefined
  }
}

/**
 * By this a look is found that an object was given in the place of. (In weak maps, which were tried, there came to be so many that handlers took twice as long, most of it in collecting garbage.)
 */
const LOOK = Symbol('look')

const lookOf = (value: unknown): unknown => (value as { readonly [LOOK]?: unknown } | null | undefined)?.[LOOK]

const recordLook = (value: unknown): RecordLook | undefined => {
  const look = lookOf(value)
  return look instanceof RecordLook ? look : undefined
}

const setLook = (value: unknown): SetLook | undefined => {
  const look = lookOf(value)
  return look instanceof SetLook ? look : undefined
}

const mapLook = (value: unknown): MapLook | undefined => {
  const look = lookOf(value)
  return look instanceof MapLook ? look : undefined
}

/** The object itself, if a look was given in its place: then all of it counts as read. */
export const unwrapped = (value: object): object => {
  const look = recordLook(value) ?? mapLook(value) ?? setLook(value)
  if (look === undefined) return value
  look.readAll()
  return look.real
}

/** The state that a handler made, without counting it as read. */
export const realState = (value: unknown): unknown => recordLook(value)?.real ?? value

/** A state that was made of a watched one, and how: of each field what was written, and of a set that was not written as a whole which elements. */
export const madeFrom = (
  watch: Watch,
  next: unknown,
): { readonly real: State; readonly writes: readonly (Write | undefined)[]; readonly elements: readonly (Elementwise | undefined)[] } | undefined => {
  const made = recordLook(next)
  return made?.look === watch ? made : undefined
}

/** What code of the spec is given in place of a state, so that `watch` is told what it reads. */
export const watched = (watch: Watch, state: object): unknown => new RecordLook(watch, state as State, [], []).proxy

/** How a look at a part of a state answers for it. */
abstract class Looking<T extends object> implements ProxyHandler<T> {
  readonly look: Watch

  constructor(look: Watch) {
    this.look = look
  }

  /** All of it counts as read. */
  abstract readAll(): void

  /** What Immutable keeps in an object is a way to all of its contents, for `{ ...state }` too; which properties there are says nothing. */
  getOwnPropertyDescriptor(target: T, property: string | symbol): PropertyDescriptor | undefined {
    this.readAll()
    return Reflect.getOwnPropertyDescriptor(target, property)
  }
}

class RecordLook extends Looking<State> {
  readonly real: State
  readonly writes: readonly (Write | undefined)[]
  readonly elements: readonly (Elementwise | undefined)[]
  readonly proxy: State
  /** The maps and sets that were handed out. */
  readonly #parts: (object | undefined)[] = []

  constructor(look: Watch, real: State, writes: readonly (Write | undefined)[], elements: readonly (Elementwise | undefined)[]) {
    super(look)
    this.real = real
    this.writes = writes
    this.elements = elements
    this.proxy = new Proxy(real, this)
  }

  get(target: State, property: string | symbol, receiver: unknown): unknown {
    if (property === LOOK) return this
    if (Object.hasOwn(recordMethods, property)) return recordMethods[property as keyof typeof recordMethods]
    if (Object.hasOwn(target, property)) this.readAll()
    return Reflect.get(target, property, receiver)
  }

  readAll(): void {
    for (const [, field] of this.look.fields) if (this.writes[field] !== WHOLE) this.look.read(field, WHOLE)
  }

  field(name: string, missing: unknown): unknown {
    const field = this.look.fields.get(name)
    if (field === undefined) return missing
    const value = this.real.get(name)
    const write = this.writes[field]
    if (write === WHOLE) return value
    const known = this.#parts[field]
    if (known !== undefined) return known
    const made = this.#part(field, value, write)
    if (made === undefined) {
      this.look.read(field, WHOLE)
      return value
    }
    this.#parts[field] = made
    return made
  }

  #part(field: number, value: unknown, write: ReadonlySet<unknown> | undefined): object | undefined {
    if (isPlainMap(value)) return new MapLook(this.look, field, value, write ?? NOTHING).proxy
    const sets = isPlainSet(value) ? this.look.sets : undefined
    if (sets !== undefined && isPlainSet(value) && sets.knows(field))
      return new SetLook(this.look, sets, field, value, this.elements[field] ?? NO_ELEMENTS).proxy
    return undefined
  }

  with(name: string, value: unknown): RecordLook {
    const field = this.look.fields.get(name)
    if (field === undefined) return this
    const part = mapLook(value) ?? setLook(value)
    const isPart = part !== undefined && part.look === this.look && part.field === field
    const real = isPart ? part.real : bare(value)
    if (!isPart && this.writes[field] !== WHOLE) this.look.noteValue(field, real)
    const next = this.real.set(name, real)
    if (this.look.keeps === true && next === this.real) return this
    const writes = [...this.writes]
    const elements = [...this.elements]
    writes[field] = !isPart ? WHOLE : part instanceof MapLook ? part.written : undefined
    elements[field] = isPart && part instanceof SetLook ? part.written : undefined
    return new RecordLook(this.look, next, writes, elements)
  }

  without(name: string): RecordLook {
    const field = this.look.fields.get(name)
    if (field === undefined) return this
    const writes = [...this.writes]
    writes[field] = WHOLE
    const elements = [...this.elements]
    elements[field] = undefined
    const real = this.real.remove(name)
    if (this.writes[field] !== WHOLE) this.look.noteValue(field, real.get(name))
    if (this.look.keeps === true && real === this.real) return this
    return new RecordLook(this.look, real, writes, elements)
  }
}

const isPlainSet = (value: unknown): value is Elements => isSet(value) && !isOrdered(value)

const isPlainMap = (value: unknown): value is Entries => isMap(value) && !isOrdered(value)

const bare = (value: unknown): unknown => (typeof value === 'object' && value !== null ? unwrapped(value) : value)

const here = (record: unknown): RecordLook => recordLook(record) as RecordLook

/** The ways into a record that do not read all of it. */
const recordMethods = {
  get(this: State, name: string, missing?: unknown): unknown {
    return here(this).field(name, missing)
  },
  set(this: State, name: string, value: unknown): State {
    return here(this).with(name, value).proxy
  },
  remove(this: State, name: string): State {
    return here(this).without(name).proxy
  },
  delete(this: State, name: string): State {
    return here(this).without(name).proxy
  },
  update(this: State, ...args: unknown[]): unknown {
    if (args.length === 1) return (args[0] as (state: State) => unknown)(this)
    const [name, ...rest] = args as [string, ...unknown[]]
    const change = rest.at(-1) as (value: unknown) => unknown
    return here(this).with(name, change(here(this).field(name, rest.length > 1 ? rest[0] : undefined))).proxy
  },
  merge(this: State, ...sources: unknown[]): State {
    let next = here(this)
    for (const source of sources) {
      const from = bare(source)
      if (isPlainObject(from)) for (const name of Object.keys(from)) next = next.with(name, from[name])
      else
        Seq.Keyed(from as Iterable<[string, unknown]>).forEach((value, name) => {
          next = next.with(name, value)
        })
    }
    return next.proxy
  },
}

const isPlainObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

class MapLook extends Looking<Entries> {
  readonly field: number
  readonly real: Entries
  /** Keys that were written since the state. */
  readonly written: ReadonlySet<unknown>
  readonly proxy: Entries

  constructor(look: Watch, field: number, real: Entries, written: ReadonlySet<unknown>) {
    super(look)
    this.field = field
    this.real = real
    this.written = written
    this.proxy = new Proxy(real, this)
  }

  get(_: Entries, property: string | symbol): unknown {
    if (property === LOOK) return this
    if (Object.hasOwn(mapMethods, property)) return mapMethods[property as keyof typeof mapMethods]
    if (typeof property === 'string' && property.startsWith('@@__IMMUTABLE')) return Reflect.get(this.real, property)
    this.readAll()
    const value = Reflect.get(this.real, property) as unknown
    return typeof value === 'function' ? value.bind(this.real) : value
  }

  readAll(): void {
    this.look.read(this.field, WHOLE)
  }

  entry(key: unknown): void {
    if (!isAtom(key)) this.readAll()
    else if (!this.written.has(key)) this.look.readEntry(this.field, key)
  }

  with(key: unknown, change: (real: Entries) => Entries): Entries {
    if (!isAtom(key)) {
      this.readAll()
      return change(this.real)
    }
    if (!this.written.has(key)) this.look.noteEntry(this.field, key, change)
    const next = change(this.real)
    if (this.look.keeps === true && next === this.real) return this.proxy
    return new MapLook(this.look, this.field, next, new Set(this.written).add(key)).proxy
  }
}

/** A key that is equal to itself alone. */
const isAtom = (key: unknown): boolean => typeof key !== 'object' || key === null || isId(key)

const there = (map: unknown): MapLook => mapLook(map) as MapLook

/** The ways into a map that read or write one entry of it. */
const mapMethods = {
  get(this: Entries, key: unknown, missing?: unknown): unknown {
    there(this).entry(key)
    return there(this).real.get(key, missing)
  },
  has(this: Entries, key: unknown): boolean {
    there(this).entry(key)
    return there(this).real.has(key)
  },
  set(this: Entries, key: unknown, value: unknown): Entries {
    return there(this).with(key, real => real.set(key, bare(value)))
  },
  remove(this: Entries, key: unknown): Entries {
    return there(this).with(key, real => real.remove(key))
  },
  delete(this: Entries, key: unknown): Entries {
    return there(this).with(key, real => real.remove(key))
  },
  update(this: Entries, ...args: unknown[]): unknown {
    if (args.length === 1) return (args[0] as (map: Entries) => unknown)(this)
    const [key, ...rest] = args
    const change = rest.at(-1) as (value: unknown) => unknown
    there(this).entry(key)
    const missing = rest.length > 1 ? rest[0] : undefined
    const value = change(there(this).real.get(key, missing))
    // As Immutable has it: what is missing stays so if its stand-in is not changed.
    return value === missing && !there(this).real.has(key) ? this : there(this).with(key, real => real.set(key, bare(value)))
  },
}

class SetLook extends Looking<Elements> {
  readonly sets: SetWatch
  readonly field: number
  readonly real: Elements
  readonly written: Elementwise
  readonly proxy: Elements

  constructor(look: Watch, sets: SetWatch, field: number, real: Elements, written: Elementwise) {
    super(look)
    this.sets = sets
    this.field = field
    this.real = real
    this.written = written
    this.proxy = new Proxy(real, this)
  }

  get(_: Elements, property: string | symbol): unknown {
    if (property === LOOK) return this
    if (Object.hasOwn(setMethods, property)) return setMethods[property as keyof typeof setMethods]
    if (typeof property === 'string' && property.startsWith('@@__IMMUTABLE')) return Reflect.get(this.real, property)
    if (property === 'size') {
      this.sets.askCount(
        this.field,
        this.where(() => true),
      )
      return this.real.size
    }
    this.readAll()
    const value = Reflect.get(this.real, property) as unknown
    return typeof value === 'function' ? value.bind(this.real) : value
  }

  readAll(): void {
    this.look.read(this.field, WHOLE)
  }

  with(value: unknown, isIn: boolean): Elements {
    const real = bare(value)
    const number = this.sets.numberOf(real)
    if (!this.written.has(number)) this.sets.noteElement(this.field, number, isIn)
    const next = isIn ? this.real.add(real) : this.real.remove(real)
    if (this.look.keeps === true && next === this.real) return this.proxy
    return new SetLook(this.look, this.sets, this.field, next, new Map(this.written).set(number, isIn)).proxy
  }

  where(holds: (value: unknown) => unknown): readonly number[] {
    return this.sets.where(this.field, holds, this.written)
  }
}

const among = (set: unknown): SetLook => setLook(set) as SetLook

type Holds = (value: unknown) => unknown

/**
 * Is this a question about each element by itself? A function may also ask for the set, or be given a `this`. And it is asked about elements that are not there, so it may not note down what it was asked:
 * its text has no assignment, and calls nothing but what is known to change nothing.
 */
const isPlainQuestion = (args: readonly unknown[]): args is [Holds] =>
  args.length === 1 && typeof args[0] === 'function' && args[0].length <= 2 && changesNothing(String(args[0]))

const known = new Map<string, boolean>()

const changesNothing = (text: string): boolean => {
  const found = known.get(text)
  if (found !== undefined) return found
  const calls = [...text.matchAll(CALLS)].map(([, name]) => name ?? '')
  const isPlain = ARROW.test(text) && !CHANGES.test(text.replace(COMPARISONS, ' ')) && calls.every(name => PURE.has(name))
  known.set(text, isPlain)
  return isPlain
}

const ARROW = /^(\([\w$, ]*\)|[\w$]+)\s*=>/
const COMPARISONS = /[=!]==?|<=|>=|=>/g
/** An assignment, an update, and words that may lead to one; what is quoted counts as well. */
const CHANGES = /=|\+\+|--|`|\b(new|delete|yield|await|throw|class|import|function|arguments|this)\b/
/** What is called: a name, or the result of something. */
const CALLS = /([\w$]+|[)\]])\s*(?:\?\.)?\s*\(/g
/** Methods of values, and the words that stand before a bracket. */
const PURE = new Set(
  'has get includes contains some every filter filterNot count find isEmpty equals is isSubset isSuperset min max abs map toArray keys values if return'.split(
    ' ',
  ),
)

/** What Immutable makes of it, with all read. */
const asItIs = (set: unknown, method: string, args: readonly unknown[]): unknown => {
  const look = among(set)
  look.readAll()
  return (look.real as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...args)
}

const twice =
  (holds: Holds) =>
  (value: unknown): unknown =>
    (holds as (value: unknown, key: unknown) => unknown)(value, value)

/** The ways into a set that do not read all of it. */
const setMethods = {
  add(this: Elements, value: unknown): Elements {
    return among(this).with(value, true)
  },
  remove(this: Elements, value: unknown): Elements {
    return among(this).with(value, false)
  },
  delete(this: Elements, value: unknown): Elements {
    return among(this).with(value, false)
  },
  has(this: Elements, value: unknown): boolean {
    const { sets, field, written, real } = among(this)
    const element = bare(value)
    const number = sets.numberOf(element)
    if (!written.has(number)) sets.askAny(field, [number])
    return real.has(element)
  },
  includes(this: Elements, value: unknown): boolean {
    return setMethods.has.call(this, value)
  },
  contains(this: Elements, value: unknown): boolean {
    return setMethods.has.call(this, value)
  },
  isEmpty(this: Elements): boolean {
    const look = among(this)
    look.sets.askAny(
      look.field,
      look.where(() => true),
    )
    return look.real.isEmpty()
  },
  filter(this: Elements, ...args: unknown[]): unknown {
    if (!isPlainQuestion(args)) return asItIs(this, 'filter', args)
    const look = among(this)
    const holds = twice(args[0])
    look.sets.askWhich(look.field, look.where(holds))
    return look.real.filter(value => Boolean(holds(value)))
  },
  filterNot(this: Elements, ...args: unknown[]): unknown {
    if (!isPlainQuestion(args)) return asItIs(this, 'filterNot', args)
    const look = among(this)
    const holds = twice(args[0])
    look.sets.askWhich(
      look.field,
      look.where(value => !holds(value)),
    )
    return look.real.filterNot(value => Boolean(holds(value)))
  },
  some(this: Elements, ...args: unknown[]): unknown {
    if (!isPlainQuestion(args)) return asItIs(this, 'some', args)
    const look = among(this)
    const holds = twice(args[0])
    look.sets.askAny(look.field, look.where(holds))
    return look.real.some(value => Boolean(holds(value)))
  },
  every(this: Elements, ...args: unknown[]): unknown {
    if (!isPlainQuestion(args)) return asItIs(this, 'every', args)
    const look = among(this)
    const holds = twice(args[0])
    look.sets.askAny(
      look.field,
      look.where(value => !holds(value)),
    )
    return look.real.every(value => Boolean(holds(value)))
  },
  find(this: Elements, ...args: unknown[]): unknown {
    if (!isPlainQuestion(args)) return asItIs(this, 'find', args)
    return (setMethods.filter.call(this, args[0]) as Elements).first()
  },
  count(this: Elements, ...args: unknown[]): unknown {
    if (args.length > 0 && !isPlainQuestion(args)) return asItIs(this, 'count', args)
    const look = among(this)
    const holds = args.length === 0 ? () => true : twice(args[0] as Holds)
    look.sets.askCount(look.field, look.where(holds))
    return look.real.count(value => Boolean(holds(value)))
  },
}
