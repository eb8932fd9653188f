import { is, Map } from 'immutable'

/** An operation of an object: a flat readonly object of values, `{ op: 'write', value: 1 }`. */
export interface Operation {
  readonly op: string
}

/**
 * An object as a single client would meet it: what each operation, alone, does and answers. Linearizability is judged against it.
 * `apply` is pure and deterministic; states and results are values (primitives, ids, Immutable collections).
 */
export interface SequentialObject<S, O extends Operation, R> {
  readonly initial: S
  apply(state: S, operation: O): readonly [state: S, result: R]
}

/** What a client asks a register. */
export type RegisterOperation<T> = { readonly op: 'read' } | { readonly op: 'write'; readonly value: T }

/**
 * A register: a read answers the last value written, a write answers nothing.
 *
 * @example
 * ```ts register
 * observers: { clients: linearization(register(0)) },
 * properties: { linearizable: observed('clients', kept) },
 * ```
 */
export const register = <T>(initial: T): SequentialObject<T, RegisterOperation<T>, T | undefined> => ({
  initial,
  apply: (value, operation) => (operation.op === 'read' ? [value, value] : [operation.value, undefined]),
})

/** What a client asks a register with compare-and-swap. */
export type CasOperation<T> = RegisterOperation<T> | { readonly op: 'cas'; readonly old: T; readonly new: T }

/**
 * A register with compare-and-swap: `cas` writes `new` if the value is `old`, and answers whether it did.
 *
 * @example
 * ```ts code
 * const [value, swapped] = casRegister(0).apply(0, { op: 'cas', old: 0, new: 1 })
 * if (value !== 1 || !swapped) throw new Error('it answers that it has swapped')
 * ```
 */
export const casRegister = <T>(initial: T): SequentialObject<T, CasOperation<T>, T | boolean | undefined> => ({
  initial,
  apply(value, operation) {
    switch (operation.op) {
      case 'read':
        return [value, value]
      case 'write':
        return [operation.value, undefined]
      case 'cas':
        return is(value, operation.old) ? [operation.new, true] : [value, false]
    }
  },
})

/** What a client asks a key-value store. */
export type KeyValueOperation<K, T> = { readonly op: 'get'; readonly key: K } | { readonly op: 'put'; readonly key: K; readonly value: T }

/**
 * A key-value store: `get` answers the last value put under the key (undefined if none was), `put` answers nothing.
 *
 * @example
 * ```ts code
 * const [, found] = keyValue<string, number>().apply(Map({ a: 1 }), { op: 'get', key: 'a' })
 * if (found !== 1) throw new Error('it answers what was put under the key')
 * ```
 */
export const keyValue = <K, T>(initial: Map<K, T> = Map()): SequentialObject<Map<K, T>, KeyValueOperation<K, T>, T | undefined> => ({
  initial,
  apply: (store, operation) => (operation.op === 'get' ? [store, store.get(operation.key)] : [store.set(operation.key, operation.value), undefined]),
})
