import { type Record as ImmutableRecord, isList, isMap, isOrdered, isRecord, isSet, Record } from 'immutable'

export type Shape = 'primitive' | 'id' | 'list' | 'set' | 'map' | 'ordered-set' | 'ordered-map' | 'record' | 'object'

/** What a value consists of: which kind of collection, and for a record or an object which fields. Each form has one `Form`. */
export interface Form {
  readonly shape: Shape
  /** Tells forms apart. */
  readonly number: number
  /** For a record its constructor; for an object its field names. */
  readonly atom: unknown
  /** The fields of a record, in its own order, or of an object, sorted. */
  readonly names: readonly string[]
  /**
   * For a record one with nothing but defaults: what others are made from. Its class is not called, since its constructor may want other arguments than a record of
   * fields; nor are its methods.
   */
  readonly blank?: Fields
}

type Fields = ImmutableRecord<{ [field: string]: unknown }>

const { clear, set, asMutable, asImmutable } = Record.prototype as unknown as Fields

/** A record of this form with these values in its fields, in the order of `names`. */
export const recordOf = ({ blank, names }: Form, parts: readonly unknown[]): Fields => {
  const record = asMutable.call(blank as Fields) as Fields
  for (let i = 0; i < names.length; i++) set.call(record, names[i] as string, parts[i])
  return asImmutable.call(record) as Fields
}

/** Recognises the forms of values. What an object is, is said by its prototype, so it is found out once for each. */
export class Forms {
  readonly #all: Form[] = []
  readonly #byPrototype = new Map<object, Form | undefined>()
  readonly #byNames = new Map<string, Form>()
  /** By `type` (if it has any), then by field names as they stand in the object. */
  readonly #tagged = new Map<unknown, { readonly keys: readonly string[]; readonly form: Form }[]>()
  readonly #collections = new Map((['list', 'set', 'map', 'ordered-set', 'ordered-map'] as const).map(shape => [shape, this.#add(shape, undefined, [])]))

  /** The form of an Immutable collection or Record; none for what is neither. */
  formOf(value: object): Form | undefined {
    const prototype = Object.getPrototypeOf(value) as object | null
    if (prototype === null || prototype === Object.prototype) return undefined
    const known = this.#byPrototype.get(prototype)
    if (known !== undefined || this.#byPrototype.has(prototype)) return known
    const form = this.#recognise(value)
    this.#byPrototype.set(prototype, form)
    return form
  }

  /** The form of a plain object, by its field names. */
  ofPlain(value: object): Form {
    const keys = Object.keys(value)
    const { type } = value as { type?: unknown }
    const tag = typeof type === 'string' ? type : undefined
    let known = this.#tagged.get(tag)
    if (known === undefined) {
      known = []
      this.#tagged.set(tag, known)
    }
    for (const candidate of known) if (sameText(candidate.keys, keys)) return candidate.form
    const names = [...keys].sort()
    const text = JSON.stringify(names)
    const form = this.#byNames.get(text) ?? this.#add('object', names, names)
    this.#byNames.set(text, form)
    known.push({ keys, form })
    return form
  }

  #recognise(value: object): Form | undefined {
    if (isRecord(value)) {
      const names = [...((value as ImmutableRecord<object>).toSeq().keys() as Iterable<string>)]
      return this.#add('record', value.constructor, names, clear.call(value as Fields) as Fields)
    }
    if (isList(value)) return this.#collections.get('list')
    if (isSet(value)) return this.#collections.get(isOrdered(value) ? 'ordered-set' : 'set')
    if (isMap(value)) return this.#collections.get(isOrdered(value) ? 'ordered-map' : 'map')
    return undefined
  }

  #add(shape: Shape, atom: unknown, names: readonly string[], blank?: Fields): Form {
    const form = { shape, number: this.#all.length, atom, names, ...(blank && { blank }) }
    this.#all.push(form)
    return form
  }
}

const sameText = (a: readonly string[], b: readonly string[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
