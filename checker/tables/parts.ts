import type { Basis } from './basis.ts'
import type { Changes } from './changes.ts'
import type { Components } from './components.ts'
import type { InFlight } from './in-flight.ts'
import type { NodeStates } from './node-states.ts'
import type { Observers } from './observers.ts'
import type { Questions } from './questions.ts'

/** The numbers that states are made of, for what is said of states: steps and predicates. */
export interface Parts extends Basis {
  readonly nodes: NodeStates
  readonly observers: Observers
  readonly flight: InFlight
  readonly components: Components
  readonly changes: Changes
  readonly questions: Questions
}
