import { Map as IMap, type Record as ImmutableRecord, Set as ISet, isList, isMap, isOrdered, isRecord, isSet, List, OrderedMap, OrderedSet } from 'immutable'
import { SpecError } from '../protocol/errors.ts'
import { Id, isId } from '../protocol/id.ts'
import type { Json } from '../trace/trace.ts'
import { combine, hashText, mix } from './hash.ts'
import type { Permutation } from './permutation.ts'

/** A value of the protocol, interned: equal values, and only those, have equal numbers. */
export type ValueId = number

type Shape = 'primitive' | 'id' | 'list' | 'set' | 'map' | 'ordered-set' | 'ordered-map' | 'record' | 'object'

interface Entry {
  readonly shape: Shape
  /** For a primitive or an id the value itself; for a record its constructor; for an object its field names. */
  readonly atom: unknown
  /** Elements; keys and values in turn for maps; field values for records and objects. Sets and maps are sorted by content. */
  readonly children: readonly ValueId[]
  /** Content hashes: the same in every run, thread and machine. */
  readonly hash: readonly [number, number]
  /** Whether an id occurs in it: if not, renaming leaves it alone. */
  readonly hasIds: boolean
  /** A JavaScript value that it stands for, built on demand. */
  value: unknown
}

type RecordClass = new (fields: object) => ImmutableRecord<Record<string, unknown>>

/**
 * The canonical encoding of values. Immutable's own equality would do, but not its `hashCode`, which collides far too often
 * for tables of this size; and the iteration order of a Set or Map is its history, not its value, so children are sorted by content.
 */
export class Values {
  readonly #entries: Entry[] = []
  readonly #byKey = new Map<string, ValueId>()
  /** Immutable collections do not change, so an object once encoded need not be walked again. */
  readonly #byObject = new WeakMap<object, ValueId>()
  readonly #recordClasses = new Map<unknown, number>()
  readonly #ids: (kind: string, rank: number) => Id

  /** @param ids the one id object of this kind and rank */
  constructor(ids: (kind: string, rank: number) => Id) {
    this.#ids = ids
  }

  get size(): number {
    return this.#entries.length
  }

  /** The number of a value. @throws SpecError for what is not a value; `path` names the field in it. */
  encode(value: unknown, path: string): ValueId {
    switch (typeof value) {
      case 'string':
        return this.#primitive(`s${value}`, value)
      case 'boolean':
        return this.#primitive(value ? 't' : 'f', value)
      case 'undefined':
        return this.#primitive('u', value)
      case 'number':
        if (Number.isNaN(value)) throw notAValue(path, 'NaN', 'NaN is not equal to itself, so no two states that hold it would be equal.')
        return this.#primitive(`n${value === 0 ? 0 : value}`, value === 0 ? 0 : value)
      case 'object':
        return value === null ? this.#primitive('0', null) : this.#object(value, path)
      default:
        throw notAValue(path, `a ${typeof value}`, `A ${typeof value} has no content that could be compared.`)
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
    const names = Object.keys(value).sort()
    const children = names.map(name => this.encode((value as Record<string, unknown>)[name], `${path}.${name}`))
    return this.#intern('object', names, names.join(), children, undefined)
  }

  /** What a view shows: a value, or a plain object of values, which lives no longer than the comparison. */
  encodeView(value: unknown): ValueId {
    if (typeof value !== 'object' || value === null || !isPlain(value)) return this.encode(value, 'the view')
    const names = Object.keys(value).sort()
    const children = names.map(name => this.encode((value as Record<string, unknown>)[name], `the view's ${name}`))
    return this.#intern('object', names, names.join(), children, undefined)
  }

  /** The value that a number stands for; the same object each time. Objects (messages, events) are frozen. */
  decode(id: ValueId): unknown {
    const entry = this.#entry(id)
    if (entry.value === undefined && entry.shape !== 'primitive') {
      entry.value = this.#build(entry, child => this.decode(child), false)
      if (entry.shape !== 'object' && entry.shape !== 'id') this.#byObject.set(entry.value as object, id)
    }
    return entry.value
  }

  /** A copy that shares nothing with `decode`'s, its sets and maps filled in the opposite order: for the purity check. */
  rebuild(id: ValueId): unknown {
    const entry = this.#entry(id)
    return entry.shape === 'primitive' || entry.shape === 'id' ? entry.value : this.#build(entry, child => this.rebuild(child), true)
  }

  /** The number of the value with its ids renamed. Memoise: the walk is as long as the value. */
  permute(id: ValueId, permutation: Permutation): ValueId {
    const entry = this.#entry(id)
    if (!entry.hasIds) return id
    if (entry.shape === 'id') {
      const old = entry.value as Id
      const ranks = permutation.get(old.kind)
      return ranks === undefined ? id : this.encode(this.#ids(old.kind, ranks[Id.rankOf(old)] as number), '')
    }
    return this.#intern(
      entry.shape,
      entry.atom,
      undefined,
      this.#sorted(
        entry.shape,
        entry.children.map(child => this.permute(child, permutation)),
      ),
      undefined,
    )
  }

  /** Content hash, `which` 0 or 1; it depends on nothing but the content. */
  hash(id: ValueId, which: 0 | 1): number {
    return this.#entry(id).hash[which]
  }

  hasIds(id: ValueId): boolean {
    return this.#entry(id).hasIds
  }

  /** The `type` of a message or event. */
  typeOf(id: ValueId): string {
    return (this.decode(id) as { type: string }).type
  }

  /** See `Json`. */
  toJson(id: ValueId): Json {
    const { shape, children, value, atom } = this.#entry(id)
    const json = children.map(child => this.toJson(child))
    switch (shape) {
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
        return Object.fromEntries(fieldNames(this.decode(id) as ImmutableRecord<object>).map((name, i) => [name, json[i] as Json]))
      case 'object':
        return Object.fromEntries((atom as string[]).map((name, i) => [name, json[i] as Json]))
    }
  }

  #entry(id: ValueId): Entry {
    return this.#entries[id] as Entry
  }

  #primitive(key: string, value: unknown): ValueId {
    return (
      this.#byKey.get(key) ??
      this.#add(key, { shape: 'primitive', atom: value, children: [], hash: [hashText(key, 1), hashText(key, 2)], hasIds: false, value })
    )
  }

  #object(value: object, path: string): ValueId {
    const known = this.#byObject.get(value)
    if (known !== undefined) return known
    const id = this.#encodeObject(value, path)
    this.#byObject.set(value, id)
    return id
  }

  #encodeObject(value: object, path: string): ValueId {
    if (isId(value)) {
      const text = `${value.kind} ${Id.rankOf(value)}`
      const mine = this.#ids(value.kind, Id.rankOf(value))
      if (mine !== value)
        throw notAValue(path, `the id ${value}, which is not of this protocol`, 'Ids come from the context of a handler (self, nodes, values).')
      return (
        this.#byKey.get(`i${text}`) ??
        this.#add(`i${text}`, { shape: 'id', atom: value, children: [], hash: [hashText(text, 3), hashText(text, 4)], hasIds: true, value })
      )
    }
    if ((value as { __ownerID?: unknown }).__ownerID !== undefined)
      throw notAValue(path, 'a mutable copy of a collection', 'It is between asMutable() and asImmutable(), so it may still change.')
    if (isRecord(value)) {
      const record = value as ImmutableRecord<object>
      const children = fieldNames(record).map(name => this.encode(record.get(name as never), `${path}.${name}`))
      return this.#intern('record', record.constructor, undefined, children, value)
    }
    if (isList(value))
      return this.#intern(
        'list',
        undefined,
        undefined,
        [...value].map((x, i) => this.encode(x, `${path}[${i}]`)),
        value,
      )
    if (isSet(value)) {
      const shape = isOrdered(value) ? 'ordered-set' : 'set'
      return this.#intern(
        shape,
        undefined,
        undefined,
        this.#sorted(
          shape,
          [...value].map(x => this.encode(x, `an element of ${path}`)),
        ),
        value,
      )
    }
    if (isMap(value)) {
      const shape = isOrdered(value) ? 'ordered-map' : 'map'
      const children = [...value].flatMap(([k, v]) => [this.encode(k, `a key of ${path}`), this.encode(v, `${path}[${describe(k)}]`)])
      return this.#intern(shape, undefined, undefined, this.#sorted(shape, children), value)
    }
    throw notAValue(
      path,
      describe(value),
      isPlain(value) || Array.isArray(value)
        ? 'Immutable compares plain objects by identity, so equal states would look different and the search might never end.'
        : 'Only values can be compared: an object of this kind is equal to itself alone, or may change.',
    )
  }

  #intern(shape: Shape, atom: unknown, names: string | undefined, children: readonly ValueId[], value: unknown): ValueId {
    const key = `${shape} ${shape === 'record' ? this.#recordClass(atom) : shape === 'object' ? (names ?? (atom as string[]).join()) : ''} ${children.join()}`
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const seed = hashText(shape === 'object' ? `object ${(atom as string[]).join()}` : shape, 5)
    const hash: [number, number] = [combine(seed, children.length), combine(seed, ~children.length)]
    let hasIds = false
    for (const child of children) {
      const entry = this.#entry(child)
      hash[0] = combine(hash[0], entry.hash[0])
      hash[1] = combine(hash[1], mix(entry.hash[1]))
      hasIds ||= entry.hasIds
    }
    return this.#add(key, { shape, atom, children, hash, hasIds, value })
  }

  #add(key: string, entry: Entry): ValueId {
    const id = this.#entries.length
    this.#entries.push(entry)
    this.#byKey.set(key, id)
    return id
  }

  #recordClass(constructor: unknown): number {
    const known = this.#recordClasses.get(constructor)
    if (known !== undefined) return known
    this.#recordClasses.set(constructor, this.#recordClasses.size)
    return this.#recordClasses.size - 1
  }

  /** Sets and maps by the content of their elements or keys; what is ordered stays as it is. */
  #sorted(shape: Shape, children: readonly ValueId[]): readonly ValueId[] {
    if (shape === 'set') return [...children].sort((a, b) => this.#compare(a, b))
    if (shape === 'map')
      return pairs(children)
        .sort(([a], [b]) => this.#compare(a, b))
        .flat()
    return children
  }

  /** By content, so that the order is the same in every run: numbers by size and ids by kind and rank, for people; then the rest. */
  #compare(a: ValueId, b: ValueId): number {
    if (a === b) return 0
    const x = this.#entry(a)
    const y = this.#entry(b)
    const [left, right] = [sortClass(x), sortClass(y)]
    if (left !== right) return left - right
    if (left === 0) return (x.value as number) - (y.value as number)
    if (left === 1) {
      const [p, q] = [x.value as Id, y.value as Id]
      return p.kind === q.kind ? Id.rankOf(p) - Id.rankOf(q) : p.kind < q.kind ? -1 : 1
    }
    return x.hash[0] - y.hash[0] || x.hash[1] - y.hash[1] || a - b
  }

  #build({ shape, atom, children }: Entry, child: (id: ValueId) => unknown, reversed: boolean): unknown {
    const parts = children.map(child)
    switch (shape) {
      case 'primitive':
      case 'id':
        return atom
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
      case 'record': {
        const RecordType = atom as RecordClass
        const names = fieldNames(new RecordType({}) as ImmutableRecord<object>)
        return new RecordType(Object.fromEntries(names.map((name, i) => [name, parts[i]])))
      }
      case 'object':
        return Object.freeze(Object.fromEntries((atom as string[]).map((name, i) => [name, parts[i]])))
    }
  }
}

const sortClass = ({ shape, value }: Entry): number => (typeof value === 'number' ? 0 : shape === 'id' ? 1 : 2)

const fieldNames = (record: ImmutableRecord<object>): string[] => [...(record.toSeq().keys() as Iterable<string>)]

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
  if (isRecord(value as object) || isMap(value) || isSet(value) || isList(value)) return clip(String(value))
  return `a ${value.constructor?.name ?? 'object'}`
}

const clip = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text)

const notAValue = (path: string, what: string, why: string): SpecError =>
  new SpecError({ title: 'NOT A VALUE', what: `${path} contains ${what}.`, why, hint: 'Use a Record, a List, a Set, or a Map keyed by id.' })
