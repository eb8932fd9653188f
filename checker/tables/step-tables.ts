import type { FaultStep } from '../protocol/faults.ts'
import type { System } from '../run/system.ts'
import type { Ints, PairMap } from '../values/ints.ts'
import type { GlobalEffect } from './global-steps.ts'
import type { NumberedStates } from './numbered-states.ts'
import type { Lists, Outcomes } from './outcome-lists.ts'
import type { Bits, Packets, Queues } from './packets.ts'
import type { PartitionTable } from './partition-table.ts'
import type { Predicates } from './predicates.ts'
import type { ReadMemo } from './read-memo.ts'
import type { TimeTable } from './time-table.ts'
import type { Tuning } from './tuning.ts'

/**
 * What is answered in place of what was asked where the tables lacked something: they have it now (in another thread: it was asked for). Bring all up to what they
 * hold, and ask again. No other answer is negative.
 */
export const GREW = -1

/** What is answered otherwise, where there is nothing to say. */
export const DONE = 1

/** Marks a cell whose delivery the search has taken; below it stands the outcome list, plus 1. */
export const TAKEN = 1 << 30

/**
 * What generating and judging states asks of the tables. `Tables` answer it themselves; in another thread shared ones do, which cannot
 * learn: there what is not known is asked for, and the answer comes later (workers/read-only-tables.ts).
 */
export interface StepTables {
  readonly tuning: Tuning
  readonly nodeCount: number
  readonly fifo: boolean
  readonly fairLoss: boolean
  readonly fixedComponents: number
  readonly componentCount: number
  componentSize(c: number): number
  readonly symmetry: { readonly groupSize: number }
  readonly system: {
    readonly nodes: readonly { readonly index: number; readonly role: string }[]
    readonly faults: readonly FaultStep[]
    readonly flightBound: System['flightBound']
  }
  readonly predicates: Pick<Predicates, 'hasPairs' | 'truth' | 'failing'> & { readonly world: { readonly length: number } }
  readonly observerNames: { readonly length: number }
  readonly globalNames: { readonly length: number }
  readonly locals: readonly Pick<NumberedStates, 'size' | 'crashed' | 'bits' | 'classes'>[]
  readonly observers: readonly Pick<NumberedStates, 'size' | 'bits' | 'classes'>[]
  readonly packets: Pick<Packets, 'from' | 'to' | 'column'>
  readonly bits: Pick<Bits, 'size' | 'packet' | 'next' | 'copy' | 'first' | 'firstOf'>
  readonly sends: Pick<Lists, 'start' | 'data' | 'items'>
  readonly outcomes: Pick<Outcomes, 'start' | 'to' | 'sends' | 'emits' | 'broken' | 'cut'>
  readonly cells: readonly Int32Array[]
  readonly strides: Int32Array
  readonly acts: readonly Ints[]
  readonly recoveries: readonly Ints[]
  readonly stopped: readonly Ints[]
  readonly ticks: readonly (readonly Ints[])[]
  readonly observations: readonly Pick<PairMap, 'get'>[]
  readonly queues: readonly Pick<Queues, 'head' | 'rest' | 'lengths' | 'pushed' | 'aged'>[]
  readonly channel: Ints
  readonly aged: readonly Ints[]
  readonly duePackets: Ints
  readonly partition: PartitionTable | undefined
  readonly time: TimeTable | undefined
  readonly globalMemos: readonly Pick<ReadMemo, 'find'>[]
  readonly globalLists: readonly (readonly GlobalEffect[])[]
  readonly globalTaken: Ints
  readonly changes: { readonly places: Pick<PairMap, 'get'>; readonly to: Ints; readonly broken: Ints }
  readonly worldMemos: readonly Pick<ReadMemo, 'find'>[]
  readonly restMemo: Pick<ReadMemo, 'find'>
  act(node: number, local: number): number
  deliver(node: number, local: number, packet: number): number
  markTaken(node: number, local: number, packet: number): void
  copy(bit: number): number
  push(channel: number, queue: number, packet: number): number
  recover(node: number, local: number): number
  stop(node: number, local: number): number
  tick(node: number, local: number, rate: number): number
  age(packet: number, isTimely: number): number
  ageQueue(channel: number, queue: number, arrival: number): number
  observe(o: number, state: number, emits: number): number
  globalStep(step: number, components: Int32Array, inFlight: () => readonly number[]): number
  change(node: number, change: number, local: number): number
  pairBits(a: number, b: number): number
  worldBits(k: number, components: Int32Array, inFlight: () => readonly number[]): number
  mayRest(components: Int32Array, inFlight: () => readonly number[]): boolean
}

/** What generating states asks of the dead messages; see reduce/dead-messages.ts. */
export interface StepDeadMessages {
  readonly words: number
  readonly carried: readonly Int32Array[]
  readonly alive: readonly Int32Array[]
  readonly inbox: readonly Int32Array[]
  place(): void
  deliver(node: number, local: number, packet: number): void
  edges(node: number, local: number, list: number): void
  edge(node: number, from: number, to: number): void
  knows(node: number, from: number, to: number): boolean
  carry(items: readonly (readonly [node: number, local: number, bit: number])[]): void
}
