import { type Map as IMap, type Record as ImmutableRecord, isMap, isOrdered, Seq } from 'immutable'
import { isId } from '../protocol/id.ts'

/** The parts of a field: in a map the entry of the node itself, and all others. A field that holds no map is read and written whole. */
export const OWN = 1
export const OTHERS = 2
export const WHOLE = 3

type State = ImmutableRecord<{ [field: string]: unknown }>

type Entries = IMap<unknown, unknown>

/** What was written to a field: all of it, or these keys of the map that it held. */
export type Write = typeof WHOLE | ReadonlySet<unknown>

const NOTHING: ReadonlySet<unknown> = new Set()

/**
 * One look of code of the spec at a state of a node: which parts of which fields it reads. The code is given `root`, which is like the state in all but that; what it
 * makes of it by `set` and `merge` is like it too, and knows what was written. Everything that gets at the contents in another way
 * (`toJS`, `equals`, an iteration) reads all.
 *
 * To make a new state, or a new map in it, is to make a new object, also where nothing changes by it: so `===` on what is returned tells nothing about what was there before.
 */
export class Look {
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
    this.root = new RecordLook(this, state as State, []).proxy
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

const mapLook = (value: unknown): MapLook | undefined => {
  const look = lookOf(value)
  return look instanceof MapLook ? look : undefined
}

/** The object itself, if a look was given in its place: then all of it counts as read. */
export const unwrapped = (value: object): object => {
  const look = recordLook(value) ?? mapLook(value)
  if (look === undefined) return value
  look.readAll()
  return look.real
}

/** The state that a handler made, without counting it as read. */
export const realState = (value: unknown): unknown => recordLook(value)?.real ?? value

/** How a look at a part of a state answers for it. */
abstract class Looking<T extends object> implements ProxyHandler<T> {
  readonly look: Look

  constructor(look: Look) {
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
  readonly proxy: State
  readonly #maps: (Entries | undefined)[] = []

  constructor(look: Look, real: State, writes: readonly (Write | undefined)[]) {
    super(look)
    this.real = real
    this.writes = writes
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
    if (!isPlainMap(value)) {
      this.look.read(field, WHOLE)
      return value
    }
    const known = this.#maps[field]
    if (known !== undefined) return known
    const made = new MapLook(this.look, field, value, write ?? NOTHING).proxy
    this.#maps[field] = made
    return made
  }

  with(name: string, value: unknown): RecordLook {
    const field = this.look.fields.get(name)
    if (field === undefined) return this
    const map = mapLook(value)
    const isPart = map !== undefined && map.look === this.look && map.field === field
    const real = isPart ? map.real : bare(value)
    if (!isPart && this.writes[field] !== WHOLE) this.look.noteValue(field, real)
    const writes = [...this.writes]
    writes[field] = isPart ? map.written : WHOLE
    return new RecordLook(this.look, this.real.set(name, real), writes)
  }

  without(name: string): RecordLook {
    const field = this.look.fields.get(name)
    if (field === undefined) return this
    const writes = [...this.writes]
    writes[field] = WHOLE
    const real = this.real.remove(name)
    if (this.writes[field] !== WHOLE) this.look.noteValue(field, real.get(name))
    return new RecordLook(this.look, real, writes)
  }
}

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

  constructor(look: Look, field: number, real: Entries, written: ReadonlySet<unknown>) {
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
    return new MapLook(this.look, this.field, change(this.real), new Set(this.written).add(key)).proxy
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
