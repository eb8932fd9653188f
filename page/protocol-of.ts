import type { AnyProtocol } from '../checker/protocol/protocol.ts'
import { type Claim, type Parameters, type ProtocolFamily, withClaim } from '../checker/protocol/spec.ts'
import { checkShape } from '../checker/run/protocol-shape.ts'

/** What of a file is meant; the command line has found it there already (checker/cli/variant.ts). */
export interface Asked {
  /** The name under which the file exports the protocol, or its family. */
  readonly exported: string
  readonly parameters: Parameters
  readonly mutant: string | null
  readonly claim: string | null
}

type Exports = { readonly [name: string]: unknown }

/** The protocol that a page is made for. @param mutants, claims the files that export them */
export const protocolOf = (file: Exports, mutants: Exports, claims: Exports, { exported, parameters, mutant, claim }: Asked): AnyProtocol => {
  const found = file[exported]
  const make = (): AnyProtocol => (typeof found === 'function' ? found(parameters) : found) as AnyProtocol
  const variants = (of: Exports, name: string): { readonly [name: string]: unknown } => (of[name] ?? {}) as { readonly [name: string]: unknown }
  const protocol =
    mutant !== null
      ? (variants(mutants, 'mutants')[mutant] as { change(of: AnyProtocol): AnyProtocol }).change(make())
      : claim !== null
        ? (withClaim(make as never, claim, variants(claims, 'claims')[claim] as Claim<ProtocolFamily>) as AnyProtocol)
        : make()
  checkShape(protocol)
  return protocol
}
