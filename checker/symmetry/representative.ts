import type { Bisimulation } from '../reduce/bisimulation/bisimulation.ts'
import type { Layout } from '../states/layout.ts'
import type { Tables } from '../tables/tables.ts'
import { LargeGroup } from './large-group.ts'
import type { NodeForms } from './node-forms.ts'
import { SmallGroup, SmallGroupTables } from './small-group.ts'

/** What stands for a state, which is itself without symmetry. */
export interface Representatives {
  /** With symmetry: what chooses representatives; `DONE` or `GREW`. */
  readonly group: { choose(records: Int32Array, base: number, layout: Layout): number } | undefined
  /** What tells orbits by nodes alone, if the group is not listed and states are compared with those that have more messages. */
  readonly forms?: NodeForms | undefined
  /** Brings it up to what the tables hold; if `closed`, the tables hold the images of all that they hold, too. */
  sync(closed: boolean): void
}

export const representativesOf = (tables: Tables, bisimulation: Bisimulation | undefined, subsume = false): Representatives => {
  const { groupSize, listed } = tables.symmetry
  const standIn = (node: number, local: number): number => bisimulation?.standInOf(node, local) ?? local
  const rows = groupSize > 1 && listed ? new SmallGroupTables(tables, standIn) : undefined
  const unlisted = listed ? undefined : new LargeGroup(tables, standIn)
  return {
    group: rows === undefined ? unlisted : new SmallGroup(rows.rows, tables.tuning),
    forms: subsume ? unlisted?.formsOf(tables) : undefined,
    sync(closed) {
      rows?.sync()
      unlisted?.sync(closed)
    },
  }
}
