import type { Bisimulation } from '../reduce/bisimulation/bisimulation.ts'
import type { DeadMessages } from '../reduce/dead-messages.ts'
import type { Tables } from '../tables/tables.ts'

/** How large the tables have become that a search stands on (tables/tables.ts), and what the reductions know. */
export interface TableSizes {
  readonly roles: readonly RoleSize[]
  readonly observers: readonly { readonly name: string; readonly states: number }[]
  /** Messages, each with its sender and its receiver. */
  readonly messages: number
  /** Distinct lists of what a step may do. */
  readonly outcomeLists: number
  /** Members of the group, and whether they are listed; if not, nodes are told apart by colours (symmetry/colours.ts). */
  readonly symmetry: { readonly order: number; readonly listed: boolean }
  /** (node state, message) pairs met in flight, and those in which the message may yet matter; null without the reduction. */
  readonly deadMessages: { readonly carried: number; readonly alive: number } | null
  /** Seconds in which tables and reductions learnt something: code of the protocol, the checks of what it does, and what follows from it. */
  readonly fillSeconds: number
}

/** How many states the nodes of a role were met in. */
export interface RoleSize {
  readonly role: string
  readonly nodes: number
  /** Distinct states that its nodes were met in, or asked about. */
  readonly states: number
  /** The states that each of its nodes was in, added up, and the classes that these form; null without bisimulation. */
  readonly merged: { readonly states: number; readonly classes: number } | null
}

/** @param alike the classes, if they were used */
export const tableSizes = (tables: Tables, dead: DeadMessages | undefined, bisimulation: Bisimulation | undefined): TableSizes => ({
  roles: Object.keys(tables.system.protocol.roles).map(role => roleSize(role, tables, dead, bisimulation)),
  observers: tables.observerNames.map((name, o) => ({ name, states: tables.observers[o]?.size ?? 0 })),
  messages: tables.packets.size,
  outcomeLists: tables.outcomes.size,
  symmetry: { order: tables.symmetry.groupSize, listed: tables.symmetry.listed },
  deadMessages: dead?.size ?? null,
  fillSeconds: tables.journal.seconds,
})

const roleSize = (role: string, tables: Tables, dead: DeadMessages | undefined, bisimulation: Bisimulation | undefined): RoleSize => {
  const nodes = tables.system.nodes.filter(node => node.role === role).map(({ index }) => index)
  const reached = dead === undefined || bisimulation === undefined ? null : nodes.map(node => [node, dead.reached(node)] as const)
  const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0)
  return {
    role,
    nodes: nodes.length,
    states: nodes[0] === undefined ? 0 : (tables.locals[nodes[0]]?.size ?? 0),
    merged: reached && {
      states: sum(reached.map(([, states]) => states.size)),
      classes: sum(reached.map(([node, states]) => new Set([...states].map(local => bisimulation?.standInOf(node, local))).size)),
    },
  }
}
