import { is, type List } from 'immutable'

/**
 * Does `b` begin with `a`? O(size of `a`).
 *
 * @example
 * ```ts code
 * if (!isPrefix(List(['a']), List(['a', 'b']))) throw new Error('it is one')
 * ```
 */
export const isPrefix = <T>(a: List<T>, b: List<T>): boolean => a.size <= b.size && a.every((entry, i) => is(entry, b.get(i)))

/**
 * Is one of the two a prefix of the other? The agreement of replicated logs:
 * `eachPair('node', n => n.log.take(n.commitLength), arePrefixConsistent)`. O(size of the shorter).
 *
 * @example
 * ```ts properties
 * sameOrder: eachPair('server', server => server.queue, arePrefixConsistent),
 * ```
 */
export const arePrefixConsistent = <T>(a: List<T>, b: List<T>): boolean => (a.size <= b.size ? isPrefix(a, b) : isPrefix(b, a))
