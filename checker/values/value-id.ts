import type { Form } from './shapes.ts'

/** A value of the protocol, interned: equal values, and only those, have equal numbers. */
export type ValueId = number

export interface Entry {
  readonly form: Form
  /** Elements; keys and values in turn for maps; field values for records and objects. Sets and maps are sorted by content. */
  readonly children: readonly ValueId[]
  /** Content hashes: the same in every run, thread and machine. */
  readonly hash: readonly [number, number]
  /** Whether an id occurs in it: if not, renaming leaves it alone. */
  readonly hasIds: boolean
  /** A JavaScript value that it stands for (a primitive or an id: the one), built on demand. */
  value: unknown
}
