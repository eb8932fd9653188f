import { type CodePart, codeKey } from '../page-data.ts'
import type { Moment, Session } from './session.ts'

/** The code of the step to a moment: none where it was not found, or the step has none. Of a tick it is that of all roles. */
export const codeFor = (session: Session, { step }: Moment, code: { readonly [key: string]: readonly CodePart[] }): readonly CodePart[] => {
  const nodes = session.walker?.system.nodes ?? []
  const role = nodes.find(({ label }) => label === step?.node)?.role
  const roles = [...new Set(nodes.map(node => node.role))]
  const keys = step === null ? [] : keysOf(step.kind, role ?? '', step.name, roles)
  return keys.flatMap(key => (Object.hasOwn(code, key) ? (code[key] as readonly CodePart[]) : []))
}

const keysOf = (kind: NonNullable<Moment['step']>['kind'], role: string, name: string, roles: readonly string[]): readonly string[] => {
  switch (kind) {
    case 'receive':
      return [codeKey(role, 'handler', name)]
    case 'action':
      return [codeKey(role, 'action', name)]
    case 'restart':
      return [codeKey(role, 'recover', 'recover')]
    case 'step':
      return [codeKey('', 'step', name)]
    case 'tick':
      return roles.flatMap(one => [codeKey(one, 'tick', 'tick'), codeKey(one, 'due', 'due')])
    default:
      return []
  }
}
