import { Ints } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'

/** The states that the nodes of one role (or an observer) have been met in, numbered from 0; a node that has stopped has states of its own. */
export class NumberedStates {
  readonly #byKey = new Map<number, number>()
  readonly #values: ValueId[] = []
  /** 1 for a node that has stopped. */
  readonly stopped = new Ints()
  /** The bits of the predicates over one node; see predicates.ts. */
  readonly bits = new Ints()
  /** What the predicates over pairs see. */
  readonly classes = new Ints()

  get size(): number {
    return this.#values.length
  }

  valueOf(local: number): ValueId {
    return this.#values[local] as ValueId
  }

  crashed(local: number): boolean {
    return this.stopped.data[local] === 1
  }

  find(value: ValueId, crashed: boolean): number {
    return this.#byKey.get(value * 2 + (crashed ? 1 : 0)) ?? -1
  }

  /** Numbers a new state; `bits` and `classes` are the caller's to fill. */
  add(value: ValueId, crashed: boolean): number {
    const local = this.#values.length
    this.#byKey.set(value * 2 + (crashed ? 1 : 0), local)
    this.#values.push(value)
    this.stopped.push(crashed ? 1 : 0)
    return local
  }
}
