import { SpecError } from '../checker/index.ts'
import { suggest } from '../checker/protocol/nearest.ts'
import type { AnyProtocol, Spec } from '../checker/protocol/protocol.ts'
import { type Parameters, parametersOf, withClaim } from '../checker/protocol/spec.ts'

/** The protocol that is checked where a protocol, or a family, is expected: a family is taken with its defaults. */
export type Checked<T> = T extends (...parameters: never[]) => infer P ? P : T

/** The names of the properties of a protocol, or of a family of protocols. */
export type PropertyOf<T> = Checked<T> extends { readonly properties: infer Q } ? (keyof Q & string) | 'deadlock' : string

/** The mutants of a protocol, as far as a test needs their types: `satisfies Mutants<typeof mine>` is one. */
export type MutantsOf<T> = {
  readonly [name: string]: {
    readonly because: string
    readonly breaks: string
    readonly parameters?: object
    readonly length?: number
    change(spec: Checked<T>): Spec
  }
}

/** The claims of a protocol, as far as a test needs their types: `satisfies Claims<typeof mine>` is one. */
export type ClaimsOf<T> = {
  readonly [name: string]: {
    readonly because: string
    readonly refutes: object
    readonly parameters?: object
    readonly length?: number
    assuming?(spec: Checked<T>): Spec
  }
}

/** What a test asks about, and what its file says of it. */
export interface Subject {
  readonly protocol: AnyProtocol
  readonly parameters: Parameters
  /** Those that a command has to name, since neither the family nor the variant says them. */
  readonly given: Parameters
  readonly mutant: string | null
  readonly claim: string | null
  readonly because: string | null
  /** The property that it is said to violate, or null for a correct protocol. */
  readonly breaks: string | null
  /** Steps of the shortest counterexample, where its file says it. */
  readonly length: number | null
}

type Making = Spec | ((parameters: never) => Spec)

/** What `mutant` made, for the report: a mutant is a protocol like any other, and says nothing of itself. */
const mutated = new WeakMap<object, Subject>()

/**
 * A mutant as a protocol, for `expect` and for `explore`, at the parameters that it names.
 *
 * @throws SpecError if there is none of this name
 *
 * @example
 * ```ts
 * await expect(mutant(lockServer, mutants, 'duplicates')).toViolate('mutualExclusion', { steps: 9 })
 * ```
 */
export const mutant = <const T extends Making, M extends MutantsOf<T>, N extends keyof M & string>(
  family: T,
  mutants: M,
  name: N,
): ReturnType<M[N]['change']> => {
  const { because, breaks, parameters = {}, length = null, change } = find('mutant', mutants, name)
  const correct = made(family, parameters)
  const protocol = { ...change(correct as Checked<T>) }
  mutated.set(protocol, {
    protocol: protocol as AnyProtocol,
    parameters: parametersOf(correct),
    given: typeof family === 'function' ? {} : parametersOf(correct),
    mutant: name,
    claim: null,
    because,
    breaks,
    length,
  })
  return protocol as ReturnType<M[N]['change']>
}

/** What `expect` was given: a protocol, a family, or what `mutant` made. @throws SpecError for anything else */
export const subjectOf = (received: unknown): Subject => {
  if (typeof received !== 'function' && (typeof received !== 'object' || received === null))
    throw new SpecError({
      title: 'NOT A PROTOCOL',
      what: `expect(…) is given ${String(received)}.`,
      hint: 'Give it a protocol, a family, or mutant(family, mutants, name).',
    })
  const known = mutated.get(received)
  if (known !== undefined) return known
  const protocol = made(received as Making, {})
  const parameters = parametersOf(protocol)
  return {
    protocol: protocol as AnyProtocol,
    parameters,
    given: typeof received === 'function' ? {} : parameters,
    mutant: null,
    claim: null,
    because: null,
    breaks: null,
    length: null,
  }
}

/** A claim about what `expect` was given. A family is taken at the parameters that the claim names, a protocol as it is. */
export const claimed = (received: unknown, claims: ClaimsOf<never>, name: string): Subject => {
  const subject = subjectOf(received)
  const claim = find('claim', claims, name)
  const correct = typeof received === 'function' ? made(received as Making, claim.parameters ?? {}) : subject.protocol
  const parameters = parametersOf(correct)
  return {
    ...subject,
    protocol: withClaim(() => correct, name, claim) as AnyProtocol,
    parameters,
    claim: name,
    because: claim.because,
    breaks: name,
    length: claim.length ?? null,
  }
}

const made = (making: Making, parameters: object): Spec => (typeof making === 'function' ? making(parameters as never) : making)

const find = <T>(kind: string, all: { readonly [name: string]: T }, name: string): T => {
  const found = Object.hasOwn(all, name) ? all[name] : undefined
  if (found !== undefined) return found
  throw new SpecError({ title: `NO SUCH ${kind.toUpperCase()}`, what: `There is no ${kind} ${name}.`, hint: suggest(name, Object.keys(all)) })
}
