import { isCollection, isRecord, Record, type Record as RecordOf } from 'immutable'
import { type Id, isId } from './id.ts'

/**
 * What a node has signed: every node can read it, keep it and pass it on, and only `by` can make it. A Byzantine node that says what another has signed, and has not heard it, is refused (D. Dolev and A. Yao 1983).
 *
 * @example
 * ```ts code
 * const order = new Signed({ by: null, value: 'attack' }) // by: here.self, in a handler
 * if (order.value !== 'attack') throw new Error('another value')
 * ```
 */
export class Signed extends Record({ by: null as Id | null, value: undefined as unknown }) {}

/** All that is signed in a value, what is within what is signed, too. */
export const signaturesIn = (value: unknown): readonly Signed[] => {
  if (typeof value !== 'object' || value === null || isId(value)) return []
  const inside = isRecord(value) ? [...(value as RecordOf<object>).toSeq().values()] : isCollection(value) ? [...value.entrySeq()].flat() : Object.values(value)
  return [...(value instanceof Signed ? [value] : []), ...inside.flatMap(signaturesIn)]
}
