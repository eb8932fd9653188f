import type { Bisimulation } from '../reduce/bisimulation/bisimulation.ts'
import type { Layout } from '../states/layout.ts'
import type { TermRows } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import { LargeGroup } from './large-group.ts'
import type { NodeForms } from './node-forms.ts'
import { SmallGroup, type SmallGroupRows, SmallGroupTables } from './small-group.ts'
import { Terms } from './terms.ts'

/** How a state, or its orbit, is named: nothing of this for whole states without symmetry. */
export interface Representatives {
  /** With symmetry: what chooses representatives; `DONE` or `GREW`. */
  readonly orbits: { choose(records: Int32Array, base: number, layout: Layout): number } | undefined
  /** What tells orbits by nodes alone, if the group is not listed and states are compared with those that have more messages. */
  readonly forms?: NodeForms | undefined
  /** What it reads, if the group is listed. */
  readonly listed: SmallGroupRows | undefined
  /** For fingerprints: the terms of states as they are. */
  readonly terms: TermRows | undefined
  /** Brings it up to what the tables hold; if `closed`, the tables hold the images of all that they hold, too. */
  sync(closed: boolean): void
}

export const representativesOf = (tables: Tables, exact: boolean, alike: Bisimulation | undefined, subsume = false): Representatives => {
  const { order, listed } = tables.symmetry
  const representative = (node: number, local: number): number => alike?.of(node, local) ?? local
  const rows = order > 1 && listed ? new SmallGroupTables(tables, representative) : undefined
  const unlisted = listed ? undefined : new LargeGroup(tables, representative)
  const terms = exact ? undefined : new Terms(tables, 2, 1, representative)
  return {
    orbits: rows === undefined ? unlisted : new SmallGroup(rows.rows, tables.tuning),
    forms: subsume ? unlisted?.formsOf(tables) : undefined,
    listed: rows?.rows,
    terms,
    sync(closed) {
      rows?.sync()
      unlisted?.sync(closed)
      terms?.sync(false)
    },
  }
}
