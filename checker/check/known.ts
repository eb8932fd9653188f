import type { AnyProtocol } from '../protocol/protocol.ts'
import type { Spent } from '../reduce/spending.ts'
import { textOf } from '../run/protocol-text.ts'
import type { Heap } from '../states/heap.ts'
import { standardTuning, type Tuning } from '../tables/tuning.ts'
import type { Team } from '../workers/team.ts'
import { refuseOther } from './checkpoint.ts'
import { DeadFields } from './dead-fields.ts'
import type { Options } from './options.ts'
import { mayUse } from './reductions.ts'
import type { Report } from './report.ts'
import type { Snapshot } from './snapshot.ts'
import { allowsDeadFields } from './sound-for.ts'

/** What a check knows, whatever tables it works with: an attempt begins with it, and leaves it to the next. */
export interface Known {
  readonly protocol: AnyProtocol
  readonly options: Options
  readonly tuning: Tuning
  readonly heap: Heap
  /** When this run began, by `performance.now()`. */
  readonly began: number
  /** The same, earlier runs of the search included. */
  readonly started: number
  /** See `textOf`. */
  readonly text: string
  /** The kinds of id that are not permuted, and why. */
  readonly ordered: Map<string, string>
  readonly fields: DeadFields
  readonly spent: Spent
  /** Other threads, unless one thread only is to search. */
  team: Team | undefined
  /** Where several threads took over the round that runs. */
  handedOver: Snapshot | undefined
  /** Several threads were there, where `resume` goes on: now one is. */
  takenBack: boolean
  deadMessages: boolean
  subsumption: boolean
  /** A violation that an earlier attempt found: if the next does not get as far again, it is the answer. */
  violated: Report | undefined
  /** Of the search that came farthest: what is said of one that ended early is never less. */
  most: Pick<Report, 'states' | 'transitions' | 'depth'>
  /** Where to go on, until it was gone on from there. */
  resume: Snapshot | undefined
}

/** @throws SpecError if a snapshot is of another protocol, or of other options */
export const knownAtFirst = (protocol: AnyProtocol, options: Options, team: Team | undefined, heap: Heap): Known => {
  const began = performance.now()
  const tuning: Tuning = { ...standardTuning, ...options.tuning }
  const resume = options.resume?.()
  const text = resume === undefined && options.checkpoint === undefined ? '' : textOf(protocol)
  if (resume !== undefined) refuseOther(resume, protocol, text, options)
  const facts = resume?.facts
  return {
    protocol,
    options,
    tuning,
    heap,
    began,
    started: began - 1000 * (facts?.seconds ?? 0),
    text,
    ordered: new Map(facts?.orderedKinds),
    fields: new DeadFields(mayUse(options, 'dead-fields') && allowsDeadFields(protocol, options), options.reduce !== undefined, facts, tuning),
    spent: { searched: 0, learnt: 0, ahead: 0, givenUp: [] },
    team,
    handedOver: undefined,
    takenBack: false,
    deadMessages: facts?.deadMessages ?? mayUse(options, 'dead-messages'),
    subsumption: facts?.subsumption ?? mayUse(options, 'subsumption'),
    violated: undefined,
    most: facts?.most ?? { states: 0, transitions: 0, depth: 0 },
    resume,
  }
}
