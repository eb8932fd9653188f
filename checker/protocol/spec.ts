import type { RolesIn } from './change.ts'
import { SpecError } from './errors.ts'
import type { Fault } from './faults.ts'
import { suggest } from './nearest.ts'
import type { Property } from './properties.ts'
import type { AnyProtocol, FlightBound, Network, Spec } from './protocol.ts'

/** The value of a parameter of a protocol. */
export type ParameterValue = number | boolean | string

/** The parameters of a family, by name. */
export type Parameters = { readonly [name: string]: ParameterValue }

/** `3` as a type is not what a parameter's default means: any number is. */
type Widen<P> = { readonly [K in keyof P]: P[K] extends number ? number : P[K] extends boolean ? boolean : string }

/** A protocol that depends on parameters: call it with some of them; the others have their defaults. */
export interface ProtocolFamily<P extends Parameters = Parameters, T = AnyProtocol> {
  (parameters?: Partial<Widen<P>>): T
  /** The defaults, which are also the bounds that `check` uses when it is given none. */
  readonly parameters: Widen<P>
}

/** Where a protocol that a family made keeps its parameters: what is made of it by spreading keeps them, too. */
const made = Symbol('parameters')

/** The parameters with which a family made a protocol; none for one that was written out. */
export const parametersOf = (protocol: object): Parameters => (protocol as { readonly [made]?: Parameters })[made] ?? {}

/**
 * A protocol with parameters, each with its default. On the command line each is an option: `--clients 5`.
 *
 * @example
 * ```ts file
 * export const locks = family({ clients: 3 }, ({ clients }) => lockServer({ clients }))
 * ```
 */
export const family = <const P extends Parameters, T extends { readonly name: string }>(
  parameters: P,
  make: (parameters: Widen<P>) => T,
): ProtocolFamily<P, T> => {
  const defaults = parameters as Widen<P>
  for (const [name, value] of Object.entries(defaults))
    if (!['number', 'boolean', 'string'].includes(typeof value) || Number.isNaN(value))
      throw notAFamily(`The default of the parameter ${name} is ${typeof value === 'number' ? 'NaN' : `of type ${typeof value}`}.`, PARAMETER)
  if (typeof make !== 'function')
    throw notAFamily('Its second argument is no function.', 'Write family({ nodes: 3 }, ({ nodes }) => ({ … }) satisfies Protocol<Roles>).')
  const makeWith = (given: Partial<Widen<P>> = {}): T => {
    const chosen: { [name: string]: ParameterValue } = { ...defaults }
    for (const [name, value] of Object.entries(given) as [string, ParameterValue | undefined][]) {
      const fallback = chosen[name]
      if (fallback === undefined) throw notAFamily(`It is given ${name}, which is no parameter of it.`, suggest(name, Object.keys(defaults)))
      if (value === undefined) continue
      if (typeof value !== typeof fallback || Number.isNaN(value))
        throw notAFamily(`It is given ${String(value)} for ${name}, whose default is ${String(fallback)}.`, PARAMETER)
      chosen[name] = value
    }
    const protocol = make(chosen as Widen<P>)
    return Object.isExtensible(protocol) ? Object.assign(protocol, { [made]: chosen }) : protocol
  }
  return Object.assign(makeWith, { parameters: defaults })
}

const PARAMETER = 'A parameter is a number, a truth value or a text, and of the type of its default.'

const notAFamily = (what: string, hint: string): SpecError => new SpecError({ title: 'NOT A FAMILY', what, hint })

type Properties<F> = F extends ProtocolFamily<infer _, infer T> ? (T extends { readonly properties: infer Q } ? keyof Q & string : string) : string

type ProtocolOf<F> = F extends ProtocolFamily<infer _, infer T> ? T : never

type ParametersOf<F> = F extends ProtocolFamily<infer P, infer _> ? Partial<Widen<P>> : never

/** What a mutant may return: the same shape, over any network, with any faults, and with any bound on messages in flight. */
type Changed<T> = Omit<T, 'network' | 'faults' | 'withinFlight'> & {
  readonly network: Network
  readonly faults?: readonly Fault[]
  readonly withinFlight?: FlightBound | undefined
}

/** Bounds for `check prove`: the parameters that differ from the defaults. */
type ProofBounds<F> = ParametersOf<F> & {
  /** Set where the search takes minutes: `check prove --slow` runs it, too. */
  readonly slow?: true
}

/**
 * The bounds within which `check prove` derives the verdict of a protocol again. A file exports them as `proofs`; without it, they are the defaults.
 *
 * @example
 * ```ts file
 * export const proofs = [{}, { clients: 3 }] satisfies Proofs<typeof lockServer>
 * ```
 */
export type Proofs<F = ProtocolFamily> = readonly ProofBounds<F>[]

/**
 * Changes of the source that `check mutate` makes, and no property notices, each with the reason why that is right. A file exports them as `survivors`.
 *
 * @example
 * ```ts file
 * export const survivors = [
 *   {
 *     from: "when: client => client.state === 'idle',",
 *     to: 'when: client => true,',
 *     because: 'A client that asks again waits longer, and that is all.',
 *   },
 * ] satisfies Survivors
 * ```
 */
export type Survivors = readonly {
  /** The lines that are changed, as `check mutate` shows them. */
  readonly from: string
  /** The same with the change. */
  readonly to: string
  /** Why no property is to notice it. */
  readonly because: string
}[]

/**
 * A named change to a correct protocol, with what it breaks and why. A file exports them as `mutants`; `check FILE --mutant NAME` shows the counterexample.
 *
 * @example
 * ```ts mutants
 * doubled: {
 *   because: 'The network may deliver a message again.',
 *   breaks: 'mutualExclusion',
 *   length: 9,
 *   change: spec => ({ ...spec, network: 'fair-loss' }),
 * },
 * ```
 */
export interface Mutant<F = ProtocolFamily> {
  /** What was changed, and so why it breaks: one sentence. */
  readonly because: string
  /** The property that it breaks. */
  readonly breaks: Properties<F> | 'deadlock'
  /** The parameters at which it is caught, where the defaults are not enough. */
  readonly parameters?: ParametersOf<F>
  /** Steps of the shortest counterexample, or of the lasso: `check --mutant` says where it is another. `check prove` records it in the lock file. */
  readonly length?: number
  /** Set where the shortest counterexample takes minutes: `check prove --slow` looks for it, and tests replay the stored one. */
  readonly slow?: true
  /** The protocol with the change: spread it, and write over what is to differ. */
  change(spec: ProtocolOf<F>): Changed<ProtocolOf<F>>
}

/** The mutants of a family, by name: `export const mutants = { … } satisfies Mutants<typeof lockServer>`. */
export type Mutants<F> = { readonly [name: string]: Mutant<F> }

/**
 * A refuted claim: a property that the correct protocol does not have, though one might think so. A file exports them as `claims`; `check FILE --claim NAME`
 * shows why it is false.
 *
 * @example
 * ```ts claims
 * neverTwoWait: {
 *   because: 'Any number of clients may wait.',
 *   refutes: eachPair('client', client => client.state === 'waiting', (a, b) => !(a && b)),
 *   length: 2,
 * },
 * ```
 */
export interface Claim<F = ProtocolFamily> {
  /** Why the claim is false: one sentence. */
  readonly because: string
  /** The property that is claimed. */
  readonly refutes: Property<RolesIn<ProtocolOf<F>>>
  /** The parameters at which it is refuted, where the defaults are not enough. */
  readonly parameters?: ParametersOf<F>
  /** Steps of the shortest counterexample, as a mutant's; for `canAlways`, to the nearest state from which it is no longer possible. */
  readonly length?: number
  /** Set where it takes minutes to refute, as a mutant's. */
  readonly slow?: true
  /** The circumstances in which it is refuted, where the protocol as it stands leaves them open: a fault, a link that is down. */
  assuming?(spec: ProtocolOf<F>): Changed<ProtocolOf<F>>
}

/** The claims of a family, by name: `export const claims = { … } satisfies Claims<typeof lockServer>`. */
export type Claims<F> = { readonly [name: string]: Claim<F> }

/** A claim with its types erased. */
interface ErasedClaim extends Omit<Claim, 'refutes' | 'parameters' | 'assuming'> {
  readonly refutes: object
  readonly parameters?: object
  assuming?(spec: never): Spec
}

/**
 * The protocol to check for a claim: the claim, under this name, is its only property, and deadlocks are not the question.
 *
 * @example
 * ```ts code
 * const report = await explore(withClaim(lockServer, 'neverTwoWait', claims.neverTwoWait))
 * if (report.verdict !== 'violated') throw new Error('the claim is true')
 * ```
 */
export const withClaim = (family: (parameters: never) => Spec, name: string, claim: ErasedClaim): Spec => {
  const correct = family((claim.parameters ?? {}) as never)
  const spec = claim.assuming?.(correct as never) ?? correct
  return Object.assign({ ...spec, properties: { [name]: claim.refutes } }, { mayRest: true })
}
