import { Map as IMap, type Record as ImmutableRecord, Set as ISet, isList, isMap, isRecord, isSet, List, OrderedMap, OrderedSet } from 'immutable'
import { SpecError } from '../protocol/errors.ts'
import { Id, isId } from '../protocol/id.ts'
import type { Json } from '../protocol/json.ts'
import { Copies } from './copies.ts'
import { combine, hashText, mix } from './hash.ts'
import { capacityFor, Ints, spread } from './ints.ts'
import type { Permutation } from './permutation.ts'
import { type Form, Forms, recordOf } from './shapes.ts'
import { unwrapped } from './tracked-state.ts'
import type { Entry, ValueId } from './value-id.ts'

/** Collections within collections that a value may be made of: code that walks values calls itself. */
const NESTED_MAX = 200

/** Children of a set or a map that are sorted by insertion, which takes the square of their number at worst. */
const INSERTED_MAX = 64

const PRIMITIVE: Form = { shape: 'primitive', number: -1, atom: undefined, names: [] }
const ID: Form = { shape: 'id', number: -2, atom: undefined, names: [] }

/** Parts that a path names. */
const PATH_MAX = 8

/** Which part of a collection is being encoded, for errors. */
type Part = 'field' | 'index' | 'element' | 'key' | 'value'

/**
 * The canonical encoding of values. Immutable's own equality would do, but not its `hashCode`, which collides far too often
 * for tables of this size; and the iteration order of a Set or Map is its history, not its value, so children are sorted by content.
 *
 * What a handler left alone is not walked again: Immutable collections do not change, and a mutable copy is refused, so an object that stands for
 * a value always does.
 *
 * One long class: each kind of value is encoded by itself, and what is inside it by all of them.
 */
export class Values {
  readonly #entries: Entry[] = []
  /** Where the entries with children stand by their hash: see `spread`. */
  #slots: Int32Array = new Int32Array(1024)
  /** The hash of each entry's form and children, by which it stands in `#slots`. */
  readonly #hashes = new Ints(1024)
  /** Primitives (by their content, so that 0 and -0 are one), ids, and the objects that stand for values. */
  readonly #known = new Map<unknown, ValueId>()
  readonly #forms = new Forms()
  readonly #copies = new Copies(this)
  /** The children of what is being encoded. */
  readonly #stack = new Ints(256)
  /** The way from the root to what is being encoded. */
  readonly #parts: Part[] = []
  readonly #keys: unknown[] = []
  readonly #ids: (kind: string, rank: number) => Id
  /** Whether there may be looks (tracked-state.ts) in what is encoded. */
  mayHoldLooks = false
  /** Looks met so far: an object that holds one stands for no value. */
  #looks = 0

  /** @param ids the one id object of this kind and rank */
  constructor(ids: (kind: string, rank: number) => Id) {
    this.#ids = ids
  }

  get size(): number {
    return this.#entries.length
  }

  /** The number of a value. @throws SpecError for what is not a value; `path` (for a record its class) names the field in it. */
  encode(value: unknown, path?: string): ValueId {
    const known = this.#known.get(value)
    if (known !== undefined) return known
    const top = this.#stack.length
    try {
      return this.#value(value, 0)
    } catch (error) {
      this.#stack.length = top
      throw error instanceof NotAValue ? error.at(this.#path(path ?? nameOf(value), error.depth)) : error
    }
  }

  /** A message or an event: a plain object with a `type`, whose fields hold values. */
  encodeTagged(value: unknown, path: string): ValueId {
    if (typeof value !== 'object' || value === null || !isPlain(value) || typeof (value as { type?: unknown }).type !== 'string')
      throw new SpecError({
        title: 'NOT A MESSAGE',
        what: `${path} is ${describe(value)}.`,
        hint: "A message or event is a plain object with a type: { type: 'Request', clock: 3 }.",
      })
    return this.#plain(value, name => `${path}.${name}`)
  }

  /** What a view shows: a value, or a plain object of values, which lives no longer than the comparison. */
  encodeView(value: unknown): ValueId {
    if (typeof value !== 'object' || value === null || !isPlain(value)) return this.encode(value, 'the view')
    return this.#plain(value, name => `the view's ${name}`)
  }

  /** The value that a number stands for; the same object each time. Objects (messages, events) are frozen. */
  decode(id: ValueId): unknown {
    const entry = this.entry(id)
    if (entry.value === undefined && entry.form !== PRIMITIVE) {
      const value = this.build(id, child => this.decode(child), false)
      entry.value = value
      if (entry.form.shape !== 'object') this.#known.set(value, id)
    }
    return entry.value
  }

  /** A copy that shares no object with `decode`'s nor with an earlier copy, its sets and maps filled in the opposite order: for the purity check. */
  rebuild(id: ValueId): unknown {
    return this.#copies.copyOf(id)
  }

  /** Copies made so far need not be recognised any more: to be called now and then. */
  forgetCopies(): void {
    this.#copies.forget()
  }

  /** The number of the value with its ids renamed. Memoise: the walk is as long as the value. */
  permute(id: ValueId, permutation: Permutation): ValueId {
    const { form, children, hasIds, value } = this.entry(id)
    if (!hasIds) return id
    if (form === ID) {
      const old = value as Id
      const ranks = permutation.get(old.kind)
      return ranks === undefined ? id : this.encode(this.#ids(old.kind, ranks[Id.rankOf(old)] as number))
    }
    const from = this.#stack.length
    for (const child of children) this.#stack.push(this.permute(child, permutation))
    return this.#intern(form, from, undefined)
  }

  /** The record with another value in its field number `field`. */
  withField(record: ValueId, field: number, value: ValueId): ValueId {
    const { form, children } = this.entry(record)
    return this.#of(
      form,
      children.map((child, i) => (i === field ? value : child)),
    )
  }

  /** The set with an element, or without it. */
  withElement(set: ValueId, element: ValueId, isIn: boolean): ValueId {
    const { form, children } = this.entry(set)
    if (children.includes(element) === isIn) return set
    return this.#of(form, isIn ? [...children, element] : children.filter(child => child !== element))
  }

  /** The map with this value for a key, or (undefined) without the key. */
  withEntry(map: ValueId, key: ValueId, value: ValueId | undefined): ValueId {
    const { form, children } = this.entry(map)
    const rest = children.flatMap((child, i) => (i % 2 === 1 || child === key ? [] : [child, children[i + 1] as ValueId]))
    return this.#of(form, value === undefined ? rest : [...rest, key, value])
  }

  /** What an entry of a map says for a key. */
  entryOf(map: ValueId, key: ValueId): ValueId | undefined {
    const { children } = this.entry(map)
    for (let i = 0; i < children.length; i += 2) if (children[i] === key) return children[i + 1]
    return undefined
  }

  #of(form: Form, children: readonly ValueId[]): ValueId {
    const from = this.#stack.length
    for (const child of children) this.#stack.push(child)
    return this.#intern(form, from, undefined)
  }

  /** Content hash, one of two; it depends on nothing but the content. */
  hash(id: ValueId, which: 0 | 1 = 0): number {
    return this.entry(id).hash[which]
  }

  hasIds(id: ValueId): boolean {
    return this.entry(id).hasIds
  }

  /**
   * A content hash in which ids are called what `nameOf` says (undefined: what they are), and which does not see how a set or a map is sorted: so
   * hash(π(value), nameOf) = hash(value, nameOf ∘ π). Memoise: the walk is as long as the value.
   */
  hashUnder(id: ValueId, nameOf: (id: Id) => number | undefined): number {
    const { form, children, hash, hasIds, value } = this.entry(id)
    if (!hasIds) return hash[0]
    if (form === ID) return nameOf(value as Id) ?? hash[0]
    let result = combine(hashText(form.shape === 'object' ? `object ${form.names.join()}` : form.shape, 6), children.length)
    if (form.shape === 'set') for (const child of children) result = (result + mix(this.hashUnder(child, nameOf))) | 0
    else if (form.shape === 'map')
      for (let i = 0; i < children.length; i += 2)
        result = (result + mix(combine(this.hashUnder(children[i] as ValueId, nameOf), this.hashUnder(children[i + 1] as ValueId, nameOf)))) | 0
    else for (const child of children) result = combine(result, this.hashUnder(child, nameOf))
    return mix(result)
  }

  /** Adds the ids that occur in a value to `found`. */
  addIdsOf(id: ValueId, found: Set<Id>): void {
    const { form, children, hasIds, value } = this.entry(id)
    if (!hasIds) return
    if (form === ID) found.add(value as Id)
    else for (const child of children) this.addIdsOf(child, found)
  }

  /** The `type` of a message or event. */
  typeOf(id: ValueId): string {
    return (this.decode(id) as { type: string }).type
  }

  /** See `Json`. */
  toJson(id: ValueId): Json {
    const { form, children, value } = this.entry(id)
    const json = children.map(child => this.toJson(child))
    switch (form.shape) {
      case 'primitive':
        if (value === undefined) return { $undefined: true }
        if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
        return value as Json
      case 'id':
        return { $id: String(value) }
      case 'list':
        return json
      case 'set':
      case 'ordered-set':
        return { $set: json }
      case 'map':
      case 'ordered-map':
        return { $map: pairs(json) }
      case 'record':
      case 'object':
        return Object.fromEntries(form.names.map((name, i) => [name, json[i] as Json]))
    }
  }

  entry(id: ValueId): Entry {
    return this.#entries[id] as Entry
  }

  /** @throws NotAValue */
  #value(value: unknown, depth: number): ValueId {
    const known = this.#known.get(value)
    if (known !== undefined) return known
    return typeof value === 'object' && value !== null ? this.#object(value, depth) : this.#primitive(value, depth)
  }

  #primitive(value: unknown, depth: number): ValueId {
    if (typeof value === 'number' && Number.isNaN(value))
      throw new NotAValue(depth, 'NaN', 'NaN is not equal to itself, so no two states that hold it would be equal.')
    const text = textOf(value)
    if (text === undefined) throw new NotAValue(depth, `a ${typeof value}`, `A ${typeof value} has no content that could be compared.`)
    return this.#addAtom(PRIMITIVE, value === 0 ? 0 : value, [hashText(text, 1), hashText(text, 2)])
  }

  #addAtom(form: Form, value: unknown, hash: readonly [number, number]): ValueId {
    const id = this.#add(hash[0], { form, children: [], hash, hasIds: form === ID, value })
    this.#known.set(value, id)
    return id
  }

  #object(value: object, depth: number): ValueId {
    const copied = this.#copies.find(value)
    if (copied >= 0) return copied
    if (this.mayHoldLooks) {
      const real = unwrapped(value)
      if (real !== value) {
        this.#looks++
        return this.#value(real, depth)
      }
    }
    const looks = this.#looks
    if (isId(value)) {
      const rank = Id.rankOf(value)
      if (this.#ids(value.kind, rank) !== value)
        throw new NotAValue(depth, `the id ${value}, which is not of this protocol`, 'Ids come from the context of a handler (self, nodes, values).')
      const text = `${value.kind} ${rank}`
      return this.#addAtom(ID, value, [hashText(text, 3), hashText(text, 4)])
    }
    if ((value as { __ownerID?: unknown }).__ownerID !== undefined)
      throw new NotAValue(depth, 'a mutable copy of a collection', 'It is between asMutable() and asImmutable(), so it may still change.')
    if (depth > NESTED_MAX)
      throw new NotAValue(depth, `a value that is nested more than ${NESTED_MAX} deep`, 'The checker walks values recursively, and its stack has an end.')
    const form = this.#forms.formOf(value)
    const stack = this.#stack
    const from = stack.length
    switch (form?.shape) {
      case 'record':
        for (const name of form.names) stack.push(this.#part('field', name, (value as ImmutableRecord<Record<string, unknown>>).get(name), depth))
        break
      case 'list': {
        const list = value as List<unknown>
        for (let i = 0; i < list.size; i++) stack.push(this.#part('index', i, list.get(i), depth))
        break
      }
      case 'set':
      case 'ordered-set':
        ;(value as ISet<unknown>).forEach(x => void stack.push(this.#part('element', undefined, x, depth)))
        break
      case 'map':
      case 'ordered-map':
        ;(value as IMap<unknown, unknown>).forEach((x, key) => {
          stack.push(this.#part('key', undefined, key, depth))
          stack.push(this.#part('value', key, x, depth))
        })
        break
      default:
        throw new NotAValue(
          depth,
          describe(value),
          isPlain(value) || Array.isArray(value)
            ? 'Immutable compares plain objects by identity, so equal states would look different and the search might never end.'
            : 'Only values can be compared: an object of this kind is equal to itself alone, or may change.',
        )
    }
    return this.#intern(form as Form, from, looks === this.#looks ? value : undefined)
  }

  /** A part of what stands at `depth`. */
  #part(part: Part, key: unknown, value: unknown, depth: number): ValueId {
    this.#parts[depth] = part
    this.#keys[depth] = key
    return this.#value(value, depth + 1)
  }

  #plain(value: object, path: (name: string) => string): ValueId {
    const form = this.#forms.ofPlain(value)
    const from = this.#stack.length
    for (const name of form.names) {
      const field = (value as Record<string, unknown>)[name]
      try {
        this.#stack.push(this.#value(field, 0))
      } catch (error) {
        this.#stack.length = from
        throw error instanceof NotAValue ? error.at(this.#path(path(name), error.depth)) : error
      }
    }
    return this.#intern(form, from, undefined)
  }

  /** Names what stands at `depth` within `root`. */
  #path(root: string, depth: number): string {
    let path = root
    for (let d = 0; d < depth; d++) {
      if (d === PATH_MAX) return `${path}…`
      const key = this.#keys[d]
      switch (this.#parts[d] as Part) {
        case 'field':
          path = `${path}.${key}`
          break
        case 'index':
          path = `${path}[${key}]`
          break
        case 'element':
          path = `an element of ${path}`
          break
        case 'key':
          path = `a key of ${path}`
          break
        case 'value':
          path = `${path}[${describe(key)}]`
      }
    }
    return path
  }

  /** Interns the top of the stack, from `from` on, as the children of one value, and takes it off. `value` is the object that was encoded, if it may be kept. */
  #intern(form: Form, from: number, value: object | undefined): ValueId {
    if (form.shape === 'set') this.#sort(from, 1)
    else if (form.shape === 'map') this.#sort(from, 2)
    const { data, length } = this.#stack
    this.#stack.length = from
    let key = form.number
    for (let i = from; i < length; i++) key = combine(key, data[i] as number)
    const mask = this.#slots.length - 1
    let slot = key & mask
    for (let known = this.#slots[slot] as number; known !== 0; known = this.#slots[slot] as number) {
      if (this.#hashes.data[known - 1] === key) {
        const entry = this.entry(known - 1)
        if (entry.form === form && same(entry.children, data, from, length)) return known - 1
      }
      slot = (slot + 1) & mask
    }
    const children = Array.from(data.subarray(from, length))
    const seed = hashText(form.shape === 'object' ? `object ${form.names.join()}` : form.shape, 5)
    const hash: [number, number] = [combine(seed, children.length), combine(seed, ~children.length)]
    let hasIds = false
    for (const child of children) {
      const entry = this.entry(child)
      hash[0] = combine(hash[0], entry.hash[0])
      hash[1] = combine(hash[1], mix(entry.hash[1]))
      hasIds ||= entry.hasIds
    }
    const id = this.#add(key, { form, children, hash, hasIds, value })
    if (value !== undefined) this.#known.set(value, id)
    this.#slots[slot] = id + 1
    if (id * 2 > mask) this.#slots = spread(this.#hashes, capacityFor(this.#hashes.length))
    return id
  }

  #add(key: number, entry: Entry): ValueId {
    this.#entries.push(entry)
    return this.#hashes.push(key)
  }

  /** Sorts the top of the stack by content, in pairs of key and value if `width` is 2. By insertion, as sets are small, and mostly in order; a large one in n log n. */
  #sort(from: number, width: 1 | 2): void {
    const { data, length } = this.#stack
    if (length - from > INSERTED_MAX) {
      const places = Array.from({ length: (length - from) / width }, (_, i) => from + i * width)
      places.sort((a, b) => this.#compare(data[a] as number, data[b] as number))
      const sorted = places.flatMap(at => Array.from(data.subarray(at, at + width)))
      data.set(sorted, from)
      return
    }
    for (let i = from + width; i < length; i += width) {
      const key = data[i] as number
      const value = data[i + width - 1] as number
      let j = i
      for (; j > from && this.#compare(data[j - width] as number, key) > 0; j -= width) {
        data[j] = data[j - width] as number
        data[j + width - 1] = data[j - 1] as number
      }
      data[j + width - 1] = value
      data[j] = key
    }
  }

  /** By content, so that the order is the same in every run: numbers by size and ids by kind and rank, for people; then the rest. */
  #compare(a: ValueId, b: ValueId): number {
    if (a === b) return 0
    const x = this.entry(a)
    const y = this.entry(b)
    const left = sortClass(x)
    const right = sortClass(y)
    if (left !== right) return left - right
    if (left === 0) return (x.value as number) - (y.value as number)
    if (left === 1) {
      const p = x.value as Id
      const q = y.value as Id
      return p.kind === q.kind ? Id.rankOf(p) - Id.rankOf(q) : p.kind < q.kind ? -1 : 1
    }
    return x.hash[0] - y.hash[0] || x.hash[1] - y.hash[1] || a - b
  }

  /** A new object for a value, of what `child` makes of its children. */
  build(id: ValueId, child: (id: ValueId) => unknown, reversed: boolean): unknown {
    const { form, children, value } = this.entry(id)
    const parts = children.map(child)
    switch (form.shape) {
      case 'primitive':
      case 'id':
        return value
      case 'list':
        return List(parts)
      case 'set':
        return ISet(reversed ? parts.reverse() : parts)
      case 'ordered-set':
        return OrderedSet(parts)
      case 'map':
        return IMap(reversed ? pairs(parts).reverse() : pairs(parts))
      case 'ordered-map':
        return OrderedMap(pairs(parts))
      case 'record':
        return recordOf(form, parts)
      case 'object':
        return Object.freeze(fieldsOf(form, parts))
    }
  }
}

/** Says that a value is none; the path to it is found where the way began. */
class NotAValue extends Error {
  readonly depth: number
  readonly #what: string
  readonly #why: string

  constructor(depth: number, what: string, why: string) {
    super(what)
    this.depth = depth
    this.#what = what
    this.#why = why
  }

  at(path: string): SpecError {
    return new SpecError({
      title: 'NOT A VALUE',
      what: `${path} contains ${this.#what}.`,
      why: this.#why,
      hint: 'Use a Record, a List, a Set, or a Map keyed by id.',
    })
  }
}

/** How a state is called in errors. */
const nameOf = (value: unknown): string => {
  const name = (value as object | null | undefined)?.constructor?.name
  return name === undefined || name === 'Object' ? 'the state' : name
}

/** A text for each primitive, different for different ones; none for what has no content. */
const textOf = (value: unknown): string | undefined => {
  switch (typeof value) {
    case 'string':
      return `s${value}`
    case 'boolean':
      return value ? 't' : 'f'
    case 'undefined':
      return 'u'
    case 'number':
      return `n${value === 0 ? 0 : value}`
    case 'object':
      return '0'
    default:
      return undefined
  }
}

const same = (children: readonly number[], data: Int32Array, from: number, to: number): boolean => {
  if (children.length !== to - from) return false
  for (let i = from; i < to; i++) if (children[i - from] !== data[i]) return false
  return true
}

const sortClass = ({ form, value }: Entry): number => (typeof value === 'number' ? 0 : form === ID ? 1 : 2)

const fieldsOf = ({ names }: Form, parts: readonly unknown[]): Record<string, unknown> => {
  const fields: Record<string, unknown> = {}
  for (let i = 0; i < names.length; i++) fields[names[i] as string] = parts[i]
  return fields
}

const pairs = <T>(flat: readonly T[]): [T, T][] => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] as T, flat[2 * i + 1] as T])

const isPlain = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null

/** A value of the spec, for a person: short, and never throwing. */
export const describe = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null || isId(value)) return String(value)
  if (Array.isArray(value)) return `the plain array [${value.map(describe).join(', ')}]`
  if (isPlain(value))
    return `the plain object { ${Object.entries(value)
      .map(([k, v]) => `${k}: ${describe(v)}`)
      .join(', ')} }`
  if (isRecord(value as object) || isMap(value) || isSet(value) || isList(value)) return textOfCollection(value as object)
  return `a ${value.constructor?.name ?? 'object'}`
}

/** Deep collections, and code of the spec in them, may throw here. */
const textOfCollection = (value: object): string => {
  try {
    return clip(String(value))
  } catch {
    return `a ${value.constructor.name} that cannot be written out`
  }
}

const clip = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text)
