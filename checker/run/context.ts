import { SpecError } from '../protocol/errors.ts'
import { type Id, isId } from '../protocol/id.ts'
import type { Here } from '../protocol/protocol.ts'
import type { RoleTypes, Tagged } from '../protocol/roles.ts'
import type { ValueId } from '../values/value-id.ts'
import { placeOfSpec } from './environment.ts'
import type { SystemNode } from './node.ts'
import type { Send } from './outcome.ts'
import { looksAtWhatMayBeLost } from './spec-errors.ts'

export type ErasedHere = Here<RoleTypes, string, Tagged, string>

/** A state of the system as a global step is shown it, and what becomes of what it says. */
export interface GlobalView {
  /** The state of a node, to be given to the code: the one that was set last. */
  state(node: number): unknown
  crashed(node: number): boolean
  inFlight(): readonly unknown[]
  choose(options: Iterable<unknown>): unknown
  set(node: number, state: unknown): void
}

/** What all contexts share. */
export interface Surroundings {
  readonly nodes: Readonly<Record<string, readonly Id[]>>
  readonly values: Readonly<Record<string, readonly Id[]>>
  /** Whether what is in flight may be lost at any time. */
  readonly isFairLoss: boolean
  rule(label: string, holds: boolean): boolean
  choose(options: Iterable<unknown>): unknown
  /** The message as a packet's content, checked to have a handler at its receiver. */
  send(to: unknown, message: unknown): Send
  emit(event: unknown): ValueId
  /** The number of a node. @throws SpecError if it is none; `place`: see there */
  target(id: unknown, place?: string): number
  /** Code of the spec asks for what only a run may do, and no run goes on. */
  refuse(error: SpecError): void
}

/**
 * What one handler or action at one node is given: made once and frozen, so it finds nothing there but what it was given. What it sends and emits is that of
 * the run since `begin`. Between `end` and `begin` nothing can be sent, emitted or chosen: not in a `when`, nor later, with a `send` that was kept; in an `init` or `recover` it can but choose.
 */
export class Context {
  sends: Send[] = []
  emits: ValueId[] = []
  readonly here: ErasedHere
  readonly #at: string
  readonly #around: Surroundings
  /** What the code that runs may do. */
  #may: 'nothing' | 'choose' | 'all' = 'nothing'

  /** @param at what it is the context of, for errors */
  constructor({ id, role }: SystemNode, around: Surroundings, at: string) {
    this.#at = at
    this.#around = around
    const others = Object.freeze((around.nodes[role] ?? []).filter(other => other !== id))
    const send = (to: Id | Iterable<Id>, message: unknown): void => {
      if (this.#allows('send')) for (const target of targets(to)) this.sends.push(around.send(target, message))
    }
    this.here = Object.freeze({
      self: id,
      nodes: around.nodes,
      others,
      values: around.values,
      rule: (label: string, holds: boolean) => around.rule(label, holds),
      send,
      broadcast: (message: unknown) => send(others, message),
      emit: (event: unknown) => void (this.#allows('emit') && this.emits.push(around.emit(event))),
      choose: (options: Iterable<unknown>) => this.#choose(options),
    }) as unknown as ErasedHere
  }

  /** @param may what the code that runs until `end` may do */
  begin(may: 'choose' | 'all'): void {
    this.sends = []
    this.emits = []
    this.#may = may
  }

  end(): void {
    this.#may = 'nothing'
  }

  #choose(options: Iterable<unknown>): unknown {
    if (!this.#allows('choose')) return undefined
    if (this.#may === 'all') return this.#around.choose(options)
    const list = [...options]
    if (list.length === 0) this.#around.refuse(nothingToChoose(this.#at))
    return this.#around.choose(list)
  }

  #allows(what: 'send' | 'emit' | 'choose'): boolean {
    if (this.#may === 'all' || (this.#may === 'choose' && what === 'choose')) return true
    this.#around.refuse(outsideOfRun(what, this.#at))
    return false
  }
}

/** What one global step is given, as `Context` is for a handler: `seen` in its `when`, `here` in its `do`. */
export class GlobalContext {
  sends: (Send & { readonly from: number })[] = []
  emits: { readonly from: number; readonly event: ValueId }[] = []
  readonly seen: object
  readonly here: object
  readonly #at: string
  readonly #around: Surroundings
  #view: GlobalView | undefined
  #runs = false

  /** @param at what it is the context of @param name that of the protocol, for errors */
  constructor(around: Surroundings, at: string, name: string) {
    this.#at = at
    this.#around = around
    const view = (): GlobalView => {
      if (this.#view !== undefined) return this.#view
      const error = outsideOfRun('get', at)
      around.refuse(error)
      throw error
    }
    const get = (id: Id): unknown => view().state(around.target(id, name))
    const seen = {
      nodes: around.nodes,
      values: around.values,
      get,
      all: (role: string): unknown[] => (around.nodes[role] ?? []).map(get),
      crashed: (id: Id): boolean => view().crashed(around.target(id, name)),
      rule: (label: string, holds: boolean): boolean => around.rule(label, holds),
    }
    const inFlight = {
      get: () => {
        if (around.isFairLoss) throw looksAtWhatMayBeLost(at, 'what may happen')
        return view().inFlight()
      },
      enumerable: true,
    }
    this.seen = Object.freeze(Object.defineProperty({ ...seen }, 'inFlight', inFlight))
    const here = {
      ...seen,
      choose: (options: Iterable<unknown>) => (this.#allows('choose') ? view().choose(options) : undefined),
      set: (id: Id, state: unknown) => void (this.#allows('set') && view().set(around.target(id), state)),
      send: (from: Id, to: Id | Iterable<Id>, message: unknown) => {
        if (!this.#allows('send')) return
        const sender = around.target(from)
        for (const target of targets(to)) this.sends.push({ from: sender, ...around.send(target, message) })
      },
      emit: (from: Id, event: unknown) => void (this.#allows('emit') && this.emits.push({ from: around.target(from), event: around.emit(event) })),
    }
    this.here = Object.freeze(Object.defineProperty(here, 'inFlight', inFlight))
  }

  /** Runs the `when` of the step, or its `do`. */
  run<T>(view: GlobalView, isStep: boolean, code: (given: never) => T): T {
    this.sends = []
    this.emits = []
    this.#view = view
    this.#runs = isStep
    try {
      return code((isStep ? this.here : this.seen) as never)
    } finally {
      this.#runs = false
      this.#view = undefined
    }
  }

  #allows(what: string): boolean {
    if (!this.#runs) this.#around.refuse(outsideOfRun(what, this.#at))
    return this.#runs
  }
}

/** For what is called where no run goes on. @param at whose it is */
export const outsideOfRun = (what: string, at: string): SpecError =>
  placeOfSpec() === at
    ? new SpecError({
        title: 'ONLY A STEP MAY DO THIS',
        place: at,
        what: `It calls \`${what}\` where no step is taken: in ${what === 'choose' ? '`when`' : '`when`, `init` or `recover`'}.`,
        hint: 'Call it in a handler, or in the `do` of an action.',
      })
    : new SpecError({
        title: 'TOO LATE',
        place: at,
        what: `\`${what}\` is called after it has returned.`,
        why: 'A handler is one step. What it does later belongs to no step, so it would be lost.',
        hint: 'Do it before returning, without promises and callbacks that run later; what takes time is an action, or a message.',
      })

/** `init` or `recover` is to choose, and from nothing. */
const nothingToChoose = (at: string): SpecError =>
  new SpecError({
    title: 'NOTHING TO CHOOSE FROM',
    place: at,
    what: 'It calls `choose` with no options.',
    why: 'A node has to begin, and to go on after a crash, in some state. An action may be not enabled; this may not.',
    hint: 'Give it an option for that case, too: what the node does where there is nothing else.',
  })

export const targets = (to: Id | Iterable<Id>): Iterable<Id> => (isId(to) || typeof (to as Iterable<Id>)?.[Symbol.iterator] !== 'function' ? [to as Id] : to)
