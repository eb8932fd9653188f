import type { LiveFields } from '../run/live-fields.ts'
import type { System } from '../run/system.ts'
import type { Journal } from './journal.ts'
import type { Predicates } from './predicates.ts'
import type { Symmetry } from './symmetry.ts'
import type { Tuning } from './tuning.ts'

/** What every part of the tables stands on. */
export interface Basis {
  readonly system: System
  readonly journal: Journal
  readonly tuning: Tuning
  readonly predicates: Predicates
  readonly symmetry: Symmetry
  /** Notes what code of the spec reads, and says what to reset; see run/live-fields.ts. */
  readonly live: LiveFields | undefined
}
