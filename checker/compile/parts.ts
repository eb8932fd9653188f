import type { Changes } from './changes.ts'
import type { Components } from './components.ts'
import type { InFlight } from './in-flight.ts'
import type { Journal } from './journal.ts'
import type { LiveFields } from './live-fields.ts'
import type { NodeStates } from './node-states.ts'
import type { Observers } from './observers.ts'
import type { Predicates } from './predicates.ts'
import type { Questions } from './questions.ts'
import type { Symmetry } from './symmetry.ts'
import type { System } from './system.ts'
import type { Tuning } from './tuning.ts'

/** What every part of the tables stands on. */
export interface Basis {
  readonly system: System
  readonly journal: Journal
  readonly tuning: Tuning
  readonly predicates: Predicates
  readonly symmetry: Symmetry
  /** Notes what code of the spec reads, and says what to reset; see live-fields.ts. */
  readonly live: LiveFields | undefined
}

/** The numbers that states are made of, for what is said of states: steps and predicates. */
export interface Parts extends Basis {
  readonly nodes: NodeStates
  readonly observers: Observers
  readonly flight: InFlight
  readonly components: Components
  readonly changes: Changes
  readonly questions: Questions
}
