import { SpecError } from '../protocol/errors.ts'
import type { Standing } from '../search/standing.ts'
import type { Layout } from '../states/layout.ts'
import type { ExchangeMemory } from './exchange.ts'
import type { Request } from './requests.ts'
import type { SharedTables } from './shared-tables.ts'

/** The limits that a worker looks at itself, since the leader looks too rarely. */
export interface SharedLimits {
  readonly states: number
}

/** Bytes of which a view arrives with another length: with what is left of its own modulo so many, without a word (Node 20). */
const CUT_OFF = 2 ** 32

/** The message, if all of it will arrive. @throws SpecError if a view in it is too large */
export const whole = <Message>(message: Message): Message => {
  refuseCutOff(message)
  return message
}

const refuseCutOff = (part: unknown): void => {
  if (typeof part !== 'object' || part === null) return
  if (!ArrayBuffer.isView(part)) for (const inner of Object.values(part)) refuseCutOff(inner)
  else if (part.byteLength >= CUT_OFF)
    throw new SpecError({
      title: 'TOO LARGE FOR SEVERAL THREADS',
      place: 'what one thread tells another',
      what: `A table of ${part.byteLength} bytes would arrive cut off.`,
      hint: 'Search with --workers 1.',
    })
}

/** Records, in memory that threads share. A message holds the memory and not a view of it, which may be too large. */
export type SharedKeys = SharedArrayBuffer

export const sharedKeys = (keys: Int32Array): SharedKeys => keys.buffer as SharedArrayBuffer

export const keysIn = (memory: SharedKeys): Int32Array => new Int32Array(memory)

/** A range of records. */
export interface LevelPart {
  readonly keys: SharedKeys
  readonly first: number
  readonly end: number
}

/** From the leader to each worker. To each there is one reply. */
export type Command =
  /** Take your part of these states. */
  | {
      readonly type: 'begin'
      readonly me: number
      readonly memory: ExchangeMemory
      readonly shared: SharedTables
      readonly layout: Layout
      readonly keys: SharedKeys
      readonly count: number
      readonly standing: Standing
      /** What ownership goes by. */
      readonly components: readonly number[]
      readonly checkDeadlock: boolean
      /** The bits of the properties of these kinds. */
      readonly invariants: number
      readonly reachables: number
      readonly limits: SharedLimits
    }
  /** The tables have grown; the layout stands here if it is another. */
  | { readonly type: 'grow'; readonly shared: SharedTables; readonly layout: Layout | undefined }
  /** Expand the level, of which these are the parts; without them, what was put off. */
  | { readonly type: 'expand'; readonly parts?: readonly LevelPart[] }
  /** All states of the next level are found. */
  | { readonly type: 'close' }
  /** Judge the states of the level, of which these are the parts; without them, those that were put off. */
  | { readonly type: 'judge'; readonly parts?: readonly LevelPart[] }
  /** Look for states of the level that are stuck, or are once all is lost that is in flight there. These are the parts; without them, those that were put off. */
  | { readonly type: 'stuck'; readonly parts?: readonly LevelPart[] }
  /** The records of the states that are as bad as this. */
  | { readonly type: 'bad'; readonly kind: 'state' | 'step' | 'deadlock'; readonly bit: number; readonly onceLost: boolean }
  /** The records of the states of a level of which a successor is among these records. */
  | { readonly type: 'before'; readonly level: number; readonly records: Int32Array }
  /** The records of all states of a level. */
  | { readonly type: 'level'; readonly level: number }

export interface Reply {
  /** States that could not be dealt with before the tables have learnt more. */
  readonly putOff: number
  readonly requests: readonly Request[]
  /** Distinct states and transitions so far. */
  readonly states: number
  readonly transitions: number
  /** Of the seen set. */
  readonly bytes: number
  /** The worker's own states of the level that were not expanded before the worker took them. */
  readonly part: LevelPart
  /** All its own states of the level. */
  readonly level: LevelPart
  /** Those of the next level, so far. */
  readonly found: number
  /** `reachable` properties that were satisfied, as bits. */
  readonly reached: number
  /** Bits of the invariants, or of the step properties, that are violated in this level. */
  readonly failed: number
  readonly stuck: boolean
  readonly stuckOnceLost: boolean
  /** What was asked for, one record after the other. */
  readonly records?: Int32Array
}
