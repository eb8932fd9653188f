import type { AnyProtocol } from '../protocol/protocol.ts'
import { hashText } from '../values/hash.ts'

/**
 * A hash of a protocol as it is written: the text of its functions, and what is data in it. What its functions call, or remember from outside, it does not see.
 */
export const textOf = (protocol: AnyProtocol): string => {
  const text = partsOf(protocol).join('\n')
  return [hashText(text, 6), hashText(text, 7)].map(word => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** Words between quotes in the functions of a protocol. */
export const wordsOf = (protocol: AnyProtocol): ReadonlySet<string> =>
  new Set(partsOf(protocol).flatMap(part => Array.from(part.matchAll(/(["'`])([\w -]+)\1/g), ([, , word]) => word as string)))

/** What the parts of a protocol are called: roles, handlers, actions, properties, steps. */
export const namesOf = (protocol: AnyProtocol): ReadonlySet<string> => {
  const names = new Set<string>()
  const seen = new Set<object>()
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null || !isPlain(part) || seen.has(part)) return
    seen.add(part)
    for (const [name, inside] of Object.entries(part)) {
      names.add(name)
      walk(inside)
    }
  }
  walk(protocol)
  return names
}

const partsOf = (protocol: AnyProtocol): readonly string[] => {
  const parts: string[] = []
  const above = new Set<object>()
  const walk = (value: unknown): void => {
    if (typeof value === 'function') parts.push(Function.prototype.toString.call(value))
    else if (typeof value !== 'object' || value === null || !isPlain(value) || above.has(value)) parts.push(String(value))
    else {
      above.add(value)
      for (const [name, field] of Object.entries(value)) {
        parts.push(name)
        walk(field)
      }
      above.delete(value)
      parts.push('}')
    }
  }
  walk(protocol)
  return parts
}

const isPlain = (value: object): boolean => Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
