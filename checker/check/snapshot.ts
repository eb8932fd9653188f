import type { PlacesOfPartialOrder } from '../reduce/partial-order/partial-order.ts'
import type { SpendingState } from '../reduce/spending.ts'
import type { FieldFacts } from '../run/live-fields.ts'
import type { Arrays, SearchFacts } from '../search/search-snapshot.ts'
import type { LearningState } from './learning.ts'
import type { Phase } from './phases.ts'
import type { Report } from './report.ts'

/** The version of what a snapshot holds: raised whenever an older one could not be gone on from. */
export const SNAPSHOT_VERSION = 16

/** A search between two of its steps: what it takes to go on with it elsewhere. */
export interface Snapshot {
  /** Everything small, as JSON. */
  readonly facts: Facts
  /** Everything large. Of a search that runs these are views of its own memory: good until it goes on. */
  readonly arrays: Arrays
}

/** The same with arrays of its own, which stay as they are when the search goes on. */
export const kept = ({ facts, arrays }: Snapshot): Snapshot => ({
  facts,
  arrays: Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()])) as unknown as Arrays,
})

export interface Facts {
  readonly version: typeof SNAPSHOT_VERSION
  /** What was asked; see `askedOf`. A search goes on only if the same is asked of it. */
  readonly asked: { readonly [option: string]: string }
  /** A hash of the text of the protocol's functions. */
  readonly text: string
  /** A hash of all that the tables hold after the journal: what the protocol was seen to do. */
  readonly tables: string
  readonly orderedKinds: readonly (readonly [kind: string, why: string])[]
  /** What the tables were made with; see run/live-fields.ts. */
  readonly fields: FieldFacts | null
  /** See `DeadFields.refuted`. */
  readonly fieldsRefuted: number
  readonly deadMessages: boolean
  readonly subsumption: boolean
  readonly phase: Phase
  readonly round: number
  /** Steps; null for no bound. It differs from what was asked where a shorter counterexample is looked for. */
  readonly depthMax: number | null
  /** See `Known.most`. */
  readonly most: Pick<Report, 'states' | 'transitions' | 'depth'>
  readonly widest: Report | null
  readonly longer: Report | null
  /** See `Learning.state`. */
  readonly learning: LearningState | null
  /** See `Spending.state`. */
  readonly spending: SpendingState
  /** Whether what was refuted may be made up for; see search/one-by-one.ts. */
  readonly mayReopen: boolean
  readonly partialOrder: PlacesOfPartialOrder | null
  /** Of work so far, earlier runs included. */
  readonly seconds: number
  readonly search: SearchFacts
}
