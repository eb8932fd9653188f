import { type Id, isId } from '../protocol/id.ts'
import type { Here, RoleTypes, Tagged } from '../protocol/protocol.ts'
import type { ValueId } from './encode.ts'
import type { Send } from './runs.ts'
import type { SystemNode } from './system.ts'

export type ErasedHere = Here<RoleTypes, string, Tagged, string>

/** What the contexts of all nodes share. */
export interface Surroundings {
  readonly nodes: Readonly<Record<string, readonly Id[]>>
  readonly values: Readonly<Record<string, readonly Id[]>>
  rule(label: string, holds: boolean): boolean
  choose(options: Iterable<unknown>): unknown
  /** The message as a packet's content, checked to have a handler at its receiver. */
  send(to: unknown, message: unknown): Send
  emit(event: unknown): ValueId
}

/**
 * What a handler at one node is given: made once and frozen, so a handler finds nothing there but what it was given. What it sends and emits
 * is that of the run since `begin`. What code of the spec sends between runs (in a `when`, or with a `send` that it kept) gets nowhere: it is added to
 * the outbox of the last run, which was a second one, for comparison, and is read no more.
 */
export class Context {
  sends: Send[] = []
  emits: ValueId[] = []
  readonly here: ErasedHere
  /** The same for what may not choose: `when`, `init`, `recover`. */
  readonly place: ErasedHere

  constructor({ id, role }: SystemNode, around: Surroundings) {
    const others = Object.freeze((around.nodes[role] ?? []).filter(other => other !== id))
    const send = (to: Id | Iterable<Id>, message: unknown): void => {
      for (const target of targets(to)) this.sends.push(around.send(target, message))
    }
    const place = {
      self: id,
      nodes: around.nodes,
      others,
      values: around.values,
      rule: (label: string, holds: boolean) => around.rule(label, holds),
      send,
      broadcast: (message: unknown) => send(others, message),
      emit: (event: unknown) => void this.emits.push(around.emit(event)),
    }
    this.place = Object.freeze({ ...place, choose: undefined }) as unknown as ErasedHere
    this.here = Object.freeze({ ...place, choose: (options: Iterable<unknown>) => around.choose(options) }) as unknown as ErasedHere
  }

  begin(): void {
    this.sends = []
    this.emits = []
  }
}

export const targets = (to: Id | Iterable<Id>): Iterable<Id> => (isId(to) || typeof (to as Iterable<Id>)?.[Symbol.iterator] !== 'function' ? [to as Id] : to)
