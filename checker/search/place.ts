import type { Bisimulation } from '../reduce/bisimulation/bisimulation.ts'
import type { Tables } from '../tables/tables.ts'
import { NodeRanks } from './node-ranks.ts'
import type { SearchOptions } from './search-options.ts'
import { Waiting } from './waiting.ts'

/** Where a search is, between two steps of it: with the states that it has found, all that it takes to go on. */
export class Place {
  /** Since the last pulse: successors that were added (breadth-first), or states that were expanded. */
  sincePulse = 0
  /** Breadth-first: the state of the level to be expanded next; -1 while the level is judged. */
  next = -1
  /** The states of the level from which a step breaks a step property, by property. */
  broken = new Map<number, number[]>()
  /** The states of the level that nothing leads out of. */
  stuck: number[] = []
  /** Not breadth-first: the states to be expanded. */
  readonly waiting = new Waiting()
  /** With which progress each is; the same for all where there are none. */
  readonly ranks: NodeRanks | undefined
  /** States are being reopened, or a batch is half full: nobody could go on from here. */
  isMidway = false
  /** It is about to go on from a snapshot. */
  isResumed = false
  /** It goes on where other threads took over from another. */
  isTakenBack = false

  constructor(tables: Tables, order: SearchOptions['order'], bisimulation: Bisimulation | undefined) {
    this.ranks = order === 'progress' ? new NodeRanks(tables, bisimulation) : undefined
  }
}
