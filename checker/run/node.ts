import type { Id } from '../protocol/id.ts'

export interface SystemNode {
  /** 0 … n-1, role by role. */
  readonly index: number
  readonly role: string
  readonly id: Id
  readonly label: string
}
