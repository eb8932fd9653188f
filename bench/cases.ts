import type { Reduction } from '../checker/check/reductions.ts'
import type { Spec } from '../checker/protocol/protocol.ts'
import { lamportMutex } from '../specs/lamport-mutex/protocol.ts'
import { twoPhaseCommit } from '../specs/transaction-commit/protocol.ts'
import { ringElection } from './ring-election/protocol.ts'

/** One protocol within bounds, as protocheck and Spin are both given it. */
export interface Case {
  readonly name: string
  protocol(): Spec
  /** The file under `bench/spin`, without its ending. */
  readonly model: string
  /** Macros of the model. */
  readonly defines: { readonly [name: string]: number }
  /** The reductions that protocheck uses. With `partial-order` Spin uses its own, without it none (-DNOREDUCE). */
  readonly reduce: readonly Reduction[]
  /** The distinct states without reduction: when `reduce` is empty, both must find exactly so many. */
  readonly states: number
}

const twoPhase = (resources: number, states: number): Case => ({
  name: `two-phase-commit-${resources}`,
  protocol: () => twoPhaseCommit({ resources }),
  model: 'two-phase-commit',
  defines: { N: resources },
  reduce: [],
  states,
})

const mutex: Case = {
  name: 'lamport-mutex-6',
  protocol: () => lamportMutex({ processes: 3, maxClock: 6 }),
  model: 'lamport-mutex',
  defines: { MAX: 6 },
  reduce: [],
  states: 724_274,
}

const ring = (nodes: number, states: number): Case => ({
  name: `ring-election-${nodes}`,
  protocol: () => ringElection({ nodes }),
  model: 'leader',
  defines: { N: nodes },
  reduce: [],
  states,
})

/** The same with the partial order reduction of each checker; how many states are left is then its own affair. */
const reduced = (unreduced: Case): Case => ({ ...unreduced, name: `${unreduced.name}-reduced`, reduce: ['partial-order'] })

/** All cases. Where the counts come from: bench/README.md. */
export const cases: readonly Case[] = [
  twoPhase(7, 296_448),
  twoPhase(8, 1_745_408),
  twoPhase(9, 10_340_352),
  mutex,
  reduced(mutex),
  ring(8, 7_121),
  reduced(ring(8, 7_121)),
  ring(12, 575_747),
  reduced(ring(12, 575_747)),
]

/** Run when none is named. */
export const standard: readonly string[] = cases.map(({ name }) => name).filter(name => name !== 'two-phase-commit-7')
