import type { Record as ImmutableRecord, List, Map } from 'immutable'
import type { Entry, ValueId } from './value-id.ts'

/** Where values are kept. */
interface Moulds {
  entry(id: ValueId): Entry
  /** The value again, of these children; the children of sets and maps in the opposite order, if asked. */
  build(id: ValueId, childOf: (child: ValueId) => unknown, reversed?: boolean): unknown
}

/** What a value's copies are made from. */
interface Mould {
  /** Its sets and maps are filled in the opposite order. Never shown to the spec. */
  readonly value: unknown
  /** The children that are objects with an identity of their own, and so must be copied too. */
  readonly nested: readonly number[]
  /** Whether it may be copied as a whole, and the nested children then replaced; a collection whose keys are objects is filled anew. */
  readonly whole: boolean
}

/**
 * Copies of values for the second run of a handler. A copy shares no object with the value that the first run saw, nor with an earlier copy, so
 * that whatever a handler noted down at its input (a property, a WeakMap) is not found at the copy. All that copies of one value have
 * in common is the storage within Immutable's collections, which a spec does not get to see.
 */
export class Copies {
  readonly #values: Moulds
  readonly #moulds: (Mould | undefined)[] = []
  /** The objects handed out since `forget`: so that what a handler left alone is recognised. */
  readonly #objects: object[] = []
  readonly #ids: ValueId[] = []

  constructor(values: Moulds) {
    this.#values = values
  }

  /** The value whose copy this object is, or -1. */
  find(object: object): ValueId {
    const place = this.#objects.indexOf(object)
    return place < 0 ? -1 : (this.#ids[place] as ValueId)
  }

  forget(): void {
    this.#objects.length = 0
    this.#ids.length = 0
  }

  copyOf(id: ValueId): unknown {
    const { form, value } = this.#values.entry(id)
    if (form.shape === 'primitive' || form.shape === 'id') return value
    const mould = this.#mould(id)
    const copy = this.#copy(id, mould)
    if (form.shape !== 'object') {
      this.#objects.push(copy)
      this.#ids.push(id)
    }
    return copy
  }

  #copy(id: ValueId, { value, nested, whole }: Mould): object {
    if (!whole) return this.#values.build(id, child => this.copyOf(child), true) as object
    const { form, children } = this.#values.entry(id)
    const copy = (value as List<unknown>).asMutable()
    for (const i of nested) {
      const part = this.copyOf(children[i] as ValueId)
      if (form.shape === 'record') (copy as unknown as ImmutableRecord<Record<string, unknown>>).set(form.names[i] as string, part)
      else if (form.shape === 'list') copy.set(i, part)
      else (copy as unknown as Map<unknown, unknown>).set(this.#values.entry(children[i - 1] as ValueId).value, part)
    }
    return copy.asImmutable()
  }

  #mould(id: ValueId): Mould {
    const known = this.#moulds[id]
    if (known !== undefined) return known
    const { form, children } = this.#values.entry(id)
    const isMap = form.shape === 'map' || form.shape === 'ordered-map'
    const isSet = form.shape === 'set' || form.shape === 'ordered-set'
    const nested = children.flatMap((child, i) => (hasIdentity(this.#values.entry(child)) ? [i] : []))
    const whole = form.shape !== 'object' && !nested.some(i => isSet || (isMap && i % 2 === 0))
    const value = whole ? this.#values.build(id, child => this.#inner(child), true) : undefined
    const mould = { value, nested, whole }
    this.#moulds[id] = mould
    return mould
  }

  #inner(id: ValueId): unknown {
    const { form, value } = this.#values.entry(id)
    return form.shape === 'primitive' || form.shape === 'id' ? value : this.#values.build(id, child => this.#inner(child), true)
  }
}

/** Primitives and ids are the same wherever they stand, and so are empty collections, of which Immutable has but one. */
const hasIdentity = ({ form, children }: Entry): boolean =>
  form.shape !== 'primitive' && form.shape !== 'id' && (children.length > 0 || form.shape === 'record')
