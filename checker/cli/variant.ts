import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { type Parameters, withClaim } from '../protocol/spec.ts'
import { makeProtocol, type Spec } from './load.ts'

/** What is checked of a protocol: itself, a mutant of it, or a claim about it that is known to be false. */
export interface Variant {
  readonly mutant: string | null
  readonly claim: string | null
  /** Why the mutant breaks, or why the claim is false. */
  readonly because: string | null
  /** The parameters at which that is seen. */
  readonly parameters: Parameters
  /** The property that is said to be violated, or null for the protocol itself. */
  readonly breaks: string | null
  /** Steps of the shortest counterexample, if the file says it. */
  readonly length: number | null
  /** The names of the properties that it has. */
  readonly properties: readonly string[]
  make(parameters: Parameters): AnyProtocol
}

/** The variant that these names mean. @throws SpecError with the nearest name */
export const findVariant = (spec: Spec, names: { readonly mutant?: string | null; readonly claim?: string | null }): Variant => {
  const { mutant = null, claim = null } = names
  if (mutant !== null && claim !== null)
    throw new SpecError({ title: 'WRONG USE', what: '--mutant and --claim are two questions.', hint: 'Ask one at a time.' })
  if (mutant !== null) return mutantOf(spec, mutant)
  if (claim !== null) return claimOf(spec, claim)
  return { mutant, claim, because: null, parameters: {}, breaks: null, length: null, properties: spec.properties, make: spec.make }
}

const mutantOf = (spec: Spec, name: string): Variant => {
  const { because, breaks, parameters = {}, length = null, change } = find(spec, 'mutant', spec.mutants, name)
  return {
    mutant: name,
    claim: null,
    because,
    parameters: parameters as Parameters,
    breaks,
    length,
    properties: spec.properties,
    make: given => {
      const correct = spec.make(given)
      return makeProtocol(`${spec.command}, mutant ${name}`, () => change(correct))
    },
  }
}

const claimOf = (spec: Spec, name: string): Variant => {
  const claim = find(spec, 'claim', spec.claims, name)
  return {
    mutant: null,
    claim: name,
    because: claim.because,
    parameters: (claim.parameters ?? {}) as Parameters,
    breaks: name,
    length: claim.length ?? null,
    properties: [name],
    make: given => {
      const correct = spec.make(given)
      return makeProtocol(`${spec.command}, claim ${name}`, () => withClaim(() => correct, name, claim))
    },
  }
}

const find = <T>(spec: Spec, kind: string, all: { readonly [name: string]: T }, name: string): T => {
  const found = Object.hasOwn(all, name) ? all[name] : undefined
  if (found !== undefined) return found
  throw new SpecError({
    title: `NO SUCH ${kind.toUpperCase()}`,
    place: spec.command,
    what: `${spec.name} has no ${kind} ${name}.`,
    hint: suggest(name, Object.keys(all)),
  })
}
