import type { AnyProtocol } from '../protocol/protocol.ts'

/**
 * The labels of the nodes of each role: the names it gives, or else the shortest beginning that tells the role from the others,
 * and a number (`p1`); a role of one node, written so, is called by its whole name.
 */
export const nodeNames = (roles: AnyProtocol['roles']): readonly (readonly [role: string, labels: readonly string[]])[] =>
  Object.entries(roles).map(([role, { count, names }]) => {
    const stem = shortest(role, Object.keys(roles))
    return [role, Array.from({ length: count }, (_, i) => names?.[i] ?? (count === 1 ? role : `${stem}${i + 1}`))]
  })

const shortest = (role: string, all: readonly string[]): string => {
  for (let length = 1; length < role.length; length++) {
    const stem = role.slice(0, length)
    if (all.every(other => other === role || !other.startsWith(stem))) return stem
  }
  return role
}
