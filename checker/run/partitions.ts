import { Set } from 'immutable'
import type { Fault } from '../protocol/faults.ts'
import type { Id } from '../protocol/id.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'

/** The observer that holds which nodes are apart: the groups, or nothing while all links carry. */
export const PARTITION = 'partition'

export type Groups = Set<Set<Id>>

type Partition = Extract<Fault, { readonly type: 'partition' }>

/** A partition is a state of the network, and so of an observer that hears of nothing else. As one it is permuted, shown and kept like all that is observed. */
export const withPartition = (protocol: AnyProtocol): AnyProtocol =>
  (protocol.faults ?? []).some(({ type }) => type === 'partition')
    ? { ...protocol, observers: { ...protocol.observers, [PARTITION]: { init: Set(), on: (groups: Groups) => groups } } }
    : protocol

/** Every way to take nodes into the groups of a partition; those that no group takes are one more. */
export const splitsOf = ({ groups }: Partition, nodes: readonly Id[]): readonly Groups[] => {
  const wanted = groups.flatMap((counts, group) => Object.entries(counts).map(([role, count = 0]) => ({ group, role, count })))
  const splits = (at: number, taken: ReadonlyMap<Id, number>): readonly Groups[] => {
    const want = wanted[at]
    if (want === undefined)
      return [Set([...groups.keys(), -1].map(group => Set(nodes.filter(id => (taken.get(id) ?? -1) === group)))).filter(group => !group.isEmpty())]
    return subsetsOf(
      nodes.filter(id => id.kind === want.role && !taken.has(id)),
      want.count,
    ).flatMap(ids => splits(at + 1, new Map([...taken, ...ids.map(id => [id, want.group] as const)])))
  }
  return [...Set(splits(0, new Map()))]
}

const subsetsOf = (ids: readonly Id[], count: number): readonly (readonly Id[])[] => {
  const [first, ...rest] = ids
  if (count === 0) return [[]]
  if (first === undefined) return []
  return [...subsetsOf(rest, count - 1).map(others => [first, ...others]), ...subsetsOf(rest, count)]
}
